"""Which database a store is kept in: a file, or one on a server."""

from pathlib import Path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.database import BUSY_TIMEOUT_S, Database
from bioimageit_flow.stores.server import Server

Place = Path | Server
"""A SQLite file, or what names a database on a server."""


def database_at(
    place: Place,
    *,
    read_only: bool = False,
    may_create: bool = False,
    has_wal: bool = True,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
) -> Database:
    """Return the connections to a database; none is made yet.

    Parameters
    ----------
    place : Path or Server
        Where it is.
    read_only : bool
        Write nothing.
    may_create : bool
        Make it if it is not there.
    has_wal : bool
        Whether a file may have a write-ahead log: not on network file systems.
    busy_timeout_s : float
        How long a write waits for other processes.

    Raises
    ------
    StoreError
        If what talks to servers is not installed.
    """
    if isinstance(place, Server):
        try:
            from bioimageit_flow.stores.postgres_database import PostgresDatabase
        except ImportError as error:
            raise StoreError(
                f"The experiment {place.folder} is in a PostgreSQL database, and what "
                f"talks to it is not installed ({error}).",
                remedy='Install it: `pip install "bioimageit-flow[postgres]"`.',
            ) from error

        return PostgresDatabase(
            place,
            read_only=read_only,
            may_create=may_create,
            busy_timeout_s=busy_timeout_s,
        )
    from bioimageit_flow.stores.sqlite_database import SqliteDatabase

    return SqliteDatabase(
        place,
        read_only=read_only,
        may_create=may_create,
        has_wal=has_wal,
        busy_timeout_s=busy_timeout_s,
    )
