"""Plots of tidy tables, as numbers that any window can draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Cells = Sequence[object]

MOST_GROUPS: Final = 24
EVERYTHING: Final = ""
"""The name of the only group where nothing is grouped by."""

_WHISKER: Final = 1.5
_STRIP: Final = 0.28


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Points of one group.

    Attributes
    ----------
    rows : numpy.ndarray
        Which row of the table each point is.
    """

    name: str
    x: Numbers
    y: Numbers
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Counts of one group in bins that all groups share."""

    name: str
    counts: NDArray[np.int64]
    edges: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """One group as a box, with every value beside it.

    Attributes
    ----------
    low, high : float
        Ends of the whiskers: the last values within one and a half times the height of
        the box (Tukey).
    offsets : numpy.ndarray
        Where each value is drawn, left and right of the middle: the same every time.
    """

    name: str
    q1: float
    median: float
    q3: float
    low: float
    high: float
    values: Numbers
    offsets: Numbers
    rows: NDArray[np.int64]


def numbers_of(cells: Cells) -> Numbers:
    """Return a column as numbers, NaN for what is none."""
    return np.array(
        [
            float(cell)
            if isinstance(cell, int | float) and not isinstance(cell, bool)
            else np.nan
            for cell in cells
        ],
        np.float64,
    )


def is_number(cells: Cells) -> bool:
    """Say whether a column can be measured along: some numbers, and no text."""
    known = [cell for cell in cells if cell is not None]
    return bool(known) and all(
        isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known
    )


def is_group(cells: Cells) -> bool:
    """Say whether a column can be grouped by: more than one value, but few."""
    values = {cell for cell in cells if cell is not None}
    return 1 < len(values) <= MOST_GROUPS


def groups_of(cells: Cells | None, count: int) -> list[tuple[str, NDArray[np.int64]]]:
    """Return the rows of each group; numbers in their order, texts by name."""
    if cells is None:
        return [(EVERYTHING, np.arange(count))]
    by_value: dict[object, list[int]] = {}
    for row, cell in enumerate(cells):
        if cell is not None:
            by_value.setdefault(cell, []).append(row)
    ordered = sorted(
        by_value, key=lambda one: (isinstance(one, str), _sortable(one), str(one))
    )
    return [(str(value), np.array(by_value[value])) for value in ordered[:MOST_GROUPS]]


def scatter(x: Cells, y: Cells, by: Cells | None = None) -> list[Series]:
    """Return the points of two columns, by group; incomplete rows are left out."""
    xs, ys = numbers_of(x), numbers_of(y)
    made = []
    for name, rows in groups_of(by, len(xs)):
        known = rows[np.isfinite(xs[rows]) & np.isfinite(ys[rows])]
        made.append(Series(name, xs[known], ys[known], known))
    return made


def histogram(values: Cells, by: Cells | None = None) -> list[Bars]:
    """Return how often values occur, by group, in bins for all of them together.

    The width of bins is that of Freedman and Diaconis, at most 60 of them.
    """
    numbers = numbers_of(values)
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return []
    edges = np.histogram_bin_edges(finite, bins=_bins(finite))
    return [
        Bars(
            name,
            np.histogram(some[np.isfinite(some)], edges)[0].astype(np.int64),
            edges,
        )
        for name, rows in groups_of(by, len(numbers))
        for some in (numbers[rows],)
    ]


def boxes(values: Cells, by: Cells | None = None) -> list[Box]:
    """Return a box with all its values for each group; empty groups are left out."""
    numbers = numbers_of(values)
    made = []
    for name, rows in groups_of(by, len(numbers)):
        known = rows[np.isfinite(numbers[rows])]
        if known.size:
            made.append(_box(name, numbers[known], known))
    return made


def _box(name: str, values: Numbers, rows: NDArray[np.int64]) -> Box:
    q1, median, q3 = (float(one) for one in np.percentile(values, (25, 50, 75)))
    reach = _WHISKER * (q3 - q1)
    inside = values[(values >= q1 - reach) & (values <= q3 + reach)]
    return Box(
        name,
        q1,
        median,
        q3,
        float(inside.min()),
        float(inside.max()),
        values,
        _offsets(values),
        rows,
    )


def _offsets(values: Numbers) -> Numbers:
    """Spread equal and near values sideways, in an order that is always the same."""
    order = np.argsort(values, kind="stable")
    places = np.empty(values.size)
    # The golden ratio spreads neighbours far from each other.
    places[order] = np.mod(np.arange(values.size) * 0.6180339887, 1.0)
    spread = _STRIP if values.size > 1 else 0.0
    return (places - 0.5) * 2 * spread


def _bins(values: Numbers) -> int:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return 1
    q1, q3 = np.percentile(values, (25, 75))
    width = 2 * (q3 - q1) / values.size ** (1 / 3)
    if width <= 0:
        return 10
    return int(min(60, max(5, np.ceil((high - low) / width))))


def _sortable(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
