"""Reading changes, undoing them, and checking their chain."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, select

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.changes import Aspect, Change, ChangeKind, ItemChange
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.keys import Key
from bioimageit_flow.model.lineage import GENESIS, chain
from bioimageit_flow.stores import schema, wanted
from bioimageit_flow.stores.change_bodies import (
    Row,
    RowsHash,
    changed_since,
    nothing_to_undo,
)
from bioimageit_flow.stores.changing import Act, current, in_change, rows_of
from bioimageit_flow.stores.keys import put_key
from bioimageit_flow.stores.rows import item_key, json_object, json_value
from bioimageit_flow.stores.times import time_value

_undoing = schema.changes.alias("undoing")

_QUERY = select(schema.changes, _undoing.c.id.label("undone_by")).outerjoin(
    _undoing, _undoing.c.undoes == schema.changes.c.id
)


def changes(connection: Connection, limit: int | None) -> list[Change]:
    """List changes, the newest first; see `Store.changes`."""
    query = _QUERY.order_by(schema.changes.c.id.desc()).limit(limit)
    return [_change_of(row) for row in connection.execute(query).mappings()]


def _change_of(row: RowMapping) -> Change:
    body = json_object(row["body"])
    details = body["details"]
    return Change(
        n=row["id"],
        kind=ChangeKind(row["kind"]),
        user=row["user"],
        at=time_value(row["at"]),
        note=row["note"],
        rows=row["rows"],
        sha256=Sha256(row["sha256"]),
        undoes=row["undoes"],
        undone_by=row["undone_by"],
        orcid=str(body.get("orcid", "")),
        details=details if isinstance(details, dict) else {},
    )


def changes_of_item(connection: Connection, item: ItemId) -> list[ItemChange]:
    """List what was changed of an item, the oldest first."""
    table = schema.item_changes
    query = _rows_query().where(table.c.item_id == item_key(connection, item))
    return [_item_change(row) for row in connection.execute(query).mappings()]


def rows_page(connection: Connection, change: int, after: int) -> list[RowMapping]:
    """Return the next rows of a change after a position."""
    table = schema.item_changes
    found = schema.changes.c
    bounds = select(found.first_row, found.rows).where(found.id == change)
    first, count = connection.execute(bounds).one()
    query = _rows_query().where(
        table.c.id >= max(first, after + 1), table.c.id < first + count
    )
    return list(connection.execute(query.limit(5_000)).mappings())


def _rows_query() -> Select[Any]:
    table = schema.item_changes
    return (
        select(table, schema.items.c.uuid)
        .join_from(table, schema.items)
        .order_by(table.c.id)
    )


def _item_change(row: RowMapping) -> ItemChange:
    return ItemChange(
        change=row["change_id"],
        item=ItemId(row["uuid"]),
        aspect=Aspect(row["aspect"]),
        key=row["key"],
        old=None if row["old"] is None else json_value(row["old"]),
        new=None if row["new"] is None else json_value(row["new"]),
    )


def undoable(connection: Connection) -> Change | None:
    """Return the last change that can be taken back and was not; None without one."""
    kinds = [str(kind) for kind in ChangeKind if kind.is_undoable]
    query = (
        _QUERY.where(schema.changes.c.kind.in_(kinds), _undoing.c.id.is_(None))
        .order_by(schema.changes.c.id.desc())
        .limit(1)
    )
    found = connection.execute(query).mappings().first()
    return None if found is None else _change_of(found)


def undo_last(connection: Connection, user: str) -> Change:
    """Take the last change back; see `Store.undo`."""
    change = undoable(connection)
    if change is None:
        raise nothing_to_undo()
    has_key = any(change.details.get(when) for when in ("old", "new"))
    details: Mapping[str, object] = (
        {"old": change.details.get("new"), "new": change.details.get("old")}
        if has_key
        else change.details
    )
    act = Act(
        connection,
        ChangeKind.UNDO,
        user,
        f"undo change {change.n}" + (f": {change.note}" if change.note else ""),
        undoes=change.n,
        details=details,
    )
    if has_key:
        _put_back(connection, change)
    with wanted.wanted_table(connection):
        _undo_annotations(connection, change.n, act)
        for page in rows_of(connection, change.n, without=Aspect.ANNOTATION):
            for aspect in (Aspect.EXCLUDED, Aspect.INFO):
                rows = [one for one in page if one[1].aspect == aspect]
                _check_unchanged(connection, aspect, rows)
                reverse = [
                    (key, Row(row.item, row.aspect, row.key, row.new, row.old))
                    for key, row in rows
                ]
                act.take(aspect, reverse)
        act.end()
    return changes(connection, 1)[0]


def _undo_annotations(connection: Connection, n: int, act: Act) -> None:
    table, now, items = schema.item_changes, schema.annotations, schema.items
    is_annotation = table.c.aspect == str(Aspect.ANNOTATION)
    of_change = and_(in_change(connection, n), is_annotation)
    own = and_(now.c.item_id == table.c.item_id, now.c.key == table.c.key)
    query = (
        select(items.c.uuid, table.c.key)
        .join_from(table, items)
        .outerjoin(now, own)
        .where(of_change, now.c.value.is_distinct_from(table.c.new))
        .limit(1)
    )
    changed = connection.execute(query).first()
    if changed is not None:
        raise changed_since(changed.uuid, changed.key)
    wanted.want_undone(connection, of_change)
    act.annotate_wanted()


def _put_back(connection: Connection, change: Change) -> None:
    new, old = change.details.get("new"), change.details.get("old")
    if isinstance(new, dict):
        put_key(connection, str(new["name"]), None)
    if isinstance(old, dict):
        put_key(connection, str(old["name"]), Key.from_json(old))


def _check_unchanged(
    connection: Connection, aspect: Aspect, rows: list[tuple[int, Row]]
) -> None:
    now = current(connection, aspect, {key for key, _ in rows})
    for key, row in rows:
        if now.get(key, {}).get(row.key) != row.new:
            raise changed_since(row.item, row.key)


def chain_faults(connection: Connection) -> Iterator[str]:
    """Go through what was tampered with in the chain of changes."""
    previous, expected = GENESIS, 1
    query = select(schema.changes).order_by(schema.changes.c.id)
    for row in connection.execute(query).mappings().all():
        n = row["id"]
        if n != expected:
            yield f"Change {expected} is missing: change {n} follows."
        elif row["previous"] != previous:
            yield f"Change {n} does not follow from the change before it."
        body = json_object(row["body"])
        if chain(Sha256(row["previous"]), body) != row["sha256"]:
            yield f"Change {n} was changed after it was recorded."
        stated = {key: row[key] for key in ("kind", "user", "at", "note", "undoes")}
        if canonical_json(stated) != canonical_json(
            {key: body.get(key) for key in stated}
        ):
            yield f"Change {n} differs from its record: it was changed afterwards."
        rows = RowsHash()
        for page in wanted.lines(connection, in_change(connection, n)):
            rows.take_lines(*page)
        if (rows.count, rows.digest()) != (body.get("rows"), body.get("rows_sha256")):
            yield f"The values that change {n} recorded were changed afterwards."
        previous, expected = Sha256(row["sha256"]), n + 1
