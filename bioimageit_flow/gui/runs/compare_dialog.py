"""Two runs side by side: what was done differently, and which results moved."""

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.session.comparing import Comparison

_MOST = 500
_FAILED = re.compile(r"(\d+) failed")


class CompareDialog(QDialog):
    """Shows a `Comparison`; the window behind it goes on working.

    Attributes
    ----------
    look_asked : Signal
        With the node, the port and the name of a result that is to be looked at in
        both runs.
    """

    look_asked = Signal(str, str, str)

    def __init__(self, found: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compareRuns")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Compare runs"))
        self.resize(860, 560)
        counts = [f"{n} {tr(str(same))}" for same, n in found.counts().items() if n]
        words = tr("Results: {counts}", counts=", ".join(counts) or "0")
        changes = [
            (tr(one.what), one.where, _told(one.first), _told(one.second))
            for one in found.changes
        ]
        moved = [
            (f"{one.node}.{one.port}", one.name, said(one.verdict.words))
            for one in found.moved()[:_MOST]
        ]
        moved += [(tr("only in the first"), name, "") for name in found.only_first]
        moved += [(tr("only in the second"), name, "") for name in found.only_second]
        self.changes = _table(
            [tr("What"), tr("Where"), found.first, found.second],
            changes or [(tr("Nothing was done differently."), "", "", "")],
        )
        self.moved = _table(
            [tr("Output"), tr("Result"), tr("By how much")],
            moved or [(tr("No result moved."), "", "")],
        )
        self._pairs = found.moved()[:_MOST]
        self.moved.cellActivated.connect(self._look)
        self.setLayout(
            pieces.column(
                pieces.label(tr("What was done differently"), "section"),
                self.changes,
                pieces.label(tr("Which results moved"), "section"),
                pieces.label(words, "muted"),
                self.moved,
                pieces.row(
                    pieces.label(
                        tr(
                            "A double click lays a result of both runs over each other."
                        ),
                        "muted",
                    ),
                    None,
                    pieces.button(tr("Close"), self.accept, role="primary"),
                ),
                margin=12,
                gap=8,
            )
        )

    def _look(self, row: int, _column: int) -> None:
        if row < len(self._pairs):
            pair = self._pairs[row]
            self.look_asked.emit(pair.node, pair.port, pair.name)
            self.accept()


def _table(titles: list[str], rows: Sequence[tuple[str, ...]]) -> QTableWidget:
    table = QTableWidget(len(rows), len(titles))
    table.setHorizontalHeaderLabels(titles)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(row, column, item)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    return table


def _told(text: str) -> str:
    """Return what a run had in words; values of parameters stay as they are."""
    found = _FAILED.fullmatch(text)
    return tr("{count} failed", count=found[1]) if found else text
