"""What is known for fingerprints: the results of earlier jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bioimageit_flow.model.data import LocationState
from bioimageit_flow.model.ids import JobId, Sha256
from bioimageit_flow.model.run import KnownResult, ProducedItem
from bioimageit_flow.stores.reading import present_locations
from bioimageit_flow.stores.rows import RowValues, chunks, item_rows, rows_among
from bioimageit_flow.stores.run_reading import produced_of
from bioimageit_flow.stores.shared_origins import HAS_MADE
from bioimageit_flow.stores.validity import declaration_of, declared_jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CANDIDATES = (
    "SELECT jobs.id, jobs.uuid, fingerprints.sha256 FROM jobs "
    "JOIN fingerprints ON fingerprints.id = jobs.fingerprint_id "
    f"WHERE {HAS_MADE} AND fingerprints.sha256 IN ({{}}) ORDER BY jobs.id DESC"
)


def known_results(
    connection: Connection,
    fingerprints: Iterable[Sha256],
    *,
    with_cleaned: bool = False,
) -> dict[Sha256, KnownResult]:
    """Return what is known for fingerprints; see `Store.known_results`."""
    wanted = dict.fromkeys(fingerprints)
    known: dict[Sha256, KnownResult] = {}
    cleaned: dict[Sha256, KnownResult] = {}
    for part in chunks(wanted):
        candidates = list(rows_among(connection, _CANDIDATES, part))
        ids = [row["id"] for row in candidates]
        results = _present_results(connection, ids)
        missing = [key for key in ids if key not in results] if with_cleaned else []
        dropped = _present_results(connection, missing, with_cleaned=True)
        for found, among in ((known, results), (cleaned, dropped)):
            for row in candidates:  # the newest first
                outputs = among.get(row["id"])
                if outputs is not None:
                    result = KnownResult(JobId(row["uuid"]), outputs)
                    found.setdefault(Sha256(row["sha256"]), result)
    declared = _declared_results(connection, wanted.keys() - known.keys())
    return cleaned | declared | known


def _declared_results(
    connection: Connection, fingerprints: Iterable[Sha256]
) -> dict[Sha256, KnownResult]:
    rows = declared_jobs(connection, fingerprints)
    results = _present_results(connection, [row["job_id"] for row in rows])
    known: dict[Sha256, KnownResult] = {}
    for row in rows:  # the newest word first
        outputs = results.get(row["job_id"])
        if outputs is not None:
            word = declaration_of(row)
            result = KnownResult(JobId(row["uuid"]), outputs, word)
            known.setdefault(Sha256(row["fingerprint"]), result)
    return known


def _present_results(
    connection: Connection, job_ids: Sequence[int], *, with_cleaned: bool = False
) -> dict[int, tuple[ProducedItem, ...]]:
    """Return the results of the jobs all of whose contents are present, or cleaned."""
    if not job_ids:
        return {}
    rows: dict[int, list[RowValues]] = {key: [] for key in job_ids}
    for row in item_rows(connection, job_ids, column="job_id"):
        rows[row["job_id"]].append(row)
    shas = {row["sha256"] for group in rows.values() for row in group}
    places = present_locations(connection, shas)
    if with_cleaned:
        cleaned = LocationState.CLEANED
        places = present_locations(connection, shas - places.keys(), cleaned) | places
    return {
        key: tuple(produced_of(row, places[row["sha256"]]) for row in group)
        for key, group in rows.items()
        if all(row["sha256"] in places for row in group)
    }
