"""From schema 3 to 4: the units of the parameters of a job.

Written against the tables as schema 4 has them; a later schema keeps a copy here of
what it changes.
"""

from sqlalchemy import Connection

from bioimageit_flow.stores import schema


def upgrade(connection: Connection) -> None:
    """Bring a store of schema 3 to schema 4; of older jobs no unit is known."""
    words = schema.jobs.c.units.type.compile(connection.dialect)
    connection.exec_driver_sql(
        f"ALTER TABLE jobs ADD COLUMN units {words} DEFAULT '{{}}' NOT NULL"
    )
