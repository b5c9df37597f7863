"""Boxes in columns from left to right, so that few arrows cross."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_SWEEPS: Final = 4

Place = tuple[float, float]


def layered(
    sizes: Mapping[str, tuple[float, float]],
    arrows: Iterable[tuple[str, str]],
    *,
    across: float = 70.0,
    down: float = 18.0,
) -> dict[str, Place]:
    """Return the upper left corner of each box.

    Parameters
    ----------
    sizes : mapping of str to tuple of float
        Width and height of the boxes, by key.
    arrows : iterable of tuple of str
        From box to box; they make no circle.
    across, down : float
        The gap between columns, and between boxes of one column.
    """
    wires = sorted({(a, b) for a, b in arrows if a in sizes and b in sizes})
    before: dict[str, list[str]] = {key: [] for key in sizes}
    after: dict[str, list[str]] = {key: [] for key in sizes}
    for a, b in wires:
        before[b].append(a)
        after[a].append(b)
    depth = _depths(before, after)
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key in sizes:
        columns[depth[key]].append(key)
    for _ in range(_SWEEPS):
        for left, column in itertools.pairwise(columns):
            _sort(column, before, left)
        for right, column in zip(columns[::-1], columns[-2::-1], strict=False):
            _sort(column, after, right)
    return _places(columns, sizes, across, down)


def _depths(
    before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Return the column of each box: behind all that lead to it."""
    left = {key: len(found) for key, found in before.items()}
    ready = [key for key, count in left.items() if not count]
    order: list[str] = []
    depth = dict.fromkeys(before, 0)
    while ready:
        key = ready.pop()
        order.append(key)
        for follower in after[key]:
            depth[follower] = max(depth[follower], depth[key] + 1)
            left[follower] -= 1
            if not left[follower]:
                ready.append(follower)
    for key in reversed(order):  # what begins a path stands right before what takes it
        if not before[key] and after[key]:
            depth[key] = min(depth[one] for one in after[key]) - 1
    return depth


def _sort(
    column: list[str], beside: Mapping[str, Sequence[str]], other: Sequence[str]
) -> None:
    rank = {key: n for n, key in enumerate(other)}
    here = {key: n for n, key in enumerate(column)}
    count = len(column)  # a list is empty while it is sorted

    def middle(key: str) -> tuple[float, int]:
        ranks = sorted(rank[one] for one in beside[key] if one in rank)
        if not ranks:
            share = (here[key] + 0.5) / count * max(len(other), 1)
            return share, here[key]
        return ranks[len(ranks) // 2], here[key]

    column.sort(key=middle)


def _places(
    columns: Sequence[Sequence[str]],
    sizes: Mapping[str, tuple[float, float]],
    across: float,
    down: float,
) -> dict[str, Place]:
    places: dict[str, Place] = {}
    x = 0.0
    for column in columns:
        height = sum(sizes[key][1] + down for key in column) - down
        y = -height / 2
        for key in column:
            places[key] = (x, y)
            y += sizes[key][1] + down
        x += max((sizes[key][0] for key in column), default=0.0) + across
    return places
