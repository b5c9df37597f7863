"""What a check of the store finds: each rule, broken behind the triggers' back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.stores.dialects.sqlite import SqliteDialect
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.stores.store_rules import rules
from bioimageit_flow.testing.attempt_contract import again
from bioimageit_flow.testing.memory_store import MemoryStore
from bioimageit_flow.testing.samples import (
    content,
    job_record,
    produced,
    raw_item,
    run_record,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store in which everything occurs once, closed."""
    path = tmp_path / "experiment.db"
    with SqlStore.create(path, "Spots") as store:
        new, other = raw_item(annotations={"dose": 2.5}), raw_item("b.tif")
        store.add_raw_items([new, other])
        run = run_record()
        store.begin_run(run)
        made = produced(path="results/0")
        first = job_record(run.id, [new.item.id], outputs=[made])
        failed = job_record(run.id, [made.id], node="spots", state=JobState.FAILED)
        reused = job_record(
            run.id,
            [new.item.id, other.item.id],
            node="again",
            state=JobState.REUSED,
            reused_from=first.id,
            outputs=[replace(produced(), content=made.content)],
        )
        store.commit_jobs([first, failed, again(failed), reused])
        store.end_run(run.id, RunState.DONE, 2.5)
        store.annotate({new.item.id: {"condition": "drug"}}, user="ada")
        store.exclude([other.item.id], "blurred", user="ada")
        new_print = content("new").sha256
        store.declare_still_valid({new_print: first.id}, "rebuilt", user="ada")
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that nothing stops."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        found = connection.execute(triggers).fetchall()
        for name, _ in found:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in found:
            connection.execute(sql)
        connection.commit()


def codes(path: Path) -> set[str]:
    with SqlStore(path) as store:
        problems = store.problems()
    assert all(one.text and one.fix for one in problems)
    return {one.code for one in problems}


def test_sound_store_has_no_problems(path: Path) -> None:
    assert codes(path) == set()


BREAKS = {
    "item-origin": "UPDATE items SET source = 'x' WHERE job_id IS NOT NULL",
    "item-dataset": "UPDATE items SET dataset_id = 1",
    "item-location": "UPDATE items SET location_id = 1 WHERE location_id = 3",
    "content-place": "INSERT INTO contents VALUES (99, 'ff', 1, 0);"
    "UPDATE items SET content_id = 99 WHERE id = 1",
    "place-taken-twice": "INSERT INTO locations SELECT 99, 1, path, size, mtime_ns, "
    "inode, verify_sha256, is_referenced, state FROM locations WHERE id = 3",
    "results-of-failure": "UPDATE jobs SET state = 'failed' WHERE id = 1",
    "reuse": "UPDATE jobs SET reused_from = NULL WHERE state = 'reused'",
    "edge-run": "UPDATE edges SET edge = 'x -> other.image' WHERE id = 1",
    "edge-order": "UPDATE edge_executions SET n = n + 1 WHERE job_id = 1",
    "edge-time": "UPDATE edge_executions SET item_id = 4 WHERE job_id = 1",
    "superseded": "UPDATE jobs SET attempt = 3 WHERE attempt = 2",
    "attempt": "UPDATE jobs SET superseded_by = NULL",
    "run-end": "UPDATE runs SET ended = NULL",
    "annotation-value": "UPDATE annotations SET text = 'other' WHERE key = 'condition'",
    "annotation-history": "UPDATE annotations SET value = '\"water\"', text = 'water' "
    "WHERE key = 'condition'",
    "exclusion-history": "DELETE FROM exclusions",
}


DIALECT = SqliteDialect()
RULES = rules(DIALECT)


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_each_rule_finds_what_breaks_it(
    path: Path, connection: sqlite3.Connection, code: str
) -> None:
    connection.executescript(BREAKS[code])
    connection.commit()
    with closing(sqlite3.connect(path)) as other:
        rule = next(one for one in RULES if one.code == code)
        found = other.execute(DIALECT.statement(rule.query)).fetchall()
    assert found
    with SqlStore(path) as store:
        problems = [one for one in store.problems() if one.code == code]
    # What breaks a check of the schema too is told as damage, before the rules.
    assert problems or code == "item-origin"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("PRAGMA foreign_keys=OFF; DELETE FROM runs", "foreign-key"),
        ("DROP INDEX items_by_name", "schema"),
        ("UPDATE changes SET note = 'other' WHERE id = 1", "changes"),
        ("UPDATE still_valid SET fingerprint = 'other'", "changes"),
        ("DELETE FROM still_valid", "changes"),
        ("UPDATE items SET source = 'x' WHERE job_id IS NOT NULL", "damaged"),
    ],
)
def test_what_was_tampered_with_is_found(
    path: Path, connection: sqlite3.Connection, script: str, code: str
) -> None:
    connection.executescript(script)
    connection.commit()
    assert code in codes(path)


def test_missing_and_strange_triggers_are_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER records_no_delete")
        connection.execute(
            "CREATE TRIGGER own AFTER INSERT ON jobs BEGIN DELETE FROM claims; END"
        )
        connection.commit()
    with SqlStore(path) as store:
        texts = " ".join(one.text for one in store.problems())
    assert "trigger records_no_delete is missing" in texts
    assert "trigger own of the store is not ours" in texts


def test_damaged_pages_are_found(path: Path, connection: sqlite3.Connection) -> None:
    """One page, of an index: opening the store does not read it."""
    query = "SELECT rootpage FROM sqlite_schema WHERE name = 'items_by_content'"
    (page,) = connection.execute(query).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + 8)
        file.write(b"\xff" * 60)
    with SqlStore(path) as store:
        (first, *_) = store.problems()
    assert first.code == "damaged"
    assert ".recover" in first.fix


def test_many_cases_of_one_rule_are_counted(
    path: Path, connection: sqlite3.Connection
) -> None:
    connection.executescript(
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n LIMIT 50) "
        "INSERT INTO items (id, uuid, dataset_id, content_id, location_id, job_id, "
        "source, name, selector, part, info, first_annotations) "
        "SELECT i, 'u' || i, 1, 1, 1, 1, NULL, 'n', '', '', '{}', '{}' FROM n"
    )
    connection.commit()
    with SqlStore(path) as store:
        found = [one.text for one in store.problems() if one.code == "item-dataset"]
    assert len(found) == 21
    assert found[-1].endswith("holds for 30 more.")


def test_store_in_memory_has_none() -> None:
    assert MemoryStore().problems() == []
