"""Writing items and jobs: everything of one batch in a few statements.

All functions here run in a write transaction, in which keys are given by counting up;
so rows can refer to each other before they are inserted, and each table takes one
``executemany`` per batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from bioimageit_flow.model.data import (
    AnnotationValue,
    Content,
    Imported,
    Location,
    LocationState,
)
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.stores.dialects import dialect_of
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.protocol import NewRawItem
from bioimageit_flow.stores.refusals import (
    check_raw_item,
    unknown_content,
)
from bioimageit_flow.stores.rows import (
    annotation_row,
    carry_out,
    chunks,
    ids_of,
    json_text,
    location_values,
    marks,
    next_id,
    plain_rows,
)

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")

Row = dict[str, Any]

_PLACES = "SELECT id, content_id, path FROM locations WHERE path IN"


def add_raw_items(connection: Connection, items: Sequence[NewRawItem]) -> None:
    """Add imported items; see `Store.add_raw_items`."""
    for new in items:
        check_raw_item(new.item)
    datasets = _raw_datasets(connection, (new.item.dataset for new in items))
    contents = add_contents(connection, (new.item.content for new in items))
    places = add_locations(
        connection,
        [(contents[new.item.content.sha256], new.location) for new in items],
    )
    first = next_id(connection, "items")
    rows: list[Row] = []
    for item_id, new in enumerate(items, first):
        item = new.item
        content = contents[item.content.sha256]
        source = item.origin.source if isinstance(item.origin, Imported) else None
        rows.append(
            {
                "id": item_id,
                "uuid": item.id,
                "dataset_id": datasets[item.dataset],
                "content_id": content,
                "location_id": places[content, new.location.path],
                "job_id": None,
                "source": source,
                "name": item.name,
                "selector": item.selector,
                "part": item.part,
                "info": json_text(item.info.as_json()),
                "first_annotations": json_text(dict(item.annotations)),
                "kind": str(item.info.kind),
                "format": item.info.format,
            }
        )
    insert_all(connection, "items", rows)
    add_annotations(
        connection,
        (
            (row["id"], new.item.annotations)
            for row, new in zip(rows, items, strict=True)
        ),
    )


def insert_all(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows with the same columns into a table; nothing for no rows."""
    if rows:
        columns = tuple(rows[0])
        take = (
            itemgetter(*columns) if len(columns) > 1 else lambda row: (*row.values(),)
        )
        insert_tuples(connection, table, columns, [take(row) for row in rows])


def update_row(
    connection: Connection, table: str, key: int, values: Mapping[str, object]
) -> None:
    """Change columns of the row with a key."""
    mark = marks(connection, 1)
    new = ", ".join(f"{column} = {mark}" for column in values)
    statement = f"UPDATE {table} SET {new} WHERE id = {mark}"
    carry_out(connection, statement, (*values.values(), key))


def insert_tuples(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Insert rows of plain values, which the driver is given as they are."""
    if rows:
        dialect_of(connection).insert_rows(connection, table, columns, rows)


def add_contents(
    connection: Connection, contents: Iterable[Content]
) -> dict[Sha256, int]:
    """Make contents known; return the key of each by its hash."""
    wanted = {content.sha256: content for content in contents}
    known: dict[str, int] = ids_of(connection, "contents", "sha256", wanted)
    missing = [content for sha, content in wanted.items() if sha not in known]
    rows: list[Row] = [
        {
            "id": key,
            "sha256": content.sha256,
            "size": content.size,
            "is_folder": content.is_folder,
        }
        for key, content in enumerate(missing, next_id(connection, "contents"))
    ]
    insert_all(connection, "contents", rows)
    known |= {row["sha256"]: row["id"] for row in rows}
    return {sha: known[sha] for sha in wanted}


def add_locations(
    connection: Connection, places: Sequence[tuple[int, Location]]
) -> dict[tuple[int, str], int]:
    """Make known where contents lie; return keys by content key and path.

    A location that is known is replaced by the newer look at it. A path holds one
    content: others that were known to lie there are cleaned.
    """
    wanted = {(content, place.path): place for content, place in places}
    paths = {path for _, path in wanted}
    known: dict[tuple[int, str], int] = {}
    for part in chunks(paths):
        query = f"{_PLACES} ({marks(connection, len(part))})"
        for key, content, path in plain_rows(connection, query, tuple(part)):
            known[content, path] = key
    gone = [key for pair, key in known.items() if pair not in wanted]
    for some in chunks(gone):
        among = marks(connection, len(some))
        cleaned = f"UPDATE locations SET state = '{LocationState.CLEANED}'"
        carry_out(connection, f"{cleaned} WHERE id IN ({among})", tuple(some))
    keys: dict[tuple[int, str], int] = {}
    rows: list[Row] = []
    free = next_id(connection, "locations") if wanted else 0
    for pair, place in wanted.items():
        values = location_values(place)
        if pair in known:
            keys[pair] = known[pair]
            update_row(connection, "locations", known[pair], values)
        else:
            keys[pair] = free + len(rows)
            rows.append({"id": keys[pair], "content_id": pair[0], **values})
    insert_all(connection, "locations", rows)
    return keys


def add_annotations(
    connection: Connection,
    values: Iterable[tuple[int, Mapping[str, AnnotationValue]]],
) -> None:
    """Add the first annotations of new items."""
    rows: list[Row] = [
        annotation_row(item, key, value)
        for item, annotations in values
        for key, value in annotations.items()
    ]
    insert_all(connection, "annotations", rows)


def _raw_datasets(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    wanted = list(dict.fromkeys(names))
    known = ids_of(connection, "datasets", "name", wanted)
    missing = [name for name in wanted if name not in known]
    first = next_id(connection, "datasets")
    rows: list[Row] = [
        {"id": key, "name": name, "run_id": None, "node": None, "port": None}
        for key, name in enumerate(missing, first)
    ]
    insert_all(connection, "datasets", rows)
    return known | {row["name"]: row["id"] for row in rows}


def update_location(connection: Connection, content: Sha256, place: Location) -> None:
    """Replace or add a location of a content; see `Store.update_location`."""
    known = ids_of(connection, "contents", "sha256", [content])
    if content not in known:
        raise unknown_content(content)
    add_locations(connection, [(known[content], place)])
