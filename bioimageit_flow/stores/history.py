"""Whole histories: everything an item came from, and everything made from it.

A walk takes one level of jobs at a time, a few queries per level for all items of it at
once, so that a result of a hundred thousand images is walked back in seconds.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.lineage import EdgeStep, JobFact, LineageStep
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.ancestry import Ancestry
from bioimageit_flow.stores.lineage import job_facts
from bioimageit_flow.stores.rows import (
    RowValues,
    item_key,
    item_rows,
    items_by_id,
    items_of,
    where_among,
)
from bioimageit_flow.stores.run_reading import job_rows

_EDGES = select(
    schema.edge_executions.c.job_id,
    schema.edge_executions.c.item_id,
    schema.edges.c.edge,
).join_from(schema.edge_executions, schema.edges)
_PASSED = _EDGES.order_by(schema.edge_executions.c.job_id, schema.edge_executions.c.n)
_CONSUMERS = select(
    schema.edge_executions.c.item_id, schema.edge_executions.c.job_id
).distinct()


def history(connection: Connection, uuid: ItemId) -> dict[ItemId, LineageStep]:
    """Return how an item and all it came from came about; see `Store.history`."""
    ancestry = Ancestry.above(connection, items=[item_key(connection, uuid)])
    items = items_by_id(connection, ancestry.maker)
    jobs = _jobs(connection, ancestry.inputs)
    consumed: dict[int, list[EdgeStep]] = {job: [] for job in jobs}
    column = schema.edge_executions.c.job_id
    for row in where_among(connection, _PASSED, column, jobs):
        consumed[row["job_id"]].append(EdgeStep(row["edge"], items[row["item_id"]]))
    passed = {job: tuple(steps) for job, steps in consumed.items()}
    return {
        items[key].id: LineageStep(items[key], None, ())
        if job is None
        else LineageStep(items[key], jobs[job], passed[job])
        for key, job in ancestry.maker.items()
    }


def progeny(
    connection: Connection, uuid: ItemId
) -> dict[ItemId, list[tuple[JobFact, list[Item]]]]:
    """Return everything that was made from an item; see `Store.progeny`."""
    start = item_key(connection, uuid)
    names: dict[int, ItemId] = {start: uuid}
    jobs: dict[int, JobFact] = {}
    made: dict[int, list[Item]] = {}
    consumers: dict[int, list[int]] = {}
    new = {start}
    while new:
        new_jobs: set[int] = set()
        for key in new:
            consumers[key] = []
        column = schema.edge_executions.c.item_id
        for row in where_among(connection, _CONSUMERS, column, new):
            consumers[row["item_id"]].append(row["job_id"])
            new_jobs.add(row["job_id"])
        new_jobs -= made.keys()
        jobs |= _jobs(connection, new_jobs)
        new = set()
        made |= {job: [] for job in new_jobs}
        for found, item in _items_of_jobs(connection, new_jobs):
            made[found["job_id"]].append(item)
            names[found["id"]] = item.id
            new.add(found["id"])
        new -= consumers.keys()
    return {
        names[key]: [(jobs[job], made[job]) for job in sorted(takers)]
        for key, takers in consumers.items()
    }


def _jobs(connection: Connection, keys: Collection[int]) -> dict[int, JobFact]:
    return job_facts(connection, job_rows(connection, keys))


def _items_of_jobs(
    connection: Connection, jobs: Collection[int]
) -> Iterable[tuple[RowValues, Item]]:
    rows = list(item_rows(connection, jobs, column="job_id"))
    return zip(rows, items_of(connection, rows), strict=True)
