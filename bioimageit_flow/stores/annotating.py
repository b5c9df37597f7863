"""Changing annotations, and remembering every change."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, RowMapping, select

from bioimageit_flow.model.changes import Aspect, ChangeKind
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.keys import Key, KeyType
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.changing import Act
from bioimageit_flow.stores.refusals import check_annotations, missing_item, wrong_value
from bioimageit_flow.stores.rows import json_value
from bioimageit_flow.stores.spooling import Values


def annotate(
    connection: Connection, pages: Iterable[list[Values]], user: str, note: str
) -> int | None:
    """Set annotations; see `Store.annotate_many`."""
    act = Act(connection, ChangeKind.ANNOTATE, user, note)
    declared = declared_keys(connection)
    for page in pages:
        act.set_values(Aspect.ANNOTATION, as_declared(connection, declared, page))
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


def as_declared(
    connection: Connection, declared: Mapping[str, Key], page: list[Values]
) -> list[Values]:
    """Return values as their keys keep them.

    Raises
    ------
    StoreError
        If one is no value of its key; names the item.
    """
    typed: list[Values] = []
    for item, values in page:
        check_annotations(values)
        try:
            typed.append((item, typed_values(declared, values)))
        except ValueError as error:
            raise wrong_value(_name_of(connection, item), error) from error
    return typed


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


def _name_of(connection: Connection, item: ItemId) -> str:
    table = schema.items
    name = connection.execute(select(table.c.name).where(table.c.uuid == item)).scalar()
    if name is None:
        raise missing_item(item)
    return str(name)
