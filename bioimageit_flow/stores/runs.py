"""Beginning and ending runs, and the end of their chains of records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.model.lineage import GENESIS
from bioimageit_flow.model.run import JobState, Machine, RunRecord, RunState
from bioimageit_flow.stores.bodies import Body, end_body, link, resume_body, run_body
from bioimageit_flow.stores.claims import release
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.refusals import folder_taken, known_already
from bioimageit_flow.stores.rows import (
    ids_of,
    json_text,
    marks,
    next_id,
    plain_rows,
    run_key,
)
from bioimageit_flow.stores.times import time_text
from bioimageit_flow.stores.writing import Row, insert_all, update_row

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")


class Chain:
    """The end of the chain of one run."""

    def __init__(self, connection: Connection, run: RunId, key: int) -> None:
        self._run, self._key = run, key
        last = plain_rows(
            connection,
            "SELECT n, sha256 FROM records "
            f"WHERE run_id = {marks(connection, 1)} ORDER BY n DESC LIMIT 1",
            (key,),
        )
        self._n, self._sha256 = -1, GENESIS
        for n, sha256 in last:
            self._n, self._sha256 = int(n), Sha256(sha256)

    def append(self, kind: str, body: Body) -> Row:
        """Return the row of the next record."""
        previous = self._sha256
        text, self._sha256 = link(self._run, previous, body)
        self._n += 1
        return {
            "run_id": self._key,
            "n": self._n,
            "kind": kind,
            "body": text,
            "previous": previous,
            "sha256": self._sha256,
        }


def begin_run(connection: Connection, run: RunRecord) -> None:
    """Record that a run begins; see `Store.begin_run`."""
    if ids_of(connection, "runs", "uuid", [run.id]):
        raise known_already("run")
    if ids_of(connection, "runs", "folder", [run.folder]):
        raise folder_taken(run.folder)
    body = run_body(run)
    key = next_id(connection, "runs")
    row: Row = {
        "id": key,
        "uuid": run.id,
        "name": run.name,
        "folder": run.folder,
        "workflow_id": run.workflow_id,
        "workflow_sha256": run.workflow_sha256,
        "workflow_text": run.workflow_text,
        "bindings": json_text(dict(run.bindings)),
        "machine": json_text(body["machine"]),
        "started": body["started"],
        "state": str(RunState.RUNNING),
    }
    insert_all(connection, "runs", [row])
    records = [Chain(connection, run.id, key).append("run", body)]
    insert_all(connection, "records", records)


def resume_run(
    connection: Connection, run: RunId, machine: Machine, at: datetime
) -> None:
    """Record that a run goes on; see `Store.resume_run`."""
    key = run_key(connection, run)
    values = {"state": str(RunState.RUNNING), "ended": None}
    update_row(connection, "runs", key, values)
    records = [Chain(connection, run, key).append("resume", resume_body(machine, at))]
    insert_all(connection, "records", records)


def end_run(
    connection: Connection, run: RunId, state: RunState, elapsed_s: float
) -> None:
    """Record how a run ended; see `Store.end_run`."""
    key = run_key(connection, run)
    ended = datetime.now(UTC)
    counted = (
        f"SELECT state, count(*) FROM jobs WHERE run_id = {marks(connection, 1)} "
        "AND superseded_by IS NULL GROUP BY state"
    )
    found = plain_rows(connection, counted, (key,))
    counts = {JobState(word): count for word, count in found}
    values = {
        "state": str(state),
        "ended": time_text(ended),
        "elapsed_s": elapsed_s,
    }
    update_row(connection, "runs", key, values)
    body = end_body(state, elapsed_s, ended, counts)
    records = [Chain(connection, run, key).append("end", body)]
    insert_all(connection, "records", records)
    release(connection, run)
