"""Connections and transactions of a store, whichever database keeps it.

One module for each database says how it wants to be treated: `sqlite_database` and
`postgres_database`; what differs in statements is in `dialects`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, TypeVar

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.refusals import read_only

if TYPE_CHECKING:
    from sqlalchemy import Connection

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

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that sees one state of the store."""
        self._check_open()
        with self.errors_in_words(), self._transaction(is_write=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a write transaction, committed when all went well."""
        self._check_writable()
        with (
            self._queue,
            self.errors_in_words(),
            self._transaction(is_write=True) as connection,
        ):
            yield connection

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
        with (
            self.errors_in_words(),
            self._prepared_transaction(prepare) as (connection, prepared),
        ):
            yield connection, prepared

    def close(self) -> None:
        """Close every connection."""
        self._is_closed = True
        self._let_go()

    @contextmanager
    def errors_in_words(self) -> Iterator[None]:
        """Turn what the driver raises into errors that say what to do."""
        try:
            yield
        except (UnicodeEncodeError, OverflowError) as error:
            raise StoreError(
                f"A value cannot be kept in the store of {self.place}: {error}.",
                remedy="Rename the file or change the value; nothing was changed.",
            ) from error
        except Exception as error:
            original = getattr(error, "orig", error)  # SQLAlchemy wraps the driver's
            if not isinstance(original, self.vendor_error):
                raise
            raise self._in_words(original) from error

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
    def _transaction(self, *, is_write: bool) -> AbstractContextManager[Connection]:
        """Give a connection in a transaction, committed when all went well.

        One that reads sees one state; one that writes waits until no other one does.
        """

    @abstractmethod
    def _prepared_transaction(
        self, prepare: Callable[[Connection], T]
    ) -> AbstractContextManager[tuple[Connection, T]]:
        """Give a connection of its own that writes, after a transaction to prepare."""

    @abstractmethod
    def _let_go(self) -> None:
        """Close the connections that nobody uses."""

    @abstractmethod
    def _in_words(self, error: BaseException | None) -> Exception:
        """Return an error of the driver as one that says what happened."""

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError(
                f"The experiment {self.place} was closed.", remedy="Open it again."
            )

    def _check_writable(self) -> None:
        self._check_open()
        if self.is_read_only:
            raise read_only(self.place)
