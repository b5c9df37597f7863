"""Results as ordinary files for other programs, with an index beside them.

The names are made from a template. Whatever annotations say, no value can make a
folder, leave the folder that was asked for, or replace a file that is there.
"""

import csv
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bioimageit_flow.errors import DataError, FlowError, StoreError
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.naming import distinct_name, safe_name, split_name
from bioimageit_flow.session.results import Run

if TYPE_CHECKING:
    from bioimageit_flow.engine.contents import ContentFinder
    from bioimageit_flow.model.annotation import View

DEFAULT_NAME = "{node}/{name}"
INDEX = "index"
OWN_WORDS = ("name", "node", "port", "part", "run", "kind", "id", "number")
"""What a template can say beside the keys of annotations."""

_PLACE = re.compile(r"\{([^{}]*)\}")

Mode = Literal["link", "copy"]


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One line of the index.

    Attributes
    ----------
    file : str
        Below the folder of the export, with forward slashes.
    note : str
        What is worth knowing: that the name was taken, that a key has no value.
    """

    file: str
    item: Item
    annotations: "View"
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export has done.

    Attributes
    ----------
    written, present : tuple of ExportedFile
        What was linked or copied now, and what was there already.
    refused : mapping of str to str
        What was not, by name, with the reason.
    excluded : mapping of str to str
        Items that stay out of runs, by name, with the reason.
    """

    folder: Path
    written: tuple[ExportedFile, ...]
    present: tuple[ExportedFile, ...]
    refused: Mapping[str, str]
    excluded: Mapping[str, str]
    index: tuple[Path, Path]

    @property
    def files(self) -> tuple[ExportedFile, ...]:
        """Everything that lies in the folder now."""
        return self.written + self.present


def export_files(
    run: Run,
    folder: Path | str,
    *,
    name: str = DEFAULT_NAME,
    only: Sequence[str] = (),
    mode: Mode = "link",
) -> ExportReport:
    """Put the results of a run into a folder, under names made from a template.

    Parameters
    ----------
    folder : Path or str
        Is made where it is not there.
    name : str
        Such as ``{condition}/{name}_{node}``; slashes make folders. Beside annotations
        it can say ``name``, ``node``, ``port``, ``part``, ``run``, ``kind``, ``id`` and
        ``number``. The extension is added.
    only : sequence of str
        Nodes, or ``node.port``, whose results are taken; by default all.
    mode : {"link", "copy"}
        Whether files are hard links where the disk allows it (nothing is copied, and
        they are read-only as in the experiment), or copies that may be changed.

    Raises
    ------
    DataError
        If the template cannot be read, names a key that no result has, or the folder
        cannot be written.
    StoreError
        If the run has no such results.
    """
    target = Path(folder).absolute()
    results = list(_results(run, only))
    views = run.experiment.store.views([item.id for item in results])
    _check_template(name, results, views)
    exporter = _Exporter(run, target, name, mode)
    for number, item in enumerate(results, start=1):
        exporter.take(item, views[item.id], number)
    excluded = {
        item.name: item.excluded for item in run.experiment.items() if item.excluded
    }
    index = _write_index(target, run, exporter, excluded)
    return ExportReport(
        target,
        tuple(exporter.written),
        tuple(exporter.present),
        exporter.refused,
        excluded,
        index,
    )


def _results(run: Run, only: Sequence[str]) -> Iterator[Item]:
    from bioimageit_flow.engine.bound_items import item_order

    known = run.outputs()
    wanted = {*only}
    for name in only:
        if not any(name in (node, f"{node}.{port}") for node, port in known):
            there = ", ".join(f"{node}.{port}" for node, port in known) or "none"
            raise StoreError(
                f"The run {run.summary.folder} has no results {name}.",
                remedy=f"It has: {there}.",
            )
    for node, port in known:
        if not only or wanted & {node, f"{node}.{port}"}:
            dataset = f"{run.summary.folder}/{node}/{port}"
            yield from sorted(run.experiment.store.items(dataset), key=item_order)


def _check_template(
    template: str, items: Sequence[Item], views: Mapping[ItemId, "View"]
) -> None:
    plain = _PLACE.sub("x", template)
    parts = plain.replace("\\", "/").split("/")
    if "{" in plain or "}" in plain:
        problem = "has a brace that belongs to nothing"
    elif not plain.strip() or any(part.strip() in ("", ".", "..") for part in parts):
        problem = "names no file below the folder"
    elif re.match(r"[A-Za-z]:", plain):
        problem = "names a drive"
    else:
        problem = ""
    if problem:
        raise DataError(
            f"The name {template!r} {problem}.",
            remedy=f"Write it such as '{DEFAULT_NAME}'.",
        )
    keys = {key for item in items for key in views[item.id]}
    for word in _PLACE.findall(template):
        if items and word not in keys and word not in OWN_WORDS:
            known = ", ".join([*OWN_WORDS, *sorted(keys)])
            raise DataError(
                f"The name {template!r} asks for {word!r}, which no result has.",
                remedy=f"It can ask for: {known}.",
            )


class _Exporter:
    """Puts the results of one run into one folder."""

    def __init__(self, run: Run, target: Path, template: str, mode: Mode) -> None:
        self._run = run
        self._target = target
        self._template = template
        self._mode = mode
        self._finder: ContentFinder = run.experiment.finder()
        self._taken: dict[str, set[str]] = {"": {f"{INDEX}.csv", f"{INDEX}.json"}}
        self.written: list[ExportedFile] = []
        self.present: list[ExportedFile] = []
        self.refused: dict[str, str] = {}

    def take(self, item: Item, view: "View", number: int) -> None:
        """Export one result; a file that is in the way is left as it is."""
        try:
            source = self._finder.find(item.content)
        except DataError as error:
            self.refused[item.name] = str(error)
            return
        file, note = self._file(item, view, number)
        target = self._target / file
        entry = ExportedFile(file, item, view, note)
        if os.path.lexists(target):
            if _is_same(source, target, item):
                self.present.append(entry)
            else:
                self.refused[file] = "Another file is there, which is left as it is."
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._place(source, target)
        except OSError as error:
            raise DataError(
                f"{target} cannot be written ({error.strerror}).",
                remedy="Choose another folder, or free some space.",
            ) from error
        self._put_stamp(source, target)
        self.written.append(entry)

    def _put_stamp(self, source: Path, target: Path) -> None:
        """Put the stamp beside a file, where it could not be put into it."""
        from bioimageit_flow.formats.stamps.side_car import side_car_of

        stamp, place = side_car_of(source), side_car_of(target)
        if stamp.is_file() and not os.path.lexists(place):
            shutil.copyfile(stamp, place)

    def _file(self, item: Item, view: "View", number: int) -> tuple[str, str]:
        words = _words(self._run, item, number)
        lacking: list[str] = []

        def filled(found: re.Match[str]) -> str:
            key = found[1]
            value = words.get(key) if key in OWN_WORDS else view.get(key)
            if key in OWN_WORDS and key not in words and key in view:
                value = view[key]
            if value is None or isinstance(value, Conflict):
                what = "no" if value is None else "several"
                values = "value" if value is None else "values"
                lacking.append(f"{what} {values} of {key}")
                return f"{what}-{key}"
            return str(value)

        pieces = self._template.replace("\\", "/").split("/")
        # Cut at its slashes before the values come in, so that none makes a folder.
        texts = [_PLACE.sub(filled, piece) for piece in pieces]
        extension = split_name(item.name)[1]
        *folders, last = [_plain(text) for text in texts]
        place = "/".join(folders)
        wanted = safe_name(last + extension)
        taken = self._taken.setdefault(place.lower(), set())
        name = distinct_name(wanted, taken, item.id[:8])
        notes = [*dict.fromkeys(lacking)]
        if name != wanted:
            notes.append(f"the name {wanted} was taken")
        return f"{place}/{name}" if place else name, "; ".join(notes)

    def _place(self, source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target)
            return
        if self._mode == "link" and _linked(source, target):
            return
        shutil.copyfile(source, target)


def _words(run: Run, item: Item, number: int) -> dict[str, str]:
    node, _, port = item.dataset.rpartition("/")
    words = {
        "name": split_name(item.name)[0],
        "node": node.removeprefix(f"{run.summary.folder}/").replace("/", "-"),
        "port": port,
        "run": run.summary.folder,
        "kind": str(item.info.kind),
        "id": item.id[:8],
        "number": f"{number:04d}",
    }
    return words | ({"part": item.part} if item.part else {})


def _plain(text: str) -> str:
    """Return one piece of a path: no separator, nothing that leads elsewhere."""
    return safe_name(re.sub(r"[/\\:]", "_", text).strip(". ") or "_")


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:
        return False  # another disk, or no links there
    return True


def _is_same(source: Path, target: Path, item: Item) -> bool:
    from bioimageit_flow.formats import hash_content

    try:
        if target.is_symlink() or target.is_dir() != source.is_dir():
            return False
        if source.is_file() and source.samefile(target):
            return True
        return hash_content(target).sha256 == hash_content(source).sha256
    except (OSError, FlowError):
        return False


def _write_index(
    target: Path, run: Run, exporter: _Exporter, excluded: Mapping[str, str]
) -> tuple[Path, Path]:
    entries = [_line(run, entry) for entry in (*exporter.written, *exporter.present)]
    written, plain = target / f"{INDEX}.json", target / f"{INDEX}.csv"
    new = {str(line["file"]) for line in entries}
    lines = [line for line in _known(written) if str(line.get("file")) not in new]
    lines = sorted([*lines, *entries], key=lambda line: str(line["file"]))
    facts = {
        "schema": "bioimageit-flow/export/1",
        "files": lines,
        "refused": dict(exporter.refused),
        "excluded": dict(excluded),
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _replace(written, text)
        _replace(plain, _csv(lines))
    except OSError as error:
        raise DataError(
            f"The index of {target} cannot be written ({error.strerror}).",
            remedy="Choose another folder, or free some space.",
        ) from error
    return plain, written


def _known(path: Path) -> list[dict[str, object]]:
    """Return the lines of an index that is there, whose files are there too."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        lines = facts["files"] if isinstance(facts, dict) else []
    except (OSError, ValueError, KeyError):
        return []
    return [
        line
        for line in lines
        if isinstance(line, dict) and (path.parent / str(line.get("file"))).exists()
    ]


def _line(run: Run, entry: ExportedFile) -> dict[str, object]:
    item = entry.item
    words = _words(run, item, 0)
    return {
        "file": entry.file,
        "name": item.name,
        "node": words["node"],
        "port": words["port"],
        "run": run.summary.folder,
        "item": item.id,
        "kind": str(item.info.kind),
        "format": item.info.format,
        "sha256": item.content.sha256,
        "note": entry.note,
        "annotations": {
            key: list(value.values) if isinstance(value, Conflict) else value
            for key, value in sorted(entry.annotations.items())
        },
    }


def _csv(lines: Iterable[Mapping[str, object]]) -> str:
    lines = list(lines)
    annotations = [_annotations(line) for line in lines]
    keys = sorted({key for some in annotations for key in some})
    heads = [name for name in lines[0] if name != "annotations"] if lines else ["file"]
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*heads, *(f"{k} (annotation)" if k in heads else k for k in keys)])
    for line, some in zip(lines, annotations, strict=True):
        values = (some.get(key, "") for key in keys)
        shown = (" | ".join(map(str, v)) if isinstance(v, list) else v for v in values)
        writer.writerow([*(line.get(name, "") for name in heads), *shown])
    return text.getvalue()


def _annotations(line: Mapping[str, object]) -> Mapping[str, object]:
    found = line.get("annotations")
    return found if isinstance(found, dict) else {}


def _replace(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name}.part")
    half.write_text(text, encoding="utf-8", newline="")
    half.replace(path)
