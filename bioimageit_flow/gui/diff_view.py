"""Two workflows side by side: what came, what went, what changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QTableView,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.workflow.comparing import Difference, Manner, compare

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.workflow.document import Document

_LONGEST: Final = 400
_FITTED: Final = 300
"""Rows at most that get the height of their texts; it takes too long for more."""


class DiffView(QDialog):
    """A table with one line per difference; places on the canvas do not count.

    Parameters
    ----------
    differences : sequence of Difference
        What differs.
    before, after : str
        What the two are called.
    """

    def __init__(
        self,
        differences: Sequence[Difference],
        before: str,
        after: str,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("diffView")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Compare workflows"))
        self.resize(900, 560)
        self._theme = theme
        self.model = QStandardItemModel(0, 3, self)
        self.model.setHorizontalHeaderLabels([tr("What"), before, after])
        for one in differences:
            self.model.appendRow(self._row(one))
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("Differences"))
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        counts = {
            manner: sum(one.manner is manner for one in differences)
            for manner in Manner
        }
        says = tr(
            "{added} added, {removed} removed, {changed} changed",
            added=counts[Manner.ADDED],
            removed=counts[Manner.REMOVED],
            changed=counts[Manner.CHANGED],
        )
        if not differences:
            says = tr("The two do the same; only places on the canvas may differ.")
        close = pieces.button(tr("Close"), self.accept, role="primary")
        self.setLayout(
            pieces.column(
                pieces.label(says, "heading"),
                self.table,
                pieces.row(None, close),
                margin=16,
                gap=12,
            )
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the rows the height that their texts take in columns of this width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit_rows)

    def _fit_rows(self) -> None:
        if self.model.rowCount() <= _FITTED:
            self.table.resizeRowsToContents()

    def _row(self, one: Difference) -> list[QStandardItem]:
        theme = self._theme
        sign, colour = {
            Manner.ADDED: ("add", theme.success),
            Manner.REMOVED: ("remove", theme.error),
            Manner.CHANGED: ("right", theme.warning),
        }[one.manner]
        what = QStandardItem(icon(sign, colour), f"{tr(one.what)}  {one.name}")
        words = {
            Manner.ADDED: tr("added"),
            Manner.REMOVED: tr("removed"),
            Manner.CHANGED: tr("changed"),
        }
        what.setData(
            f"{words[one.manner]}: {one.what} {one.name}",
            int(Qt.ItemDataRole.AccessibleTextRole),
        )
        cells = [
            what,
            QStandardItem(_text(one.before)),
            QStandardItem(_text(one.after)),
        ]
        for cell in cells:
            cell.setTextAlignment(
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
            )
        ground = QColor(colour)
        ground.setAlphaF(0.16)
        if one.manner is not Manner.ADDED:
            cells[1].setBackground(ground)
        if one.manner is not Manner.REMOVED:
            cells[2].setBackground(ground)
        return cells


def ask_to_compare(window: "MainWindow") -> None:
    """Compare the workflow in front with a file that the user chooses."""
    from bioimageit_flow.editor.opening import open_any
    from bioimageit_flow.gui.documents import title_of

    def compare_with(path: Path) -> None:
        if window.editor is None:
            window.files.open(path)
            return
        window.background.run(
            lambda: open_any(path).document,
            lambda other: show(path, other),
            window.refuse,
        )

    def show(path: Path, other: "Document") -> None:
        editor = window.editor
        if editor is None:
            return
        found = compare(other, editor.workflow.document)
        here = tr("{title} as it is here", title=title_of(editor))
        DiffView(found, path.name, here, window.theme, window).open()

    kinds = tr("Workflows and pictures of them")
    window.files.dialogs.ask_file(
        tr("Compare with"), f"{kinds} (*.yaml *.yml *.png *.svg)", compare_with
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        text = "\n".join(f"{key}: {one}" for key, one in value.items() if one)
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\u2026"
