"""From schema 2 to 3: attempts after the first, claims, results declared valid.

Written against the tables as schema 3 has them; a later schema keeps a copy here of
what it changes.
"""

from sqlalchemy import Connection

from bioimageit_flow.stores import schema
from bioimageit_flow.stores.dialects import dialect_of

_NEW_TABLES = (schema.claims, schema.still_valid)
_NEW_COLUMNS = (
    "attempt INTEGER DEFAULT '1' NOT NULL",
    "superseded_by INTEGER REFERENCES jobs (id)",
    "declared_in INTEGER REFERENCES changes (id)",
)


def upgrade(connection: Connection) -> None:
    """Bring a store of schema 2 to schema 3."""
    for column in _NEW_COLUMNS:
        connection.exec_driver_sql(f"ALTER TABLE jobs ADD COLUMN {column}")
    connection.exec_driver_sql(
        "CREATE UNIQUE INDEX jobs_superseded ON jobs (superseded_by) "
        "WHERE superseded_by IS NOT NULL"
    )
    for old in ("text", "number"):
        connection.exec_driver_sql(f"DROP INDEX annotations_by_{old}")
    connection.exec_driver_sql(
        "CREATE INDEX annotations_by_value ON annotations (key, text, number)"
    )
    schema.metadata.create_all(connection, tables=_NEW_TABLES, checkfirst=False)
    dialect_of(connection).forbid_changes(connection, schema.still_valid)
