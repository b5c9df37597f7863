"""Reading the metadata of a classic BioImageIT experiment (2019 to 2023).

A folder with ``experiment.md.json``, which names a raw dataset and processed datasets;
each dataset names its data, each datum its file, and a processed datum its run and the
data that it was made from. Every reference is a path relative to the file that has it.
Older versions wrote ``rawdataset``, ``processeddatasets``, ``tags`` and ``runurl``,
with plain texts for references, where newer ones write ``raw_dataset``,
``processed_datasets``, ``key_value_pairs`` and ``run``, with a ``url`` and ``uuid``.

Source: bioimageit_core, ``plugins/data_local.py`` and ``tests/test_metadata_local``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import check_key, read_value
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.stores.import_report import LeftOut
from bioimageit_flow.stores.import_sources import readable
from bioimageit_flow.stores.places import reading

EXPERIMENT = "experiment.md.json"
_SUFFIX = ".md.json"
_MAX_BYTES = 256 * 2**20
_OTHER_NAMES = {
    "raw_dataset.md.json": "rawdataset.md.json",
    "processed_dataset.md.json": "processeddataset.md.json",
}
_OTHER_NAMES |= {new: old for old, new in _OTHER_NAMES.items()}
_DRIVE = re.compile(r"[A-Za-z]:")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClassicDatum:
    """One datum with its file.

    Attributes
    ----------
    metadata : Path
        Its ``.md.json``, by which others refer to it.
    path : Path
        Its file.
    values : mapping
        Its annotations.
    """

    metadata: Path
    path: Path
    values: Mapping[str, AnnotationValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassicResult:
    """One processed datum, and how it came about.

    Attributes
    ----------
    inputs : tuple of (str, Path)
        Name of the input, and the metadata of the datum.
    output : str
        Name of the output.
    run : Path
        Metadata of the run that made it.
    """

    datum: ClassicDatum
    run: Path
    inputs: tuple[tuple[str, Path], ...]
    output: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ClassicRun:
    """One run of one tool.

    Attributes
    ----------
    dataset : str
        The processed dataset that it made.
    url : str
        Where the descriptor of the tool was.
    inputs : mapping of str to str
        The dataset of each input.
    text : str
        The whole metadata as JSON.
    """

    metadata: Path
    dataset: str
    tool: str
    url: str
    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    text: str


@dataclass(slots=True)
class ClassicExperiment:
    """What was found, and what was not."""

    name: str
    folder: Path
    author: str = ""
    date: str = ""
    dataset: str = "data"
    raw: list[ClassicDatum] = field(default_factory=list)
    runs: dict[Path, ClassicRun] = field(default_factory=dict)
    results: list[ClassicResult] = field(default_factory=list)
    refused: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_classic(place: Path) -> ClassicExperiment:
    """Read a classic experiment; what is wrong in it is refused by name.

    Parameters
    ----------
    place : Path
        Its folder, or the ``experiment.md.json`` in it.

    Raises
    ------
    DataError
        If it is no classic experiment, or its first file cannot be read.
    """
    path = place if place.name == EXPERIMENT else place / EXPERIMENT
    if not path.is_file():
        raise DataError(
            f"'{readable(str(place))}' is no classic experiment: it has no "
            f"{EXPERIMENT}.",
            remedy="Name the folder that BioImageIT made.",
        )
    return _Reading(path.resolve()).read()


class _Reading:
    """One experiment that is being read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root = path.parent
        self._seen: set[Path] = set()

    def read(self) -> ClassicExperiment:
        facts = self._json(self._path)
        said = _mapping(facts.get("information"))
        found = ClassicExperiment(
            name=str(said.get("name") or self._root.name),
            folder=self._root,
            author=str(said.get("author") or ""),
            date=str(said.get("date") or ""),
        )
        self._found = found
        raw = facts.get("raw_dataset", facts.get("rawdataset"))
        if raw is not None:
            self._raw(raw)
        else:
            with self._refusing():
                raise _Wrong(self._path, "names no raw dataset")
        listed = facts.get("processed_datasets", facts.get("processeddatasets"))
        for reference in listed if isinstance(listed, list) else ():
            self._processed(reference)
        self._note_strangers()
        return found

    def _raw(self, reference: object) -> None:
        for name, metadata, facts in self._data_of(reference):
            self._found.dataset = name
            with self._refusing():
                datum = self._datum(metadata, facts)
                self._found.raw.append(datum)

    def _processed(self, reference: object) -> None:
        for name, metadata, facts in self._data_of(reference):
            with self._refusing():
                self._found.results.append(self._result(name, metadata, facts))

    def _data_of(self, reference: object) -> Iterator[tuple[str, Path, Json]]:
        """Go through the data of a dataset: its name, and file and facts of each."""
        with self._refusing():
            path = self._place(reference, self._path)
            facts = self._json(path)
            name = str(facts.get("name") or path.parent.name)
            urls = facts.get("urls")
            if not isinstance(urls, list):
                raise _Wrong(path, "lists no data")
            for url in urls:
                with self._refusing():
                    metadata = self._place(url, path)
                    if metadata in self._seen:
                        shown = self._shown(metadata)
                        text = f"{self._shown(path)} lists '{shown}' twice."
                        self._found.notes.append(text)
                        continue
                    self._seen.add(metadata)
                    yield name, metadata, self._json(metadata)

    def _datum(self, metadata: Path, facts: Json) -> ClassicDatum:
        common = _mapping(facts.get("common"))
        url = common.get("url")
        if not url:
            raise _Wrong(metadata, "names no file")
        path = self._place(url, metadata)
        return ClassicDatum(metadata, path, self._values(metadata, facts, common))

    def _values(
        self, metadata: Path, facts: Json, common: Json
    ) -> dict[str, AnnotationValue]:
        """Return the annotations of a datum: its keys, then what is known besides."""
        values: dict[str, AnnotationValue] = {}
        pairs = _mapping(facts.get("key_value_pairs", facts.get("tags")))
        besides = {key: common.get(key) for key in ("author", "date")}
        for source in (pairs, _mapping(facts.get("metadata")), besides):
            for key, given in source.items():
                value = _value(given)
                name = self._key(metadata, str(key))
                if value is not None and name not in values:
                    values[name] = value
        return values

    def _key(self, metadata: Path, key: str) -> str:
        try:
            return check_key(key)
        except ValueError:
            clean = re.sub(r"[^\w \-.]", "_", key.strip())[:60]
            clean = clean if re.match(r"[^\W\d]", clean) else f"_{clean}"
            note = f"The key {key!r} is called {clean!r} here."
            if note not in self._found.notes:
                self._found.notes.append(note)
            return clean

    def _result(self, dataset: str, metadata: Path, facts: Json) -> ClassicResult:
        origin = _mapping(facts.get("origin"))
        reference = origin.get("run", origin.get("runurl"))
        if not reference:
            raise _Wrong(metadata, "names no run that made it")
        run = self._place(reference, metadata)
        if run not in self._found.runs:
            self._found.runs[run] = self._run(run, dataset)
        inputs = tuple(
            (str(one.get("name") or "input"), self._place(one, metadata))
            for one in _mappings(origin.get("inputs"))
        )
        output = _mapping(origin.get("output"))
        return ClassicResult(
            self._datum(metadata, facts),
            run,
            inputs,
            str(output.get("name") or "output"),
            str(output.get("label") or ""),
        )

    def _run(self, path: Path, dataset: str) -> ClassicRun:
        facts = self._json(path)
        process = _mapping(facts.get("process"))
        parameters = {
            str(one["name"]): str(one.get("value", ""))
            for one in _mappings(facts.get("parameters"))
            if one.get("name")
        }
        inputs = {
            str(one["name"]): str(one.get("dataset", ""))
            for one in _mappings(facts.get("inputs"))
            if one.get("name")
        }
        text = json.dumps(facts, ensure_ascii=False, indent=1)
        tool = str(process.get("name") or "unnamed tool")
        return ClassicRun(
            metadata=path,
            dataset=dataset,
            tool=tool,
            url=str(process.get("url") or ""),
            parameters=parameters,
            inputs=inputs,
            text=text,
        )

    # Places and files

    def _place(self, reference: object, beside: Path) -> Path:
        """Return the file that a reference means; it must lie in the experiment."""
        url = reference.get("url") if isinstance(reference, dict) else reference
        if not isinstance(url, str) or not url or "\0" in url:
            raise _Wrong(beside, "has a reference without a path")
        text = re.sub(r"\\+", "/", url)
        if _DRIVE.match(text) or (text.startswith("/") and not Path(text).exists()):
            raise _Wrong(
                beside,
                f"points to '{readable(url)}', a place of another machine",
                "Make the path relative, or put the file into the experiment.",
            )
        path = (beside.parent / text).resolve()
        if not path.is_relative_to(self._root):
            raise _Wrong(
                beside,
                f"points to '{readable(url)}', outside the experiment",
                "Put the file into the experiment and correct the path.",
            )
        other = _OTHER_NAMES.get(path.name)
        if not path.exists() and other and path.with_name(other).exists():
            return path.with_name(other)
        return path

    def _json(self, path: Path) -> Json:
        if not path.is_file():
            raise _Wrong(path, "is missing", "Put it back.")
        with reading(path):
            size = path.stat().st_size
            data = path.read_bytes() if size <= _MAX_BYTES else b""
        if size > _MAX_BYTES:
            raise _Wrong(path, "is too long to be metadata")
        try:
            facts = json.loads(data.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError) as error:
            raise _Wrong(path, f"is no JSON ({error})") from error
        if not isinstance(facts, dict):
            raise _Wrong(path, "is no JSON object")
        return facts

    def _note_strangers(self) -> None:
        """Name the files beside the data that no metadata names."""
        found = self._found
        named = {one.path for one in found.raw}
        named |= {one.datum.path for one in found.results}
        folders = {path.parent for path in named} - {self._root}
        for folder in sorted(folders):
            if not folder.is_dir():
                continue
            strangers = [
                one.name
                for one in sorted(folder.iterdir())
                if one.is_file() and one not in named and not one.name.endswith(_SUFFIX)
            ]
            if strangers:
                shown = ", ".join(repr(readable(name)) for name in strangers[:5])
                more = f" and {len(strangers) - 5} more" if len(strangers) > 5 else ""
                found.notes.append(
                    f"No metadata names {shown}{more} in {self._shown(folder)}; they "
                    "are not imported."
                )

    def _shown(self, path: Path) -> str:
        inside = path.is_relative_to(self._root)
        return readable(
            path.relative_to(self._root).as_posix() if inside else str(path)
        )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what is wrong into a refusal, and go on."""
        try:
            yield
        except _Wrong as error:
            said = f"'{self._shown(error.path)}' {error.reason}."
            path = readable(str(error.path))
            self._found.refused.append(LeftOut(path, said, error.remedy))


class _Wrong(DataError):
    """Something in the metadata is wrong."""

    def __init__(self, path: Path, reason: str, remedy: str = "") -> None:
        super().__init__(
            f"'{readable(str(path))}' {reason}.",
            remedy=remedy or "Correct it, and import again.",
        )
        self.path = path
        self.reason = reason


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Json]:
    listed = value if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, dict)]


def _value(given: object) -> AnnotationValue | None:
    match given:
        case bool() | int():
            return given
        case float():
            return given if given == given and abs(given) != float("inf") else None
        case str():
            return read_value(given) if given.strip() else None
        case _:
            return None
