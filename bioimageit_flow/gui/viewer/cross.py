"""Two lines over an image that say where its cuts are; they can be dragged."""

from typing import Any

import pyqtgraph as pg  # type: ignore[import-untyped]
from PySide6.QtCore import QObject, Qt, Signal

from bioimageit_flow.gui.viewer.canvas import Canvas

_COLOUR = "#ffe14d"


class Cross(QObject):
    """A cross upon a canvas.

    Attributes
    ----------
    moved : Signal
        A line was dragged; with x and y in pixels of the image.
    """

    moved = Signal(float, float)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._lines: list[Any] = []

    @property
    def is_shown(self) -> bool:
        """Whether it is there."""
        return bool(self._lines)

    def show_at(self, x: float, y: float) -> None:
        """Show it at a point."""
        if not self._lines:
            pen = pg.mkPen(_COLOUR, width=1, style=Qt.PenStyle.DashLine)
            thick = pg.mkPen(_COLOUR, width=2)
            for angle in (90, 0):
                made = pg.InfiniteLine(
                    angle=angle, movable=True, pen=pen, hoverPen=thick
                )
                made.setZValue(9)
                made.sigDragged.connect(self._dragged)
                self._canvas.box.addItem(made, ignoreBounds=True)
                self._lines.append(made)
        for line, at in zip(self._lines, (x, y), strict=True):
            line.setValue(at)

    def hide(self) -> None:
        """Take it away."""
        for line in self._lines:
            self._canvas.box.removeItem(line)
        self._lines = []

    def _dragged(self, _line: object) -> None:
        across, along = self._lines
        self.moved.emit(float(across.value()), float(along.value()))
