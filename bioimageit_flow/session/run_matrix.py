"""The jobs of a run as a table: a row per raw item, a column per node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bioimageit_flow.model.ids import ItemId, JobId
from bioimageit_flow.model.run import FailureCause, JobRecord, JobState

if TYPE_CHECKING:
    from bioimageit_flow.session.results import Run

_WORST_FIRST = (
    JobState.FAILED,
    JobState.CANCELLED,
    JobState.DONE,
    JobState.REUSED,
)


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What became of one raw item at one node.

    Attributes
    ----------
    state : JobState
        The worst of its jobs.
    jobs : tuple of JobId
        Several where a parameter is swept, or a job gave many outputs.
    """

    state: JobState
    jobs: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One raw item."""

    item: ItemId
    name: str
    cells: Mapping[str, MatrixCell]

    @property
    def is_good(self) -> bool:
        """Whether nothing that was made of it failed."""
        return all(cell.state is not JobState.FAILED for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Jobs of one node that failed for the same reason.

    Attributes
    ----------
    message : str
        The reason, as the first of them has it.
    items : mapping of ItemId to str
        Raw items behind them, with their names.
    """

    node: str
    cause: FailureCause
    message: str
    jobs: tuple[JobId, ...]
    items: Mapping[ItemId, str]


@dataclass(frozen=True, slots=True)
class RunMatrix:
    """All jobs of a run.

    Attributes
    ----------
    nodes : tuple of str
        In the order in which they began.
    failures : tuple of FailureGroup
        Failed jobs by node and reason, the largest group first.
    """

    nodes: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    jobs: Mapping[JobId, JobRecord] = field(default_factory=dict)
    failures: tuple[FailureGroup, ...] = ()


def matrix_of(run: "Run") -> RunMatrix:
    """Return the jobs of a run by raw item and node; last attempts only.

    Raises
    ------
    StoreError
        If the experiment cannot be read.
    """
    store = run.experiment.store
    records = run.jobs()
    gone = {record.supersedes for record in records}
    last = {record.id: record for record in records if record.id not in gone}
    consumed = {edge.item for record in last.values() for edge in record.consumed}
    roots = store.roots(consumed)
    cells: dict[ItemId, dict[str, list[JobRecord]]] = {}
    groups: dict[tuple[str, FailureCause, str], list[JobRecord]] = {}
    behind: dict[JobId, list[ItemId]] = {}
    for record in last.values():
        items = {root for edge in record.consumed for root in roots[edge.item]}
        behind[record.id] = sorted(items)
        for item in items:
            cells.setdefault(item, {}).setdefault(record.node, []).append(record)
        if record.state is JobState.FAILED:
            cause = record.cause or FailureCause.TOOL_ERROR
            key = record.node, cause, _reason(record.message)
            groups.setdefault(key, []).append(record)
    names = {item: store.item(item).name for item in cells}
    rows = [
        MatrixRow(item, names[item], {node: _cell(jobs) for node, jobs in mine.items()})
        for item, mine in cells.items()
    ]
    failures = [
        FailureGroup(
            node,
            cause,
            jobs[0].message,
            tuple(job.id for job in jobs),
            {item: names[item] for job in jobs for item in behind[job.id]},
        )
        for (node, cause, _text), jobs in groups.items()
    ]
    return RunMatrix(
        tuple(dict.fromkeys(record.node for record in last.values())),
        tuple(sorted(rows, key=lambda row: (row.name, row.item))),
        last,
        tuple(sorted(failures, key=lambda group: -len(group.jobs))),
    )


def _cell(jobs: list[JobRecord]) -> MatrixCell:
    worst = min((job.state for job in jobs), key=_WORST_FIRST.index)
    return MatrixCell(worst, tuple(job.id for job in jobs))


def _reason(message: str) -> str:
    """Return what is the same for all jobs that fail alike: no numbers, no names."""
    first = message.partition("\n")[0]
    words = (word for word in first.split() if not any(c.isdigit() for c in word))
    return " ".join(words)
