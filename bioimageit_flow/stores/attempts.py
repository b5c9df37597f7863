"""Attempts that take the place of earlier ones of the same job in the same run."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update

from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.rows import where_among
from bioimageit_flow.stores.superseding import Earlier, check_supersedes


class Attempts:
    """What the jobs of a batch supersede, known before or within the batch."""

    def __init__(self, connection: Connection, jobs: Sequence[JobRecord]) -> None:
        self._connection = connection
        self._marks: list[dict[str, int]] = []
        self._keys: dict[str, int] = {}
        self._known: dict[str, Earlier] = {}
        wanted = {job.supersedes for job in jobs if job.supersedes is not None}
        self._wanted = wanted
        if not wanted:
            return
        table = schema.jobs
        query = select(
            table.c.id,
            table.c.uuid,
            table.c.node,
            table.c.state,
            table.c.attempt,
            table.c.superseded_by,
            schema.runs.c.uuid.label("run"),
        ).join_from(table, schema.runs)
        for row in where_among(connection, query, table.c.uuid, wanted):
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
            self._marks.append({"key": self._keys[job.supersedes], "later": key})
            self._known[job.supersedes] = self._known[job.supersedes].superseded()
        if job.id in self._wanted:
            self._keys[job.id] = key
            self._known[job.id] = Earlier.of(job)

    def mark(self) -> None:
        """Say of the earlier attempts what superseded them; after the jobs are in."""
        if self._marks:
            table = schema.jobs
            one = update(table).where(table.c.id == bindparam("key"))
            later = one.values(superseded_by=bindparam("later"))
            self._connection.execute(later, self._marks)


def attempt_columns(job: JobRecord) -> dict[str, object]:
    """Return the columns of a job that say which attempt it is, and on whose word."""
    return {
        "attempt": job.attempt,
        "declared_in": None if job.declared is None else job.declared.change,
    }
