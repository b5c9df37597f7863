"""A SQLite file: connections, transactions, and its errors in our words."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import quote_from_bytes

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores import searching
from bioimageit_flow.stores.database import BUSY_TIMEOUT_S, Database
from bioimageit_flow.stores.refusals import known_already, no_space
from bioimageit_flow.stores.sqlite_connection import SqliteConnection, Statements

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

_log = logging.getLogger(__name__)

_KEPT = 4
"""So many connections stay open for the next transactions."""

_UNIQUE_UUID = re.compile(r"UNIQUE constraint failed: (job|item|run)s\.uuid")


class SqliteDatabase(Database):
    """The connections to one SQLite file.

    Write transactions take its write lock when they begin (``BEGIN IMMEDIATE``).

    Parameters
    ----------
    path : Path
        The file.
    read_only : bool
        Open it without writing anything, not even beside it.
    may_create : bool
        Make the file if it is not there.
    has_wal : bool
        Whether write-ahead logging may be used: not on network file systems.
    busy_timeout_s : float
        How long a write waits for other processes.
    """

    vendor_error = sqlite3.Error
    backup = (
        "Put back a copy of experiment.db, or recover what is left with "
        "`sqlite3 experiment.db .recover`."
    )

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        may_create: bool = False,
        has_wal: bool = True,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self.path = path
        self.label = f"The file {path}"
        self._busy_timeout_s = busy_timeout_s
        # Without a log, FULL may lose the last transaction with the power: EXTRA.
        self._synchronous = "FULL" if has_wal else "EXTRA"
        self._uri = _uri(path, _mode(path, read_only, may_create))
        self._journal = "WAL" if has_wal else "DELETE"
        self._idle: list[sqlite3.Connection] = []
        self._statements = Statements()
        super().__init__(path.parent, read_only=read_only)

    def missing(self) -> StoreError | None:
        """Return the error of a file that is not there."""
        if self.path.is_file():
            return None
        return StoreError(
            f"There is no experiment in {self.place}: {self.path.name} is missing.",
            remedy="Name the folder of an experiment, or make one with "
            "`bioimageit-flow new FOLDER`.",
        )

    def settle(self) -> None:
        """Make SQLite use the journal that suits the file system, from now on.

        It stays as it is while somebody else uses the store.
        """
        if self.is_read_only:
            return
        self._let_go()  # connections of our own would prevent the change
        with self.errors_in_words(), closing(self._connect()) as connection:
            (now,) = connection.execute("PRAGMA journal_mode").fetchone()
            if str(now).upper() == self._journal:
                return
            connection.execute("PRAGMA busy_timeout=0")
            try:
                connection.execute(f"PRAGMA journal_mode={self._journal}")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                _log.debug("%s keeps the journal %s: %s", self.path, now, error)

    @contextmanager
    def _transaction(self, *, is_write: bool) -> Iterator[Connection]:
        driver = self._take()
        try:
            with self._within(driver, is_write=is_write) as connection:
                yield connection
        finally:
            self._give_back(driver)

    @contextmanager
    def _prepared_transaction(
        self, prepare: Callable[[Connection], T]
    ) -> Iterator[tuple[Connection, T]]:
        with closing(self._connect()) as driver:  # its temporary tables go with it
            with self._within(driver, is_write=False) as connection:
                prepared = prepare(connection)
            with self._queue, self._within(driver, is_write=True) as connection:
                yield connection, prepared

    @contextmanager
    def _within(
        self, driver: sqlite3.Connection, *, is_write: bool
    ) -> Iterator[Connection]:
        driver.execute("BEGIN IMMEDIATE" if is_write else "BEGIN")
        connection = SqliteConnection(driver, self._statements)
        try:
            yield cast("Connection", connection)
            driver.commit()
        except BaseException:
            with suppress(sqlite3.Error):  # the first error is told
                driver.rollback()
            raise
        finally:
            connection.let_go()

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _give_back(self, driver: sqlite3.Connection) -> None:
        # A transaction that could not be taken back goes with its connection.
        if self._is_closed or driver.in_transaction or len(self._idle) >= _KEPT:
            driver.close()
        else:
            self._idle.append(driver)

    def _let_go(self) -> None:
        while self._idle:
            with suppress(IndexError):  # another thread took the last
                self._idle.pop().close()

    def _in_words(self, error: BaseException | None) -> Exception:
        too_slow = searching.take_error()
        if too_slow is not None:
            return too_slow
        return store_error(error, self.path, self._busy_timeout_s)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._uri,
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,  # transactions begin where `_within` says
            check_same_thread=False,  # a connection is lent to one at a time
            cached_statements=256,
        )
        try:
            self._set_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("PRAGMA cache_size=-16384")
        searching.add_function(connection)
        if not self.is_read_only:
            connection.execute(f"PRAGMA synchronous={self._synchronous}")
            connection.execute("PRAGMA journal_size_limit=67108864")


def _mode(path: Path, read_only: bool, may_create: bool) -> str:
    if not read_only:
        return "mode=rwc" if may_create else "mode=rw"
    log = path.with_name(path.name + "-wal")
    try:
        has_log = log.stat().st_size > 0
    except OSError:
        has_log = False
    # With a log, somebody writes now or has crashed: the file alone is not the truth.
    return "mode=ro" if has_log else "mode=ro&immutable=1"


def _uri(path: Path, query: str) -> str:
    """Return a SQLite URI (https://www.sqlite.org/uri.html) for any file name."""
    name = path.absolute().as_posix()
    slash = "" if name.startswith("/") else "/"
    return f"file://{slash}{quote_from_bytes(os.fsencode(name), safe='/:')}?{query}"


def store_error(
    error: BaseException | None, path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> StoreError:
    """Return an error of SQLite as one that says what happened and what to do.

    Source of the codes: https://www.sqlite.org/rescode.html
    """
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    place = path.parent
    match primary:
        case sqlite3.SQLITE_FULL:
            return no_space(place)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(
                f"The experiment {place} stayed locked by another program for more "
                f"than {busy_timeout_s:g} s.",
                remedy="Wait until the other program has finished writing, then retry.",
            )
        case sqlite3.SQLITE_CORRUPT:
            return StoreError(
                f"The store {path} is damaged: {error}.",
                remedy="Put back a copy of it, or recover what is left with "
                "`sqlite3 experiment.db .recover`.",
            )
        case sqlite3.SQLITE_NOTADB:
            return StoreError(
                f"The file {path} is not the store of an experiment.",
                remedy="Name the folder of an experiment, or put back a copy of the "
                "file.",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StoreError(
                f"The store {path} cannot be written by you.",
                remedy="Ask its owner for the right to write, or copy the experiment.",
            )
        case sqlite3.SQLITE_CANTOPEN:
            return StoreError(
                f"The store {path} cannot be opened.",
                remedy="Check that you may read and write its folder; if a program "
                "that used it crashed, open it once where it can be written.",
            )
        case sqlite3.SQLITE_IOERR:
            return StoreError(
                f"The disk of the store {path} has an error: {error}.",
                remedy="Check the disk or the network drive, then open the experiment "
                "again.",
            )
        case sqlite3.SQLITE_CONSTRAINT:
            known = _UNIQUE_UUID.search(str(error))
            if known:
                return known_already(known[1])
            return StoreError(
                f"The store {path} refused what contradicts it: {error}.",
                remedy="Nothing was changed; please report this.",
            )
        case _:
            return StoreError(
                f"The store {path} has an error: {error}.",
                remedy="Nothing was changed; retry, and report this if it stays.",
            )
