"""Sheets that say which files to import, and what is known of each.

CSV (UTF-8 or Windows' own letters; commas, semicolons or tabs) and XLSX (the first
sheet). One column names the file; every other column with a header is an annotation.
"""

import csv
import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import check_key
from bioimageit_flow.model.keys import PlainText
from bioimageit_flow.stores.places import reading

USUAL_COLUMNS = ("path", "file", "filename", "file name", "file_name", "image", "name")
MAX_ROWS = 10_000_000

_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row.

    Attributes
    ----------
    number : int
        As people count it: the header is row 1.
    path : str
        What the row says of its file.
    values : mapping
        Its cells by key, as `read_annotation` takes them; empty ones are left out.
    """

    number: int
    path: str
    values: Mapping[str, object] = field(default_factory=dict)


def read_sheet(path: Path, column: str | None = None) -> list[SheetRow]:
    """Read the rows of a sheet.

    Parameters
    ----------
    path : Path
        CSV or XLSX.
    column : str, optional
        The column that names the file; by default the one that is called so as usual.

    Raises
    ------
    DataError
        If the sheet cannot be read, has no such column, or a header that is no key.
    """
    cells = _xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path)
    header = [str(cell).strip() if cell is not None else "" for cell in next(cells, [])]
    place = _column(path, header, column)
    keys = _keys(path, header, place)
    rows = []
    for number, row in enumerate(cells, 2):
        if number > MAX_ROWS:
            raise DataError(
                f"'{path}' has more than {MAX_ROWS} rows.",
                remedy="Split it into several sheets.",
            )
        texts = [*row, *[None] * (len(header) - len(row))]
        if len(row) > len(header) and any(
            _is_filled(one) for one in row[len(header) :]
        ):
            raise DataError(
                f"Row {number} of '{path}' has more cells than the header.",
                remedy="Give every column a header; quote cells that have commas.",
            )
        if not any(_is_filled(one) for one in texts):
            continue
        named = str(texts[place]).strip() if _is_filled(texts[place]) else ""
        values = {
            key: value
            for at, key in keys.items()
            if (value := _value(texts[at])) is not None
        }
        rows.append(SheetRow(number, named, values))
    if not rows:
        raise DataError(
            f"'{path}' has no rows.", remedy="Give it a header and a row per file."
        )
    return rows


def find_file(row: SheetRow, base: Path) -> Path | None:
    """Return the file that a row names, from the folder of the sheet; None if gone."""
    if not row.path or "\0" in row.path:
        return None
    texts = [row.path]
    if "\\" in row.path:  # written on Windows
        texts.append(PureWindowsPath(row.path).as_posix())
    for text in texts:
        path = base / Path(text).expanduser()
        if path.exists():
            return path
    return None


def name_of(row: SheetRow) -> str:
    """Return the file name that a row says, without folders."""
    return PurePosixPath(row.path.replace("\\", "/")).name


def _column(path: Path, header: Sequence[str], wanted: str | None) -> int:
    lower = [name.lower() for name in header]
    if wanted is not None:
        if wanted in header:
            return header.index(wanted)
        if wanted.lower() in lower:
            return lower.index(wanted.lower())
    else:
        for usual in USUAL_COLUMNS:
            if usual in lower:
                return lower.index(usual)
    shown = ", ".join(repr(name) for name in header if name) or "none"
    what = repr(wanted) if wanted else "that names the files"
    raise DataError(
        f"'{path}' has no column {what} (it has: {shown}).",
        remedy="Name the column of the files, or call it 'path'.",
    )


def _keys(path: Path, header: Sequence[str], place: int) -> dict[int, str]:
    keys: dict[int, str] = {}
    for at, name in enumerate(header):
        if not name or at == place:
            continue
        try:
            key = check_key(name)
        except ValueError as error:
            raise DataError(
                f"A header of '{path}' cannot be an annotation: {error}.",
                remedy="Give the column another header.",
            ) from error
        if key in keys.values():
            raise DataError(
                f"'{path}' has two columns {key!r}.", remedy="Rename one of them."
            )
        keys[at] = key
    return keys


def _is_filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _value(cell: object) -> object:
    """Return a cell that says something; None where it says nothing."""
    match cell:
        case None | bool() | int() | datetime.date():
            return cell
        case float():
            return cell if math.isfinite(cell) else None
        case datetime.time():
            return PlainText(cell.isoformat())
        case PlainText():
            return cell or None
        case _:
            return str(cell).strip() or None


def _csv(path: Path) -> Iterator[list[object]]:
    with reading(path):
        data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise DataError(
            f"'{path}' is no sheet: it holds bytes that are no text.",
            remedy="Save it as CSV in UTF-8, or as XLSX.",
        )
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        yield from csv.reader(text.splitlines(keepends=True), delimiter=separator)
    except csv.Error as error:
        raise DataError(
            f"'{path}' cannot be read as CSV: {error}.", remedy="Save it again as CSV."
        ) from error


def _xlsx(path: Path) -> Iterator[list[object]]:
    import openpyxl

    with reading(path):
        path.stat()
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise DataError(
            f"'{path}' cannot be read as XLSX: {error}.",
            remedy="Open it in your spreadsheet program and save it again, or as CSV.",
        ) from error
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [
                PlainText(one.strip()) if isinstance(one, str) else one for one in row
            ]
    finally:
        book.close()
