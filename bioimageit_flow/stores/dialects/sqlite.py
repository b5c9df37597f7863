"""What SQLite does in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from bioimageit_flow.model.chosen import GoOn
from bioimageit_flow.model.query import Operator
from bioimageit_flow.stores.dialects.protocol import BrokenReferences, Test
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.rows import plain_rows
from bioimageit_flow.stores.schema_version import APPLICATION_ID
from bioimageit_flow.stores.searching import FUNCTION

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import ColumnElement, Connection, Select, Table

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")

_OPCODES: Final = 20_000
"""So many steps of SQLite's machine, about a millisecond, lie between two questions."""


class SqliteDialect:
    """See `Dialect`."""

    numbers_rows = True
    jumps = True
    stops_sorting = False

    # Writing

    def insert_rows(
        self,
        connection: Connection,
        table: str,
        columns: Sequence[str],
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert rows of plain values."""
        quoted = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"
        with closing(connection.connection.cursor()) as cursor:
            cursor.executemany(statement, rows)

    def replace_rows(
        self,
        connection: Connection,
        table: str,
        columns: Sequence[str],
        key: int,
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert rows of plain values, or replace those with the same key."""
        marks = ", ".join("?" * len(columns))
        new = ", ".join(f"{name} = excluded.{name}" for name in columns[key:])
        with closing(connection.connection.cursor()) as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) "
                f"ON CONFLICT ({', '.join(columns[:key])}) DO UPDATE SET {new}",
                rows,
            )

    def upsert(self, table: Table) -> Any:  # noqa: ANN401
        """Return an ``INSERT`` that may say what to do on a conflict."""
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)

    def stream(
        self, connection: Connection, query: Select[Any], size: int
    ) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Go through plain rows in pages."""
        result = connection.execute(query)
        try:
            cursor = result.cursor
            assert cursor is not None
            while page := cursor.fetchmany(size):
                yield page
        finally:
            result.close()

    # Queries

    def contains(self, text: ColumnElement[Any], part: str) -> Test:
        """Return the condition that a text has another in it."""
        return sa.func.instr(text, part) > 0

    def finds(
        self,
        connection: Connection,
        expression: str,
        text: ColumnElement[Any],
        candidates: Select[Any],
    ) -> Test:
        """Return the condition that our own function finds an expression."""
        found: ColumnElement[int] = getattr(sa.func, FUNCTION)(expression, text)
        return found == 1

    def text_is(
        self,
        text: ColumnElement[Any],
        operator: Operator,
        values: Sequence[str],
    ) -> Test:
        """Ask nothing more: the index is over whole texts."""
        return sa.true()

    @contextmanager
    def watched(self, connection: Connection, go_on: GoOn) -> Iterator[None]:
        """Let SQLite ask while it works."""
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: not go_on(), _OPCODES)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)

    # The schema

    def is_empty(self, connection: Connection) -> bool:
        """Say whether nothing was made in the database yet."""
        query = "SELECT count(*) FROM sqlite_schema"
        count = connection.exec_driver_sql(query).scalar()
        return not count and not _pragma(connection, "application_id")

    def version(self, connection: Connection) -> int | None:
        """Return the schema version; None where it is no store of ours."""
        if _pragma(connection, "application_id") != APPLICATION_ID:
            return None
        return _pragma(connection, "user_version")

    def set_version(self, connection: Connection, version: int) -> None:
        """Mark the header of the file."""
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version={version}")

    def forbid_changes(self, connection: Connection, table: Table) -> None:
        """Make the database refuse to change the rows of a table."""
        for action in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table.name}_no_{action.lower()} "
                f"BEFORE {action} ON {table.name} BEGIN "
                f"SELECT RAISE(ABORT, 'rows of {table.name} never change'); END"
            )

    def allow_changes(self, connection: Connection, table: Table) -> None:
        """Take back `forbid_changes`."""
        for action in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {table.name}_no_{action}")

    # Checks

    def damage(self, connection: Connection) -> Iterator[str]:
        """Go through what cannot be read."""
        for (text,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if text != "ok":
                yield f"The store is damaged: {text}."

    def broken_references(self, connection: Connection) -> Iterable[BrokenReferences]:
        """Go through the rows that refer to what is gone."""
        rows = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        return [BrokenReferences(table, row, target) for table, row, target, _ in rows]

    def schema_faults(self, connection: Connection) -> Iterator[str]:
        """Compare with a fresh store in memory."""
        engine = sa.create_engine("sqlite://")
        with engine.begin() as fresh:
            schema.create_tables(fresh)
            wanted = _things(fresh)
        engine.dispose()
        found = _things(connection)
        for (kind, name), text in wanted.items():
            if (kind, name) not in found:
                yield f"The {kind} {name} is missing in the store."
            elif kind == "trigger" and found[kind, name] != text:
                yield f"The {kind} {name} of the store was changed."
        for kind, name in found.keys() - wanted.keys():
            if kind == "trigger":
                yield f"The {kind} {name} of the store is not ours."

    def statement(self, standard: str) -> str:
        """Write ``IS DISTINCT FROM`` as every SQLite understands it."""
        return standard.replace("IS DISTINCT FROM", "IS NOT")

    def json_text(self, column: str) -> str:
        """Return the expression of the text that a JSON text stands for."""
        return f"json_extract({column}, '$')"

    unsorted_annotations = (
        "SELECT i.uuid, a.key FROM annotations a JOIN items i ON i.id = a.item_id "
        "JOIN json_each(json_array(json(a.value))) v "
        "WHERE v.type = 'text' AND a.text IS NOT v.value "
        "OR v.type <> 'text' AND a.text IS NOT NULL "
        "OR v.type = 'real' AND a.number IS NOT v.value"
    )


def _pragma(connection: Connection, name: str) -> int:
    ((value,),) = plain_rows(connection, f"PRAGMA {name}")
    return int(value)


def _things(connection: Connection) -> dict[tuple[str, str], str]:
    query = (
        "SELECT type, name, sql FROM sqlite_schema "
        "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    )
    return {
        (kind, name): " ".join(text.split())
        for kind, name, text in connection.exec_driver_sql(query)
    }
