"""The boxes and arrows of a history as items of a scene."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from bioimageit_flow.editor.lineage.graph import Arrow, LineageBox, Role
from bioimageit_flow.editor.lineage.words import title_of, words_of_arrow
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.data import Item

WIDTH: Final = 216.0
HEIGHT: Final = 56.0
_PICTURE: Final = 40.0
SMALLEST_TEXT: Final = 0.35

Picture = Callable[[Item], QPixmap | None]


class BoxItem(QGraphicsItem):
    """One box."""

    def __init__(self, box: LineageBox, theme: Theme, picture: Picture) -> None:
        super().__init__()
        self.box = box
        self._theme = theme
        self._picture = picture
        self.is_chosen = False
        self.is_related = True
        self.setAcceptHoverEvents(True)
        self.setToolTip(f"{title_of(box)}\n{box.detail}")
        self.setZValue(1)

    def boundingRect(self) -> QRectF:
        """Return the area that is painted."""
        return QRectF(-3, -3, WIDTH + 12, HEIGHT + 12)

    def choose(self, *, is_chosen: bool, is_related: bool) -> None:
        """Show whether it is chosen, or has to do with what is."""
        if (self.is_chosen, self.is_related) != (is_chosen, is_related):
            self.is_chosen, self.is_related = is_chosen, is_related
            self.setOpacity(1.0 if is_related else 0.35)
            self.update()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Paint the box; without text where it could not be read."""
        theme, box = self._theme, self.box
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, 0, WIDTH, HEIGHT)
        edge = theme.selection if self.is_chosen else theme.node_border
        if box.is_asked and not self.is_chosen:
            edge = theme.accent
        width = 2.4 if self.is_chosen or box.is_asked else 1.1
        painter.setPen(QPen(QColor(edge), width * theme.line_width))
        painter.setBrush(QColor(self._ground()))
        if box.is_folded:
            for shift in (6.0, 3.0):
                painter.drawRoundedRect(area.translated(shift, shift), 8, 8)
        radius = HEIGHT / 2 if box.role is Role.JOB else 8
        painter.drawRoundedRect(area, radius, radius)
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom >= SMALLEST_TEXT:
            self._write(painter, area)

    def _ground(self) -> str:
        match self.box.role:
            case Role.RAW:
                return self._theme.dataset_title
            case Role.JOB:
                return self._theme.node_title
            case Role.RESULT:
                return self._theme.node

    def _write(self, painter: QPainter, area: QRectF) -> None:
        theme, box = self._theme, self.box
        left = 20.0 if box.role is Role.JOB else 12.0
        if box.items:
            picture = self._picture(box.items[0])
            if picture is not None:
                place = QRectF(8, (HEIGHT - _PICTURE) / 2, _PICTURE, _PICTURE)
                size = (
                    picture.deviceIndependentSize()
                    .toSize()
                    .scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
                )
                inner = QRectF(0, 0, size.width(), size.height())
                inner.moveCenter(place.center())
                painter.drawPixmap(inner, picture, QRectF(picture.rect()))
                left = _PICTURE + 16
        right = 14.0
        font = QFont(painter.font())
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold)
        self._line(painter, font, theme.node_text, title_of(box), left, right, 9)
        font.setWeight(QFont.Weight.Normal)
        font.setPixelSize(11)
        self._line(painter, font, theme.node_muted, box.detail, left, right, 30)

    def _line(
        self,
        painter: QPainter,
        font: QFont,
        ink: str,
        text: str,
        left: float,
        right: float,
        top: float,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(ink))
        room = WIDTH - left - right
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, room)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        painter.drawText(QRectF(left, top, room, 18), flags, shown)


class ArrowItem(QGraphicsPathItem):
    """One arrow, with over which edge items went."""

    def __init__(
        self, arrow: Arrow, start: QPointF, end: QPointF, theme: Theme
    ) -> None:
        super().__init__()
        self.arrow = arrow
        self._theme = theme
        path = QPainterPath(start)
        bend = max((end.x() - start.x()) / 2, 24)
        path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
        self.setPath(path)
        self.setToolTip(words_of_arrow(arrow))
        self.choose(is_chosen=False, is_related=True)

    def choose(self, *, is_chosen: bool, is_related: bool) -> None:
        """Show whether it is chosen, or has to do with what is."""
        theme = self._theme
        ink = theme.accent if is_chosen else theme.strong_border
        self.setPen(QPen(QColor(ink), (2.4 if is_chosen else 1.4) * theme.line_width))
        self.setOpacity(1.0 if is_related else 0.25)
        self.setZValue(0.5 if is_chosen else 0)

    def shape(self) -> QPainterPath:
        """Return a wide way, so that it can be hit."""
        stroker = QPainterPathStroker()
        stroker.setWidth(12)
        return stroker.createStroke(self.path())
