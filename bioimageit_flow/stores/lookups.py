"""What a batch of jobs refers to: keys of what is known, made where it is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bioimageit_flow.model.ids import ItemId, RunId, Sha256
from bioimageit_flow.model.run import JobRecord, ProducedItem, RuntimeUsed
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.refusals import (
    check_parts,
    missing_item,
    missing_run,
    no_content,
    not_made_yet,
    unknown_reuse,
)
from bioimageit_flow.stores.rows import (
    chunks,
    ids_of,
    json_text,
    marks,
    next_id,
    plain_rows,
)
from bioimageit_flow.stores.writing import Row, add_contents, insert_all

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")

# Asked at every commit, of a driver and not of SQLAlchemy, which takes several times as
# long.
_RUNS = "SELECT uuid, id, folder FROM runs WHERE uuid IN"
_EDGES = "SELECT id, run_id, edge, port FROM edges WHERE run_id IN"
_RUNTIMES = "SELECT id, name, identity, detail FROM runtimes"
_ITEMS = (
    "SELECT items.uuid, items.id, contents.sha256, items.selector FROM items "
    "JOIN contents ON contents.id = items.content_id WHERE items.uuid IN"
)


class KnownRun(NamedTuple):
    """A run that jobs are committed to."""

    key: int
    folder: str


class KnownItem(NamedTuple):
    """An item that may be consumed."""

    key: int
    content: Sha256
    selector: str


def run_keys(
    connection: Connection, jobs: Iterable[JobRecord]
) -> dict[RunId, KnownRun]:
    """Return the runs of a batch; `StoreError` if one is not there."""
    wanted = list(dict.fromkeys(job.run for job in jobs))
    found = {
        RunId(uuid): KnownRun(int(key), folder)
        for uuid, key, folder in _among(connection, _RUNS, wanted)
    }
    for run in wanted:
        if run not in found:
            raise missing_run(run)
    return found


def result_contents(
    connection: Connection, made: Sequence[ProducedItem]
) -> dict[Sha256, int]:
    """Make the contents of results known; return the key of each by its hash.

    A result without a location points to a content that must be known.
    """
    published = {item.content.sha256 for item in made if item.location is not None}
    pointed = {item.content.sha256: item for item in made}
    pointed = {sha: item for sha, item in pointed.items() if sha not in published}
    known = ids_of(connection, "contents", "sha256", pointed)
    for sha, item in pointed.items():
        if sha not in known:
            raise no_content(item)
    return add_contents(connection, (item.content for item in made))


def fingerprint_keys(
    connection: Connection, jobs: Sequence[JobRecord]
) -> dict[Sha256, int]:
    """Make fingerprints known with their parts; return keys by hash.

    Parts are looked at where they are kept: of a fingerprint that is known they are.
    """
    wanted = {job.fingerprint: job.parts for job in jobs}
    known: dict[str, int] = ids_of(connection, "fingerprints", "sha256", wanted)
    missing = [sha for sha in wanted if sha not in known]
    for job in jobs:
        if job.fingerprint not in known:
            check_parts(job)
    first = next_id(connection, "fingerprints")
    rows: list[Row] = [
        {"id": key, "sha256": sha, "parts": json_text(wanted[sha])}
        for key, sha in enumerate(missing, first)
    ]
    insert_all(connection, "fingerprints", rows)
    known |= {row["sha256"]: row["id"] for row in rows}
    return {sha: known[sha] for sha in wanted}


def runtime_keys(
    connection: Connection, jobs: Iterable[JobRecord]
) -> dict[RuntimeUsed, int]:
    """Make runtimes known; return their keys."""
    known = {
        RuntimeUsed(name, identity, detail): int(key)
        for key, name, identity, detail in plain_rows(connection, _RUNTIMES)
    }
    for runtime in dict.fromkeys(job.runtime for job in jobs):
        if runtime not in known:
            known[runtime] = next_id(connection, "runtimes")
            row: Row = {
                "id": known[runtime],
                "name": runtime.name,
                "identity": runtime.identity,
                "detail": runtime.detail,
            }
            insert_all(connection, "runtimes", [row])
    return known


def dataset_keys(
    connection: Connection, jobs: Iterable[JobRecord], runs: Mapping[RunId, KnownRun]
) -> dict[tuple[RunId, str, str], int]:
    """Make the processed datasets of a batch known; return their keys."""
    wanted = dict.fromkeys(
        (job.run, job.node, item.port) for job in jobs for item in job.produced
    )
    names = {
        (run, node, port): f"{runs[run].folder}/{node}/{port}"
        for run, node, port in wanted
    }
    known = ids_of(connection, "datasets", "name", names.values())
    for (run, node, port), name in names.items():
        if name not in known:
            known[name] = next_id(connection, "datasets")
            row: Row = {
                "id": known[name],
                "name": name,
                "run_id": runs[run].key,
                "node": node,
                "port": port,
            }
            insert_all(connection, "datasets", [row])
    return {place: known[name] for place, name in names.items()}


def edge_keys(
    connection: Connection, jobs: Iterable[JobRecord], runs: Mapping[RunId, KnownRun]
) -> dict[tuple[RunId, str, str], int]:
    """Make the edges of a batch known; return their keys."""
    wanted = dict.fromkeys(
        (job.run, edge.edge, edge.port) for job in jobs for edge in job.consumed
    )
    run_of = {known.key: run for run, known in runs.items()}
    known = {
        (run_of[run], edge, port): int(key)
        for key, run, edge, port in _among(connection, _EDGES, run_of)
    }
    for run, edge, port in wanted:
        if (run, edge, port) not in known:
            known[run, edge, port] = next_id(connection, "edges")
            row: Row = {
                "id": known[run, edge, port],
                "run_id": runs[run].key,
                "edge": edge,
                "port": port,
            }
            insert_all(connection, "edges", [row])
    return known


def reused_keys(connection: Connection, jobs: Iterable[JobRecord]) -> dict[str, int]:
    """Return the keys of the jobs that a batch reuses, by uuid."""
    makers = [job.reused_from for job in jobs if job.reused_from is not None]
    return ids_of(connection, "jobs", "uuid", makers)


def reused_key(known: Mapping[str, int], job: JobRecord) -> int | None:
    """Return the key of the job that a job reuses; `StoreError` if unknown."""
    if job.reused_from is None:
        return None
    if job.reused_from not in known:
        raise unknown_reuse(job)
    return known[job.reused_from]


def consumed_items(
    connection: Connection, jobs: Sequence[JobRecord]
) -> dict[ItemId, KnownItem]:
    """Return the items that a batch consumes and does not make itself."""
    made = {item.id for job in jobs for item in job.produced}
    wanted = {edge.item for job in jobs for edge in job.consumed} - made
    known: dict[ItemId, KnownItem] = {}
    for uuid, *found in _among(connection, _ITEMS, wanted):
        known[ItemId(uuid)] = KnownItem(*found)
    for item in wanted:
        if item not in known:
            raise missing_item(item)
    return known


def _among(
    connection: Connection, statement: str, values: Iterable[object]
) -> Iterator[tuple[Any, ...]]:
    """Go through the rows of a statement that ends in ``IN``, for some values."""
    for part in chunks(values):
        whole = f"{statement} ({marks(connection, len(part))})"
        yield from plain_rows(connection, whole, tuple(part))


def input_item(known: Mapping[ItemId, KnownItem], item: ItemId) -> KnownItem:
    """Return an item that is consumed; `StoreError` if it is not made yet."""
    if item not in known:
        raise not_made_yet(item)
    return known[item]
