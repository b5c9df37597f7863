"""Attempts that take the place of earlier ones of the same job in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.rows import rows_among
from bioimageit_flow.stores.superseding import Earlier, check_supersedes
from bioimageit_flow.stores.writing import update_row

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")

_EARLIER = (
    "SELECT jobs.id, jobs.uuid, jobs.node, jobs.state, jobs.attempt, "
    "jobs.superseded_by, runs.uuid AS run "
    "FROM jobs JOIN runs ON runs.id = jobs.run_id WHERE jobs.uuid IN ({})"
)


class Attempts:
    """What the jobs of a batch supersede, known before or within the batch."""

    def __init__(self, connection: Connection, jobs: Sequence[JobRecord]) -> None:
        self._connection = connection
        self._marks: list[tuple[int, int]] = []
        self._keys: dict[str, int] = {}
        self._known: dict[str, Earlier] = {}
        wanted = {job.supersedes for job in jobs if job.supersedes is not None}
        self._wanted = wanted
        if not wanted:
            return
        for row in rows_among(connection, _EARLIER, wanted):
            self._keys[row["uuid"]] = row["id"]
            self._known[row["uuid"]] = Earlier(
                run=RunId(row["run"]),
                node=row["node"],
                state=JobState(row["state"]),
                attempt=row["attempt"],
                is_superseded=row["superseded_by"] is not None,
            )

    def add(self, job: JobRecord, key: int) -> None:
        """Take note of a job of the batch, in their order.

        Raises
        ------
        StoreError
            If it cannot take the place of the attempt that it names.
        """
        if job.supersedes is not None:
            check_supersedes(job, self._known.get(job.supersedes))
            self._marks.append((self._keys[job.supersedes], key))
            self._known[job.supersedes] = self._known[job.supersedes].superseded()
        if job.id in self._wanted:
            self._keys[job.id] = key
            self._known[job.id] = Earlier.of(job)

    def mark(self) -> None:
        """Say of the earlier attempts what superseded them; after the jobs are in."""
        for key, later in self._marks:
            update_row(self._connection, "jobs", key, {"superseded_by": later})


def attempt_columns(job: JobRecord) -> dict[str, object]:
    """Return the columns of a job that say which attempt it is, and on whose word."""
    return {
        "attempt": job.attempt,
        "declared_in": None if job.declared is None else job.declared.change,
    }
