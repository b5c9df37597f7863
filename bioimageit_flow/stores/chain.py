"""The chain of records of a run: reading it, page by page."""

from sqlalchemy import Connection, select

from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.model.lineage import LineageRecord
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.rows import json_object

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
