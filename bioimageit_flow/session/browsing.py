"""Looking through the items of an experiment as through the rows of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bioimageit_flow.errors import Cancelled
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.chosen import BY_NAME, GoOn, Order, Selection, always
from bioimageit_flow.model.data import AnnotationValue, Item, Produced
from bioimageit_flow.model.query import Query, parse
from bioimageit_flow.model.sorting import sorted_in_pieces

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

__all__ = ["BY_NAME", "Browsing", "Order", "Row", "browse"]

_PART = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One item as a row.

    Attributes
    ----------
    annotations : mapping
        Its own and its ancestors' annotations.
    """

    item: Item
    annotations: View

    def value(self, key: str) -> AnnotationValue | None:
        """Return what stands in the column of a key; several values in one text."""
        found = self.annotations.get(key)
        if isinstance(found, Conflict):
            return " | ".join(str(one) for one in found.values)
        return found

    def is_own(self, key: str) -> bool:
        """Say whether the item itself has a value, and not only what it came from."""
        return key in self.item.annotations


class Browsing:
    """Selected items in an order, any part of which can be read; made by `browse`.

    It holds eight bytes for each item, as the items were when it was made.
    """

    def __init__(self, experiment: "Experiment", numbers: Sequence[int]) -> None:
        self._experiment = experiment
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def read(self, start: int, stop: int) -> list[Row]:
        """Return the rows from one place to another, the last left out."""
        return list(self._rows(self._numbers[start:stop]))

    def items(self, places: Iterable[int]) -> list[Item]:
        """Return the items at some places."""
        wanted = iter(places)
        found: list[Item] = []
        while part := list(islice(wanted, _PART)):
            numbers = [self._numbers[place] for place in part]
            found += self._experiment.store.numbered(numbers)
        return found

    def _rows(self, numbers: Sequence[int]) -> Iterable[Row]:
        store = self._experiment.store
        items = store.numbered(numbers)
        views = store.views([item.id for item in items])
        return (Row(item, views[item.id]) for item in items)


def browse(
    experiment: "Experiment",
    where: str | Query | None = None,
    *,
    dataset: str | None = None,
    excluded: bool | None = None,
    order: Order = BY_NAME,
    go_on: GoOn = always,
) -> Browsing:
    """Return the items that a query means, to be looked through.

    Parameters
    ----------
    where, dataset, excluded
        Which items; as for `Experiment.select`.
    order : Order
        How they follow each other. By a key, processed items also count the values of
        the items that they were made from.
    go_on : callable
        Asked now and then whether somebody still waits for the answer.

    Raises
    ------
    Cancelled
        If nobody waits.
    QueryError
        If the query cannot be read; says where.
    StoreError
        If there is no such dataset.
    """
    query = parse(where) if isinstance(where, str) else where
    selection = Selection(query, dataset, excluded)
    store = experiment.store
    if not order.is_key or not _has_ancestors(experiment, dataset):
        return Browsing(experiment, store.ordered(selection, order, go_on))
    numbers = store.ordered(selection, BY_NAME, go_on)
    ranks: list[tuple[tuple[int, float, str], int]] = []
    lacking: list[int] = []
    for start in range(0, len(numbers), _PART):
        if not go_on():
            raise Cancelled("Nobody waits for this answer any more.")
        part = numbers[start : start + _PART]
        items = store.numbered(part)
        views = store.views([item.id for item in items])
        for number, item in zip(part, items, strict=True):
            value = Row(item, views[item.id]).value(order.by)
            if value is None:
                lacking.append(number)
            else:
                ranks.append((_rank(value), number))
    inorder = sorted_in_pieces(
        ranks, lambda one: one[0], is_descending=order.is_descending
    )
    return Browsing(experiment, [*(number for _, number in inorder), *lacking])


def _has_ancestors(experiment: "Experiment", dataset: str | None) -> bool:
    """Say whether items may have been made from others; nothing is counted for it."""
    store = experiment.store
    if dataset is None:
        return bool(store.runs())
    first = store.page(Selection(dataset=dataset), limit=1)
    return bool(first) and isinstance(first[0].origin, Produced)


def _rank(value: AnnotationValue) -> tuple[int, float, str]:
    if isinstance(value, bool):
        return 1, float(value), ""
    if isinstance(value, str):
        return 2, 0.0, value.lower()
    return 0, float(value), ""
