"""A histogram with two handles: what is black, and what is full colour."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from bioimageit_flow.editor.viewing.contrast import Histogram, Limits
from bioimageit_flow.editor.viewing.places import number
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme

_HEIGHT: Final = 58
_EDGE: Final = 7.0
_GRIP: Final = 5.0


class ContrastBar(QWidget):
    """Shows how often values occur, and lets the limits be dragged.

    Left and Right move the lower limit, with Shift the upper one.

    Attributes
    ----------
    changed : Signal
        With the lower and the upper limit.
    """

    changed = Signal(float, float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.colour = theme.muted
        self.limits = Limits(0.0, 1.0)
        self._histogram: Histogram | None = None
        self._dragged = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(_HEIGHT)
        self.setMaximumHeight(_HEIGHT)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setAccessibleName(tr("Contrast"))
        self.setToolTip(tr("Drag the ends: what is black, and what is full colour"))

    def sizeHint(self) -> QSize:
        """Return a size that shows a shape."""
        return QSize(200, _HEIGHT)

    def set_histogram(self, histogram: Histogram | None) -> None:
        """Show how often values occur."""
        self._histogram = histogram
        self.update()

    def set_limits(self, limits: Limits) -> None:
        """Show other limits."""
        self.limits = limits
        said = f"{number(limits.low)} … {number(limits.high)}"
        self.setAccessibleDescription(said)
        self.update()

    def set_colour(self, colour: str) -> None:
        """Draw in the colour of a channel."""
        self.colour = colour
        self.update()

    @property
    def span(self) -> tuple[float, float]:
        """The values at the left and at the right edge."""
        low, high = self.limits.low, self.limits.high
        if self._histogram is not None:
            low = min(low, self._histogram.low)
            high = max(high, self._histogram.high)
        return low, max(high, low + 1e-12)

    def place_of(self, value: float) -> float:
        """Return where a value is, in pixels of this widget."""
        low, high = self.span
        wide = max(1.0, self.width() - 2 * _EDGE)
        return _EDGE + (value - low) / (high - low) * wide

    def value_at(self, x: float) -> float:
        """Return the value at a place."""
        low, high = self.span
        wide = max(1.0, self.width() - 2 * _EDGE)
        return low + min(max((x - _EDGE) / wide, 0.0), 1.0) * (high - low)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the histogram and the handles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(self.theme.accent if self.hasFocus() else self._border))
        painter.setBrush(QColor(self.theme.field))
        painter.drawRoundedRect(area, 5, 5)
        low, high = self.place_of(self.limits.low), self.place_of(self.limits.high)
        self._paint_counts(painter)
        ramp = QPolygonF([QPointF(low, area.bottom() - 3), QPointF(high, 5.0)])
        painter.setPen(QColor(self.theme.muted))
        painter.drawPolyline(ramp)
        for place in (low, high):
            painter.setPen(QColor(self.theme.text))
            painter.drawLine(QPointF(place, 4), QPointF(place, area.bottom() - 3))
            painter.setBrush(QColor(self.theme.text))
            painter.drawEllipse(QPointF(place, area.bottom() - 5), 3.5, 3.5)
        painter.end()

    @property
    def _border(self) -> str:
        return self.theme.border

    def _paint_counts(self, painter: QPainter) -> None:
        histogram = self._histogram
        if histogram is None or not histogram.counts.size:
            return
        # Square roots show rare values beside a dark background.
        heights = np.sqrt(histogram.counts / max(int(histogram.counts.max()), 1))
        bottom, most = self.height() - 3.0, self.height() - 9.0
        edges = np.linspace(histogram.low, histogram.high, histogram.counts.size + 1)
        shape = QPolygonF([QPointF(self.place_of(edges[0]), bottom)])
        for height, left, right in zip(heights, edges[:-1], edges[1:], strict=True):
            top = bottom - float(height) * most
            shape.append(QPointF(self.place_of(left), top))
            shape.append(QPointF(self.place_of(right), top))
        shape.append(QPointF(self.place_of(edges[-1]), bottom))
        colour = QColor(self.colour)
        if self.colour == "#ffffff":
            colour = QColor(self.theme.muted)
        colour.setAlphaF(0.65)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer handle."""
        x = event.position().x()
        to_low = abs(x - self.place_of(self.limits.low))
        to_high = abs(x - self.place_of(self.limits.high))
        self._dragged = "low" if to_low < to_high else "high"
        self._drag(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the handle."""
        if self._dragged:
            self._drag(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the handle."""
        self._dragged = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move a limit by a hundredth."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
            return
        low, high = self.span
        move = step * (high - low) / 100
        is_high = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._dragged = "high" if is_high else "low"
        value = self.limits.high if is_high else self.limits.low
        self._take(value + move)
        self._dragged = ""

    def _drag(self, x: float) -> None:
        self._take(self.value_at(x))

    def _take(self, value: float) -> None:
        low, high = self.limits.low, self.limits.high
        first, last = self.span
        least = (last - first) / 500
        if self._dragged == "low":
            low = min(value, high - least)
        else:
            high = max(value, low + least)
        self.set_limits(Limits(low, high))
        self.changed.emit(low, high)
