"""Panning, the selection box, and the cut through wires."""

from PySide6.QtCore import QPoint, Qt

from bioimageit_flow.editor.scene import Point
from bioimageit_flow.gui.canvas.gestures.base import Gesture, Stage


class Pan(Gesture):
    """Move what is seen."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, stage: Stage, at: QPoint) -> None:
        super().__init__(stage, at)
        self._last = at

    def move(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Follow from the first pixel."""
        self.is_drag = self.is_drag or at != self.start
        way = at - self._last
        self._last = at
        self.stage.pan(way.x(), way.y())


class SelectBox(Gesture):
    """Select what a box touches; a click selects nothing."""

    def __init__(self, stage: Stage, at: QPoint, *, is_adding: bool) -> None:
        super().__init__(stage, at)
        self._is_adding = is_adding

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Draw the box."""
        self.stage.overlay.show_box(self.scene_start, self.stage.place(at))

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Select what is within."""
        end, start = self.stage.place(at), self.scene_start
        box = (
            min(start.x(), end.x()),
            min(start.y(), end.y()),
            max(start.x(), end.x()),
            max(start.y(), end.y()),
        )
        mode = "add" if self._is_adding else "replace"
        self.stage.editor.select(self.stage.board.within(box), mode)

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Select nothing."""
        if not self._is_adding:
            self.stage.editor.select((), "replace")


class Slice(Gesture):
    """Cut wires with a stroke."""

    cursor = Qt.CursorShape.CrossCursor

    def begin(self) -> None:
        """Begin the stroke."""
        self._stroke: list[Point] = [(self.scene_start.x(), self.scene_start.y())]
        self._cut: dict[str, None] = {}

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the stroke and mark the wires that it crosses."""
        here = self.stage.place(at)
        point = (here.x(), here.y())
        for key, wire in self.stage.board.wires.items():
            if key not in self._cut and wire.curve.crosses(self._stroke[-1], point):
                self._cut[key] = None
                wire.fade(True)
        self._stroke.append(point)
        self.stage.overlay.show_cut(self._stroke)

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Remove what was cut."""
        cut = tuple(self._cut)
        if cut:
            self.stage.attempt(lambda: self.stage.editor.disconnect(cut))

    def end(self) -> None:
        """Show the wires that stay."""
        if self.is_drag:
            for key in self._cut:
                if key in self.stage.board.wires:
                    self.stage.board.wires[key].fade(False)
        super().end()
