"""Tables as CSV files: UTF-8, one header line, the same bytes on every machine."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Cell = int | float | str


def write_table(
    path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Cell]]
) -> None:
    """Write rows under the given columns.

    Floats get 8 significant digits; one that is not finite leaves its cell empty.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_text(row[name]) for name in columns] for row in rows)


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell + 0.0:.8g}" if math.isfinite(cell) else ""
    return str(cell)
