"""Reading items, datasets and locations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bioimageit_flow.model.data import (
    Dataset,
    DatasetKind,
    Item,
    Location,
    LocationState,
)
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.stores.layout import RESULTS
from bioimageit_flow.stores.refusals import missing_dataset
from bioimageit_flow.stores.rows import (
    STANDS,
    chunks,
    ids_of,
    item_keys,
    items_by_id,
    key_array,
    location_of,
    marks,
    named_rows,
    plain_rows,
    rows_among,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHORTEST_PREFIX = 4
"""How many characters of an id stand for it at least."""


def has_raw_item(
    connection: Connection, dataset: str, content: Sha256, selector: str, name: str
) -> bool:
    """Say whether a dataset has an item already; see `Store.has_raw_item`."""
    mark = marks(connection, 1)
    query = (
        "SELECT items.id FROM items JOIN contents ON contents.id = items.content_id "
        "JOIN datasets ON datasets.id = items.dataset_id "
        f"WHERE contents.sha256 = {mark} AND items.job_id IS NULL "
        f"AND items.selector = {mark} AND items.name = {mark} "
        f"AND datasets.name = {mark} LIMIT 1"
    )
    return bool(plain_rows(connection, query, (content, selector, name, dataset)))


def raw_items_named(
    connection: Connection, dataset: str, names: Iterable[str]
) -> set[tuple[Sha256, str, str]]:
    """Return which raw items are called so; see `Store.raw_items_named`."""
    known = ids_of(connection, "datasets", "name", [dataset])
    if dataset not in known:
        return set()
    query = (
        "SELECT contents.sha256, items.selector, items.name FROM items "
        "JOIN contents ON contents.id = items.content_id "
        f"WHERE items.dataset_id = {known[dataset]} AND items.job_id IS NULL "
        "AND items.name IN ({})"
    )
    return {
        (Sha256(row["sha256"]), row["selector"], row["name"])
        for row in rows_among(connection, query, set(names))
    }


def datasets(connection: Connection) -> list[Dataset]:
    """List the datasets; see `Store.datasets`."""
    query = (
        "SELECT id, name, run_id, "
        "(SELECT count(*) FROM items WHERE items.dataset_id = datasets.id) AS count "
        "FROM datasets ORDER BY run_id IS NOT NULL, run_id, name"
    )
    superseded = _superseded_counts(connection)
    return [
        Dataset(
            row["name"],
            DatasetKind.RAW if row["run_id"] is None else DatasetKind.PROCESSED,
            row["count"] - superseded.get(row["id"], 0),
        )
        for row in named_rows(connection, query)
    ]


def _superseded_counts(connection: Connection) -> dict[int, int]:
    """Return how many items of each dataset superseded attempts made."""
    query = (
        "SELECT dataset_id, count(*) FROM items WHERE job_id IN "
        "(SELECT id FROM jobs WHERE superseded_by IS NOT NULL) GROUP BY dataset_id"
    )
    return {int(key): int(count) for key, count in plain_rows(connection, query)}


def item_sequence(connection: Connection, dataset: str | None) -> Sequence[int]:
    """Return the keys of the items of a dataset, by name, then as added."""
    conditions: list[str] = []
    values: tuple[object, ...] = ()
    if dataset is not None:
        mark = marks(connection, 1)
        query = f"SELECT id, run_id FROM datasets WHERE name = {mark}"
        found = plain_rows(connection, query, (dataset,))
        if not found:
            raise missing_dataset(dataset)
        ((key, run),) = found
        conditions, values = [f"dataset_id = {mark}"], (key,)
        if run is not None:
            conditions.append(STANDS)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    query = f"SELECT id FROM items {where} ORDER BY name, id"
    return key_array(connection, query, values)


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
    mark = marks(connection, 1)
    meanings = [
        f"name = {mark}",
        f"location_id IN (SELECT id FROM locations WHERE path = {mark})",
    ]
    values = [text, text]
    if len(text) >= SHORTEST_PREFIX:
        meanings.append(f"uuid >= {mark} AND uuid <= {mark}")
        values += between(text.lower())
    query = f"SELECT id FROM items WHERE {' OR '.join(meanings)} ORDER BY name, id"
    return items_in_order(connection, key_array(connection, query, tuple(values)))


def items_with_content(connection: Connection, content: Sha256) -> list[Item]:
    """Return the items that have a content; see `Store.items_with_content`."""
    query = (
        "SELECT id FROM items WHERE content_id IN "
        f"(SELECT id FROM contents WHERE sha256 = {marks(connection, 1)}) ORDER BY id"
    )
    return items_in_order(connection, key_array(connection, query, (content,)))


def between(prefix: str) -> tuple[str, str]:
    """Return the texts between which those lie that begin with another."""
    return prefix, prefix + "\U0010ffff"


def location(connection: Connection, content: Sha256) -> Location | None:
    """Return where a content lies; see `Store.location`."""
    query = (
        "SELECT locations.* FROM locations "
        "JOIN contents ON contents.id = locations.content_id "
        f"WHERE contents.sha256 = {marks(connection, 1)} "
        f"ORDER BY locations.state <> '{LocationState.PRESENT}', "
        "locations.is_referenced, locations.id DESC LIMIT 1"
    )
    rows = named_rows(connection, query, (content,))
    return location_of(rows[0]) if rows else None


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
    asked = list(paths)
    known = "SELECT path FROM locations WHERE path IN ({})"
    found = {row["path"] for row in rows_among(connection, known, asked)}
    folders = [one[len(RESULTS) + 1 :] for one in asked if _is_of_run(one)]
    of_runs = "SELECT folder FROM runs WHERE folder IN ({})"
    runs = rows_among(connection, of_runs, folders)
    return found | {f"{RESULTS}/{row['folder']}" for row in runs}


def _is_of_run(path: str) -> bool:
    """Say whether a path is that of the results of a whole run."""
    return path.startswith(f"{RESULTS}/") and path.count("/") == 1
