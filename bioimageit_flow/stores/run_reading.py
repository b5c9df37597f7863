"""Reading runs and their jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bioimageit_flow.model.data import Location
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.run import (
    ConsumedEdge,
    FailureCause,
    JobRecord,
    JobState,
    Machine,
    ProducedItem,
    RunRecord,
    RunState,
    RunSummary,
    RuntimeUsed,
)
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.stores.reading import (
    SHORTEST_PREFIX,
    between,
)
from bioimageit_flow.stores.refusals import ambiguous_run, missing_job, missing_run
from bioimageit_flow.stores.rows import (
    RowValues,
    as_texts,
    chunks,
    content_of,
    ids_of,
    info_of,
    item_rows,
    json_annotations,
    json_object,
    json_value,
    location_of,
    marks,
    named_rows,
    plain_rows,
    rows_among,
    run_key,
)
from bioimageit_flow.stores.shared_origins import shared_origins
from bioimageit_flow.stores.times import time_value
from bioimageit_flow.stores.validity import DECLARED, declaration_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_JOBS = (
    "SELECT jobs.*, runs.uuid AS run, runs.name AS run_name, "
    "fingerprints.sha256 AS fingerprint, "
    "runtimes.name AS runtime, runtimes.identity, runtimes.detail, "
    f"reused_job.uuid AS reused_job, earlier_attempt.uuid AS supersedes, {DECLARED} "
    "FROM jobs JOIN runs ON runs.id = jobs.run_id "
    "JOIN fingerprints ON fingerprints.id = jobs.fingerprint_id "
    "JOIN runtimes ON runtimes.id = jobs.runtime_id "
    "LEFT JOIN jobs AS reused_job ON reused_job.id = jobs.reused_from "
    "LEFT JOIN jobs AS earlier_attempt ON earlier_attempt.superseded_by = jobs.id "
    "LEFT JOIN changes ON changes.id = jobs.declared_in"
)


def job_rows(
    connection: Connection,
    values: Iterable[object],
    *,
    column: str = "id",
    with_parts: bool = False,
) -> Iterator[RowValues]:
    """Go through the rows of jobs: everything of a job but its facts.

    Parameters
    ----------
    column : {"id", "uuid"}
        What the values are.
    with_parts : bool
        Whether the parts of its fingerprint stand in its row: they may be long.
    """
    query = f"{_JOBS} WHERE jobs.{column} IN ({{}}) ORDER BY jobs.id"
    if with_parts:
        query = query.replace(" FROM jobs", ", fingerprints.parts FROM jobs", 1)
    return rows_among(connection, query, values)


def summaries(connection: Connection) -> list[RunSummary]:
    """List the runs; see `Store.runs`."""
    query = "SELECT * FROM runs ORDER BY id DESC"
    return _summaries(connection, named_rows(connection, query))


def find_run(connection: Connection, text: str) -> RunSummary:
    """Return the run that a text means; see `Store.find_run`."""
    query, mark = "SELECT * FROM runs", marks(connection, 1)
    newest_first = "ORDER BY id DESC"
    if text == "last":
        rows = named_rows(connection, f"{query} {newest_first} LIMIT 1")
    else:
        named = f"WHERE folder = {mark} OR name = {mark} OR uuid = {mark}"
        values = (text, text, text)
        rows = named_rows(connection, f"{query} {named} {newest_first}", values)
        rows.sort(key=lambda row: text not in (row["folder"], row["uuid"]))
        if not rows and len(text) >= SHORTEST_PREFIX:
            begun = f"WHERE uuid >= {mark} AND uuid <= {mark}"
            ends = between(text.lower())
            rows = named_rows(connection, f"{query} {begun} {newest_first}", ends)
            if len(rows) > 1:
                raise ambiguous_run(text, len(rows))
    if not rows:
        raise missing_run(repr(text))
    return _summaries(connection, rows[:1])[0]


def _summaries(connection: Connection, rows: Sequence[RowValues]) -> list[RunSummary]:
    query = (
        "SELECT run_id, state, count(*) AS count FROM jobs "
        "WHERE superseded_by IS NULL AND run_id IN ({}) GROUP BY run_id, state"
    )
    counts: dict[int, dict[JobState, int]] = defaultdict(dict)
    keys = [row["id"] for row in rows]
    for row in rows_among(connection, query, keys):
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
    return run in ids_of(connection, "runs", "uuid", [run])


def run_record(connection: Connection, run: RunId) -> RunRecord:
    """Return a run as it began; see `Store.run_record`."""
    query = f"SELECT * FROM runs WHERE uuid = {marks(connection, 1)}"
    rows = named_rows(connection, query, (run,))
    if not rows:
        raise missing_run(run)
    row = rows[0]
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
    query = f"SELECT id FROM jobs WHERE run_id = {marks(connection, 1)} ORDER BY id"
    keys = plain_rows(connection, query, (run_key(connection, run),))
    return _job_records(connection, "id", (key for (key,) in keys))


def job(connection: Connection, id_: JobId) -> JobRecord:
    """Return one attempt; see `Store.job`."""
    found = _job_records(connection, "uuid", [id_])
    if not found:
        raise missing_job(id_)
    return found[0]


def jobs_by_key(connection: Connection, keys: Iterable[int]) -> list[JobRecord]:
    """Return attempts by their keys, in the order of the keys."""
    return _job_records(connection, "id", sorted(keys))


def _job_records(
    connection: Connection, column: str, values: Iterable[object]
) -> list[JobRecord]:
    records: list[JobRecord] = []
    for part in chunks(values):
        rows = list(job_rows(connection, part, column=column, with_parts=True))
        keys = [row["id"] for row in rows]
        consumed = consumed_edges(connection, keys)
        produced = produced_items(connection, keys)
        shared = shared_origins(connection, rows)
        records.extend(
            _job_of(row, consumed[row["id"]], produced[row["id"]], shared)
            for row in rows
        )
    return records


def units_of(row: RowValues) -> dict[str, str]:
    """Return the units of the parameters of a row of `job_rows`."""
    if row["units"] == "{}":  # so of most jobs
        return {}
    return {name: str(unit) for name, unit in json_object(row["units"]).items()}


def _job_of(
    row: RowValues,
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
        units=units_of(row),
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
    query = (
        "SELECT passed.job_id, edges.edge, edges.port, items.uuid "
        "FROM edge_executions AS passed JOIN edges ON edges.id = passed.edge_id "
        "JOIN items ON items.id = passed.item_id "
        "WHERE passed.job_id IN ({}) ORDER BY passed.job_id, passed.n"
    )
    found: dict[int, list[ConsumedEdge]] = defaultdict(list)
    for row in rows_among(connection, query, job_ids):
        edge = ConsumedEdge(row["edge"], row["port"], ItemId(row["uuid"]))
        found[row["job_id"]].append(edge)
    return found


def produced_items(
    connection: Connection, job_ids: Iterable[int]
) -> dict[int, list[ProducedItem]]:
    """Return what jobs produced, by the key of the job, in the order of writing.

    The location of an item is the one where it was published, as it is now.
    """
    rows = list(item_rows(connection, job_ids, column="job_id"))
    places = _locations(connection, (row["location_id"] for row in rows))
    found: dict[int, list[ProducedItem]] = defaultdict(list)
    for row in rows:
        item = produced_of(row, places.get(row["location_id"]))
        found[row["job_id"]].append(item)
    return found


def produced_of(row: RowValues, place: Location | None) -> ProducedItem:
    """Return what a row of `item_rows` says, at a place."""
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
    wanted = {key for key in keys if key is not None}
    query = "SELECT * FROM locations WHERE id IN ({})"
    rows = rows_among(connection, query, wanted)
    return {row["id"]: location_of(row) for row in rows}


def done_jobs(connection: Connection, workflow: str, node: str) -> list[int]:
    """Return the keys of the done and reused jobs of a node, oldest first.

    What was reused on somebody's word that was taken back does not count.
    """
    mark = marks(connection, 1)
    query = (
        "SELECT jobs.id FROM jobs JOIN runs ON runs.id = jobs.run_id "
        f"WHERE runs.workflow_id = {mark} AND jobs.node = {mark} "
        f"AND jobs.state IN ('{JobState.DONE}', '{JobState.REUSED}') "
        "AND (jobs.declared_in IS NULL OR jobs.declared_in NOT IN "
        "(SELECT undoes FROM changes WHERE undoes IS NOT NULL))"
    )
    # Sorted here: asked to sort, SQLite reads the jobs of all runs in order instead.
    return sorted(key for (key,) in plain_rows(connection, query, (workflow, node)))


def parts_of(
    connection: Connection, job_ids: Iterable[int]
) -> dict[int, Mapping[str, object]]:
    """Return the fingerprint parts of jobs, by key."""
    query = (
        "SELECT jobs.id, fingerprints.parts FROM jobs "
        "JOIN fingerprints ON fingerprints.id = jobs.fingerprint_id "
        "WHERE jobs.id IN ({})"
    )
    rows = rows_among(connection, query, job_ids)
    return {row["id"]: json_object(row["parts"]) for row in rows}
