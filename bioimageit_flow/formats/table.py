"""A table in memory, and what type the values of a column have."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bioimageit_flow.formats.refusal import Refusal

Cell = int | float | str
"""What a cell can be; a missing number is NaN, a missing text is empty."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(
    r"[-+]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|inf|infinity)|nan",
    re.IGNORECASE | re.ASCII,
)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header.

    Attributes
    ----------
    columns : tuple of str
        Different names.
    rows : tuple of tuple
        One value per column; the values of a column are of one type.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> tuple[Cell, ...]:
        """Return the values of one column.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        if name not in self.columns:
            raise KeyError(f"{name!r} is no column (there are {self.columns})")
        place = self.columns.index(name)
        return tuple(row[place] for row in self.rows)


def table_of_texts(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Make a table of the texts of its cells.

    A column of whole numbers is of int; a column of numbers, or of whole numbers with
    empty cells, or without any value, is of float (an empty cell is NaN); every other
    column is of text, in particular one with a leading zero such as the well ``01``.
    """
    typed = [_typed([row[place] for row in rows]) for place in range(len(columns))]
    return Table(tuple(columns), tuple(zip(*typed, strict=True)))


def table_of_values(
    columns: Sequence[str], values: Sequence[Iterable[object]]
) -> Table:
    """Make a table of columns that know their types; None is a missing value."""
    plain = [_plain(list(column)) for column in values]
    return Table(tuple(columns), tuple(zip(*plain, strict=True)))


def check_header(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns.

    Raises
    ------
    Refusal
        If two are the same, or if all are numbers: then the header is missing.
    """
    if all(_NUMBER.fullmatch(name.strip()) for name in columns):
        raise Refusal(
            "has no header: its first line holds numbers",
            "Write the names of the columns in the first line.",
        )
    seen: set[str] = set()
    for name in columns:
        if name in seen:
            raise Refusal(
                f"has two columns called {name!r}", "Give every column its own name."
            )
        seen.add(name)
    return tuple(columns)


def _typed(texts: list[str]) -> list[Cell]:
    trimmed = [text.strip() for text in texts]
    filled = [text for text in trimmed if text]
    if not all(
        _NUMBER.fullmatch(text) and not _LEADING_ZERO.match(text) for text in filled
    ):
        return list(texts)
    if len(filled) == len(texts) and all(_INTEGER.fullmatch(text) for text in filled):
        return [int(text) for text in trimmed]
    return [float(text) if text else math.nan for text in trimmed]


def _plain(values: list[object]) -> list[Cell]:
    known = [value for value in values if value is not None]
    if any(not isinstance(value, bool | int | float) for value in known):
        return ["" if value is None else str(value) for value in values]
    if any(isinstance(value, float) for value in known) or len(known) < len(values):
        return [
            float(value) if isinstance(value, int | float) else math.nan
            for value in values
        ]
    return [int(value) for value in known if isinstance(value, int | float)]
