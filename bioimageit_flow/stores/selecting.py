"""Selecting items: all that a query means, counted, paged, or by name only."""

from array import array
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, text

from bioimageit_flow.model.chosen import ItemName, Selection
from bioimageit_flow.model.data import AnnotationValue, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.dialects import dialect_of
from bioimageit_flow.stores.querying import IsDense, condition_of
from bioimageit_flow.stores.reading import items_in_order
from bioimageit_flow.stores.refusals import missing_dataset, missing_item
from bioimageit_flow.stores.rows import STANDS, json_value

_PAGE = 5_000


def sequence(connection: Connection, selection: Selection) -> Sequence[int]:
    """Return the keys of selected items, by name, then as added."""
    query = selected_rows(connection, selection, select(schema.items.c.id))
    return array("q", connection.execute(_in_order(query)).scalars())


def count(connection: Connection, selection: Selection) -> int:
    """Return how many items are selected."""
    counted = select(func.count()).select_from(schema.items)
    query = selected_rows(connection, selection, counted)
    return int(connection.execute(query).scalar_one())


def page(
    connection: Connection, selection: Selection, after: ItemId | None, limit: int
) -> list[Item]:
    """Return the next selected items after one, by name, then as added."""
    table = schema.items
    most = connection.execute(select(func.max(table.c.id))).scalar() or 0

    def is_dense(found: Select[Any]) -> bool:
        some = found.limit(most // 2 + 1).subquery()
        counted = select(func.count()).select_from(some)
        return int(connection.execute(counted).scalar_one()) > most // 2

    query = selected_rows(connection, selection, select(table.c.id), is_dense)
    if after is not None:
        last = connection.execute(
            select(table.c.name, table.c.id).where(table.c.uuid == after)
        ).first()
        if last is None:
            raise missing_item(after)
        is_later = and_(table.c.name == last.name, table.c.id > last.id)
        query = query.where(
            table.c.name >= last.name, or_(table.c.name > last.name, is_later)
        )
    keys = connection.execute(_in_order(query).limit(limit)).scalars()
    return items_in_order(connection, keys)


def added(connection: Connection, selection: Selection) -> Sequence[int]:
    """Return the keys of selected items, in the order in which they were added."""
    query = selected_rows(connection, selection, select(schema.items.c.id))
    found = array("q")
    for page in _plain(connection, query):
        found.extend([number for (number,) in page])
    return array("q", sorted(found))


def _plain(
    connection: Connection, query: Select[Any]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Go through rows as the driver gives them, in pages: there may be millions."""
    return dialect_of(connection).stream(connection, query, _PAGE)


def names(
    connection: Connection, keys: Sequence[int], wanted: Collection[str]
) -> list[ItemName]:
    """Return what items are called, with their own values of some keys, in order.

    The keys of the items are sorted.
    """
    items, table, sets = schema.items, schema.annotations, schema.datasets
    own: dict[int, dict[str, AnnotationValue]] = {}
    if wanted:
        values = select(table.c.item_id, table.c.key, table.c.value).where(
            table.c.key.in_(list(wanted)), _among(table.c.item_id, keys)
        )
        for number, key, value in chain.from_iterable(_plain(connection, values)):
            typed = cast("AnnotationValue", json_value(value))
            own.setdefault(number, {})[key] = typed
    columns = (items.c.id, items.c.uuid, items.c.name, items.c.dataset_id)
    query = select(*columns, items.c.source).where(_among(items.c.id, keys))
    found: list[tuple[Any, ...]] = []
    for page in _plain(connection, query.order_by(items.c.id)):
        found += page
    if len(found) != len(keys):
        meant = set(keys)
        found = [row for row in found if row[0] in meant]
    known = {row[3] for row in found}
    titles = select(sets.c.id, sets.c.name).where(sets.c.id.in_(known))
    called = dict(map(tuple, connection.execute(titles)))
    nothing: dict[str, AnnotationValue] = {}
    own_of = own.get
    make = ItemName._make
    return [
        make((uuid, name, called[of], source or "", own_of(number, nothing), number))
        for number, uuid, name, of, source in found
    ]


def _among(column: ColumnElement[int], keys: Sequence[int]) -> ColumnElement[bool]:
    """Return a condition that holds for some rows, and for few others."""
    first, last = keys[0], keys[-1]
    if last - first < 2 * len(keys):
        return column.between(first, last)
    return column.in_(keys)


def selected_rows(
    connection: Connection,
    selection: Selection,
    query: Select[Any],
    is_dense: IsDense = lambda _found: False,
) -> Select[Any]:
    """Return a query that takes only selected items."""
    items = schema.items
    is_raw = False
    if selection.dataset is not None:
        table = schema.datasets
        known = connection.execute(
            select(table.c.id, table.c.run_id).where(table.c.name == selection.dataset)
        ).first()
        if known is None:
            raise missing_dataset(selection.dataset)
        is_raw = known.run_id is None
        query = query.where(items.c.dataset_id == known.id)
        if not is_raw:
            query = query.where(text(STANDS))
    if selection.is_excluded is not None:
        excluded = items.c.id.in_(select(schema.exclusions.c.item_id))
        query = query.where(excluded if selection.is_excluded else ~excluded)
    if selection.query is not None:
        has_lineage = not is_raw and _has_lineage(connection)
        test = condition_of(
            connection, selection.query, has_lineage=has_lineage, is_dense=is_dense
        )
        query = query.where(test)
    return query


def _in_order(query: Select[Any]) -> Select[Any]:
    return query.order_by(schema.items.c.name, schema.items.c.id)


def _has_lineage(connection: Connection) -> bool:
    query = select(schema.edge_executions.c.job_id).limit(1)
    return connection.execute(query).first() is not None
