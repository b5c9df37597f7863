"""The jobs of a run as a table: a row per raw item, a column per node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bioimageit_flow.model.ids import ItemId, JobId
from bioimageit_flow.model.run import FailureCause, JobState, Outcome

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


@dataclass(slots=True)
class NodeSum:
    """What the jobs of one node came to together.

    Attributes
    ----------
    took_s : float
        How long they ran, one after the other.
    place : str
        Where the first of them ran.
    """

    place: str
    jobs: int = 0
    reused: int = 0
    failed: int = 0
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RunMatrix:
    """All jobs of a run, without their facts: `Store.job` has those of one.

    Attributes
    ----------
    nodes : mapping of str to NodeSum
        In the order in which they ended first.
    failures : tuple of FailureGroup
        Failed jobs by node and reason, the largest group first.
    """

    nodes: Mapping[str, NodeSum] = field(default_factory=dict)
    rows: tuple[MatrixRow, ...] = ()
    failures: tuple[FailureGroup, ...] = ()


def matrix_of(run: "Run") -> RunMatrix:
    """Return the jobs of a run by raw item and node; last attempts only.

    Raises
    ------
    StoreError
        If the experiment cannot be read.
    """
    store = run.experiment.store
    cells: dict[ItemId, dict[str, list[Outcome]]] = {}
    groups: dict[tuple[str, FailureCause, str], list[Outcome]] = {}
    sums: dict[str, NodeSum] = {}
    for one in store.outcomes(run.summary.id):
        _add(one, sums)
        for item in one.roots:
            cells.setdefault(item, {}).setdefault(one.node, []).append(one)
        if one.state is JobState.FAILED:
            cause = one.cause or FailureCause.TOOL_ERROR
            key = one.node, cause, _reason(one.message)
            groups.setdefault(key, []).append(one)
    names = {id_: item.name for id_, item in store.items_by_id(cells).items()}
    alike: dict[MatrixCell, MatrixCell] = {}
    rows = [
        MatrixRow(item, names[item], _cells(mine, alike))
        for item, mine in cells.items()
    ]
    failures = [
        FailureGroup(
            node,
            cause,
            jobs[0].message,
            tuple(job.id for job in jobs),
            {item: names[item] for job in jobs for item in sorted(job.roots)},
        )
        for (node, cause, _text), jobs in groups.items()
    ]
    return RunMatrix(
        sums,
        tuple(sorted(rows, key=lambda row: (row.name, row.item))),
        tuple(sorted(failures, key=lambda group: -len(group.jobs))),
    )


def _add(one: Outcome, sums: dict[str, NodeSum]) -> None:
    mine = sums.get(one.node)
    if mine is None:
        place = f"{one.runtime.name} {one.runtime.detail}".strip()
        mine = sums[one.node] = NodeSum(place)
    mine.jobs += 1
    mine.reused += one.state is JobState.REUSED
    mine.failed += one.state is JobState.FAILED
    mine.took_s += one.elapsed_s


def _cells(
    mine: Mapping[str, list[Outcome]], alike: dict[MatrixCell, MatrixCell]
) -> dict[str, MatrixCell]:
    """Return the cells of a row; those of a job for all items are one object."""
    cells = {}
    for node, jobs in mine.items():
        worst = min((job.state for job in jobs), key=_WORST_FIRST.index)
        cell = MatrixCell(worst, tuple(job.id for job in jobs))
        cells[node] = alike.setdefault(cell, cell)
    return cells


def _reason(message: str) -> str:
    """Return what is the same for all jobs that fail alike: no numbers, no names."""
    first = message.partition("\n")[0]
    words = (word for word in first.split() if not any(c.isdigit() for c in word))
    return " ".join(words)
