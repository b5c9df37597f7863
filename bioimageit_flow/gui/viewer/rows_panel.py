"""The rows of a table beside their plots: what one chooses, the other marks."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter

from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.plot_panel import PlotPanel
from bioimageit_flow.gui.viewer.table_panel import TablePanel


class RowsPanel(QSplitter):
    """A table and its plots.

    Attributes
    ----------
    chosen : Signal
        A row was chosen, in the table or in a plot; None for none.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.table, self.plot = TablePanel(), PlotPanel(theme)
        self.addWidget(self.table)
        self.addWidget(self.plot)
        self.setSizes([560, 460])
        self.table.row_chosen.connect(self._choose)
        self.table.opened.connect(self._choose)
        self.plot.row_picked.connect(self._choose_from_plot)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.plot.set_theme(theme)

    def show_rows(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        """Show another table."""
        self.table.show_rows(columns, rows)
        self.plot.show_rows(columns, rows)

    def mark(self, row: int | None) -> None:
        """Mark a row that was chosen elsewhere, such as in the image."""
        self.table.choose(row)
        self.plot.choose(row)

    def _choose(self, row: int) -> None:
        wanted = None if row < 0 else row
        self.plot.choose(wanted)
        self.chosen.emit(wanted)

    def _choose_from_plot(self, row: int) -> None:
        self.table.choose(row)
        self._choose(row)
