"""What need not run: jobs that ended earlier in this run, and known results."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.earlier import EarlierJobs
from bioimageit_flow.engine.known_results import KnownResults
from bioimageit_flow.engine.records import Records
from bioimageit_flow.engine.resolve import ResolvedJob
from bioimageit_flow.engine.reuse import (
    ReusePolicy,
    cleaned_outputs,
    known_outputs,
    outputs_of,
)
from bioimageit_flow.engine.scheduler import Output
from bioimageit_flow.engine.tally import Tally
from bioimageit_flow.engine.token import Job
from bioimageit_flow.engine.waiting import Attempt
from bioimageit_flow.model.run import JobRecord, JobState, KnownResult


@dataclass(slots=True)
class Settled:
    """What became of some jobs.

    Attributes
    ----------
    done : list of tuple
        Jobs that need not run, with what they give.
    failed : list of Job
        Jobs that cannot run, or failed earlier.
    open : list of Attempt
        Those that have to run.
    """

    done: list[tuple[Job, list[Output]]] = field(default_factory=list)
    failed: list[Job] = field(default_factory=list)
    open: list[Attempt] = field(default_factory=list)


class KnownJobs:
    """Sorts out jobs that need not run.

    Parameters
    ----------
    results, finder : KnownResults, ContentFinder
        Where results are known, and where their files are.
    earlier : EarlierJobs
        What this run did before it was interrupted.
    records, tally : Records, Tally
        Where reused and refused jobs are written down.
    """

    def __init__(
        self,
        results: KnownResults,
        finder: ContentFinder,
        earlier: EarlierJobs,
        records: Records,
        tally: Tally,
        policy: ReusePolicy,
    ) -> None:
        self._results = results
        self._finder = finder
        self._earlier = earlier
        self._records = records
        self._tally = tally
        self._policy = policy

    def settle(self, jobs: Sequence[ResolvedJob]) -> Settled:
        """Sort jobs; what is reused or refused is taken down, to be committed next."""
        settled = Settled()
        attempts = [
            attempt
            for job in jobs
            if (attempt := self._after_earlier(job, settled)) is not None
        ]
        self.settle_known(attempts, settled)
        return settled

    def settle_known(self, attempts: Sequence[Attempt], settled: Settled) -> None:
        """Sort attempts by whether their results are known."""
        digests = [
            one.resolved.digest
            for one in attempts
            if one.resolved.digest
            and not one.resolved.problems
            and self._policy.takes_known(one.resolved.job.node)
        ]
        known = self._results.of(digests)
        for attempt in attempts:
            resolved = attempt.resolved
            result = known.get(resolved.digest) if resolved.digest else None
            if resolved.problems:
                self._tally.add(self._records.of_refused(attempt))
                settled.failed.append(resolved.job)
            elif result is None or not self.take(attempt, result, settled):
                settled.open.append(attempt)

    def take(self, attempt: Attempt, result: KnownResult, settled: Settled) -> bool:
        """Let a known result serve a job; False if its files are gone."""
        job = attempt.resolved.job
        cleaned = cleaned_outputs(result, self._finder)
        if cleaned is None or (cleaned and attempt.digest not in self._policy.dormant):
            self._results.forget(attempt.digest)
            return False
        record = self._records.of_reused(attempt, result)
        self._tally.add(record)
        self._earlier.follow(record)
        settled.done.append((job, outputs_of(record.produced)))
        return True

    def _after_earlier(self, resolved: ResolvedJob, settled: Settled) -> Attempt | None:
        """Return the attempt that is due; None where the run has an answer."""
        if not self._earlier:
            return Attempt(resolved)
        record = self._earlier.of(resolved)
        if record is None:
            narrower = self._earlier.narrower(resolved)
            return Attempt(resolved) if narrower is None else _next(resolved, narrower)
        match record.state:
            case JobState.DONE | JobState.REUSED if self._serves(resolved, record):
                self._tally.count_earlier(record, resolved.job.label)
                settled.done.append((resolved.job, outputs_of(record.produced)))
                return None
            case JobState.FAILED if not self._is_redone(record):
                self._tally.count_earlier(record, resolved.job.label)
                settled.failed.append(resolved.job)
                return None
            case _:
                return _next(resolved, record)

    def _is_redone(self, record: JobRecord) -> bool:
        """Say whether a failure is tried again; its own retries may have been lost."""
        causes = self._records.tools[record.node].tool.retry.on
        return self._policy.redo_failed or record.cause in causes

    def follow(self, record: JobRecord) -> None:
        """Take note of a job that was run, in case it takes the place of another."""
        self._earlier.follow(record)

    def _serves(self, resolved: ResolvedJob, record: JobRecord) -> bool:
        """Say whether what a job made before is what it would make now."""
        if resolved.digest != record.fingerprint:  # what it takes was made otherwise
            return False
        result = KnownResult(record.id, record.produced)
        return known_outputs(resolved.job, result, self._finder) is not None


def _next(resolved: ResolvedJob, before: JobRecord) -> Attempt:
    return Attempt(resolved, before.attempt + 1, before.id)
