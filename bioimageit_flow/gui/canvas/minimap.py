"""The whole graph in a corner, with the part that is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from bioimageit_flow.editor.geometry import Box, bounds
from bioimageit_flow.editor.scene import NodeStatus, NodeView, Scene
from bioimageit_flow.gui.canvas.style import Style, blend, with_alpha
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.problem import Severity

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.view import CanvasView

_WIDTH, _HEIGHT, _GAP, _PAD = 196, 132, 14, 8.0
_FEWEST = 2


class Minimap(QWidget):
    """A small picture of all nodes; a click or a drag in it goes there.

    Parameters
    ----------
    view : CanvasView
        The canvas, in whose corner it lies.
    style : Style
        How it looks.
    """

    def __init__(self, view: CanvasView, style: Style) -> None:
        super().__init__(view)
        self.setObjectName("minimap")
        self._view = view
        self._style = style
        self._scene = Scene()
        self._box: Box | None = None
        self._seen = QRectF()
        self._picture = QPixmap()
        self._is_wanted = True
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Overview"))
        self.hide()

    @property
    def is_wanted(self) -> bool:
        """Whether it is shown once there is something to show."""
        return self._is_wanted

    def set_wanted(self, is_wanted: bool) -> None:
        """Show it or not."""
        self._is_wanted = is_wanted
        self.settle()

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self._style = style
        self._picture = QPixmap()
        self.update()

    def show_scene(self, scene: Scene) -> None:
        """Show another scene."""
        self._scene = scene
        self._box = bounds(scene)
        self._picture = QPixmap()
        self.settle()
        self.update()

    def follow(self, seen: QRectF) -> None:
        """Show what part is seen."""
        self._seen = seen
        self.settle()
        self.update()

    def _is_some_hidden(self) -> bool:
        """Say whether there is anything that an overview would help to find."""
        if self._box is None:
            return False
        left, top, right, bottom = self._box
        return not self._seen.contains(QRectF(left, top, right - left, bottom - top))

    def settle(self) -> None:
        """Lie in the corner, if there is room and not everything is seen anyway."""
        view = self._view
        has_room = view.width() > 3 * _WIDTH and view.height() > 3 * _HEIGHT
        has_much = len(self._scene.nodes) >= _FEWEST
        self.setVisible(
            self._is_wanted and has_room and has_much and self._is_some_hidden()
        )
        self.move(view.width() - _WIDTH - _GAP, view.height() - _HEIGHT - _GAP)
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the nodes by state, and the part that is seen."""
        if self._picture.isNull():
            self._picture = self._paint_scene()
        scale, shift = self._measure()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._picture)
        seen = QRectF(
            self._seen.x() * scale + shift.x(),
            self._seen.y() * scale + shift.y(),
            self._seen.width() * scale,
            self._seen.height() * scale,
        ).intersected(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5))
        painter.setPen(QPen(self._style.accent, 1.4))
        painter.setBrush(with_alpha(self._style.accent, 0.1))
        painter.drawRoundedRect(seen, 3, 3)
        painter.end()

    def _paint_scene(self) -> QPixmap:
        """Paint all nodes once; the picture is kept until the scene changes."""
        theme = self._style.theme
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(_WIDTH * ratio), round(_HEIGHT * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(with_alpha(QColor(theme.panel), 0.92))
        painter.drawRoundedRect(QRectF(0.5, 0.5, _WIDTH - 1, _HEIGHT - 1), 8, 8)
        scale, shift = self._measure()
        painter.setPen(Qt.PenStyle.NoPen)
        for frame in self._scene.frames.values():
            colour = QColor(theme.frames.get(frame.colour, theme.frames["grey"]))
            painter.setBrush(with_alpha(colour, 0.25))
            painter.drawRect(
                _scaled((frame.x, frame.y, frame.width, frame.height), scale, shift)
            )
        for note in self._scene.notes.values():
            place = (note.x, note.y, note.width, note.height)
            painter.fillRect(_scaled(place, scale, shift), QColor(theme.note))
        # By colour: thousands of boxes are some ten calls.
        boxes: dict[object, tuple[QColor, list[QRectF]]] = {}
        for node in self._scene.nodes.values():
            place = (node.x, node.y, node.width, node.height)
            key = _shade(node)
            if key not in boxes:
                boxes[key] = self._colour(node), []
            boxes[key][1].append(_scaled(place, scale, shift))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for colour, places in boxes.values():
            painter.setBrush(colour)
            painter.drawRects(places)
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to what is clicked."""
        self._go(event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().toPoint())

    def _go(self, at: QPoint) -> None:
        scale, shift = self._measure()
        self._view.centre(
            QPointF((at.x() - shift.x()) / scale, (at.y() - shift.y()) / scale)
        )

    def _colour(self, node: NodeView) -> QColor:
        style = self._style
        if node.status is not NodeStatus.IDLE:
            return QColor(style.theme.statuses[node.status])
        if node.severity in (Severity.ERROR, Severity.WARNING):
            return style.severities[node.severity]
        if node.is_selected:
            return style.selection
        return blend(style.header(node), style.text, 0.35)

    def _measure(self) -> tuple[float, QPointF]:
        left, top, right, bottom = self._box or (0.0, 0.0, 1.0, 1.0)
        # The part that is seen may lie beside the nodes; show at least some of it.
        width, height = max(right - left, 600.0), max(bottom - top, 400.0)
        scale = min((_WIDTH - 2 * _PAD) / width, (_HEIGHT - 2 * _PAD) / height)
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        return scale, QPointF(
            _WIDTH / 2 - middle_x * scale, _HEIGHT / 2 - middle_y * scale
        )


def _shade(node: NodeView) -> object:
    """Return what the colour of a node follows from."""
    if node.status is not NodeStatus.IDLE:
        return node.status
    if node.severity in (Severity.ERROR, Severity.WARNING):
        return node.severity
    return node.is_selected or (node.role, node.category)


def _scaled(
    place: tuple[float, float, float, float], scale: float, shift: QPointF
) -> QRectF:
    x, y, width, height = place
    return QRectF(
        x * scale + shift.x(), y * scale + shift.y(), width * scale, height * scale
    )
