"""Verifying the chain of a run: what only attempts and places in the chain tell."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bioimageit_flow.model.run import JobRecord, JobState, RunState
from bioimageit_flow.stores import verifying
from bioimageit_flow.stores.run_reading import jobs_by_key
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.attempt_contract import again
from bioimageit_flow.testing.samples import job_record, raw_item, run_record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store with a run whose second job needed two attempts, closed."""
    path = tmp_path / "experiment.db"
    with SqlStore.create(path, "Spots") as store:
        new, run = raw_item(), run_record()
        store.add_raw_items([new])
        store.begin_run(run)
        failed = job_record(run.id, [new.item.id], node="spots", state=JobState.FAILED)
        whole = {
            "sigma": 2.0,
            "tiny": 1e-7,
            "huge": 1e21,
            "name": "é\u2028",
            "on": True,
        }
        store.commit_jobs([job_record(run.id, [new.item.id], parameters=whole)])
        store.commit_jobs([failed, again(failed)])
        store.end_run(run.id, RunState.DONE, 2.0)
    return path


def faults(path: Path, script: str = "") -> str:
    if script:
        with closing(sqlite3.connect(path)) as connection:
            triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
            for (name,) in connection.execute(triggers).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.executescript(script)
            connection.commit()
    with SqlStore(path) as store:
        return " ".join(store.verify_chain(store.runs()[0].id))


def test_numbers_and_texts_of_every_kind_are_verified(path: Path) -> None:
    assert faults(path) == ""


@pytest.mark.parametrize("page", [1, 2, 3])
def test_chain_longer_than_a_page(
    path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(verifying, "PAGE", page)
    assert faults(path) == ""
    assert "exit_code" in faults(path, "UPDATE jobs SET exit_code = 9 WHERE id = 2")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("UPDATE jobs SET attempt = 4 WHERE attempt = 2", "differs .*in attempt"),
        ("UPDATE jobs SET superseded_by = NULL", "in attempt, supersedes"),
        ("UPDATE jobs SET record_n = 4 WHERE id = 3", "which is of the kind end"),
        ("UPDATE jobs SET record_n = 1 WHERE id = 3", "Job .* of record 3 is missing"),
        ("UPDATE jobs SET record_n = 9 WHERE id = 3", "has no record"),
        (
            "UPDATE jobs SET parameters = replace(parameters, 'true', '1')",
            "in parameters",
        ),
        (
            "UPDATE jobs SET parameters = replace(parameters, '2.0', '\"2\"')",
            "in parameters",
        ),
    ],
)
def test_tampering_is_found(path: Path, script: str, words: str) -> None:
    found = faults(path, script)
    assert re.search(words, found), found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("jobs SET uuid = 'x'", "in job"),
        ("jobs SET node = 'x'", "in node"),
        ("jobs SET tool = 'x'", "in tool"),
        ("jobs SET state = 'reused'", "in state"),
        ("jobs SET command = '[\"x\"]'", "in command"),
        ("jobs SET started = '2027-01-01T00:00:00.000000Z'", "in started"),
        ("jobs SET elapsed_s = elapsed_s + 1", "in elapsed_s"),
        ("jobs SET cpu_s = 77.5", "in cpu_s"),
        ("jobs SET peak_memory = 77", "in peak_memory"),
        ("jobs SET log = 'x'", "in log"),
        ("jobs SET cause = 'runtime'", "in cause"),
        ("jobs SET cause = 'x'", "job of record 1 .* cannot be read"),
        ("jobs SET started = 'x'", "job of record 1 .* cannot be read"),
        ("jobs SET parameters = '{'", "job of record 1 .* cannot be read"),
        ("items SET info = '{'", "job of record 1 .* cannot be read"),
        ("jobs SET message = 'x'", "in message"),
        ("runtimes SET identity = 'x'", "in runtime"),
        ("edges SET edge = 'x'", "in consumed"),
        ("edges SET port = 'x'", "in consumed"),
        ("items SET selector = 'x'", "in consumed"),
        ("items SET name = 'x'", "in produced"),
        ("items SET part = 'x'", "in produced"),
        ('items SET info = \'{"kind": "table", "format": "csv"}\'', "in produced"),
        ("items SET first_annotations = '{\"x\": 1}'", "in produced"),
        ("contents SET size = size + 1", "in produced"),
        ("datasets SET port = 'x' WHERE port IS NOT NULL; --", "in produced"),
        ("fingerprints SET sha256 = 'x'", "in fingerprint"),
        ("fingerprints SET parts = '{\"x\": 1}'", "fingerprint parts of job"),
    ],
)
def test_every_fact_of_a_first_attempt_is_verified(
    path: Path, change: str, words: str
) -> None:
    assert re.search(words, faults(path, f"UPDATE OR IGNORE {change}"))


def test_jobs_are_read_whole_only_where_they_differ(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second attempt says more, and the first has a number of another text."""
    read: list[int] = []

    def noted(connection: Connection, keys: Iterable[int]) -> list[JobRecord]:
        found = list(keys)
        read.extend(found)
        return jobs_by_key(connection, found)

    monkeypatch.setattr(verifying, "jobs_by_key", noted)

    assert faults(path) == ""
    assert read == [1, 3]

    assert "in message" in faults(path, "UPDATE jobs SET message = 'x' WHERE id = 2")
    assert read == [1, 3, 1, 2, 3]
