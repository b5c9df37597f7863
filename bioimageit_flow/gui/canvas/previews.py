"""Small pictures below nodes: what a node made of the item that is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from bioimageit_flow.gui.canvas.board import Board
from bioimageit_flow.gui.canvas.nodes import NodeItem
from bioimageit_flow.gui.canvas.style import Style

SIDE = 112.0
_BELOW = 24.0
_CAPTION = 16.0
_FARTHEST = 0.45
"""The zoom below which pictures are too small to be drawn."""


@dataclass(frozen=True)
class Preview:
    """One picture, with a word under it."""

    picture: QPixmap
    caption: str = ""


class Previews:
    """The pictures of one canvas; they belong to the nodes below which they hang."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._wanted: dict[str, Preview] = {}
        self.shown: dict[str, _PreviewItem] = {}

    def show(self, previews: Mapping[str, Preview]) -> None:
        """Show these pictures, by node, and no others."""
        self._wanted = dict(previews)
        self.reconcile()

    def reconcile(self) -> None:
        """Hang the pictures below the nodes that there are now."""
        nodes = self._board.nodes
        for name in list(self.shown):
            item = self.shown[name]
            if name not in nodes or item.node is not nodes[name]:
                del self.shown[name]  # it went with its node
            elif name not in self._wanted:
                self.shown.pop(name).leave()
        for name, preview in self._wanted.items():
            if name not in nodes:
                continue
            if name not in self.shown:
                self.shown[name] = _PreviewItem(nodes[name], self._board.style)
            self.shown[name].show_preview(preview)


class _PreviewItem(QGraphicsItem):
    def __init__(self, node: NodeItem, style: Style) -> None:
        super().__init__(node)
        self.node = node
        self._style = style
        self._preview = Preview(QPixmap())
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(-1)
        self._place()

    def show_preview(self, preview: Preview) -> None:
        if preview is not self._preview:
            self.prepareGeometryChange()
            self._preview = preview
            self.update()
        self._place()

    def leave(self) -> None:
        self.scene().removeItem(self)

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, SIDE, SIDE + _CAPTION)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        picture = self._preview.picture
        if zoom < _FARTHEST or picture.isNull():
            return
        scale = SIDE / max(picture.width(), picture.height())
        shown = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
        painter.drawPixmap(shown, picture, QRectF(picture.rect()))
        painter.setPen(self._style.pen(self._style.muted))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(shown)
        if self._preview.caption:
            painter.setFont(self._style.small_font)
            painter.setPen(self._style.text)
            text = self._style.small_metrics.elidedText(
                self._preview.caption, Qt.TextElideMode.ElideMiddle, int(SIDE)
            )
            line = QRectF(0, shown.bottom() + 1, SIDE, _CAPTION)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, text)

    def _place(self) -> None:
        self.setPos(10.0, self.node.view.height + _BELOW)
