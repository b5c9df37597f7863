"""The runner: the thin shell around the scheduler that makes things happen.

One thread drives it: it takes jobs from the scheduler, reuses what is known, hands the
rest to the executor, commits what has finished, and only then tells the scheduler.
"""

import queue
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from threading import Event

from bioimageit_flow.engine.begin import new_run, new_run_folders
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.ended_jobs import EndedJobs
from bioimageit_flow.engine.journal import Journal
from bioimageit_flow.engine.obtain import Obtained, obtain
from bioimageit_flow.engine.plan import Unpaired, judged
from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.engine.publish import Publisher
from bioimageit_flow.engine.recorder import Recorder
from bioimageit_flow.engine.records import Records
from bioimageit_flow.engine.resolve import ResolvedJob, Resolver
from bioimageit_flow.engine.reuse import known_outputs, outputs_of
from bioimageit_flow.engine.scheduler import IncompleteGroups, Scheduler
from bioimageit_flow.engine.stamping import Stamper
from bioimageit_flow.engine.tally import Tally
from bioimageit_flow.engine.token import Order
from bioimageit_flow.engine.work import JobFinished, JobProgressed, Task, do_task
from bioimageit_flow.errors import StoreError
from bioimageit_flow.executors.job import remove_folder
from bioimageit_flow.executors.protocol import Executor
from bioimageit_flow.executors.warm import Isolation, warm_run
from bioimageit_flow.model.events import (
    JobProgress,
    JobStarted,
    Observer,
    RunEnded,
    RunReport,
    RunStarted,
)
from bioimageit_flow.model.ids import Sha256, new_job_id
from bioimageit_flow.model.run import JobState, KnownResult, ProducedItem, RunState
from bioimageit_flow.runtimes.protocol import Runtime
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store

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
    unpaired : {"stop", "leave out"}
        Whether an item that met no partner is a fault of the run, or was left out.
    isolation : {"worker", "job"}
        Whether warm workers may run jobs.
    """

    expected: dict[str, int] = field(default_factory=dict)
    incomplete_groups: IncompleteGroups = "stop"
    unpaired: Unpaired = "stop"
    reuse: bool = True
    isolation: Isolation = "worker"


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
        self._ended = EndedJobs()

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
        self._run = new_run(self._prepared.request)
        self._records = Records(self._run, self._obtained, self._prepared.tools)
        begun = time.monotonic()
        self._folders = new_run_folders(self._folder, self._run, self._prepared)
        stamper = Stamper(self._prepared.request.document)
        self._publisher = Publisher(self._folder, self._run.folder, stamper)
        used = [
            (one.runtime, self._prepared.tools[node], one.used)
            for node, one in self._obtained.items()
        ]
        with (
            closing(Journal(self._folders.run)) as journal,
            warm_run(self._run.id, used, self._options.isolation),
        ):
            self._recorder = Recorder(self._store, self._run, journal)
            self._tally = Tally(
                self._prepared.order,
                self._recorder,
                self._records,
                self._folder.path,
                self._folders.logs,
                self._observe,
            )
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
                remove_folder(self._folders.work)
            self._count_blocked()
            state = self._tally.state(is_cancelled=self._cancel.is_set())
            elapsed_s = time.monotonic() - begun
            self._recorder.end(state, elapsed_s)
        self._observe(RunEnded(state))
        return RunReport(
            run=self._run.id,
            name=self._run.name,
            state=state,
            folder=self._folders.results,
            elapsed_s=elapsed_s,
            nodes=self._tally.nodes,
            failures=tuple(self._tally.failures),
            problems=tuple(self._tally.problems),
            runtimes={node: one.words for node, one in self._obtained.items()},
        )

    # The loop

    def _drive(self) -> None:
        used = {node: one.used for node, one in self._obtained.items()}
        tools = {name: tool.tool for name, tool in self._prepared.tools.items()}
        self._resolver = Resolver(
            self._prepared.document, self._prepared.tools, used, self._prepared.files
        )
        self._scheduler = Scheduler(
            self._prepared.document,
            tools,
            incomplete_groups=self._options.incomplete_groups,
            parted=self._prepared.bound.parted,
        )
        for name, tokens in self._prepared.bound.tokens.items():
            self._scheduler.arrive(name, tokens)
            self._scheduler.close_input(name)
        while True:
            try:
                if not self._cancel.is_set():
                    self._take_ready()
                    self._start_pending()
                found = self._scheduler.take_problems()
                self._tally.tell_problems(judged(found, self._options.unpaired))
                is_idle = self._cancel.is_set() or (
                    not self._pending and self._scheduler.is_over
                )
                if is_idle and not self._running:
                    return
                self._ended.add(self._wait())
                is_busy = bool(self._pending) and not self._cancel.is_set()
                self._handle(self._ended.take(is_busy=is_busy))
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
            self._tally.commit()
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
            self._scheduler.job_done(one.resolved.job, outputs_of(one.produced))

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
                self._messages.put,
            )
        for one in held:
            heappush(self._pending, one)

    def _wait(self) -> list[JobFinished]:
        """Wait for messages; jobs that finished meanwhile come together."""
        finished: list[JobFinished] = []
        try:
            message = self._messages.get(timeout=self._ended.patience_s(WAKE_S))
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
        if not finished:
            return
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
        begun = time.monotonic()
        self._tally.commit()
        self._ended.recorded(time.monotonic() - begun)
        for message in finished:
            job = message.task.resolved.job
            if message.result.state is JobState.DONE:
                self._scheduler.job_done(job, outputs_of(message.produced))
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
            folder=self._folders.work / job,
            log=self._folders.logs / f"{job}.log",
        )

    # Begin and end

    def _announce(self) -> None:
        runtimes = {node: one.words for node, one in self._obtained.items()}
        self._recorder.note("nodes", runtimes=runtimes, jobs=self._options.expected)
        self._observe(
            RunStarted(
                self._run.id,
                self._folders.results,
                dict(self._options.expected),
                runtimes,
            )
        )

    def _stop_everything(self) -> None:
        """Stop running jobs after an error of the run itself, and wait for them."""
        self._cancel.set()
        while self._running:
            for message in self._wait():
                self._running.pop(message.task.digest, None)

    def _count_blocked(self) -> None:
        for name, report in self._tally.nodes.items():
            report.blocked = self._scheduler.counts(name).blocked


@dataclass(frozen=True, slots=True)
class _Reused:
    resolved: ResolvedJob
    produced: tuple[ProducedItem, ...]
