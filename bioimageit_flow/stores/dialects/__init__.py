"""What differs between databases in statements: one module for each.

`dialect_of` gives that of a connection; what it can be asked is in `protocol`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bioimageit_flow.stores.dialects.protocol import Dialect

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Dialect", "dialect_of"]


def dialect_of(connection: Connection) -> Dialect:
    """Return what the database of a connection does in its own way."""
    return _dialect(connection.dialect.name)


@cache
def _dialect(name: str) -> Dialect:
    if name == "postgresql":
        from bioimageit_flow.stores.dialects.postgres import PostgresDialect

        return PostgresDialect()
    from bioimageit_flow.stores.dialects.sqlite import SqliteDialect

    return SqliteDialect()
