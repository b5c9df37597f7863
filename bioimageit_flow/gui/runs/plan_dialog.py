"""What would run, before anything runs: the jobs of each node, and why they would."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from bioimageit_flow.editor.planning import Answer
from bioimageit_flow.editor.running.marks import why_of
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.canvas.words import words_for_why
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.model.plan import NodePlan
from bioimageit_flow.model.problem import Problem, errors_among

_MOST_PROBLEMS: Final = 20
_NUMBERS: Final = range(1, 6)
_LEFT: Final = Qt.AlignmentFlag.AlignLeft


class PlanDialog(QDialog):
    """Shows what a plan found; nothing is run.

    Parameters
    ----------
    found : Answer
        Of the workflow in front.
    name : str
        Of the workflow.
    run, copy : callable
        What the buttons do: run it, and copy the command line that plans it.
    """

    def __init__(
        self,
        found: Answer,
        name: str,
        *,
        run: Callable[[], object],
        copy: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("planOfRun")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("What would run"))
        self.resize(900, 480)
        self._run = run
        self.verdict = pieces.label(_verdict(found), "muted", wraps=True)
        self.nodes = _table(found.nodes)
        problems = (*found.by_rules, *found.problems)
        self.problems = pieces.label(_told(problems), "muted", wraps=True)
        self.problems.setVisible(bool(problems))
        self.run = pieces.button(tr("Run"), self._start, role="primary")
        self.run.setEnabled(bool(found.jobs) and not _hinder(problems))
        self.setLayout(
            pieces.column(
                pieces.label(name, "heading", wraps=True),
                self.verdict,
                self.nodes,
                self.problems,
                pieces.row(
                    pieces.button(tr("Copy the command line"), copy),
                    None,
                    pieces.button(tr("Close"), self.reject),
                    self.run,
                ),
                margin=12,
                gap=8,
            )
        )

    def _start(self) -> None:
        self.accept()
        self._run()


def _hinder(problems: Sequence[Problem]) -> bool:
    is_unbound = any(one.code == "unbound-input" for one in problems)
    return is_unbound or bool(errors_among(problems))


def _verdict(found: Answer) -> str:
    if not found.jobs:
        return tr("Nothing would run.")
    return tr(
        "{count} jobs, {reused} of them reused. Nothing has been run.",
        count=found.jobs,
        reused=found.reused,
    )


def _told(problems: Sequence[Problem]) -> str:
    lines = [
        ": ".join(part for part in (one.node, said(one.text)) if part)
        for one in problems[:_MOST_PROBLEMS]
    ]
    more = len(problems) - len(lines)
    return "\n".join(lines + ([tr("{count} more", count=more)] if more else []))


def _table(nodes: Sequence[NodePlan]) -> QTableWidget:
    titles = [
        tr("Node"),
        tr("Jobs"),
        tr("Reused"),
        tr("New"),
        tr("Waiting"),
        tr("Left out"),
        tr("Why"),
        tr("Runs in"),
    ]
    table = QTableWidget(len(nodes), len(titles))
    table.setAccessibleName(tr("What would run"))
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    for row, node in enumerate(nodes):
        counts = (node.jobs, node.reused, node.new, node.waiting, node.left_out)
        why = words_for_why(why_of(node)) if node.new or node.waiting else ""
        texts = (node.node, *(str(count or "") for count in counts), why, node.place)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            if column in _NUMBERS:
                item.setTextAlignment(
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            table.setItem(row, column, item)
    for column, title in enumerate(titles):
        side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else _LEFT
        head = QTableWidgetItem(title)
        head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.setHorizontalHeaderItem(column, head)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    return table
