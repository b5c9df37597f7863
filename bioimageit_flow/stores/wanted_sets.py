"""Annotations that items shall have, where many items shall have the same.

A row says which set of values an item gets; the values themselves are written once.
So a million items that get three keys each are a million short rows.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Table,
    delete,
    select,
)

from bioimageit_flow.model.keys import Key
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.columns import Number, Words
from bioimageit_flow.stores.refusals import wrong_value
from bioimageit_flow.stores.spooling import NumberedPage
from bioimageit_flow.stores.wanted import Keeper
from bioimageit_flow.stores.writing import insert_tuples

_own = MetaData()

_ITEMS = Table(
    "wanted_items",
    _own,
    Column(
        "item_id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("set_id", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)

_SETS = Table(
    "wanted_sets",
    _own,
    Column("set_id", Integer, primary_key=True, autoincrement=False),
    Column("key", Words, primary_key=True),
    Column("value", Words),  # JSON; NULL takes the annotation away
    Column("text", Words),
    Column("number", Number),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)

_REMEMBERED = 10_000
"""How many sets are remembered, to be written once."""

WANTED: FromClause = (
    select(_ITEMS.c.item_id, _SETS.c.key, _SETS.c.value, _SETS.c.text, _SETS.c.number)
    .join_from(_ITEMS, _SETS, _SETS.c.set_id == _ITEMS.c.set_id)
    .subquery("wanted")
)
"""The same columns as `wanted.WANTED`."""


def create(connection: Connection) -> None:
    """Make the tables; they go with the connection."""
    _own.create_all(connection, checkfirst=False)


def clear(connection: Connection) -> None:
    """Empty the tables."""
    for table in (_ITEMS, _SETS):
        connection.execute(delete(table))


def fill(
    connection: Connection, pages: Iterable[NumberedPage], declared: Mapping[str, Key]
) -> None:
    """Want values of items, as their keys keep them.

    Raises
    ------
    StoreError
        If a value is none of its key; names the first item that would get it.
    """
    kept, free = Keeper(declared), 1
    known: dict[tuple[object, ...], int] = {}
    for page in pages:
        sets: list[int] = []
        rows: list[tuple[object, ...]] = []
        for place, values in enumerate(page.different):
            try:
                plain = [(key, *kept(key, value)) for key, value in values.items()]
            except ValueError as error:
                first = page.numbers[page.places.index(place)]
                raise wrong_value(_name_of(connection, first), error) from error
            same = tuple(plain)
            number = known.get(same)
            if number is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                number = known[same] = free
                free += 1
                rows += [(number, *row) for row in plain]
            sets.append(number)
        insert_tuples(connection, _SETS.name, _SETS.c.keys(), rows)
        given = [
            (item, sets[place])
            for item, place in zip(page.numbers, page.places, strict=True)
        ]
        insert_tuples(connection, _ITEMS.name, _ITEMS.c.keys(), given)


def _name_of(connection: Connection, number: int) -> str:
    table = schema.items
    query = select(table.c.name).where(table.c.id == number)
    return str(connection.execute(query).scalar_one())
