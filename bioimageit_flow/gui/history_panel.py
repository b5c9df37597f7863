"""The history: every step, to go back to and forth."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Signal
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QWidget

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.workflow.history import Step


class HistoryPanel(QWidget):
    """A list of steps, the last one at the bottom.

    Attributes
    ----------
    jump_requested : Signal
        With the number of a step.
    """

    jump_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._steps: tuple[Step, ...] = ()
        self.model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName(tr("History"))
        self.list.setUniformItemSizes(True)
        self.list.clicked.connect(self._jump)
        self.list.activated.connect(self._jump)
        self.setLayout(pieces.column(self.list, margin=6))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        steps, self._steps = self._steps, ()
        self.show_steps(steps)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """List the steps, the beginning first."""
        if tuple(steps) == self._steps:
            return
        self._steps = tuple(steps)
        self.model.clear()
        for number, step in enumerate(steps):
            words = step.words or tr("As it was opened")
            row = QStandardItem(words)
            row.setEditable(False)
            if step.is_present:
                row.setIcon(icon("right", self._theme.accent))
            else:
                row.setIcon(icon("clock", self._theme.border))
            if step.is_undone:
                row.setForeground(QColor(self._theme.muted))
                row.setToolTip(tr("Taken back; click to do it again"))
            self.model.appendRow(row)
            if step.is_present:
                index = self.model.index(number, 0)
                self.list.selectionModel().setCurrentIndex(
                    index, QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
                self.list.scrollTo(index)

    def _jump(self, index: QModelIndex) -> None:
        self.jump_requested.emit(index.row())
