"""Connections and transactions of a store, whichever database keeps it.

One module for each database says how it wants to be treated: `sqlite_database` and
`postgres_database`; what differs in statements is in `dialects`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import ClassVar, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.refusals import read_only

T = TypeVar("T")

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for the other writers."""


class Database(ABC):
    """The connections to the database of one experiment.

    Several threads and several processes may read and write. Write transactions take
    the only write lock of the experiment when they begin, so that they wait at the
    start and never fail half-way for want of it; within this process they queue.

    Parameters
    ----------
    place : Path
        The folder of the experiment.
    read_only : bool
        Write nothing.

    Attributes
    ----------
    label : str
        What messages call it, as the subject of a sentence.
    backup : str
        What to do when it is damaged, as a sentence.
    """

    vendor_error: ClassVar[type[Exception]]
    """What the driver raises."""

    label: str
    backup: str

    def __init__(self, place: Path, *, read_only: bool) -> None:
        self.place = place
        self.is_read_only = read_only
        self._queue = Lock()
        self._is_closed = False
        self._engine = self._make_engine()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that sees one state of the store."""
        self._check_open()
        with self.errors_in_words(), self._engine.connect() as connection:
            reading = self._to_read(connection)
            with reading.begin():
                yield reading

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a write transaction, committed when all went well."""
        self._check_writable()
        with self._queue, self.errors_in_words(), self._engine.connect() as connection:
            writing = self._to_write(connection)
            with writing.begin():
                self._lock(writing)
                yield writing

    @contextmanager
    def writing_prepared(
        self, prepare: Callable[[Connection], T]
    ) -> Iterator[tuple[Connection, T]]:
        """Give a write transaction for which something was prepared beforehand.

        Parameters
        ----------
        prepare : callable
            Fills temporary tables of the connection; nobody waits for it. They go with
            the connection.
        """
        self._check_writable()
        with self.errors_in_words(), self._engine.connect() as connection:
            connection.detach()  # it is closed in the end, with its temporary tables
            with connection.begin():
                prepared = prepare(connection)
            with self._queue:
                writing = self._to_write(connection)
                with writing.begin():
                    self._lock(writing)
                    yield writing, prepared

    def close(self) -> None:
        """Close every connection."""
        self._is_closed = True
        self._engine.dispose()

    @contextmanager
    def errors_in_words(self) -> Iterator[None]:
        """Turn what the driver raises into errors that say what to do."""
        try:
            yield
        except DBAPIError as error:
            raise self._in_words(error.orig) from error
        except self.vendor_error as error:
            raise self._in_words(error) from error
        except (UnicodeEncodeError, OverflowError) as error:
            raise StoreError(
                f"A value cannot be kept in the store of {self.place}: {error}.",
                remedy="Rename the file or change the value; nothing was changed.",
            ) from error

    def lay_out(self, connection: Connection) -> None:  # noqa: B027
        """Make, in a write transaction, what a new store lies in."""

    def discard(self) -> None:  # noqa: B027
        """Take back a new store of which nothing lies in the folder."""

    def settle(self) -> None:  # noqa: B027 - not every one has to
        """Set what shall hold from now on, once the store is known to be one."""

    def missing(self) -> StoreError | None:
        """Return the error of a store that is not there at all; None if it may be."""
        return None

    @abstractmethod
    def _make_engine(self) -> Engine:
        """Return the pool of connections."""

    @abstractmethod
    def _in_words(self, error: BaseException | None) -> Exception:
        """Return an error of the driver as one that says what happened."""

    @abstractmethod
    def _to_read(self, connection: Connection) -> Connection:
        """Return a connection whose transaction reads one state."""

    @abstractmethod
    def _to_write(self, connection: Connection) -> Connection:
        """Return a connection whose transaction writes."""

    @abstractmethod
    def _lock(self, connection: Connection) -> None:
        """Wait in a write transaction until no other one is."""

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError(
                f"The experiment {self.place} was closed.", remedy="Open it again."
            )

    def _check_writable(self) -> None:
        self._check_open()
        if self.is_read_only:
            raise read_only(self.place)
