"""Breaking off a long query when nobody waits for its answer any more."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bioimageit_flow.errors import Cancelled
from bioimageit_flow.model.chosen import GoOn, always

_OPCODES: Final = 20_000
"""So many steps of SQLite's machine, about a millisecond, lie between two questions."""

_NOBODY: Final = "Nobody waits for this answer any more."


@contextmanager
def stoppable(connection: Connection, go_on: GoOn) -> Iterator[None]:
    """Break off what the connection does inside once `go_on` says False.

    A driver that cannot be asked meanwhile ends its query first.

    Raises
    ------
    Cancelled
        If it was broken off.
    """
    if not go_on():
        raise Cancelled(_NOBODY)
    ask = getattr(connection.connection.driver_connection, "set_progress_handler", None)
    if go_on is always or ask is None:
        yield
        return
    ask(lambda: not go_on(), _OPCODES)
    try:
        yield
    except (DBAPIError, sqlite3.OperationalError) as error:
        if not go_on():
            raise Cancelled(_NOBODY) from error
        raise
    finally:
        ask(None, 0)
