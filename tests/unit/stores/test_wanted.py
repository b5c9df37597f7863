"""Changes of many items at once are recorded and undone to the letter."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.chosen import Selection
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.keys import Key, KeyType
from bioimageit_flow.model.query import parse
from bioimageit_flow.stores import annotating, spooling, wanted_sets
from bioimageit_flow.stores.spooling import NumberedSpool, Spool, Values
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.stores.sqlite_database import SqliteDatabase
from bioimageit_flow.testing.samples import raw_item

VALUES: tuple[AnnotationValue, ...] = (
    *("", "drug", 'a"b\\c\td', "ä😀", "1.50", "true"),
    *(0, -5, 2.5, 1e300, 2**63 - 1, 2**70, True, False),
)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    monkeypatch.setattr(spooling, "PAGE", 3)
    with closing(SqlStore.create(tmp_path / "experiment.db", "x")) as store:
        store.add_raw_items([raw_item(f"{n:02}.tif") for n in range(len(VALUES))])
        yield store


def own(store: SqlStore) -> list[dict[str, AnnotationValue]]:
    return [dict(item.annotations) for item in store.items()]


def each(store: SqlStore, key: str = "k") -> list[Values]:
    pairs = zip(store.items(), VALUES, strict=True)
    return [(item.id, {key: value}) for item, value in pairs]


def types(values: list[dict[str, AnnotationValue]]) -> list[tuple[type, object]]:
    return [(type(one), one) for row in values for one in row.values()]


def test_every_value_comes_back_after_being_replaced(store: SqlStore) -> None:
    store.annotate_many(each(store), user="ada")
    before = own(store)
    assert types(before) == [(type(one), one) for one in VALUES]
    every = [item.id for item in store.items()]
    n = store.annotate_many(((one, {"k": "other"}) for one in every), user="ada")
    assert store.changes(1)[0].rows == len(VALUES)
    assert store.undo(user="ada").undoes == n
    assert types(own(store)) == types(before)
    assert store.count(Selection(parse("k = drug"))) == 1
    assert store.count(Selection(parse("k > 1e299"))) == 1
    assert store.verify_changes() == []


@pytest.mark.parametrize("act", ["rename", "clear", "delete"])
def test_keys_are_changed_as_a_whole_and_undone(store: SqlStore, act: str) -> None:
    store.annotate_many(each(store), user="ada")
    store.annotate_many(each(store, "other")[:4], user="ada")
    before = own(store)
    match act:
        case "rename":
            store.rename_key("k", "new", user="ada")
            assert [row.get("new") for row in own(store)] == list(VALUES)
        case _:
            store.remove_key("k", user="ada", keep_declaration=act == "clear")
    assert not any("k" in row for row in own(store))
    store.undo(user="ada")
    assert types(own(store)) == types(before)
    assert store.verify_changes() == []


def test_declaring_types_each_value_once_and_names_the_first_misfit(
    store: SqlStore,
) -> None:
    items = list(store.items())
    texts = ["5", "6.5", "5"]
    pairs = zip(items, texts, strict=False)
    store.annotate_many([(item.id, {"dose": text}) for item, text in pairs], user="a")
    store.declare_key(Key("dose", KeyType.NUMBER), user="ada")
    assert [row["dose"] for row in own(store)[:3]] == [5, 6.5, 5]
    store.undo(user="ada")
    assert [row["dose"] for row in own(store)[:3]] == texts
    with pytest.raises(StoreError, match=r"01\.tif.*6\.5.*whole"):
        store.declare_key(Key("dose", KeyType.INTEGER), user="ada")
    assert [row["dose"] for row in own(store)[:3]] == texts
    store.annotate({items[0].id: {"free": 1}}, user="ada")


def test_what_an_item_is_given_twice_counts_the_last_time(store: SqlStore) -> None:
    first, *_ = store.items()
    values: list[Values] = [(first.id, {"a": n}) for n in range(10)]
    store.annotate_many(values, user="ada")
    assert own(store)[0] == {"a": 9}
    assert store.changes(1)[0].rows == 1


@pytest.mark.parametrize("page", [2, 3, 100])
@pytest.mark.parametrize("step", [1, -1, 5, 9])
def test_items_may_come_in_any_order_and_from_anywhere(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, step: int, page: int
) -> None:
    monkeypatch.setattr(spooling, "PAGE", page)
    count = len(VALUES)
    some = sorted(range(0, count, 2), key=lambda n: n * step % count)
    every = [item.id for item in store.items()]
    store.annotate_many([(every[n], {"k": n}) for n in some], user="ada")
    assert own(store) == [{"k": n} if n in some else {} for n in range(count)]


def test_missing_item_stops_everything(store: SqlStore) -> None:
    gone = raw_item("gone.tif").item
    with pytest.raises(StoreError, match="There is no item"):
        store.annotate_many([*each(store), (gone.id, {"k": 1})], user="ada")
    assert own(store) == [{}] * len(VALUES)
    assert store.changes() == []


def test_key_declared_while_values_are_read_is_honoured(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = annotating.prepare

    def slowly(*arguments: object) -> object:
        found = prepare(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        with closing(SqlStore(tmp_path / "experiment.db")) as other:
            other.declare_key(Key("k", KeyType.TEXT), user="grace")
        return found

    monkeypatch.setattr(annotating, "prepare", slowly)
    first, *_ = store.items()
    store.annotate_many([(first.id, {"k": 5})], user="ada")
    assert own(store)[0] == {"k": "5"}


def test_numbered_spool_keeps_what_is_the_same_once(store: SqlStore) -> None:
    spool = NumberedSpool()
    low: dict[str, AnnotationValue | None] = {"level": "low"}
    high: dict[str, AnnotationValue | None] = {"level": "high"}
    names = list(store.names(Selection()))
    for n, one in enumerate(names):
        spool.add(one.number, high if n % 5 == 4 else low)
    pages = list(spool.pages())
    assert list(spool.pages()) == pages
    assert max(len(page.numbers) for page in pages) == 3
    assert max(len(page.different) for page in pages) == 2
    assert [n for page in pages for n in page.numbers] == [one.number for one in names]

    store.annotate_numbered(spool, user="ada")

    spool.close()
    wanted = ["high" if n % 5 == 4 else "low" for n in range(len(VALUES))]
    assert [row["level"] for row in own(store)] == wanted


def test_sets_that_were_forgotten_are_written_again(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wanted_sets, "_REMEMBERED", 2)
    spool = NumberedSpool()
    for n, one in enumerate(store.names(Selection())):
        spool.add(one.number, {"n": n % 5, "m": True})
    store.annotate_numbered(spool, user="ada")
    wanted = [{"n": n % 5, "m": True} for n in range(len(VALUES))]
    assert own(store) == wanted


def test_key_declared_meanwhile_is_honoured_by_numbers_too(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = annotating.prepare_numbered

    def slowly(*arguments: object) -> object:
        found = prepare(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        with closing(SqlStore(tmp_path / "experiment.db")) as other:
            other.declare_key(Key("k", KeyType.TEXT), user="grace")
        return found

    monkeypatch.setattr(annotating, "prepare_numbered", slowly)
    spool = NumberedSpool()
    first = next(iter(store.names(Selection())))
    spool.add(first.number, {"k": 5})
    store.annotate_numbered(spool, user="ada")
    assert own(store)[0] == {"k": "5"}


def test_a_long_history_does_not_slow_a_change_down(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    def watched() -> sqlite3.Connection:
        connection = connect()
        connection.set_progress_handler(count, 10)
        return connection

    def work(value: AnnotationValue) -> int:
        nonlocal steps
        steps = 0
        store.annotate({first: {"k": value}}, user="ada")
        return steps

    first = next(store.items()).id
    database = store._database
    assert isinstance(database, SqliteDatabase)
    connect = database._connect
    monkeypatch.setattr(database, "_connect", watched)
    work(-1)
    before = work(0)
    assert before > 0
    for n in range(200):
        store.annotate_many([(item.id, {"k": n}) for item in store.items()], user="x")
    assert before <= work(0) < 1.5 * before


def test_spool_gives_everything_as_often_as_asked(store: SqlStore) -> None:
    values = each(store)
    with Spool(values) as spool:
        assert list(spool) == list(spool)
        assert [(item, dict(one)) for item, one in spool] == values
        assert max(len(page) for page in spool.pages()) == 3
        store.annotate_many(spool, user="ada")
    assert [row["k"] for row in own(store)] == list(VALUES)
