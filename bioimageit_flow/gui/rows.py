"""Rows of a list with an icon, a title, a line below it, and a word at the right."""

from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QStandardItem
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bioimageit_flow.gui.theme import Theme

DETAIL: Final = int(Qt.ItemDataRole.UserRole) + 1
TAG: Final = int(Qt.ItemDataRole.UserRole) + 2
VALUE: Final = int(Qt.ItemDataRole.UserRole) + 3

_PADDING: Final = 7
_GAP: Final = 10
_ICON: Final = 20
_SIDES: Final = 11
"""From the edge of a row to what stands in it, on either side."""
_WRAPPED: Final = int(
    Qt.TextFlag.TextWordWrap
    | Qt.TextFlag.TextWrapAnywhere
    | Qt.AlignmentFlag.AlignLeft
    | Qt.AlignmentFlag.AlignTop
)


def row_item(
    title: str,
    detail: str = "",
    *,
    value: object = None,
    icon: QIcon | None = None,
    tag: str = "",
    tip: str = "",
) -> QStandardItem:
    """Return a row of a list."""
    item = QStandardItem(title)
    item.setEditable(False)
    item.setData(detail, DETAIL)
    item.setData(tag, TAG)
    item.setData(value, VALUE)
    item.setToolTip(tip)
    item.setData(f"{title}. {detail}".strip(), int(Qt.ItemDataRole.AccessibleTextRole))
    if icon is not None:
        item.setIcon(icon)
    return item


class RowDelegate(QStyledItemDelegate):
    """Draws rows of two lines."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height of one or two lines of text."""
        metrics = option.fontMetrics
        height = metrics.height() + 2 * _PADDING
        if index.data(DETAIL):
            height += metrics.height() + 1
        return QSize(120, height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect.adjusted(3, 1, -3, -1)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if is_chosen or is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            ground = self.theme.chosen if is_chosen else self.theme.hover
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(area, 6, 6)
        area = area.adjusted(_SIDES - 3, 0, 3 - _SIDES, 0)
        found = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(found, QIcon) and not found.isNull():
            top = area.top() + _PADDING - 1
            if not index.data(DETAIL):
                top = area.center().y() - _ICON // 2 + 1
            found.paint(painter, QRect(QPoint(area.left(), top), QSize(_ICON, _ICON)))
            area.setLeft(area.left() + _ICON + _GAP)
        self._write(painter, option, area, index)
        painter.restore()

    def _write(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        metrics = QFontMetrics(option.font)
        height = metrics.height()
        first = QRect(area.left(), area.top() + _PADDING, area.width(), height)
        if not index.data(DETAIL):
            first.moveTop(area.center().y() - height // 2 + 1)
        tag = index.data(TAG) or ""
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if tag:
            width = metrics.horizontalAdvance(tag) + 6
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(first, right, tag)
            first.setRight(first.right() - width)
        painter.setPen(QColor(self.theme.text))
        title = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(first, left, metrics.elidedText(title, elide, first.width()))
        detail = index.data(DETAIL)
        if detail:
            second = QRect(area.left(), first.bottom() + 2, area.width(), height)
            painter.setPen(QColor(self.theme.muted))
            text = metrics.elidedText(str(detail), elide, second.width())
            painter.drawText(second, left, text)


class WrappedRows(RowDelegate):
    """Draws rows whose sentences are shown whole, in as many lines as they need."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height of both sentences in the width of the list."""
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListView) else 0
        title, detail = self._heights(option, index, width)
        return QSize(120, title + (detail + 1 if detail else 0) + 2 * _PADDING)

    def _write(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        title, detail = self._heights(option, index, option.rect.width())
        tag = str(index.data(TAG) or "")
        first = QRect(area.left(), area.top() + _PADDING, area.width(), title)
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(
            first, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop), tag
        )
        second = first.translated(0, title + 1)
        second.setHeight(detail)
        painter.drawText(second, _WRAPPED, str(index.data(DETAIL) or ""))
        first.setRight(first.right() - _room_of(tag, option))
        painter.setPen(QColor(self.theme.text))
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        painter.drawText(first, _WRAPPED, text)

    def _heights(
        self,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        width: int,
    ) -> tuple[int, int]:
        """Return what both sentences take, in a row of some width."""
        metrics = QFontMetrics(option.font)
        room = max(120, width - 2 * _SIDES - _ICON - _GAP)
        tag = _room_of(str(index.data(TAG) or ""), option)
        title = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        detail = str(index.data(DETAIL) or "")

        def height(text: str, wide: int) -> int:
            box = metrics.boundingRect(QRect(0, 0, wide, 10_000), _WRAPPED, text)
            return max(metrics.height(), box.height())

        return height(title, max(80, room - tag)), height(detail, room) if detail else 0


def _room_of(tag: str, option: QStyleOptionViewItem) -> int:
    """Return how much a word at the right takes, with the gap before it."""
    return QFontMetrics(option.font).horizontalAdvance(tag) + _GAP if tag else 0
