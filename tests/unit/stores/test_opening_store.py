"""Making and opening the store: what is refused, and in which words."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

import bioimageit_flow
from bioimageit_flow.errors import NewerVersionError, StoreError
from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.chosen import Selection
from bioimageit_flow.model.query import parse
from bioimageit_flow.stores import migrations, schema_version
from bioimageit_flow.stores.holders import Holder
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.attempt_contract import again
from bioimageit_flow.testing.samples import content, job_record, raw_item, run_record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store with a run, closed."""
    path = tmp_path / "experiment.db"
    with SqlStore.create(path, "Spots") as store:
        new, run = raw_item(), run_record()
        store.add_raw_items([new])
        store.begin_run(run)
        store.commit_jobs([job_record(run.id, [new.item.id])])
    return path


@contextmanager
def raw_connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def test_store_is_marked_as_ours(path: Path) -> None:
    with raw_connection(path) as connection:
        marks = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "journal_mode")
        ]
        facts = dict(connection.execute("SELECT key, value FROM meta"))
    known = schema_version.APPLICATION_ID, schema_version.SCHEMA_VERSION
    assert marks == [*known, "wal"]
    assert facts["schema_version"] == str(schema_version.SCHEMA_VERSION)
    assert facts["program_version"] == bioimageit_flow.__version__
    assert facts["name"] == "Spots"


def test_connections_are_safe(path: Path) -> None:
    with SqlStore(path) as store, store._database.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("foreign_keys", "synchronous", "busy_timeout")
        }
    assert values == {"foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000}


def test_facts_survive_reopening(path: Path) -> None:
    with SqlStore(path) as store:
        before = store.facts()
    with SqlStore(path) as store:
        assert store.facts() == before
        assert store.facts().name == "Spots"
        assert len(list(store.items())) == 2


def test_closing_leaves_one_file(path: Path) -> None:
    with SqlStore(path) as store:
        store.add_raw_items([raw_item("b.tif")])
    assert [one.name for one in path.parent.iterdir()] == ["experiment.db"]


@pytest.mark.parametrize("name", ["a b", "ä?#%20'\"", "per%cent", "-x", "é" * 40])
def test_any_folder_name_works(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with SqlStore.create(folder / "experiment.db", "x") as store:
        store.add_raw_items([raw_item()])
    with SqlStore(folder / "experiment.db", read_only=True) as store:
        assert len(list(store.items())) == 1
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208


def test_relative_path_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SqlStore.create(Path("experiment.db"), "x") as store:
        store.add_raw_items([raw_item()])
    assert (tmp_path / "experiment.db").is_file()


def test_missing_store_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no experiment in .*bioimageit-flow new"):
        SqlStore(tmp_path / "experiment.db")
    assert list(tmp_path.iterdir()) == []


def test_making_a_store_twice_is_refused(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"There is an experiment in .* already"):
        SqlStore.create(path, "again")
    assert path.read_bytes() == before


def test_empty_file_of_an_interrupted_creation_is_used(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    path.touch()
    with pytest.raises(StoreError, match="not the store of an experiment"):
        SqlStore(path)
    with SqlStore.create(path, "x") as store:
        assert store.facts().name == "x"


def test_text_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    path.write_text("This is no database. " * 100)
    with pytest.raises(StoreError, match="not the store of an experiment") as caught:
        SqlStore(path)
    assert caught.value.remedy
    assert path.read_text().startswith("This is no database.")


def test_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    with raw_connection(path) as connection:
        connection.execute("CREATE TABLE birds (name)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not the store of an experiment"):
        SqlStore(path)
    with pytest.raises(StoreError, match="already"):
        SqlStore.create(path, "x")
    assert path.read_bytes() == before


def test_damaged_store_is_named(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"is damaged.*copy"):
        SqlStore(path)


def test_truncated_store_is_named(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * 3])
    with pytest.raises(StoreError, match=r"damaged"):
        SqlStore(path)


# Versions


def make_version(path: Path, version: int, program: str = "7.8.9") -> None:
    with raw_connection(path) as connection:
        connection.execute(f"PRAGMA user_version={version}")
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'program_version'", (program,)
        )


@pytest.mark.parametrize("read_only", [False, True])
def test_newer_store_names_the_version_to_install(path: Path, read_only: bool) -> None:
    make_version(path, schema_version.SCHEMA_VERSION + 1)
    before = path.read_bytes()
    with pytest.raises(NewerVersionError) as caught:
        SqlStore(path, read_only=read_only)
    assert 'pip install "bioimageit-flow>=7.8.9"' in str(caught.value)
    assert f"schema {schema_version.SCHEMA_VERSION + 1}" in str(caught.value)
    assert path.read_bytes() == before


def test_older_store_without_a_way_is_refused(path: Path) -> None:
    make_version(path, 0)
    with pytest.raises(StoreError, match="schema 0, which this program cannot bring"):
        SqlStore(path)


def test_older_store_is_brought_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_connection(path) as connection:
        connection.execute("ALTER TABLE jobs DROP COLUMN log")
    make_version(path, 0)

    def add_log(connection: Connection) -> None:
        connection.exec_driver_sql(
            "ALTER TABLE jobs ADD COLUMN log TEXT NOT NULL DEFAULT ''"
        )

    with pytest.raises(StoreError, match="older version and is open for reading only"):
        SqlStore(path, read_only=True)
    monkeypatch.setattr(schema_version, "SCHEMA_VERSION", 1)
    monkeypatch.setattr(migrations, "STEPS", {0: add_log})
    with SqlStore(path) as store:
        (run,) = store.runs()
        assert store.jobs(run.id)[0].log == ""
    with raw_connection(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        program = "SELECT value FROM meta WHERE key = 'program_version'"
        version = connection.execute(program).fetchone()
    assert version == (bioimageit_flow.__version__,)


def test_failed_step_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_version(path, 0)

    def fail(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TABLE annotations")
        connection.exec_driver_sql("SELECT nonsense")

    monkeypatch.setattr(migrations, "STEPS", {0: fail})
    with pytest.raises(StoreError, match="nonsense"):
        SqlStore(path)
    with raw_connection(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM annotations").fetchone()


# Reading only


def test_read_only_store_reads_and_refuses_every_write(path: Path) -> None:
    before = path.read_bytes()
    with SqlStore(path, read_only=True) as store:
        assert store.facts().is_read_only
        (run,) = store.runs()
        (raw, _) = sorted(store.items(), key=lambda item: item.dataset, reverse=True)
        assert store.verify_chain(run.id) == []
        content = raw.content.sha256
        location = store.location(content)
        assert location is not None
        writes: list[Callable[[], None]] = [
            lambda: store.add_raw_items([raw_item("new.tif")]),
            lambda: store.update_location(content, location),
            lambda: store.annotate({raw.id: {"a": 1}}, user="ada"),
            lambda: store.begin_run(run_record()),
            lambda: store.commit_jobs([]),
            lambda: store.end_run(run.id, run.state, 1.0),
            lambda: store.renew(run.id),
            lambda: store.release(run.id),
        ]
        for write in writes:
            with pytest.raises(StoreError, match=r"open for reading only.*Copy it"):
                write()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["experiment.db"]


def test_read_only_store_sees_what_another_is_writing(path: Path) -> None:
    with SqlStore(path) as writer:
        writer.add_raw_items([raw_item("b.tif")])
        with SqlStore(path, read_only=True) as reader:
            assert len(list(reader.items())) == 3


def test_store_of_a_crashed_writer_is_recovered(path: Path, tmp_path: Path) -> None:
    crashed = tmp_path / "crashed" / "experiment.db"
    crashed.parent.mkdir()
    with SqlStore(path) as writer:
        writer.add_raw_items([raw_item("b.tif")])
        for name in ("experiment.db", "experiment.db-wal"):
            (crashed.parent / name).write_bytes((path.parent / name).read_bytes())
    with SqlStore(crashed) as store:
        assert len(list(store.items())) == 3


# Frozen schema

FROZEN = Path(__file__).parent / "frozen"


def load_frozen(path: Path, version: int) -> None:
    script = (FROZEN / f"schema-{version}.sql").read_text(encoding="utf-8")
    with raw_connection(path) as connection:
        connection.executescript(script)
        connection.execute(f"PRAGMA application_id={schema_version.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={version}")


@pytest.mark.parametrize("version", range(1, schema_version.SCHEMA_VERSION + 1))
def test_frozen_store_is_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "experiment.db"
    load_frozen(path, version)
    with SqlStore(path) as store:
        assert store.facts().schema_version == schema_version.SCHEMA_VERSION
        assert store.facts().name == "Frozen"
        (run,) = store.runs()
        assert store.verify_chain(run.id) == []
        jobs = store.jobs(run.id)
        assert [str(job.state) for job in jobs] == ["done", "reused", "failed"]
        result = store.item(jobs[1].produced[0].id)
        (root,) = store.roots([result.id])[result.id]
        assert store.item(root).name == "a.ome.tif"
        assert store.views([result.id])[result.id] == {"condition": "drug", "n": 2}
        assert store.known_results([jobs[0].fingerprint])
        drug = Selection(parse("condition = drug and n = 2 and kind = image"))
        assert [one.id for one in store.selected(drug)] == [
            item.id
            for item in store.items()
            if store.views([item.id])[item.id].get("n") == 2
        ]
        assert store.verify_changes() == []


def test_changes_of_schema_1_become_one_change_per_act(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    load_frozen(path, 1)
    with SqlStore(path) as store:
        (change,) = store.changes()
        assert (change.n, change.user, change.rows) == (1, "ada", 2)
        assert str(change.at) == "2026-11-22 16:04:53.663282+00:00"
        (raw,) = store.selected(Selection(parse("name = a.ome.tif")))
        (row,) = store.changes_of_item(raw.id)
        assert (row.key, row.old, row.new) == ("condition", "water", "drug")
        store.undo(user="eve")
        assert store.item(raw.id).annotations["condition"] == "water"
        assert store.verify_changes() == []


def test_schema_3_keeps_claims_and_declarations(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    load_frozen(path, 3)
    with SqlStore(path) as store:
        (run,) = store.runs()
        (claim,) = store.claims()
        assert claim.run == run.id
        assert claim.holder == Holder("scope", "boot-1", 4711, 12.25)
        (change, *_) = store.changes()
        assert (change.kind, change.user) == (ChangeKind.STILL_VALID, "ada")
        declared = content("a new fingerprint").sha256
        result = store.known_results([declared])[declared]
        assert result.job == store.jobs(run.id)[0].id
        assert result.declared is not None
        assert result.declared.reason == "image rebuilt from the same lock"


def test_units_are_kept_and_belong_to_the_record(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    load_frozen(path, 4)
    with SqlStore(path) as store:
        (run,) = store.runs()
        assert [job.units for job in store.jobs(run.id)] == [{}, {}, {"sigma": "px"}]
    with raw_connection(path) as connection:
        connection.execute("UPDATE jobs SET units = '{}' WHERE units <> '{}'")
    with SqlStore(path) as store:
        (fault,) = store.verify_chain(run.id)
        assert "count" in fault


def test_upgraded_store_takes_new_attempts(tmp_path: Path) -> None:
    path = tmp_path / "experiment.db"
    load_frozen(path, 2)
    with SqlStore(path) as store:
        (run,) = store.runs()
        first = store.jobs(run.id)[-1]
        assert (str(first.state), first.attempt) == ("failed", 1)
        store.commit_jobs([again(first)])
        assert store.jobs(run.id)[-1].supersedes == first.id
        assert store.verify_chain(run.id) == []


def test_upgraded_store_is_as_a_fresh_one(tmp_path: Path) -> None:
    old, fresh = tmp_path / "old.db", tmp_path / "fresh.db"
    load_frozen(old, 1)
    SqlStore(old).close()
    SqlStore.create(fresh, "x").close()
    assert _structure(old) == _structure(fresh)


def _structure(path: Path) -> dict[str, object]:
    """Return columns, indexes and triggers, whatever the order of columns."""
    found: dict[str, object] = {}
    with raw_connection(path) as connection:
        query = "SELECT type, name, tbl_name FROM sqlite_schema"
        for kind, name, table in connection.execute(query).fetchall():
            match kind:
                case "table":
                    columns = connection.execute(f"PRAGMA table_info({name})")
                    found[name] = {row[1]: row[2:4] for row in columns}
                    keys = connection.execute(f"PRAGMA foreign_key_list({name})")
                    found[f"keys of {name}"] = {row[2:5] for row in keys}
                case "index":
                    rows = connection.execute(f"PRAGMA index_info({name})")
                    found[name] = [row[2] for row in rows]
                case _:
                    found[name] = table
    return found


def test_schema_changes_only_with_its_version(tmp_path: Path) -> None:
    """A change of `schema` needs a new number, a step, and a frozen old database."""
    frozen, fresh = tmp_path / "frozen.db", tmp_path / "fresh.db"
    load_frozen(frozen, schema_version.SCHEMA_VERSION)
    SqlStore.create(fresh, "x").close()
    assert _tables(frozen) == _tables(fresh)


def _tables(path: Path) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
    with raw_connection(path) as connection:
        return {name: " ".join(sql.split()) for name, sql in connection.execute(query)}


def test_store_in_a_file_loads_no_dialect_of_servers() -> None:
    program = (
        "import sys\n"
        "import bioimageit_flow.stores.sql\n"
        "assert 'sqlalchemy.dialects.postgresql' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
