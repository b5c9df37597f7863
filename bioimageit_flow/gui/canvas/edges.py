"""Dragging to the edge of the view moves what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QGuiApplication

from bioimageit_flow.gui.canvas.gestures import Pan

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.view import CanvasView

_NEAR = 26
_FASTEST = 18
_TICK_MS = 16


class Edges(QObject):
    """Scrolls while something is dragged near the edge.

    Parameters
    ----------
    view : CanvasView
        The canvas.
    """

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._was_inside = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._step)

    def follow(self, at: QPoint) -> None:
        """Start or stop, by where the mouse is.

        What begins near the edge moves nothing before the mouse has left it.
        """
        gesture = self._view.gesture
        is_dragging = gesture is not None and gesture.is_drag
        is_near = not self._way(at).isNull()
        is_outside = not self._view.viewport().rect().contains(at)
        self._was_inside = self._was_inside or not is_near or is_outside
        if not is_dragging or isinstance(gesture, Pan) or not is_near:
            self._timer.stop()
        elif self._was_inside and not self._timer.isActive():
            self._timer.start()

    def is_moving(self) -> bool:
        """Whether what is seen moves."""
        return self._timer.isActive()

    def stop(self) -> None:
        """Stop, as the drag is over."""
        self._was_inside = False
        self._timer.stop()

    def _step(self) -> None:
        view = self._view
        gesture, way = view.gesture, self._way(view.last_at)
        if gesture is None or way.isNull():
            self._timer.stop()
            return
        view.pan(way.x(), way.y())
        gesture.move(view.last_at, QGuiApplication.keyboardModifiers())

    def _way(self, at: QPoint) -> QPoint:
        room = self._view.viewport().rect()
        return QPoint(
            _speed(at.x(), room.width()),
            _speed(at.y(), room.height()),
        )


def _speed(at: int, room: int) -> int:
    """Return pixels per step: the nearer the edge or the further beyond, the more."""
    if at < _NEAR:
        return min((_NEAR - at) // 2 + 1, _FASTEST)
    if at > room - _NEAR:
        return -min((at - room + _NEAR) // 2 + 1, _FASTEST)
    return 0
