"""What is wrong within a store: its file, its schema, its rows, its chains."""

from collections.abc import Iterator

from sqlalchemy import Connection, create_engine

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores import change_reading, schema, validity
from bioimageit_flow.stores.database import Database
from bioimageit_flow.stores.protocol import DAMAGED
from bioimageit_flow.stores.store_rules import REPORT, RULES

_DAMAGED = (
    "Put back a copy of experiment.db, or recover what is left with "
    "`sqlite3 experiment.db .recover`."
)


def problems(database: Database) -> Iterator[Problem]:
    """Go through what does not hold in a store, without its chains of records."""
    try:
        with database.reading() as connection:
            damage = list(_damage(connection))
    except StoreError as error:  # so damaged that it cannot even be looked through
        damage = [problem(DAMAGED, error.message, error.remedy)]
    yield from damage
    if damage:  # what is read from damaged pages says nothing
        return
    with database.reading() as connection:
        yield from _schema_faults(connection)
        yield from _foreign_keys(connection)
        for rule in RULES:
            yield from rule.broken(connection)
        for text in change_reading.chain_faults(connection):
            yield problem("changes", text)
        for text in validity.faults(connection):
            yield problem("changes", text)


def problem(code: str, text: str, fix: str = REPORT) -> Problem:
    """Return something that is wrong in a store."""
    return Problem(code, Severity.ERROR, text, fix=fix)


def _damage(connection: Connection) -> Iterator[Problem]:
    for (text,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if text != "ok":
            yield problem(DAMAGED, f"The store is damaged: {text}.", _DAMAGED)


def _foreign_keys(connection: Connection) -> Iterator[Problem]:
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    for table, row, target, _ in rows[:20]:
        text = (
            f"Row {row} of the table {table} refers to a row of {target} that is gone."
        )
        yield problem("foreign-key", text)
    if len(rows) > 20:
        text = f"The same (foreign-key) holds for {len(rows) - 20} more rows."
        yield problem("foreign-key", text)


def _schema_faults(connection: Connection) -> Iterator[Problem]:
    """Go through tables, indexes and triggers that are not as they should be."""
    engine = create_engine("sqlite://")
    with engine.begin() as fresh:
        schema.create_tables(fresh)
        wanted = _things(fresh)
    engine.dispose()
    found = _things(connection)
    for (kind, name), text in wanted.items():
        if (kind, name) not in found:
            yield problem("schema", f"The {kind} {name} is missing in the store.")
        elif kind == "trigger" and found[kind, name] != text:
            yield problem("schema", f"The {kind} {name} of the store was changed.")
    for kind, name in found.keys() - wanted.keys():
        if kind == "trigger":
            yield problem("schema", f"The {kind} {name} of the store is not ours.")


def _things(connection: Connection) -> dict[tuple[str, str], str]:
    query = (
        "SELECT type, name, sql FROM sqlite_schema "
        "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    )
    return {
        (kind, name): " ".join(text.split())
        for kind, name, text in connection.exec_driver_sql(query)
    }
