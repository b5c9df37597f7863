"""Reading items, datasets and locations."""

from array import array
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from bioimageit_flow.model.data import (
    Dataset,
    DatasetKind,
    Item,
    Location,
    LocationState,
)
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.layout import RESULTS
from bioimageit_flow.stores.refusals import missing_dataset
from bioimageit_flow.stores.rows import (
    ITEM_QUERY,
    chunks,
    item_keys,
    items_by_id,
    items_of,
    location_of,
    marks,
    plain_rows,
    stands,
    where_among,
)

SHORTEST_PREFIX = 4
"""How many characters of an id stand for it at least."""


def has_raw_item(
    connection: Connection, dataset: str, content: Sha256, selector: str, name: str
) -> bool:
    """Say whether a dataset has an item already; see `Store.has_raw_item`."""
    query = (
        select(schema.items.c.id)
        .join_from(schema.items, schema.contents)
        .join(schema.datasets, schema.datasets.c.id == schema.items.c.dataset_id)
        .where(
            schema.contents.c.sha256 == content,
            schema.items.c.job_id.is_(None),
            schema.items.c.selector == selector,
            schema.items.c.name == name,
            schema.datasets.c.name == dataset,
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


def raw_items_named(
    connection: Connection, dataset: str, names: Iterable[str]
) -> set[tuple[Sha256, str, str]]:
    """Return which raw items are called so; see `Store.raw_items_named`."""
    number = select(schema.datasets.c.id).where(schema.datasets.c.name == dataset)
    known = connection.execute(number).scalar()
    if known is None:
        return set()
    columns = schema.contents.c.sha256, schema.items.c.selector, schema.items.c.name
    query = (
        select(*columns)
        .join_from(schema.items, schema.contents)
        .where(schema.items.c.dataset_id == known, schema.items.c.job_id.is_(None))
    )
    wanted = set(names)
    return {
        (Sha256(row["sha256"]), row["selector"], row["name"])
        for row in where_among(connection, query, schema.items.c.name, wanted)
    }


def datasets(connection: Connection) -> list[Dataset]:
    """List the datasets; see `Store.datasets`."""
    table = schema.datasets
    count = (
        select(func.count())
        .where(schema.items.c.dataset_id == table.c.id)
        .scalar_subquery()
    )
    query = select(
        table.c.id, table.c.name, table.c.run_id, count.label("count")
    ).order_by(table.c.run_id.is_not(None), table.c.run_id, table.c.name)
    superseded = _superseded_counts(connection)
    return [
        Dataset(
            row["name"],
            DatasetKind.RAW if row["run_id"] is None else DatasetKind.PROCESSED,
            row["count"] - superseded.get(row["id"], 0),
        )
        for row in connection.execute(query).mappings()
    ]


def _superseded_counts(connection: Connection) -> dict[int, int]:
    """Return how many items of each dataset superseded attempts made."""
    items, jobs = schema.items, schema.jobs
    query = (
        select(items.c.dataset_id, func.count())
        .join_from(jobs, items, items.c.job_id == jobs.c.id)
        .where(jobs.c.superseded_by.is_not(None))
        .group_by(items.c.dataset_id)
    )
    return {int(key): int(count) for key, count in connection.execute(query)}


def item_sequence(connection: Connection, dataset: str | None) -> Sequence[int]:
    """Return the keys of the items of a dataset, by name, then as added."""
    query = select(schema.items.c.id).order_by(schema.items.c.name, schema.items.c.id)
    if dataset is not None:
        table = schema.datasets
        found = select(table.c.id, table.c.run_id).where(table.c.name == dataset)
        known = connection.execute(found).first()
        if known is None:
            raise missing_dataset(dataset)
        query = query.where(schema.items.c.dataset_id == known.id)
        if known.run_id is not None:
            query = query.where(stands())
    return array("q", connection.execute(query).scalars())


def items_in_order(connection: Connection, keys: Iterable[int]) -> list[Item]:
    """Return items by their keys, in the order of the keys."""
    keys = list(keys)
    found = items_by_id(connection, keys)
    return [found[key] for key in keys]


def item(connection: Connection, uuid: ItemId) -> Item:
    """Return one item; see `Store.item`."""
    keys = item_keys(connection, [uuid])
    return items_by_id(connection, keys.values())[keys[uuid]]


def items_of_ids(connection: Connection, uuids: Iterable[ItemId]) -> dict[ItemId, Item]:
    """Return items by their ids; see `Store.items_by_id`."""
    found = items_by_id(connection, item_keys(connection, uuids).values())
    return {item.id: item for item in found.values()}


def find_items(connection: Connection, text: str) -> list[Item]:
    """Return the items that a text means; see `Store.find_items`."""
    items, places = schema.items, schema.locations
    published = select(places.c.id).where(places.c.path == text)
    meanings: list[ColumnElement[bool]] = [
        items.c.name == text,
        items.c.location_id.in_(published),
    ]
    if len(text) >= SHORTEST_PREFIX:
        meanings.append(begins_with(items.c.uuid, text.lower()))
    query = ITEM_QUERY.where(or_(*meanings)).order_by(items.c.name, items.c.id)
    return items_of(connection, list(connection.execute(query).mappings()))


def items_with_content(connection: Connection, content: Sha256) -> list[Item]:
    """Return the items that have a content; see `Store.items_with_content`."""
    query = ITEM_QUERY.where(schema.contents.c.sha256 == content).order_by(
        schema.items.c.id
    )
    return items_of(connection, list(connection.execute(query).mappings()))


def begins_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Return the condition that a text begins with another; an index serves it."""
    return and_(column >= prefix, column <= prefix + "\U0010ffff")


def location(connection: Connection, content: Sha256) -> Location | None:
    """Return where a content lies; see `Store.location`."""
    table = schema.locations
    query = (
        select(table)
        .join(schema.contents, schema.contents.c.id == table.c.content_id)
        .where(schema.contents.c.sha256 == content)
        .order_by(
            table.c.state != str(LocationState.PRESENT),
            table.c.is_referenced,
            table.c.id.desc(),
        )
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else location_of(row)


def present_locations(
    connection: Connection,
    contents: Iterable[str],
    state: LocationState = LocationState.PRESENT,
) -> dict[Sha256, Location]:
    """Return where contents are present, by hash; the experiment's own files first.

    With another state, where they were.
    """
    places: dict[Sha256, Location] = {}
    for part in chunks(contents):
        statement = (
            "SELECT contents.sha256, path, locations.size, mtime_ns, inode, "
            "verify_sha256, is_referenced, state "
            "FROM contents JOIN locations ON content_id = contents.id "
            f"WHERE contents.sha256 IN ({marks(connection, len(part))}) "
            f"AND state = '{state}' "
            "ORDER BY is_referenced, locations.id DESC"
        )
        for sha, path, size, mtime, inode, verify, is_referenced, _ in plain_rows(
            connection, statement, tuple(part)
        ):
            if sha not in places:
                places[Sha256(sha)] = Location(
                    *(path, size, mtime, int(inode), sha if verify == sha else verify),
                    is_referenced=bool(is_referenced),
                    state=state,
                )
    return places


def recorded_paths(connection: Connection, paths: Iterable[str]) -> set[str]:
    """Return which paths are locations; see `Store.recorded_paths`."""
    column, folder = schema.locations.c.path, schema.runs.c.folder
    asked = list(paths)
    found = {
        row["path"] for row in where_among(connection, select(column), column, asked)
    }
    folders = [one[len(RESULTS) + 1 :] for one in asked if _is_of_run(one)]
    runs = where_among(connection, select(folder), folder, folders)
    return found | {f"{RESULTS}/{row['folder']}" for row in runs}


def _is_of_run(path: str) -> bool:
    """Say whether a path is that of the results of a whole run."""
    return path.startswith(f"{RESULTS}/") and path.count("/") == 1
