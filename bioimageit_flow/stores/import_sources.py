"""What is to be imported: files found in folders, and files that a sheet names."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.stamps.side_car import SIDE_CAR
from bioimageit_flow.model.naming import split_name
from bioimageit_flow.stores.import_filter import Wanted
from bioimageit_flow.stores.import_report import LeftOut
from bioimageit_flow.stores.import_sheets import SheetRow, find_file, name_of

_SYSTEM_FILES = frozenset({"desktop.ini", "thumbs.db", "__macosx"})
_DATUM_FOLDER = ".zarr"
_DATUM_FILES = ("zarr.json", ".zgroup", ".zattrs")
_SHOWN = 5

HIDDEN = "It is hidden."
"""Why files that nobody sees are passed over."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one folder that is one datum, to be imported.

    Attributes
    ----------
    path : Path
        As it was given or found.
    relative : str
        Below the folder that was given, with that folder and forward slashes; the name
        alone for a file that was given itself.
    values : mapping
        What a sheet says of it, as `model.keys.read_annotation` takes it.
    """

    path: Path
    relative: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What people call it."""
        return readable(self.path.name)


def readable(name: str) -> str:
    """Return a file name as a text that can be kept; strange bytes are escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _all(_relative: str) -> bool:
    return True


def find_sources(
    paths: Iterable[Path], wanted: Wanted = _all
) -> tuple[list[Source], list[LeftOut]]:
    """Find the files to import, and those that are passed over.

    Files are taken as they are given. Folders are walked to the bottom in the order of
    names; hidden files, those of the operating system, and those that are not wanted
    are passed over, and a Zarr folder is one datum. Nothing is taken twice.

    Raises
    ------
    DataError
        If there is no file at all.
    """
    paths = list(paths)
    sources: list[Source] = []
    passed: list[LeftOut] = []
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir() and not _is_datum(path):
            found = list(_walk(path, passed, wanted))
        else:
            found = [Source(path, readable(path.name))]
        for source in found:
            real = source.path.resolve()
            if real in seen:
                text = readable(str(source.path))
                passed.append(LeftOut(text, "The same file was given twice."))
            else:
                seen.add(real)
                sources.append(source)
    if not sources:
        named = ", ".join(readable(str(path)) for path in paths) or "(nothing)"
        if passed:
            # What is hidden is nobody's question where something else was left out.
            one = next((one for one in passed if one.reason != HIDDEN), passed[0])
            raise DataError(
                f"Nothing in {named} is imported; for instance {one.path!r}: "
                f"{one.reason}",
                remedy="Change the filter, or name other files.",
            )
        raise DataError(
            f"There is no file to import in {named}.",
            remedy="Name files, or folders that have some.",
        )
    return sources, passed


def add_sheet(
    sources: Sequence[Source], rows: Sequence[SheetRow], sheet: Path
) -> tuple[list[Source], list[LeftOut], list[LeftOut]]:
    """Join files with the rows of a sheet.

    A row names its file by a path from the folder of the sheet, or by the name of one
    of the files that were found, or by its path below the folder that was given.

    Parameters
    ----------
    sources : sequence of Source
        What was found in the folders that were given; may be empty.
    rows : sequence of SheetRow
        Of the sheet.
    sheet : Path
        Where the sheet lies.

    Returns
    -------
    sources : list of Source
        In the order of the rows, with what the sheet says of them.
    passed : list of LeftOut
        Files without a row.
    refused : list of LeftOut
        Rows without a file.
    """
    by_path = {source.path.resolve(): source for source in sources}
    by_name: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        for text in {source.name, source.relative}:
            by_name[text].append(source)
    joined: dict[Path, Source] = {}
    numbers: dict[Path, int] = {}
    refused: list[LeftOut] = []
    for row in rows:
        found = _of_row(row, by_path, by_name, sheet)
        if isinstance(found, str):
            remedy = f"Correct row {row.number}, or put the file there."
            refused.append(LeftOut(row.path or f"row {row.number}", found, remedy))
            continue
        real = found.path.resolve()
        if real in joined:
            if dict(joined[real].values) != dict(row.values):
                text = (
                    f"Rows {numbers[real]} and {row.number} of {sheet.name} name "
                    f"'{row.path}' and say different things of it."
                )
                remedy = "Keep one of them."
                refused.append(LeftOut(row.path, text, remedy))
            continue
        joined[real] = replace(found, values=row.values)
        numbers[real] = row.number
    passed = [
        LeftOut(readable(str(source.path)), f"No row of {sheet.name} names it.")
        for path, source in by_path.items()
        if path not in joined and path != sheet.resolve()
    ]
    return list(joined.values()), passed, refused


def _of_row(
    row: SheetRow,
    by_path: Mapping[Path, Source],
    by_name: Mapping[str, list[Source]],
    sheet: Path,
) -> Source | str:
    """Return the file of a row, or why there is none."""
    where = f"Row {row.number} of {sheet.name}"
    if not row.path:
        return f"{where} names no file."
    path = find_file(row, sheet.parent)
    if path is not None:
        if path.is_dir() and not _is_datum(path):
            return f"{where} names '{row.path}', which is a folder."
        own = Source(path, readable(path.name))
        return by_path.get(path.resolve(), own)
    found = by_name.get(row.path) or by_name.get(name_of(row), [])
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(repr(one.relative) for one in found[:_SHOWN])
        return f"{where} names '{row.path}', which may be any of {places}."
    stem = split_name(name_of(row))[0].lower()
    like = [name for name in by_name if split_name(name)[0].lower() == stem]
    if like:
        return f"{where} names '{row.path}', which is not there; there is '{like[0]}'."
    return f"{where} names '{row.path}', which is not there."


def find_notes(sources: Sequence[Source]) -> tuple[str, ...]:
    """Name what may surprise: files with one name, and with one stem."""
    by_name: dict[str, list[str]] = defaultdict(list)
    by_stem: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        by_name[source.name].append(source.relative)
        by_stem[split_name(source.name)[0].lower()].add(source.name)
    notes = [
        f"{len(places)} files are called '{name}': {_some(places)}."
        for name, places in by_name.items()
        if len(places) > 1
    ]
    notes += [
        f"Only the extension tells {_some(sorted(names))} apart."
        for names in by_stem.values()
        if len(names) > 1
    ]
    return tuple(notes)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more


def _is_datum(path: Path) -> bool:
    return path.name.lower().endswith(_DATUM_FOLDER) or any(
        (path / name).is_file() for name in _DATUM_FILES
    )


def _walk(top: Path, passed: list[LeftOut], wanted: Wanted) -> Iterator[Source]:
    def unreadable(error: OSError) -> None:
        reason = f"The folder cannot be read: {error.strerror}."
        passed.append(LeftOut(readable(str(error.filename)), reason))

    base = top.resolve().name
    for folder, folders, files in os.walk(top, onerror=unreadable):
        place = Path(folder)
        inside = place.relative_to(top)
        folders.sort()
        for name in list(folders):
            path = place / name
            reason = _why_passed(path)
            is_datum = not reason and _is_datum(path)
            if reason:
                passed.append(LeftOut(readable(str(path)), reason))
            if reason or is_datum:
                folders.remove(name)
            if is_datum:
                yield from _if_wanted(path, base, inside / name, wanted, passed)
        for name in sorted(files):
            path = place / name
            reason = _why_passed(path)
            if reason:
                passed.append(LeftOut(readable(str(path)), reason))
            else:
                yield from _if_wanted(path, base, inside / name, wanted, passed)


def _if_wanted(
    path: Path, base: str, inside: Path, wanted: Wanted, passed: list[LeftOut]
) -> Iterator[Source]:
    if wanted(inside.as_posix()):
        yield Source(path, readable(Path(base, inside).as_posix()))
    else:
        reason = "It does not match the filter."
        passed.append(LeftOut(readable(str(path)), reason))


def _why_passed(path: Path) -> str:
    if path.name.startswith("."):
        return HIDDEN
    if path.name.lower() in _SYSTEM_FILES:
        return "It belongs to the operating system."
    if (
        path.name.endswith(SIDE_CAR)
        and path.with_name(path.name.removesuffix(SIDE_CAR)).exists()
    ):
        return "It only says where the file beside it comes from."
    if path.is_symlink() and path.is_dir():
        return "It is a link to a folder; name the folder itself to import it."
    return ""
