"""What the jobs of a run did, read from the store as it is gone through.

A run may have a million jobs: they are read page by page, and of their items only those
that the page names are known at a time.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Protocol

from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.spooled_entities import Notes

_PAGE = 500
_KEPT = 4_000
"""Items that are kept to be asked for again."""
INSIDE, OUTSIDE = "inside", "outside"


class Deeds(Protocol):
    """Jobs and items, which can be gone through as often as wanted."""

    @property
    def items(self) -> Mapping[ItemId, Item]:
        """What the jobs consumed and made."""

    def jobs(self) -> Iterator[JobRecord]:
        """Go through the attempts, in the order in which they were committed."""

    def given(self) -> Iterator[Item]:
        """Go through what the jobs took and none of them made, each once."""

    def ends(self) -> Iterator[Item]:
        """Go through what the jobs made and none of them took."""


class StoredDeeds:
    """Everything that a run did, as a store knows it."""

    def __init__(self, store: Store, run: RunId) -> None:
        self._store, self._run = store, run
        self._items = _StoredItems(store)

    @property
    def items(self) -> Mapping[ItemId, Item]:
        """What the jobs consumed and made; quickest for the job at hand."""
        return self._items

    def jobs(self) -> Iterator[JobRecord]:
        """Go through the attempts."""
        jobs = self._store.each_job(self._run)
        while page := list(islice(jobs, _PAGE)):
            self._items.expect(_named(page))
            yield from page

    def given(self) -> Iterator[Item]:
        """Go through what the run took and did not make."""
        return self._store.given(self._run)

    def ends(self) -> Iterator[Item]:
        """Go through what the run made and took no further."""
        return self._store.ends(self._run)


def _named(jobs: Iterable[JobRecord]) -> Iterator[ItemId]:
    """Go through the items that jobs name, as they will be asked for."""
    for job in jobs:
        yield from (edge.item for edge in job.consumed)
        yield from (made.id for made in job.produced)


class _StoredItems(Mapping[ItemId, Item]):
    """Items of a store, some of which are known; the next ones are read together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[ItemId, Item] = {}
        self._ahead: Iterator[ItemId] = iter(())

    def expect(self, items: Iterator[ItemId]) -> None:
        """Say which items will be asked for, in this order."""
        self._ahead = items

    def __getitem__(self, key: ItemId) -> Item:
        if key not in self._known:
            for old in list(islice(self._known, max(0, len(self._known) - _KEPT))):
                del self._known[old]  # those that were read first
            wanted = {key, *islice(self._ahead, _PAGE)} - self._known.keys()
            self._known |= self._store.items_by_id(sorted(wanted))
        return self._known[key]

    def __iter__(self) -> Iterator[ItemId]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class ChosenDeeds:
    """Some jobs of a run; which ones, and what they took, waits in a file.

    Parameters
    ----------
    chosen : Notes
        The ids of the jobs.
    taken : Notes
        By the id of an item whether the chosen jobs made it or something else did,
        `INSIDE` or `OUTSIDE`; what was taken last comes first.
    """

    def __init__(self, store: Store, run: RunId, chosen: Notes, taken: Notes) -> None:
        self._store, self._run = store, run
        self._chosen, self._taken = chosen, taken
        self._items = _StoredItems(store)

    @property
    def items(self) -> Mapping[ItemId, Item]:
        """What the jobs consumed and made; quickest for the job at hand."""
        return self._items

    def jobs(self) -> Iterator[JobRecord]:
        """Go through the attempts."""
        every = self._store.each_job(self._run)
        jobs = (job for job in every if job.id in self._chosen)
        while page := list(islice(jobs, _PAGE)):
            self._items.expect(_named(page))
            yield from page

    def given(self) -> Iterator[Item]:
        """Go through what the jobs took and none of them made."""
        taken = self._taken.items(backwards=True)
        outside = (ItemId(item) for item, whence in taken if whence == OUTSIDE)
        while page := list(islice(outside, _PAGE)):
            found = self._store.items_by_id(page)
            yield from (found[item] for item in page)

    def ends(self) -> Iterator[Item]:
        """Go through what the jobs made and none of them took."""
        for job in self.jobs():
            for made in job.produced:
                if made.id not in self._taken:
                    yield self._items[made.id]
