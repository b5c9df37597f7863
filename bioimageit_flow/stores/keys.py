"""Keys: declaring, renaming, clearing and removing them."""

from sqlalchemy import Connection, delete, func, insert, select, update

from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.keys import Key, KeyUse
from bioimageit_flow.stores import schema, wanted
from bioimageit_flow.stores.annotating import declared_keys
from bioimageit_flow.stores.changing import Act
from bioimageit_flow.stores.refusals import check_name_of_key, key_taken, unknown_key
from bioimageit_flow.stores.rows import json_text, next_id


def key_uses(connection: Connection) -> list[KeyUse]:
    """List the keys; see `Store.keys`."""
    table = schema.annotations
    query = (
        select(
            table.c.key,
            func.count().label("items"),
            func.count(table.c.text).label("texts"),
            func.count(table.c.number).label("numbers"),
        )
        .group_by(table.c.key)
        .order_by(table.c.key)
    )
    declared = declared_keys(connection)
    uses = {name: KeyUse(name, key) for name, key in declared.items()}
    for row in connection.execute(query).mappings():
        name, items = row["key"], row["items"]
        texts, numbers = row["texts"], row["numbers"]
        rest = items - texts - numbers
        uses[name] = KeyUse(name, declared.get(name), items, texts, numbers, rest)
    return [uses[name] for name in sorted(uses)]


def declare_key(connection: Connection, key: Key, user: str) -> int | None:
    """Declare a key or change what is declared; see `Store.declare_key`."""
    check_name_of_key(key.name)
    old = declared_keys(connection).get(key.name)
    if old == key:
        return None
    act = Act(
        connection,
        ChangeKind.KEY,
        user,
        note_of_declaration(old, key),
        details=_details(old, key),
    )
    put_key(connection, key.name, key)
    with wanted.wanted_table(connection):
        wanted.want_typed(connection, key)
        act.annotate_wanted()
        return act.end()


def note_of_declaration(old: Key | None, new: Key) -> str:
    """Say in the history what was declared, and whether values mean another unit."""
    note = f"declare {new.name} as {new.type}"
    if old is None or old.unit == new.unit:
        return note
    return f"{note} in {new.unit or 'no unit'}, before in {old.unit or 'no unit'}"


def rename_key(connection: Connection, old: str, new: str, user: str) -> int | None:
    """Give a key another name; see `Store.rename_key`."""
    check_name_of_key(new)
    declared = declared_keys(connection)
    if old not in declared and not is_used(connection, old):
        raise unknown_key(old)
    if new in declared or is_used(connection, new):
        raise key_taken(new)
    key = declared.get(old)
    details = None
    if key is not None:
        renamed = Key(new, key.type, key.unit, key.description, key.choices)
        details = _details(key, renamed)
        put_key(connection, old, None)
        put_key(connection, new, renamed)
    act = Act(
        connection, ChangeKind.KEY, user, f"rename {old} to {new}", details=details
    )
    with wanted.wanted_table(connection):
        wanted.want_renamed(connection, old, new)
        act.annotate_wanted()
        return act.end()


def remove_key(
    connection: Connection, name: str, user: str, *, keep_declaration: bool
) -> int | None:
    """Take a key away from every item; see `Store.remove_key`."""
    key = declared_keys(connection).get(name)
    if key is None and not is_used(connection, name):
        raise unknown_key(name)
    forget = key is not None and not keep_declaration
    act = Act(
        connection,
        ChangeKind.KEY,
        user,
        f"clear {name}" if keep_declaration else f"remove {name}",
        details=_details(key, None) if forget else None,
    )
    if forget:
        put_key(connection, name, None)
    with wanted.wanted_table(connection):
        wanted.want_without(connection, name)
        act.annotate_wanted()
        return act.end()


def put_key(connection: Connection, name: str, key: Key | None) -> None:
    """Set what is declared of a key; None forgets it."""
    table = schema.keys
    if key is None:
        connection.execute(delete(table).where(table.c.name == name))
        return
    values = {
        "name": key.name,
        "type": str(key.type),
        "unit": key.unit,
        "description": key.description,
        "choices": json_text(list(key.choices)),
    }
    changed = connection.execute(
        update(table).where(table.c.name == name).values(**values)
    )
    if not changed.rowcount:
        connection.execute(
            insert(table).values(id=next_id(connection, table.name), **values)
        )


def is_used(connection: Connection, name: str) -> bool:
    """Say whether some item has a value of a key."""
    table = schema.annotations
    query = select(table.c.item_id).where(table.c.key == name).limit(1)
    return connection.execute(query).first() is not None


def _details(old: Key | None, new: Key | None) -> dict[str, object]:
    return {
        "old": None if old is None else old.as_json(),
        "new": None if new is None else new.as_json(),
    }
