"""The runs panel: the list of runs beside the one that is chosen."""

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from bioimageit_flow.editor.running.following import FollowedRun
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment import experiment_panel
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.panel import Panel
from bioimageit_flow.gui.runs.control import RunControl
from bioimageit_flow.gui.runs.cursor import Cursor
from bioimageit_flow.gui.runs.opening import RunOpener
from bioimageit_flow.gui.runs.run_view import RunView
from bioimageit_flow.gui.runs.runs_list import RunsList, words_of
from bioimageit_flow.model.ids import ItemId, JobId
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.session.run_matrix import RunMatrix, matrix_of
from bioimageit_flow.session.run_notes import RunNote, note_of, set_note
from bioimageit_flow.session.run_status import RunStatus

if TYPE_CHECKING:
    from bioimageit_flow.gui.theme import Theme
    from bioimageit_flow.gui.window import MainWindow

_MOST_OFFERED = 40
"""Other runs that one is offered to be compared with."""

_LEAST_PAUSE_S = 2.0
_PAUSE_PER_READ = 10.0
"""How long the jobs of a run that works are left alone, at least and for each second
that reading them took."""


class RunsPanel(Panel):
    """Runs of the experiment, and all that is known of one of them."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__()
        self._window = window
        self.control = RunControl(window)
        self.opener = RunOpener(window, self.control)
        self.cursor_item = Cursor(window, self.control)
        self._statuses: dict[str, RunStatus] = {}
        self._notes: dict[str, RunNote] = {}
        self._shown = ""
        self._follows = False
        self._wanted = ""
        self._item: ItemId | None = None
        self._asked_job: JobId | None = None
        self._is_reading = False
        self._read_at_s = self._read_s = 0.0
        self.runs = RunsList(window.theme)
        self.runs.chosen.connect(self._show)
        self.view = RunView(window.theme)
        self.view.asked.connect(self._asked)
        self.view.tabs.currentChanged.connect(lambda _tab: self._keep_up())
        self.view.others.aboutToShow.connect(self._list_others)
        self.view.noted.connect(self._noted)
        self.view.matrix.job_chosen.connect(self._show_job)
        self.view.job.open_asked.connect(self._open_job)
        self.view.job.trace_asked.connect(self.opener.trace)
        failures = self.view.failures
        failures.retry_asked.connect(partial(self._asked, "failed"))
        failures.open_asked.connect(self._open_items)
        failures.exclude_asked.connect(self._exclude)
        failures.change_asked.connect(self._change)
        failures.job_asked.connect(self.view.show_item)
        self.nothing = pieces.label(
            tr("Runs of the experiment are listed here, with all of their jobs."),
            "muted",
            wraps=True,
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(
            pieces.holder(pieces.column(self.nothing, None, margin=16))
        )
        self.stack.addWidget(self.view)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.runs)
        self.split.addWidget(self.stack)
        self.split.setStretchFactor(1, 3)
        self.split.setSizes([260, 700])
        self.setLayout(pieces.column(self.split, margin=4))
        self.control.begun.connect(self._want)
        self.control.changed.connect(self._heard)
        self.control.listed.connect(self._listed)
        state = window.workspace.experiment
        state.changed.connect(self._experiment_changed)
        state.contents_changed.connect(self._experiment_changed)

    # A panel

    def set_theme(self, theme: "Theme") -> None:
        """Take other colours."""
        self.runs.set_theme(theme)
        self.view.set_theme(theme)

    def show_editor(self, editor: object) -> None:
        """Show what a run of the workflow that came to the front says."""
        self.control.show_marks()
        self.cursor_item.look_again()

    def refresh(self) -> None:
        """Show at the nodes what is to be said of the workflow as it is now."""
        if not self._follows:
            self._follows = True
            opened = experiment_panel(self._window).opened
            opened.opened.connect(self.follow_experiment)
            self._window.plan_watch.answered.connect(self.control.show_marks)
            self.control.read()
        self.control.show_marks()

    def release(self) -> None:
        """Stop following; the runs go on."""
        state = self._window.workspace.experiment
        state.changed.disconnect(self._experiment_changed)
        state.contents_changed.disconnect(self._experiment_changed)
        self.control.release()

    def look_at(self, item: ItemId) -> None:
        """Show pictures of an item on the canvas, once the runs are read."""
        self._item = item
        self.control.read()

    # News

    def follow_experiment(self, *_opened: object) -> None:
        """Read the runs of the experiment that is open now."""
        self.control.opened()

    def _experiment_changed(self) -> None:
        self.control.read()

    def _listed(self, _read: object) -> None:
        statuses = self.control.statuses
        self._statuses = {status.id: status for status in statuses}
        experiment = self.control.experiment
        if experiment is None:
            self._notes = {}
        else:
            self._notes = {one.id: note_of(experiment, one.id) for one in statuses}
        if self._item is not None and statuses:
            self.cursor_item.look_at(self._item)
            self._item = None
        self.cursor_item.look_again()
        self.runs.show_runs(statuses, self._notes)
        self.stack.setCurrentIndex(1 if statuses else 0)
        if self._wanted in self._statuses:
            self.runs.choose(self._wanted)
            self._wanted = ""
        if self.runs.current:
            self._show(self.runs.current)

    def _want(self, run: str) -> None:
        """Choose a run that was begun here once it is listed; no run of others."""
        self._wanted = run

    def _heard(self, given: object) -> None:
        assert isinstance(given, FollowedRun)
        if given.id == self._shown:
            self.view.show_progress(given)
            self._keep_up()

    def _show(self, run: str) -> None:
        status = self._statuses.get(run)
        if status is None:
            return
        is_new = run != self._shown
        self._shown = run
        self.view.show_status(status, self._notes.get(run, RunNote()))
        followed = self.control.followed.get(run)
        if followed is not None:
            self.view.show_progress(followed)
        if is_new:
            self.view.show_matrix(RunMatrix())
            self.view.job.show_job(None, "", None)
            self._asked_job = None
        self._read_matrix(run)

    def _keep_up(self) -> None:
        """Read the jobs of a run that works again, now and then, while one looks."""
        is_seen = self.isVisible() and self.view.shows_jobs
        if is_seen and self._shown in self.control.followed:
            pause_s = max(_LEAST_PAUSE_S, _PAUSE_PER_READ * self._read_s)
            if not self._is_reading and monotonic() - self._read_at_s >= pause_s:
                self._read_matrix(self._shown)

    def _read_matrix(self, run: str) -> None:
        experiment, status = self.control.experiment, self._statuses.get(run)
        if experiment is None or status is None or not status.folder:
            return

        begun_s = monotonic()
        self._is_reading = True

        def read() -> RunMatrix:
            return matrix_of(experiment.find_run(run))

        def end() -> None:
            self._is_reading = False
            self._read_at_s = monotonic()
            self._read_s = self._read_at_s - begun_s

        def fail(error: FlowError) -> None:
            end()
            self._window.refuse(error)

        def take(matrix: RunMatrix) -> None:
            end()
            if run != self._shown:
                return
            self.view.show_matrix(matrix)
            if run not in self.control.followed:
                self.view.show_recorded_nodes(matrix)

        self._window.background.run(read, take, fail, is_quiet=True)

    def _show_job(self, job: str) -> None:
        experiment = self.control.experiment
        if experiment is None:
            return
        index = self.view.matrix.currentIndex()
        name = self.view.matrix.table.row(index).name if index.isValid() else ""
        self._asked_job = JobId(job)

        def show(record: JobRecord) -> None:
            if record.id == self._asked_job:
                self.view.job.show_job(record, name, experiment.path)

        self._window.background.run(
            lambda: experiment.store.job(JobId(job)),
            show,
            self._window.refuse,
            is_quiet=True,
        )

    # What is asked for

    def _asked(self, word: str) -> None:
        run = self._shown
        match word:
            case "cancel" | "pause" | "continue":
                self.control.ask(word, run)
            case "resume":
                self.control.go_on(run)
            case "failed":
                self.control.go_on(run, only_failed=True)
            case "workflow":
                self.opener.open_workflow(run)
            case "report":
                self.opener.write_report(run)
            case "compare":
                self.opener.compare(run, self._before(run))

    def _list_others(self) -> None:
        """Offer the other runs to be compared with, the newest first."""
        run, menu = self._shown, self.view.others
        menu.clear()
        others = [one for one in self._statuses.values() if one.id != run]
        for status in [one for one in others if one.folder][:_MOST_OFFERED]:
            menu.addAction(
                f"{status.name}  \u00b7  {words_of(status)}",
                partial(self.opener.compare, run, status.id),
            )
        if menu.isEmpty():
            menu.addAction(tr("There is no other run.")).setEnabled(False)

    def _before(self, run: str) -> str:
        """Return the run of the same name before a run; empty for none."""
        mine = self._statuses[run]
        older = [
            one.id
            for one in self._statuses.values()
            if one.name == mine.name and one.started < mine.started and one.folder
        ]
        return older[0] if older else ""

    def _noted(self, note: object) -> None:
        assert isinstance(note, RunNote)
        experiment, run = self.control.experiment, self._shown
        if experiment is None or self._notes.get(run) == note:
            return
        status = self._statuses[run]
        if self._window.attempt(lambda: set_note(experiment, status.id, note)):
            self._notes[run] = note
            self.runs.show_runs(list(self._statuses.values()), self._notes)

    def _open_job(self, record: object) -> None:
        assert isinstance(record, JobRecord)
        self.opener.open_job(record)

    def _open_items(self, items: object) -> None:
        self.opener.open_items(_ids(items))

    def _change(self, node: str, items: object) -> None:
        self.opener.change_setting(node, _ids(items))

    def _exclude(self, items: object, reason: str) -> None:
        experiment = self.control.experiment
        if experiment is None:
            return

        def exclude() -> int:
            chosen = [experiment.store.item(item) for item in _ids(items)]
            experiment.exclude(chosen, reason=reason)
            return len(chosen)

        def tell(count: int) -> None:
            words = (
                tr("This item stays out of later runs.")
                if count == 1
                else tr("{count} items stay out of later runs.", count=count)
            )
            self._window.message.say(words, level="good")
            self._window.workspace.experiment.contents_changed.emit()

        self._window.background.run(exclude, tell, self._window.refuse)


def _ids(items: object) -> list[ItemId]:
    assert isinstance(items, list)
    return items


def make(window: "MainWindow") -> QWidget:
    """Make the panel for a window."""
    return RunsPanel(window)


def runs_panel(window: "MainWindow") -> RunsPanel:
    """Return the runs panel of a window."""
    panel = window.docks.panel("runs")
    assert isinstance(panel, RunsPanel)
    return panel
