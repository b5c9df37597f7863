"""Steps of the lineage: how an item came about, and what it was made into."""

from collections.abc import Iterable

from sqlalchemy import Connection, distinct, func, select

from bioimageit_flow.model.converted import conversions_of
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.lineage import EdgeStep, JobFact, LineageStep
from bioimageit_flow.model.run import JobState
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.rows import (
    RowValues,
    as_texts,
    item_key,
    item_rows,
    items_by_id,
    items_of,
    json_object,
    json_value,
    where_among,
)
from bioimageit_flow.stores.run_reading import job_rows, units_of
from bioimageit_flow.stores.shared_origins import shared_origins
from bioimageit_flow.stores.times import time_value
from bioimageit_flow.stores.validity import declaration_of

# The parts of a job that took thousands are long: only those that say it are read.
_CONVERTED = (
    select(schema.jobs.c.id, schema.fingerprints.c.parts)
    .join_from(schema.jobs, schema.fingerprints)
    .where(schema.fingerprints.c.parts.contains('"converter"'))
)


def step(connection: Connection, uuid: ItemId, most: int | None = None) -> LineageStep:
    """Return how an item came about; see `Store.step`."""
    key = item_key(connection, uuid)
    item = items_by_id(connection, [key])[key]
    maker = select(schema.items.c.job_id).where(schema.items.c.id == key)
    job = connection.execute(maker).scalar()
    if job is None:
        return LineageStep(item, None, ())
    facts = job_facts(connection, job_rows(connection, [job]))
    executions = schema.edge_executions
    query = (
        select(schema.edges.c.edge, executions.c.item_id)
        .join_from(executions, schema.edges)
        .where(executions.c.job_id == job)
        .order_by(executions.c.n)
        .limit(most)
    )
    passed = list(connection.execute(query).mappings())
    items = items_by_id(connection, {one["item_id"] for one in passed})
    consumed = tuple(EdgeStep(one["edge"], items[one["item_id"]]) for one in passed)
    left_out = 0
    if most is not None and len(consumed) == most:
        whole = select(func.count()).where(executions.c.job_id == job)
        left_out = connection.execute(whole).scalar_one() - most
    return LineageStep(item, facts[job], consumed, left_out)


def made_from(
    connection: Connection, uuid: ItemId, most: int | None = None
) -> list[tuple[JobFact, list[Item]]]:
    """Return the jobs that consumed an item; see `Store.made_from`."""
    executions = schema.edge_executions
    consumers = (
        select(executions.c.job_id)
        .where(executions.c.item_id == item_key(connection, uuid))
        .distinct()
        .order_by(executions.c.job_id)
        .limit(most)
    )
    jobs = list(job_rows(connection, connection.execute(consumers).scalars()))
    keys = [job["id"] for job in jobs]
    rows = list(item_rows(connection, keys, column="job_id"))
    by_job: dict[int, list[Item]] = {job["id"]: [] for job in jobs}
    for row, item in zip(rows, items_of(connection, rows), strict=True):
        by_job[row["job_id"]].append(item)
    facts = job_facts(connection, jobs)
    return [(facts[job["id"]], by_job[job["id"]]) for job in jobs]


def takers(connection: Connection, uuid: ItemId) -> int:
    """Return how many jobs consumed an item; see `Store.takers`."""
    executions = schema.edge_executions
    count = func.count(distinct(executions.c.job_id))
    query = select(count).where(executions.c.item_id == item_key(connection, uuid))
    return int(connection.execute(query).scalar_one())


def job_facts(connection: Connection, rows: Iterable[RowValues]) -> dict[int, JobFact]:
    """Return the jobs of rows of `job_rows`, by their key."""
    rows = list(rows)
    shared = shared_origins(connection, rows)
    converted = _converted(connection, [row["id"] for row in rows])
    return {
        row["id"]: _job_fact(row, shared.get(row["id"]), converted.get(row["id"], ()))
        for row in rows
    }


def _converted(
    connection: Connection, keys: Iterable[int]
) -> dict[int, tuple[str, ...]]:
    """Return what was converted for jobs, by their keys; most took nothing so."""
    rows = where_among(connection, _CONVERTED, schema.jobs.c.id, keys)
    return {row["id"]: conversions_of(json_object(row["parts"])) for row in rows}


def _job_fact(
    row: RowValues, shared: SharedOrigin | None, converted: tuple[str, ...]
) -> JobFact:
    return JobFact(
        id=JobId(row["uuid"]),
        run=RunId(row["run"]),
        run_name=row["run_name"],
        node=row["node"],
        tool=row["tool"],
        state=JobState(row["state"]),
        runtime=row["runtime"],
        environment=row["identity"],
        parameters=json_object(row["parameters"]),
        units=units_of(row),
        command=as_texts(json_value(row["command"])),
        started=None if row["started"] is None else time_value(row["started"]),
        elapsed_s=row["elapsed_s"],
        fingerprint=Sha256(row["fingerprint"]),
        attempt=row["attempt"],
        declared=declaration_of(row),
        shared=shared,
        converted=converted,
    )
