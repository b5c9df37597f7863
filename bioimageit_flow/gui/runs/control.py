"""Starts runs as processes of their own, and follows what they tell.

The window runs no job: it may be closed at any time, and finds the runs that work when
it is opened again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from bioimageit_flow.editor.running.following import FollowedRun
from bioimageit_flow.editor.running.marks import Marks, marks_of_plan
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer
from bioimageit_flow.gui.runs.endings import Endings
from bioimageit_flow.model.data import DatasetKind
from bioimageit_flow.model.events import Request
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import RunState
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.session.preferences import load_preferences
from bioimageit_flow.session.run_status import RunStatus
from bioimageit_flow.session.wishes import RunWords
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import Document

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.session import Experiment

LOOK_EVERY_MS: Final = 110
_LEAST_GAP_S: Final = 0.1
"""The window shows news of runs at most ten times a second: after a busy moment, a
timer comes late and the next one soon after."""

_TICK_S: Final = 1.0

LOOK_ELSEWHERE_MS: Final = 2_000


class RunControl(QObject):
    """The runs of the window's experiment that work, or ended while it was open.

    Parameters
    ----------
    window : MainWindow
        Whose workflows are run.

    Attributes
    ----------
    changed : Signal
        With the `FollowedRun` that has news.
    begun : Signal
        With the id of a run that this window began, or let go on.
    workflows : dict of str to str
        Id of the workflow of each run.
    listed : Signal
        With a list of `RunStatus`, the newest first, whenever it was read anew.
    """

    changed = Signal(object)
    begun = Signal(str)
    listed = Signal(object)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.followed: dict[str, FollowedRun] = {}
        self.statuses: list[RunStatus] = []
        self.workflows: dict[str, str] = {}
        self._documents: dict[str, Document] = {}
        self._tries: set[str] = set()
        self._when_open: Callable[[], None] | None = None
        self._endings = Endings(window, self)
        self._looked_s = 0.0
        self._told_s: dict[str, float] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._folders: frozenset[str] | None = None
        self._elsewhere = QTimer(self)
        self._elsewhere.setInterval(LOOK_ELSEWHERE_MS)
        self._elsewhere.timeout.connect(self._look_elsewhere)
        self._elsewhere.start()

    def release(self) -> None:
        """Stop looking; the runs go on."""
        self._timer.stop()
        self._elsewhere.stop()

    @property
    def experiment(self) -> "Experiment | None":
        """The experiment that is open."""
        from bioimageit_flow.gui.experiment import opened_experiment

        return opened_experiment(self._window)

    def of(self, editor: "Editor | None") -> FollowedRun | None:
        """Return the run of a workflow that works, or else the newest one followed."""
        if editor is None:
            return None
        mine = [
            one
            for one in self.followed.values()
            if one.workflow == editor.workflow.document.id
        ]
        working = [one for one in mine if not one.is_over]
        # One that waits for its turn has nothing to show yet.
        begun = [one for one in working if one.state is not RunState.QUEUED]
        return next(reversed(begun or working or mine), None)

    def newest_of(self, editor: "Editor") -> RunStatus | None:
        """Return the newest run of a workflow that has results."""
        return next(self._runs_of(editor), None)

    def wider_of(self, editor: "Editor", run: RunStatus) -> RunStatus | None:
        """Return the newest run of a workflow before a run that had more jobs.

        It has the items that a first try, of one item or a few, left out.
        """
        earlier = (one for one in self._runs_of(editor) if one.started < run.started)
        jobs = sum(run.counts.values())
        return next((one for one in earlier if sum(one.counts.values()) > jobs), None)

    def _runs_of(self, editor: "Editor") -> Iterator[RunStatus]:
        """Go through the runs of a workflow that have results, the newest first."""
        mine = editor.workflow.document.id
        return (
            one
            for one in self.statuses
            if one.folder and self.workflows.get(one.id) == mine
        )

    # Asking for runs

    def start(
        self,
        *,
        upto: Sequence[str] = (),
        force: Sequence[str] = (),
        subset: Subset | None = None,
    ) -> None:
        """Run the workflow in front; what stands in the way becomes a line."""
        window, editor, experiment = self._window, self._window.editor, self.experiment
        if editor is None:
            return
        if experiment is None and window.workspace.experiment.path is not None:
            self._when_open = partial(self.start, upto=upto, force=force, subset=subset)
            window.message.say(tr("The experiment is being opened\u2026"))
            return
        if experiment is None:
            window.message.say(
                tr("A run needs an experiment, where its results go."),
                level="warning",
                offers=[Offer(tr("Choose one"), self._show_experiment)],
            )
            return
        document = editor.workflow.document
        words = RunWords(
            bind=self.bindings(editor),
            runtime=load_preferences().runtime,
            folder=editor.path.parent if editor.path else None,
            upto=tuple(upto),
            force=tuple(force),
            subset=subset,
            queue=any(not one.is_over for one in self.followed.values()),
        )
        window.message.say(tr("The run is being started\u2026"))
        copy = Workflow.of(document, catalogue=window.workspace.session.catalogue)

        def begin() -> FollowedRun:
            run = experiment.start(copy, **words)
            return FollowedRun(experiment.follow(run), document.id)

        def follow(run: FollowedRun) -> None:
            self._documents[run.id] = document
            if subset is not None and not subset.is_all:
                self._tries.add(run.id)
            self._begin_to_follow(run)

        window.background.run(begin, follow, window.refuse)

    def bindings(self, editor: "Editor") -> dict[str, str]:
        """Return what the inputs are bound to; a single raw dataset needs no word."""
        state = self._window.workspace.experiment
        bound = state.bindings(editor)
        raw = self.raw_datasets()
        missing = [
            name for name in editor.workflow.document.inputs if name not in bound
        ]
        if len(raw) == 1 and len(missing) == 1:
            state.bind(editor, missing[0], raw[0])
            bound = state.bindings(editor)
        return dict(bound)

    def ask(self, what: Request, run: str = "") -> None:
        """Ask a run to stop, to pause or to go on; the one in front for none."""
        experiment = self.experiment
        known = run or self._in_front()
        if experiment is None or not known:
            return
        self._window.background.run(
            partial(experiment.ask, known, what),
            lambda _done: self._look(),
            self._window.refuse,
        )

    def pause_or_continue(self) -> None:
        """Pause the run in front, or let it go on."""
        run = self.of(self._window.editor)
        is_paused = run is not None and run.state is RunState.PAUSED
        self.ask("continue" if is_paused else "pause")

    def go_on(self, run: str = "", *, only_failed: bool = False) -> None:
        """Go on with a run that was interrupted, or try again what failed."""
        experiment = self.experiment
        known = run or self._in_front()
        if experiment is None or not known:
            return

        def begin() -> FollowedRun:
            id_ = experiment.start_again(known, only_failed=only_failed)
            document = experiment.workflow_of(id_)
            self._documents[id_] = document
            return FollowedRun(experiment.follow(id_), document.id)

        self._window.background.run(begin, self._begin_to_follow, self._window.refuse)

    # Following

    def opened(self) -> None:
        """Learn that an experiment was opened; begin what waited for it."""
        self._forget()
        self.read()
        waiting, self._when_open = self._when_open, None
        if waiting is not None and self.experiment is not None:
            self._window.message.hide()
            waiting()

    def read(self) -> None:
        """Read how the runs of the experiment stand, and follow those that work."""
        experiment = self.experiment
        if experiment is None:
            self._forget()
            self._take([], [])
            return
        known, workflows = set(self.followed), self.workflows
        documents = self._documents

        def look() -> tuple[list[RunStatus], list[FollowedRun]]:
            statuses = experiment.statuses()
            for one in statuses:
                if one.id not in workflows:
                    workflows[one.id] = _workflow_of(experiment, one)
            new = [
                FollowedRun(experiment.follow(one.id), workflows[one.id])
                for one in statuses
                if one.is_alive and one.id not in known
            ]
            # What is edited from now on is told from what they run.
            for run in new:
                with suppress(FlowError):
                    documents[run.id] = experiment.workflow_of(RunId(run.id))
            return statuses, new

        self._window.background.run(
            look, lambda found: self._take(*found), self._window.refuse, is_quiet=True
        )

    def _forget(self) -> None:
        """Let go of the runs of another experiment; they go on."""
        self.followed.clear()
        self._documents.clear()
        self._tries.clear()

    def _take(self, statuses: list[RunStatus], new: list[FollowedRun]) -> None:
        self.statuses = statuses
        self.listed.emit(statuses)
        for run in new:
            self._follow(run)

    def _begin_to_follow(self, run: FollowedRun) -> None:
        self.begun.emit(run.id)
        self._follow(run)

    def _follow(self, run: FollowedRun) -> None:
        self.followed.pop(run.id, None)
        self.followed[run.id] = run
        self._timer.start()
        self._looked_s = monotonic()
        self.changed.emit(run)
        self.read()

    def _look(self) -> None:
        now_s = monotonic()
        if now_s - self._looked_s < _LEAST_GAP_S:
            return
        self._looked_s = now_s
        for run in list(self.followed.values()):
            if not run.is_over:
                self._look_at(run)
        if all(run.is_over for run in self.followed.values()):
            self._timer.stop()

    def _look_elsewhere(self) -> None:
        """See runs that somebody began in a terminal, or from another machine."""
        experiment = self.experiment
        if experiment is None:
            self._folders = None
            return

        def compare(folders: frozenset[str]) -> None:
            # The first time too: a run may have come since the experiment was read.
            if folders != self._folders:
                self._folders = folders
                self.read()

        background = self._window.background
        background.run(experiment.run_folders, compare, is_quiet=True)

    def _look_at(self, run: FollowedRun) -> None:
        before = run.state, run.begun
        is_late = self._looked_s - self._told_s.get(run.id, 0.0) >= _TICK_S
        if run.poll() or run.is_over or is_late:  # a clock ticks without news, too
            self._told_s[run.id] = self._looked_s
            self.changed.emit(run)
            self._show_marks(run)
            if (run.state, run.begun) != before:
                self.read()
        if run.is_over:
            self._ended(run)

    def _ended(self, run: FollowedRun) -> None:
        self._endings.tell(run, is_try=run.id in self._tries)
        self._window.workspace.experiment.contents_changed.emit()

    # What is shown

    def marks(self, editor: "Editor") -> Marks:
        """Return what the canvas shows: of a run, else of the plan."""
        run = self.of(editor)
        document = editor.workflow.document
        if run is not None and run.tally.nodes:
            ran = self._documents.get(run.id)
            if not run.is_over or ran is None or _is_same(ran, document):
                return run.marks()
        return marks_of_plan(self._window.plan_watch.known.nodes)

    def show_marks(self) -> None:
        """Show at the nodes of the workflow in front what is to be said of them."""
        editor = self._window.editor
        if editor is not None:
            editor.take_marks(self.marks(editor))

    def _show_marks(self, run: FollowedRun) -> None:
        editor = self._window.editor
        if editor is not None and editor.workflow.document.id == run.workflow:
            self.show_marks()

    def _show_experiment(self) -> None:
        self._window.docks.reveal("experiment")

    def _in_front(self) -> str:
        run = self.of(self._window.editor)
        if run is not None:
            return run.id
        working = [one for one in self.statuses if one.is_alive]
        return working[0].id if working else ""

    def raw_datasets(self) -> list[str]:
        """Return the imported datasets of the experiment that is open."""
        from bioimageit_flow.gui.experiment import experiment_panel

        contents = experiment_panel(self._window).opened.contents
        if contents is None:
            return []
        return [one.name for one in contents.datasets if one.kind is DatasetKind.RAW]


def _workflow_of(experiment: "Experiment", status: RunStatus) -> str:
    """Return the id of the workflow of a run; empty where its file is damaged."""
    if status.folder:
        return experiment.store.run_record(status.id).workflow_id
    try:
        return experiment.workflow_of(status.id).id
    except FlowError:
        return ""


def _is_same(one: Document, other: Document) -> bool:
    """Say whether two workflows would run alike: places do not matter."""
    bare = {"layout": type(one.layout)()}
    return one.model_copy(update=bare) == other.model_copy(update=bare)
