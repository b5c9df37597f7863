"""What is drawn of the history of an item: boxes, arrows, and what is folded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.ids import ItemId, JobId
from bioimageit_flow.model.lineage import JobFact
from bioimageit_flow.session import LineageTree

FOLDED_FROM: Final = 5
"""So many alike, and they are one box until it is opened."""


class Role(StrEnum):
    """What a box stands for."""

    RAW = "raw"
    RESULT = "result"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class LineageBox:
    """One box: an item, a job, or many that are alike.

    Attributes
    ----------
    key : str
        By which arrows know it.
    group : str
        Which boxes are alike: items of one dataset, jobs of one node of one run.
    items, jobs : tuple
        What it stands for.
    is_asked : bool
        Whether it is the item whose history is shown.
    """

    key: str
    role: Role
    title: str
    detail: str
    group: str
    items: tuple[Item, ...] = ()
    jobs: tuple[JobFact, ...] = ()
    is_asked: bool = False

    @property
    def count(self) -> int:
        """How many it stands for."""
        return max(len(self.items), len(self.jobs))

    @property
    def is_folded(self) -> bool:
        """Whether it stands for several."""
        return self.count > 1


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another.

    Attributes
    ----------
    edge : str
        Over which edge of the workflow items went; empty from a job to its results.
    count : int
        How many items went.
    """

    source: str
    target: str
    edge: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """Boxes by key, and the arrows between them; they make no circle."""

    boxes: Mapping[str, LineageBox]
    arrows: tuple[Arrow, ...]


@dataclass(slots=True)
class History:
    """All that is known of where an item came from and what was made from it.

    Attributes
    ----------
    asked : ItemId
        The item in question.
    is_cut : bool
        Whether the trees were cut short: not everything is in it.
    """

    asked: ItemId
    items: dict[ItemId, Item] = field(default_factory=dict)
    jobs: dict[JobId, JobFact] = field(default_factory=dict)
    consumed: dict[tuple[ItemId, JobId], str] = field(default_factory=dict)
    made: set[tuple[JobId, ItemId]] = field(default_factory=set)
    is_cut: bool = False

    @classmethod
    def of(cls, back: LineageTree, forward: LineageTree | None = None) -> "History":
        """Return the history told by the trees of one item."""
        history = cls(back.item.id)
        for tree in back.walk():
            history.is_cut |= tree.left_out > 0
            history.items[tree.item.id] = tree.item
            if tree.job is None:
                continue
            history.jobs[tree.job.id] = tree.job
            history.made.add((tree.job.id, tree.item.id))
            for branch in tree.branches:
                history.consumed[branch.item.id, tree.job.id] = branch.edge
        for parent, child in _pairs(forward) if forward is not None else ():
            job = child.job
            history.is_cut |= parent.left_out > 0
            history.items[child.item.id] = child.item
            if job is not None:
                history.jobs[job.id] = job
                history.made.add((job.id, child.item.id))
                history.consumed.setdefault((parent.item.id, job.id), "")
        return history

    def graph(self, unfolded: frozenset[str] = frozenset()) -> LineageGraph:
        """Return what is drawn.

        Parameters
        ----------
        unfolded : frozenset of str
            The groups that were opened; all others with many members are one box.
        """
        groups: dict[str, list[LineageBox]] = {}
        for box in self._single():
            groups.setdefault(box.group, []).append(box)
        boxes: dict[str, LineageBox] = {}
        key_of: dict[str, str] = {}
        for group, members in groups.items():
            is_folded = len(members) >= FOLDED_FROM and group not in unfolded
            rest = [one for one in members if not (is_folded and not one.is_asked)]
            folded = [one for one in members if is_folded and not one.is_asked]
            for one in rest:
                boxes[one.key] = one
                key_of[one.key] = one.key
            if folded:
                whole = _folded(group, folded)
                boxes[whole.key] = whole
                key_of |= {one.key: whole.key for one in folded}
        return LineageGraph(boxes, tuple(self._arrows(key_of)))

    def _single(self) -> Iterator[LineageBox]:
        for item in self.items.values():
            is_raw = isinstance(item.origin, Imported)
            words = str(item.info.kind)
            yield LineageBox(
                f"item {item.id}",
                Role.RAW if is_raw else Role.RESULT,
                item.name,
                f"{words}, {item.dataset}" if is_raw else words,
                f"dataset {item.dataset}",
                items=(item,),
                is_asked=item.id == self.asked,
            )
        for job in self.jobs.values():
            yield LineageBox(
                f"job {job.id}",
                Role.JOB,
                job.node,
                job.tool,
                f"node {job.run} {job.node}",
                jobs=(job,),
            )

    def _arrows(self, key_of: Mapping[str, str]) -> Iterator[Arrow]:
        counts: dict[tuple[str, str, str], int] = {}
        for (item, job), edge in self.consumed.items():
            ends = key_of[f"item {item}"], key_of[f"job {job}"], edge
            counts[ends] = counts.get(ends, 0) + 1
        for job, item in self.made:
            ends = key_of[f"job {job}"], key_of[f"item {item}"], ""
            counts[ends] = counts.get(ends, 0) + 1
        for (source, target, edge), count in sorted(counts.items()):
            yield Arrow(source, target, edge, count)


def _pairs(tree: LineageTree) -> Iterator[tuple[LineageTree, LineageTree]]:
    for one in tree.walk():
        for branch in one.branches:
            yield one, branch


def _folded(group: str, members: list[LineageBox]) -> LineageBox:
    first = members[0]
    title = first.title
    if first.role is not Role.JOB:
        title = "/".join(first.items[0].dataset.split("/")[-2:])
    return LineageBox(
        f"group {group}",
        first.role,
        title,
        first.detail,
        group,
        items=tuple(item for one in members for item in one.items),
        jobs=tuple(job for one in members for job in one.jobs),
    )
