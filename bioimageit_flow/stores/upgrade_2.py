"""From schema 1 to 2: declared keys, queries, exclusions, corrections, changes.

Written against the tables as schema 2 has them; a later schema keeps a copy here of
what it changes.
"""

from itertools import groupby

from sqlalchemy import Connection

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.changes import Aspect, ChangeKind
from bioimageit_flow.model.lineage import GENESIS, chain
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.change_bodies import Row, RowsHash, change_body
from bioimageit_flow.stores.dialects import dialect_of
from bioimageit_flow.stores.rows import annotation_row, json_value
from bioimageit_flow.stores.times import time_value

_NEW_TABLES = (
    schema.keys,
    schema.exclusions,
    schema.corrections,
    schema.changes,
    schema.item_changes,
)


def upgrade(connection: Connection) -> None:
    """Bring a store of schema 1 to schema 2."""
    schema.metadata.create_all(connection, tables=_NEW_TABLES, checkfirst=False)
    _describe_items(connection)
    _sort_annotations(connection)
    _move_changes(connection)
    for table in (schema.changes, schema.item_changes):
        dialect_of(connection).forbid_changes(connection, table)


def _describe_items(connection: Connection) -> None:
    run = connection.exec_driver_sql
    run("DROP TRIGGER items_no_update")
    for name in ("kind", "format"):
        run(f"ALTER TABLE items ADD COLUMN {name} TEXT DEFAULT '' NOT NULL")
    run(
        "UPDATE items SET kind = json_extract(info, '$.kind'), "
        "format = json_extract(info, '$.format')"
    )
    run(
        "CREATE TRIGGER items_no_update BEFORE UPDATE ON items BEGIN "
        "SELECT RAISE(ABORT, 'rows of items never change'); END"
    )
    run("DROP INDEX items_by_dataset")
    run("CREATE INDEX items_by_dataset ON items (dataset_id, name, uuid)")
    run("CREATE INDEX items_by_name ON items (name, uuid)")


def _sort_annotations(connection: Connection) -> None:
    run = connection.exec_driver_sql
    run("ALTER TABLE annotations ADD COLUMN text TEXT")
    run("ALTER TABLE annotations ADD COLUMN number NUMERIC")
    rows = run("SELECT item_id, key, value FROM annotations").fetchall()
    for item, key, text in rows:
        value = json_value(text)
        assert isinstance(value, bool | int | float | str)
        row = annotation_row(item, key, value)
        run(
            "UPDATE annotations SET text = ?, number = ? WHERE item_id = ? AND key = ?",
            (row["text"], row["number"], item, key),
        )
    run("CREATE INDEX annotations_by_text ON annotations (key, text)")
    run("CREATE INDEX annotations_by_number ON annotations (key, number)")


def _move_changes(connection: Connection) -> None:
    """Make one change of what one person changed at one time."""
    query = (
        "SELECT c.item_id, i.uuid, c.key, c.old, c.new, c.user, c.at "
        "FROM annotation_changes c JOIN items i ON i.id = c.item_id ORDER BY c.id"
    )
    rows = connection.exec_driver_sql(query).fetchall()
    previous, first = GENESIS, 1
    acts = groupby(rows, key=lambda row: (row[5], row[6]))
    for n, ((user, at), group) in enumerate(acts, 1):
        made = [
            (row[0], Row(row[1], str(Aspect.ANNOTATION), row[2], row[3], row[4]))
            for row in group
        ]
        digest = RowsHash()
        digest.take(row for _, row in made)
        body = change_body(
            n, ChangeKind.ANNOTATE, user, time_value(at), "", None, digest, {}
        )
        sha256 = chain(previous, body)
        connection.exec_driver_sql(
            "INSERT INTO item_changes "
            "(id, change_id, item_id, aspect, key, old, new) VALUES (?,?,?,?,?,?,?)",
            [
                (number, n, item, row.aspect, row.key, row.old, row.new)
                for number, (item, row) in enumerate(made, first)
            ],
        )
        connection.exec_driver_sql(
            "INSERT INTO changes (id, kind, user, at, note, undoes, first_row, rows, "
            "body, previous, sha256) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                *(n, str(ChangeKind.ANNOTATE), user, at, "", None, first, len(made)),
                *(canonical_json(body), previous, sha256),
            ),
        )
        previous, first = sha256, first + len(made)
    connection.exec_driver_sql("DROP TABLE annotation_changes")
