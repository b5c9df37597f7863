"""What each port of a run gave, with some of its items: all, or some of many.

Of many items those are kept that lie evenly apart, so that all conditions are among
them, wherever they stand in the run.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bioimageit_flow.model.data import Item
from bioimageit_flow.provenance.story import RunStory

MOST_KEPT = 2_000


@dataclass(slots=True)
class Output:
    """What one port gave.

    Attributes
    ----------
    count : int
        How many items it gave.
    items : list of Item
        All of them, or some that lie evenly apart: at least half of `most`.
    """

    name: str
    most: int = MOST_KEPT
    count: int = 0
    items: list[Item] = field(default_factory=list)
    _step: int = 1

    def add(self, item: Item) -> None:
        """Count an item, and keep it if its turn has come."""
        if self.count % self._step == 0:
            if len(self.items) == self.most:
                self.items = self.items[::2]
                self._step *= 2
            if self.count % self._step == 0:
                self.items.append(item)
        self.count += 1


def outputs_of(story: RunStory) -> list[Output]:
    """Return what each port gave: the named outputs first, then the other ones.

    Where no output is named, what nothing took further comes first.
    """
    by_port = _collect(
        (f"{job.node}.{made.port}", story.items[made.id])
        for job in story.successful()
        for made in job.produced
    )
    sources = story.document.outputs
    if sources:
        first = [
            replace(by_port[source], name=name)
            for name, source in sources.items()
            if source in by_port
        ]
        told = set(sources.values())
    else:
        first = list(_collect(story.results()).values())
        told = {one.name for one in first if by_port[one.name].count == one.count}
    others = (one for name, one in reversed(by_port.items()) if name not in told)
    return [*first, *others]


def _collect(items: Iterable[tuple[str, Item]]) -> dict[str, Output]:
    found: dict[str, Output] = {}
    for name, item in items:
        if name not in found:
            found[name] = Output(name, MOST_KEPT)
        found[name].add(item)
    return found
