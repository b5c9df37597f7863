"""Planning, running and following workflows: a part of `Experiment`."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Unpack, cast

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.events import Observer, Request
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.plan import Plan
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.machine import Session
from bioimageit_flow.session.results import Run
from bioimageit_flow.session.wishes import PlanWords, RunWords, wish_of
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import Document

if TYPE_CHECKING:
    from bioimageit_flow.engine.still_valid import Declared
    from bioimageit_flow.session.experiment import Experiment
    from bioimageit_flow.session.following import Following
    from bioimageit_flow.session.run_status import RunStatus
    from bioimageit_flow.stores.folder import ExperimentFolder
    from bioimageit_flow.stores.protocol import Store


class Running:
    """What an experiment does with workflows."""

    store: "Store"
    session: Session
    _folder: "ExperimentFolder"

    def plan(self, workflow: Workflow, **words: Unpack[PlanWords]) -> Plan:
        """Say what a run would do, with every problem at once. Changes nothing.

        Parameters
        ----------
        workflow : Workflow
            What would run.
        **words
            What it takes and how: see `session.wishes.PlanWords`.
        """
        from bioimageit_flow.session.execution import plan_workflow

        return plan_workflow(self._me, wish_of(workflow, **words))

    def run(
        self,
        workflow: Workflow,
        *,
        observe: Observer | None = None,
        cancel: Event | None = None,
        **words: Unpack[RunWords],
    ) -> Run:
        """Run a workflow over datasets in this process; returns when it has ended.

        Parameters
        ----------
        workflow : Workflow
            What runs.
        observe : callable, optional
            Told of every event; in a notebook, a progress bar by default.
        cancel : Event, optional
            Set it, from any thread, to stop the run.
        **words
            What it takes and how: see `session.wishes.RunWords`.

        Raises
        ------
        WorkflowError
            If problems stand in the way; lists them.
        RuntimeUnavailableError
            If an image or environment cannot be had.
        """
        from bioimageit_flow.session.execution import run_workflow

        wish = wish_of(workflow, **words)
        return run_workflow(self._me, wish, observe=observe, cancel=cancel or Event())

    def start(self, workflow: Workflow, **words: Unpack[RunWords]) -> RunId:
        """Start a run as a process of its own; returns at once.

        The run goes on when this process ends. `follow` reads what it tells, also why
        it could not begin.

        Parameters
        ----------
        workflow : Workflow
            What runs.
        **words
            What it takes and how: see `session.wishes.RunWords`.

        Raises
        ------
        StoreError
            If the experiment cannot be written.
        """
        from bioimageit_flow.session.execution import new_request
        from bioimageit_flow.session.processes import start_process

        run = new_request(self._me, wish_of(workflow, **words))
        start_process(self._folder.path, self._folder.run_folder(run), run)
        return run

    def declare_still_valid(
        self,
        workflow: Workflow,
        nodes: Sequence[str],
        reason: str,
        **words: Unpack[PlanWords],
    ) -> "Declared":
        """Declare that known results of nodes are valid although their tool changed.

        Where the tool, its image or its environment changed, and neither data nor
        parameters did, the results serve again. The reason stands in the lineage;
        `undo` takes it back.

        Parameters
        ----------
        workflow : Workflow
            As it would run now.
        nodes : sequence of str
            Whose results.
        reason : str
            Why they are valid.
        **words
            As for `plan`.

        Raises
        ------
        WorkflowError
            If there is no such node, no reason is given, or the workflow cannot run.
        """
        from bioimageit_flow.session.execution import declare_valid

        return declare_valid(self._me, wish_of(workflow, **words), nodes, reason)

    # Runs that there are

    def resume(
        self,
        run: str,
        *,
        only_failed: bool = False,
        jobs: int | None = None,
        observe: Observer | None = None,
        cancel: Event | None = None,
    ) -> Run:
        """Go on with a run that was interrupted or cancelled, in this process.

        Parameters
        ----------
        run : str
            What `find_run` takes.
        only_failed : bool
            Try again what failed, with all that descends from it.

        Raises
        ------
        StoreError
            If it is being carried out, or cannot go on.
        WorkflowError, RuntimeUnavailableError
            As for `run`.
        """
        from bioimageit_flow.session.execution import carry

        known = self._to_go_on(run, only_failed=only_failed)
        return carry(
            self._me,
            known,
            redo_failed=only_failed,
            jobs=jobs,
            observe=observe,
            cancel=cancel or Event(),
        )

    def start_again(
        self, run: str, *, only_failed: bool = False, jobs: int | None = None
    ) -> RunId:
        """Go on with a run as a process of its own; returns at once.

        Parameters and errors are those of `resume`.
        """
        from bioimageit_flow.session.processes import start_process

        known = self._to_go_on(run, only_failed=only_failed)
        start_process(
            self._folder.path,
            self._folder.run_folder(known),
            known,
            redo_failed=only_failed,
            jobs=jobs,
        )
        return known

    def _to_go_on(self, text: str, *, only_failed: bool) -> RunId:
        from bioimageit_flow.engine.asking import forget_requests

        status = self.status(text)
        if status.is_alive:
            raise StoreError(
                f"The run {status.id[:8]} is being carried out.",
                remedy="Follow it with `bioimageit-flow watch`.",
            )
        if status.state is RunState.DONE:
            raise StoreError(
                f"The run {status.folder} is done: there is nothing to go on with.",
                remedy="Run the workflow again: results that are known are reused.",
            )
        if status.state is RunState.PARTIAL and not only_failed:
            raise StoreError(
                f"The run {status.folder} has ended; some of its jobs failed.",
                remedy="Try those again with `bioimageit-flow run --failed "
                f"{status.id[:8]}`.",
            )
        forget_requests(self._folder.run_folder(status.id))
        return status.id

    def runs(self) -> list[Run]:
        """List the runs, newest first."""
        return [self._run(summary.id) for summary in self.store.runs()]

    def find_run(self, text: str = "last") -> Run:
        """Return a run by the beginning of its id, its folder or name, or ``last``."""
        from bioimageit_flow.session.run_status import state_now

        summary = self.store.find_run(text)
        state = state_now(summary.state, self._folder.run_folder(summary.id))
        return Run(self._me, replace(summary, state=state))

    def _run(self, run: RunId) -> Run:
        return self.find_run(run)

    def workflow_of(self, run: RunId) -> Document:
        """Return the workflow of a run as it was when it was asked for.

        Raises
        ------
        StoreError, WorkflowError
            If it is not there, or damaged.
        """
        from bioimageit_flow.engine.request_file import read_workflow

        return read_workflow(self._folder.run_folder(run))

    def status(self, run: str = "last") -> "RunStatus":
        """Return how a run stands; also one that waits or could not begin.

        Raises
        ------
        StoreError
            If there is no such run.
        """
        from bioimageit_flow.session.run_status import find_status

        return find_status(self._me, run)

    def statuses(self) -> "list[RunStatus]":
        """Return how every run stands, newest first."""
        from bioimageit_flow.session.run_status import all_statuses

        return all_statuses(self._me)

    def run_folders(self) -> frozenset[str]:
        """Return the names of the folders of all runs; changes when one is begun."""
        from bioimageit_flow.stores.layout import RUNS

        try:
            return frozenset(one.name for one in (self._folder.path / RUNS).iterdir())
        except OSError:
            return frozenset()

    def follow(self, run: str) -> "Following":
        """Return what reads the events of a run, from its beginning on.

        Raises
        ------
        StoreError
            If there is no such run.
        """
        from bioimageit_flow.session.following import Following

        known = self.status(run).id
        return Following(known, self._folder.run_folder(known))

    def ask(self, run: str, what: Request) -> None:
        """Ask a run to stop (``cancel``), to ``pause`` or to ``continue``.

        Raises
        ------
        StoreError
            If there is no such run, or no process carries it.
        """
        from bioimageit_flow.engine.asking import ask
        from bioimageit_flow.engine.recorder import user_name

        status = self.status(run)
        if not status.is_alive:
            raise StoreError(
                f"The run {status.folder or status.id[:8]} is not working: it is "
                f"{status.state}.",
                remedy="`bioimageit-flow runs` lists what works.",
            )
        ask(self._folder.run_folder(status.id), what, user_name())

    @property
    def _me(self) -> "Experiment":
        return cast("Experiment", self)
