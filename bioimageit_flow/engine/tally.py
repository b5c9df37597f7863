"""What a run has come to: its counts, its failures, its problems; and telling of them.

Whatever is told was made durable before.
"""

from collections.abc import Iterable
from pathlib import Path

from bioimageit_flow.engine.recorder import Recorder
from bioimageit_flow.engine.records import Records
from bioimageit_flow.engine.telling import Teller
from bioimageit_flow.model.events import (
    Failure,
    JobEnded,
    JobRetried,
    NodeReport,
    ProblemFound,
)
from bioimageit_flow.model.ids import JobId
from bioimageit_flow.model.problem import Problem, errors_among
from bioimageit_flow.model.run import FailureCause, JobRecord, JobState, RunState


class Tally:
    """Counts how the jobs of one run end, and tells of it.

    Parameters
    ----------
    nodes : iterable of str
        The nodes of the run, in order.
    recorder, records : Recorder, Records
        Where the jobs of the run are written down, and what they are called.
    experiment, logs : Path
        To say where the log of a failure lies.
    """

    def __init__(
        self,
        nodes: Iterable[str],
        recorder: Recorder,
        records: Records,
        experiment: Path,
        logs: Path,
        teller: Teller,
    ) -> None:
        self.nodes = {name: NodeReport() for name in nodes}
        self.failures: list[Failure] = []
        self.problems: list[Problem] = []
        self._recorder = recorder
        self._records = records
        self._experiment = experiment
        self._logs = logs
        self._teller = teller
        self._retried: dict[JobId, JobRetried] = {}

    def add(self, record: JobRecord) -> None:
        """Take a job that has ended; it is told of once it is durable."""
        self._recorder.add(record)

    def add_retried(self, record: JobRecord, attempt: int, wait_s: float) -> None:
        """Take an attempt that failed and is followed by another."""
        label = self._records.label(record)
        self._retried[record.id] = JobRetried(
            record.node, label, record.message, attempt, wait_s, record.id
        )
        self._recorder.add(record)

    def count_earlier(self, record: JobRecord, label: str) -> None:
        """Count a job that ended before the run was interrupted."""
        self._records.name(record.id, label)
        self._count(record)
        self._teller.show(self._ended(record, label))
        self._records.forget(record.id)

    def commit(self) -> None:
        """Make everything taken so far durable, then tell of it."""
        for record in self._recorder.commit():
            retried = self._retried.pop(record.id, None)
            if retried is not None:
                self._teller.tell(retried)
            else:
                self._count(record)
                self._teller.tell(self._ended(record, self._records.label(record)))
            self._records.forget(record.id)

    def tell_problems(self, problems: Iterable[Problem]) -> None:
        """Tell of problems."""
        for problem in problems:
            self.problems.append(problem)
            self._teller.tell(ProblemFound(problem))

    def state(self, *, is_cancelled: bool) -> RunState:
        """Return how the run ended."""
        if is_cancelled:
            return RunState.CANCELLED
        if not self.failures and not errors_among(self.problems):
            return RunState.DONE
        is_something_done = any(one.done + one.reused for one in self.nodes.values())
        return RunState.PARTIAL if is_something_done else RunState.FAILED

    @staticmethod
    def _ended(record: JobRecord, label: str) -> JobEnded:
        return JobEnded(
            record.node,
            label,
            record.state,
            record.elapsed_s,
            record.message,
            record.id,
        )

    def _count(self, record: JobRecord) -> None:
        report = self.nodes[record.node]
        match record.state:
            case JobState.DONE:
                report.done += 1
            case JobState.REUSED:
                report.reused += 1
            case JobState.CANCELLED:
                report.cancelled += 1
            case JobState.FAILED:
                report.failed += 1
                self.failures.append(self._failure(record))

    def _failure(self, record: JobRecord) -> Failure:
        return Failure(
            node=record.node,
            item=self._records.label(record),
            cause=record.cause or FailureCause.TOOL_ERROR,
            message=record.message,
            log=self._experiment / record.log if record.log else self._logs,
        )
