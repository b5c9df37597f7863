"""The list of runs: their state, when, how many jobs; filter and stars."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QLineEdit, QListView, QWidget

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session.run_notes import RunNote
from bioimageit_flow.session.run_status import RunStatus

_ID: Final = Qt.ItemDataRole.UserRole + 1
_ROW = QSize(0, 42)

ICONS: Final[dict[RunState, str]] = {
    RunState.QUEUED: "clock",
    RunState.RUNNING: "play",
    RunState.PAUSED: "pause",
    RunState.DONE: "good",
    RunState.PARTIAL: "warning",
    RunState.FAILED: "error",
    RunState.CANCELLED: "stop",
    RunState.INTERRUPTED: "warning",
}


class RunsList(QWidget):
    """Runs, the newest first.

    Attributes
    ----------
    chosen : Signal
        With the id of a run.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._statuses: Sequence[RunStatus] = ()
        self._notes: Mapping[str, RunNote] = {}
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter by name, state or note"))
        self.filter.setAccessibleName(tr("Filter the runs"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._fill)
        self.model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName(tr("Runs"))
        self.list.setUniformItemSizes(True)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.setLayout(pieces.column(self.filter, self.list))
        self.setMinimumWidth(150)

    @property
    def current(self) -> str:
        """Id of the run that is chosen; empty for none."""
        return str(self.list.currentIndex().data(_ID) or "")

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._fill()

    def show_runs(
        self, statuses: Sequence[RunStatus], notes: Mapping[str, RunNote]
    ) -> None:
        """List runs with what is noted on them."""
        self._statuses, self._notes = statuses, notes
        self._fill()

    def choose(self, run: str) -> None:
        """Choose a run by its id."""
        for row in range(self.model.rowCount()):
            index = self.model.index(row, 0)
            if index.data(_ID) == run:
                self.list.setCurrentIndex(index)

    def _fill(self) -> None:
        before = self.current
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        self.model.clear()
        for status in self._statuses:
            if self._fits(status):
                self.model.appendRow(self._row(status))
        if before:
            self.choose(before)
        selection.blockSignals(False)
        if not self.list.currentIndex().isValid() and self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0, 0))
        elif self.current != before:
            self.chosen.emit(self.current)

    def _fits(self, status: RunStatus) -> bool:
        note = self._notes.get(status.id, RunNote())
        text = f"{status.name} {tr(str(status.state))} {status.id} {note.text}".lower()
        star = "star \u2605" if note.has_star else ""
        words = self.filter.text().lower().split()
        return all(word in f"{text} {status.state} {star}" for word in words)

    def _row(self, status: RunStatus) -> QStandardItem:
        note = self._notes.get(status.id, RunNote())
        star = "\u2605 " if note.has_star else ""
        row = QStandardItem(f"{star}{status.name}\n{words_of(status)}")
        row.setEditable(False)
        row.setData(status.id, _ID)
        row.setSizeHint(_ROW)
        row.setIcon(icon(ICONS[status.state], colour_of(status.state, self._theme)))
        row.setToolTip(note.text or status.message or status.folder)
        if status.state is RunState.CANCELLED:
            row.setForeground(QColor(self._theme.muted))
        return row

    def _choose(self, *_changed: object) -> None:
        if self.current:
            self.chosen.emit(self.current)


def words_of(status: RunStatus) -> str:
    """Return how a run stands, in one line."""
    when = status.started.astimezone().strftime("%d.%m. %H:%M")
    words = [when, tr(str(status.state))]
    total = sum(status.counts.values())
    if total and not status.is_alive:  # of a run that works the panel beside it tells
        words.append(tr("{count} jobs", count=total))
    failed = status.counts.get(JobState.FAILED, 0)
    if failed:
        words.append(tr("{count} failed", count=failed))
    return " \u00b7 ".join(words)


def colour_of(state: RunState, theme: Theme) -> str:
    """Return the colour of a state in a theme."""
    match state:
        case RunState.DONE:
            return theme.success
        case RunState.FAILED:
            return theme.error
        case RunState.PARTIAL | RunState.INTERRUPTED:
            return theme.warning
        case RunState.RUNNING:
            return theme.accent
        case _:
            return theme.muted
