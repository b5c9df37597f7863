"""The ground of the canvas: a grid of dots that thins out when one zooms out."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QGraphicsScene,
    QWidget,
)

from bioimageit_flow.editor.geometry import GRID
from bioimageit_flow.gui.canvas.nodegraph import NodeScene
from bioimageit_flow.gui.canvas.style import Style, blend

_CLOSEST = 15.0
"""Pixels of the screen between dots, at least."""


class Surface(NodeScene):
    """The scene of NodeGraphQt with our ground; the view handles the mouse.

    Parameters
    ----------
    parent : QWidget or None
        The view, if there is one.
    style : Style
        The colours.
    """

    # The scene of NodeGraphQt passes these on to a view that is not like ours.
    mousePressEvent = QGraphicsScene.mousePressEvent
    mouseMoveEvent = QGraphicsScene.mouseMoveEvent
    mouseReleaseEvent = QGraphicsScene.mouseReleaseEvent

    def __init__(self, parent: QWidget | None, style: Style) -> None:
        super().__init__(parent)
        self._rows: dict[tuple[int, float], QPolygonF] = {}
        # Items come and go far less often than they move about.
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.set_style(style)

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self._ground = style.canvas
        self._dots = (
            blend(QColor(style.theme.grid_strong), style.muted, 0.22),
            blend(QColor(style.theme.grid_strong), style.muted, 0.42),
        )
        self.update()

    def _row(self, count: int, spacing: float) -> QPolygonF:
        """Return dots in a row, kept from one frame to the next."""
        key = (count, spacing)
        if key not in self._rows:
            if len(self._rows) > 8:
                self._rows.clear()
            self._rows[key] = QPolygonF(
                [QPointF(number * spacing, 0) for number in range(count)]
            )
        return self._rows[key]

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint the ground and its dots."""
        painter.fillRect(rect, self._ground)
        zoom = painter.worldTransform().m11()
        step = GRID
        while step * zoom < _CLOSEST:
            step *= 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for spacing, colour, size in (
            (step, self._dots[0], 1.0),
            (step * 5, self._dots[1], 2.0),
        ):
            pen = QPen(colour, size)
            pen.setCosmetic(True)
            pen.setCapStyle(Qt.PenCapStyle.SquareCap)
            painter.setPen(pen)
            columns = int(rect.width() // spacing) + 3
            rows = int(rect.height() // spacing) + 3
            left = rect.left() // spacing * spacing
            top = rect.top() // spacing * spacing
            row = self._row(columns, spacing)
            painter.translate(left, top)
            for _ in range(rows):
                painter.drawPoints(row)
                painter.translate(0, spacing)
            painter.translate(-left, -top - rows * spacing)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
