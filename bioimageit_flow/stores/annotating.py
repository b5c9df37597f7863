"""Changing annotations, and remembering every change."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, FromClause, RowMapping, select

from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.keys import Key, KeyType
from bioimageit_flow.stores import schema, wanted, wanted_sets
from bioimageit_flow.stores.changing import Act
from bioimageit_flow.stores.rows import json_value
from bioimageit_flow.stores.spooling import NumberedPage, Values


def prepare(connection: Connection, values: Iterable[list[Values]]) -> dict[str, Key]:
    """Write down what is wanted, as keys are declared now; return these."""
    declared = declared_keys(connection)
    wanted.create(connection)
    wanted.fill(connection, values, declared)
    return declared


def annotate(
    connection: Connection,
    values: Iterable[list[Values]],
    prepared: Mapping[str, Key],
    user: str,
    note: str,
) -> int | None:
    """Set annotations that were prepared; see `Store.annotate_many`."""
    declared = declared_keys(connection)
    if declared != prepared:  # somebody declared a key in between
        wanted.clear(connection)
        wanted.fill(connection, values, declared)
    return _annotate(connection, wanted.WANTED, user, note)


def prepare_numbered(
    connection: Connection, pages: Iterable[NumberedPage]
) -> dict[str, Key]:
    """Write down what is wanted of items by their numbers; see `prepare`."""
    declared = declared_keys(connection)
    wanted_sets.create(connection)
    wanted_sets.fill(connection, pages, declared)
    return declared


def annotate_numbered(
    connection: Connection,
    pages: Iterable[NumberedPage],
    prepared: Mapping[str, Key],
    user: str,
    note: str,
) -> int | None:
    """Set annotations that were prepared; see `Store.annotate_numbered`."""
    declared = declared_keys(connection)
    if declared != prepared:
        wanted_sets.clear(connection)
        wanted_sets.fill(connection, pages, declared)
    return _annotate(connection, wanted_sets.WANTED, user, note)


def _annotate(
    connection: Connection, of: FromClause, user: str, note: str
) -> int | None:
    act = Act(connection, ChangeKind.ANNOTATE, user, note)
    act.annotate_wanted(of)
    return act.end()


def declared_keys(connection: Connection) -> dict[str, Key]:
    """Return the keys that are declared, by name."""
    table = schema.keys
    return {
        row["name"]: key_of(row["name"], row)
        for row in connection.execute(select(table).order_by(table.c.name)).mappings()
    }


def key_of(name: str, row: RowMapping) -> Key:
    """Return the key of a row of ``keys``."""
    choices = json_value(str(row["choices"]))
    assert isinstance(choices, list)
    return Key(
        name=name,
        type=KeyType(str(row["type"])),
        unit=str(row["unit"]),
        description=str(row["description"]),
        choices=tuple(str(one) for one in choices),
    )


def typed_values(
    declared: Mapping[str, Key], values: Mapping[str, AnnotationValue | None]
) -> dict[str, AnnotationValue | None]:
    """Return values as their keys keep them; `ValueError` if one does not fit."""
    return {
        key: declared[key].read(value)
        if value is not None and key in declared
        else value
        for key, value in values.items()
    }
