"""The table of items as Qt asks for it: row by row, and never all of them."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QColor, QFont

from bioimageit_flow.editor.experiment.columns import Column, Fact, details
from bioimageit_flow.editor.experiment.pages import Pages
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.experiment.thumbnails import Thumbnails
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.data import Item
from bioimageit_flow.session.browsing import Browsing, Row

ROW: Final = int(Qt.ItemDataRole.UserRole) + 1
"""Role of the whole `Row`; None while it is being read."""

_Index = QModelIndex | QPersistentModelIndex
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class ItemsModel(QAbstractTableModel):
    """Items as rows; what is not known yet is read in a thread and shown then.

    Attributes
    ----------
    edited : Signal
        With an item, a key and a typed text, when a cell was edited.
    read : Signal
        When rows came.
    """

    edited = Signal(object, str, str)
    read = Signal()

    def __init__(
        self,
        background: Background,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._thumbnails = thumbnails
        self._theme = theme
        self._browsing: Browsing | None = None
        self._pages = Pages(0)
        self._columns: list[Column] = []
        self._places: dict[str, int] = {}
        self.is_editable = True
        thumbnails.made.connect(self._show_picture)

    # What is shown

    def show(self, browsing: Browsing | None, columns: Sequence[Column]) -> None:
        """Show other rows and columns."""
        self.beginResetModel()
        self._browsing = browsing
        self._pages = Pages(len(browsing) if browsing is not None else 0)
        self._columns = list(columns)
        self._places = {}
        self.endResetModel()

    def refresh(self, columns: Sequence[Column]) -> None:
        """Read the rows that are seen again, after something was changed in them."""
        if [one.title for one in columns] != [one.title for one in self._columns]:
            self.beginResetModel()
            self._columns = list(columns)
            self._pages.refresh()
            self.endResetModel()
            return
        self._columns = list(columns)
        self._pages.refresh()
        self._show_all()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._show_all()

    def _show_all(self) -> None:
        if self.rowCount() and self._columns:
            last = self.index(self.rowCount() - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [])

    @property
    def columns(self) -> list[Column]:
        """The columns, from left to right."""
        return self._columns

    @property
    def browsing(self) -> Browsing | None:
        """The rows that are shown, to be read elsewhere."""
        return self._browsing

    def row_at(self, place: int) -> Row | None:
        """Return a row if it is known; it is read if it is not."""
        row = self._pages.row(place)
        self._read_on()
        return row

    # Qt

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else self._pages.count

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:  # noqa: ANN401 - whatever a role holds
        """Return the titles of columns and the numbers of rows."""
        if orientation is Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title if column.fact is None else fact_title(column.fact)
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.is_number else _LEFT
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setBold(column.fact is None)
                return font
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return what a cell shows."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        row = self.row_at(index.row())
        if row is None:
            is_name = column.fact is Fact.NAME
            return "\u2026" if is_name and role == Qt.ItemDataRole.DisplayRole else None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return column.text(row)
            case Qt.ItemDataRole.DecorationRole if column.fact is Fact.NAME:
                self._places[row.item.id] = index.row()
                return self._thumbnails.picture(row.item)
            case Qt.ItemDataRole.ForegroundRole:
                return self._ink(row, column)
            case Qt.ItemDataRole.FontRole:
                return self._font(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return self._cell_tip(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                title = self.headerData(index.column(), Qt.Orientation.Horizontal)
                return f"{title}: {column.text(row)}"
        return row if role == ROW else None

    def _ink(self, row: Row, column: Column) -> QBrush | None:
        is_faint = bool(row.item.excluded) or column.fact not in (None, Fact.NAME)
        is_faint = is_faint or (column.fact is None and not row.is_own(column.key))
        return QBrush(QColor(self._theme.muted)) if is_faint else None

    def _font(self, row: Row, column: Column) -> QFont | None:
        if row.item.excluded and column.fact is Fact.NAME:
            font = QFont()
            font.setStrikeOut(True)
            return font
        if column.fact is None and not row.is_own(column.key):
            font = QFont()
            font.setItalic(True)
            return font
        return None

    def _cell_tip(self, row: Row, column: Column) -> str:
        if column.fact is None and column.key in row.annotations:
            if row.is_own(column.key):
                return column.text(row)
            return tr("From the items that it was made from.")
        if column.fact is Fact.NAME:
            facts = "\n".join(f"{tr(word)}: {text}" for word, text in details(row.item))
            return f"{row.item.name}\n{facts}"
        return column.text(row)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Return that rows can be dragged, and which cells can be edited."""
        flags = super().flags(index)
        if not index.isValid():
            return flags
        flags |= Qt.ItemFlag.ItemIsDragEnabled
        if self.is_editable and self._columns[index.column()].fact is None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(
        self,
        index: _Index,
        value: Any,  # noqa: ANN401
        role: int = Qt.ItemDataRole.EditRole,
    ) -> bool:
        """Say that a cell was edited; it changes once the experiment has."""
        column = self._columns[index.column()]
        row = self.row_at(index.row())
        if role != Qt.ItemDataRole.EditRole or row is None or column.fact is not None:
            return False
        text = str(value).strip()
        if text == column.text(row):
            return False
        self.edited.emit(row.item, column.key, text)
        return True

    # Reading

    def _read_on(self) -> None:
        wanted = self._pages.wanted()
        browsing, pages = self._browsing, self._pages
        if wanted is None or browsing is None:
            return
        start, stop = wanted

        def done(rows: list[Row]) -> None:
            if pages is not self._pages:
                return
            first, last = pages.take(rows)
            if last > first:
                self.dataChanged.emit(
                    self.index(first, 0),
                    self.index(last - 1, max(0, len(self._columns) - 1)),
                    [],
                )
            self.read.emit()
            self._read_on()

        def failed(_error: object) -> None:
            if pages is self._pages:
                pages.give_up()

        self._background.run(lambda: browsing.read(start, stop), done, failed)

    def _show_picture(self, item: str) -> None:
        place = self._places.get(item)
        if place is not None and place < self.rowCount():
            index = self.index(place, 0)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def items_at(self, places: Sequence[int]) -> list[Item]:
        """Return the items of some hundred rows; those not known are read at once."""
        rows = [self._pages.row(place) for place in places]
        known = [row.item for row in rows if row is not None]
        if len(known) < len(places) and self._browsing is not None:
            return self._browsing.items(places)
        return known


def fact_title(fact: Fact) -> str:
    """Return the title of a column that is no key."""
    titles = {
        Fact.NAME: tr("Name"),
        Fact.KIND: tr("Kind"),
        Fact.FORMAT: tr("Format"),
        Fact.IMAGE: tr("Image"),
        Fact.SIZE: tr("Size"),
        Fact.EXCLUDED: tr("Excluded because"),
    }
    return titles[fact]


def _tip(column: Column) -> str:
    if column.fact is not None or column.use is None:
        return ""
    use = column.use
    lines = [f"{use.name} ({use.type})"]
    if use.key is not None and use.key.description:
        lines.append(use.key.description)
    lines.append(tr("{count} items have a value.", count=f"{use.items:,}"))
    return "\n".join(lines)
