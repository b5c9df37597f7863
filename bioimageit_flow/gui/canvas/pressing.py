"""Which gesture a press begins: by button, keys, and what is under the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from bioimageit_flow.gui.canvas.board import Spot
from bioimageit_flow.gui.canvas.gestures import (
    DrawWire,
    Gesture,
    MoveItems,
    MoveWaypoint,
    Pan,
    Resize,
    SelectBox,
    Slice,
    Stage,
)
from bioimageit_flow.gui.canvas.wires import WireItem

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.view import CanvasView

PORT_REACH = 11
"""Half of the area of a port, in pixels of the screen, at any zoom."""

WIRE_REACH = 7
"""How near a wire one has to be, in pixels of the screen."""

_END_REACH = 44


def gesture_for(view: CanvasView, event: QMouseEvent, at: QPoint) -> Gesture | None:
    """Return the gesture of a press, by button, keys and what is under the mouse."""
    match event.button():
        case Qt.MouseButton.RightButton if _has_ctrl(event):
            return Slice(view, at)  # many desktops keep Alt and drag for themselves
        case Qt.MouseButton.MiddleButton | Qt.MouseButton.RightButton:
            return Pan(view, at)
        case Qt.MouseButton.LeftButton:
            return _left_gesture(view, at, event.modifiers())
        case _:
            return None


def _has_ctrl(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _left_gesture(
    view: CanvasView, at: QPoint, modifiers: Qt.KeyboardModifier
) -> Gesture | None:
    here = view.place(at)
    board = view.board
    is_ctrl = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    is_adding = is_ctrl or bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    if view.is_space_down:
        view.is_space_used = True
        return Pan(view, at)
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return Slice(view, at)
    spot = board.port_at(here, max(view.reach(PORT_REACH), 12.0))
    if spot is not None and not is_adding:
        return _wire_gesture(view, at, spot)
    dot = board.waypoint_at(here, max(view.reach(10), 8.0))
    if dot is not None:
        return MoveWaypoint(view, at, *dot, is_new=False)
    item = board.node_at(here)
    if item is not None:
        return _grab(view, at, item.id, is_adding=is_adding)
    note = board.area_at(here, view.reach(14))
    if note is not None and note.id in board.notes:
        if note.is_handle(here, view.reach(14)):
            return Resize(view, at, note)
        return _grab(view, at, note.id, is_adding=is_adding)
    wire = board.wire_at(here, max(view.reach(WIRE_REACH), 5.0))
    if wire is not None:
        return _wire_press(view, at, here, wire, is_ctrl=is_ctrl)
    if note is not None:
        if note.is_handle(here, view.reach(14)):
            return Resize(view, at, note)
        return _grab(view, at, note.id, is_adding=is_adding)
    return SelectBox(view, at, is_adding=is_adding)


def _grab(view: CanvasView, at: QPoint, key: str, *, is_adding: bool) -> Gesture:
    was_selected = key in view.editor.selection
    if not was_selected:
        view.editor.select((key,), "add" if is_adding else "replace")
    return MoveItems(view, at, key, was_selected=was_selected)


def _wire_gesture(view: CanvasView, at: QPoint, spot: Spot) -> Gesture:
    """Draw from a port; from a wired input for one item, pull its wire off."""
    if not spot.is_output and not spot.view.takes_group:
        for wire in view.board.wires_into(spot.node, spot.name):
            fixed = view.board.spot(*wire.source, is_output=True)
            if fixed is not None:
                pulled = view.board.wires[wire.key]
                return DrawWire(view, at, fixed, pulled=pulled)
    return DrawWire(view, at, spot)


def _wire_press(
    view: CanvasView, at: QPoint, here: QPointF, wire: WireItem, *, is_ctrl: bool
) -> Gesture | None:
    """Insert with Ctrl; pull an end that is near; else bend or select."""
    shown = wire.view
    if is_ctrl:
        where = view.viewport().mapToGlobal(at)
        view.insert_asked.emit(here, where, shown.key)
        return None
    ends = (
        (wire.curve.line[-1], view.board.spot(*shown.source, is_output=True)),
        (wire.curve.line[0], view.board.spot(*shown.target, is_output=False)),
    )
    reach = view.reach(_END_REACH)
    length = abs(wire.curve.line[0][0] - wire.curve.line[-1][0])
    for (x, y), fixed in ends:
        away = max(abs(here.x() - x), abs(here.y() - y))
        if fixed is not None and away < min(reach, max(length / 3, 12.0)):
            return PullEnd(view, at, fixed, wire)
    leg = min(wire.curve.leg(here.x(), here.y()), len(shown.waypoints))
    return MoveWaypoint(view, at, wire, leg, is_new=True)


class PullEnd(DrawWire):
    """Pull an end of a wire by the wire itself; a click selects the wire."""

    def __init__(self, stage: Stage, at: QPoint, fixed: Spot, pulled: WireItem) -> None:
        super().__init__(stage, at, fixed, pulled=pulled)
        self._key = pulled.view.key

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Select the wire."""
        is_adding = bool(
            modifiers
            & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        )
        mode = "toggle" if is_adding else "replace"
        self.stage.editor.select((self._key,), mode)
