"""The loop of a run: one thread that makes happen what the scheduler says.

It takes jobs from the scheduler, hands on what is known, starts the rest, commits what
has ended, and only then tells the scheduler.
"""

import queue
import time
from collections.abc import Sequence

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.ended_jobs import EndedJobs
from bioimageit_flow.engine.known import Settled
from bioimageit_flow.engine.options import Surroundings
from bioimageit_flow.engine.outfit import Outfit
from bioimageit_flow.engine.plan import Unpaired, judged
from bioimageit_flow.engine.resolve import ResolvedJob
from bioimageit_flow.engine.reuse import outputs_of
from bioimageit_flow.engine.waiting import Attempt, WaitingJobs
from bioimageit_flow.engine.work import JobFinished, JobProgressed
from bioimageit_flow.model.events import JobProgress, JobStarted
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.run import JobState, KnownResult
from bioimageit_flow.stores.folder import ExperimentFolder

BATCH = 256
MOST_ELSEWHERE = 8 * BATCH
"""How many jobs may wait for other runs before no more are taken: a run claims at most
two batches ahead, so that several find work of their own."""

WAKE_S = 0.2


class RunLoop:
    """Drives the jobs of one run.

    Parameters
    ----------
    outfit : Outfit
        What the run works with.
    folder, finder : ExperimentFolder, ContentFinder
        Where results go, and who is told where they lie.
    unpaired : {"stop", "leave out"}
        Whether an item that met no partner is a fault of the run, or was left out.
    """

    def __init__(
        self,
        outfit: Outfit,
        folder: ExperimentFolder,
        finder: ContentFinder,
        around: Surroundings,
        unpaired: Unpaired,
    ) -> None:
        self._claims = outfit.claims
        self._known = outfit.known
        self._messages = outfit.messages
        self._records = outfit.records
        self._resolver = outfit.resolver
        self._scheduler = outfit.scheduler
        self._sharing = outfit.sharing
        self._starter = outfit.starter
        self._supply = outfit.supply
        self._tally = outfit.tally
        self._folder = folder
        self._finder = finder
        self._around = around
        self._teller = around.teller
        self._cancel = around.cancel
        self._unpaired: Unpaired = unpaired
        self._is_paused = False
        self._waiting = WaitingJobs()
        self._running: dict[Sha256, list[Attempt]] = {}
        self._ended = EndedJobs()

    def drive(self) -> None:
        """Take jobs, start them and commit what they made, until all is over.

        Raises
        ------
        StoreError
            If the store cannot be written.
        """
        while True:
            try:
                self._attend()
                if self._may_start:
                    self._take_ready()
                    self._start_waiting()
                found = self._scheduler.take_problems()
                self._tally.tell_problems(judged(found, self._unpaired))
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

    def stop(self) -> None:
        """Stop running jobs after an error of the run itself, and wait for them."""
        self._cancel.set()
        while self._running:
            for message in self._wait():
                self._running.pop(message.task.digest, None)

    @property
    def _may_start(self) -> bool:
        return not self._is_paused and not self._cancel.is_set()

    def _attend(self) -> None:
        """Do what is asked from elsewhere, and show that the run is alive."""
        self._around.beat.show()
        if self._claims.renew():  # a run that was stopped for long may have lost some
            self._waiting.set_aside()
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
        if self._claims.is_time_to_look and (some := self._waiting.take_elsewhere()):
            self._start_or_wait(some)  # others may have ended the work meanwhile
        if due := self._waiting.take_due(time.monotonic()):
            self._start_or_wait(due)  # their claims ended with the attempt before
        while self._waiting.ready < BATCH and self._waiting.elsewhere < MOST_ELSEWHERE:
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
            twins += self._waiting.take_same(message.task.digest)
            due_s = self._retried(message)
            if due_s is None:
                record = self._records.of_finished(message)
                self._tally.add(record)
                self._known.follow(record)
                self._sharing.add(message, record)
                final.append(message)
            self._remember(message)
            result = KnownResult(message.task.id, message.produced)
            is_done = message.result.state is JobState.DONE
            for twin in twins:
                if due_s is not None:
                    self._waiting.add_later(twin, due_s)
                elif not is_done or not self._known.take(twin, result, settled):
                    settled.open.append(twin)
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
        for attempt in settled.open:  # their claims have ended with that transaction
            self._waiting.add_elsewhere(attempt)
        if settled.open:
            self._claims.look_soon()

    def _retried(self, message: JobFinished) -> float | None:
        """Have a failed job tried again by the policy of its tool.

        Returns
        -------
        float or None
            When that is due, on the monotonic clock; None where it is not.
        """
        retry = self._starter.retry(message)
        if retry is None:
            return None
        before = message.task.attempt
        record = self._records.of_finished(message)
        self._tally.add_retried(record, before.number + 1, retry.wait_s)
        again = before.again(message.task.id, retry)
        due_s = time.monotonic() + retry.wait_s
        self._waiting.add_later(again, due_s)
        return due_s

    def _remember(self, message: JobFinished) -> None:
        for item in message.produced:
            if item.location is not None:
                path = self._folder.resolve(item.location)
                self._finder.remember(item.content, path, item.location)
