"""Changes of items: written as facts, applied to how things are now.

Annotations, exclusions and corrections go through here, and so do the undoings of
them: rows with the old and the new value of one aspect of one item.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    bindparam,
    delete,
    insert,
    select,
)

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.changes import Aspect, ChangeKind
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.lineage import GENESIS, chain
from bioimageit_flow.stores import schema, wanted
from bioimageit_flow.stores.change_bodies import Row, RowsHash, change_body
from bioimageit_flow.stores.person import read_person
from bioimageit_flow.stores.rows import (
    item_keys,
    json_object,
    json_text,
    json_value,
    next_id,
    where_among,
)
from bioimageit_flow.stores.times import time_text
from bioimageit_flow.stores.writing import insert_all, insert_tuples

_FACT_COLUMNS = ("id", "change_id", "item_id", "aspect", "key", "old", "new")

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
        self.n = next_id(connection, "changes")
        self._first = next_id(connection, "item_changes")
        self._hash = RowsHash()
        self._wanted: FromClause | None = None
        self._rows: list[tuple[int, Row]] = []

    def annotate_wanted(self, of: FromClause = wanted.WANTED) -> None:
        """Make true what is wanted and not so yet; the tables are needed until `end`.

        Comes before all that `take` takes.
        """
        for page in wanted.pending_lines(self._connection, of):
            self._hash.take_lines(*page)
        if self._hash.count:
            self._wanted = of

    def set_values(self, aspect: Aspect, new: Wanted) -> int:
        """Change an aspect of some items to new values; return how many changed.

        Annotations change by `annotate_wanted`.
        """
        keys = item_keys(self._connection, (item for item, _ in new))
        known = current(self._connection, aspect, keys.values())
        rows: dict[tuple[int, str], tuple[int, Row]] = {}
        for item, values in new:
            item_key = keys[item]
            own = known.get(item_key, {})
            for key, value in values.items():
                old = own.get(key)
                text = None if value is None else json_text(value)
                if old != text:
                    rows[item_key, key] = item_key, Row(item, aspect, key, old, text)
                else:
                    rows.pop((item_key, key), None)
        self.take(aspect, list(rows.values()))
        return len(rows)

    def take(self, aspect: Aspect, rows: Sequence[tuple[int, Row]]) -> None:
        """Record rows, with the keys of their items, and make them true."""
        if not rows:
            return
        self._hash.take(row for _, row in rows)
        self._rows += rows
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
            read_person().orcid,
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
        self._write_rows()
        return self.n

    def _write_rows(self) -> None:
        # After the change that they belong to: looking for it afterwards would take
        # the database through all rows that there are.
        place = self._first
        if self._wanted is not None:
            place += wanted.record(self._connection, self.n, place, self._wanted)
            wanted.apply(self._connection, self._wanted)
        facts = [
            (number, self.n, item_key, row.aspect, row.key, row.old, row.new)
            for number, (item_key, row) in enumerate(self._rows, place)
        ]
        insert_tuples(self._connection, "item_changes", _FACT_COLUMNS, facts)


def _last_hash(connection: Connection) -> Sha256:
    table = schema.changes
    query = select(table.c.sha256).order_by(table.c.id.desc()).limit(1)
    last = connection.execute(query).scalar()
    return GENESIS if last is None else Sha256(last)


def current(
    connection: Connection, aspect: Aspect, items: Iterable[int]
) -> dict[int, dict[str, str]]:
    """Return whether items are excluded, or what is corrected of them, as JSON."""
    is_info = aspect is Aspect.INFO
    table = schema.corrections if is_info else schema.exclusions
    value = schema.corrections.c.info if is_info else schema.exclusions.c.reason
    query = select(table.c.item_id, value.label("value"))
    found: dict[int, dict[str, str]] = {}
    for row in where_among(connection, query, table.c.item_id, items):
        facts = json_object(row["value"]) if is_info else {"": row["value"]}
        texts = {key: json_text(one) for key, one in facts.items()}
        found[row["item_id"]] = texts
    return found


def _plain(text: str) -> Any:  # noqa: ANN401 - whatever was written
    if text[0] == '"' and "\\" not in text:
        return text[1:-1]
    return json_value(text)


def _exclude(connection: Connection, rows: Sequence[tuple[int, Row]]) -> None:
    table = schema.exclusions
    _delete(connection, table.c.item_id, (item for item, _ in rows))
    insert_all(
        connection,
        table.name,
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
        table.name,
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
    Aspect.EXCLUDED: _exclude,
    Aspect.INFO: _correct,
}


def in_change(connection: Connection, change: int) -> ColumnElement[bool]:
    """Return the condition that a row of ``item_changes`` is of a change."""
    table, changes = schema.item_changes, schema.changes
    query = select(changes.c.first_row, changes.c.rows).where(changes.c.id == change)
    first, count = connection.execute(query).one()
    return and_(
        table.c.id >= first, table.c.id < first + count, table.c.change_id == change
    )


def rows_of(
    connection: Connection, change: int, *, without: Aspect, size: int = 5_000
) -> Iterator[list[tuple[int, Row]]]:
    """Go through the rows of a change, but for those of one aspect, in pages.

    Each comes with the key of its item.
    """
    table, last = schema.item_changes, 0
    query = (
        select(table, schema.items.c.uuid)
        .join_from(table, schema.items)
        .where(in_change(connection, change), table.c.aspect != str(without))
        .order_by(table.c.id)
        .limit(size)
    )
    while True:
        found = connection.execute(query.where(table.c.id > last)).mappings().all()
        if not found:
            return
        yield [
            (
                row["item_id"],
                Row(row["uuid"], row["aspect"], row["key"], row["old"], row["new"]),
            )
            for row in found
        ]
        last = found[-1]["id"]
