"""Moving nodes, frames and notes, resizing areas, and leading wires elsewhere."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, Qt

from bioimageit_flow.editor.geometry import GRID, Box
from bioimageit_flow.editor.scene import Point
from bioimageit_flow.gui.canvas.board import Boxed
from bioimageit_flow.gui.canvas.frames import FrameItem, NoteItem
from bioimageit_flow.gui.canvas.gestures.base import Gesture, Stage
from bioimageit_flow.gui.canvas.nodes import NodeItem
from bioimageit_flow.gui.canvas.wires import WireItem

_MAGNET = 7.0


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that a moved box may snap to: where it is and how far it reaches."""

    at: float
    low: float
    high: float


class MoveItems(Gesture):
    """Move what is selected; frames carry their nodes; one undo step.

    Parameters
    ----------
    grabbed : str
        What the mouse holds: it is what snaps.
    was_selected : bool
        Whether it was selected before the press; a click then selects it alone.
    """

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(
        self, stage: Stage, at: QPoint, grabbed: str, *, was_selected: bool
    ) -> None:
        super().__init__(stage, at)
        self._grabbed = grabbed
        self._was_selected = was_selected
        self._items: dict[str, Boxed] = {}
        self._from: dict[str, Point] = {}
        self._target: WireItem | None = None
        self._fitting: dict[str, bool] = {}

    def begin(self) -> None:
        """Find what moves and what it may be in line with."""
        board = self.stage.board
        keys = set(self.stage.editor.selection) | {self._grabbed}
        for key in tuple(keys):
            if key in board.frames:
                keys.update(board.frames[key].view.nodes)
        for key in keys:
            item = board.box(key)
            if item is not None:
                self._items[key] = item
                self._from[key] = (item.x(), item.y())
                item.setZValue(item.zValue() + 1)
        self._nodes = [key for key in self._items if key in board.nodes]
        self._bends = {
            key: wire
            for key, wire in board.wires.items()
            if wire.waypoints
            and wire.view.source[0] in self._items
            and wire.view.target[0] in self._items
        }
        self._box = self._items[self._grabbed].area
        others = [
            item.area
            for family in (board.nodes, board.notes)
            for key, item in family.items()
            if key not in self._items
        ]
        self._columns = [
            _Line(x, top, bottom)
            for left, top, right, bottom in others
            for x in (left, right, (left + right) / 2)
        ]
        self._rows = [
            _Line(y, left, right)
            for left, top, right, bottom in others
            for y in (top, bottom, (top + bottom) / 2)
        ]

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Move what is drawn, and snap."""
        way = self.stage.place(at) - self.scene_start
        dx, dy = way.x(), way.y()
        if modifiers & Qt.KeyboardModifier.ControlModifier or not self.stage.snaps:
            self.stage.overlay.show_guides([])
        else:
            dx, dy = self._snapped(dx, dy)
        for key, item in self._items.items():
            x, y = self._from[key]
            item.setPos(x + dx, y + dy)
        for wire in self._bends.values():
            wire.waypoints = tuple((x + dx, y + dy) for x, y in wire.view.waypoints)
        self.stage.board.lay_wires_of(self._nodes)
        self._look_for_wire(self.stage.place(at))

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Keep it: in a wire if it was dropped on one, else where it is."""
        places = {key: (item.x(), item.y()) for key, item in self._items.items()}
        moved = {key: place for key, place in places.items() if self._is_away(key)}
        wire = self._target
        if not moved:
            return
        editor = self.stage.editor
        if wire is not None:
            key = wire.view.key
            place = moved[self._grabbed]
            node = self._grabbed
            if self.stage.attempt(lambda: editor.insert_on_wire(key, node, at=place)):
                return
        if not self.stage.attempt(lambda: editor.move(moved)):
            self._put_back()

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Select it alone; with Ctrl or Shift, take it out of the selection again."""
        if not self._was_selected:
            return
        is_adding = modifiers & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
        mode = "remove" if is_adding else "replace"
        self.stage.editor.select((self._grabbed,), mode)

    def cancel(self) -> None:
        """Put everything back."""
        self._put_back()
        super().cancel()

    def end(self) -> None:
        """Put items back to their layer."""
        for item in self._items.values():
            item.setZValue(item.zValue() - 1)
        if self._target is not None:
            self._target.hover(False)
            self._target = None
        super().end()

    def _is_away(self, key: str) -> bool:
        item = self._items[key]
        return (item.x(), item.y()) != self._from[key]

    def _put_back(self) -> None:
        for key, item in self._items.items():
            item.setPos(*self._from[key])
        for wire in self._bends.values():
            wire.waypoints = wire.view.waypoints
        self.stage.board.lay_wires_of(self._nodes if self._items else ())

    def _snapped(self, dx: float, dy: float) -> tuple[float, float]:
        left, top, right, bottom = self._box
        reach = _MAGNET / max(self.stage.zoom, 0.4)
        box = (left + dx, top + dy, right + dx, bottom + dy)
        guides: list[tuple[Point, Point]] = []
        column = _nearest(self._columns, (box[0], box[2], (box[0] + box[2]) / 2), reach)
        row = _nearest(self._rows, (box[1], box[3], (box[1] + box[3]) / 2), reach)
        if column is not None:
            dx += column[0].at - column[1]
        else:
            dx = round((left + dx) / GRID) * GRID - left
        if row is not None:
            dy += row[0].at - row[1]
        else:
            dy = round((top + dy) / GRID) * GRID - top
        if column is not None:
            low, high = column[0].low, column[0].high
            guides.append(
                (
                    (column[0].at, min(low, top + dy)),
                    (column[0].at, max(high, bottom + dy)),
                )
            )
        if row is not None:
            low, high = row[0].low, row[0].high
            guides.append(
                ((min(low, left + dx), row[0].at), (max(high, right + dx), row[0].at))
            )
        self.stage.overlay.show_guides(guides)
        return dx, dy

    def _look_for_wire(self, at: QPointF) -> None:
        """Mark the wire that a single loose node would be inserted into."""
        found: WireItem | None = None
        if len(self._items) == 1 and self._grabbed in self.stage.board.nodes:
            item = self.stage.board.nodes[self._grabbed]
            is_loose = not any(
                port.is_wired for port in (*item.view.inputs, *item.view.outputs)
            )
            if is_loose and item.view.inputs and item.view.outputs:
                left, top, right, bottom = item.area
                middle = QPointF((left + right) / 2, (top + bottom) / 2)
                wire = self.stage.board.wire_at(middle, (bottom - top) / 2)
                wire = wire or self.stage.board.wire_at(at, 16.0)
                if wire is not None and self._fits_on(wire, item):
                    found = wire
        if found is not self._target:
            if self._target is not None:
                self._target.hover(False)
            if found is not None:
                found.hover(True)
            self._target = found

    def _fits_on(self, wire: WireItem, item: NodeItem) -> bool:
        key = wire.view.key
        if key not in self._fitting:
            editor, view = self.stage.editor, wire.view
            targets = editor.compatible(view.source, is_output=True)
            sources = editor.compatible(view.target, is_output=False)
            self._fitting[key] = any(
                (item.id, port.name) in targets for port in item.view.inputs
            ) and any((item.id, port.name) in sources for port in item.view.outputs)
        return self._fitting[key]


class Resize(Gesture):
    """Pull the corner of a frame or a note."""

    cursor = Qt.CursorShape.SizeFDiagCursor

    def __init__(self, stage: Stage, at: QPoint, item: FrameItem | NoteItem) -> None:
        super().__init__(stage, at)
        self._item = item
        self._before: Box = item.area

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Stretch what is drawn."""
        way = self.stage.place(at) - self.scene_start
        left, top, right, bottom = self._before
        right, bottom = right + way.x(), bottom + way.y()
        if not modifiers & Qt.KeyboardModifier.ControlModifier:
            right, bottom = round(right / GRID) * GRID, round(bottom / GRID) * GRID
        self._item.stretch((left, top, right, bottom))

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Keep it."""
        left, top, right, bottom = self._item.area
        if self._item.area == self._before:
            return
        rect = (left, top, right - left, bottom - top)
        key = self._item.id
        if not self.stage.attempt(lambda: self.stage.editor.resize(key, rect)):
            self._item.stretch(self._before)

    def cancel(self) -> None:
        """Take the former size."""
        self._item.stretch(self._before)
        super().cancel()


class MoveWaypoint(Gesture):
    """Lead a wire elsewhere by a reroute dot.

    Parameters
    ----------
    number : int
        Which dot; where a new one would be, if ``is_new``.
    is_new : bool
        Whether the wire was grabbed where it has no dot yet.
    """

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(
        self, stage: Stage, at: QPoint, wire: WireItem, number: int, *, is_new: bool
    ) -> None:
        super().__init__(stage, at)
        self._wire = wire
        self._number = number
        self._is_new = is_new

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Bend what is drawn."""
        x, y = self._place(at, modifiers)
        points = list(self._wire.view.waypoints)
        if self._is_new:
            points.insert(self._number, (x, y))
        else:
            points[self._number] = (x, y)
        self._wire.bend(tuple(points))
        self.stage.board.lay(self._wire)

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Keep it."""
        place = self._place(at, modifiers)
        key, number, editor = self._wire.view.key, self._number, self.stage.editor
        if self._is_new:
            done = self.stage.attempt(lambda: editor.add_waypoint(key, place, number))
        else:
            done = self.stage.attempt(lambda: editor.move_waypoint(key, number, place))
        if not done:
            self._put_back()

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Select the wire."""
        is_adding = bool(
            modifiers
            & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        )
        mode = "toggle" if is_adding else "replace"
        self.stage.editor.select((self._wire.view.key,), mode)

    def cancel(self) -> None:
        """Leave the wire as it was."""
        self._put_back()
        super().cancel()

    def _put_back(self) -> None:
        self._wire.bend(self._wire.view.waypoints)
        self.stage.board.lay(self._wire)

    def _place(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> Point:
        here = self.stage.place(at)
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return here.x(), here.y()
        step = GRID / 2
        return round(here.x() / step) * step, round(here.y() / step) * step


def _nearest(
    lines: list[_Line], edges: tuple[float, ...], reach: float
) -> tuple[_Line, float] | None:
    best: tuple[_Line, float] | None = None
    for line in lines:
        for edge in edges:
            away = abs(line.at - edge)
            if away < reach:
                best, reach = (line, edge), away
    return best
