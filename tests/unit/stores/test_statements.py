"""How many statements the database is given: not more for more jobs."""

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bioimageit_flow.model.ids import JobId, RunId, Sha256
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.stores import sqlite_database
from bioimageit_flow.stores.holders import this_process
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.samples import (
    job_record,
    produced,
    raw_item,
    run_record,
)

given: list[str] = []
"""What the database was given since the test began."""


class Cursor(sqlite3.Cursor):
    """Notes each call; many rows in one call are one."""

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
        given.append(statement)
        return super().execute(statement, *values)  # type: ignore[arg-type]

    def executemany(self, statement: str, rows: object) -> sqlite3.Cursor:  # type: ignore[override]
        given.append(statement)
        return super().executemany(statement, rows)  # type: ignore[arg-type]


class Connection(sqlite3.Connection):
    def cursor(self, factory: type[sqlite3.Cursor] = Cursor) -> sqlite3.Cursor:  # type: ignore[override]
        return super().cursor(factory)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    connect = partial(sqlite3.connect, factory=Connection)
    monkeypatch.setattr(f"{sqlite_database.__name__}.sqlite3.connect", connect)
    with SqlStore.create(tmp_path / "experiment.db", "Spots") as store:
        yield store


def jobs_on_items(store: SqlStore, count: int) -> tuple[RunId, list[JobRecord]]:
    """Return jobs on new items, each with a result of its own."""
    items = [raw_item(f"{count} {n}", text=f"raw {count} {n}") for n in range(count)]
    store.add_raw_items(items)
    run = run_record(f"{count}")
    store.begin_run(run)
    jobs = []
    for n, new in enumerate(items):
        path = f"out/{count}/{n}"
        made = produced(path=path, text=path, annotations={"n": n})
        jobs.append(
            job_record(run.id, [new.item.id], outputs=[made], parameters={"n": n})
        )
    return run.id, jobs


def test_a_transaction_takes_as_many_statements_for_many_jobs_as_for_few(
    store: SqlStore,
) -> None:
    _, few = jobs_on_items(store, 10)
    _, many = jobs_on_items(store, 250)
    given.clear()

    store.commit_jobs(few)
    for_few = len(given)
    given.clear()
    store.commit_jobs(many)

    assert len(given) <= for_few <= 40


def test_known_results_take_as_many_statements_for_many_as_for_few(
    store: SqlStore,
) -> None:
    _, jobs = jobs_on_items(store, 250)
    store.commit_jobs(jobs)
    fingerprints = [job.fingerprint for job in jobs]
    given.clear()

    few = store.known_results(fingerprints[:5])
    for_few = len(given)
    given.clear()
    many = store.known_results(fingerprints)

    assert (len(few), len(many)) == (5, 250)
    assert len(given) <= for_few <= 8


def test_claims_take_as_many_statements_for_many_as_for_few(store: SqlStore) -> None:
    run = RunId(JobId("run"))
    fingerprints = [Sha256(f"{n:064x}") for n in range(400)]
    counts = []
    for some in (fingerprints[:3], fingerprints, fingerprints[100:300]):
        given.clear()
        assert set(store.claim(some, this_process(), run).values()) == {None}
        counts.append(len(given))

    assert max(counts) <= 6
    assert {one.fingerprint for one in store.claims()} == set(fingerprints)
