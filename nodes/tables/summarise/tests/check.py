"""Checks of what summarise wrote."""

import csv
import math
from pathlib import Path

# Worked out by hand. Drug has items of (2, 4, 6), () and (7, 9): counts 3, 0, 2, item
# means 4 and 8, pooled rows 2, 4, 6, 7, 9. Control has one item of (10).
WANTED: dict[str, list[float | None]] = {
    "control": [1, 1, 1, None, None, 1, 1, 10, None, None, 10, 10, None, 10],
    "drug": [
        *(3, 5, 5 / 3, math.sqrt(7 / 3), math.sqrt(7) / 3, 2),
        *(2, 6, math.sqrt(8), 2, 6),
        *(5.6, math.sqrt(7.3), 6),
    ],
    "(all)": [
        *(4, 6, 1.5, math.sqrt(5 / 3), math.sqrt(5 / 12), 1.5),
        *(3, 22 / 3, math.sqrt(28 / 3), math.sqrt(28) / 3, 8),
        *(38 / 6, math.sqrt(136 / 15), 6.5),
    ],
}


def rows_are_as_worked_out(tables: list[Path], summary: Path) -> None:
    """Compare every cell with the value worked out by hand."""
    del tables
    with summary.open(encoding="utf-8", newline="") as stream:
        _, *rows = csv.reader(stream)
    assert [row[0] for row in rows] == ["control", "drug", "(all)"], "the order differs"
    for name, *cells in rows:
        found = [float(cell) if cell else None for cell in cells]
        for place, (got, want) in enumerate(zip(found, WANTED[name], strict=True)):
            same = (
                got == want
                if got is None or want is None
                else math.isclose(got, want, rel_tol=1e-9)
            )
            assert same, f"cell {place} of {name} is {got}, not {want}"
