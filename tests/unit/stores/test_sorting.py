"""Many items are sorted outside the database, as a few are, and can be broken off."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bioimageit_flow.errors import Cancelled
from bioimageit_flow.model import sorting as pieces
from bioimageit_flow.model.chosen import Order, Selection
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.query import parse
from bioimageit_flow.model.sorting import sorted_in_pieces
from bioimageit_flow.stores import sorting
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.memory_store import MemoryStore
from bioimageit_flow.testing.samples import raw_item

COUNT = 300
ORDERS = [
    Order(by, is_key=by == "dose", is_descending=turned)
    for by in ("name", "added", "kind", "format", "dataset", "size", "dose")
    for turned in (False, True)
]
VALUES: tuple[AnnotationValue, ...] = (
    *(3, 1, 2, 2.5, -1, 10, True, False, "b", "B", "a", "Zebra", "zoo", "_", "\u00c9"),
    *("\u00e9", "10", "x y"),
)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[SqlStore, MemoryStore]]:
    """Return two stores with the same items, whose values are mixed."""
    random = Random(5)
    items = []
    for number in range(COUNT):
        value = random.choice((*VALUES, None))
        given: dict[str, AnnotationValue] = {"n": number % 3}
        if value is not None:
            given["dose"] = value
        name = f"{random.randrange(COUNT // 2):03}"
        items.append(raw_item(name, annotations=given, dataset=f"d{number % 2}"))
    memory = MemoryStore("Many")
    with closing(SqlStore.create(tmp_path / "experiment.db", "Many")) as store:
        for made in (store, memory):
            made.add_raw_items(items)
        yield store, memory


@pytest.mark.parametrize("is_many", [False, True])
@pytest.mark.parametrize("where", ["", "n = 1"])
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_items_come_as_from_any_other_store(
    stores: tuple[SqlStore, MemoryStore],
    order: Order,
    where: str,
    is_many: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if is_many:
        monkeypatch.setattr(sorting, "FEW", 7)
        monkeypatch.setattr(pieces, "FEW", 7)
    for dataset in (None, "d1"):
        chosen = Selection(parse(where) if where else None, dataset)
        mine, theirs = (
            [one.id for one in store.numbered(store.ordered(chosen, order))]
            for store in stores
        )
        assert mine == theirs
        assert len(mine) >= COUNT // 3 // 2


@pytest.mark.parametrize("where", ["", "n = 1"])
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_the_database_never_sorts_everything_in_one_step(
    stores: tuple[SqlStore, MemoryStore], order: Order, where: str, tmp_path: Path
) -> None:
    # SQLite cannot be broken off while it sorts; what an index gives is no sort
    asked: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:  # noqa: ANN401
        asked.append((given[2], given[3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        stores[0].ordered(Selection(parse(where) if where else None), order)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    with closing(sqlite3.connect(tmp_path / "experiment.db")) as connection:
        plans = [
            row[3]
            for statement, values in asked
            if statement.startswith("SELECT")
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert any("INDEX" in plan for plan in plans)
    assert "USE TEMP B-TREE FOR ORDER BY" not in plans


def test_texts_that_are_sorted_outside_are_broken_off_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "_LOT", 10)
    order = Order("dose", is_key=True)
    texts = (f"{'aA'[number % 2]}{number:03}" for number in range(100))
    with closing(SqlStore.create(tmp_path / "experiment.db", "Texts")) as store:
        store.add_raw_items([raw_item(t, annotations={"dose": t}) for t in texts])
        asked: list[bool] = []

        def go_on() -> bool:
            asked.append(True)
            return len(asked) < 5

        with pytest.raises(Cancelled):
            store.ordered(Selection(), order, go_on)
        assert len(asked) == 5
        found = store.numbered(store.ordered(Selection(), order))
    names = [one.name.lower() for one in found]
    assert names == sorted(names)


def test_pieces_are_sorted_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "FEW", 10)
    random = Random(1)
    values = [(random.randrange(9), n) for n in range(155)]
    for turned in (False, True):
        found = sorted_in_pieces(values, lambda one: one[0], is_descending=turned)
        assert list(found) == sorted(values, key=lambda one: one[0], reverse=turned)
    assert list(sorted_in_pieces([], lambda one: one)) == []
