"""Rows that can be sorted, searched and chosen."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QTableView,
    QWidget,
)

from bioimageit_flow.editor.viewing.places import number
from bioimageit_flow.editor.viewing.plotting import numbers_of
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import column, label, row

_Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_SAMPLE: Final = 60


class RowsModel(QAbstractTableModel):
    """The rows of a table in an order, those that a search leaves.

    Rows of the table are numbers from 0; lines of the view are where they stand now.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[str, ...] = ()
        self.rows: Sequence[Sequence[object]] = ()
        self._order: list[int] = []
        self._lines: dict[int, int] = {}
        self._sorted = (-1, Qt.SortOrder.AscendingOrder)
        self._text = ""

    def set_rows(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        """Show another table."""
        self.beginResetModel()
        self.columns, self.rows = tuple(columns), rows
        self._text, self._sorted = "", (-1, Qt.SortOrder.AscendingOrder)
        self._arrange()
        self.endResetModel()

    def search(self, text: str) -> None:
        """Leave only rows in which a text stands."""
        self.beginResetModel()
        self._text = text.strip()
        self._arrange()
        self.endResetModel()

    def row_at(self, line: int) -> int:
        """Return the row on a line of the view."""
        return self._order[line]

    def line_of(self, row_number: int) -> int | None:
        """Return the line that a row stands on; None if the search left it out."""
        return self._lines.get(row_number)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows."""
        cell = self.rows[self._order[index.row()]][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_words(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_number = isinstance(cell, int | float)
            side = (
                Qt.AlignmentFlag.AlignRight
                if is_number
                else (Qt.AlignmentFlag.AlignLeft)
            )
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(cell, float):
            return repr(cell)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the name of a column, or the number of a row from 1."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.columns[section]
        return str(self._order[section] + 1)

    def sort(
        self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder
    ) -> None:
        """Sort by a column; -1 for the order of the table."""
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        before = [(self._order[one.row()], one.column()) for one in kept]
        self._sorted = (column, order)
        self._arrange()
        after = [
            self.index(self._lines[row_number], place)
            if row_number in self._lines
            else QModelIndex()
            for row_number, place in before
        ]
        self.changePersistentIndexList(kept, after)
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        order = [
            number_
            for number_, cells in enumerate(self.rows)
            if not self._text or self._fits(cells)
        ]
        place, direction = self._sorted
        if 0 <= place < len(self.columns):
            cells = [self.rows[one][place] for one in order]
            order = [order[at] for at in _sorted(cells, direction)]
        self._order = order
        self._lines = {row_number: line for line, row_number in enumerate(order)}

    def _fits(self, cells: Sequence[object]) -> bool:
        wanted = self._text.casefold()
        return any(wanted in cell_words(cell).casefold() for cell in cells)


class TablePanel(QWidget):
    """A table with a search line.

    Attributes
    ----------
    row_chosen : Signal
        Somebody chose a row; -1 for none.
    opened : Signal
        Somebody double-clicked a row, or pressed Enter on it.
    """

    row_chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RowsModel(self)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search the rows"))
        self.search.setAccessibleName(tr("Search the rows"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._search)
        self.count = label("", "muted")
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setShowGrid(False)
        self.view.setAccessibleName(tr("Rows of the table"))
        self.view.verticalHeader().setDefaultSectionSize(26)
        self.view.horizontalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.Interactive
        )
        self.view.selectionModel().selectionChanged.connect(self._selected)
        self.view.activated.connect(
            lambda index: self.opened.emit(self.model.row_at(index.row()))
        )
        self._is_telling = True
        self.setLayout(column(row(self.search, self.count, margin=6), self.view, gap=0))

    def show_rows(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        """Show another table."""
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.model.set_rows(columns, rows)
        self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._fit_columns()
        self._count()

    def choose(self, row_number: int | None) -> None:
        """Select a row and bring it into sight, without telling anybody."""
        self._is_telling = False
        try:
            line = None if row_number is None else self.model.line_of(row_number)
            if line is None:
                self.view.clearSelection()
                return
            index = self.model.index(line, 0)
            flags = (
                QItemSelectionModel.SelectionFlag.ClearAndSelect
                | QItemSelectionModel.SelectionFlag.Rows
            )
            self.view.selectionModel().setCurrentIndex(index, flags)
            self.view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
        finally:
            self._is_telling = True

    @property
    def chosen(self) -> int | None:
        """The row that is selected."""
        lines = self.view.selectionModel().selectedRows()
        return self.model.row_at(lines[0].row()) if lines else None

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._count()

    def _count(self) -> None:
        shown, there = self.model.rowCount(), len(self.model.rows)
        self.count.setText(
            tr("{count} rows", count=there)
            if shown == there
            else tr("{shown} of {count} rows", shown=shown, count=there)
        )

    def _selected(self) -> None:
        if self._is_telling:
            chosen = self.chosen
            self.row_chosen.emit(-1 if chosen is None else chosen)

    def _fit_columns(self) -> None:
        metrics = self.view.fontMetrics()
        rows = self.model.rows[:_SAMPLE]
        for place, name in enumerate(self.model.columns):
            words = [name + "  ", *(cell_words(cells[place]) for cells in rows)]
            wide = max(metrics.horizontalAdvance(text) for text in words) + 26
            self.view.setColumnWidth(place, min(max(wide, 54), 260))


def cell_words(cell: object) -> str:
    """Return what a cell shows; nothing for a missing value."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return number(cell) if isinstance(cell, int | float) else str(cell)


def _sorted(cells: Sequence[object], direction: Qt.SortOrder) -> list[int]:
    """Return places in order; missing values last, whichever way round."""
    down = direction == Qt.SortOrder.DescendingOrder
    if all(isinstance(cell, int | float) or cell is None for cell in cells):
        values = numbers_of(cells)
        places = np.argsort(-values if down else values, kind="stable")
        return [int(place) for place in places]
    known = [place for place, cell in enumerate(cells) if cell_words(cell)]
    rest = [place for place, cell in enumerate(cells) if not cell_words(cell)]
    known.sort(key=lambda place: cell_words(cells[place]).casefold(), reverse=down)
    return known + rest
