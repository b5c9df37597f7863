"""Results that somebody declared still valid although their fingerprint changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.ids import JobId, Sha256
from bioimageit_flow.model.run import Declaration, JobState
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.refusals import (
    no_reason_for_validity,
    no_results_to_declare,
    nothing_to_declare,
)
from bioimageit_flow.stores.rows import (
    RowValues,
    json_object,
    next_id,
    plain_rows,
    rows_among,
)
from bioimageit_flow.stores.times import time_value
from bioimageit_flow.stores.writing import Row, insert_all

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")

DECLARED = (
    'changes.id AS declared_change, changes."user" AS declared_by, '
    "changes.at AS declared_at, changes.note AS declared_reason"
)
"""The columns of `declaration_of`."""


def declaration_of(row: RowValues) -> Declaration | None:
    """Return the declaration of a row with `DECLARED`; None if it has none."""
    if row["declared_change"] is None:
        return None
    return Declaration(
        change=row["declared_change"],
        user=row["declared_by"],
        at=time_value(row["declared_at"]),
        reason=row["declared_reason"],
    )


def declare(
    connection: Connection,
    results: Mapping[Sha256, JobId],
    reason: str,
    user: str,
    of: str,
) -> int:
    """Declare results valid; see `SharedWork.declare_still_valid`."""
    if not reason.strip():
        raise no_reason_for_validity()
    if not results:
        raise nothing_to_declare()
    query = "SELECT id, uuid, state FROM jobs WHERE uuid IN ({})"
    known = {
        row["uuid"]: row["id"]
        for row in rows_among(connection, query, set(results.values()))
        if row["state"] in (JobState.DONE, JobState.REUSED)
    }
    for job in results.values():
        if job not in known:
            raise no_results_to_declare(job)
    from bioimageit_flow.stores.changing import Act

    details = declared_details(results, of)
    act = Act(connection, ChangeKind.STILL_VALID, user, reason, details=details)
    first = next_id(connection, "still_valid")
    rows: list[Row] = [
        {
            "id": key,
            "change_id": act.n,
            "fingerprint": fingerprint,
            "job_id": known[job],
        }
        for key, (fingerprint, job) in enumerate(sorted(results.items()), first)
    ]
    insert_all(connection, "still_valid", rows)
    act.end()
    return act.n


def declared_details(results: Mapping[Sha256, JobId], of: str) -> dict[str, object]:
    """Return what the record of a declaration says."""
    lines = (f"{fingerprint}\t{job}\n" for fingerprint, job in sorted(results.items()))
    digest = sha256("".join(lines).encode()).hexdigest()
    return {"of": of, "results": len(results), "results_sha256": digest}


_DECLARED_JOBS = (
    "SELECT still_valid.id, still_valid.fingerprint, still_valid.job_id, jobs.uuid, "
    f"{DECLARED} FROM still_valid "
    "JOIN jobs ON jobs.id = still_valid.job_id "
    "JOIN changes ON changes.id = still_valid.change_id "
    "LEFT JOIN changes AS undoing ON undoing.undoes = still_valid.change_id "
    "WHERE undoing.id IS NULL AND still_valid.fingerprint IN ({})"
)


def declared_jobs(
    connection: Connection, fingerprints: Iterable[Sha256]
) -> list[RowValues]:
    """Return the jobs that were declared to serve fingerprints, newest word first."""
    (some,) = plain_rows(connection, "SELECT EXISTS (SELECT 1 FROM still_valid)")
    if not some[0]:
        return []
    rows = list(rows_among(connection, _DECLARED_JOBS, fingerprints))
    return sorted(rows, key=lambda row: -row["id"])


def faults(connection: Connection) -> Iterator[str]:
    """Go through the declarations whose results were tampered with."""
    table, changes = schema.still_valid, schema.changes
    query = (
        sa.select(table.c.change_id, table.c.fingerprint, schema.jobs.c.uuid)
        .join_from(table, schema.jobs, schema.jobs.c.id == table.c.job_id)
        .order_by(table.c.change_id)
    )
    found: dict[int, dict[Sha256, JobId]] = {}
    for row in connection.execute(query):
        of_change = found.setdefault(row.change_id, {})
        of_change[Sha256(row.fingerprint)] = JobId(row.uuid)
    said = sa.select(changes.c.id, changes.c.body).where(
        changes.c.kind == str(ChangeKind.STILL_VALID)
    )
    for n, body in connection.execute(said):
        details = json_object(body).get("details")
        results = found.pop(n, {})
        of = str(details.get("of", "")) if isinstance(details, dict) else ""
        if details != declared_details(results, of):
            yield f"The results that change {n} declared valid were changed afterwards."
    for n in found:
        yield f"Results were declared valid without a record: change {n} is another."
