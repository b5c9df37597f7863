"""Where results from shared folders were made: it stands in the records alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bioimageit_flow.model.run import JobState
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.rows import RowValues, json_object, rows_among

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")


HAS_MADE = (
    f"(jobs.state = '{JobState.DONE}' "
    f"OR jobs.state = '{JobState.REUSED}' AND jobs.reused_from IS NULL)"
)
"""The condition of jobs whose results are their own: run, or of a shared folder."""


def shared_origins(
    connection: Connection, rows: Iterable[RowValues]
) -> dict[int, SharedOrigin]:
    """Return the origins of jobs that were reused from no job of this experiment.

    Parameters
    ----------
    rows : iterable of RowValues
        Of `run_reading.job_rows`.

    Returns
    -------
    dict of int to SharedOrigin
        By the key of the job; a record that was changed has none.
    """
    wanted: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        if row["state"] == str(JobState.REUSED) and row["reused_from"] is None:
            wanted[row["run_id"]][row["record_n"]] = row["id"]
    found: dict[int, SharedOrigin] = {}
    for run, jobs in wanted.items():
        query = f"SELECT n, body FROM records WHERE run_id = {int(run)} AND n IN ({{}})"
        for row in rows_among(connection, query, jobs):
            facts = json_object(row["body"]).get("shared")
            if isinstance(facts, dict):
                found[jobs[row["n"]]] = SharedOrigin.from_json(facts)
    return found
