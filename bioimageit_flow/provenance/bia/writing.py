"""Writes a folder that can be given to the BioImage Archive."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.acquisition import read_acquisition
from bioimageit_flow.model.data import Content, Imported, Item, Location
from bioimageit_flow.model.study import Gap, Study, study_gaps
from bioimageit_flow.provenance.bia.checking import Totals
from bioimageit_flow.provenance.bia.pagetab import DERIVED_LIST, RAW_LIST, pagetab
from bioimageit_flow.provenance.bia.rows import (
    DERIVED,
    FIXED,
    TAKEN,
    FileRow,
    results_with_roots,
)
from bioimageit_flow.provenance.crate.files import CrateFiles
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.stores.spooled_entities import Notes, SpooledEntities

SUBMISSION = "submission.tsv"
STUDY_JSON = "study.json"

Find = Callable[[Content], tuple[Path, Location]]
View = Callable[[Item], Mapping[str, object]]


@dataclass(slots=True)
class BiaReport:
    """What was written, and what is still missing.

    Attributes
    ----------
    images, analysed : int
        Files in the two lists.
    gaps : list of Gap
        What the archive will ask for.
    """

    folder: Path
    images: int = 0
    analysed: int = 0
    gaps: list[Gap] = field(default_factory=list)


@dataclass(slots=True)
class _Writer:
    folder: Path
    find: Find
    view: View
    keys: tuple[str, ...]
    files: CrateFiles
    report: BiaReport
    totals: Totals
    paths: Notes
    contents: Notes

    def place(self, item: Item) -> tuple[str, bool]:
        """Put the file of an item into the folder, once for each content and name."""
        known = self.paths.get(item.id)
        if known is not None:
            return known, False
        key = f"{item.content.sha256} {item.name}{item.selector}"
        known = self.contents.get(key)
        if isinstance(item.origin, Imported) or known is None:
            path = self.files.new_path(item)
            source, location = self.find(item.content)
            # What belongs to somebody else is copied: a link would share its changes.
            _put(source, self.folder / path, is_ours=not location.is_referenced)
            self.contents[key] = self.paths[item.id] = path
            return path, True
        self.paths[item.id] = known
        return known, False

    def row(self, path: str, item: Item, **more: Any) -> FileRow:  # noqa: ANN401
        source, location = self.find(item.content)
        if isinstance(item.origin, Imported) and not source.is_dir():
            more["taken"] = read_acquisition(source)
        row = FileRow(path, item, location, self.view(item), **more)
        self.totals.add(row)
        return row


def write_bia(
    stories: Iterable[RunStory],
    study: Study,
    folder: Path,
    find: Find,
    view: View,
    *,
    keys: Iterable[str] = (),
    items: Iterable[Item] = (),
    has_run_folders: bool = False,
) -> BiaReport:
    """Write files, file lists and study metadata for the BioImage Archive.

    Parameters
    ----------
    stories : iterable of RunStory
        The runs whose raw data and results are submitted.
    folder : Path
        To be made; holds nothing else.
    find : callable
        Returns the file of a content, with the record of it.
    view : callable
        Returns the annotations that an item sees.
    keys : iterable of str
        The annotations that get a column.
    items : iterable of Item
        Raw items beside those that the runs took.

    Raises
    ------
    DataError
        If the folder is there already, or something cannot be read or written.
    """
    if folder.exists():
        raise DataError(
            f"{folder} is there already.", remedy="Choose a name that is free."
        )
    totals = Totals()
    report = BiaReport(folder)
    waiting = SpooledEntities(None)

    def notes(kind: str) -> Notes:
        return Notes(waiting, kind)

    files = CrateFiles(
        has_run_folders=has_run_folders, paths=notes("in crate"), taken=notes("taken")
    )
    writer = _Writer(
        *(folder, find, view, tuple(keys), files, report, totals),
        paths=notes("path"),
        contents=notes("content"),
    )
    try:
        folder.mkdir(parents=True)
        _write_lists(writer, stories, items)
        report.gaps = [*totals.unanswered(study_gaps(study)), *totals.gaps(study)]
        submission = pagetab(study, totals)
        (folder / SUBMISSION).write_text(submission, encoding="utf-8", newline="\n")
        described = study.model_dump(by_alias=True, exclude_defaults=True)
        text = json.dumps(described | totals.as_json(), indent=1, ensure_ascii=False)
        (folder / STUDY_JSON).write_text(text + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DataError(
            f"{folder} cannot be written ({error.strerror or error}).",
            remedy="Free space there or choose another place.",
        ) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return report


def _write_lists(
    writer: _Writer, stories: Iterable[RunStory], items: Iterable[Item]
) -> None:
    with ExitStack() as stack:

        def table(name: str, columns: Iterable[str]) -> Callable[[list[str]], None]:
            path = writer.folder / name
            file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))

            def write(cells: Iterable[str]) -> None:
                file.write("\t".join(cells) + "\n")

            write([*columns, *writer.keys])
            return write

        raw = table(RAW_LIST, (*FIXED, *TAKEN))
        made = table(DERIVED_LIST, (*FIXED, *DERIVED))
        for story in stories:
            for row in _raw_rows(writer, _by_name(story)):
                raw(row.cells(writer.keys))
            for row in _derived_rows(writer, story):
                made(row.cells(writer.keys))
        for row in _raw_rows(writer, items):
            raw(row.cells(writer.keys))


def _by_name(story: RunStory) -> Iterator[Item]:
    """Go through what a run was given alike, whatever the order of its jobs.

    Names and ids of all are held: some 300 bytes of each.
    """
    for _, item in sorted((item.name, item.id) for item in story.given()):
        yield story.items[item]


def _raw_rows(writer: _Writer, items: Iterable[Item]) -> Iterator[FileRow]:
    for item in items:
        path, is_new = writer.place(item)
        if is_new:
            writer.report.images += 1
            yield writer.row(path, item)


def _derived_rows(writer: _Writer, story: RunStory) -> Iterator[FileRow]:
    for item, job, roots in results_with_roots(story):
        path, is_new = writer.place(item)
        if not is_new:
            continue
        writer.report.analysed += 1
        sources = tuple(writer.paths[root] for root in roots)
        yield writer.row(path, item, sources=sources, job=job)


def _put(source: Path, target: Path, *, is_ours: bool) -> None:
    """Give a file a second name, or copy it."""
    put = _link_file if is_ours else _copy_file
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=put)
    else:
        put(str(source), str(target))


def _link_file(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)
    return target


def _copy_file(source: str, target: str) -> str:
    shutil.copyfile(source, target)
    return target
