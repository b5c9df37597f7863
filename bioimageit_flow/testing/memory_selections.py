"""Selecting items in memory."""

from collections.abc import Collection, Iterator, Sequence

from bioimageit_flow.errors import Cancelled
from bioimageit_flow.model.chosen import (
    BY_NAME,
    EVERYTHING,
    GoOn,
    ItemName,
    Order,
    Selection,
    always,
)
from bioimageit_flow.model.data import AnnotationValue, Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.query import facts_of
from bioimageit_flow.testing.memory_items import MemoryItems


class MemorySelections(MemoryItems):
    """The part of a store that finds items by queries."""

    def selected(self, selection: Selection) -> Iterator[Item]:
        """Go through selected items, by name, then as added."""
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
        """Return the next selected items after one, by name, then as added."""
        found = list(self.selected(selection))
        if after is not None:
            last = self.item(after)
            places = {id_: n for n, id_ in enumerate(self._items)}
            place = (last.name, places[last.id])
            found = [one for one in found if (one.name, places[one.id]) > place]
        return found[:limit]

    def names(
        self, selection: Selection, keys: Collection[str] = ()
    ) -> Iterator[ItemName]:
        """Go through selected items as they were added, with values of some keys."""
        places = {id_: n for n, id_ in enumerate(self._items)}
        return (
            ItemName(
                item.id,
                item.name,
                item.dataset,
                item.origin.source if isinstance(item.origin, Imported) else "",
                {key: item.annotations[key] for key in keys if key in item.annotations},
                places[item.id],
            )
            for item in sorted(
                self.selected(selection), key=lambda item: places[item.id]
            )
        )

    def ordered(
        self, selection: Selection, order: Order = BY_NAME, go_on: GoOn = always
    ) -> Sequence[int]:
        """Return the numbers of selected items in an order."""
        if not go_on():
            raise Cancelled("Nobody waits for this answer any more.")
        places = {id_: n for n, id_ in enumerate(self._items)}
        items = list(self.selected(selection))
        if order.by == "name" and not order.is_key:
            return [places[one.id] for one in _turned(items, order)]
        if order.is_key:
            there = [one for one in items if order.by in one.annotations]
            lacking = [one for one in items if order.by not in one.annotations]
            numbers = [one for one in there if _number(one, order) is not None]
            others = [one for one in there if _number(one, order) is None]
            numbers.sort(key=lambda one: _number(one, order) or 0.0)
            others.sort(key=lambda one: _text(one.annotations[order.by]))
            found = [*_stably(numbers, order), *_stably(others, order), *lacking]
            return [places[one.id] for one in found]
        items.sort(key=lambda one: _fact(one, order, places[one.id]))
        return [places[one.id] for one in _stably(items, order)]

    def numbered(self, numbers: Sequence[int]) -> list[Item]:
        """Return the items that some numbers stand for, in their order."""
        known = list(self._items)
        return [self.item(known[number]) for number in numbers]

    def key_values(self, key: str, limit: int = 50) -> tuple[AnnotationValue, ...]:
        """Return the first values that items have of a key, numbers before texts."""
        with self._use():
            found = {
                item.annotations[key]
                for item in self._items.values()
                if key in item.annotations
            }
        numbers = sorted(one for one in found if not isinstance(one, str | bool))
        texts = sorted(one for one in found if isinstance(one, str))
        return (*numbers, *texts)[:limit]


def _turned(items: list[Item], order: Order) -> list[Item]:
    return items[::-1] if order.is_descending else items


def _stably(items: list[Item], order: Order) -> list[Item]:
    """Turn the order of groups of alike items, which stay by name among themselves."""
    if not order.is_descending:
        return items
    groups: dict[object, list[Item]] = {}
    for one in items:
        value = one.annotations.get(order.by) if order.is_key else _fact(one, order, 0)
        groups.setdefault(one.id if order.by == "added" else value, []).append(one)
    return [one for group in reversed(list(groups.values())) for one in group]


def _number(item: Item, order: Order) -> float | None:
    value = item.annotations[order.by]
    return None if isinstance(value, str | bool) else float(value)


def _text(value: AnnotationValue) -> tuple[bool, str, str]:
    """Return by what a value that is no number is ordered: truths before texts."""
    return isinstance(value, str), str(value).lower(), str(value)


def _fact(item: Item, order: Order, added: int) -> tuple[str, int]:
    match order.by:
        case "kind":
            return str(item.info.kind), 0
        case "format":
            return item.info.format, 0
        case "dataset":
            return item.dataset, 0
        case "size":
            return "", item.content.size
        case _:
            return "", added
