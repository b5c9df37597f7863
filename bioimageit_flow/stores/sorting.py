"""Sorting many items outside the database, where it cannot break off a sort itself.

SQLite sorts a million rows in one step that nothing interrupts. Here it only reads, in
the order of its indexes; each item gets the rank of its value, and ranks are sorted.
"""

from array import array
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, select

from bioimageit_flow.model.chosen import GoOn, Order
from bioimageit_flow.model.sorting import FEW, sorted_in_pieces
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.dialects import dialect_of
from bioimageit_flow.stores.stopping import require_waiting

_LOT: Final = 10_000
_Ids = NDArray[np.int64]
_Ranks = NDArray[np.int64]
_LACKS: Final = -1


def sorted_rows(
    connection: Connection,
    chosen: Select[Any] | None,
    by_name: Select[Any],
    order: Order,
    go_on: GoOn,
) -> Sequence[int]:
    """Return the keys of items in an order; see `Decisions.ordered`.

    Parameters
    ----------
    connection : Connection
        Watched by whoever waits.
    chosen : Select, optional
        The keys of the items and their names, in any order; by default all by name.
    by_name : Select
        The keys of these items and of any others, by name, then as added.
    order : Order
        What they are sorted by.
    go_on : callable
        Asked between steps too that are no work of the database.

    Raises
    ------
    Cancelled
        If nobody waits.
    """
    if chosen is None:
        ids = _numbers(connection, by_name)
    else:
        ids = _named(connection, chosen, by_name)
    if order.by == "name" and not order.is_key:
        return _given(ids[::-1] if order.is_descending else ids)
    if order.by == "added" and not order.is_key:
        ids = np.sort(ids)
        return _given(ids[::-1] if order.is_descending else ids)
    if not len(ids):
        return array("q")
    most = int(ids.max())
    ranks = np.full(most + 1, _LACKS, np.int64)
    if order.is_key:
        _rank_values(connection, order, ranks, go_on)
    else:
        _rank_facts(connection, order, ranks)
    require_waiting(go_on)
    mine = ranks[ids]
    if order.is_key:  # what has no value comes last both ways
        mine[mine == _LACKS] = np.iinfo(np.int64).max
    return _given(ids[np.argsort(mine, kind="stable")])


def _named(connection: Connection, chosen: Select[Any], by_name: Select[Any]) -> _Ids:
    """Return the keys of items by name, then as added."""
    found = array("q")
    names: list[tuple[str, int]] | None = []
    for rows in dialect_of(connection).stream(connection, chosen, _LOT):
        found.extend([number for number, _ in rows])
        if names is not None:
            names += [(name, number) for number, name in rows]
            if len(names) > FEW:
                names = None
    if names is not None:
        return np.array([number for _, number in sorted(names)], np.int64)
    is_chosen = np.zeros(max(found) + 1, np.bool_)
    is_chosen[np.frombuffer(found, np.int64)] = True
    everyone = _numbers(connection, by_name)
    everyone = everyone[everyone < len(is_chosen)]
    return everyone[is_chosen[everyone]]


def _numbers(connection: Connection, query: Select[Any]) -> _Ids:
    found = array("q")
    for rows in dialect_of(connection).stream(connection, query, _LOT):
        found.extend([number for (number,) in rows])
    return np.frombuffer(found, np.int64)


def _given(ids: _Ids) -> Sequence[int]:
    made = array("q")
    made.frombytes(np.ascontiguousarray(ids).tobytes())
    return made


# Keys


def _rank_values(
    connection: Connection, order: Order, ranks: _Ranks, go_on: GoOn
) -> None:
    """Write the ranks of the values of a key: numbers, then truths, then texts."""
    table = schema.annotations
    mine = table.c.key == order.by
    lacks = table.c.text.is_(None), table.c.number.is_(None)
    numbers = (
        select(table.c.item_id, table.c.number)
        .where(mine, table.c.text.is_(None), table.c.number.is_not(None))
        .order_by(table.c.number)
    )
    truths = select(table.c.item_id, table.c.value).where(mine, *lacks)
    texts = (
        select(table.c.item_id, table.c.text)
        .where(mine, table.c.text.is_not(None))
        .order_by(table.c.text)
    )
    number_ids, number_ranks, number_count = _ranked(connection, numbers)
    truth_ids, truth_ranks, truth_count = _ranked_anyhow(connection, truths)
    spelled = _Spelled()
    text_ids, text_ranks, text_count = _ranked(connection, texts, spelled.take)
    text_ranks = spelled.places(text_count, go_on)[text_ranks] + truth_count
    other_ids = np.concatenate([truth_ids, text_ids])
    other_ranks = np.concatenate([truth_ranks, text_ranks])
    if order.is_descending:
        number_ranks = number_count - 1 - number_ranks
        other_ranks = truth_count + text_count - 1 - other_ranks
    _write(ranks, number_ids, number_ranks)
    _write(ranks, other_ids, other_ranks + number_count)


def _ranked(
    connection: Connection,
    query: Select[Any],
    seen: Callable[[Any], None] = lambda _value: None,
) -> tuple[_Ids, _Ranks, int]:
    """Return keys and dense ranks of rows that come by value, and how many values."""
    ids, ranks, rank = array("q"), array("q"), -1
    last: object = None
    for rows in dialect_of(connection).stream(connection, query, _LOT):
        for number, value in rows:
            if value != last or rank < 0:
                last = value
                rank += 1
                seen(value)
            ids.append(number)
            ranks.append(rank)
    return np.array(ids, np.int64), np.array(ranks, np.int64), rank + 1


def _ranked_anyhow(
    connection: Connection, query: Select[Any]
) -> tuple[_Ids, _Ranks, int]:
    """Return the same of rows that come in any order, and have few values."""
    ids, values = array("q"), array("q")
    numbers: dict[Any, int] = {}
    for rows in dialect_of(connection).stream(connection, query, _LOT):
        ids.extend([number for number, _ in rows])
        values.extend([numbers.setdefault(one, len(numbers)) for _, one in rows])
    places = np.empty(len(numbers), np.int64)
    for place, value in enumerate(sorted_in_pieces(numbers, lambda one: one)):
        places[numbers[value]] = place
    found = places[np.array(values, np.int64)]
    return np.array(ids, np.int64), found, len(numbers)


class _Spelled:
    """Texts that come by their characters, to be put in order without regard to case.

    Most are in that order already; then nothing is sorted.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._is_in_order = True

    def take(self, text: str) -> None:
        """Take the next text."""
        small = _lower(text)
        if self._texts and small < self._texts[-1]:
            self._is_in_order = False
        self._texts.append(small)

    def places(self, count: int, go_on: GoOn) -> _Ranks:
        """Return the place of each text among all."""
        places = np.arange(count, dtype=np.int64)
        if not self._is_in_order:
            inorder = sorted_in_pieces(range(count), self._texts.__getitem__)
            for start in range(0, count, _LOT):
                require_waiting(go_on)
                part = np.fromiter(islice(inorder, _LOT), np.int64)
                places[part] = np.arange(start, start + len(part))
        return places


def _lower(text: str) -> str:
    """Return a text as `lower` of SQLite gives it: only ASCII has small letters."""
    return text.lower() if text.isascii() else text.translate(_SMALL)


_SMALL: Final = {ord(one): one.lower() for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


# Facts


def _rank_facts(connection: Connection, order: Order, ranks: _Ranks) -> None:
    """Write the ranks of a fact that every item has."""
    items = schema.items.c
    match order.by:
        case "size":
            query = select(items.id, schema.contents.c.size).join(
                schema.contents, schema.contents.c.id == items.content_id
            )
        case "dataset":
            query = select(items.id, schema.datasets.c.name).join(
                schema.datasets, schema.datasets.c.id == items.dataset_id
            )
        case "format":
            query = select(items.id, items.format)
        case _:
            query = select(items.id, items.kind)
    ids, found, count = _ranked_anyhow(connection, query)
    _write(ranks, ids, count - 1 - found if order.is_descending else found)


def _write(ranks: _Ranks, ids: _Ids, found: _Ranks) -> None:
    is_mine = ids < len(ranks)
    ranks[ids[is_mine]] = found[is_mine]
