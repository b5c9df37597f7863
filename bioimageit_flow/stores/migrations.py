"""From an older schema version to this one, one function per step.

A change of `schema` comes with a function here, its number in `STEPS`, and an old
database kept as a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import bioimageit_flow
from bioimageit_flow.errors import NewerVersionError, StoreError
from bioimageit_flow.stores import schema_version
from bioimageit_flow.stores.database import Database
from bioimageit_flow.stores.dialects import dialect_of
from bioimageit_flow.stores.late import late_store_module
from bioimageit_flow.stores.rows import carry_out, marks, plain_rows
from bioimageit_flow.stores.times import time_text
from bioimageit_flow.stores.writing import insert_tuples

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    schema = late_store_module("schema")

Step = Callable[["Connection"], None]


def _to_2(connection: Connection) -> None:
    from bioimageit_flow.stores.upgrade_2 import upgrade

    upgrade(connection)


def _to_3(connection: Connection) -> None:
    from bioimageit_flow.stores.upgrade_3 import upgrade

    upgrade(connection)


def _to_4(connection: Connection) -> None:
    from bioimageit_flow.stores.upgrade_4 import upgrade

    upgrade(connection)


STEPS: Mapping[int, Step] = {1: _to_2, 2: _to_3, 3: _to_4}
"""What brings a store of version *n* to version *n + 1*, by *n*."""


def create(connection: Connection, name: str, database: Database) -> None:
    """Make an empty database the store of a new experiment.

    Raises
    ------
    StoreError
        If there is something in it already.
    """
    database.lay_out(connection)
    if not dialect_of(connection).is_empty(connection):
        raise StoreError(
            f"There is an experiment in {database.place} already.",
            remedy="Open it, or choose another folder.",
        )
    schema.create_tables(connection)
    facts = {
        "uuid": str(uuid4()),
        "name": name,
        "created": time_text(datetime.now(UTC)),
    }
    insert_tuples(connection, "meta", ("key", "value"), list(facts.items()))
    _set_version(connection, schema_version.SCHEMA_VERSION)


def check(connection: Connection, database: Database) -> int:
    """Return the schema version of a store that this program can use.

    Raises
    ------
    StoreError
        If the file is not the store of an experiment.
    NewerVersionError
        If it was made by a newer version of the program.
    """
    version = dialect_of(connection).version(connection)
    if version is None:
        raise StoreError(
            f"{database.label} is not the store of an experiment.",
            remedy="Name the folder of an experiment, or make one with "
            "`bioimageit-flow new FOLDER`.",
        )
    if version > schema_version.SCHEMA_VERSION:
        needed = meta_value(connection, "program_version")
        raise NewerVersionError(
            f"The experiment {database.place} was made by a newer version of "
            f"BioImageIT Flow (its store has schema {version}, this program knows "
            f"{schema_version.SCHEMA_VERSION}).",
            remedy=f"Install version {needed} or newer: "
            f'`pip install "bioimageit-flow>={needed}"`.'
            if needed
            else "Install the newest: `pip install --upgrade bioimageit-flow`.",
        )
    return version


def upgrade(connection: Connection, database: Database) -> None:
    """Bring a store to the schema version of this program.

    Parameters
    ----------
    connection : Connection
        In a write transaction: either all steps are made or none.

    Raises
    ------
    StoreError
        If there is no way from its version.
    """
    version = check(connection, database)
    if version == schema_version.SCHEMA_VERSION:
        return
    for number in range(version, schema_version.SCHEMA_VERSION):
        if number not in STEPS:
            raise StoreError(
                f"{database.label} has schema {version}, which this program cannot "
                "bring up to date.",
                remedy="Open it once with an older version of BioImageIT Flow.",
            )
        STEPS[number](connection)
    _set_version(connection, schema_version.SCHEMA_VERSION)


def _set_version(connection: Connection, version: int) -> None:
    facts = {
        "schema_version": str(version),
        "program_version": bioimageit_flow.__version__,
    }
    set_meta(connection, facts)
    dialect_of(connection).set_version(connection, version)


def set_meta(connection: Connection, facts: Mapping[str, str]) -> None:
    """Set facts of the experiment as a whole."""
    mark = marks(connection, 1)
    for key, value in facts.items():
        carry_out(connection, f"DELETE FROM meta WHERE key = {mark}", (key,))
        insert_tuples(connection, "meta", ("key", "value"), [(key, value)])


def meta_value(connection: Connection, key: str) -> str | None:
    """Return a fact of the experiment as a whole; None where it has none."""
    query = f"SELECT value FROM meta WHERE key = {marks(connection, 1)}"
    for (value,) in plain_rows(connection, query, (key,)):
        return str(value)
    return None
