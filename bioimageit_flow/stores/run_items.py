"""What one run did, in pages: its jobs, what it was given and what came of it.

A run may have a million jobs. Here are their keys only, in eight bytes each; who goes
through them reads the rest page by page.
"""

from array import array
from collections.abc import Sequence

from sqlalchemy import Connection, func, or_, select

from bioimageit_flow.model.ids import RunId
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.rows import run_key

JOBS_PAGE = 500
"""Jobs that are read at once."""


def job_sequence(connection: Connection, run: RunId) -> Sequence[int]:
    """Return the keys of the attempts of a run, as they were committed."""
    query = (
        select(schema.jobs.c.id)
        .where(schema.jobs.c.run_id == run_key(connection, run))
        .order_by(schema.jobs.c.id)
    )
    return array("q", connection.execute(query).scalars())


def given_sequence(connection: Connection, run: RunId) -> Sequence[int]:
    """Return the keys of what a run took and did not make, by the first job."""
    key = run_key(connection, run)
    passed, jobs, items = schema.edge_executions, schema.jobs, schema.items
    maker = schema.jobs.alias("maker")
    query = (
        select(passed.c.item_id)
        .join_from(passed, jobs, jobs.c.id == passed.c.job_id)
        .join(items, items.c.id == passed.c.item_id)
        .outerjoin(maker, maker.c.id == items.c.job_id)
        .where(jobs.c.run_id == key, or_(maker.c.id.is_(None), maker.c.run_id != key))
        .group_by(passed.c.item_id)
        .order_by(func.min(passed.c.job_id), passed.c.item_id)
    )
    return array("q", connection.execute(query).scalars())


def end_sequence(connection: Connection, run: RunId) -> Sequence[int]:
    """Return the keys of what a run made and did not take further."""
    key = run_key(connection, run)
    passed, jobs, items = schema.edge_executions, schema.jobs, schema.items
    taker = schema.jobs.alias("taker")
    taken = (
        select(passed.c.item_id)
        .join_from(passed, taker, taker.c.id == passed.c.job_id)
        .where(passed.c.item_id == items.c.id, taker.c.run_id == key)
        .exists()
    )
    query = (
        select(items.c.id)
        .join_from(items, jobs, jobs.c.id == items.c.job_id)
        .where(jobs.c.run_id == key, ~taken)
        .order_by(items.c.job_id, items.c.id)
    )
    return array("q", connection.execute(query).scalars())
