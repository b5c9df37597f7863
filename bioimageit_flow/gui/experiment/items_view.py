"""The table of items: sorted, edited, dragged, and asked what can be done."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QMimeData,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QKeyEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from bioimageit_flow.editor.experiment.columns import Column, Fact
from bioimageit_flow.gui.experiment.items_model import ItemsModel, fact_title
from bioimageit_flow.gui.experiment.thumbnails import SIDE
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme

_WIDTHS: Final = {
    Fact.NAME: 280,
    Fact.KIND: 96,
    Fact.FORMAT: 106,
    Fact.IMAGE: 190,
    Fact.SIZE: 106,
    Fact.EXCLUDED: 200,
}
_KEY_WIDTH: Final = 132
_WIDEST_TITLE: Final = 280


class ItemsView(QTableView):
    """Items as rows.

    Attributes
    ----------
    sort_requested : Signal
        With a `Column`, and whether the order is descending.
    menu_requested : Signal
        With a place on the screen.
    open_requested : Signal
        When rows shall be looked at.
    """

    sort_requested = Signal(object, bool)
    menu_requested = Signal(QPoint)
    open_requested = Signal()

    def __init__(
        self, model: ItemsModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.items = model
        self.setModel(model)
        self.setAccessibleName(tr("Items"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda at: self.menu_requested.emit(self.viewport().mapToGlobal(at))
        )
        self.doubleClicked.connect(self._double_clicked)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(SIDE + 6)
        rows.setMinimumWidth(44)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(False)
        header.setSectionsClickable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        header.sectionClicked.connect(self._sort)
        header.setAccessibleName(tr("Columns"))
        # Qt asks every row whether its column is selected, to draw a title: of a
        # million rows that takes minutes. The titles follow a selection of their own.
        header.setSelectionModel(QItemSelectionModel(model, header))
        self._order: tuple[str, bool] = (str(Fact.NAME), False)
        self._hidden: set[str] = set()
        self.drag_data: Callable[[], QMimeData | None] = lambda: None
        self.set_theme(theme)
        model.modelReset.connect(self._lay_out)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        side = round(SIDE * max(1.0, theme.font_scale))
        self.setIconSize(QSize(side, side))
        self.verticalHeader().setDefaultSectionSize(side + 6)
        self.setStyleSheet(
            f"QTableView::item {{ padding: 0 8px; border: none; }}"
            f"QTableView::item:selected {{ background: {theme.chosen};"
            f" color: {theme.text}; }}"
            f"QTableView {{ gridline-color: {theme.border}; }}"
            # the arrow of the order never lies upon a title
            "QHeaderView::section:horizontal { padding-right: 22px; }"
            f"QTableCornerButton::section {{ background: {theme.panel};"
            f" border: none; border-bottom: 1px solid {theme.border}; }}"
        )

    # Columns

    def _lay_out(self) -> None:
        header = self.horizontalHeader()
        for place, column in enumerate(self.items.columns):
            word = _word(column)
            width = _KEY_WIDTH if column.fact is None else _WIDTHS[column.fact]
            width = max(width, min(header.sectionSizeHint(place), _WIDEST_TITLE))
            if header.sectionSize(place) == header.defaultSectionSize():
                header.resizeSection(place, round(width * self._theme.font_scale))
            header.setSectionHidden(place, word in self._hidden)
            if word == self._order[0]:
                self._show_order(place)

    def _show_order(self, place: int) -> None:
        order = Qt.SortOrder
        header = self.horizontalHeader()
        header.blockSignals(True)
        header.setSortIndicator(
            place, order.DescendingOrder if self._order[1] else order.AscendingOrder
        )
        header.blockSignals(False)

    def _sort(self, place: int) -> None:
        column = self.items.columns[place]
        word = _word(column)
        is_descending = not self._order[1] if word == self._order[0] else False
        if column.order(is_descending=is_descending) is None:
            self._show_order(self._place_of(self._order[0]))
            return
        self._order = (word, is_descending)
        self._show_order(place)
        self.sort_requested.emit(column, is_descending)

    def sort_by(self, column: Column, *, is_descending: bool) -> None:
        """Show by what the rows are sorted, without asking for it."""
        self._order = (_word(column), is_descending)
        self._show_order(self._place_of(self._order[0]))

    def _place_of(self, word: str) -> int:
        words = [_word(one) for one in self.items.columns]
        return words.index(word) if word in words else 0

    def _choose_columns(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, column in enumerate(self.items.columns):
            if column.fact is Fact.NAME:
                continue
            title = column.title if column.fact is None else fact_title(column.fact)
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(place))
            action.toggled.connect(
                lambda is_shown, place=place, column=column: self._show_column(
                    place, column, is_shown=is_shown
                )
            )
        menu.popup(self.horizontalHeader().mapToGlobal(at))

    def show_keys(self) -> None:
        """Show every key again: those of another experiment were never hidden."""
        facts = {str(fact) for fact in Fact}
        self._hidden &= facts

    def _show_column(self, place: int, column: Column, *, is_shown: bool) -> None:
        self.setColumnHidden(place, not is_shown)
        if is_shown:
            self._hidden.discard(_word(column))
        else:
            self._hidden.add(_word(column))

    # Rows

    def _ranges(self) -> list[tuple[int, int]]:
        """Return the first and last rows of what is selected, piece by piece."""
        found = self.selectionModel().selection()
        parts = [found.at(place) for place in range(found.count())]
        return sorted({(part.top(), part.bottom()) for part in parts})

    def chosen_places(self) -> list[int]:
        """Return the places of the selected rows, from the first on."""
        return sorted(
            {row for top, bottom in self._ranges() for row in range(top, bottom + 1)}
        )

    def chosen_count(self) -> int:
        """Return how many rows are selected, without listing them."""
        return sum(bottom - top + 1 for top, bottom in self._ranges())

    def is_all_chosen(self) -> bool:
        """Say whether every row is selected."""
        return bool(self.items.rowCount()) and (
            self.chosen_count() == self.items.rowCount()
        )

    def choose(self, place: int) -> None:
        """Select one row and show it."""
        index = self.items.index(place, 0)
        self.selectionModel().setCurrentIndex(
            index,
            QItemSelectionModel.SelectionFlag.ClearAndSelect
            | QItemSelectionModel.SelectionFlag.Rows,
        )
        self.scrollTo(index)

    def _double_clicked(self, index: object) -> None:
        self.open_requested.emit()

    def event(self, event: QEvent) -> bool:
        """Take "select all" for the rows, which else is a command of the canvas."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.SelectAll)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter; the menu opens with its key."""
        is_editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not is_editing:
            self.open_requested.emit()
            return
        if event.key() == Qt.Key.Key_Menu:
            at = self.visualRect(self.currentIndex()).bottomLeft()
            self.menu_requested.emit(self.viewport().mapToGlobal(at))
            return
        super().keyPressEvent(event)

    # Dragging

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        """Drag what the panel says the selected rows stand for."""
        data = self.drag_data()
        if data is None:
            return
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(label_pixmap(data.text(), self._theme, self))
        drag.exec(Qt.DropAction.CopyAction)


def label_pixmap(text: str, theme: Theme, widget: QWidget) -> QPixmap:
    """Return a small sign with a text, which goes along with the mouse."""
    from PySide6.QtGui import QColor, QFontMetrics

    shown = text if len(text) <= 48 else f"{text[:47]}\u2026"
    metrics = QFontMetrics(widget.font())
    size = QSize(metrics.horizontalAdvance(shown) + 24, metrics.height() + 12)
    ratio = widget.devicePixelRatioF()
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.accent))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(1, 1, size.width() - 2, size.height() - 2, 7, 7)
    painter.setPen(QColor(theme.text))
    painter.setFont(widget.font())
    painter.drawText(12, metrics.ascent() + 6, shown)
    painter.end()
    return pixmap


def _word(column: Column) -> str:
    return str(column.fact) if column.fact is not None else f"key {column.key}"
