"""Where to draw the points of a strip plot: beside each other, never at random."""

from collections.abc import Sequence


def swarm_offsets(
    heights: Sequence[float], diameter: float, most: float
) -> list[float]:
    """Return how far each point stands from the middle of its strip.

    Points are placed from the lowest to the highest, each as near to the middle as it
    can be without covering another. Where a strip becomes wider than allowed, all
    offsets shrink alike. The result does not depend on chance.

    Parameters
    ----------
    heights : sequence of float
        Places along the value axis, in the unit of `diameter`.
    diameter : float
        Diameter of a point, with the gap between two points.
    most : float
        Largest offset to either side.

    Returns
    -------
    list of float
        Offsets in the order of `heights`, in the unit of `diameter`.
    """
    offsets = [0.0] * len(heights)
    placed: list[tuple[float, float]] = []
    for index in sorted(range(len(heights)), key=lambda i: (heights[i], i)):
        height = heights[index]
        near = [(x, y) for x, y in placed if height - y < diameter]
        blocked = [
            (x - reach, x + reach)
            for x, y in near
            if (reach := (diameter**2 - (height - y) ** 2) ** 0.5) > 0
        ]
        edges = [0.0, *(edge for span in blocked for edge in span)]
        free = [
            edge
            for edge in edges
            if not any(low + 1e-9 < edge < high - 1e-9 for low, high in blocked)
        ]
        offsets[index] = min(free, key=lambda edge: (round(abs(edge), 9), -edge))
        placed = [*near, (offsets[index], height)]
    _centre_lonely_rows(heights, offsets, diameter)
    widest = max((abs(offset) for offset in offsets), default=0.0)
    scale = min(1.0, most / widest) if widest else 1.0
    return [offset * scale for offset in offsets]


def _centre_lonely_rows(
    heights: Sequence[float], offsets: list[float], diameter: float
) -> None:
    """Centre each row of equal values that has no other value near it."""
    rows: dict[float, list[int]] = {}
    for index, height in enumerate(heights):
        rows.setdefault(height, []).append(index)
    levels = sorted(rows)
    for place, level in enumerate(levels):
        beside = levels[max(place - 1, 0) : place] + levels[place + 1 : place + 2]
        if all(abs(other - level) >= diameter for other in beside):
            middle = sum(offsets[index] for index in rows[level]) / len(rows[level])
            for index in rows[level]:
                offsets[index] -= middle
