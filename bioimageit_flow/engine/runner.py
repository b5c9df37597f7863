"""The runner: the thin shell around the scheduler that makes things happen.

One thread drives it: it takes jobs from the scheduler, hands on what is known, starts
the rest, commits what has ended, and only then tells the scheduler.
"""

import queue
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bioimageit_flow.engine.begin import BegunRun, begin_run
from bioimageit_flow.engine.claims import Claims
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.ended_jobs import EndedJobs
from bioimageit_flow.engine.known import KnownJobs, Settled
from bioimageit_flow.engine.obtain import Obtained, obtain
from bioimageit_flow.engine.options import RunOptions, Surroundings
from bioimageit_flow.engine.plan import judged
from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.engine.publish import Publisher
from bioimageit_flow.engine.recorder import Recorder
from bioimageit_flow.engine.records import Records
from bioimageit_flow.engine.resolve import ResolvedJob, Resolver
from bioimageit_flow.engine.reuse import outputs_of
from bioimageit_flow.engine.scheduler import Scheduler
from bioimageit_flow.engine.sharing import Sharing
from bioimageit_flow.engine.stamping import Stamper
from bioimageit_flow.engine.starting import Message, Starter
from bioimageit_flow.engine.tally import Tally
from bioimageit_flow.engine.waiting import Attempt, WaitingJobs
from bioimageit_flow.engine.work import JobFinished, JobProgressed
from bioimageit_flow.errors import StoreError
from bioimageit_flow.executors.job import remove_folder
from bioimageit_flow.executors.protocol import Executor
from bioimageit_flow.executors.warm import warm_run
from bioimageit_flow.model.events import (
    JobProgress,
    JobStarted,
    RunEnded,
    RunReport,
    RunStarted,
)
from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.model.run import JobState, KnownResult, RunState
from bioimageit_flow.runtimes.protocol import Runtime
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store

BATCH = 256
WAKE_S = 0.2


class Runner:
    """Carries out one run, or goes on with it.

    Parameters
    ----------
    run : RunId
        The run; its folder is there.
    prepared : Prepared
        The workflow with its items; must be runnable.
    folder, store : ExperimentFolder, Store
        The experiment.
    executor : Executor
        What carries the jobs.
    """

    def __init__(
        self,
        run: RunId,
        prepared: Prepared,
        folder: ExperimentFolder,
        store: Store,
        executor: Executor,
        runtimes: Sequence[Runtime],
        finder: ContentFinder,
        options: RunOptions,
        around: Surroundings,
    ) -> None:
        self._id = run
        self._prepared = prepared
        self._folder = folder
        self._store = store
        self._executor = executor
        self._runtimes = runtimes
        self._finder = finder
        self._options = options
        self._around = around
        self._teller = around.teller
        self._cancel = around.cancel
        self._is_paused = False
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._waiting = WaitingJobs()
        self._running: dict[Sha256, list[Attempt]] = {}
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
        obtained = obtain(
            self._prepared, self._runtimes, self._teller.tell, self._cancel
        )
        begun = begin_run(self._id, self._folder, self._store, self._prepared, obtained)
        self._set_up(begun, obtained)
        started = time.monotonic()
        used = [
            (one.runtime, self._prepared.tools[node], one.used)
            for node, one in obtained.items()
        ]
        with warm_run(self._id, used, self._options.isolation):
            try:
                self._recorder.begin(is_resumed=begun.is_resumed)
                self._announce(begun, obtained)
                self._drive()
            except BaseException:
                self._stop_everything()
                with suppress(StoreError):  # which may be why the run is ending
                    elapsed_s = begun.elapsed_s + time.monotonic() - started
                    self._recorder.end(RunState.FAILED, elapsed_s)
                raise
            finally:
                remove_folder(begun.folders.work)
                self._sharing.close()
            self._count_blocked()
            state = self._tally.state(is_cancelled=self._cancel.is_set())
            elapsed_s = begun.elapsed_s + time.monotonic() - started
            self._recorder.end(state, elapsed_s)
        self._teller.tell(RunEnded(state, elapsed_s))
        return RunReport(
            run=self._id,
            name=begun.run.name,
            state=state,
            folder=begun.folders.results,
            elapsed_s=elapsed_s,
            nodes=self._tally.nodes,
            failures=tuple(self._tally.failures),
            problems=tuple(self._tally.problems),
            runtimes={node: one.words for node, one in obtained.items()},
        )

    # The loop

    def _drive(self) -> None:
        while True:
            try:
                self._attend()
                if self._may_start:
                    self._take_ready()
                    self._start_waiting()
                found = self._scheduler.take_problems()
                self._tally.tell_problems(judged(found, self._options.unpaired))
                self._teller.flush()
                is_idle = self._cancel.is_set() or (
                    not self._waiting and self._scheduler.is_over
                )
                if is_idle and not self._running:
                    return
                self._ended.add(self._wait())
                is_busy = bool(self._waiting.ready) and not self._cancel.is_set()
                self._handle(self._ended.take(is_busy=is_busy))
            except KeyboardInterrupt:
                self._cancel.set()

    @property
    def _may_start(self) -> bool:
        return not self._is_paused and not self._cancel.is_set()

    def _attend(self) -> None:
        """Do what is asked from elsewhere, and show that the run is alive."""
        self._around.beat.show()
        self._claims.renew()
        for asked in self._around.requests.take():
            match asked.what:
                case "cancel":
                    self._cancel.set()
                case "pause":
                    self._is_paused = True
                    self._claims.let_go(self._waiting.set_aside(), self._running)
                case "continue":
                    self._is_paused = False
            self._teller.tell(asked)

    def _take_ready(self) -> None:
        """Take ready jobs, hand on what is known, keep the rest."""
        while self._waiting.ready < BATCH:
            batch: list[ResolvedJob] = []
            while len(batch) < BATCH:
                job = self._scheduler.take()
                if job is not None:
                    batch.append(self._resolver.resolve(job))
                elif batch or self._supply.is_over:
                    break
                else:
                    self._supply.feed()
            if not batch:
                break
            self._settled(self._known.settle(batch))
        if self._claims.is_time_to_look and (some := self._waiting.take_elsewhere()):
            self._start_or_wait(some)  # others may have ended the work meanwhile

    def _start_or_wait(self, attempts: Sequence[Attempt]) -> None:
        """Claim what others may have worked on, then look for what they have made.

        In this order: what is not claimed any more was committed before.
        """
        free, others = self._claims.sort(attempts)
        for attempt in others:
            self._waiting.add_elsewhere(attempt)
        settled = Settled()
        self._known.settle_known(free, settled)
        if settled.done or settled.failed:
            self._settled(settled)
            return
        self._finder.expect(one for some in free for one in some.resolved.contents)
        for attempt in free:
            self._waiting.add(attempt)

    def _settled(self, settled: Settled) -> None:
        """Commit what needs no run, tell the scheduler, and keep the rest."""
        self._tally.commit()
        for job, outputs in settled.done:
            self._scheduler.job_done(job, outputs)
        for job in settled.failed:
            self._scheduler.job_failed(job)
        self._start_or_wait(settled.open)

    def _start_waiting(self) -> None:
        self._waiting.wake(time.monotonic())
        while (attempt := self._waiting.take()) is not None:
            if attempt.digest in self._running:
                self._running[attempt.digest].append(attempt)
                continue
            if not self._starter.has_room(attempt):
                self._waiting.add(attempt)
                return
            self._running[attempt.digest] = []
            job = attempt.resolved.job
            task = self._starter.start(attempt)
            self._teller.tell(JobStarted(job.node, job.label, task.id))

    def _wait(self) -> list[JobFinished]:
        """Wait for messages; jobs that finished meanwhile come together."""
        finished: list[JobFinished] = []
        try:
            message = self._messages.get(timeout=self._ended.patience_s(WAKE_S))
            while True:
                match message:
                    case JobFinished():
                        finished.append(message)
                    case JobProgressed():
                        self._tell_progress(message)
                message = self._messages.get_nowait()
        except queue.Empty:
            return finished

    def _tell_progress(self, message: JobProgressed) -> None:
        job, progress = message.task.resolved.job, message.progress
        said = progress.done, progress.of, progress.text
        self._teller.tell(JobProgress(job.node, job.label, *said, message.task.id))

    def _handle(self, finished: Sequence[JobFinished]) -> None:
        """Commit what has finished, then tell the scheduler."""
        if not finished:
            return
        settled = Settled()
        final: list[JobFinished] = []
        for message in finished:
            twins = self._running.pop(message.task.digest)
            if not self._retried(message):
                record = self._records.of_finished(message)
                self._tally.add(record)
                self._known.follow(record)
                self._sharing.add(message, record)
                final.append(message)
            self._remember(message)
            result = KnownResult(message.task.id, message.produced)
            is_done = message.result.state is JobState.DONE
            for twin in twins:
                if not is_done or not self._known.take(twin, result, settled):
                    self._waiting.add(twin)
        begun = time.monotonic()
        self._starter.publisher.settle()
        self._tally.commit()
        self._sharing.commit()
        self._ended.recorded(time.monotonic() - begun)
        for message in final:
            job = message.task.resolved.job
            if message.result.state is JobState.DONE:
                self._scheduler.job_done(job, outputs_of(message.produced))
            elif message.result.state is JobState.FAILED:
                self._scheduler.job_failed(job)
        for job, outputs in settled.done:
            self._scheduler.job_done(job, outputs)

    def _retried(self, message: JobFinished) -> bool:
        """Have a failed job tried again by the policy of its tool; say whether."""
        retry = self._starter.retry(message)
        if retry is None:
            return False
        before = message.task.attempt
        record = self._records.of_finished(message)
        self._tally.add_retried(record, before.number + 1, retry.wait_s)
        again = before.again(message.task.id, retry)
        self._waiting.add_later(again, time.monotonic() + retry.wait_s)
        return True

    def _remember(self, message: JobFinished) -> None:
        for item in message.produced:
            if item.location is not None:
                path = self._folder.resolve(item.location)
                self._finder.remember(item.content, path, item.location)

    # Begin and end

    def _set_up(self, begun: BegunRun, obtained: Mapping[str, Obtained]) -> None:
        prepared, options = self._prepared, self._options
        used = {node: one.used for node, one in obtained.items()}
        self._recorder = Recorder(self._store, begun.run)
        self._records = Records(begun.run, obtained, prepared.tools)
        self._tally = Tally(
            prepared.order,
            self._recorder,
            self._records,
            self._folder.path,
            begun.folders.logs,
            self._teller,
        )
        self._claims = Claims(self._store, self._id, is_wanted=options.reuse.is_wanted)
        self._known = KnownJobs(
            prepared.results,
            self._finder,
            begun.earlier,
            self._records,
            self._tally,
            options.reuse,
        )
        self._sharing = Sharing(
            options.shared, self._folder.path, self._store, begun.run, options.reuse
        )
        self._starter = Starter(
            run=self._id,
            folders=begun.folders,
            tools=prepared.tools,
            obtained=obtained,
            executor=self._executor,
            finder=self._finder,
            publisher=Publisher(
                self._folder, begun.run.folder, Stamper(prepared.request.document)
            ),
            cancel=self._cancel,
            tell=self._messages.put,
            sharing=self._sharing,
        )
        self._resolver = Resolver(
            prepared.document, prepared.tools, used, prepared.files
        )
        self._scheduler = Scheduler(
            prepared.document,
            prepared.bare_tools,
            incomplete_groups=options.incomplete_groups,
            parted=prepared.bound.parted,
        )
        self._supply = prepared.supply(self._scheduler)

    def _announce(self, begun: BegunRun, obtained: Mapping[str, Obtained]) -> None:
        self._teller.tell(
            RunStarted(
                self._id,
                begun.folders.results,
                dict(self._options.expected),
                {node: one.words for node, one in obtained.items()},
                begun.is_resumed,
            )
        )
        self._teller.flush()

    def _stop_everything(self) -> None:
        """Stop running jobs after an error of the run itself, and wait for them."""
        self._cancel.set()
        while self._running:
            for message in self._wait():
                self._running.pop(message.task.digest, None)

    def _count_blocked(self) -> None:
        for name, report in self._tally.nodes.items():
            report.blocked = self._scheduler.counts(name).blocked
