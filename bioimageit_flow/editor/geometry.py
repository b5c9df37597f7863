"""Where ports sit, which way wires run, and the shapes of the kinds. No Qt.

The canvas, the picture export and the tests use the same numbers, so that a picture
made without a display looks like the canvas.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bioimageit_flow.editor.scene import (
    HEADER_HEIGHT,
    NODE_WIDTH,
    PORT_HEIGHT,
    NodeView,
    Point,
    Scene,
)
from bioimageit_flow.model.kinds import Kind

PORT_RADIUS = 9.0
CORNER_RADIUS = 9.0
GRID = 20.0

_SHORTEST_HANDLE = 36.0
_LONGEST_HANDLE = 180.0
_DETOUR = 104.0
_STEPS = 14

Segment = tuple[Point, Point, Point, Point]
"""A cubic Bezier curve: start, two handles, end."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _regular(corners: int, *, turn: float, scale: float = 1.0) -> tuple[Point, ...]:
    return tuple(
        (
            scale * math.cos(math.radians(turn) + 2 * math.pi * i / corners),
            scale * math.sin(math.radians(turn) + 2 * math.pi * i / corners),
        )
        for i in range(corners)
    )


SHAPES: dict[Kind, tuple[Point, ...]] = {
    Kind.IMAGE: (),
    Kind.LABELS: _regular(6, turn=30, scale=1.1),
    Kind.POINTS: _regular(4, turn=0, scale=1.22),
    Kind.SHAPES: _regular(5, turn=-90, scale=1.14),
    Kind.TRACKS: ((-1, -0.9), (0.45, -0.9), (1.25, 0), (0.45, 0.9), (-1, 0.9)),
    Kind.SURFACE: _regular(8, turn=22.5, scale=1.06),
    Kind.TABLE: ((-0.94, -0.94), (0.94, -0.94), (0.94, 0.94), (-0.94, 0.94)),
    Kind.SCALAR: (
        *((math.sin(math.pi * i / 8), -math.cos(math.pi * i / 8)) for i in range(9)),
        (-0.9, 1.0),
        (-0.9, -1.0),
    ),
    Kind.MODEL: ((-1.15, -0.75), (0.6, -0.75), (1.15, 0.75), (-0.6, 0.75)),
    Kind.FILE: ((-0.8, -1.0), (0.3, -1.0), (0.8, -0.5), (0.8, 1.0), (-0.8, 1.0)),
}
"""Corners of the port of each kind, for a radius of one; none stands for a circle."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The way of one wire.

    Attributes
    ----------
    segments : tuple of Segment
        Bezier curves from the source to the target.
    line : tuple of tuple of float
        The same as points close enough to each other to measure distances.
    box : Box
        What holds the line.
    """

    segments: tuple[Segment, ...]
    line: tuple[Point, ...]
    box: Box

    @property
    def middle(self) -> Point:
        """The point half way along the curve."""
        return self.line[len(self.line) // 2]

    def distance(self, x: float, y: float, *, within: float = math.inf) -> float:
        """Return how far a point is from the curve; infinity if further than asked."""
        left, top, right, bottom = self.box
        if not (
            left - within <= x <= right + within
            and top - within <= y <= bottom + within
        ):
            return math.inf
        best = min(_distance(x, y, a, b) for a, b in pairwise(self.line))
        return best if best <= within else math.inf

    def leg(self, x: float, y: float) -> int:
        """Return which segment is nearest: where a new waypoint belongs."""
        nearest, best = 0, math.inf
        for number in range(len(self.segments)):
            part = self.line[number * _STEPS : (number + 1) * _STEPS + 1]
            for a, b in pairwise(part):
                distance = _distance(x, y, a, b)
                if distance < best:
                    nearest, best = number, distance
        return nearest

    def crosses(self, start: Point, end: Point) -> bool:
        """Say whether a straight cut crosses the curve."""
        return any(_cross(start, end, a, b) for a, b in pairwise(self.line))


def port_offset(node: NodeView, name: str | None, *, is_output: bool) -> Point:
    """Return the middle of a port, from the upper left corner of its node.

    A port that the node does not have (an invalid wire of a file) is taken to be at
    the middle of its header.
    """
    x = NODE_WIDTH if is_output else 0.0
    ports = node.outputs if is_output else node.inputs
    for row, port in enumerate(ports):
        if port.name == (name or ""):
            return x, HEADER_HEIGHT + 4.0 + (row + 0.5) * PORT_HEIGHT
    return x, HEADER_HEIGHT / 2


def curve(start: Point, end: Point, waypoints: Sequence[Point] = ()) -> Curve:
    """Return the way of a wire that leaves to the right and arrives from the left."""
    if waypoints:
        segments = _through(start, end, waypoints)
    elif end[0] >= start[0] + 12 or math.dist(start, end) < 24:
        segments = (_forward(start, end),)
    else:
        segments = _around(start, end)
    line = [segments[0][0]]
    for segment in segments:
        line.extend(_along(segment, step / _STEPS) for step in range(1, _STEPS + 1))
    xs = [x for x, _ in line]
    ys = [y for _, y in line]
    return Curve(segments, tuple(line), (min(xs), min(ys), max(xs), max(ys)))


def bounds(scene: Scene) -> Box | None:
    """Return the box around all that a scene shows; None if it is empty."""
    boxes = [
        (item.x, item.y, item.x + item.width, item.y + item.height)
        for family in (scene.nodes, scene.frames, scene.notes)
        for item in family.values()
    ]
    points = [point for wire in scene.wires.values() for point in wire.waypoints]
    return around(boxes + [(x, y, x, y) for x, y in points])


def around(boxes: Iterable[Box]) -> Box | None:
    """Return the box around several boxes; None if there are none."""
    known = list(boxes)
    if not known:
        return None
    return (
        min(box[0] for box in known),
        min(box[1] for box in known),
        max(box[2] for box in known),
        max(box[3] for box in known),
    )


def _forward(start: Point, end: Point) -> Segment:
    reach = abs(end[0] - start[0]) * 0.5 + abs(end[1] - start[1]) * 0.12
    handle = min(max(reach, _SHORTEST_HANDLE), _LONGEST_HANDLE)
    handle = min(handle, max(math.dist(start, end) * 0.6, 4.0))
    return start, (start[0] + handle, start[1]), (end[0] - handle, end[1]), end


def _around(start: Point, end: Point) -> tuple[Segment, ...]:
    """Lead a wire that runs backwards around the nodes at its ends."""
    gap = abs(end[1] - start[1])
    if gap > 2 * _DETOUR:
        height = (start[1] + end[1]) / 2
    else:
        height = max(start[1], end[1]) + _DETOUR
    handle = min(max(abs(end[0] - start[0]) * 0.25, 56.0), 140.0)
    middle = ((start[0] + end[0]) / 2, height)
    pull = max((start[0] - end[0]) * 0.35, 60.0)
    return (
        (start, (start[0] + handle, start[1]), (middle[0] + pull, height), middle),
        (middle, (middle[0] - pull, height), (end[0] - handle, end[1]), end),
    )


def _through(
    start: Point, end: Point, waypoints: Sequence[Point]
) -> tuple[Segment, ...]:
    points = [start, *waypoints, end]
    tangents: list[Point] = []
    for before, _, after in zip(points, points[1:], points[2:], strict=False):
        way = math.dist(before, after) or 1.0
        tangents.append(((after[0] - before[0]) / way, (after[1] - before[1]) / way))
    tangents = [(1.0, 0.0), *tangents, (1.0, 0.0)]
    segments = []
    for (a, b), (da, db) in zip(
        pairwise(points),
        pairwise(tangents),
        strict=True,
    ):
        reach = min(math.dist(a, b) * 0.36, _LONGEST_HANDLE)
        segments.append(
            (
                a,
                (a[0] + da[0] * reach, a[1] + da[1] * reach),
                (b[0] - db[0] * reach, b[1] - db[1] * reach),
                b,
            )
        )
    return tuple(segments)


def _along(segment: Segment, t: float) -> Point:
    a, b, c, d = segment
    u = 1.0 - t
    w0, w1, w2, w3 = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    return (
        w0 * a[0] + w1 * b[0] + w2 * c[0] + w3 * d[0],
        w0 * a[1] + w1 * b[1] + w2 * c[1] + w3 * d[1],
    )


def _distance(x: float, y: float, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = ((x - a[0]) * dx + (y - a[1]) * dy) / length if length else 0.0
    t = min(max(t, 0.0), 1.0)
    return math.hypot(x - a[0] - t * dx, y - a[1] - t * dy)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return (side(a, b, c) > 0) != (side(a, b, d) > 0) and (side(c, d, a) > 0) != (
        side(c, d, b) > 0
    )
