"""Regular expressions inside the database: a function of ours that SQLite calls."""

import sqlite3
from threading import local

from bioimageit_flow.model.pattern import PatternError, pattern

FUNCTION = "bioimageit_flow_found"
"""``bioimageit_flow_found(expression, text)``: 1 where the expression is found."""

_last = local()


def add_function(connection: sqlite3.Connection) -> None:
    """Make the function known to a connection."""
    connection.create_function(FUNCTION, 2, _found, deterministic=True)


def _found(expression: str, text: str | None) -> bool | None:
    if text is None:
        return None
    try:
        return pattern(expression).is_in(text)
    except PatternError as error:
        _last.error = error  # SQLite says only that something was raised
        raise


def take_error() -> PatternError | None:
    """Return why the function failed last in this thread, once."""
    error: PatternError | None = getattr(_last, "error", None)
    _last.error = None
    return error
