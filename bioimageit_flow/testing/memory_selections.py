"""Selecting items in memory."""

from collections.abc import Collection, Iterator

from bioimageit_flow.model.chosen import EVERYTHING, ItemName, Selection
from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.query import facts_of
from bioimageit_flow.testing.memory_items import MemoryItems


class MemorySelections(MemoryItems):
    """The part of a store that finds items by queries."""

    def selected(self, selection: Selection) -> Iterator[Item]:
        """Go through selected items, by name then id."""
        with self._use():
            items = list(self.items(selection.dataset))
            if selection.is_excluded is not None:
                wanted = selection.is_excluded
                items = [one for one in items if bool(one.excluded) is wanted]
            query = selection.query
            if query is not None:
                views = self.views(one.id for one in items)
                items = [
                    one
                    for one in items
                    if query.matches(views[one.id], facts_of(one, self._run_of(one)))
                ]
        return iter(items)

    def _run_of(self, item: Item) -> tuple[str, ...]:
        job = self._job_of(item.id)
        if job is None:
            return ()
        run = self._runs[job.run]
        return (run.folder, run.name)

    def count(self, selection: Selection = EVERYTHING) -> int:
        """Return how many items are selected."""
        return len(list(self.selected(selection)))

    def page(
        self, selection: Selection, after: ItemId | None = None, limit: int = 100
    ) -> list[Item]:
        """Return the next selected items after one, by name then id."""
        found = list(self.selected(selection))
        if after is not None:
            last = self.item(after)
            place = (last.name, last.id)
            found = [one for one in found if (one.name, one.id) > place]
        return found[:limit]

    def names(
        self, selection: Selection, keys: Collection[str] = ()
    ) -> Iterator[ItemName]:
        """Go through selected items by name, with own values of some keys."""
        return (
            ItemName(
                item.id,
                item.name,
                item.dataset,
                item.origin.source if isinstance(item.origin, Imported) else "",
                {key: item.annotations[key] for key in keys if key in item.annotations},
            )
            for item in self.selected(selection)
        )
