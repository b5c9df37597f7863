"""Between rows of the database and values of the model."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.data import (
    NO_CORRECTIONS,
    AnnotationValue,
    Content,
    DataInfo,
    Imported,
    Item,
    Location,
    LocationState,
    Produced,
)
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.json_writing import json_writer
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.refusals import missing_item, missing_run

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import (
        BindParameter,
        Column,
        ColumnElement,
        Connection,
        RowMapping,
        Select,
    )

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")

CHUNK = 500
"""How many values stand in one query."""

T = TypeVar("T")


class RowValues(Protocol):
    """The values of a row by the names of its columns."""

    def __getitem__(self, key: str, /) -> Any: ...  # noqa: ANN401


_as_json = json_writer(allow_nan=False, separators=(",", ":"))


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut values into lists of a size at most."""
    source = iter(values)
    while part := list(islice(source, size)):
        yield part


def where_among(
    connection: Connection,
    query: Select[Any],
    column: ColumnElement[Any] | Column[Any],
    values: Iterable[object],
) -> Iterator[RowMapping]:
    """Go through the rows of a query whose column has one of some values.

    For what is not asked at every run: it takes several times as long as `rows_among`.
    A query that is always the same object is put together only once.
    """
    wanted = _among(query, column)
    for part in chunks(values):
        yield from connection.execute(wanted, {"among": part}).mappings()


@lru_cache(maxsize=64)
def _among(query: Select[Any], column: ColumnElement[Any] | Column[Any]) -> Select[Any]:
    wanted: BindParameter[Any] = sa.bindparam("among", expanding=True)
    return query.where(column.in_(wanted))


def ids_of(
    connection: Connection, table: str, column: str, values: Iterable[object]
) -> dict[str, int]:
    """Return the keys of the rows of a table whose column has one of some texts."""
    found: dict[str, int] = {}
    for part in chunks(dict.fromkeys(values)):
        found.update(
            (str(text), int(key))
            for text, key in plain_rows(
                connection,
                f"SELECT {column}, id FROM {table} "
                f"WHERE {column} IN ({marks(connection, len(part))})",
                tuple(part),
            )
        )
    return found


def plain_rows(
    connection: Connection, statement: str, values: tuple[object, ...] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that the driver is given as it is.

    Several times as quick as a statement of SQLAlchemy, for values that need no
    conversion.
    """
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(statement, values)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def key_array(
    connection: Connection, statement: str, values: tuple[object, ...] = ()
) -> array[int]:
    """Return the whole numbers that a statement selects: there may be millions."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(statement, values)
        rows: Any = cursor
        return array("q", (key for (key,) in rows))


def named_rows(
    connection: Connection, statement: str, values: tuple[object, ...] = ()
) -> list[RowValues]:
    """Return the same as `plain_rows`, by the names of the columns."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def rows_among(
    connection: Connection, statement: str, values: Iterable[object]
) -> Iterator[RowValues]:
    """Go through the rows of a statement with a list of values at ``{}``."""
    for part in chunks(values):
        whole = statement.format(marks(connection, len(part)))
        yield from named_rows(connection, whole, tuple(part))


def carry_out(
    connection: Connection, statement: str, values: tuple[object, ...] = ()
) -> None:
    """Carry out a statement without rows, which the driver is given as it is."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(statement, values)


def marks(connection: Connection, count: int) -> str:
    """Return the places of some values in a statement for the driver."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    return ", ".join([mark] * count)


def next_id(connection: Connection, table: str) -> int:
    """Return the key that the next row gets; only in a write transaction."""
    query = f"SELECT max(id) FROM {table}"
    ((last,),) = plain_rows(connection, query)
    return int(last or 0) + 1


def json_text(value: object) -> str:
    """Return plain values as JSON text, numbers with their type.

    Raises
    ------
    StoreError
        If there is something that JSON cannot say, such as NaN.
    """
    try:
        return _as_json(value)
    except (TypeError, ValueError) as error:
        raise StoreError(
            f"{value!r} cannot be kept: {error}.",
            remedy="Give a text, true or false, or a finite number.",
        ) from error


def json_value(text: str) -> object:
    """Return the plain values of a JSON text."""
    return json.loads(text)


def json_object(text: str) -> dict[str, object]:
    """Return the plain values of the JSON text of an object."""
    return cast("dict[str, object]", json.loads(text))


def number_of(value: AnnotationValue) -> int | float | None:
    """Return the number that the database compares; None for what is none."""
    if isinstance(value, bool | str):
        return None
    if isinstance(value, float) or -(2**63) <= value < 2**63:
        return value
    return float(value) if abs(value) < 10**300 else None


def annotation_row(item: int, key: str, value: AnnotationValue) -> dict[str, object]:
    """Return the row of an annotation."""
    return {
        "item_id": item,
        "key": key,
        "value": json_text(value),
        "text": value if isinstance(value, str) else None,
        "number": number_of(value),
    }


def json_annotations(text: str) -> dict[str, AnnotationValue]:
    """Return annotations from their JSON text."""
    return cast("dict[str, AnnotationValue]", json.loads(text))


_ITEMS = (
    "SELECT items.id, items.uuid, items.name, items.selector, items.part, items.info, "
    "items.source, items.location_id, items.first_annotations, items.job_id, "
    "contents.sha256, contents.size, contents.is_folder, "
    "datasets.name AS dataset, datasets.node, datasets.port, "
    "jobs.uuid AS job, origin_run.uuid AS run, "
    "exclusions.reason AS excluded, corrections.info AS corrected "
    "FROM items JOIN contents ON contents.id = items.content_id "
    "JOIN datasets ON datasets.id = items.dataset_id "
    "LEFT JOIN jobs ON jobs.id = items.job_id "
    "LEFT JOIN runs AS origin_run ON origin_run.id = jobs.run_id "
    "LEFT JOIN exclusions ON exclusions.item_id = items.id "
    "LEFT JOIN corrections ON corrections.item_id = items.id"
)
"""What `item_of` needs; one row per item."""


def item_rows(
    connection: Connection, values: Iterable[int], *, column: str = "id"
) -> Iterator[RowValues]:
    """Go through the rows of items, by their keys or those of the jobs that made them.

    Parameters
    ----------
    column : {"id", "job_id"}
        What the values are.
    """
    query = f"{_ITEMS} WHERE items.{column} IN ({{}}) ORDER BY items.{column}, items.id"
    return rows_among(connection, query, values)


def content_of(row: RowValues) -> Content:
    """Return the content of a row of `item_rows`."""
    return Content(Sha256(row["sha256"]), row["size"], bool(row["is_folder"]))


@lru_cache(maxsize=1024)
def info_of(text: str) -> DataInfo:
    """Return what a header says, from its JSON text: one object for all that say so."""
    return DataInfo.from_json(json_object(text))


def item_of(row: RowValues, annotations: Mapping[str, AnnotationValue]) -> Item:
    """Return the item of a row of `item_rows`."""
    origin = (
        Imported(row["source"])
        if row["job"] is None
        else Produced(RunId(row["run"]), row["node"], row["port"], JobId(row["job"]))
    )
    info = info_of(row["info"])
    corrected = json_object(row["corrected"]) if row["corrected"] else NO_CORRECTIONS
    return Item(
        id=ItemId(row["uuid"]),
        name=row["name"],
        dataset=row["dataset"],
        content=content_of(row),
        info=info.with_corrections(corrected),
        origin=origin,
        selector=row["selector"],
        part=row["part"],
        annotations=annotations,
        corrected=corrected,
        excluded=row["excluded"] or "",
    )


def own_annotations(
    connection: Connection, item_ids: Iterable[int]
) -> dict[int, dict[str, AnnotationValue]]:
    """Return the annotations that items have themselves, as they are now."""
    found: dict[int, dict[str, AnnotationValue]] = {}
    for part in chunks(item_ids):
        statement = (
            "SELECT item_id, key, value FROM annotations "
            f"WHERE item_id IN ({marks(connection, len(part))}) ORDER BY key"
        )
        for item, key, value in plain_rows(connection, statement, tuple(part)):
            found.setdefault(item, {})[key] = cast("AnnotationValue", json.loads(value))
    return found


def items_of(connection: Connection, rows: Sequence[RowValues]) -> list[Item]:
    """Return the items of rows of `item_rows`, in their order."""
    own = own_annotations(connection, (row["id"] for row in rows))
    return [item_of(row, own.get(row["id"], {})) for row in rows]


def items_by_id(connection: Connection, item_ids: Iterable[int]) -> dict[int, Item]:
    """Return the items with some keys."""
    rows = list(item_rows(connection, item_ids))
    items = items_of(connection, rows)
    return {row["id"]: item for row, item in zip(rows, items, strict=True)}


def location_of(row: RowValues) -> Location:
    """Return the location of a row of ``locations``."""
    return Location(
        path=row["path"],
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        inode=int(row["inode"]),
        verify_sha256=Sha256(row["verify_sha256"]),
        is_referenced=bool(row["is_referenced"]),
        state=LocationState(row["state"]),
    )


def location_values(location: Location) -> dict[str, object]:
    """Return the columns of a location, without its content."""
    return {
        "path": location.path,
        "size": location.size,
        "mtime_ns": location.mtime_ns,
        "inode": str(location.inode),
        "verify_sha256": location.verify_sha256,
        "is_referenced": location.is_referenced,
        "state": str(location.state),
    }


def as_texts(value: object) -> tuple[str, ...]:
    """Return a JSON list of texts as a tuple."""
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def item_key(connection: Connection, item: ItemId) -> int:
    """Return the key of an item; `StoreError` if it is not there."""
    return item_keys(connection, [item])[item]


def item_keys(connection: Connection, items: Iterable[ItemId]) -> dict[ItemId, int]:
    """Return the keys of items, in their order; `StoreError` if one is missing."""
    wanted = list(dict.fromkeys(items))
    known = ids_of(connection, "items", "uuid", wanted)
    for item in wanted:
        if item not in known:
            raise missing_item(item)
    return {item: known[item] for item in wanted}


def run_key(connection: Connection, run: RunId) -> int:
    """Return the key of a run; `StoreError` if it is not there."""
    known = ids_of(connection, "runs", "uuid", [run])
    if run not in known:
        raise missing_run(run)
    return known[run]


STANDS = (
    "NOT EXISTS (SELECT 1 FROM jobs AS maker "
    "WHERE maker.id = items.job_id AND maker.superseded_by IS NOT NULL)"
)
"""The condition that no later attempt took the place of an item's maker."""
