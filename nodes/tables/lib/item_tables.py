"""A group of tables: one table per item, each with the annotations of its item."""

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from descriptives import mean, median
from failures import BadInputError

csv.field_size_limit(2**27)  # outlines of objects can be long texts


@dataclass(frozen=True, slots=True)
class ItemTable:
    """The table of one item; its rows are read when they are asked for.

    Attributes
    ----------
    number : int
        Place of the item in the group, from 1.
    total : int
        How many items the group has.
    path : Path
        The CSV file.
    columns : tuple of str
        The header.
    annotations : mapping of str to object
        The annotations that the tool was given.
    """

    number: int
    total: int
    path: Path
    columns: tuple[str, ...]
    annotations: Mapping[str, object]

    @property
    def title(self) -> str:
        """How a message names the table."""
        return f"table {self.number} of {self.total} ({self.path.name})"

    def annotation(self, key: str) -> str:
        """Return the value of a key as text; empty where the item has none."""
        return annotation_text(self.annotations.get(key))

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of each row, as they stand in the file.

        Raises
        ------
        BadInputError
            If a row has more or fewer cells than the header.
        """
        rows = _read_rows(self.path, self.title)
        next(rows)
        for row in rows:
            if len(row) != len(self.columns):
                raise BadInputError(
                    f"A row of {self.title} has {len(row)} cells where the header has "
                    f"{len(self.columns)}: mend the table or the tool that made it."
                )
            yield row

    def row_count(self) -> int:
        """Return the number of rows under the header."""
        return sum(1 for _ in self.rows())

    def numbers(self, column: str) -> list[float]:
        """Return the numbers of a column; empty cells and ``nan`` are left out.

        A table without rows need not have the column.

        Raises
        ------
        BadInputError
            If the column is missing or holds something else than numbers.
        """
        if column not in self.columns:
            if self.row_count() == 0:
                return []
            known = ", ".join(self.columns)
            raise BadInputError(
                f"There is no column {column!r} in {self.title}: choose one of {known}."
            )
        place = self.columns.index(column)
        cells = (row[place].strip() for row in self.rows())
        values = [self._number(cell, column) for cell in cells if cell]
        return [value for value in values if not math.isnan(value)]

    def _number(self, cell: str, column: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = math.inf
        if math.isinf(value):
            raise BadInputError(
                f"The column {column!r} of {self.title} holds {cell!r}, which is not "
                "a number: choose a column of numbers."
            )
        return value


def open_group(paths: Sequence[Path], job: Path, port: str) -> list[ItemTable]:
    """Return the tables of a group, in the order of the group.

    Parameters
    ----------
    paths : sequence of Path
        The staged CSV files.
    job : Path
        The ``job.json``, which holds the annotations.
    port : str
        Name of the input port.

    Raises
    ------
    BadInputError
        If the group is empty, or a file is not a table.
    """
    if not paths:
        raise BadInputError(
            "The group has no tables: bind a dataset with at least one item."
        )
    described = json.loads(job.read_text(encoding="utf-8"))
    annotations = described.get("annotations", {}).get(port) or [{} for _ in paths]
    return [
        _open_table(path, number, len(paths), found)
        for number, (path, found) in enumerate(
            zip(paths, annotations, strict=True), start=1
        )
    ]


def read_list(path: Path) -> list[Path]:
    """Return the paths of a list file, one per line."""
    return [Path(line) for line in path.read_text(encoding="utf-8").splitlines()]


def list_parameter(job: Path, name: str, joined: str) -> list[str]:
    """Return the elements of a list parameter.

    On the command line they are joined by commas, which is not clear where an element
    has a comma itself (``1,5 um``); ``job.json`` keeps them apart.

    Parameters
    ----------
    job : Path
        The ``job.json``.
    name : str
        Name of the parameter.
    joined : str
        The argument, used where ``job.json`` does not have the parameter.
    """
    described = json.loads(job.read_text(encoding="utf-8"))
    exact = described.get("parameters", {}).get(name)
    return joined.split(",") * bool(joined) if exact is None else list(map(str, exact))


def item_value(table: ItemTable, measure: str, column: str) -> float | None:
    """Return the one number that stands for an item.

    Parameters
    ----------
    table : ItemTable
        The table of the item.
    measure : str
        ``count`` for the number of rows; ``mean``, ``median`` or ``sum`` of a column.
    column : str
        The column; not used by ``count``.

    Returns
    -------
    float or None
        0 for the count and the sum of a table without rows; None for its mean and
        its median, which do not exist.
    """
    if measure == "count":
        return float(table.row_count())
    if not column:
        raise BadInputError(
            f"The measure {measure!r} needs a column: set the parameter 'column'."
        )
    values = table.numbers(column)
    if measure == "sum":
        return math.fsum(values)
    return mean(values) if measure == "mean" else median(values)


def measure_name(measure: str, column: str) -> str:
    """Return the measure in words, such as ``mean of area per item``."""
    return "rows per item" if measure == "count" else f"{measure} of {column} per item"


def annotation_text(value: object) -> str:
    """Return an annotation as it is written in a table; empty for None."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.12g}"
        case _:
            return str(value)


def natural_order(name: str) -> tuple[tuple[int, float, str], ...]:
    """Return a key that sorts names as people do: ``day 2`` before ``day 10``.

    Names that are numbers come first, in the order of their values.
    """
    try:
        value = float(name)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return ((0, value, name),)
    parts = (
        (1, float(part), "") if part.isdecimal() else (2, 0.0, part.casefold())
        for part in re.split(r"([0-9]+)", name)
        if part
    )
    return (*parts, (3, 0.0, name))


def _open_table(
    path: Path, number: int, total: int, annotations: Mapping[str, object]
) -> ItemTable:
    title = f"table {number} of {total} ({path.name})"
    header = next(_read_rows(path, title), None)
    if not header:
        raise BadInputError(
            f"There is no header line in {title}: a table needs one, even when it has "
            "no rows."
        )
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise BadInputError(
            f"The header of {title} has {', '.join(map(repr, twice))} more than once: "
            "give each column a name of its own."
        )
    return ItemTable(number, total, path, tuple(header), annotations)


def _read_rows(path: Path, title: str) -> Iterator[list[str]]:
    """Yield the header and the rows, without blank lines."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            yield from (row for row in csv.reader(stream, strict=True) if row)
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInputError(
                f"The file of {title} is not a CSV table in UTF-8 ({error}): "
                "save it as comma-separated text."
            ) from error
