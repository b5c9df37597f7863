"""One run: how far it has come, its jobs by item and node, what failed, what to do."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QHeaderView,
    QLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QToolButton,
    QWidget,
)

from bioimageit_flow.editor.running.following import FollowedRun
from bioimageit_flow.editor.running.marks import clock
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.runs.failures_view import FailuresView
from bioimageit_flow.gui.runs.job_view import JobView
from bioimageit_flow.gui.runs.matrix_view import MatrixView
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session.run_matrix import RunMatrix
from bioimageit_flow.session.run_notes import RunNote
from bioimageit_flow.session.run_status import RunStatus

_GO_ON: Final = (RunState.INTERRUPTED, RunState.CANCELLED)
_WORKS: Final = (RunState.RUNNING, RunState.PAUSED, RunState.QUEUED)


class RunView(QWidget):
    """Shows one run, and asks for what its buttons say.

    Attributes
    ----------
    asked : Signal
        With ``cancel``, ``pause``, ``continue``, ``resume``, ``failed``, ``workflow``,
        ``results``, ``report`` or ``compare``.
    noted : Signal
        With a `RunNote`.
    """

    asked = Signal(str)
    noted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._matrix = RunMatrix()
        self._is_filling = False
        self.title = pieces.label("", "heading", wraps=True)
        self.words = pieces.label("", "muted", wraps=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(5)
        self.bar.setAccessibleName(tr("Jobs that have ended"))
        self.star = QCheckBox(tr("Star"))
        self.star.toggled.connect(self._note)
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr("Note on this run"))
        self.note.setAccessibleName(tr("Note on this run"))
        self.note.editingFinished.connect(self._note)
        self._buttons = {
            word: pieces.button(tr(text), self._asker(word), icon=themed(icon, theme))
            for word, text, icon in (
                ("pause", "Pause", "pause"),
                ("continue", "Continue", "play"),
                ("cancel", "Stop", "stop"),
                ("resume", "Go on", "play"),
                ("failed", "Try failed again", "redo"),
            )
        }
        self.more = QToolButton()
        self.more.setText(tr("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        for word, text in (
            ("workflow", "Open its workflow as it was"),
            ("report", "Write the report"),
            ("compare", "Compare with the run before"),
        ):
            menu.addAction(tr(text), self._asker(word))
        self.others = menu.addMenu(tr("Compare with another run"))
        self.more.setMenu(menu)
        self.nodes = _nodes_table()
        self.matrix = MatrixView(theme)
        self.only_failed = QCheckBox(tr("Only items that failed"))
        self.only_failed.toggled.connect(lambda _on: self._show_matrix())
        self.job = JobView()
        cells = QSplitter(Qt.Orientation.Horizontal)
        cells.addWidget(
            pieces.holder(pieces.column(self.only_failed, self.matrix, margin=4))
        )
        cells.addWidget(self.job)
        cells.setStretchFactor(0, 3)
        cells.setStretchFactor(1, 2)
        cells.setSizes([480, 340])
        self.failures = FailuresView()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.nodes, tr("Nodes"))
        self.tabs.addTab(cells, tr("Items"))
        self.tabs.addTab(self.failures, tr("Failures"))
        self.setLayout(
            pieces.column(
                self.title,
                self.words,
                self.bar,
                _shrinking(pieces.row(*self._buttons.values(), self.more, None)),
                pieces.row(self.star, self.note),
                self.tabs,
                margin=6,
            )
        )

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.matrix.table.set_theme(theme)

    def show_status(self, status: RunStatus, note: RunNote) -> None:
        """Show how a run stands, and what can be done with it."""
        self._is_filling = True
        self.title.setText(status.folder or status.name)
        ended = sum(status.counts.values())
        words = [tr(str(status.state))]
        if status.elapsed_s is not None:
            words.append(clock(status.elapsed_s))
        words += [f"{n} {tr(str(state))}" for state, n in status.counts.items() if n]
        if status.message:
            words.append(status.message)
        self.words.setText(" \u00b7 ".join(words))
        self.bar.setRange(0, max(ended, 1))
        self.bar.setValue(ended)
        self.star.setChecked(note.has_star)
        if not self.note.hasFocus():
            self.note.setText(note.text)
        self._enable(status)
        self._is_filling = False

    def show_progress(self, run: FollowedRun) -> None:
        """Show how far a run has come that works now."""
        tally = run.tally
        self.bar.setRange(0, max(tally.expected, 1))
        self.bar.setValue(tally.ended)
        words = [tr(str(run.state))]
        if run.state is RunState.QUEUED:
            words.append(tr("waits until the runs before it have ended"))
        else:
            counts = {"done": tally.ended, "count": tally.expected}
            words += [tr("{done} of {count} jobs", **counts), clock(tally.elapsed_s)]
        if tally.preparing is not None:
            words.append(": ".join(tally.preparing))
        self.words.setText(" \u00b7 ".join(words))
        if not run.is_over:
            self._count_failures(sum(node.failed for node in tally.nodes.values()))
        self.nodes.setRowCount(len(tally.nodes))
        for row, (name, node) in enumerate(tally.nodes.items()):
            works = not run.is_over and run.state is RunState.RUNNING
            left_s = node.eta_s(run.clock()) if works else None
            facts = (
                name,
                f"{node.ended} / {node.expected}",
                str(node.running or "") if not run.is_over else "",
                str(node.reused or ""),
                str(node.failed or ""),
                "" if left_s is None else tr("{time} left", time=clock(left_s)),
                node.runtime,
            )
            self._fill_row(row, facts, has_failed=node.failed > 0)

    @property
    def shows_jobs(self) -> bool:
        """Whether single jobs are in front, and not only their counts."""
        return self.tabs.currentWidget() is not self.nodes

    def show_matrix(self, matrix: RunMatrix) -> None:
        """Show the jobs of a run that are recorded."""
        self._matrix = matrix
        self._show_matrix()
        self.failures.show_failures(matrix.failures)
        self._count_failures(sum(len(group.jobs) for group in matrix.failures))

    def show_item(self, node: str, item: str) -> None:
        """Turn to the cell of an item and a node, and so to its job."""
        place = self.matrix.table.place_of(ItemId(item), node)
        if place.isValid():
            self.tabs.setCurrentIndex(1)
            self.matrix.setCurrentIndex(place)
            self.matrix.scrollTo(place)

    def _count_failures(self, count: int) -> None:
        self.tabs.setTabText(2, tr("Failures ({count})", count=count))

    def show_recorded_nodes(self, matrix: RunMatrix) -> None:
        """Show the counts of a run of which only the records are known."""
        self.nodes.setRowCount(len(matrix.nodes))
        for row, (name, node) in enumerate(matrix.nodes.items()):
            facts = (
                name,
                str(node.jobs),
                "",
                str(node.reused or ""),
                str(node.failed or ""),
                clock(node.took_s),
                node.place,
            )
            self._fill_row(row, facts, has_failed=node.failed > 0)

    def _fill_row(self, row: int, facts: tuple[str, ...], *, has_failed: bool) -> None:
        for column, text in enumerate(facts):
            item = self.nodes.item(row, column)
            if item is None:
                item = QTableWidgetItem()
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                if 0 < column < 6:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.nodes.setItem(row, column, item)
            item.setText(text)
            if column == 4:
                item.setForeground(
                    QColor(self._theme.error if has_failed else self._theme.text)
                )

    def _show_matrix(self) -> None:
        only_failed = self.only_failed.isChecked()
        self.matrix.show_matrix(self._matrix, only_failed=only_failed)

    def _enable(self, status: RunStatus) -> None:
        state = status.state
        shown = {
            "pause": state is RunState.RUNNING,
            "continue": state is RunState.PAUSED,
            "cancel": state in _WORKS,
            "resume": state in _GO_ON,
            "failed": status.counts.get(JobState.FAILED, 0) > 0 and not status.is_alive,
        }
        focused = next((one for one in _TURNS if self._buttons[one].hasFocus()), "")
        for word, is_shown in shown.items():
            self._buttons[word].setVisible(is_shown)
        # Who paused with the keyboard goes on with the same key, and stops nothing.
        if focused and not shown[focused]:
            turned = next((one for one in _TURNS if shown[one]), "")
            self._buttons[turned].setFocus() if turned else self.tabs.setFocus()

    def _asker(self, word: str) -> "_Ask":
        return _Ask(self, word)

    def _note(self, *_changed: object) -> None:
        if not self._is_filling:
            self.noted.emit(RunNote(self.star.isChecked(), self.note.text().strip()))


_TURNS = ("pause", "continue", "resume")
"""Buttons that stand in each other's place."""


class _Ask:
    def __init__(self, view: RunView, word: str) -> None:
        self._view, self._word = view, word

    def __call__(self) -> None:
        self._view.asked.emit(self._word)


def _shrinking(layout: QLayout) -> QWidget:
    """Return a row that may be cut off, so that the panel can be narrow."""
    made = pieces.holder(layout)
    policy = QSizePolicy.Policy
    layout.setContentsMargins(0, 0, 0, 0)
    made.setSizePolicy(policy.Ignored, policy.Fixed)
    return made


def _nodes_table() -> QTableWidget:
    table = QTableWidget(0, 7)
    table.setAccessibleName(tr("Nodes of the run"))
    table.setHorizontalHeaderLabels(
        [
            tr("Node"),
            tr("Ended"),
            tr("Running"),
            tr("Reused"),
            tr("Failed"),
            tr("Time"),
            tr("Runs in"),
        ]
    )
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    return table
