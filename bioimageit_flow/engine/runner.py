"""The runner: the thin shell around the scheduler that makes things happen.

One thread drives it: it takes jobs from the scheduler, reuses what is known, hands the
rest to the executor, commits what has finished, and only then tells the scheduler.
"""

import queue
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from pathlib import Path
from threading import Event

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.journal import Journal
from bioimageit_flow.engine.obtain import Obtained, obtain
from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.engine.publish import Publisher
from bioimageit_flow.engine.recorder import (
    Recorder,
    run_folder_name,
    this_machine,
)
from bioimageit_flow.engine.records import Records
from bioimageit_flow.engine.resolve import ResolvedJob, Resolver
from bioimageit_flow.engine.reuse import known_outputs
from bioimageit_flow.engine.scheduler import IncompleteGroups, Output, Scheduler
from bioimageit_flow.engine.token import Datum, Order
from bioimageit_flow.engine.work import JobFinished, JobProgressed, Task, do_task
from bioimageit_flow.engine.work_folder import new_work_folder
from bioimageit_flow.errors import StoreError
from bioimageit_flow.executors.job import remove_folder
from bioimageit_flow.executors.protocol import Executor
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.events import (
    Failure,
    JobEnded,
    JobProgress,
    JobStarted,
    NodeReport,
    Observer,
    ProblemFound,
    RunEnded,
    RunReport,
    RunStarted,
)
from bioimageit_flow.model.ids import Sha256, new_job_id, new_run_id
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.run import (
    FailureCause,
    JobRecord,
    JobState,
    KnownResult,
    ProducedItem,
    RunRecord,
    RunState,
)
from bioimageit_flow.runtimes.protocol import Runtime
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.file import write_document

BATCH = 256
WAKE_S = 0.2

_Waiting = tuple[tuple[int, Order, int], ResolvedJob]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is carried out.

    Attributes
    ----------
    expected : mapping of str to int
        Number of jobs of each node as planned, for progress.
    reuse : bool
        Whether known results are taken.
    """

    expected: dict[str, int] = field(default_factory=dict)
    incomplete_groups: IncompleteGroups = "stop"
    reuse: bool = True


class Runner:
    """Carries out one run.

    Parameters
    ----------
    prepared : Prepared
        The workflow with its items; must be runnable.
    folder, store : ExperimentFolder, Store
        The experiment.
    executor : Executor
        What carries the jobs.
    observe : callable
        Told of every event, in the thread that calls `run`.
    cancel : Event
        Set it, from any thread, to stop the run.
    """

    def __init__(
        self,
        prepared: Prepared,
        folder: ExperimentFolder,
        store: Store,
        executor: Executor,
        runtimes: Sequence[Runtime],
        finder: ContentFinder,
        options: RunOptions,
        observe: Observer,
        cancel: Event,
    ) -> None:
        self._prepared = prepared
        self._folder = folder
        self._store = store
        self._executor = executor
        self._runtimes = runtimes
        self._finder = finder
        self._options = options
        self._observe = observe
        self._cancel = cancel
        self._messages: queue.SimpleQueue[JobFinished | JobProgressed] = (
            queue.SimpleQueue()
        )
        self._pending: list[_Waiting] = []
        self._running: dict[Sha256, list[ResolvedJob]] = {}
        self._nodes = {name: NodeReport() for name in prepared.order}
        self._failures: list[Failure] = []
        self._problems: list[Problem] = []

    def run(self) -> RunReport:
        """Carry out the run and return how it ended.

        Raises
        ------
        RuntimeUnavailableError
            If an image or environment cannot be had; nothing is recorded then.
        StoreError
            If the store cannot be written.
        """
        self._obtained: Mapping[str, Obtained] = obtain(
            self._prepared, self._runtimes, self._observe, self._cancel
        )
        self._run = self._new_run()
        self._records = Records(self._run, self._obtained, self._prepared.tools)
        begun = time.monotonic()
        folder = self._folder.new_run_folder(self._run.id)
        text = self._run.workflow_text
        (folder / "workflow.flow.yaml").write_text(text, encoding="utf-8")
        self._logs = folder / "logs"
        self._logs.mkdir()
        self._work = new_work_folder(self._run.id)
        self._publisher = Publisher(self._folder, self._run.folder)
        with closing(Journal(folder)) as journal:
            self._recorder = Recorder(self._store, self._run, journal)
            self._recorder.begin()
            try:
                self._announce()
                self._drive()
            except BaseException:
                self._stop_everything()
                with suppress(StoreError):  # which may be why the run is ending
                    self._recorder.end(RunState.FAILED, time.monotonic() - begun)
                raise
            finally:
                remove_folder(self._work)
            state = self._final_state()
            elapsed_s = time.monotonic() - begun
            self._recorder.end(state, elapsed_s)
        self._observe(RunEnded(state))
        return RunReport(
            run=self._run.id,
            name=self._run.name,
            state=state,
            folder=self._results_folder,
            elapsed_s=elapsed_s,
            nodes=self._nodes,
            failures=tuple(self._failures),
            problems=tuple(self._problems),
            runtimes={node: one.words for node, one in self._obtained.items()},
        )

    # The loop

    def _drive(self) -> None:
        used = {node: one.used for node, one in self._obtained.items()}
        tools = {name: tool.tool for name, tool in self._prepared.tools.items()}
        self._resolver = Resolver(self._prepared.document, self._prepared.tools, used)
        self._scheduler = Scheduler(
            self._prepared.document,
            tools,
            incomplete_groups=self._options.incomplete_groups,
        )
        for name, tokens in self._prepared.bound.tokens.items():
            self._scheduler.arrive(name, tokens)
            self._scheduler.close_input(name)
        while True:
            try:
                if not self._cancel.is_set():
                    self._take_ready()
                    self._start_pending()
                self._tell_problems()
                is_idle = self._cancel.is_set() or (
                    not self._pending and self._scheduler.is_over
                )
                if is_idle and not self._running:
                    return
                self._handle(self._wait())
            except KeyboardInterrupt:
                self._cancel.set()

    def _take_ready(self) -> None:
        """Take ready jobs, hand on what is known, keep the rest."""
        while len(self._pending) < BATCH:
            batch: list[ResolvedJob] = []
            while len(batch) < BATCH and (job := self._scheduler.take()) is not None:
                batch.append(self._resolver.resolve(job))
            if not batch:
                return
            digests = [one.digest for one in batch if one.digest and not one.problems]
            known = self._store.known_results(digests) if self._options.reuse else {}
            reused: list[_Reused] = []
            for resolved in batch:
                result = known.get(resolved.digest) if resolved.digest else None
                one = self._reused(resolved, result) if result else None
                if resolved.problems:
                    self._recorder.add(self._records.of_refused(resolved))
                elif one is not None:
                    reused.append(one)
                else:
                    heappush(self._pending, (resolved.job.priority, resolved))
            self._commit()
            self._hand_on(reused)
            for resolved in batch:
                if resolved.problems:
                    self._scheduler.job_failed(resolved.job)

    def _reused(self, resolved: ResolvedJob, result: KnownResult) -> "_Reused | None":
        """Record that a known result serves a job; None if its files are gone."""
        if known_outputs(resolved.job, result, self._finder) is None:
            return None
        record = self._records.of_reused(resolved, result)
        self._recorder.add(record)
        return _Reused(resolved, record.produced)

    def _hand_on(self, reused: Iterable["_Reused"]) -> None:
        for one in reused:
            self._scheduler.job_done(one.resolved.job, _outputs(one.produced))

    def _start_pending(self) -> None:
        held: list[_Waiting] = []
        while self._pending:
            priority, resolved = heappop(self._pending)
            assert resolved.digest is not None
            if resolved.digest in self._running:
                self._running[resolved.digest].append(resolved)
                continue
            resources = self._prepared.tools[resolved.job.node].tool.resources
            if not self._executor.has_room(resources):
                held.append((priority, resolved))
                break
            task = self._task(resolved, resolved.digest)
            self._running[resolved.digest] = []
            self._observe(JobStarted(resolved.job.node, resolved.job.label))
            self._executor.submit(
                resources,
                lambda task=task: do_task(  # type: ignore[misc]
                    task,
                    self._finder,
                    self._publisher,
                    self._cancel,
                    self._messages.put,
                ),
            )
        for one in held:
            heappush(self._pending, one)

    def _wait(self) -> list[JobFinished]:
        """Wait for messages; jobs that finished meanwhile come together."""
        finished: list[JobFinished] = []
        try:
            message = self._messages.get(timeout=WAKE_S)
            while True:
                match message:
                    case JobFinished():
                        finished.append(message)
                    case JobProgressed(task, progress):
                        job = task.resolved.job
                        self._observe(
                            JobProgress(
                                job.node,
                                job.label,
                                progress.done,
                                progress.of,
                                progress.text,
                            )
                        )
                message = self._messages.get_nowait()
        except queue.Empty:
            return finished

    def _handle(self, finished: Sequence[JobFinished]) -> None:
        """Commit what has finished, then tell the scheduler."""
        reused: list[_Reused] = []
        for message in finished:
            self._recorder.add(self._records.of_finished(message))
            for item in message.produced:
                if item.location is not None:
                    path = self._folder.resolve(item.location)
                    self._finder.remember(item.content, path)
            result = KnownResult(message.task.id, message.produced)
            is_done = message.result.state is JobState.DONE
            for twin in self._running.pop(message.task.digest):
                one = self._reused(twin, result) if is_done else None
                if one is not None:
                    reused.append(one)
                else:
                    heappush(self._pending, (twin.job.priority, twin))
        self._commit()
        for message in finished:
            job = message.task.resolved.job
            if message.result.state is JobState.DONE:
                self._scheduler.job_done(job, _outputs(message.produced))
            elif message.result.state is JobState.FAILED:
                self._scheduler.job_failed(job)
        self._hand_on(reused)

    # One job

    def _task(self, resolved: ResolvedJob, digest: Sha256) -> Task:
        node = resolved.job.node
        job = new_job_id()
        obtained = self._obtained[node]
        return Task(
            id=job,
            run=self._run.id,
            resolved=resolved,
            digest=digest,
            tool=self._prepared.tools[node],
            runtime=obtained.runtime,
            used=obtained.used,
            folder=self._work / job,
            log=self._logs / f"{job}.log",
        )

    def _commit(self) -> None:
        """Make everything recorded durable, then tell of it."""
        for record in self._recorder.commit():
            report = self._nodes[record.node]
            match record.state:
                case JobState.DONE:
                    report.done += 1
                case JobState.REUSED:
                    report.reused += 1
                case JobState.CANCELLED:
                    report.cancelled += 1
                case JobState.FAILED:
                    report.failed += 1
                    self._failures.append(self._failure(record))
            label = self._records.label(record)
            self._observe(
                JobEnded(
                    record.node, label, record.state, record.elapsed_s, record.message
                )
            )

    def _failure(self, record: JobRecord) -> Failure:
        return Failure(
            node=record.node,
            item=self._records.label(record),
            cause=record.cause or FailureCause.TOOL_ERROR,
            message=record.message,
            log=self._folder.path / record.log if record.log else self._logs,
        )

    def _tell_problems(self) -> None:
        for problem in self._scheduler.take_problems():
            self._problems.append(problem)
            self._recorder.note("problem", **problem.as_json())
            self._observe(ProblemFound(problem))

    # Begin and end

    def _new_run(self) -> RunRecord:
        document = self._prepared.request.document
        text = write_document(document)
        started = datetime.now(UTC)
        run = new_run_id()
        return RunRecord(
            id=run,
            name=document.name,
            folder=run_folder_name(started, run, safe_name(document.name, limit=60)),
            workflow_id=document.id,
            workflow_sha256=canonical_hash(text),
            workflow_text=text,
            bindings=dict(self._prepared.request.bindings),
            started=started,
            machine=this_machine(),
        )

    def _announce(self) -> None:
        runtimes = {node: one.words for node, one in self._obtained.items()}
        self._recorder.note("nodes", runtimes=runtimes, jobs=self._options.expected)
        self._observe(
            RunStarted(
                self._run.id,
                self._results_folder,
                dict(self._options.expected),
                runtimes,
            )
        )

    @property
    def _results_folder(self) -> Path:
        return self._folder.path / "results" / self._run.folder

    def _stop_everything(self) -> None:
        """Stop running jobs after an error of the run itself, and wait for them."""
        self._cancel.set()
        while self._running:
            for message in self._wait():
                self._running.pop(message.task.digest, None)

    def _final_state(self) -> RunState:
        for name, report in self._nodes.items():
            report.blocked = self._scheduler.counts(name).blocked
        if self._cancel.is_set():
            return RunState.CANCELLED
        if not self._failures and not self._problems:
            return RunState.DONE
        is_something_done = any(one.done + one.reused for one in self._nodes.values())
        return RunState.PARTIAL if is_something_done else RunState.FAILED


@dataclass(frozen=True, slots=True)
class _Reused:
    resolved: ResolvedJob
    produced: tuple[ProducedItem, ...]


def _outputs(produced: Iterable[ProducedItem]) -> list[Output]:
    return [
        Output(
            item.port,
            Datum(item.id, item.name, item.content, item.info),
            item.name,
            item.part,
            item.annotations,
        )
        for item in produced
    ]
