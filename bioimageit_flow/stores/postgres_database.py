"""A PostgreSQL database: connections, transactions, and its errors in our words.

The driver is psycopg: it is LGPL-3, as the window's Qt is, loaded only where an
experiment is on a server, and it stands on libpq, so that passwords, services,
certificates and hosts are found where PostgreSQL's own programs find them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TypeVar

import psycopg
from psycopg import sql
from psycopg.adapt import Buffer, Dumper, Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.database import BUSY_TIMEOUT_S, Database
from bioimageit_flow.stores.layout import SERVER
from bioimageit_flow.stores.postgres_errors import address_error, store_error
from bioimageit_flow.stores.refusals import read_only as open_for_reading
from bioimageit_flow.stores.server import Server

T = TypeVar("T")

OLDEST = 12
"""The oldest version of the server that will do."""

_SECRETS = ("password", "sslpassword", "oauth_client_secret")

_DEFAULTS = {
    "connect_timeout": ("PGCONNECT_TIMEOUT", "10"),
    "application_name": ("PGAPPNAME", "bioimageit-flow"),
    "keepalives_idle": ("", "30"),
    "keepalives_interval": ("", "10"),
    "keepalives_count": ("", "3"),
    "tcp_user_timeout": ("", "60000"),
}
"""What holds unless the address or the environment says otherwise: a server that went
away is noticed within a minute."""

_SETTINGS = (
    "SET search_path = {namespace}; SET lock_timeout = {busy}; "
    "SET timezone = 'UTC'; SET tcp_keepalives_idle = 30; "
    "SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; "
    "SET idle_in_transaction_session_timeout = '15min'"
)
"""The server, too, notices within a minute that a machine went away, and lets go of the
lock that a program there held."""


class PostgresDatabase(Database):
    """The connections to one experiment in a PostgreSQL database.

    An experiment is one schema of the database. Reading sees one state (``REPEATABLE
    READ``); writing waits for a lock of the table ``meta``, which only writers take.

    Parameters
    ----------
    server : Server
        Which database, and which schema of it.
    read_only : bool
        Write nothing.
    may_create : bool
        Make the schema; it must not be there.
    busy_timeout_s : float
        How long a write waits for other processes.

    Raises
    ------
    StoreError
        If the address makes no sense, or has a password in it.
    """

    vendor_error = psycopg.Error
    backup = "Put back a backup of the database."

    def __init__(
        self,
        server: Server,
        *,
        read_only: bool = False,
        may_create: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self.label = f"The schema {server.namespace} of {server.url}"
        self._server = server
        self._may_create = may_create
        self._busy_timeout_s = busy_timeout_s
        self._conninfo = _conninfo(server)
        super().__init__(server.folder, read_only=read_only)
        self._engine = self._make_engine()

    def missing(self) -> StoreError | None:
        """Return the error of a schema that is not there; look whether one may write.

        The first connection: what hinders it is raised.
        """
        query = (
            "SELECT to_regnamespace(%(name)s) IS NOT NULL, pg_is_in_recovery() "
            "OR current_setting('default_transaction_read_only')::bool, "
            "has_table_privilege(to_regclass(%(table)s), 'INSERT')"
        )
        name = self._server.namespace
        with self.errors_in_words(), self._connect() as connection:
            values = {"name": name, "table": f"{name}.items"}
            row = connection.execute(query, values).fetchone()
        assert row is not None
        is_there, is_standby, may_insert = row
        if not is_there:
            return StoreError(
                f"{self._server.url} has no schema {name}: the experiment "
                f"{self.place} is not in this database, or you may not see it.",
                remedy=f"Put back a backup of the database, or correct {SERVER} in the "
                "folder of the experiment.",
            )
        self.is_read_only = self.is_read_only or bool(is_standby) or may_insert is False
        return None

    def discard(self) -> None:
        """Take back a schema that was made for nothing."""
        name = sql.Identifier(self._server.namespace)
        with self.errors_in_words(), self._connect() as connection:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))

    def lay_out(self, connection: Connection) -> None:
        """Make the schema of a new experiment."""
        if self._may_create:
            connection.exec_driver_sql(f'CREATE SCHEMA "{self._server.namespace}"')

    def _make_engine(self) -> Engine:
        return create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=4,
            max_overflow=-1,
            pool_pre_ping=True,
        )

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        connection = psycopg.connect(self._conninfo, autocommit=True)
        try:
            self._set_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_up(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        info = connection.info
        if info.server_version < OLDEST * 10_000:
            raise address_error(
                self._server,
                f"its version {info.server_version // 10_000} is too old",
                f"Ask for PostgreSQL {OLDEST} or newer.",
            )
        if info.parameter_status("server_encoding") != "UTF8":
            raise address_error(
                self._server,
                f"it keeps texts as {info.parameter_status('server_encoding')}",
                "Ask for a database with the encoding UTF8.",
            )
        connection.adapters.register_dumper(float, _ExactDumper)
        connection.adapters.register_loader("numeric", _NumberLoader)
        settings = sql.SQL(_SETTINGS).format(
            namespace=sql.Identifier(self._server.namespace),
            busy=sql.Literal(max(1, round(self._busy_timeout_s * 1000))),
        )
        connection.execute(settings)
        connection.autocommit = False

    @contextmanager
    def _transaction(self, *, is_write: bool) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            if not is_write:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                if is_write:
                    self._lock(connection)
                yield connection

    @contextmanager
    def _prepared_transaction(
        self, prepare: Callable[[Connection], T]
    ) -> Iterator[tuple[Connection, T]]:
        with self._engine.connect() as connection:
            connection.detach()  # it is closed in the end, with its temporary tables
            with connection.begin():
                prepared = prepare(connection)
            with self._queue, connection.begin():
                self._lock(connection)
                yield connection, prepared

    def _let_go(self) -> None:
        self._engine.dispose()

    def _lock(self, connection: Connection) -> None:
        """Wait in a write transaction until no other one is."""
        if not self._may_create:
            connection.exec_driver_sql("LOCK TABLE meta IN EXCLUSIVE MODE")

    def _in_words(self, error: BaseException | None) -> Exception:
        if getattr(error, "sqlstate", None) == "25006":
            return open_for_reading(self.place)
        return store_error(error, self._server, self._busy_timeout_s)


def _conninfo(server: Server) -> str:
    """Return the whole address; `StoreError` if it has a secret in it."""
    try:
        said = conninfo_to_dict(server.conninfo)
    except psycopg.Error as error:
        raise address_error(
            server,
            f"its address makes no sense ({str(error).strip()})",
            "Write postgresql://USER@HOST/DATABASE.",
        ) from error
    for word in _SECRETS:
        if said.get(word):
            raise StoreError(
                f"The address of the store has a {word} in it, which would stand in a "
                "file of the experiment for everybody to read.",
                remedy="Leave it out, and write it into ~/.pgpass or PGPASSWORD.",
            )
    more = {
        name: value
        for name, (variable, value) in _DEFAULTS.items()
        if name not in said and not os.environ.get(variable)
    }
    return str(make_conninfo(server.conninfo, **more))


class _ExactDumper(Dumper):
    """Gives numbers to the server as they are; it would round to 15 digits."""

    oid = psycopg.adapters.types["numeric"].oid

    def dump(self, obj: float) -> Buffer:
        """Return all the digits of a number."""
        return str(Decimal(obj)).encode("ascii")


class _NumberLoader(Loader):
    """Takes numbers from the server as plain ones."""

    def load(self, data: Buffer) -> int | float:
        """Return a whole number where it is one and not too long."""
        text = bytes(data).decode("ascii")
        if "." in text or "N" in text or "I" in text or len(text) > 19:
            return _plain(text)
        return int(text)


def _plain(text: str) -> int | float:
    value = Decimal(text)
    if value.is_finite() and value == value.to_integral_value():
        whole = int(value)
        if -(2**63) <= whole < 2**63:
            return whole
    return float(value)
