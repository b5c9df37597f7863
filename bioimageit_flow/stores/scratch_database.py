"""A database that lasts as long as somebody works with it, for what needs no memory."""

import errno
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from weakref import finalize

_QUICK = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
"""


class ScratchDatabase:
    """Tables in a file that nobody reads later: nothing in it survives a crash.

    Parameters
    ----------
    tables : str
        The statements that make them.
    path : Path or None
        A file that is not there yet. Who owns its folder removes it. None for a file
        without a name, which is gone when it is let go of.

    Raises
    ------
    OSError
        From every method, if the file cannot be written or read.
    """

    def __init__(self, tables: str, path: Path | None = None) -> None:
        try:
            self._connection = sqlite3.connect(
                "" if path is None else path,
                isolation_level=None,
                check_same_thread=False,
            )
            finalize(self, self._connection.close)
            self._connection.executescript(f"{_QUICK}{tables}BEGIN;")
        except sqlite3.Error as error:
            raise _failed(error) from error

    def execute(
        self, query: str, values: Sequence[str | int | float] = ()
    ) -> sqlite3.Cursor:
        """Carry out a statement."""
        try:
            return self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise _failed(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _failed(error: sqlite3.Error) -> OSError:
    """Return the error of a full disk and the like."""
    return OSError(errno.EIO, str(error))
