"""Items, places and annotations in memory."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock
from uuid import uuid4

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.annotation import View, merge
from bioimageit_flow.model.data import (
    Content,
    Dataset,
    DatasetKind,
    Item,
    Location,
    LocationState,
    Produced,
)
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.run import JobRecord, RunRecord
from bioimageit_flow.stores import refusals
from bioimageit_flow.stores.protocol import ExperimentFacts, NewRawItem


class MemoryItems:
    """The part of a store that knows items, places and annotations."""

    def __init__(self, name: str = "experiment") -> None:
        self._facts = ExperimentFacts(str(uuid4()), name, datetime.now(UTC), 1, False)
        self._lock = RLock()
        self._is_closed = False
        self._items: dict[ItemId, Item] = {}
        self._contents: dict[Sha256, Content] = {}
        self._places: dict[tuple[str, Sha256], Location] = {}
        self._published: dict[ItemId, str] = {}
        self._runs: dict[RunId, RunRecord] = {}
        self._jobs: dict[JobId, JobRecord] = {}

    def facts(self) -> ExperimentFacts:
        """Return what is known of the experiment as a whole."""
        return self._facts

    def close(self) -> None:
        """Refuse every later call."""
        self._is_closed = True

    def _use(self) -> RLock:
        if self._is_closed:
            raise StoreError("The store was closed.", remedy="Open it again.")
        return self._lock

    # Items

    def add_raw_items(self, items: Sequence[NewRawItem]) -> None:
        """Add imported items; see `Store.add_raw_items`."""
        with self._use():
            for new in items:
                refusals.check_raw_item(new.item)
            self._check_new("item", (new.item.id for new in items), self._items)
            for new in items:
                self._items[new.item.id] = new.item
                self._published[new.item.id] = new.location.path
                self._place(new.item.content, new.location)

    def _check_new(self, word: str, ids: Iterable[str], known: Container[str]) -> None:
        seen = set()
        for one in ids:
            if one in known or one in seen:
                raise refusals.known_already(word)
            seen.add(one)

    def _place(self, content: Content, location: Location) -> None:
        self._contents.setdefault(content.sha256, content)
        for path, sha in list(self._places):
            if path == location.path and sha != content.sha256:
                old = self._places[path, sha]
                self._places[path, sha] = replace(old, state=LocationState.CLEANED)
        self._places[location.path, content.sha256] = location

    def has_raw_item(
        self, dataset: str, content: Sha256, selector: str, name: str
    ) -> bool:
        """Say whether a dataset has this very item already."""
        with self._use():
            wanted = (dataset, content, selector, name)
            return any(
                (one.dataset, one.content.sha256, one.selector, one.name) == wanted
                for one in self._items.values()
                if not isinstance(one.origin, Produced)
            )

    def raw_items_named(
        self, dataset: str, names: Iterable[str]
    ) -> set[tuple[Sha256, str, str]]:
        """Return content, selector and name of the raw items that are called so."""
        wanted = set(names)
        with self._use():
            return {
                (one.content.sha256, one.selector, one.name)
                for one in self._items.values()
                if not isinstance(one.origin, Produced)
                and one.dataset == dataset
                and one.name in wanted
            }

    def datasets(self) -> list[Dataset]:
        """List the datasets: raw ones by name, then processed ones by run and name."""
        with self._use():
            order = {run: n for n, run in enumerate(self._runs)}
            counts: Counter[tuple[int, str]] = Counter()
            for item in self._results():
                made = item.origin
                run = order[made.run] if isinstance(made, Produced) else -1
                counts[run, item.dataset] += 1
            return [
                Dataset(
                    name, DatasetKind.RAW if run < 0 else DatasetKind.PROCESSED, count
                )
                for (run, name), count in sorted(counts.items())
            ]

    def _results(self) -> Iterator[Item]:
        """Go through the items without those that superseded attempts made."""
        gone = {job.supersedes for job in self._jobs.values()}
        for item in self._items.values():
            if not isinstance(item.origin, Produced) or item.origin.job not in gone:
                yield item

    def items(self, dataset: str | None = None) -> Iterator[Item]:
        """Go through the items of a dataset (all for None), by name, then as added."""
        with self._use():
            found = [
                item
                for item in (
                    self._items.values() if dataset is None else self._results()
                )
                if dataset is None or item.dataset == dataset
            ]
        if dataset is not None and not found:
            raise refusals.missing_dataset(dataset)
        return iter(sorted(found, key=_by_name))

    def item(self, item: ItemId) -> Item:
        """Return one item; `StoreError` if it is not there."""
        with self._use():
            if item not in self._items:
                raise refusals.missing_item(item)
            return self._items[item]

    def items_by_id(self, items: Iterable[ItemId]) -> dict[ItemId, Item]:
        """Return items by their ids; `StoreError` if one is not there."""
        return {item: self.item(item) for item in items}

    def find_items(self, text: str) -> list[Item]:
        """Return the items that a text means; see `Store.find_items`."""
        with self._use():
            is_prefix = len(text) >= 4
            found = [
                item
                for item in self._items.values()
                if item.name == text
                or self._published.get(item.id) == text
                or (is_prefix and item.id.startswith(text.lower()))
            ]
        return sorted(found, key=_by_name)

    def items_with_content(self, content: Sha256) -> list[Item]:
        """Return the items that have a content, in the order they were added."""
        with self._use():
            every = self._items.values()
            return [item for item in every if item.content.sha256 == content]

    def location(self, content: Sha256) -> Location | None:
        """Return where a content lies; a present location before a cleaned one."""
        with self._use():
            places = [one for (_, sha), one in self._places.items() if sha == content]
        places.reverse()
        places.sort(
            key=lambda one: (one.state is not LocationState.PRESENT, one.is_referenced)
        )
        return places[0] if places else None

    def locations(self, contents: Iterable[Sha256]) -> dict[Sha256, Location]:
        """Return where contents are present; see `Store.locations`."""
        found = ((content, self.location(content)) for content in contents)
        return {
            content: place
            for content, place in found
            if place is not None and place.state is LocationState.PRESENT
        }

    def update_location(self, content: Sha256, location: Location) -> None:
        """Replace the location with the same path; see `Store.update_location`."""
        with self._use():
            if content not in self._contents:
                raise refusals.unknown_content(content)
            self._place(self._contents[content], location)

    def recorded_paths(self, paths: Iterable[str]) -> set[str]:
        """Return which of these paths are locations of some content."""
        with self._use():
            runs = {f"results/{run.folder}" for run in self._runs.values()}
            return set(paths) & ({path for path, _ in self._places} | runs)

    # Annotations

    def views(self, items: Iterable[ItemId]) -> dict[ItemId, View]:
        """Return the annotations that items see: their own and their ancestors'."""
        with self._use():
            items = list(items)
            known: dict[ItemId, View] = {}
            for item in self._with_ancestors(items):
                parents = [known[parent] for parent in self._parents(item)]
                known[item] = merge(self._items[item].annotations, parents)
            return {item: known[item] for item in items}

    def roots(self, items: Iterable[ItemId]) -> dict[ItemId, frozenset[ItemId]]:
        """Return the raw items that items descend from; a raw item is its own root."""
        with self._use():
            items = list(items)
            known: dict[ItemId, frozenset[ItemId]] = {}
            for item in self._with_ancestors(items):
                parents = self._parents(item)
                own = frozenset() if self._job_of(item) else frozenset((item,))
                known[item] = own.union(*(known[parent] for parent in parents))
            return {item: known[item] for item in items}

    def _job_of(self, item: ItemId) -> JobRecord | None:
        origin = self.item(item).origin
        return self._jobs[origin.job] if isinstance(origin, Produced) else None

    def _parents(self, item: ItemId) -> list[ItemId]:
        job = self._job_of(item)
        return [] if job is None else [edge.item for edge in job.consumed]

    def _with_ancestors(self, items: Iterable[ItemId]) -> list[ItemId]:
        """Return items and all their ancestors, the oldest first."""
        found: set[ItemId] = set()
        todo = list(items)
        while todo:
            item = todo.pop()
            if item not in found:
                found.add(item)
                todo.extend(self._parents(item))
        return [item for item in self._items if item in found]


def _by_name(item: Item) -> str:
    return item.name
