"""From what happened to a job to its record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

from bioimageit_flow.engine.naming import own_annotations, result_name
from bioimageit_flow.engine.obtain import Obtained
from bioimageit_flow.engine.resolve import ResolvedJob
from bioimageit_flow.engine.waiting import Attempt
from bioimageit_flow.engine.work import JobFinished
from bioimageit_flow.executors.warm import how_it_ran
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.ids import JobId, new_item_id, new_job_id
from bioimageit_flow.model.run import (
    ConsumedEdge,
    FailureCause,
    JobRecord,
    JobState,
    KnownResult,
    ProducedItem,
    RunRecord,
)
from bioimageit_flow.model.tool import InstalledTool

_DIGITS = 4
"""Of seconds: what is shorter is told by no clock, and JSON writes it another way."""

_NO_PARTS: Mapping[str, object] = MappingProxyType({})


@dataclass(slots=True)
class Records:
    """Makes the records of one run.

    Attributes
    ----------
    run : RunRecord
        The run.
    obtained : mapping of str to Obtained
        What each node runs in.
    tools : mapping of str to InstalledTool
        The tool of each node.
    """

    run: RunRecord
    obtained: Mapping[str, Obtained]
    tools: Mapping[str, InstalledTool]
    _labels: dict[JobId, str] = field(init=False, default_factory=dict)

    def of_finished(self, message: JobFinished) -> JobRecord:
        """Return the record of a job that was run."""
        task, result = message.task, message.result
        outcome = result.outcome
        state = JobState.REUSED if result.shared else result.state
        log = (
            f"runs/{self.run.id}/logs/{task.log.name}" if result.shared is None else ""
        )
        return replace(
            self._begun(task.attempt, task.id, state),
            produced=message.produced,
            command=result.command,
            started=message.started,
            elapsed_s=round(outcome.elapsed_s, _DIGITS),
            cpu_s=None if outcome.cpu_s is None else round(outcome.cpu_s, _DIGITS),
            peak_memory=outcome.peak_memory,
            exit_code=outcome.exit_code,
            log=log,
            runtime=how_it_ran(task.used, outcome),
            cause=result.cause,
            message=result.message,
            shared=result.shared,
        )

    def of_reused(self, attempt: Attempt, result: KnownResult) -> JobRecord:
        """Return the record of a job that a known result serves, with new items."""
        resolved = attempt.resolved
        produced = tuple(
            ProducedItem(
                id=new_item_id(),
                port=item.port,
                name=result_name(resolved.job, item.port, item.part, item.info.format),
                content=item.content,
                info=item.info,
                location=None,
                part=item.part,
                annotations=own_annotations(resolved.job, item.part),
            )
            for item in result.outputs
        )
        return replace(
            self._begun(attempt, new_job_id(), JobState.REUSED),
            produced=produced,
            started=datetime.now(UTC),
            reused_from=result.job,
            declared=result.declared,
        )

    def of_refused(self, attempt: Attempt) -> JobRecord:
        """Return the record of a job that cannot be run."""
        problems = attempt.resolved.problems
        return replace(
            self._begun(attempt, new_job_id(), JobState.FAILED),
            started=datetime.now(UTC),
            cause=FailureCause.BAD_INPUT,
            message=" ".join(str(problem) for problem in problems),
        )

    def name(self, job: JobId, label: str) -> None:
        """Learn what people call a job."""
        self._labels[job] = label

    def forget(self, job: JobId) -> None:
        """Let go of what people call a job, once it was told of."""
        self._labels.pop(job, None)

    def label(self, record: JobRecord) -> str:
        """Return what people call the job of a record."""
        return self._labels.get(record.id, record.node)

    def _units(self, node: str, parameters: Iterable[str]) -> dict[str, str]:
        """Return the units of those parameters of a node that have one."""
        known = self.tools[node].tool.parameters
        return {
            name: unit
            for name in parameters
            if name in known and (unit := known[name].unit)
        }

    def _begun(self, attempt: Attempt, job: JobId, state: JobState) -> JobRecord:
        """Return what every record has."""
        resolved = attempt.resolved
        node = resolved.job.node
        self._labels[job] = resolved.job.label
        parts = resolved.fingerprint.parts() if resolved.fingerprint else _NO_PARTS
        return JobRecord(
            id=job,
            run=self.run.id,
            node=node,
            tool=self.tools[node].ref,
            state=state,
            fingerprint=resolved.digest or canonical_hash({"job": job}),
            parts=parts,
            runtime=self.obtained[node].used,
            parameters=dict(resolved.parameters),
            units=self._units(node, resolved.parameters),
            consumed=consumed_edges(resolved),
            attempt=attempt.number,
            supersedes=attempt.supersedes,
        )


def consumed_edges(resolved: ResolvedJob) -> tuple[ConsumedEdge, ...]:
    """Return the edge executions of a job: each item that passed an edge into it.

    A file that a parameter names passes the edge ``files -> node.parameter``.
    """
    job = resolved.job
    return tuple(
        ConsumedEdge(f"{token.source} -> {job.node}.{port}", port, token.datum.id)
        for port, tokens in resolved.items.items()
        for token in tokens
        if token.datum is not None
    )
