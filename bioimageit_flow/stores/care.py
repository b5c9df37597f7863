"""Care of data: exclusions, corrections, bytes that are given up or have moved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from bioimageit_flow.model.changes import Aspect, ChangeKind
from bioimageit_flow.model.chosen import (
    DELETED,
    DiskUse,
    Moved,
    Place,
    StoredResult,
)
from bioimageit_flow.model.corrections import read_corrections
from bioimageit_flow.model.data import (
    Content,
    DataInfo,
    Location,
    LocationState,
)
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.changing import Act
from bioimageit_flow.stores.refusals import (
    bytes_gone,
    no_reason,
    unknown_content,
    wrong_correction,
)
from bioimageit_flow.stores.rows import (
    chunks,
    ids_of,
    item_keys,
    json_object,
    location_of,
    where_among,
)
from bioimageit_flow.stores.writing import add_locations

_PRESENT = str(LocationState.PRESENT)


def exclude(
    connection: Connection, items: Iterable[ItemId], reason: str, user: str
) -> int | None:
    """Keep items out of runs; see `Store.exclude`."""
    if not reason.strip():
        raise no_reason()
    act = Act(connection, ChangeKind.EXCLUDE, user, reason)
    for part in chunks(items):
        act.set_values(Aspect.EXCLUDED, [(item, {"": reason}) for item in part])
    return act.end()


def include(connection: Connection, items: Iterable[ItemId], user: str) -> int | None:
    """Let items take part again; see `Store.include`."""
    act = Act(connection, ChangeKind.INCLUDE, user, "")
    for part in chunks(items):
        _check_bytes(connection, part)
        act.set_values(Aspect.EXCLUDED, [(item, {"": None}) for item in part])
    return act.end()


def _check_bytes(connection: Connection, part: Sequence[ItemId]) -> None:
    """Refuse to include items whose bytes are gone."""
    table = schema.items
    is_there = exists().where(
        schema.locations.c.content_id == table.c.content_id,
        schema.locations.c.state == _PRESENT,
    )
    query = (
        select(table.c.name)
        .join_from(table, schema.exclusions)
        .where(schema.exclusions.c.reason.startswith(DELETED), ~is_there)
    )
    for row in where_among(connection, query, table.c.uuid, part):
        raise bytes_gone(row["name"])


def correct(
    connection: Connection,
    items: Iterable[ItemId],
    facts: Mapping[str, object],
    user: str,
    note: str,
) -> int | None:
    """Correct what headers say; see `Store.correct`."""
    act = Act(connection, ChangeKind.CORRECT, user, note)
    table = schema.items
    query = select(table.c.uuid, table.c.name, table.c.info)
    for part in chunks(items):
        item_keys(connection, part)
        wanted: list[tuple[ItemId, Mapping[str, object]]] = []
        for row in where_among(connection, query, table.c.uuid, part):
            info = DataInfo.from_json(json_object(row["info"]))
            try:
                wanted.append((ItemId(row["uuid"]), read_corrections(info, facts)))
            except ValueError as error:
                raise wrong_correction(row["name"], error) from error
        act.set_values(Aspect.INFO, wanted)
    return act.end()


def descendants(connection: Connection, items: Iterable[ItemId]) -> dict[str, int]:
    """Count what was made from items, by dataset; see `Store.descendants`."""
    found: set[int] = set()
    new = set(item_keys(connection, items).values())
    start = set(new)
    table, passed = schema.items, schema.edge_executions
    query = select(table.c.id).join_from(
        passed, table, table.c.job_id == passed.c.job_id
    )
    while new:
        rows = where_among(connection, query, passed.c.item_id, new)
        new = {row["id"] for row in rows} - found - start
        found |= new
    names = (
        select(schema.datasets.c.name, func.count().label("items"))
        .join_from(table, schema.datasets)
        .group_by(schema.datasets.c.name)
    )
    counts: dict[str, int] = {}
    for row in where_among(connection, names, table.c.id, found):
        counts[row["name"]] = counts.get(row["name"], 0) + row["items"]
    return dict(sorted(counts.items()))


def give_up(
    connection: Connection,
    items: Iterable[ItemId],
    reason: str,
    user: str,
    *,
    is_clean: bool,
) -> list[Location]:
    """Record that bytes of items are gone; see `Store.give_up`."""
    kind = ChangeKind.CLEAN if is_clean else ChangeKind.DELETE
    keys = item_keys(connection, items)
    act = Act(
        connection,
        kind,
        user,
        reason,
        details={"items": len(keys), "cleaned": list(keys)} if is_clean else None,
    )
    if not is_clean:
        why = f"{DELETED}: {reason}" if reason else DELETED
        for part in chunks(keys):
            act.set_values(Aspect.EXCLUDED, [(item, {"": why}) for item in part])
    act.end()
    table = schema.items
    query = select(table.c.content_id)
    contents = {
        row["content_id"]
        for row in where_among(connection, query, table.c.id, keys.values())
    }
    if not is_clean:
        contents -= _needed(connection, contents)
    state = LocationState.CLEANED if is_clean else LocationState.DELETED
    places: list[Location] = []
    lie = select(schema.locations).where(schema.locations.c.state == _PRESENT)
    if is_clean:
        lie = lie.where(~schema.locations.c.is_referenced)
    for part in chunks(contents):
        column = schema.locations.c.content_id
        rows = list(where_among(connection, lie, column, part))
        places += [location_of(row) for row in rows]
        gone = update(schema.locations).where(
            schema.locations.c.id.in_([row["id"] for row in rows])
        )
        connection.execute(gone.values(state=str(state)))
    return places


def _needed(connection: Connection, contents: set[int]) -> set[int]:
    """Return which contents some item has that was not deleted."""
    table, excluded = schema.items, schema.exclusions
    query = (
        select(table.c.content_id)
        .outerjoin_from(table, excluded)
        .where(or_(excluded.c.reason.is_(None), ~excluded.c.reason.startswith(DELETED)))
        .distinct()
    )
    rows = where_among(connection, query, table.c.content_id, contents)
    return {row["content_id"] for row in rows}


def disk_use(connection: Connection) -> list[DiskUse]:
    """Count bytes by dataset; see `Store.disk_use`."""
    places, items = schema.locations, schema.items
    is_here = places.c.state == _PRESENT
    lies = select(
        places.c.content_id,
        _any(and_(is_here, ~places.c.is_referenced)).label("own"),
        _any(and_(is_here, places.c.is_referenced)).label("away"),
    ).group_by(places.c.content_id)
    lie = lies.subquery()
    has = (
        select(items.c.dataset_id, items.c.content_id, func.count().label("number"))
        .group_by(items.c.dataset_id, items.c.content_id)
        .subquery()
    )
    size, table = schema.contents.c.size, schema.datasets
    is_own, is_away = lie.c.own == 1, and_(lie.c.own == 0, lie.c.away == 1)
    query = (
        select(
            table.c.name,
            func.sum(has.c.number).label("items"),
            func.sum(case((is_own, size), else_=0)).label("present"),
            func.sum(case((is_away, size), else_=0)).label("referenced"),
            func.sum(size).label("all"),
        )
        .join_from(has, table, table.c.id == has.c.dataset_id)
        .join(schema.contents, schema.contents.c.id == has.c.content_id)
        .outerjoin(lie, lie.c.content_id == has.c.content_id)
        .group_by(table.c.id)
        .order_by(table.c.run_id.is_not(None), table.c.run_id, table.c.name)
    )
    return [
        DiskUse(
            dataset=row["name"],
            items=row["items"],
            present=row["present"],
            referenced=row["referenced"],
            missing=row["all"] - row["present"] - row["referenced"],
        )
        for row in connection.execute(query).mappings()
    ]


def _any(test: ColumnElement[bool]) -> ColumnElement[int]:
    """Return whether a condition holds for one row of a group: 1 or 0."""
    return func.max(case((test, 1), else_=0))


def places_page(connection: Connection, after: int, dataset: str | None) -> Any:  # noqa: ANN401
    """Return the next present places after a key; rows of places with contents."""
    places, items = schema.locations, schema.items
    name = (
        select(func.min(items.c.name))
        .where(items.c.content_id == places.c.content_id)
        .scalar_subquery()
    )
    query = (
        select(
            places,
            schema.contents.c.sha256,
            schema.contents.c.size.label("bytes"),
            schema.contents.c.is_folder,
            name.label("item"),
        )
        .join_from(places, schema.contents)
        .where(places.c.state == _PRESENT, places.c.id > after)
        .order_by(places.c.id)
        .limit(1_000)
    )
    if dataset is not None:
        of_dataset = (
            select(items.c.content_id)
            .join_from(items, schema.datasets)
            .where(schema.datasets.c.name == dataset)
        )
        query = query.where(places.c.content_id.in_(of_dataset))
    return list(connection.execute(query).mappings())


def place_of(row: Any) -> Place:  # noqa: ANN401
    """Return the place of a row of `places_page`."""
    content = Content(Sha256(row["sha256"]), row["bytes"], row["is_folder"])
    return Place(content, location_of(row), row["item"] or "")


def relocate(connection: Connection, moved: Sequence[Moved], user: str) -> int | None:
    """Record that referenced files lie elsewhere; see `Store.relocate`."""
    known = ids_of(connection, "contents", "sha256", (one.content for one in moved))
    for one in moved:
        if one.content not in known:
            raise unknown_content(one.content)
    add_locations(connection, [(known[one.content], one.new) for one in moved])
    table = schema.locations
    for one in moved:
        if one.old.path != one.new.path:
            gone = update(table).where(
                table.c.content_id == known[one.content], table.c.path == one.old.path
            )
            connection.execute(gone.values(state=str(LocationState.CLEANED)))
    details = {"moved": [[one.content, one.old.path, one.new.path] for one in moved]}
    note = f"{len(moved)} referenced files lie elsewhere"
    act = Act(connection, ChangeKind.RELOCATE, user, note, details=details)
    return act.end() if moved else None


def results_page(
    connection: Connection, after: int, run: int | None
) -> tuple[int, list[StoredResult]]:
    """Return the next results whose bytes are there, and the key of the last."""
    items, raw = schema.items, schema.items.alias("raw")
    is_there = exists().where(
        schema.locations.c.content_id == items.c.content_id,
        schema.locations.c.state == _PRESENT,
        ~schema.locations.c.is_referenced,
    )
    consumed = exists().where(schema.edge_executions.c.item_id == items.c.id)
    is_raw = exists().where(
        raw.c.content_id == items.c.content_id, raw.c.job_id.is_(None)
    )
    query = (
        select(
            items.c.id,
            items.c.uuid,
            items.c.name,
            schema.datasets.c.name.label("dataset"),
            schema.contents.c.sha256,
            schema.contents.c.size,
            schema.contents.c.is_folder,
            schema.jobs.c.tool,
            consumed.label("is_consumed"),
            is_raw.label("is_raw"),
        )
        .join_from(items, schema.contents)
        .join(schema.datasets, schema.datasets.c.id == items.c.dataset_id)
        .join(schema.jobs, schema.jobs.c.id == items.c.job_id)
        .where(items.c.id > after, is_there)
        .order_by(items.c.id)
        .limit(1_000)
    )
    if run is not None:
        query = query.where(schema.jobs.c.run_id == run)
    rows = connection.execute(query).all()
    return (rows[-1][0] if rows else after), list(_results(rows))


def _results(rows: Iterable[Any]) -> Iterator[StoredResult]:
    for row in rows:
        one = row._mapping
        yield StoredResult(
            item=ItemId(one["uuid"]),
            name=one["name"],
            dataset=one["dataset"],
            content=Content(Sha256(one["sha256"]), one["size"], one["is_folder"]),
            tool=one["tool"],
            is_consumed=bool(one["is_consumed"]),
            is_raw_too=bool(one["is_raw"]),
        )
