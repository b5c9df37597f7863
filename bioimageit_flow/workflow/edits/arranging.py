"""Automatic layout: in layers from left to right, in the order of the ports.

Sugiyama's method: layers by the longest path, long wires as chains of bends, crossings
reduced by barycentres that know the ports, and places by isotonic regression, which is
the best that keeps the order and the distances. No recursion, so depth is no limit.

Sources: Sugiyama, Tagawa, Toda (1981) doi:10.1109/TSMC.1981.4308636; pool adjacent
violators: Barlow et al. (1972).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bioimageit_flow.workflow.document import Document, Point
from bioimageit_flow.workflow.edits.changing import with_layout
from bioimageit_flow.workflow.edits.places import note_places, with_named_notes
from bioimageit_flow.workflow.edits.separating import (
    room_for_notes,
    with_clear_frames,
    with_room,
)
from bioimageit_flow.workflow.structure import layers_of

COLUMN = 300.0
GAP = 40.0
GRID = 20.0
HEADER = 50.0
ROW = 24.0
NODE_WIDTH = 220.0
MARGIN = 30.0
TITLE = 34.0

_SWEEPS = 8
_MAX_BENDS = 20_000
_BEND_HEIGHT = 10.0


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a box is, and where its ports are, in their order."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def height(self) -> float:
        """Height in pixels."""
        return HEADER + 6.0 + ROW * max(len(self.inputs), len(self.outputs), 1)

    def offset(self, port: str | None, *, is_output: bool) -> float:
        """Return how far below the upper edge a port is."""
        ports = self.outputs if is_output else self.inputs
        row = ports.index(port) if port in ports else 0
        return HEADER + ROW * (row + 0.5)


def shapes_of(document: Document) -> dict[str, Shape]:
    """Return shapes as far as the wires tell, for when no tools are at hand."""
    outputs: dict[str, dict[str, None]] = {}
    for edge in document.edges():
        if edge.source.port:
            outputs.setdefault(edge.source.node, {})[edge.source.port] = None
    return {
        **{name: Shape() for name in document.inputs},
        **{
            name: Shape(tuple(node.wires), tuple(outputs.get(name, ())))
            for name, node in document.nodes.items()
        },
    }


def placed(document: Document) -> Document:
    """Give a place to every node and dataset input that has none.

    Those that have one stay where they are. Where nothing has a place all is arranged;
    else what is new comes beside what it is wired with.
    """
    names = (*document.inputs, *document.nodes)
    places = dict(document.layout.nodes)
    missing = [name for name in names if name not in places]
    if not missing:
        return document
    if not any(name in places for name in names):
        return arrange(document)
    shapes = shapes_of(document)
    edges = document.edges()
    for name in missing:
        after = [
            places[e.node] for e in edges if e.source.node == name and e.node in places
        ]
        before = [
            places[e.source.node]
            for e in edges
            if e.node == name and e.source.node in places
        ]
        if before:
            at = (max(x for x, _ in before) + COLUMN, before[0][1])
        elif after:
            at = (min(x for x, _ in after) - COLUMN, after[0][1])
        else:
            at = (
                min((x for x, _ in places.values()), default=0.0),
                max((y for _, y in places.values()), default=0.0) + 160.0,
            )
        places[name] = _free_place(at, shapes[name].height, places, shapes)
    return with_layout(document, nodes=places)


def _free_place(
    at: Point, height: float, places: Mapping[str, Point], shapes: Mapping[str, Shape]
) -> Point:
    x, y = at
    for _ in range(len(places) + 1):
        for name, (left, top) in places.items():
            tall = shapes[name].height if name in shapes else 100.0
            if (
                abs(left - x) < NODE_WIDTH + GAP / 2
                and top < y + height + GAP / 2
                and y < top + tall + GAP / 2
            ):
                y = top + tall + GAP
                break
        else:
            break
    return (x, y)


def arrange(
    document: Document,
    names: Collection[str] | None = None,
    shapes: Mapping[str, Shape] | None = None,
) -> Document:
    """Place nodes in layers from left to right.

    Parameters
    ----------
    document : Document
        The workflow; circles do no harm.
    names : collection of str, optional
        Nodes and dataset inputs to place, all by default. The upper left corner of a
        part stays where it is.
    shapes : mapping, optional
        How large they are; by default as far as the wires tell.
    """
    every = [*document.inputs, *document.nodes]
    chosen = every if names is None else [name for name in every if name in names]
    if not chosen:
        return document
    shapes = shapes or shapes_of(document)
    sizes = {
        name: (NODE_WIDTH, shapes[name].height if name in shapes else 100.0)
        for name in every
    }
    if document.notes:
        document = with_named_notes(document)
        document = with_layout(document, notes=note_places(document))
    room = room_for_notes(document, set(chosen), sizes)
    found = _Arrangement(document, chosen, shapes, room).places()
    old = document.layout.nodes
    shift_x, shift_y = 0.0, 0.0
    known = [old[name] for name in chosen if name in old]
    if names is not None and known:
        shift_x = min(x for x, _ in known) - min(x for x, _ in found.values())
        shift_y = min(y for _, y in known) - min(y for _, y in found.values())
    places = {**old}
    for name, (x, y) in found.items():
        places[name] = (_on_grid(x + shift_x), _on_grid(y + shift_y))
    inside = set(chosen)
    waypoints = {
        key: points
        for key, points in document.layout.waypoints.items()
        if not _ends_of(key) <= inside
    }
    moved = with_layout(document, nodes=places, waypoints=waypoints)
    moved = with_room(document, moved, inside, sizes)
    moved = _with_fitted_frames(moved, inside, shapes)
    return with_clear_frames(moved, inside, sizes, document)


def _ends_of(key: str) -> set[str]:
    source, _, target = key.partition(" -> ")
    return {source.partition(".")[0], target.partition(".")[0]}


def _with_fitted_frames(
    document: Document, moved: set[str], shapes: Mapping[str, Shape]
) -> Document:
    frames = tuple(
        frame.model_copy(
            update={"rect": rect_around(document, frame.nodes, shapes) or frame.rect}
        )
        if moved & set(frame.nodes)
        else frame
        for frame in document.layout.frames
    )
    return with_layout(document, frames=frames)


def rect_around(
    document: Document, names: Collection[str], shapes: Mapping[str, Shape]
) -> tuple[float, float, float, float] | None:
    """Return the rectangle of a frame around nodes and notes; None for none."""
    layout = document.layout
    boxes = []
    for name in names:
        if name in layout.nodes:
            x, y = layout.nodes[name]
            tall = shapes[name].height if name in shapes else 100.0
            boxes.append((x, y, x + NODE_WIDTH, y + tall))
        elif name in layout.notes:
            x, y, width, height = layout.notes[name]
            boxes.append((x, y, x + width, y + height))
    if not boxes:
        return None
    left = min(box[0] for box in boxes) - MARGIN
    top = min(box[1] for box in boxes) - MARGIN - TITLE
    right = max(box[2] for box in boxes) + MARGIN
    bottom = max(box[3] for box in boxes) + MARGIN
    return (left, top, right - left, bottom - top)


def _on_grid(value: float) -> float:
    return round(value / GRID) * GRID


@dataclass(slots=True)
class _Cell:
    """One place in a layer: a box, or a bend of a long wire (name '')."""

    name: str
    height: float
    y: float = 0.0
    before: list[tuple["_Cell", float]] = field(default_factory=list)
    after: list[tuple["_Cell", float]] = field(default_factory=list)


class _Arrangement:
    def __init__(
        self,
        document: Document,
        names: Sequence[str],
        shapes: Mapping[str, Shape],
        room: Mapping[str, tuple[float, float]],
    ) -> None:
        self._room = room
        self.layers: list[list[_Cell]] = []
        self._cells = {
            name: _Cell(
                name,
                (shapes[name].height if name in shapes else 100.0)
                + sum(room.get(name, ())),
            )
            for name in names
        }
        inside = set(names)
        edges = [
            edge
            for edge in document.edges()
            if edge.node in inside and edge.source.node in inside
        ]
        layer, forward = layers_of(names, edges)
        for name in names:
            while len(self.layers) <= layer[name]:
                self.layers.append([])
            self.layers[layer[name]].append(self._cells[name])
        spans = sum(layer[e.node] - layer[e.source.node] - 1 for e in forward)
        has_bends = spans <= _MAX_BENDS
        for edge in forward:
            start, end = self._cells[edge.source.node], self._cells[edge.node]
            out = _offset(shapes, edge.source.node, edge.source.port, is_output=True)
            into = _offset(shapes, edge.node, edge.port, is_output=False)
            out += self._above(edge.source.node)
            into += self._above(edge.node)
            last, leaves = start, out
            if has_bends:
                for number in range(layer[edge.source.node] + 1, layer[edge.node]):
                    bend = _Cell("", _BEND_HEIGHT)
                    self.layers[number].append(bend)
                    _join(last, bend, leaves, _BEND_HEIGHT / 2)
                    last, leaves = bend, _BEND_HEIGHT / 2
            _join(last, end, leaves, into)

    def places(self) -> dict[str, Point]:
        """Return the upper left corner of every box."""
        for cells in self.layers:
            _stack(cells)
        for sweep in range(_SWEEPS):
            is_forward = sweep % 2 == 0
            for cells in self._in_order(is_forward):
                wanted = {id(cell): _wish(cell, is_forward) for cell in cells}
                cells.sort(key=lambda cell: wanted[id(cell)])
                _stack(cells)
        for sweep in range(2 * _SWEEPS):
            for cells in self._in_order(sweep % 2 == 0):
                _settle(cells)
        return {
            cell.name: (number * COLUMN, cell.y + self._above(cell.name))
            for number, cells in enumerate(self.layers)
            for cell in cells
            if cell.name
        }

    def _above(self, name: str) -> float:
        return self._room.get(name, (0.0, 0.0))[0]

    def _in_order(self, is_forward: bool) -> list[list[_Cell]]:
        return self.layers if is_forward else self.layers[::-1]


def _offset(
    shapes: Mapping[str, Shape], name: str, port: str | None, *, is_output: bool
) -> float:
    shape = shapes.get(name, Shape())
    return shape.offset(port, is_output=is_output)


def _join(start: _Cell, end: _Cell, leaves: float, arrives: float) -> None:
    """Join two cells; a straight wire wants ``end.y = start.y + leaves - arrives``."""
    start.after.append((end, arrives - leaves))
    end.before.append((start, leaves - arrives))


def _stack(cells: Sequence[_Cell]) -> None:
    total = sum(cell.height + GAP for cell in cells)
    y = -total / 2
    for cell in cells:
        cell.y = y
        y += cell.height + (GAP if cell.name else GAP / 2)


def _wish(cell: _Cell, is_forward: bool) -> float:
    near = cell.before if is_forward else cell.after
    if not near:
        return cell.y
    return sum(other.y + way for other, way in near) / len(near)


def _settle(cells: Sequence[_Cell]) -> None:
    """Move each cell as close as can be to all it is wired with, in their order."""
    blocks: list[list[float]] = []  # sum of wishes, weight, number of cells
    offset = 0.0
    offsets = []
    for cell in cells:
        near = [*cell.before, *cell.after]
        wish = sum(other.y + way for other, way in near) / len(near) if near else cell.y
        weight = float(len(near)) or 0.1
        offsets.append(offset)
        blocks.append([(wish - offset) * weight, weight, 1])
        offset += cell.height + (GAP if cell.name else GAP / 2)
        while len(blocks) > 1 and (
            blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]
        ):
            total, heavy, count = blocks.pop()
            blocks[-1] = [
                blocks[-1][0] + total,
                blocks[-1][1] + heavy,
                blocks[-1][2] + count,
            ]
    index = 0
    for total, heavy, count in blocks:
        for _ in range(int(count)):
            cells[index].y = total / heavy + offsets[index]
            index += 1
