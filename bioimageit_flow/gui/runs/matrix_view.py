"""Items by nodes: what became of each raw item at each node."""

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from bioimageit_flow.editor.scene import NodeStatus
from bioimageit_flow.gui.canvas.style import readable_on
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobState
from bioimageit_flow.session.run_matrix import MatrixCell, MatrixRow, RunMatrix

_Index = QModelIndex | QPersistentModelIndex
_STATUS: Final = {
    JobState.DONE: NodeStatus.DONE,
    JobState.REUSED: NodeStatus.REUSED,
    JobState.FAILED: NodeStatus.FAILED,
    JobState.CANCELLED: NodeStatus.WAITING,
}
_SIGNS: Final = {
    JobState.DONE: "\u2713",
    JobState.REUSED: "\u21bb",
    JobState.FAILED: "\u2717",
    JobState.CANCELLED: "\u2013",
}


class MatrixModel(QAbstractTableModel):
    """A `RunMatrix` as a table."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[MatrixRow] = []
        self._nodes: tuple[str, ...] = ()

    def show_matrix(self, matrix: RunMatrix, *, only_failed: bool) -> None:
        """Show another run, or only rows with a failure."""
        rows = [row for row in matrix.rows if not only_failed or not row.is_good]
        nodes = tuple(matrix.nodes)
        if nodes == self._nodes and _items(rows) == _items(self._rows):
            self._rows = rows
            if rows and nodes:
                last = self.index(len(rows) - 1, len(nodes) - 1)
                self.dataChanged.emit(self.index(0, 0), last, [])
            return
        self.beginResetModel()
        self._nodes, self._rows = nodes, rows
        self.endResetModel()

    def place_of(self, item: ItemId, node: str) -> QModelIndex:
        """Return where the cell of an item and a node stands; invalid if nowhere."""
        items = _items(self._rows)
        if item not in items or node not in self._nodes:
            return QModelIndex()
        return self.index(items.index(item), self._nodes.index(node))

    def name_of(self, index: _Index) -> tuple[ItemId, str]:
        """Return the item and the node of a cell."""
        return self._rows[index.row()].item, self._nodes[index.column()]

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.beginResetModel()
        self._theme = theme
        self.endResetModel()

    def cell(self, index: _Index) -> MatrixCell | None:
        """Return what stands in a cell."""
        if not index.isValid():
            return None
        node = self._nodes[index.column()]
        return self._rows[index.row()].cells.get(node)

    def row(self, index: _Index) -> MatrixRow:
        """Return the item of a row."""
        return self._rows[index.row()]

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of items."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return the number of nodes."""
        is_inner = parent is not None and parent.isValid()
        return 0 if is_inner else len(self._nodes)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:  # noqa: ANN401 - as Qt has it
        """Return the name of an item or a node."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self._nodes[section]
        return self._rows[section].name

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return what Qt asks for of a cell."""
        cell = self.cell(index)
        if cell is None:
            return None
        colour = QColor(self._theme.statuses[_STATUS[cell.state]])
        match role:
            case Qt.ItemDataRole.DisplayRole:
                several = f" \u00d7{len(cell.jobs)}" if len(cell.jobs) > 1 else ""
                return f"{_SIGNS[cell.state]}{several}"
            case Qt.ItemDataRole.BackgroundRole:
                return colour
            case Qt.ItemDataRole.ForegroundRole:
                return readable_on(colour)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignCenter
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                node = self._nodes[index.column()]
                return f"{self._rows[index.row()].name}, {node}: {tr(str(cell.state))}"
            case _:
                return None


_NARROW, _WIDE, _AROUND = 72, 200, 28
"""Widths of a column, and what is left free around its title, in pixels."""


class MatrixView(QTableView):
    """The table, with a signal for a cell.

    Attributes
    ----------
    job_chosen : Signal
        With the id of the first job of a cell.
    """

    job_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = MatrixModel(theme, self)
        self.setModel(self.table)
        self.setAccessibleName(tr("Items by nodes"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setDefaultSectionSize(_NARROW)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.horizontalHeader().setHighlightSections(False)
        self.table.modelReset.connect(self._fit)
        self.verticalHeader().setDefaultSectionSize(22)
        self.verticalHeader().setMaximumWidth(240)
        self.verticalHeader().setStyleSheet(
            "QHeaderView::section { padding: 1px 8px; }"
        )
        self.setShowGrid(False)
        self.selectionModel().currentChanged.connect(self._choose)

    def show_matrix(self, matrix: RunMatrix, *, only_failed: bool) -> None:
        """Show jobs; of the same items one stays where one was."""
        current, scrolled = self.currentIndex(), self.verticalScrollBar().value()
        chosen = self.table.name_of(current) if current.isValid() else None
        self.table.show_matrix(matrix, only_failed=only_failed)
        place = QModelIndex() if chosen is None else self.table.place_of(*chosen)
        if place.isValid() and place != self.currentIndex():
            blocked = self.selectionModel().blockSignals(True)
            self.setCurrentIndex(place)
            self.selectionModel().blockSignals(blocked)
        self.verticalScrollBar().setValue(scrolled)

    def _fit(self) -> None:
        """Make each column as wide as the name of its node, within reason."""
        header = self.horizontalHeader()
        for column in range(self.table.columnCount()):
            name = str(self.table.headerData(column, Qt.Orientation.Horizontal))
            wide = header.fontMetrics().horizontalAdvance(name) + _AROUND
            header.resizeSection(column, min(max(wide, _NARROW), _WIDE))

    def _choose(self, current: QModelIndex, _before: QModelIndex) -> None:
        cell = self.table.cell(current)
        if cell is not None:
            self.job_chosen.emit(cell.jobs[0])


def _items(rows: list[MatrixRow]) -> list[ItemId]:
    return [row.item for row in rows]
