"""What failed, grouped by the same cause, and what can be done about it."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

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

_GROUP: Final = Qt.ItemDataRole.UserRole + 1
_ITEM: Final = Qt.ItemDataRole.UserRole + 2
_PAGE: Final = 200
"""Items that are listed at once: ten thousand may have failed alike."""


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
    job_asked : Signal
        With the node, and the id of a raw item whose job is to be shown.
    """

    retry_asked = Signal()
    open_asked = Signal(object)
    exclude_asked = Signal(object, str)
    change_asked = Signal(str, object)
    job_asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName(tr("Failed jobs by cause"))
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.tree.itemExpanded.connect(self._list_some)
        self.tree.itemClicked.connect(self._list_more)
        self.tree.itemActivated.connect(self._list_more)
        self._groups: tuple[FailureGroup, ...] = ()
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
        self.job = pieces.button(tr("Show its job"), self._show_job)
        self.change = pieces.button(tr("Run these with another setting"), self._change)
        self.exclude = pieces.button(tr("Leave these out"), self._exclude)
        self.nothing = pieces.label(tr("No job of this run failed."), "muted")
        self._all = pieces.holder(
            pieces.column(
                self.tree,
                pieces.row(self.retry, self.job, self.open, self.change, None),
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
        """Show the failures of a run; what is chosen stays so while they grow."""
        if tuple(groups) == self._groups:
            return
        chosen = {_name(row) for row in self.tree.selectedItems()}
        opened = {_name(top) for top in self._tops() if top.isExpanded()}
        self._groups = tuple(groups)
        self.tree.clear()
        for group in groups:
            first = group.message.partition("\n")[0]
            title = f"{group.node}: {first}  ({len(group.jobs)})"
            top = QTreeWidgetItem([title])
            top.setToolTip(0, group.message)
            top.setData(0, _GROUP, group)
            top.setChildIndicatorPolicy(_HAS_ITEMS)
            self.tree.addTopLevelItem(top)
            is_only = len(groups) == 1 and len(group.items) <= 20
            if is_only or _name(top) in opened:
                self._list_some(top)
                top.setExpanded(True)
        for top in self._tops() if chosen else ():
            for row in (top, *(top.child(n) for n in range(top.childCount()))):
                row.setSelected(_name(row) in chosen)
        self._enable()

    def _tops(self) -> list[QTreeWidgetItem]:
        count = self.tree.topLevelItemCount()
        found = [self.tree.topLevelItem(n) for n in range(count)]
        return [top for top in found if top is not None]

    def _list_some(self, top: QTreeWidgetItem) -> None:
        """List the first items of a group, once it is opened."""
        if not top.childCount():
            self._list_page(top)

    def _list_more(self, row: QTreeWidgetItem, _column: int = 0) -> None:
        """List the next items in place of the row that says how many there are."""
        top = row.parent()
        if top is not None and not row.data(0, _ITEM):
            top.removeChild(row)
            self._list_page(top)

    @staticmethod
    def _list_page(top: QTreeWidgetItem) -> None:
        group, listed = top.data(0, _GROUP), top.childCount()
        by_name = sorted(group.items.items(), key=lambda pair: pair[1])
        for item, name in islice(by_name, listed, listed + _PAGE):
            row = QTreeWidgetItem([name])
            row.setData(0, _GROUP, group)
            row.setData(0, _ITEM, item)
            top.addChild(row)
        left = len(group.items) - top.childCount()
        if left:
            row = QTreeWidgetItem([tr("{count} more", count=left)])
            row.setData(0, _GROUP, group)
            row.setFlags(Qt.ItemFlag.ItemIsEnabled)
            top.addChild(row)

    def _show_job(self) -> None:
        items, rows = self.items, self.tree.selectedItems()
        if items and rows:
            self.job_asked.emit(rows[0].data(0, _GROUP).node, items[0])

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
        self.job.setEnabled(has_some)
        self.open.setEnabled(has_some)
        self.change.setEnabled(has_some)
        self.exclude.setEnabled(has_some and bool(self.reason.text().strip()))


_HAS_ITEMS: Final = QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator


def _name(row: QTreeWidgetItem) -> tuple[str, str, str]:
    """Return by what a row is known again when more has failed."""
    group = row.data(0, _GROUP)
    return group.node, group.message, row.data(0, _ITEM) or ""
