"""Care of bytes in memory: what is given up, moved, and how much there is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bioimageit_flow.model.changes import Aspect, ChangeKind
from bioimageit_flow.model.chosen import (
    DELETED,
    DiskUse,
    Moved,
    Place,
    StoredResult,
)
from bioimageit_flow.model.data import Imported, Item, Location, LocationState, Produced
from bioimageit_flow.model.ids import ItemId, RunId, Sha256
from bioimageit_flow.stores import refusals
from bioimageit_flow.testing.memory_decisions import MemoryDecisions

_PRESENT = LocationState.PRESENT


class MemoryCare(MemoryDecisions):
    """The part of a store that knows which bytes are where."""

    def include(self, items: Iterable[ItemId], *, user: str) -> int | None:
        """Let excluded items take part again."""
        wanted = list(items)
        with self._use():
            for id_ in wanted:
                item = self.item(id_)
                is_there = any(self._present(item.content.sha256))
                if item.excluded.startswith(DELETED) and not is_there:
                    raise refusals.bytes_gone(item.name)
            back = [(item, {"": None}) for item in wanted]
            return self._act(ChangeKind.INCLUDE, user, "", back, Aspect.EXCLUDED)

    def descendants(self, items: Iterable[ItemId]) -> dict[str, int]:
        """Count the items that were made from some, by the name of their dataset."""
        with self._use():
            start = {self.item(item).id for item in items}
            found = set(start)
            for item in self._items.values():  # the oldest first
                if any(parent in found for parent in self._parents(item.id)):
                    found.add(item.id)
            names = Counter(self._items[item].dataset for item in found - start)
            return dict(sorted(names.items()))

    def give_up(
        self, items: Iterable[ItemId], reason: str, *, user: str, is_clean: bool
    ) -> list[Location]:
        """Record that bytes are deleted, or cleaned; return where they lay."""
        with self._use():
            chosen = [self.item(item) for item in items]
            if is_clean:
                ids = [item.id for item in chosen]
                details = {"items": len(ids), "cleaned": ids}
                self._record(ChangeKind.CLEAN, user, reason, [], None, details)
            else:
                why = f"{DELETED}: {reason}" if reason else DELETED
                gone = [(item.id, {"": why}) for item in chosen]
                self._act(ChangeKind.DELETE, user, reason, gone, Aspect.EXCLUDED)
            contents = {item.content.sha256 for item in chosen}
            if not is_clean:
                contents -= {
                    item.content.sha256
                    for item in self._items.values()
                    if not item.excluded.startswith(DELETED)
                }
            state = LocationState.CLEANED if is_clean else LocationState.DELETED
            lay = [
                (key, place)
                for key, place in self._places.items()
                if key[1] in contents
                and place.state is _PRESENT
                and not (is_clean and place.is_referenced)
            ]
            for key, place in lay:
                self._places[key] = replace(place, state=state)
            return [place for _, place in lay]

    def places(self, dataset: str | None = None) -> Iterator[Place]:
        """Go through the places where contents are said to lie."""
        with self._use():
            names: dict[Sha256, str] = {}
            wanted = set()
            for item in self._items.values():
                sha = item.content.sha256
                names[sha] = min(item.name, names.get(sha, item.name))
                if dataset is None or item.dataset == dataset:
                    wanted.add(sha)
            found = [
                Place(self._contents[sha], place, names.get(sha, ""))
                for (_, sha), place in self._places.items()
                if place.state is _PRESENT and sha in wanted
            ]
        return iter(found)

    def relocate(self, moved: Sequence[Moved], *, user: str) -> int | None:
        """Record that referenced files lie elsewhere."""
        with self._use():
            for one in moved:
                if one.content not in self._contents:
                    raise refusals.unknown_content(one.content)
            for one in moved:
                self._place(self._contents[one.content], one.new)
                if one.old.path != one.new.path:
                    old = replace(one.old, state=LocationState.CLEANED)
                    self._places[one.old.path, one.content] = old
            if not moved:
                return None
            note = f"{len(moved)} referenced files lie elsewhere"
            paths = [[one.content, one.old.path, one.new.path] for one in moved]
            return self._record(
                ChangeKind.RELOCATE, user, note, [], None, {"moved": paths}
            )

    def disk_use(self) -> list[DiskUse]:
        """Count bytes by dataset: raw ones by name, then by run."""
        with self._use():
            return [
                self._use_of(dataset.name, dataset.count) for dataset in self.datasets()
            ]

    def _use_of(self, dataset: str, count: int) -> DiskUse:
        own = referenced = missing = 0
        contents = {item.content for item in self.items(dataset)}
        for content in contents:
            places = self._present(content.sha256)
            if any(not place.is_referenced for place in places):
                own += content.size
            elif places:
                referenced += content.size
            else:
                missing += content.size
        return DiskUse(dataset, count, own, referenced, missing)

    def results(self, run: RunId | None = None) -> Iterator[StoredResult]:
        """Go through the results, of one run or all, whose bytes are there."""
        with self._use():
            raw = {
                item.content.sha256
                for item in self._items.values()
                if isinstance(item.origin, Imported)
            }
            consumed = {
                edge.item for job in self._jobs.values() for edge in job.consumed
            }
            found = [
                self._result(item, item.origin, consumed, raw)
                for item in self._items.values()
                if isinstance(item.origin, Produced)
                and run in (None, item.origin.run)
                and any(
                    not place.is_referenced
                    for place in self._present(item.content.sha256)
                )
            ]
        return iter(found)

    def _result(
        self, item: Item, origin: Produced, consumed: set[ItemId], raw: set[Sha256]
    ) -> StoredResult:
        return StoredResult(
            item=item.id,
            name=item.name,
            dataset=item.dataset,
            content=item.content,
            tool=self._jobs[origin.job].tool,
            is_consumed=item.id in consumed,
            is_raw_too=item.content.sha256 in raw,
        )

    def _present(self, content: Sha256) -> list[Location]:
        return [
            place
            for (_, sha), place in self._places.items()
            if sha == content and place.state is _PRESENT
        ]
