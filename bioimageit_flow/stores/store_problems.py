"""What is wrong within a store: its file, its schema, its rows, its chains."""

from collections.abc import Iterator

from sqlalchemy import Connection

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores import change_reading, validity
from bioimageit_flow.stores.database import Database
from bioimageit_flow.stores.dialects import Dialect, dialect_of
from bioimageit_flow.stores.protocol import DAMAGED
from bioimageit_flow.stores.store_rules import REPORT, rules

_MANY = 20
"""So many broken references are named, and the others counted."""


def problems(database: Database) -> Iterator[Problem]:
    """Go through what does not hold in a store, without its chains of records."""
    try:
        with database.reading() as connection:
            damage = [
                problem(DAMAGED, text, database.backup)
                for text in dialect_of(connection).damage(connection)
            ]
    except StoreError as error:  # so damaged that it cannot even be looked through
        damage = [problem(DAMAGED, error.message, error.remedy)]
    yield from damage
    if damage:  # what is read from damaged pages says nothing
        return
    with database.reading() as connection:
        dialect = dialect_of(connection)
        for text in dialect.schema_faults(connection):
            yield problem("schema", text)
        yield from _references(dialect, connection)
        for rule in rules(dialect):
            yield from rule.broken(connection)
        for text in change_reading.chain_faults(connection):
            yield problem("changes", text)
        for text in validity.faults(connection):
            yield problem("changes", text)


def problem(code: str, text: str, fix: str = REPORT) -> Problem:
    """Return something that is wrong in a store."""
    return Problem(code, Severity.ERROR, text, fix=fix)


def _references(dialect: Dialect, connection: Connection) -> Iterator[Problem]:
    rows = list(dialect.broken_references(connection))
    for table, row, target in rows[:_MANY]:
        text = (
            f"Row {row} of the table {table} refers to a row of {target} that is gone."
        )
        yield problem("foreign-key", text)
    if len(rows) > _MANY:
        text = f"The same (foreign-key) holds for {len(rows) - _MANY} more rows."
        yield problem("foreign-key", text)
