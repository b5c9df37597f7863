"""What an import would take, seen before anything is imported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import NO_ANNOTATIONS, AnnotationValue
from bioimageit_flow.stores.import_annotations import read_names
from bioimageit_flow.stores.import_filter import wanted_files
from bioimageit_flow.stores.import_report import LeftOut
from bioimageit_flow.stores.import_sheets import read_sheet
from bioimageit_flow.stores.import_sources import Source, add_sheet, find_sources

LISTED = 200
"""How many files have a line of their own."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file that would be imported.

    Attributes
    ----------
    name : str
        Its path below the folder that was given.
    values : mapping
        What it would be annotated with.
    problem : str
        Why it cannot be annotated so; empty where it can.
    """

    name: str
    values: Mapping[str, AnnotationValue]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would take.

    Attributes
    ----------
    count : int
        How many files would be imported.
    lines : tuple of FileLine
        The first of them.
    keys : tuple of str
        What they would be annotated with.
    passed, refused : tuple of LeftOut
        Files that are passed over, and rows of a sheet without a file.
    problem, remedy : str
        Why nothing can be imported so; empty where it can.
    """

    count: int = 0
    lines: tuple[FileLine, ...] = ()
    keys: tuple[str, ...] = ()
    passed: tuple[LeftOut, ...] = ()
    refused: tuple[LeftOut, ...] = ()
    problem: str = ""
    remedy: str = ""


def preview_import(
    files: Sequence[Path],
    *,
    include: Sequence[str] = (),
    match: str | None = None,
    annotations: Mapping[str, AnnotationValue] = NO_ANNOTATIONS,
    from_name: str | None = None,
    from_folders: Sequence[str] = (),
    sheet: Path | None = None,
    path_column: str | None = None,
) -> ImportPreview:
    """Say which files an import would take and how it would annotate them.

    Parameters are those of `Experiment.import_files`; nothing is read but names and
    the sheet, and nothing is raised: what is wrong is a part of the answer.
    """
    sources: Sequence[Source] = ()
    passed: Sequence[LeftOut] = ()
    refused: Sequence[LeftOut] = ()

    def read(lot: Sequence[Source]) -> list[dict[str, AnnotationValue]]:
        return read_names(lot, from_name, annotations, from_folders)

    try:
        wanted = wanted_files(include, match)
        if files:
            sources, passed = find_sources(files, wanted)
        if sheet is not None:
            rows = read_sheet(sheet, path_column)
            sources, more, refused = add_sheet(sources, rows, sheet)
            passed = [*passed, *more]
        problem = _problem(lambda: read(sources))
    except DataError as error:
        problem = error
    lines = tuple(_line(source, read) for source in islice(sources, LISTED))
    keys = dict.fromkeys(key for line in lines for key in line.values)
    return ImportPreview(
        len(sources),
        lines,
        tuple(keys),
        tuple(passed),
        tuple(refused),
        problem.message if problem else "",
        problem.remedy if problem else "",
    )


def _problem(read: Callable[[], object]) -> DataError | None:
    try:
        read()
    except DataError as error:
        return error
    return None


def _line(
    source: Source,
    read: Callable[[Sequence[Source]], list[dict[str, AnnotationValue]]],
) -> FileLine:
    try:
        return FileLine(source.relative, read([source])[0])
    except DataError as error:
        return FileLine(source.relative, {}, error.message)
