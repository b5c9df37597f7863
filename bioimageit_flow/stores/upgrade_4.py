"""From schema 3 to 4: the units of the parameters of a job.

Written against the tables as schema 4 has them; a later schema keeps a copy here of
what it changes.
"""

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Bring a store of schema 3 to schema 4; of older jobs no unit is known."""
    words = 'TEXT COLLATE "C"' if connection.dialect.name == "postgresql" else "TEXT"
    connection.exec_driver_sql(
        f"ALTER TABLE jobs ADD COLUMN units {words} DEFAULT '{{}}' NOT NULL"
    )
