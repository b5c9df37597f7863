"""Breaking off a long query when nobody waits for its answer any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bioimageit_flow.errors import Cancelled
from bioimageit_flow.model.chosen import GoOn, always
from bioimageit_flow.stores.dialects import dialect_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NOBODY: Final = "Nobody waits for this answer any more."


def require_waiting(go_on: GoOn) -> None:
    """Raise `Cancelled` if nobody waits."""
    if not go_on():
        raise Cancelled(_NOBODY)


@contextmanager
def stoppable(connection: Connection, go_on: GoOn) -> Iterator[None]:
    """Break off what the connection does inside once `go_on` says False.

    Raises
    ------
    Cancelled
        If it was broken off.
    """
    require_waiting(go_on)
    if go_on is always:
        yield
        return
    from sqlalchemy.exc import DBAPIError

    try:
        with dialect_of(connection).watched(connection, go_on):
            yield
    except (DBAPIError, sqlite3.OperationalError) as error:
        if not go_on():
            raise Cancelled(_NOBODY) from error
        raise
