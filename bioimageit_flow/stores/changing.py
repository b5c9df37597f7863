"""Changes of items: written as facts, applied to how things are now.

Annotations, exclusions and corrections go through here, and so do the undoings of
them: rows with the old and the new value of one aspect of one item.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.changes import Aspect, ChangeKind
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.lineage import GENESIS, chain
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.change_bodies import Row, RowsHash, change_body
from bioimageit_flow.stores.rows import (
    item_keys,
    json_object,
    json_text,
    json_value,
    next_id,
    number_of,
    where_among,
)
from bioimageit_flow.stores.times import time_text
from bioimageit_flow.stores.writing import insert_all, insert_tuples

_FACT_COLUMNS = ("id", "change_id", "item_id", "aspect", "key", "old", "new")
_ANNOTATION_COLUMNS = ("item_id", "key", "value", "text", "number")

Wanted = Sequence[tuple[ItemId, Mapping[str, object]]]
"""New values of items by key; None takes a value away."""


class Act:
    """One change that is being made, in a write transaction.

    Parameters
    ----------
    connection : Connection
        In a write transaction.
    user, note : str
        Who does what, in words.
    undoes : int or None
        The change that it takes back.
    details : mapping
        What it does beside changing items.
    """

    def __init__(
        self,
        connection: Connection,
        kind: ChangeKind,
        user: str,
        note: str,
        *,
        undoes: int | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        self._connection = connection
        self._kind, self._user, self._note = kind, user, note
        self._undoes, self._details = undoes, dict(details or {})
        self.n = next_id(connection, schema.changes)
        self._first = self._next = next_id(connection, schema.item_changes)
        self._hash = RowsHash()

    def set_values(self, aspect: Aspect, wanted: Wanted) -> int:
        """Change one aspect of items to new values; return how many changed."""
        keys = item_keys(self._connection, (item for item, _ in wanted))
        known = current(self._connection, aspect, keys.values())
        rows: dict[tuple[int, str], tuple[int, Row]] = {}
        for item, values in wanted:
            item_key = keys[item]
            own = known.get(item_key, {})
            for key, value in values.items():
                old = own.get(key)
                new = None if value is None else json_text(value)
                if old != new:
                    rows[item_key, key] = item_key, Row(item, aspect, key, old, new)
                else:
                    rows.pop((item_key, key), None)
        self.take(aspect, list(rows.values()))
        return len(rows)

    def take(self, aspect: Aspect, rows: Sequence[tuple[int, Row]]) -> None:
        """Record rows, with the keys of their items, and make them true."""
        if not rows:
            return
        self._hash.take(row for _, row in rows)
        facts = [
            (number, self.n, item_key, row.aspect, row.key, row.old, row.new)
            for number, (item_key, row) in enumerate(rows, self._next)
        ]
        self._next += len(facts)
        insert_tuples(self._connection, schema.item_changes, _FACT_COLUMNS, facts)
        _APPLIES[aspect](self._connection, rows)

    def end(self) -> int | None:
        """Record the change; return its number, None if it changed nothing."""
        if not self._hash.count and not self._details:
            return None
        at = datetime.now(UTC)
        body = change_body(
            self.n,
            self._kind,
            self._user,
            at,
            self._note,
            self._undoes,
            self._hash,
            self._details,
        )
        previous = _last_hash(self._connection)
        self._connection.execute(
            insert(schema.changes).values(
                id=self.n,
                kind=str(self._kind),
                user=self._user,
                at=time_text(at),
                note=self._note,
                undoes=self._undoes,
                first_row=self._first,
                rows=self._hash.count,
                body=canonical_json(body),
                previous=previous,
                sha256=chain(previous, body),
            )
        )
        return self.n


def _last_hash(connection: Connection) -> Sha256:
    table = schema.changes
    query = select(table.c.sha256).order_by(table.c.id.desc()).limit(1)
    last = connection.execute(query).scalar()
    return GENESIS if last is None else Sha256(last)


def current(
    connection: Connection, aspect: Aspect, items: Iterable[int]
) -> dict[int, dict[str, str]]:
    """Return the values that items have now, as JSON texts."""
    match aspect:
        case Aspect.ANNOTATION:
            table = schema.annotations
            columns = (table.c.item_id, table.c.key, table.c.value)
        case Aspect.EXCLUDED:
            table = schema.exclusions
            columns = (table.c.item_id, table.c.item_id, table.c.reason)
        case Aspect.INFO:
            table = schema.corrections
            columns = (table.c.item_id, table.c.item_id, table.c.info)
    found: dict[int, dict[str, str]] = {}
    for row in where_among(connection, select(*columns), columns[0], items):
        values = found.setdefault(row["item_id"], {})
        if aspect is Aspect.ANNOTATION:
            values[row["key"]] = row["value"]
        elif aspect is Aspect.EXCLUDED:
            values[""] = json_text(row["reason"])
        else:
            facts = json_object(row["info"])
            values |= {key: json_text(value) for key, value in facts.items()}
    return found


def _annotate(connection: Connection, rows: Sequence[tuple[int, Row]]) -> None:
    table = schema.annotations
    old_value = delete(table).where(
        table.c.item_id == bindparam("of_item"), table.c.key == bindparam("of_key")
    )
    gone = [
        {"of_item": item, "of_key": row.key}
        for item, row in rows
        if row.old is not None
    ]
    if gone:
        connection.execute(old_value, gone)
    insert_tuples(
        connection,
        table,
        _ANNOTATION_COLUMNS,
        [
            (item, row.key, row.new, *_sorted_value(row.new))
            for item, row in rows
            if row.new is not None
        ],
    )


def _sorted_value(text: str) -> tuple[str | None, int | float | None]:
    """Return the text, or else the number, that a value is."""
    value = _plain(text)
    if isinstance(value, str):
        return value, None
    return None, number_of(value)


def _plain(text: str) -> Any:  # noqa: ANN401 - whatever was written
    if text[0] == '"' and "\\" not in text:
        return text[1:-1]
    return json_value(text)


def _exclude(connection: Connection, rows: Sequence[tuple[int, Row]]) -> None:
    table = schema.exclusions
    _delete(connection, table.c.item_id, (item for item, _ in rows))
    insert_all(
        connection,
        table,
        [
            {"item_id": item, "reason": _plain(row.new)}
            for item, row in rows
            if row.new is not None
        ],
    )


def _correct(connection: Connection, rows: Sequence[tuple[int, Row]]) -> None:
    table = schema.corrections
    facts = {
        item: {key: json_value(text) for key, text in values.items()}
        for item, values in current(
            connection, Aspect.INFO, {item for item, _ in rows}
        ).items()
    }
    for item, row in rows:
        own = facts.setdefault(item, {})
        own.pop(row.key, None)
        if row.new is not None:
            own[row.key] = json_value(row.new)
    _delete(connection, table.c.item_id, facts)
    insert_all(
        connection,
        table,
        [
            {"item_id": item, "info": json_text(own)}
            for item, own in facts.items()
            if own
        ],
    )


def _delete(connection: Connection, column: Any, items: Iterable[int]) -> None:  # noqa: ANN401
    rows = [{"of_item": item} for item in items]
    if rows:
        one = delete(column.table).where(column == bindparam("of_item"))
        connection.execute(one, rows)


_APPLIES = {
    Aspect.ANNOTATION: _annotate,
    Aspect.EXCLUDED: _exclude,
    Aspect.INFO: _correct,
}


def rows_of(
    connection: Connection, change: int, size: int = 5_000
) -> Iterator[list[tuple[int, Row]]]:
    """Go through the rows of a change, some at a time, with the keys of their items."""
    table, changes = schema.item_changes, schema.changes
    query = select(changes.c.first_row, changes.c.rows).where(changes.c.id == change)
    first, count = connection.execute(query).one()
    for start in range(first, first + count, size):
        end = min(start + size, first + count)
        part = (
            select(table, schema.items.c.uuid)
            .join_from(table, schema.items)
            .where(table.c.id >= start, table.c.id < end, table.c.change_id == change)
            .order_by(table.c.id)
        )
        yield [
            (
                row["item_id"],
                Row(row["uuid"], row["aspect"], row["key"], row["old"], row["new"]),
            )
            for row in connection.execute(part).mappings()
        ]
