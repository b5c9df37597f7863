"""Everything above or below an item, counted and gone through by the database itself.

Keys of jobs are all that is held: a summary of half a million images is asked in
seconds and in a few megabytes, where a tree of it would take minutes and gigabytes.
"""

from array import array
from collections.abc import Sequence

from sqlalchemy import CTE, Connection, distinct, func, select

from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.model.lineage import Family, Kin
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.rows import item_key


def kin(connection: Connection, uuid: ItemId, *, forward: bool) -> Kin:
    """Return how much an item came from, or was made from it; see `Store.kin`."""
    key = item_key(connection, uuid)
    found, jobs, runs = _jobs(key, forward=forward), schema.jobs, schema.runs
    count = func.count()
    told = (
        select(
            *(runs.c.uuid, runs.c.name, jobs.c.node, jobs.c.tool),
            func.min(jobs.c.id).label("first"),
            count.label("jobs"),
        )
        .join_from(found, jobs, jobs.c.id == found.c.job_id)
        .join(runs, runs.c.id == jobs.c.run_id)
        .group_by(runs.c.uuid, runs.c.name, jobs.c.node, jobs.c.tool)
        .order_by("first")
    )
    families = tuple(
        Family(RunId(row.uuid), row.name, row.node, row.tool, row.jobs)
        for row in connection.execute(told)
    )
    datasets, items = schema.datasets, schema.items
    if forward:
        by_dataset = (
            select(datasets.c.name, count.label("items"))
            .join_from(found, items, items.c.job_id == found.c.job_id)
            .join(datasets, datasets.c.id == items.c.dataset_id)
        )
    else:
        passed = schema.edge_executions
        by_dataset = (
            select(datasets.c.name, func.count(distinct(items.c.id)).label("items"))
            .join_from(found, passed, passed.c.job_id == found.c.job_id)
            .join(items, items.c.id == passed.c.item_id)
            .join(datasets, datasets.c.id == items.c.dataset_id)
            .where(items.c.job_id.is_(None))
        )
        if not families:  # it is raw itself
            by_dataset = (
                select(datasets.c.name, count.label("items"))
                .join_from(items, datasets)
                .where(items.c.id == key)
            )
    by_dataset = by_dataset.group_by(datasets.c.name).order_by(datasets.c.name)
    counts = {row.name: int(row[1]) for row in connection.execute(by_dataset)}
    return Kin(families, counts)


def job_keys(connection: Connection, uuid: ItemId, *, forward: bool) -> Sequence[int]:
    """Return the jobs above or below an item, in the order in which they ran."""
    found = _jobs(item_key(connection, uuid), forward=forward)
    query = select(found.c.job_id).order_by(found.c.job_id)
    return array("q", connection.execute(query).scalars())


def raw_keys(connection: Connection, uuid: ItemId) -> Sequence[int]:
    """Return the raw items that an item came from, as they were added."""
    found = _jobs(item_key(connection, uuid), forward=False)
    passed, items = schema.edge_executions, schema.items
    query = (
        select(items.c.id)
        .join_from(found, passed, passed.c.job_id == found.c.job_id)
        .join(items, items.c.id == passed.c.item_id)
        .where(items.c.job_id.is_(None))
        .distinct()
        .order_by(items.c.id)
    )
    keys = array("q", connection.execute(query).scalars())
    return keys or array("q", [item_key(connection, uuid)])  # it is raw itself


def _jobs(key: int, *, forward: bool) -> CTE:
    """Return the table of the jobs above (or below) an item: its key."""
    passed, items = schema.edge_executions, schema.items
    if forward:
        start = select(passed.c.job_id).where(passed.c.item_id == key)
        found = start.cte("kin", recursive=True)
        further = (
            select(passed.c.job_id)
            .join_from(found, items, items.c.job_id == found.c.job_id)
            .join(passed, passed.c.item_id == items.c.id)
        )
    else:
        start = select(items.c.job_id).where(
            items.c.id == key, items.c.job_id.is_not(None)
        )
        found = start.cte("kin", recursive=True)
        further = (
            select(items.c.job_id)
            .join_from(found, passed, passed.c.job_id == found.c.job_id)
            .join(items, items.c.id == passed.c.item_id)
            .where(items.c.job_id.is_not(None))
        )
    return found.union(further)
