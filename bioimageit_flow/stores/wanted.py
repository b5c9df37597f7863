"""Annotations that items shall have: a table of the connection, applied as a whole.

A change of a million items is a handful of statements that the database carries out
by itself. The table is temporary: nobody else sees it, and filling it keeps nobody
from writing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    tuple_,
)

from bioimageit_flow.model.changes import Aspect
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.keys import Key
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.columns import Number, Words
from bioimageit_flow.stores.dialects import dialect_of
from bioimageit_flow.stores.refusals import (
    check_annotations,
    missing_item,
    wrong_value,
)
from bioimageit_flow.stores.rows import (
    ids_of,
    json_text,
    json_value,
    marks,
    number_of,
    plain_rows,
)
from bioimageit_flow.stores.spooling import PAGE, Values
from bioimageit_flow.stores.writing import insert_tuples

_own = MetaData()

WANTED = Table(
    "wanted_annotations",
    _own,
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Words, primary_key=True),
    Column("value", Words),  # JSON; NULL takes the annotation away
    Column("text", Words),
    Column("number", Number),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)

_VALUES = Table(
    "wanted_values",
    _own,
    Column("value", Words, nullable=False),  # JSON
    Column("becomes", Words, nullable=False),  # JSON
    Column("text", Words),
    Column("number", Number),
    PrimaryKeyConstraint("value").ddl_if("sqlite"),  # others refuse long texts
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)

_REMEMBERED = 50_000
"""How many values are remembered as they are kept."""

Kept = tuple[str | None, str | None, int | float | None]
"""A value as the database keeps it: JSON, text, number."""


@contextmanager
def wanted_table(connection: Connection) -> Iterator[None]:
    """Have an empty table of wanted annotations in a transaction."""
    create(connection)
    yield
    _own.drop_all(connection, checkfirst=False)  # a rollback drops them too


def create(connection: Connection) -> None:
    """Make the table; it goes with the connection."""
    _own.create_all(connection, checkfirst=False)


def clear(connection: Connection) -> None:
    """Empty the table."""
    connection.execute(delete(WANTED))


def fill(
    connection: Connection, pages: Iterable[list[Values]], declared: Mapping[str, Key]
) -> None:
    """Want values of items, as their keys keep them; the last one said counts.

    Raises
    ------
    StoreError
        If there is no such item, or a value is none of its key; names the item.
    """
    kept = Keeper(declared)
    for page in pages:
        keys = _numbers_of(connection, [item for item, _ in page])
        rows: dict[tuple[int, str], tuple[object, ...]] = {}
        for item, values in page:
            number = keys.get(item)
            if number is None:
                raise missing_item(item)
            try:
                for key, value in values.items():
                    rows[number, key] = (number, key, *kept(key, value))
            except ValueError as error:
                raise wrong_value(_name_of(connection, item), error) from error
        columns = [column.name for column in WANTED.c]
        dialect_of(connection).replace_rows(
            connection, WANTED.name, columns, 2, list(rows.values())
        )


def _numbers_of(connection: Connection, items: Sequence[ItemId]) -> dict[str, int]:
    """Return the keys of items; quickly where they come as they were added."""
    ends = ids_of(connection, "items", "uuid", {items[0], items[-1]}).values()
    found: dict[str, int] = {}
    if ends and max(ends) - min(ends) < 2 * len(items):  # they lie side by side
        first, last = marks(connection, 2).split(", ")
        statement = f"SELECT uuid, id FROM items WHERE id BETWEEN {first} AND {last}"
        found.update(plain_rows(connection, statement, (min(ends), max(ends))))
    elsewhere = [item for item in items if item not in found]
    return found | ids_of(connection, "items", "uuid", elsewhere)


class Keeper:
    """Knows how values are kept; people use the same few again and again."""

    def __init__(self, declared: Mapping[str, Key]) -> None:
        self._declared = declared
        self._known: dict[tuple[str, type, AnnotationValue | None], Kept] = {}

    def __call__(self, key: str, value: AnnotationValue | None) -> Kept:
        """Return a value as a key keeps it; `ValueError` if it does not fit."""
        sort = key, type(value), value
        found = self._known.get(sort)
        if found is None:
            check_annotations({key: value})
            if value is not None and key in self._declared:
                value = self._declared[key].read(value)
            found = kept_value(value)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[sort] = found
        return found


def kept_value(value: AnnotationValue | None) -> Kept:
    """Return a value as the database keeps it."""
    if value is None:
        return None, None, None
    text = value if isinstance(value, str) else None
    return json_text(value), text, number_of(value)


def _name_of(connection: Connection, item: ItemId) -> str:
    table = schema.items
    query = select(table.c.name).where(table.c.uuid == item)
    return str(connection.execute(query).scalar_one())


def want_renamed(connection: Connection, old: str, new: str) -> None:
    """Want that every value of a key is one of another key."""
    want_without(connection, old)
    table = schema.annotations.c
    query = select(
        table.item_id, literal(new), table.value, table.text, table.number
    ).where(table.key == old)
    connection.execute(insert(WANTED).from_select(list(WANTED.c), query))


def want_without(connection: Connection, key: str) -> None:
    """Want that no item has a key."""
    table = schema.annotations.c
    query = select(table.item_id, table.key).where(table.key == key)
    connection.execute(
        insert(WANTED).from_select([WANTED.c.item_id, WANTED.c.key], query)
    )


def want_typed(connection: Connection, key: Key) -> None:
    """Want that the values of a key are as it keeps them from now on.

    Raises
    ------
    StoreError
        If an item has a value that does not fit; names it.
    """
    table = schema.annotations.c

    def typed(text: str) -> AnnotationValue:
        try:
            return key.read(json_value(text))
        except ValueError as error:
            query = (
                select(schema.items.c.name)
                .join_from(schema.annotations, schema.items)
                .where(table.key == key.name, table.value == text)
                .order_by(schema.items.c.id)
                .limit(1)
            )
            name = str(connection.execute(query).scalar_one())
            raise wrong_value(name, error) from error

    own = select(table.value).where(table.key == key.name)
    _learn(connection, own, typed)
    query = (
        select(table.item_id, table.key, *_becoming())
        .join_from(schema.annotations, _VALUES, _VALUES.c.value == table.value)
        .where(table.key == key.name)
    )
    connection.execute(insert(WANTED).from_select(list(WANTED.c), query))


def want_undone(connection: Connection, of_change: ColumnElement[bool]) -> None:
    """Want the values back that items had before a change.

    Parameters
    ----------
    connection : Connection
        In a write transaction.
    of_change : condition
        Which rows of ``item_changes`` are of annotations in this change.
    """
    table = schema.item_changes
    old = select(table.c.old).where(of_change, table.c.old.is_not(None))
    _learn(connection, old, lambda text: cast("AnnotationValue", json_value(text)))
    values = (_VALUES.c.becomes, _VALUES.c.text, _VALUES.c.number)
    query = (
        select(table.c.item_id, table.c.key, *values)
        .outerjoin_from(table, _VALUES, _VALUES.c.value == table.c.old)
        .where(of_change)
        .order_by(table.c.item_id, table.c.key)
    )
    connection.execute(insert(WANTED).from_select(list(WANTED.c), query))


def _becoming() -> tuple[ColumnElement[Any], ...]:
    return _VALUES.c.becomes, _VALUES.c.text, _VALUES.c.number


def _learn(
    connection: Connection,
    query: Select[Any],
    become: Callable[[str], AnnotationValue],
) -> None:
    """Write down what values become, each once."""
    columns = ("value", "becomes", "text", "number")
    for part in connection.execute(query.distinct()).scalars().partitions(PAGE):
        rows = [(text, *kept_value(become(text))) for text in part]
        insert_tuples(connection, _VALUES.name, columns, rows)


def pending(wanted: FromClause = WANTED) -> Select[Any]:
    """Return what is wanted and not so: item_id, key, old and new, in their order."""
    now = schema.annotations
    return (
        select(
            wanted.c.item_id,
            wanted.c.key,
            now.c.value.label("old"),
            wanted.c.value.label("new"),
        )
        .outerjoin_from(wanted, now, _same(wanted, now))
        .where(wanted.c.value.is_distinct_from(now.c.value))
        .order_by(wanted.c.item_id, wanted.c.key)
    )


def record(
    connection: Connection, change: int, first: int, wanted: FromClause = WANTED
) -> int:
    """Write down, as facts of a change, what is wanted and not so; return how many."""
    facts, rows = schema.item_changes, pending(wanted)
    number: ColumnElement[Any] = null()  # counted on from the last row
    if not dialect_of(connection).numbers_rows:
        order = (wanted.c.item_id, wanted.c.key)
        number = literal(first - 1) + func.row_number().over(order_by=order)
    item, key, old, new = rows.selected_columns
    aspect = literal(str(Aspect.ANNOTATION))
    query = rows.with_only_columns(number, literal(change), item, aspect, key, old, new)
    written = insert(facts).from_select(list(facts.c), query)
    options = {"preserve_rowcount": True}
    return int(connection.execute(written, execution_options=options).rowcount)


def apply(connection: Connection, wanted: FromClause = WANTED) -> None:
    """Make what is wanted true."""
    now = schema.annotations
    gone = select(wanted.c.item_id, wanted.c.key).where(wanted.c.value.is_(None))
    if connection.execute(gone.limit(1)).first() is not None:
        there = tuple_(now.c.item_id, now.c.key)
        connection.execute(delete(now).where(there.in_(gone)))
    columns = [wanted.c[column.name] for column in now.c]
    values = (
        select(*columns)
        .where(wanted.c.value.is_not(None))
        .order_by(wanted.c.item_id, wanted.c.key)
    )
    put = dialect_of(connection).upsert(now).from_select(list(now.c), values)
    new = put.excluded
    put = put.on_conflict_do_update(
        index_elements=[now.c.item_id, now.c.key],
        set_={"value": new.value, "text": new.text, "number": new.number},
        where=now.c.value != new.value,
    )
    connection.execute(put)


def pending_lines(
    connection: Connection, wanted: FromClause = WANTED
) -> Iterator[tuple[int, str]]:
    """Go through what is wanted and not so as `RowsHash` writes it, many at once."""
    rows = pending(wanted).order_by(None).subquery()
    aspect = literal(str(Aspect.ANNOTATION))
    query = (
        select(_line(schema.items.c.uuid, aspect, rows.c.key, rows.c.old, rows.c.new))
        .join_from(rows, schema.items, schema.items.c.id == rows.c.item_id)
        .order_by(rows.c.item_id, rows.c.key)
    )
    return _pages(connection, query)


def lines(
    connection: Connection, rows: ColumnElement[bool]
) -> Iterator[tuple[int, str]]:
    """Go through rows of ``item_changes`` as `RowsHash` writes them, many at once."""
    table, items = schema.item_changes.c, schema.items.c
    query = (
        select(_line(items.uuid, table.aspect, table.key, table.old, table.new))
        .join_from(schema.item_changes, schema.items)
        .where(rows)
        .order_by(table.id)
    )
    return _pages(connection, query)


def _line(
    uuid: ColumnElement[str],
    aspect: ColumnElement[str],
    key: ColumnElement[str],
    old: ColumnElement[str],
    new: ColumnElement[str],
) -> ColumnElement[str]:
    line = uuid
    for part in (aspect, key, func.coalesce(old, ""), func.coalesce(new, "")):
        line = line + literal("\t") + part
    return line + literal("\n")


def _pages(connection: Connection, query: Select[Any]) -> Iterator[tuple[int, str]]:
    for page in dialect_of(connection).stream(connection, query, PAGE):
        yield len(page), "".join([text for (text,) in page])


def _same(wanted: FromClause, now: Table) -> ColumnElement[bool]:
    return and_(now.c.item_id == wanted.c.item_id, now.c.key == wanted.c.key)
