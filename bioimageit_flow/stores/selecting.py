"""Selecting items: all that a query means, counted, paged, or by name only."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Select, and_, func, or_, select

from bioimageit_flow.model.chosen import ItemName, Selection
from bioimageit_flow.model.data import AnnotationValue, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.querying import test_of
from bioimageit_flow.stores.reading import items_in_order
from bioimageit_flow.stores.refusals import missing_dataset, missing_item
from bioimageit_flow.stores.rows import json_value, where_among


def sequence(connection: Connection, selection: Selection) -> Sequence[int]:
    """Return the keys of selected items, by name then id."""
    query = _selected(connection, selection, select(schema.items.c.id))
    return array("q", connection.execute(_in_order(query)).scalars())


def count(connection: Connection, selection: Selection) -> int:
    """Return how many items are selected."""
    counted = select(func.count()).select_from(schema.items)
    query = _selected(connection, selection, counted)
    return int(connection.execute(query).scalar_one())


def page(
    connection: Connection, selection: Selection, after: ItemId | None, limit: int
) -> list[Item]:
    """Return the next selected items after one, by name then id."""
    table = schema.items
    query = _selected(connection, selection, select(table.c.id))
    if after is not None:
        last = connection.execute(
            select(table.c.name, table.c.uuid).where(table.c.uuid == after)
        ).first()
        if last is None:
            raise missing_item(after)
        is_later = and_(table.c.name == last.name, table.c.uuid > last.uuid)
        query = query.where(
            table.c.name >= last.name, or_(table.c.name > last.name, is_later)
        )
    keys = connection.execute(_in_order(query).limit(limit)).scalars()
    return items_in_order(connection, keys)


def names(
    connection: Connection, keys: Iterable[int], wanted: Collection[str]
) -> list[ItemName]:
    """Return what items are called, with their own values of some keys, in order."""
    keys = list(keys)
    items, table = schema.items, schema.annotations
    query = select(
        items.c.id,
        items.c.uuid,
        items.c.name,
        items.c.source,
        schema.datasets.c.name.label("dataset"),
    ).join_from(items, schema.datasets)
    own: dict[int, dict[str, AnnotationValue]] = {}
    if wanted:
        values = select(table).where(table.c.key.in_(list(wanted)))
        for row in where_among(connection, values, table.c.item_id, keys):
            value = cast("AnnotationValue", json_value(row["value"]))
            own.setdefault(row["item_id"], {})[row["key"]] = value
    found: dict[int, ItemName] = {}
    nothing: dict[str, AnnotationValue] = {}
    for one in where_among(connection, query, items.c.id, keys):
        found[one["id"]] = ItemName(
            id=ItemId(one["uuid"]),
            name=one["name"],
            dataset=one["dataset"],
            source=one["source"] or "",
            annotations=own.get(one["id"], nothing),
        )
    return [found[key] for key in keys]


def _selected(
    connection: Connection, selection: Selection, query: Select[Any]
) -> Select[Any]:
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
    if selection.is_excluded is not None:
        excluded = items.c.id.in_(select(schema.exclusions.c.item_id))
        query = query.where(excluded if selection.is_excluded else ~excluded)
    if selection.query is not None:
        has_lineage = not is_raw and _has_lineage(connection)
        query = query.where(test_of(selection.query, has_lineage=has_lineage))
    return query


def _in_order(query: Select[Any]) -> Select[Any]:
    return query.order_by(schema.items.c.name, schema.items.c.uuid)


def _has_lineage(connection: Connection) -> bool:
    query = select(schema.edge_executions.c.job_id).limit(1)
    return connection.execute(query).first() is not None
