"""Looking through items: their numbers in any order, and the values that keys have."""

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from bioimageit_flow.model.chosen import GoOn, Order, Selection, always
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.dialects import dialect_of
from bioimageit_flow.stores.selecting import selected_rows

_LOT: Final = 10_000


def ordered(
    connection: Connection, selection: Selection, order: Order, go_on: GoOn = always
) -> Sequence[int]:
    """Return the keys of selected items in an order; see `Decisions.ordered`."""
    items = schema.items.c
    if not dialect_of(connection).stops_sorting:
        is_all = selection.query is None and selection.is_excluded is None
        named = select(items.id, items.name)
        chosen = None if is_all else selected_rows(connection, selection, named)
        everyone = Selection(dataset=selection.dataset)
        by_name = selected_rows(connection, everyone, select(items.id))
        by_name = by_name.order_by(items.name, items.id)
        from bioimageit_flow.stores.sorting import sorted_rows  # which takes numpy

        return sorted_rows(connection, chosen, by_name, order, go_on)
    query = selected_rows(connection, selection, select(items.id))
    terms, query = _terms(query, order)
    last: list[ColumnElement[Any]] = [items.name, items.id]
    if order.is_descending and order.by == "name" and not order.is_key:
        last = [items.name.desc(), items.id.desc()]
    return _numbers(connection, query.order_by(*terms, *last))


def _numbers(connection: Connection, query: Select[Any]) -> Sequence[int]:
    """Return the only column of a query; a million rows of SQLAlchemy take seconds."""
    found = array("q")
    for rows in dialect_of(connection).stream(connection, query, _LOT):
        found.extend(chain.from_iterable(rows))
    return found


def _terms(
    query: Select[Any], order: Order
) -> tuple[list[ColumnElement[Any]], Select[Any]]:
    """Return what rows are ordered by before their names."""
    if order.is_key:
        own = schema.annotations.alias("ordering")
        has_key = and_(own.c.item_id == schema.items.c.id, own.c.key == order.by)
        joined = query.outerjoin(own, has_key)
        values = [own.c.number, func.lower(own.c.text), own.c.value]
        turned = [_turned(one, order) for one in values]
        # Items without a value come last both ways, numbers before texts.
        return [own.c.key.is_(None), own.c.number.is_(None), *turned], joined
    match order.by:
        case "kind":
            term: ColumnElement[Any] = schema.items.c.kind
        case "format":
            term = schema.items.c.format
        case "dataset":
            name = select(schema.datasets.c.name)
            mine = schema.datasets.c.id == schema.items.c.dataset_id
            term = name.where(mine).scalar_subquery()
        case "size":
            size = select(schema.contents.c.size)
            mine = schema.contents.c.id == schema.items.c.content_id
            term = size.where(mine).scalar_subquery()
        case "added":
            term = schema.items.c.id
        case _:
            return [], query
    return [_turned(term, order)], query


def _turned(term: ColumnElement[Any], order: Order) -> ColumnElement[Any]:
    # Nothing is less than something.
    return term.desc().nulls_last() if order.is_descending else term.asc().nulls_first()


def key_values(
    connection: Connection, key: str, limit: int
) -> tuple[AnnotationValue, ...]:
    """Return the first values that items have of a key; see `Decisions.key_values`.

    Each is one jump in an index, however many items have it.
    """
    table = schema.annotations
    found: list[AnnotationValue] = []
    for column in (table.c.number, table.c.text):
        if column is table.c.text and not dialect_of(connection).jumps:
            query = select(column).where(table.c.key == key, column.is_not(None))
            query = query.distinct().order_by(column).limit(limit - len(found))
            found += connection.execute(query).scalars()
            continue
        last: object = None
        while len(found) < limit:
            query = select(func.min(column)).where(table.c.key == key)
            if column is table.c.number:
                query = query.where(table.c.text.is_(None))  # leads into the index
            if last is not None:
                query = query.where(column > last)
            last = connection.execute(query).scalar()
            if last is None:
                break
            found.append(cast("AnnotationValue", _whole(last)))
    return tuple(found)


def _whole(value: object) -> object:
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(cast("float", value)) if is_whole else value
