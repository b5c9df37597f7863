"""What failed, grouped by the same cause, and what can be done about it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.language import tr
from bioimageit_flow.session.run_matrix import FailureGroup

_GROUP = Qt.ItemDataRole.UserRole + 1
_ITEM = Qt.ItemDataRole.UserRole + 2


class FailuresView(QWidget):
    """Groups of failed jobs with their items.

    Attributes
    ----------
    retry_asked : Signal
        Try again what failed.
    open_asked : Signal
        With the ids of raw items to look at.
    exclude_asked : Signal
        With the ids of raw items, and the reason why they are given up.
    change_asked : Signal
        With the node, and the ids of raw items that are to run with another setting.
    job_chosen : Signal
        With the id of a job.
    """

    retry_asked = Signal()
    open_asked = Signal(object)
    exclude_asked = Signal(object, str)
    change_asked = Signal(str, object)
    job_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName(tr("Failed jobs by cause"))
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.tree.currentItemChanged.connect(self._choose)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(tr("Why these are left out"))
        self.reason.setAccessibleName(tr("Reason for leaving out"))
        self.reason.textChanged.connect(self._enable)
        self.tree.itemSelectionChanged.connect(self._enable)
        self.retry = pieces.button(
            tr("Try all again"), self.retry_asked.emit, role="primary"
        )
        self.open = pieces.button(
            tr("Look at these"), lambda: self.open_asked.emit(self.items)
        )
        self.change = pieces.button(tr("Run these with another setting"), self._change)
        self.exclude = pieces.button(tr("Leave these out"), self._exclude)
        self.nothing = pieces.label(tr("No job of this run failed."), "muted")
        self._all = pieces.holder(
            pieces.column(
                self.tree,
                pieces.row(self.retry, self.open, self.change, None),
                pieces.row(self.reason, self.exclude),
            )
        )
        self.setLayout(pieces.column(self.nothing, self._all, None, margin=6))
        self._enable()

    @property
    def items(self) -> list[str]:
        """Ids of the raw items that are chosen; of a group all."""
        found: dict[str, None] = {}
        for row in self.tree.selectedItems():
            group = row.data(0, _GROUP)
            one = row.data(0, _ITEM)
            found |= dict.fromkeys([one] if one else list(group.items))
        return list(found)

    def show_failures(self, groups: Sequence[FailureGroup]) -> None:
        """Show the failures of a run."""
        self.tree.clear()
        for group in groups:
            first = group.message.partition("\n")[0]
            title = f"{group.node}: {first}  ({len(group.jobs)})"
            top = QTreeWidgetItem([title])
            top.setToolTip(0, group.message)
            top.setData(0, _GROUP, group)
            for item, name in sorted(group.items.items(), key=lambda pair: pair[1]):
                row = QTreeWidgetItem([name])
                row.setData(0, _GROUP, group)
                row.setData(0, _ITEM, item)
                top.addChild(row)
            self.tree.addTopLevelItem(top)
            top.setExpanded(len(groups) == 1 and len(group.items) <= 20)
        self._enable()

    def _choose(self, row: QTreeWidgetItem | None, _before: object) -> None:
        if row is not None:
            self.job_chosen.emit(row.data(0, _GROUP).jobs[0])

    def _change(self) -> None:
        chosen = self.tree.selectedItems()
        if chosen:
            self.change_asked.emit(chosen[0].data(0, _GROUP).node, self.items)

    def _exclude(self) -> None:
        self.exclude_asked.emit(self.items, self.reason.text().strip())
        self.reason.clear()

    def _enable(self) -> None:
        has_some = bool(self.tree.selectedItems())
        has_failures = self.tree.topLevelItemCount() > 0
        self.nothing.setVisible(not has_failures)
        self._all.setVisible(has_failures)
        self.retry.setEnabled(has_failures)
        self.open.setEnabled(has_some)
        self.change.setEnabled(has_some)
        self.exclude.setEnabled(has_some and bool(self.reason.text().strip()))
