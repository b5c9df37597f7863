"""Where a box has room: the place wished, or the nearest one that is free."""

import math
from collections.abc import Iterable
from typing import Final

from bioimageit_flow.workflow.document import Point, Rectangle

ROOM: Final = 20.0
"""How far boxes stay from each other, in pixels of the canvas at 100 %."""


def nearest_room(
    at: Point,
    size: Point,
    taken: Iterable[Rectangle],
    *,
    is_sideways: bool = True,
) -> Point:
    """Return the place nearest to a wished one where a box lies on no other.

    Parameters
    ----------
    at : tuple of float
        Where the upper left corner should be.
    size : tuple of float
        Width and height of the box.
    taken : iterable of tuple of float
        The boxes that are there: left, top, width, height.
    is_sideways : bool
        Whether it may also go to the left and right; else only up and down.

    Returns
    -------
    tuple of float
        The wished place itself where it is free.
    """
    width, height = size
    blocked = [
        (x - width - ROOM, y - height - ROOM, x + wide + ROOM, y + tall + ROOM)
        for x, y, wide, tall in taken
    ]
    if not is_sideways:
        blocked = [box for box in blocked if box[0] < at[0] < box[2]]

    def is_free(place: Point) -> bool:
        return not any(
            left < place[0] < right and top < place[1] < bottom
            for left, top, right, bottom in blocked
        )

    if is_free(at):
        return at
    # the nearest free place touches one box, or two: each gives a line to try
    ys = [at[1], *(y for box in blocked for y in (box[1], box[3]))]
    xs = [at[0]]
    if is_sideways:
        xs += [x for box in blocked for x in (box[0], box[2])]
    ys.sort(key=lambda y: abs(y - at[1]))
    xs.sort(key=lambda x: abs(x - at[0]))
    best, nearest = math.inf, at
    for y in ys:
        if abs(y - at[1]) >= best:
            break
        for x in xs:
            away = math.dist((x, y), at)
            if away >= best:
                break
            if is_free((x, y)):
                best, nearest = away, (x, y)
    return nearest
