"""What PostgreSQL does in its own way."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects import postgresql

from bioimageit_flow.model.chosen import GoOn
from bioimageit_flow.model.pattern import pattern
from bioimageit_flow.model.query import Operator
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.columns import TEXT_START
from bioimageit_flow.stores.dialects import postgres_faults
from bioimageit_flow.stores.dialects.postgres_patterns import translated
from bioimageit_flow.stores.dialects.protocol import BrokenReferences, Test

_COPIED = 8
"""From so many rows on, copying is quicker than inserting."""

_VALUES = 30_000
"""How many values stand in one statement; the protocol takes 65,535."""

_PAGE = 5_000

_LOOK_S = 0.05
"""How long lies between two questions whether somebody waits for an answer."""


class PostgresDialect:
    """See `Dialect`."""

    numbers_rows = False
    jumps = False
    stops_sorting = True

    # Writing

    def insert_rows(
        self,
        connection: Connection,
        table: str,
        columns: Sequence[str],
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert rows of plain values; many are copied."""
        quoted = _quoted(connection, columns)
        cursor: Any
        with closing(connection.connection.cursor()) as cursor:
            if len(rows) < _COPIED:
                marks = ", ".join(["%s"] * len(columns))
                statement = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"
                cursor.executemany(statement, rows)
                return
            with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    def replace_rows(
        self,
        connection: Connection,
        table: str,
        columns: Sequence[str],
        key: int,
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert rows of plain values, or replace those with the same key."""
        marks = f"({', '.join(['%s'] * len(columns))})"
        new = ", ".join(f"{name} = excluded.{name}" for name in columns[key:])
        with closing(connection.connection.cursor()) as cursor:
            for first in range(0, len(rows), _VALUES // len(columns)):
                part = rows[first : first + _VALUES // len(columns)]
                cursor.execute(
                    f"INSERT INTO {table} ({_quoted(connection, columns)}) "
                    f"VALUES {', '.join([marks] * len(part))} "
                    f"ON CONFLICT ({_quoted(connection, columns[:key])}) "
                    f"DO UPDATE SET {new}",
                    [value for row in part for value in row],
                )

    def upsert(self, table: Table) -> Any:  # noqa: ANN401
        """Return an ``INSERT`` that may say what to do on a conflict."""
        return postgresql.insert(table)

    def stream(
        self, connection: Connection, query: Select[Any], size: int
    ) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Go through plain rows in pages, by a cursor on the server."""
        result = connection.execute(query, execution_options={"yield_per": size})
        try:
            yield from result.partitions(size)
        finally:
            result.close()

    # Queries

    def contains(self, text: ColumnElement[Any], part: str) -> Test:
        """Return the condition that a text has another in it."""
        return func.strpos(text, part) > 0

    def finds(
        self,
        connection: Connection,
        expression: str,
        text: ColumnElement[Any],
        candidates: Select[Any],
    ) -> Test:
        """Return the condition that an expression is found.

        Where PostgreSQL surely understands it as we do, it is asked; else we look
        through all candidates ourselves.
        """
        search = pattern(expression)
        meant = translated(expression) if search.is_tame else None
        if meant is not None:
            return text.bool_op("~")(meant)
        found = [
            one
            for page in self.stream(connection, candidates.distinct(), _PAGE)
            for (one,) in page
            if one is not None and search.is_in(one)
        ]
        among = any_(bindparam(None, found, ARRAY(Text), unique=True))
        # What has no text neither has the expression nor lacks it; of an empty array
        # PostgreSQL would say that it lacks it.
        return case((text.is_not(None), text == among))

    def text_is(
        self, text: ColumnElement[Any], operator: Operator, values: Sequence[str]
    ) -> Test:
        """Compare the first characters, which the index has."""
        start = func.left(text, TEXT_START)
        starts = [value[:TEXT_START] for value in values]
        match operator:
            case Operator.LESS | Operator.AT_MOST:
                return start <= starts[0]
            case Operator.MORE | Operator.AT_LEAST:
                return start >= starts[0]
            case _:
                return start.in_(starts)

    @contextmanager
    def watched(self, connection: Connection, go_on: GoOn) -> Iterator[None]:
        """Ask in a thread, and have the server stop."""
        driver: Any = connection.connection.driver_connection
        is_over = Event()

        def watch() -> None:
            while not is_over.wait(_LOOK_S):
                if not go_on():
                    driver.cancel()
                    return

        watcher = Thread(target=watch, name="watched query", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()

    # The schema

    def is_empty(self, connection: Connection) -> bool:
        """Say whether nothing was made in the schema yet."""
        query = (
            "SELECT count(*) FROM pg_class WHERE relnamespace = "
            "current_schema()::regnamespace"
        )
        return not connection.exec_driver_sql(query).scalar()

    def version(self, connection: Connection) -> int | None:
        """Return the schema version; None where it is no store of ours."""
        there = "SELECT to_regclass('meta') IS NOT NULL"
        if not connection.exec_driver_sql(there).scalar():
            return None
        table = schema.meta
        query = select(table.c.value).where(table.c.key == "schema_version")
        version = connection.execute(query).scalar()
        return int(version) if version and version.isdecimal() else None

    def set_version(self, connection: Connection, version: int) -> None:
        """Do nothing: it stands in ``meta``."""

    def forbid_changes(self, connection: Connection, table: Table) -> None:
        """Make the database refuse to change the rows of a table."""
        for statement in postgres_faults.forbidding(table.name):
            options = {"no_parameters": True}
            connection.exec_driver_sql(statement, execution_options=options)

    def allow_changes(self, connection: Connection, table: Table) -> None:
        """Take back `forbid_changes`."""
        for action in postgres_faults.FORBIDDEN:
            name = postgres_faults.trigger_name(table.name, action)
            connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table.name}")

    # Checks

    def damage(self, connection: Connection) -> Iterator[str]:
        """Read every row once: what cannot be read is raised."""
        for table in schema.metadata.sorted_tables:
            connection.exec_driver_sql(f"SELECT count({table.name}) FROM {table.name}")
        yield from ()

    def broken_references(self, connection: Connection) -> Iterator[BrokenReferences]:
        """Go through the rows that refer to what is gone."""
        return postgres_faults.broken_references(connection)

    def schema_faults(self, connection: Connection) -> Iterator[str]:
        """Compare with what `schema` says."""
        return postgres_faults.schema_faults(connection)

    def statement(self, standard: str) -> str:
        """Return a statement as it is."""
        return standard

    def json_text(self, column: str) -> str:
        """Return the expression of the text that a JSON text stands for."""
        return f"({column}::json #>> '{{}}')"

    unsorted_annotations = (
        "SELECT i.uuid, a.key FROM annotations a JOIN items i ON i.id = a.item_id "
        "CROSS JOIN LATERAL (SELECT a.value::json AS json) v "
        "WHERE json_typeof(json) = 'string' "
        "AND a.text IS DISTINCT FROM (json #>> '{}') "
        "OR json_typeof(json) <> 'string' AND a.text IS NOT NULL "
        "OR json_typeof(json) = 'number' AND a.value ~ '[.eE]' "
        "AND a.number::float8 IS DISTINCT FROM a.value::float8"
    )


def _quoted(connection: Connection, columns: Sequence[str]) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return ", ".join(quote(name) for name in columns)
