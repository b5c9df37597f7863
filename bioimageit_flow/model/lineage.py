"""Lineage: the chain of records, and what a walk through it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import JobId, RunId, Sha256
from bioimageit_flow.model.run import Declaration, JobState
from bioimageit_flow.model.shared import SharedOrigin

GENESIS = Sha256("0" * 64)
"""What the first record of a run follows."""


def chain(previous: Sha256, body: Mapping[str, object]) -> Sha256:
    """Return the hash of a record that follows another.

    The hash covers the canonical JSON of ``{"body": body, "previous": previous}``, so
    that a record cannot be changed, removed or put elsewhere without notice.
    """
    return canonical_hash({"previous": previous, "body": body})


@dataclass(frozen=True, slots=True)
class LineageRecord:
    """One appended record of a run.

    Attributes
    ----------
    n : int
        Position in its run, from 0.
    kind : str
        ``run``, ``job``, ``end``; others are added by name.
    body : mapping
        Plain values.
    """

    run: RunId
    n: int
    kind: str
    body: Mapping[str, object]
    previous: Sha256
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class JobFact:
    """The job at one step of a lineage.

    Attributes
    ----------
    converted : tuple of str
        What was made of its inputs before its tool got them, in words.
    units : mapping of str to str
        Of the parameters that have one, by name.
    """

    id: JobId
    run: RunId
    run_name: str
    node: str
    tool: str
    state: JobState
    runtime: str
    environment: str
    parameters: Mapping[str, object]
    command: tuple[str, ...]
    started: datetime | None
    elapsed_s: float
    fingerprint: Sha256
    attempt: int = 1
    declared: Declaration | None = None
    shared: SharedOrigin | None = None
    converted: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EdgeStep:
    """One edge execution: an item went over an edge into a job."""

    edge: str
    item: Item


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One item with how it came about and what it was made into.

    Attributes
    ----------
    job : JobFact or None
        None for a raw item.
    consumed : tuple of EdgeStep
        What its job was given.
    left_out : int
        How much more it was given, where not everything was asked for.
    """

    item: Item
    job: JobFact | None
    consumed: tuple[EdgeStep, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """The jobs of one node of one run that an item came from, or went into."""

    run: RunId
    run_name: str
    node: str
    tool: str
    jobs: int


@dataclass(frozen=True, slots=True)
class Kin:
    """How much an item came from, or was made from it.

    Attributes
    ----------
    families : tuple of Family
        In the order in which they first ran.
    items : mapping of str to int
        By dataset: the raw items that it came from; or else all that was made from it.
    """

    families: tuple[Family, ...]
    items: Mapping[str, int]

    @property
    def size(self) -> int:
        """How many jobs and items these are."""
        return sum(one.jobs for one in self.families) + sum(self.items.values())

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "jobs": [
                {"run": one.run, "node": one.node, "tool": one.tool, "count": one.jobs}
                for one in self.families
            ],
            "items": dict(self.items),
        }
