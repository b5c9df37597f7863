"""A page with one tidy table of all results of a port, and its plots."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from bioimageit_flow.editor.viewing.results import PortResults
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import label
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.gui.viewer.plot_panel import PlotPanel
from bioimageit_flow.gui.viewer.table_panel import TablePanel


class TidyPage(Page):
    """Rows and plots; a double click on a row opens its item.

    Attributes
    ----------
    open_requested : Signal
        With an item, and which row of its own table it was.
    """

    open_requested = Signal(object, int)

    def __init__(
        self, found: PortResults, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        assert found.table is not None
        self._found = found
        self.table, self.plot = TablePanel(), PlotPanel(theme)
        self.table.row_chosen.connect(
            lambda row: self.plot.choose(None if row < 0 else row)
        )
        self.table.opened.connect(self._open)
        self.plot.row_picked.connect(self._pick)
        hint = label(tr("Double-click a row to open its item in the image."), "muted")
        hint.setContentsMargins(8, 4, 8, 4)
        hint.setVisible(bool(found.rows_of))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.table)
        split.addWidget(self.plot)
        split.setSizes([620, 620])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(split, 1)
        layout.addWidget(hint)
        table = found.table
        self.table.show_rows(table.columns, table.rows)
        self.plot.show_rows(
            table.columns, table.rows, values=table.measured, groups=table.annotations
        )
        self.setFocusProxy(self.table.view)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.plot.set_theme(theme)

    def _pick(self, row: int) -> None:
        self.table.choose(row)
        self.plot.choose(row)

    def _open(self, row: int) -> None:
        items = self._found.rows_of
        if row < len(items):
            own = sum(one.id == items[row].id for one in items[:row])
            self.open_requested.emit(items[row], own)
