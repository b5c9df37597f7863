"""What is not as it should be in a schema of PostgreSQL, and what keeps it so."""

from collections.abc import Iterator

from sqlalchemy import Connection, exists, select

from bioimageit_flow.stores import schema
from bioimageit_flow.stores.columns import ONLY_IN
from bioimageit_flow.stores.dialects.protocol import BrokenReferences

FORBIDDEN = ("UPDATE", "DELETE", "TRUNCATE")
"""What nobody may do to the rows of facts."""

_FUNCTION = "refuse_change"

_SOURCE = (
    " BEGIN RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME "
    "USING ERRCODE = 'integrity_constraint_violation'; END "
)


def trigger_name(table: str, action: str) -> str:
    """Return the name of the trigger that refuses an action."""
    return f"{table}_no_{action.lower()}"


def forbidding(table: str) -> Iterator[str]:
    """Go through the statements that make a table refuse changes."""
    yield (
        f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger "
        f"LANGUAGE plpgsql AS $${_SOURCE}$$"
    )
    for action in FORBIDDEN:
        each = "STATEMENT" if action == "TRUNCATE" else "ROW"
        yield (
            f"CREATE TRIGGER {trigger_name(table, action)} BEFORE {action} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {_FUNCTION}()"
        )


def broken_references(connection: Connection) -> Iterator[BrokenReferences]:
    """Go through the rows that refer to what is gone."""
    for table in schema.metadata.sorted_tables:
        row = next(iter(table.primary_key.columns))
        for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
            target = key.column.table.alias("target")
            there = exists().where(target.c[key.column.name] == key.parent)
            query = select(row).where(key.parent.is_not(None), ~there).order_by(row)
            for (number,) in connection.execute(query):
                yield BrokenReferences(table.name, number, key.column.table.name)


def schema_faults(connection: Connection) -> Iterator[str]:
    """Go through what is missing, was changed, or is not ours."""
    tables = schema.metadata.sorted_tables
    indexes = {
        str(index.name): table.name
        for table in tables
        for index in table.indexes
        if index.info.get(ONLY_IN, "postgresql") == "postgresql"
    }
    there = _names(connection, "SELECT tablename FROM pg_tables", "schemaname")
    for table in tables:
        if table.name not in there:
            yield f"The table {table.name} is missing in the store."
    there = _names(connection, "SELECT indexname FROM pg_indexes", "schemaname")
    for name in indexes:
        if name not in there:
            yield f"The index {name} is missing in the store."
    yield from _constraint_faults(connection)
    yield from _trigger_faults(connection)


def _constraint_faults(connection: Connection) -> Iterator[str]:
    query = (
        "SELECT c.relname, count(*) FROM pg_constraint k JOIN pg_class c "
        "ON c.oid = k.conrelid WHERE k.contype = 'f' AND k.convalidated "
        "AND c.relnamespace = current_schema()::regnamespace GROUP BY c.relname"
    )
    rows = connection.exec_driver_sql(query)
    counts = {str(name): int(count) for name, count in rows}
    for table in schema.metadata.sorted_tables:
        if counts.get(table.name, 0) < len(table.foreign_keys):
            yield f"A reference of the table {table.name} is missing in the store."


def _trigger_faults(connection: Connection) -> Iterator[str]:
    query = (
        "SELECT t.tgname, c.relname, t.tgenabled = 'O' AND p.proname = %(function)s "
        "AND p.prosrc = %(source)s AND p.pronamespace = c.relnamespace "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal "
        "AND c.relnamespace = current_schema()::regnamespace"
    )
    values = {"function": _FUNCTION, "source": _SOURCE}
    found = {
        (name, table): is_ours
        for name, table, is_ours in connection.exec_driver_sql(query, values)
    }
    wanted = {
        (trigger_name(table.name, action), table.name)
        for table in schema.FACTS
        for action in FORBIDDEN
    }
    for name, table in sorted(wanted):
        if (name, table) not in found:
            yield f"The trigger {name} is missing in the store."
        elif not found[name, table]:
            yield f"The trigger {name} of the store was changed."
    for name, _ in sorted(found.keys() - wanted):
        yield f"The trigger {name} of the store is not ours."


def _names(connection: Connection, query: str, column: str) -> set[str]:
    where = f"{query} WHERE {column} = current_schema()"
    return {str(name) for (name,) in connection.exec_driver_sql(where)}
