"""What a store promises of looking through items: orders, and the values of keys."""
# ruff: noqa: D102 - the names of tests say what is promised

import pytest

from bioimageit_flow.errors import Cancelled, StoreError
from bioimageit_flow.model.chosen import BY_NAME, Order, Selection
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.query import parse
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.testing.samples import raw_item


def _fill(store: Store, values: dict[str, AnnotationValue | None]) -> None:
    for name, value in values.items():
        given = {} if value is None else {"dose": value}
        store.add_raw_items([raw_item(name, annotations=given)])


def _names(store: Store, order: Order, where: str | None = None) -> list[str]:
    selection = Selection(parse(where) if where else None)
    return [one.name for one in store.numbered(store.ordered(selection, order))]


class BrowsingContract:
    """Items come in the order that was asked for."""

    def test_items_come_by_name_and_the_other_way_round(self, store: Store) -> None:
        _fill(store, {"b": 1, "c": None, "a": 2})
        assert _names(store, BY_NAME) == ["a", "b", "c"]
        assert _names(store, Order(is_descending=True)) == ["c", "b", "a"]

    def test_only_selected_items_come(self, store: Store) -> None:
        _fill(store, {"b": 1, "c": None, "a": 2})
        assert _names(store, BY_NAME, "exists dose") == ["a", "b"]

    @pytest.mark.parametrize("is_descending", [False, True])
    def test_items_without_a_value_come_last(
        self, store: Store, is_descending: bool
    ) -> None:
        _fill(store, {"none": None, "ten": 10, "nine": 9, "high": "high", "low": "LOW"})
        order = Order("dose", is_key=True, is_descending=is_descending)
        numbers, texts = ["nine", "ten"], ["high", "low"]
        if is_descending:
            numbers, texts = numbers[::-1], texts[::-1]
        assert _names(store, order) == [*numbers, *texts, "none"]

    @pytest.mark.parametrize("is_descending", [False, True])
    def test_same_values_stay_by_name(self, store: Store, is_descending: bool) -> None:
        _fill(store, {"c": True, "b": True, "d": True, "a": False})
        order = Order("dose", is_key=True, is_descending=is_descending)
        same = ["b", "c", "d"]
        assert _names(store, order) == ([*same, "a"] if is_descending else ["a", *same])

    def test_items_come_as_they_were_added(self, store: Store) -> None:
        _fill(store, {"b": 1, "c": None, "a": 2})
        assert _names(store, Order("added")) == ["b", "c", "a"]
        newest = Order("added", is_descending=True)
        assert _names(store, newest) == ["a", "c", "b"]

    @pytest.mark.parametrize("by", ["kind", "format", "dataset", "size"])
    def test_items_come_by_facts_and_then_by_name(self, store: Store, by: str) -> None:
        _fill(store, {"b": 1, "a": 2})
        assert _names(store, Order(by)) == ["a", "b"]
        assert _names(store, Order(by, is_descending=True)) == ["a", "b"]

    def test_ordering_an_unknown_dataset_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreError, match="nowhere"):
            store.ordered(Selection(dataset="nowhere"))

    def test_an_order_that_nobody_waits_for_is_broken_off(self, store: Store) -> None:
        _fill(store, {"b": 1, "c": None, "a": 2})
        with pytest.raises(Cancelled):
            store.ordered(Selection(), BY_NAME, lambda: False)
        assert _names(store, BY_NAME) == ["a", "b", "c"]

    def test_values_of_a_key_come_once_numbers_before_texts(self, store: Store) -> None:
        _fill(store, {"a": 10, "b": 2, "c": 10, "d": "x", "e": "x", "f": 2.5})
        assert store.key_values("dose") == (2, 2.5, 10, "x")
        assert store.key_values("dose", 2) == (2, 2.5)
        assert store.key_values("nothing") == ()
