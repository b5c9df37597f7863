"""Write tables (CSV) and scalars (JSON) that are the same bytes on every machine."""

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Cell = str | int | float | None

SIGNIFICANT_DIGITS = 12


def rounded(value: float) -> float:
    """Return a number with 12 significant digits.

    The last digits of a mean or a p-value depend on the processor; they mean nothing
    and would make equal results look different.
    """
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def cell_text(value: Cell) -> str:
    """Return what stands in a cell; nothing where there is no value.

    A whole number is written without a decimal point.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        short = rounded(value)
        is_whole = short.is_integer() and abs(short) < 1e15
        return str(int(short)) if is_whole else str(short)
    return str(value)


def write_table(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write a CSV file: UTF-8, comma, one header line, line feeds only."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([cell_text(cell) for cell in row] for row in rows)


def write_scalar(path: Path, entries: Mapping[str, object]) -> None:
    """Write a scalar: a JSON object with at least ``value`` and ``unit``.

    Floats are rounded to 12 significant digits; a float that is not finite becomes
    null, because JSON has no word for it.
    """
    text = json.dumps(
        {key: _plain(value) for key, value in entries.items()},
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _plain(value: object) -> object:
    if isinstance(value, float):
        return rounded(value) if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    return value
