"""Changing annotations, and remembering every change."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete

from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.refusals import check_annotations
from bioimageit_flow.stores.rows import item_keys, json_text, own_annotations
from bioimageit_flow.stores.times import time_text
from bioimageit_flow.stores.writing import Row, insert_all

Changes = Mapping[ItemId, Mapping[str, AnnotationValue | None]]


def annotate(connection: Connection, values: Changes, user: str) -> None:
    """Set annotations; see `Store.annotate`."""
    for wanted in values.values():
        check_annotations(wanted)
    keys = item_keys(connection, values)
    known = own_annotations(connection, keys.values())
    now = time_text(datetime.now(UTC))
    changes: list[Row] = []
    for item, wanted in values.items():
        old = known.get(keys[item], {})
        for key, value in wanted.items():
            before = json_text(old[key]) if key in old else None
            after = None if value is None else json_text(value)
            if before != after:
                changes.append(
                    {
                        "item_id": keys[item],
                        "key": key,
                        "old": before,
                        "new": after,
                        "user": user,
                        "at": now,
                    }
                )
    if not changes:
        return
    insert_all(connection, schema.annotation_changes, changes)
    table = schema.annotations
    old_value = delete(table).where(
        table.c.item_id == bindparam("of_item"), table.c.key == bindparam("of_key")
    )
    connection.execute(
        old_value,
        [{"of_item": one["item_id"], "of_key": one["key"]} for one in changes],
    )
    insert_all(
        connection,
        table,
        [
            {"item_id": one["item_id"], "key": one["key"], "value": one["new"]}
            for one in changes
            if one["new"] is not None
        ],
    )
