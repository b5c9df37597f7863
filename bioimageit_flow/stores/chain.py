"""The chain of records of a run: reading it, and finding what was tampered with."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, and_, select

from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.ids import ItemId, RunId, Sha256
from bioimageit_flow.model.lineage import GENESIS, LineageRecord
from bioimageit_flow.model.run import JobRecord, RunRecord, RunState
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.bodies import chain_faults, job_body, run_body, same
from bioimageit_flow.stores.rows import json_object, where_among
from bioimageit_flow.stores.run_reading import jobs_by_id

PAGE = 500
"""How many records are read at once."""


def read_page(
    connection: Connection, run: RunId, key: int, first: int
) -> list[LineageRecord]:
    """Return the next records of a run, from a position on."""
    table = schema.records
    query = (
        select(table)
        .where(table.c.run_id == key, table.c.n >= first)
        .order_by(table.c.n)
        .limit(PAGE)
    )
    return [
        LineageRecord(
            run=run,
            n=row["n"],
            kind=row["kind"],
            body=json_object(row["body"]),
            previous=Sha256(row["previous"]),
            sha256=Sha256(row["sha256"]),
        )
        for row in connection.execute(query).mappings()
    ]


def _inputs_of(
    connection: Connection, items: Iterable[ItemId]
) -> dict[ItemId, tuple[Sha256, str]]:
    """Return the content hash and the selector of items."""
    table = schema.items
    query = select(table.c.uuid, table.c.selector, schema.contents.c.sha256).join_from(
        table, schema.contents
    )
    return {
        ItemId(row["uuid"]): (Sha256(row["sha256"]), row["selector"])
        for row in where_among(connection, query, table.c.uuid, set(items))
    }


class Verification:
    """A walk along the chain of a run that collects what does not agree.

    Parameters
    ----------
    run : RunRecord
        The run, as the tables have it.
    state : RunState
        What they say of how it ended.
    """

    def __init__(self, run: RunRecord, state: RunState) -> None:
        self.faults: list[str] = []
        self._run, self._state = run, state
        self._ended = str(RunState.RUNNING)
        self._previous, self._expected = GENESIS, 0

    def check(self, connection: Connection, page: Sequence[LineageRecord]) -> None:
        """Check the next records of the chain, with the jobs that they are of."""
        wanted = [str(record.body.get("job")) for record in page if _is_job(record)]
        jobs = {str(job.id): job for job in jobs_by_id(connection, wanted)}
        edges = (edge.item for job in jobs.values() for edge in job.consumed)
        inputs = _inputs_of(connection, edges)
        for record in page:
            self.faults += chain_faults(record, self._expected, self._previous)
            self._previous, self._expected = record.sha256, record.n + 1
            if _is_job(record):
                job = jobs.get(str(record.body.get("job")))
                self.faults += _job_faults(record, job, inputs)
            elif record.kind == "end":
                self._ended = str(record.body.get("state"))
            elif record.kind == "run" and not same(run_body(self._run), record.body):
                self.faults.append(
                    f"Run {self._run.id} differs from its record {record.n}: it was "
                    "changed after it was recorded."
                )

    def finish(self, connection: Connection, key: int) -> None:
        """Look for what the chain does not mention."""
        if self._expected == 0:
            self.faults.append(f"Record 0 of run {self._run.id} is missing.")
        if self._ended != self._state:
            self.faults.append(
                f"Run {self._run.id} is {self._state}, its last record of an end says "
                f"{self._ended}: one was removed or changed."
            )
        jobs, records = schema.jobs, schema.records
        query = (
            select(jobs.c.uuid, jobs.c.node)
            .outerjoin(
                records,
                and_(records.c.run_id == key, records.c.n == jobs.c.record_n),
            )
            .where(jobs.c.run_id == key, records.c.n.is_(None))
            .order_by(jobs.c.id)
        )
        self.faults += [
            f"Job {row.uuid} of node {row.node} has no record: its record was removed, "
            "or it was added after the run."
            for row in connection.execute(query)
        ]


def _is_job(record: LineageRecord) -> bool:
    return record.kind == "job"


def _job_faults(
    record: LineageRecord,
    job: JobRecord | None,
    inputs: Mapping[ItemId, tuple[Sha256, str]],
) -> list[str]:
    if job is None:
        return [
            f"Job {record.body.get('job')} of record {record.n} is missing among the "
            "jobs of the run."
        ]
    faults = []
    if canonical_hash(job.parts) != job.fingerprint:
        faults.append(f"The fingerprint parts of job {job.id} were changed.")
    missing = [edge.item for edge in job.consumed if edge.item not in inputs]
    if missing:
        faults.append(f"Job {job.id} consumed item {missing[0]}, which is missing.")
        return faults
    now, then = _without_paths(job_body(job, inputs)), _without_paths(record.body)
    if not same(now, then):
        keys = sorted({*now, *then})
        changed = [key for key in keys if not same(now.get(key), then.get(key))]
        faults.append(
            f"Job {job.id} of node {job.node} differs from its record {record.n} in "
            f"{', '.join(changed)}: it was changed after it was recorded."
        )
    return faults


def _without_paths(body: Mapping[str, object]) -> dict[str, object]:
    """Leave out where results were published: files may be moved later."""
    produced = body.get("produced")
    if not isinstance(produced, list):
        return dict(body)
    return dict(body) | {"produced": [{**one, "path": None} for one in produced]}
