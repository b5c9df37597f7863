"""Lineage as a tree of items and the jobs between them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.lineage import JobFact, Kin, LineageStep
from bioimageit_flow.model.markup import text
from bioimageit_flow.stores.protocol import Store

SHOWN = 3
"""Branches of each job that a tree shows that is cut short."""

WHOLE = 5_000
"""Of more jobs and items than these a tree is cut short."""


@dataclass(slots=True)
class LineageTree:
    """One item with what it came from, or what was made from it.

    Attributes
    ----------
    job : JobFact or None
        Going back: the job that made the item, None for raw data. Going forward: the
        job that made the item from its parent in the tree, None at the root.
    edge : str
        The edge over which the item reached the job of its parent in the tree.
    branches : list of LineageTree
        Going back: what the job consumed. Going forward: what was made from the item.
    is_repeated : bool
        Whether the item stands elsewhere in the tree, where its branches are.
    left_out : int
        How many branches more there are, in a tree that is cut short.
    """

    item: Item
    job: JobFact | None = None
    edge: str = ""
    branches: list["LineageTree"] = field(default_factory=list)
    is_repeated: bool = False
    left_out: int = 0

    def walk(self) -> Iterator["LineageTree"]:
        """Go through the tree, each item before its branches."""
        pending = [self]
        while pending:
            tree = pending.pop()
            yield tree
            pending.extend(reversed(tree.branches))

    def raw_items(self) -> list[Item]:
        """Return the raw items in the tree, each once."""
        found = {
            tree.item.id: tree.item
            for tree in self.walk()
            if isinstance(tree.item.origin, Imported)
        }
        return list(found.values())

    def _repr_html_(self) -> str:
        job = f" ← {self.job.node} ({self.job.tool})" if self.job else ""
        line = f"{text(self.item.name)}<small>{text(job)}</small>"
        inner = "".join(f"<li>{tree._repr_html_()}</li>" for tree in self.branches)
        if self.left_out:
            inner += f"<li>and {self.left_out} more</li>"
        return f"{line}<ul>{inner}</ul>" if inner else line

    def as_json(self) -> dict[str, object]:
        """Return the tree as plain values."""
        item = self.item
        facts: dict[str, object] = {
            "item": item.id,
            "name": item.name,
            "dataset": item.dataset,
            "sha256": item.content.sha256,
        }
        if self.edge:
            facts["edge"] = self.edge
        if self.job is not None:
            job: dict[str, object] = {
                "id": self.job.id,
                "run": self.job.run,
                "node": self.job.node,
                "tool": self.job.tool,
                "state": str(self.job.state),
                "runtime": self.job.runtime,
                "environment": self.job.environment,
                "parameters": dict(self.job.parameters),
                "units": dict(self.job.units),
                "command": list(self.job.command),
                "started": self.job.started.isoformat() if self.job.started else None,
                "elapsed_s": self.job.elapsed_s,
                "fingerprint": self.job.fingerprint,
            }
            if self.job.converted:
                job["converted"] = list(self.job.converted)
            if self.job.attempt > 1:
                job["attempt"] = self.job.attempt
            if self.job.declared is not None:
                word = self.job.declared
                job["still_valid"] = {
                    "user": word.user,
                    "at": word.at.isoformat(),
                    "reason": word.reason,
                }
            facts["job"] = job
        elif isinstance(item.origin, Imported):
            facts["imported_from"] = item.origin.source
        if self.is_repeated:
            facts["repeated"] = True
        if self.left_out:
            facts["left_out"] = self.left_out
        if self.branches:
            facts["branches"] = [branch.as_json() for branch in self.branches]
        return facts


def trace_in_short(
    store: Store, item: ItemId, *, forward: bool = False, whole: int | None = None
) -> tuple[LineageTree, Kin]:
    """Return the tree of an item with the counts of all that belongs in it.

    Of more than `whole` jobs and items, `WHOLE` if None, each branch of the tree shows
    the first few.
    """
    kin = store.kin(item, forward=forward)
    if kin.size <= (WHOLE if whole is None else whole):
        trace = trace_forward if forward else trace_back
        return trace(store, item), kin
    cut = _forward_in_short if forward else _back_in_short
    return cut(store, item), kin


def _back_in_short(store: Store, item: ItemId) -> LineageTree:
    return _grow_back(store.item(item), lambda one: store.step(one, SHOWN))


def _forward_in_short(store: Store, item: ItemId) -> LineageTree:
    def takers(one: ItemId) -> tuple[_Takers, int]:
        jobs = store.made_from(one, SHOWN)
        more = store.takers(one) - len(jobs) if len(jobs) == SHOWN else 0
        left_out = more + sum(len(items[SHOWN:]) for _, items in jobs)
        return [(job, items[:SHOWN]) for job, items in jobs], left_out

    return _grow_forward(store.item(item), takers)


def lineage_lines(
    store: Store, item: ItemId, *, forward: bool = False
) -> Iterator[dict[str, object]]:
    """Go through all that an item came from, or was made from it, as plain values.

    Raw items come first, then each job with the ids of what it took and with what it
    made, in the order in which they ran; memory does not grow with their number.
    """
    for raw in () if forward else store.raw_kin(item):
        yield LineageTree(raw).as_json()
    for job in store.kin_jobs(item, forward=forward):
        yield {
            "job": job.id,
            "run": job.run,
            "node": job.node,
            "tool": job.tool,
            "state": str(job.state),
            "runtime": job.runtime.name,
            "environment": job.runtime.identity,
            "parameters": dict(job.parameters),
            "units": dict(job.units),
            "command": list(job.command),
            "started": job.started.isoformat() if job.started else None,
            "elapsed_s": job.elapsed_s,
            "fingerprint": job.fingerprint,
            "consumed": [
                {"edge": one.edge, "port": one.port, "item": one.item}
                for one in job.consumed
            ],
            "produced": [
                {
                    "item": one.id,
                    "port": one.port,
                    "name": one.name,
                    "sha256": one.content.sha256,
                }
                for one in job.produced
            ],
        }


def trace_back(store: Store, item: ItemId) -> LineageTree:
    """Return an item with everything it came from, down to raw data."""
    steps = store.history(item)
    return _grow_back(steps[item].item, steps.__getitem__)


def trace_forward(store: Store, item: ItemId) -> LineageTree:
    """Return an item with everything that was made from it, in every run."""
    made_from = store.progeny(item)
    return _grow_forward(store.item(item), lambda one: (made_from[one], 0))


_Takers = Sequence[tuple[JobFact, Sequence[Item]]]
"""Jobs that took an item, each with what it made."""


def _grow_back(item: Item, step_of: Callable[[ItemId], LineageStep]) -> LineageTree:
    """Return the tree of what an item came from."""

    def grow(tree: LineageTree) -> None:
        step = step_of(tree.item.id)
        tree.job, tree.left_out = step.job, step.left_out
        tree.branches = [
            LineageTree(consumed.item, edge=consumed.edge) for consumed in step.consumed
        ]

    return _grow(item, grow)


def _grow_forward(
    item: Item, takers_of: Callable[[ItemId], tuple[_Takers, int]]
) -> LineageTree:
    """Return the tree of what was made from an item."""

    def grow(tree: LineageTree) -> None:
        jobs, tree.left_out = takers_of(tree.item.id)
        tree.branches = [
            LineageTree(made, job) for job, items in jobs for made in items
        ]

    return _grow(item, grow, is_forward=True)


def _grow(
    item: Item, grow: Callable[[LineageTree], None], *, is_forward: bool = False
) -> LineageTree:
    """Return a tree in which each item has its branches where it first stands."""
    root = LineageTree(item)
    seen: set[ItemId] = set()
    pending = [root]
    while pending:
        tree = pending.pop()
        if tree.item.id in seen:
            is_raw = isinstance(tree.item.origin, Imported)
            tree.is_repeated = is_forward or not is_raw
            continue
        seen.add(tree.item.id)
        grow(tree)
        pending.extend(reversed(tree.branches))
    return root
