"""A connection to a SQLite file, which loads SQLAlchemy once somebody needs it.

Plain SQL goes to the driver as it is (`stores.rows`). A statement of SQLAlchemy goes
through it, on the same connection and in the same transaction, which stays ours: we
begin and end it, SQLAlchemy only hears that it did.
"""

from __future__ import annotations

import sqlite3
from threading import local
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class _Dialect(NamedTuple):
    name: str = "sqlite"
    paramstyle: str = "qmark"


class SqliteConnection:
    """Stands for a `sqlalchemy.Connection` while a transaction lasts.

    Parameters
    ----------
    driver : sqlite3.Connection
        In a transaction.
    statements : Statements
        What makes the connection of SQLAlchemy.

    Attributes
    ----------
    connection : Driver
        What SQLAlchemy calls so: the connection of the driver.
    """

    dialect = _Dialect()

    def __init__(self, driver: sqlite3.Connection, statements: Statements) -> None:
        self.connection = Driver(driver)
        self._statements = statements
        self._whole: Connection | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as SQLAlchemy has it
        return getattr(self.whole, name)

    @property
    def whole(self) -> Connection:
        """The connection as SQLAlchemy has it."""
        if self._whole is None:
            self._whole = self._statements.connect(self.connection)
        return self._whole

    def let_go(self) -> None:
        """Let SQLAlchemy forget the connection; the driver's stays as it is."""
        if self._whole is not None:
            self._whole.close()


class Driver:
    """A connection of the driver whose transaction nobody else begins or ends."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self.driver_connection = driver
        self.cursor = driver.cursor

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the driver has it
        return getattr(self.driver_connection, name)

    def commit(self) -> None:
        """Do nothing: whoever began the transaction ends it."""

    rollback = close = commit


class Statements:
    """Carries out statements of SQLAlchemy on connections that are lent to it."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._lent = local()

    def connect(self, driver: Driver) -> Connection:
        """Return the connection of SQLAlchemy that uses one of the driver."""
        if self._engine is None:
            self._engine = self._new_engine()
        self._lent.driver = driver
        try:
            return self._engine.connect()
        finally:
            del self._lent.driver

    def _new_engine(self) -> Engine:
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        return create_engine(
            "sqlite://", creator=lambda: self._lent.driver, poolclass=NullPool
        )
