"""Where results from shared folders were made: it stands in the records alone."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select

from bioimageit_flow.model.run import JobState
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.rows import json_object, where_among


def has_made() -> ColumnElement[bool]:
    """Select jobs whose results are their own: run here, or from a shared folder."""
    table = schema.jobs
    is_shared = and_(
        table.c.state == str(JobState.REUSED), table.c.reused_from.is_(None)
    )
    return or_(table.c.state == str(JobState.DONE), is_shared)


def shared_origins(
    connection: Connection, rows: Iterable[RowMapping]
) -> dict[int, SharedOrigin]:
    """Return the origins of jobs that were reused from no job of this experiment.

    Parameters
    ----------
    rows : iterable of RowMapping
        Of `run_reading.JOB_QUERY`.

    Returns
    -------
    dict of int to SharedOrigin
        By the key of the job; a record that was changed has none.
    """
    wanted: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        if row["state"] == str(JobState.REUSED) and row["reused_from"] is None:
            wanted[row["run_id"]][row["record_n"]] = row["id"]
    table = schema.records
    found: dict[int, SharedOrigin] = {}
    for run, jobs in wanted.items():
        query = select(table.c.n, table.c.body).where(table.c.run_id == run)
        for row in where_among(connection, query, table.c.n, jobs):
            facts = json_object(row["body"]).get("shared")
            if isinstance(facts, dict):
                found[jobs[row["n"]]] = SharedOrigin.from_json(facts)
    return found
