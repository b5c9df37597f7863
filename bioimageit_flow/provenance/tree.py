"""Lineage as a tree of items and the jobs between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.lineage import JobFact
from bioimageit_flow.model.markup import text
from bioimageit_flow.stores.protocol import Store


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
    """

    item: Item
    job: JobFact | None = None
    edge: str = ""
    branches: list["LineageTree"] = field(default_factory=list)
    is_repeated: bool = False

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
                "command": list(self.job.command),
                "started": self.job.started.isoformat() if self.job.started else None,
                "elapsed_s": self.job.elapsed_s,
                "fingerprint": self.job.fingerprint,
            }
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
        if self.branches:
            facts["branches"] = [branch.as_json() for branch in self.branches]
        return facts


def trace_back(store: Store, item: ItemId) -> LineageTree:
    """Return an item with everything it came from, down to raw data."""
    steps = store.history(item)
    root = LineageTree(steps[item].item)
    seen: set[ItemId] = set()
    pending = [root]
    while pending:
        tree = pending.pop()
        if tree.item.id in seen:
            tree.is_repeated = not isinstance(tree.item.origin, Imported)
            continue
        seen.add(tree.item.id)
        step = steps[tree.item.id]
        tree.job = step.job
        tree.branches = [
            LineageTree(consumed.item, edge=consumed.edge) for consumed in step.consumed
        ]
        pending.extend(reversed(tree.branches))
    return root


def trace_forward(store: Store, item: ItemId) -> LineageTree:
    """Return an item with everything that was made from it, in every run."""
    root = LineageTree(store.item(item))
    made_from = store.progeny(item)
    seen: set[ItemId] = set()
    pending = [root]
    while pending:
        tree = pending.pop()
        if tree.item.id in seen:
            tree.is_repeated = True
            continue
        seen.add(tree.item.id)
        tree.branches = [
            LineageTree(made, job)
            for job, items in made_from[tree.item.id]
            for made in items
        ]
        pending.extend(reversed(tree.branches))
    return root
