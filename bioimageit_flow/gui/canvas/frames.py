"""Frames around nodes and notes beside them."""

from PySide6.QtCore import QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPainter,
    QPalette,
    QPen,
    QTextDocument,
)
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from bioimageit_flow.editor.geometry import Box
from bioimageit_flow.editor.scene import FrameView, NoteView
from bioimageit_flow.gui.canvas.nodegraph import AbstractNodeItem
from bioimageit_flow.gui.canvas.style import Style, with_alpha

TITLE_HEIGHT = 30.0
HANDLE = 18.0
_RADIUS = 10.0
_NOTE_MARGIN = 10.0
_SMALLEST = (80.0, 48.0)


class _Area(AbstractNodeItem):
    """A rectangle that can be moved and resized."""

    def __init__(self, view: FrameView | NoteView, style: Style) -> None:
        super().__init__(view.id)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable, False)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsMovable, False)
        # A frame can be as large as the graph; a picture of it costs more than it.
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.id = view.id
        self._style = style
        self._is_hovered = False
        self.setPos(view.x, view.y)
        self._width, self._height = view.width, view.height

    def boundingRect(self) -> QRectF:
        """Return the area that is painted."""
        return QRectF(-4, -4, self._width + 8, self._height + 8)

    @property
    def area(self) -> Box:
        """Where it lies in the scene."""
        x, y = self.x(), self.y()
        return x, y, x + self._width, y + self._height

    def stretch(self, box: Box) -> None:
        """Take another place and size while it is being resized."""
        self.prepareGeometryChange()
        left, top, right, bottom = box
        self._width = max(right - left, _SMALLEST[0])
        self._height = max(bottom - top, _SMALLEST[1])
        self.setPos(left, top)
        self.update()

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self._style = style
        self.update()

    def hover(self, is_hovered: bool) -> None:
        """Show the handle while the mouse is there."""
        if is_hovered != self._is_hovered:
            self._is_hovered = is_hovered
            self.update()

    def is_handle(self, at: QPointF, reach: float) -> bool:
        """Say whether a point is on the corner that resizes."""
        _, _, right, bottom = self.area
        return (
            right - max(HANDLE, reach) <= at.x() <= right + 4
            and bottom - max(HANDLE, reach) <= at.y() <= bottom + 4
        )

    def _draw_handle(self, painter: QPainter, colour: QColor) -> None:
        if not self._is_hovered:
            return
        painter.setPen(QPen(with_alpha(colour, 0.8), 1.4))
        right, bottom = self._width - 5, self._height - 5
        for step in (4.0, 8.0, 12.0):
            painter.drawLine(
                QPointF(right - step, bottom), QPointF(right, bottom - step)
            )


class FrameItem(_Area):
    """A coloured area with a title."""

    def __init__(self, view: FrameView, style: Style) -> None:
        super().__init__(view, style)
        self.view = view
        self.setZValue(-4)

    def show_view(self, view: FrameView) -> None:
        """Show another state of the same frame."""
        self.view = view
        self.stretch((view.x, view.y, view.x + view.width, view.y + view.height))

    def is_title(self, at: QPointF) -> bool:
        """Say whether a point is on the strip that carries the title."""
        left, top, right, _ = self.area
        return left <= at.x() <= right and top <= at.y() <= top + TITLE_HEIGHT

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Paint the area, its title and its outline."""
        theme = self._style.theme
        colour = QColor(theme.frames.get(self.view.colour, theme.frames["grey"]))
        box = QRectF(0, 0, self._width, self._height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(colour, 0.09 if theme.is_dark else 0.11))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        painter.save()
        painter.setClipRect(QRectF(0, 0, self._width, TITLE_HEIGHT))
        painter.setBrush(with_alpha(colour, 0.26))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        painter.restore()
        outline = self._style.pen(with_alpha(colour, 0.65), 1.2)
        if self.view.is_selected:
            outline = self._style.pen(self._style.selection, 2.2)
        painter.setPen(outline)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        font = self._style.title_font
        if zoom < 0.6:
            font = type(font)(font)
            font.setPixelSize(round(min(11 / zoom, 40)))
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        strip = QRectF(12, 0, self._width - 24, TITLE_HEIGHT)
        if zoom < 0.6:
            strip = QRectF(12, 3, self._width - 24, 60)
            painter.drawText(strip, Qt.AlignmentFlag.AlignLeft, self.view.title)
        else:
            painter.drawText(
                strip,
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                self._style.title_metrics.elidedText(
                    self.view.title, Qt.TextElideMode.ElideRight, strip.width()
                ),
            )
        self._draw_handle(painter, QColor(theme.text))


class NoteItem(_Area):
    """A piece of Markdown."""

    def __init__(self, view: NoteView, style: Style) -> None:
        super().__init__(view, style)
        self.view = view
        self._document = _Paper()
        self.setZValue(-3)
        self._write()

    def show_view(self, view: NoteView) -> None:
        """Show another state of the same note."""
        is_other = view.text != self.view.text
        self.view = view
        self.stretch((view.x, view.y, view.x + view.width, view.y + view.height))
        if is_other:
            self._write()

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        super().set_style(style)
        self._write()

    def stretch(self, box: Box) -> None:
        """Take another place and size while it is being resized."""
        super().stretch(box)
        self._document.setTextWidth(self._width - 2 * _NOTE_MARGIN)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Paint the paper and what is written on it."""
        theme = self._style.theme
        box = QRectF(0, 0, self._width, self._height)
        ink = QColor(theme.note_text)
        pen = self._style.pen(with_alpha(ink, 0.28))
        if self.view.is_selected:
            pen = self._style.pen(self._style.selection, 2.2)
        painter.setPen(pen)
        painter.setBrush(QColor(theme.note))
        painter.drawRoundedRect(box, 5, 5)
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom > 0.3:
            inner = box.adjusted(_NOTE_MARGIN, 8, -_NOTE_MARGIN, -6)
            painter.save()
            painter.setClipRect(inner)
            painter.translate(inner.topLeft())
            context = QAbstractTextDocumentLayout.PaintContext()
            palette = QPalette()
            palette.setColor(QPalette.ColorRole.Text, ink)
            palette.setColor(QPalette.ColorRole.Link, QColor(theme.accent))
            context.palette = palette
            self._document.documentLayout().draw(painter, context)
            painter.restore()
        self._draw_handle(painter, ink)

    def _write(self) -> None:
        self._document.setDefaultFont(self._style.small_font)
        self._document.setDocumentMargin(0)
        self._document.setIndentWidth(14)
        self._document.setMarkdown(
            self.view.text, QTextDocument.MarkdownFeature.MarkdownNoHTML
        )
        self._document.setTextWidth(self._width - 2 * _NOTE_MARGIN)
        self.update()


class _Paper(QTextDocument):
    """Text of a note, which may come from a stranger: it loads no file."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None
