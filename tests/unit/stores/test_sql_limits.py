"""Full disks, locks, crashes, and several processes at once."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.stores import create_experiment, open_experiment
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.stores.sqlite_database import SqliteDatabase, store_error
from bioimageit_flow.testing.samples import job_record, raw_item, run_record

WRITER = """
import sys
from pathlib import Path
from bioimageit_flow.stores import open_experiment
from bioimageit_flow.testing.samples import job_record

place, run, raw, name, count = sys.argv[1:]
folder, store = open_experiment(Path(place))
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(count)):
    job = job_record(run, [raw], parameters={"writer": name, "n": n})
    store.commit_jobs([job])
    print(job.id, flush=True)
store.close()
folder.close()
"""


def start_writer(
    place: Path, run: RunId, raw: ItemId, name: str, count: int
) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(place), run, raw, name, str(count)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def let_go(writer: "subprocess.Popen[str]") -> None:
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("go\n")
    writer.stdin.flush()


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, RunId, ItemId]:
    """An experiment with one raw item and a run that has begun, closed."""
    path = tmp_path / "experiment"
    folder, store = create_experiment(path, "Spots")
    new, run = raw_item(), run_record()
    store.add_raw_items([new])
    store.begin_run(run)
    store.close()
    folder.close()
    return path, run.id, new.item.id


def test_processes_may_write_at_once(place: tuple[Path, RunId, ItemId]) -> None:
    path, run, raw = place
    writers = [start_writer(path, run, raw, name, 25) for name in ("a", "b", "c")]
    committed: list[str] = []
    for writer in writers:
        let_go(writer)
    for writer in writers:
        output, _ = writer.communicate(timeout=120)
        assert writer.returncode == 0
        committed += output.split()
    assert len(committed) == 75
    folder, store = open_experiment(path)
    with folder, closing(store):
        assert {job.id for job in store.jobs(run)} == set(committed)
        assert store.verify_chain(run) == []
        assert len(list(store.records(run))) == 76


def test_killed_writer_loses_nothing_it_was_told_of(
    place: tuple[Path, RunId, ItemId],
) -> None:
    path, run, raw = place
    with start_writer(path, run, raw, "a", 100_000) as writer:
        let_go(writer)
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(20)]
        writer.kill()
        rest = writer.stdout.read().splitlines()
    told += [line for line in rest if len(line) == len(told[0])]
    folder, store = open_experiment(path)
    with folder, closing(store):
        jobs = [job.id for job in store.jobs(run)]
        assert jobs[: len(told)] == told
        assert len(jobs) <= len(told) + 1
        assert store.verify_chain(run) == []


# A full disk


@contextmanager
def full_disk(store: SqlStore) -> Iterator[None]:
    """Let SQLite find no room for another page."""

    database = store._database
    assert isinstance(database, SqliteDatabase)
    take = database._take

    def limited() -> sqlite3.Connection:
        connection = take()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_take", limited)
        yield
    for connection in database._idle:
        connection.execute("PRAGMA max_page_count=1073741823")


def test_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    with SqlStore.create(tmp_path / "experiment.db", "x") as store:
        new, run = raw_item(), run_record()
        store.add_raw_items([new])
        store.begin_run(run)
        many = [raw_item(f"{n}.tif") for n in range(1000)]
        jobs = [job_record(run.id, [new.item.id]) for _ in range(300)]
        with full_disk(store):
            with pytest.raises(StoreError, match=r"No space is left.*Free some space"):
                store.add_raw_items(many)
            with pytest.raises(StoreError, match="No space is left"):
                store.commit_jobs(jobs)
        assert [item.name for item in store.items()] == ["a.ome.tif"]
        assert store.verify_chain(run.id) == []
        store.add_raw_items(many)
        store.commit_jobs(jobs)
        assert store.verify_chain(run.id) == []


# Locks


def test_lock_of_another_program_is_named(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    SqlStore.create(path, "x").close()
    with (
        SqlStore(path, busy_timeout_s=0.05) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"locked by another program.*0\.05 s"):
            store.add_raw_items([raw_item()])
        assert list(store.items()) == []
        other.execute("ROLLBACK")
        store.add_raw_items([raw_item()])


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    SqlStore.create(path, "x").close()
    with (
        SqlStore(path, busy_timeout_s=0.05) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        store.add_raw_items([raw_item()])
        other.execute("BEGIN IMMEDIATE")
        assert len(list(store.items())) == 1
        other.execute("ROLLBACK")


# Words for what cannot be brought about here


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "No space is left"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked by another program"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged"),
        (sqlite3.SQLITE_NOTADB, "not the store of an experiment"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "cannot be written by you"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "cannot be opened"),
        (sqlite3.SQLITE_IOERR_FSYNC, "disk .* has an error"),
        (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, "contradicts"),
        (sqlite3.SQLITE_MISUSE, "has an error"),
        (None, "has an error"),
    ],
)
def test_every_error_of_the_database_has_words_and_a_remedy(
    code: int | None, words: str
) -> None:
    error = sqlite3.OperationalError("said the database")
    if code is not None:
        error.sqlite_errorcode = code
    said = store_error(error, Path("/lab/spots/experiment.db"))
    assert "/lab/spots" in said.message
    with pytest.raises(StoreError, match=words):
        raise said
    assert said.remedy
