"""Reading runs and their jobs, and what is known for a fingerprint."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, func, or_, select

from bioimageit_flow.model.data import Location, LocationState
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.run import (
    ConsumedEdge,
    FailureCause,
    JobRecord,
    JobState,
    KnownResult,
    Machine,
    ProducedItem,
    RunRecord,
    RunState,
    RunSummary,
    RuntimeUsed,
)
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.reading import (
    SHORTEST_PREFIX,
    begins_with,
    present_locations,
)
from bioimageit_flow.stores.refusals import ambiguous_run, missing_job, missing_run
from bioimageit_flow.stores.rows import (
    ITEM_QUERY,
    as_texts,
    chunks,
    content_of,
    info_of,
    json_annotations,
    json_object,
    json_value,
    location_of,
    run_key,
    where_among,
)
from bioimageit_flow.stores.shared_origins import has_made, shared_origins
from bioimageit_flow.stores.times import time_value
from bioimageit_flow.stores.validity import DECLARED, declaration_of, declared_jobs

_reused = schema.jobs.alias("reused_job")
_earlier = schema.jobs.alias("earlier_attempt")

JOB_QUERY = (
    select(
        schema.jobs,
        schema.runs.c.uuid.label("run"),
        schema.runs.c.name.label("run_name"),
        schema.fingerprints.c.sha256.label("fingerprint"),
        schema.runtimes.c.name.label("runtime"),
        schema.runtimes.c.identity,
        schema.runtimes.c.detail,
        _reused.c.uuid.label("reused_job"),
        _earlier.c.uuid.label("supersedes"),
        *DECLARED,
    )
    .join_from(schema.jobs, schema.runs)
    .join(schema.fingerprints, schema.fingerprints.c.id == schema.jobs.c.fingerprint_id)
    .join(schema.runtimes, schema.runtimes.c.id == schema.jobs.c.runtime_id)
    .outerjoin(_reused, _reused.c.id == schema.jobs.c.reused_from)
    .outerjoin(_earlier, _earlier.c.superseded_by == schema.jobs.c.id)
    .outerjoin(schema.changes, schema.changes.c.id == schema.jobs.c.declared_in)
)
"""Everything of a job but its parts and facts; one row per job."""


def summaries(connection: Connection) -> list[RunSummary]:
    """List the runs; see `Store.runs`."""
    query = select(schema.runs).order_by(schema.runs.c.id.desc())
    return _summaries(connection, list(connection.execute(query).mappings()))


def find_run(connection: Connection, text: str) -> RunSummary:
    """Return the run that a text means; see `Store.find_run`."""
    table = schema.runs
    query = select(table).order_by(table.c.id.desc())
    if text == "last":
        rows = list(connection.execute(query.limit(1)).mappings())
    else:
        named = or_(table.c.folder == text, table.c.name == text, table.c.uuid == text)
        rows = list(connection.execute(query.where(named)).mappings())
        rows.sort(key=lambda row: text not in (row["folder"], row["uuid"]))
        if not rows and len(text) >= SHORTEST_PREFIX:
            begun = query.where(begins_with(table.c.uuid, text.lower()))
            rows = list(connection.execute(begun).mappings())
            if len(rows) > 1:
                raise ambiguous_run(text, len(rows))
    if not rows:
        raise missing_run(repr(text))
    return _summaries(connection, rows[:1])[0]


def _summaries(connection: Connection, rows: Sequence[RowMapping]) -> list[RunSummary]:
    jobs = schema.jobs
    query = (
        select(jobs.c.run_id, jobs.c.state, func.count().label("count"))
        .where(jobs.c.superseded_by.is_(None))
        .group_by(jobs.c.run_id, jobs.c.state)
    )
    counts: dict[int, dict[JobState, int]] = defaultdict(dict)
    keys = [row["id"] for row in rows]
    for row in where_among(connection, query, jobs.c.run_id, keys):
        counts[row["run_id"]][JobState(row["state"])] = row["count"]
    return [
        RunSummary(
            id=RunId(row["uuid"]),
            name=row["name"],
            folder=row["folder"],
            state=RunState(row["state"]),
            started=time_value(row["started"]),
            elapsed_s=row["elapsed_s"],
            counts=counts[row["id"]],
        )
        for row in rows
    ]


def has_run(connection: Connection, run: RunId) -> bool:
    """Say whether a run has begun; see `Store.has_run`."""
    query = select(schema.runs.c.id).where(schema.runs.c.uuid == run)
    return connection.execute(query).first() is not None


def run_record(connection: Connection, run: RunId) -> RunRecord:
    """Return a run as it began; see `Store.run_record`."""
    query = select(schema.runs).where(schema.runs.c.uuid == run)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise missing_run(run)
    machine = {key: str(value) for key, value in json_object(row["machine"]).items()}
    bindings = json_object(row["bindings"])
    return RunRecord(
        id=run,
        name=row["name"],
        folder=row["folder"],
        workflow_id=row["workflow_id"],
        workflow_sha256=Sha256(row["workflow_sha256"]),
        workflow_text=row["workflow_text"],
        bindings={key: str(value) for key, value in bindings.items()},
        started=time_value(row["started"]),
        machine=Machine(**machine),
    )


def jobs(connection: Connection, run: RunId) -> list[JobRecord]:
    """Return the attempts of a run; see `Store.jobs`."""
    query = (
        select(schema.jobs.c.id)
        .where(schema.jobs.c.run_id == run_key(connection, run))
        .order_by(schema.jobs.c.id)
    )
    keys = list(connection.execute(query).scalars())
    return _job_records(connection, schema.jobs.c.id, keys)


def job(connection: Connection, id_: JobId) -> JobRecord:
    """Return one attempt; see `Store.job`."""
    found = _job_records(connection, schema.jobs.c.uuid, [id_])
    if not found:
        raise missing_job(id_)
    return found[0]


def jobs_by_key(connection: Connection, keys: Iterable[int]) -> list[JobRecord]:
    """Return attempts by their keys, in the order of the keys."""
    return _job_records(connection, schema.jobs.c.id, sorted(keys))


def _job_records(
    connection: Connection, column: Column[Any], values: Iterable[object]
) -> list[JobRecord]:
    query = JOB_QUERY.add_columns(schema.fingerprints.c.parts).order_by(
        schema.jobs.c.id
    )
    records: list[JobRecord] = []
    for part in chunks(values):
        rows = list(where_among(connection, query, column, part))
        keys = [row["id"] for row in rows]
        consumed = consumed_edges(connection, keys)
        produced = produced_items(connection, keys)
        shared = shared_origins(connection, rows)
        records.extend(
            _job_of(row, consumed[row["id"]], produced[row["id"]], shared)
            for row in rows
        )
    return records


def _job_of(
    row: RowMapping,
    consumed: Sequence[ConsumedEdge],
    produced: Sequence[ProducedItem],
    shared: Mapping[int, SharedOrigin],
) -> JobRecord:
    return JobRecord(
        id=JobId(row["uuid"]),
        run=RunId(row["run"]),
        node=row["node"],
        tool=row["tool"],
        state=JobState(row["state"]),
        fingerprint=Sha256(row["fingerprint"]),
        parts=json_object(row["parts"]),
        runtime=RuntimeUsed(row["runtime"], row["identity"], row["detail"]),
        parameters=json_object(row["parameters"]),
        consumed=tuple(consumed),
        produced=tuple(produced),
        command=as_texts(json_value(row["command"])),
        started=None if row["started"] is None else time_value(row["started"]),
        elapsed_s=row["elapsed_s"],
        cpu_s=row["cpu_s"],
        peak_memory=row["peak_memory"],
        exit_code=row["exit_code"],
        log=row["log"],
        cause=None if row["cause"] is None else FailureCause(row["cause"]),
        message=row["message"],
        reused_from=None if row["reused_job"] is None else JobId(row["reused_job"]),
        supersedes=None if row["supersedes"] is None else JobId(row["supersedes"]),
        attempt=row["attempt"],
        declared=declaration_of(row),
        shared=shared.get(row["id"]),
    )


def consumed_edges(
    connection: Connection, job_ids: Iterable[int]
) -> dict[int, list[ConsumedEdge]]:
    """Return what jobs consumed, by the key of the job, in the order of the inputs."""
    executions = schema.edge_executions
    query = (
        select(
            executions.c.job_id,
            schema.edges.c.edge,
            schema.edges.c.port,
            schema.items.c.uuid,
        )
        .join_from(executions, schema.edges)
        .join(schema.items, schema.items.c.id == executions.c.item_id)
        .order_by(executions.c.job_id, executions.c.n)
    )
    found: dict[int, list[ConsumedEdge]] = defaultdict(list)
    for row in where_among(connection, query, executions.c.job_id, job_ids):
        edge = ConsumedEdge(row["edge"], row["port"], ItemId(row["uuid"]))
        found[row["job_id"]].append(edge)
    return found


def produced_items(
    connection: Connection, job_ids: Iterable[int]
) -> dict[int, list[ProducedItem]]:
    """Return what jobs produced, by the key of the job, in the order of writing.

    The location of an item is the one where it was published, as it is now.
    """
    rows = list(where_among(connection, _RESULTS, schema.items.c.job_id, job_ids))
    places = _locations(connection, (row["location_id"] for row in rows))
    found: dict[int, list[ProducedItem]] = defaultdict(list)
    for row in rows:
        item = _produced_of(row, places.get(row["location_id"]))
        found[row["job_id"]].append(item)
    return found


def _produced_of(row: RowMapping, place: Location | None) -> ProducedItem:
    return ProducedItem(
        id=ItemId(row["uuid"]),
        port=row["port"],
        name=row["name"],
        content=content_of(row),
        info=info_of(row["info"]),
        location=place,
        part=row["part"],
        annotations=json_annotations(row["first_annotations"]),
    )


def _locations(
    connection: Connection, keys: Iterable[int | None]
) -> dict[int | None, Location]:
    query = select(schema.locations)
    wanted = {key for key in keys if key is not None}
    rows = where_among(connection, query, schema.locations.c.id, wanted)
    return {row["id"]: location_of(row) for row in rows}


_CANDIDATES = (
    select(schema.jobs.c.id, schema.jobs.c.uuid, schema.fingerprints.c.sha256)
    .join_from(schema.jobs, schema.fingerprints)
    .where(has_made())
    .order_by(schema.jobs.c.id.desc())
)
_RESULTS = ITEM_QUERY.order_by(schema.items.c.job_id, schema.items.c.id)


def known_results(
    connection: Connection,
    fingerprints: Iterable[Sha256],
    *,
    with_cleaned: bool = False,
) -> dict[Sha256, KnownResult]:
    """Return what is known for fingerprints; see `Store.known_results`."""
    wanted = dict.fromkeys(fingerprints)
    known: dict[Sha256, KnownResult] = {}
    cleaned: dict[Sha256, KnownResult] = {}
    for part in chunks(wanted):
        column = schema.fingerprints.c.sha256
        candidates = list(where_among(connection, _CANDIDATES, column, part))
        ids = [row["id"] for row in candidates]
        results = _present_results(connection, ids)
        missing = [key for key in ids if key not in results] if with_cleaned else []
        dropped = _present_results(connection, missing, with_cleaned=True)
        for found, among in ((known, results), (cleaned, dropped)):
            for row in candidates:  # the newest first
                outputs = among.get(row["id"])
                if outputs is not None:
                    result = KnownResult(JobId(row["uuid"]), outputs)
                    found.setdefault(Sha256(row["sha256"]), result)
    declared = _declared_results(connection, wanted.keys() - known.keys())
    return cleaned | declared | known


def _declared_results(
    connection: Connection, fingerprints: Iterable[Sha256]
) -> dict[Sha256, KnownResult]:
    rows = declared_jobs(connection, fingerprints)
    results = _present_results(connection, [row["job_id"] for row in rows])
    known: dict[Sha256, KnownResult] = {}
    for row in rows:  # the newest word first
        outputs = results.get(row["job_id"])
        if outputs is not None:
            word = declaration_of(row)
            result = KnownResult(JobId(row["uuid"]), outputs, word)
            known.setdefault(Sha256(row["fingerprint"]), result)
    return known


def _present_results(
    connection: Connection, job_ids: Sequence[int], *, with_cleaned: bool = False
) -> dict[int, tuple[ProducedItem, ...]]:
    """Return the results of the jobs all of whose contents are present, or cleaned."""
    if not job_ids:
        return {}
    rows: dict[int, list[RowMapping]] = {key: [] for key in job_ids}
    for row in where_among(connection, _RESULTS, schema.items.c.job_id, job_ids):
        rows[row["job_id"]].append(row)
    shas = {row["sha256"] for group in rows.values() for row in group}
    places = present_locations(connection, shas)
    if with_cleaned:
        cleaned = LocationState.CLEANED
        places = present_locations(connection, shas - places.keys(), cleaned) | places
    return {
        key: tuple(_produced_of(row, places[row["sha256"]]) for row in group)
        for key, group in rows.items()
        if all(row["sha256"] in places for row in group)
    }


def done_jobs(connection: Connection, workflow: str, node: str) -> list[int]:
    """Return the keys of the done and reused jobs of a node, oldest first."""
    query = (
        select(schema.jobs.c.id)
        .join_from(schema.jobs, schema.runs)
        .where(
            schema.runs.c.workflow_id == workflow,
            schema.jobs.c.node == node,
            schema.jobs.c.state.in_([str(JobState.DONE), str(JobState.REUSED)]),
        )
    )
    # Sorted here: asked to sort, SQLite reads the jobs of all runs in order instead.
    return sorted(connection.execute(query).scalars())


def parts_of(
    connection: Connection, job_ids: Iterable[int]
) -> dict[int, Mapping[str, object]]:
    """Return the fingerprint parts of jobs, by key."""
    query = select(schema.jobs.c.id, schema.fingerprints.c.parts).join_from(
        schema.jobs, schema.fingerprints
    )
    rows = where_among(connection, query, schema.jobs.c.id, job_ids)
    return {row["id"]: json_object(row["parts"]) for row in rows}
