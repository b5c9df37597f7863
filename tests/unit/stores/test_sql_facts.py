"""What the SQL store keeps beyond the contract: facts that cannot be changed."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.lineage import GENESIS, chain
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.samples import (
    job_record,
    produced,
    raw_item,
    run_record,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store with a run of three jobs, closed."""
    path = tmp_path / "experiment.db"
    with SqlStore.create(path, "Spots") as store:
        new, run = raw_item(annotations={"condition": "drug"}), run_record()
        store.add_raw_items([new])
        store.begin_run(run)
        made = produced(path="out/0", annotations={"sigma": 1})
        store.commit_jobs(
            [
                job_record(run.id, [new.item.id], outputs=[made]),
                job_record(run.id, [made.id], node="spots"),
                job_record(run.id, [new.item.id], state=JobState.FAILED),
            ]
        )
        store.end_run(run.id, RunState.PARTIAL, 2.5)
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.mark.parametrize("table", [table.name for table in schema.FACTS])
def test_facts_can_neither_be_changed_nor_deleted(
    path: Path, connection: sqlite3.Connection, table: str
) -> None:
    with SqlStore(path) as store:
        (item, *_) = store.items("raw")
        store.annotate({item.id: {"condition": "water"}}, user="ada")
        job = store.jobs(store.runs()[0].id)[0].id
        store.declare_still_valid({GENESIS: job}, "a new image", user="ada")
    column = connection.execute(f"SELECT * FROM {table}").description[0][0]
    for action in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sqlite3.IntegrityError, match=f"rows of {table} never"):
            connection.execute(action)


def test_facts_are_not_replaced_by_the_store_either(path: Path) -> None:
    with (
        SqlStore(path) as store,
        pytest.raises(StoreError, match="never change"),
        store._database.writing() as connection,
    ):
        connection.exec_driver_sql("REPLACE INTO items SELECT * FROM items")


def test_item_has_exactly_one_origin(connection: sqlite3.Connection) -> None:
    columns = [row[1] for row in connection.execute("PRAGMA table_info(items)")]
    others = [name for name in columns if name not in ("id", "uuid", "source")]
    copy = (
        f"INSERT INTO items (uuid, source, {', '.join(others)}) "
        f"SELECT 'new', 'file', {', '.join(others)} FROM items WHERE job_id NOT NULL"
    )
    with pytest.raises(sqlite3.IntegrityError, match="one_origin"):
        connection.execute(copy)


def test_changes_of_annotations_are_remembered(path: Path) -> None:
    with SqlStore(path) as store:
        (item,) = store.items("raw")
        store.annotate({item.id: {"condition": "water", "n": 1}}, user="ada")
        store.annotate({item.id: {"condition": "water", "n": True}}, user="eve")
        store.annotate({item.id: {"condition": None, "never": None}}, user="eve")
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT r.key, r.old, r.new, c.user, c.at FROM item_changes r "
            "JOIN changes c ON c.id = r.change_id ORDER BY r.id"
        ).fetchall()
        (first,) = connection.execute(
            "SELECT first_annotations FROM items WHERE job_id IS NULL"
        ).fetchone()
    assert [row[:4] for row in rows] == [
        ("condition", '"drug"', '"water"', "ada"),
        ("n", None, "1", "ada"),
        ("n", "1", "true", "eve"),
        ("condition", '"water"', None, "eve"),
    ]
    assert all(row[4].endswith("Z") for row in rows)
    assert json.loads(first) == {"condition": "drug"}


def test_text_that_is_no_unicode_is_refused(path: Path) -> None:
    with SqlStore(path) as store:
        with pytest.raises(StoreError, match="cannot be kept in the store"):
            store.add_raw_items([raw_item("a\udcff.tif", text="b")])
        assert len(list(store.items("raw"))) == 1


def test_number_that_is_too_large_is_refused(path: Path) -> None:
    with SqlStore(path) as store:
        (run,) = store.runs()
        (item,) = store.items("raw")
        job = job_record(run.id, [item.id])
        object.__setattr__(job, "peak_memory", 2**70)
        with pytest.raises(StoreError, match="cannot be kept in the store"):
            store.commit_jobs([job])
        assert len(store.jobs(run.id)) == 3


# Tampering

Tamper = Callable[[sqlite3.Connection], object]


def change(statement: str) -> Tamper:
    return lambda connection: connection.execute(statement)


def rewrite_record(connection: sqlite3.Connection) -> None:
    """Change a record and its own hash, as somebody who knows the rule would."""
    body, previous = connection.execute(
        "SELECT body, previous FROM records WHERE n = 1"
    ).fetchone()
    changed = json.loads(body) | {"exit_code": 7}
    connection.execute(
        "UPDATE records SET body = ?, sha256 = ? WHERE n = 1",
        (json.dumps(changed), chain(previous, changed)),
    )


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (
            change("UPDATE records SET body = replace(body, 'spots', 'dots')"),
            "Record 2 .* was changed after it was written",
        ),
        (rewrite_record, "Record 2 .* does not follow"),
        (change("DELETE FROM records WHERE n = 2"), "Record 2 .* is missing: record 3"),
        (change("DELETE FROM records WHERE n = 0"), "Record 0 .* is missing: record 1"),
        (change("DELETE FROM records"), "Record 0 .* is missing"),
        (change("DELETE FROM records WHERE n >= 3"), "Job .* has no record"),
        (
            change("DELETE FROM records WHERE n = 4"),
            "its last record of an end says running",
        ),
        (change("UPDATE jobs SET exit_code = 5 WHERE id = 1"), "differs .* exit_code"),
        (change("UPDATE jobs SET state = 'done' WHERE id = 3"), "differs .* in state"),
        (change("DELETE FROM jobs WHERE id = 3"), "Job .* of record 3 is missing"),
        (change("UPDATE items SET name = 'x' WHERE id = 2"), "in produced"),
        (change("UPDATE items SET content_id = 1 WHERE id = 2"), "in consumed"),
        (change("UPDATE edge_executions SET item_id = 3"), "in consumed"),
        (change("DELETE FROM edge_executions"), "in consumed"),
        (change("DELETE FROM items WHERE id = 3"), "in produced"),
        (
            change("UPDATE contents SET sha256 = 'x' WHERE id = 1"),
            "Job .* differs .* in consumed",
        ),
        (
            change("UPDATE fingerprints SET parts = '{}' WHERE id = 1"),
            "fingerprint parts of job .* were changed",
        ),
        (change("UPDATE runs SET name = 'Other'"), "Run .* differs from its record 0"),
        (
            change("UPDATE runs SET workflow_text = 'other'"),
            "Run .* differs from its record 0",
        ),
        (change("UPDATE runs SET state = 'done'"), "Run .* is done, its last record"),
    ],
)
def test_tampering_is_found(
    path: Path, connection: sqlite3.Connection, tamper: Tamper, words: str
) -> None:
    with SqlStore(path, read_only=True) as store:
        (summary,) = store.runs()
        run: RunId = summary.id
        assert store.verify_chain(run) == []
    triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    for (name,) in connection.execute(triggers).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    tamper(connection)
    connection.commit()
    with SqlStore(path) as store:
        faults = store.verify_chain(run)
    assert faults
    assert any(re.search(words, fault) for fault in faults), faults


def test_genesis_is_where_every_chain_begins(connection: sqlite3.Connection) -> None:
    query = "SELECT previous FROM records WHERE n = 0"
    assert connection.execute(query).fetchall() == [(GENESIS,)]
