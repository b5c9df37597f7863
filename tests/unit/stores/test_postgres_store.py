"""The store on a PostgreSQL server: what it promises beyond the contract."""

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bioimageit_flow.errors import Cancelled, FlowError, NewerVersionError, StoreError
from bioimageit_flow.model.chosen import Order, Selection
from bioimageit_flow.model.query import parse
from bioimageit_flow.stores import create_experiment, migrations, open_experiment
from bioimageit_flow.stores.layout import SERVER
from bioimageit_flow.stores.schema import FACTS
from bioimageit_flow.stores.schema_version import SCHEMA_VERSION
from bioimageit_flow.stores.server import Server, new_server, read_server
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.stores.stopping import stoppable
from bioimageit_flow.testing.samples import job_record, raw_item, run_record
from tests.private_postgres import GUARDED, PASSWORD, PrivateServer


@pytest.fixture
def store(server_place: Server) -> Iterator[SqlStore]:
    """A store with a run that has made something."""
    with SqlStore.create(server_place, "Spots") as store:
        new, run = raw_item(), run_record()
        store.add_raw_items([new])
        store.begin_run(run)
        store.commit_jobs([job_record(run.id, [new.item.id])])
        yield store


def run_in(store: SqlStore, statement: str) -> Any:  # noqa: ANN401
    with store._database.writing() as connection:
        result = connection.exec_driver_sql(statement)
        return result.fetchall() if result.returns_rows else None


# The folder of the experiment


def test_experiment_names_its_database_without_a_password(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    path = tmp_path / "Ünser Versuch 1"
    folder, store = create_experiment(path, url=postgres_server.url())
    with folder, closing(store):
        store.add_raw_items([raw_item()])
        uuid = store.facts().uuid
    assert not (path / "experiment.db").exists()
    server = read_server(path)
    assert server is not None
    assert server.experiment == uuid
    assert server.namespace.startswith("flow_")
    assert "password" not in (path / SERVER).read_text()
    for named in (path, path / SERVER):
        folder, store = open_experiment(named)
        with folder, closing(store):
            assert store.facts().uuid == uuid
            assert len(list(store.items())) == 1


def test_one_database_holds_several_experiments(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        folder, store = create_experiment(tmp_path / name, url=postgres_server.url())
        with folder, closing(store):
            store.add_raw_items([raw_item(f"{name}.tif")])
    for name in ("a", "b"):
        folder, store = open_experiment(tmp_path / name)
        with folder, closing(store):
            assert [item.name for item in store.items()] == [f"{name}.tif"]


def test_what_cannot_be_made_leaves_nothing(
    postgres_server: PrivateServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Server, experiment: str) -> None:
        raise StoreError("No space is left.")

    count = "SELECT count(*) FROM pg_namespace"
    before = postgres_server.query(count)
    monkeypatch.setattr(Server, "write", full)
    with pytest.raises(StoreError, match="No space is left"):
        create_experiment(tmp_path / "x", url=postgres_server.url())
    assert not (tmp_path / "x").exists()
    assert postgres_server.query(count) == before


def test_folder_with_an_experiment_is_not_taken(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    folder, store = create_experiment(tmp_path / "x", url=postgres_server.url())
    store.close()
    folder.close()
    with pytest.raises(StoreError, match=r"There is an experiment in .* already"):
        create_experiment(tmp_path / "x")


# Addresses


@pytest.mark.parametrize(
    ("change", "words", "remedy"),
    [
        (("flow@", "flow:secret@"), "has a password in it", "pgpass"),
        (("?host", "?password=x&host"), "has a password in it", "pgpass"),
        (("/postgres?", "/nowhere?"), "no such database", "createdb"),
        (("flow@", "stranger@"), "knows no such user", "createuser"),
        (("flow@", f"{GUARDED}@"), "asks for a password", "pgpass"),
        (("tmp", "tmp%2Fnowhere"), "does not answer", "server runs"),
        (("host=", "hots="), "makes no sense", "postgresql://USER"),
        (("?", "?service=nowhere&"), "service is not described", "pg_service"),
        (("postgresql:", "mysql:"), "none of a PostgreSQL database", "postgresql://"),
        (("postgresql://", ""), "none of a PostgreSQL database", "postgresql://"),
    ],
)
def test_bad_addresses_are_refused_in_one_sentence(
    postgres_server: PrivateServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[str, str],
    words: str,
    remedy: str,
) -> None:
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    url = postgres_server.url().replace(*change, 1)
    with pytest.raises(StoreError, match=words) as caught:
        create_experiment(tmp_path / "x", url=url)
    assert remedy in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "x").exists()


def test_password_comes_from_the_files_of_postgresql(
    postgres_server: PrivateServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.url(GUARDED)
    passwords = tmp_path / "pgpass"
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    passwords.write_text(f"*:*:*:{GUARDED}:wrong\n")
    passwords.chmod(0o600)
    with pytest.raises(StoreError, match="refused the user or the password"):
        create_experiment(tmp_path / "x", url=url)
    passwords.write_text(f"*:*:*:{GUARDED}:{PASSWORD}\n")
    with pytest.raises(StoreError, match="you have not the right"):
        create_experiment(tmp_path / "x", url=url)
    postgres_server.query(f"GRANT CREATE ON DATABASE postgres TO {GUARDED}")
    folder, store = create_experiment(tmp_path / "x", url=url)
    with folder, closing(store):
        store.add_raw_items([raw_item()])
    assert PASSWORD not in (tmp_path / "x" / SERVER).read_text()


def test_missing_driver_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] == "psycopg" or name.endswith("postgres_database"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"not installed.*bioimageit-flow\[postgres\]"):
        create_experiment(tmp_path / "x", url="postgresql://ada@db.lab/flow")
    assert not (tmp_path / "x").exists()


# What opens and what does not


def test_newer_store_names_the_version_to_install(
    store: SqlStore, server_place: Server
) -> None:
    new = SCHEMA_VERSION + 1
    run_in(store, f"UPDATE meta SET value = '{new}' WHERE key = 'schema_version'")
    run_in(store, "UPDATE meta SET value = '7.8.9' WHERE key = 'program_version'")
    with pytest.raises(NewerVersionError, match=r"bioimageit-flow>=7\.8\.9"):
        SqlStore(server_place)


def test_newer_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / SERVER).write_text("schema: bioimageit-flow/store/2\n")
    with pytest.raises(NewerVersionError, match="newer version"):
        open_experiment(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[1]", "schema: x", "a: b: c", "schema: bioimageit-flow/store/1\n"]
)
def test_file_without_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / SERVER).write_text(text)
    with pytest.raises(StoreError, match="makes no sense") as caught:
        open_experiment(tmp_path)
    assert SERVER in caught.value.message


def test_schema_that_is_gone_is_named(store: SqlStore, server_place: Server) -> None:
    store.close()
    with pytest.raises(StoreError, match="has no schema flow_nowhere"):
        SqlStore(Server(server_place.url, "flow_nowhere", server_place.folder))


def test_schema_of_another_experiment_is_refused(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        folder, store = create_experiment(tmp_path / name, url=postgres_server.url())
        store.close()
        folder.close()
    a, b = (read_server(tmp_path / name) for name in ("a", "b"))
    assert a is not None
    assert b is not None
    text = (tmp_path / "a" / SERVER).read_text()
    (tmp_path / "a" / SERVER).write_text(text.replace(a.namespace, b.namespace))
    with pytest.raises(StoreError, match="that of another experiment"):
        open_experiment(tmp_path / "a")


def test_copied_folder_is_refused_and_the_original_goes_on(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    path, copy = tmp_path / "x", tmp_path / "copy"
    folder, store = create_experiment(path, url=postgres_server.url())
    with folder, closing(store):
        store.add_raw_items([raw_item()])
    shutil.copytree(path, copy)

    with pytest.raises(StoreError, match=f"{copy} is a copy: .* {path}") as caught:
        open_experiment(copy)

    assert "delete its experiment.store.yaml" in caught.value.remedy
    folder, store = open_experiment(path)
    with folder, closing(store):
        assert not folder.is_read_only
    (path / SERVER).unlink()  # given up: the copy takes its place
    for _ in range(2):
        folder, store = open_experiment(copy)
        with folder, closing(store):
            assert len(list(store.items())) == 1


@pytest.mark.parametrize("is_other_disk", [False, True])
def test_moved_folder_is_opened_and_remembered(
    postgres_server: PrivateServer, tmp_path: Path, is_other_disk: bool
) -> None:
    path, moved = tmp_path / "x", tmp_path / "moved"
    folder, store = create_experiment(path, url=postgres_server.url())
    store.close()
    folder.close()
    if is_other_disk:
        shutil.copytree(path, moved)
        shutil.rmtree(path)
    else:
        path.rename(moved)

    folder, store = open_experiment(moved)
    with folder, closing(store):
        assert isinstance(store, SqlStore)
        (home,) = store.homes().values()
        assert home.path == str(moved.resolve())
    shutil.copytree(moved, path)
    with pytest.raises(StoreError, match="is a copy"):
        open_experiment(path)


def test_folder_of_another_machine_is_asked_about(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    path, other = tmp_path / "x", tmp_path / "mounted"
    folder, store = create_experiment(path, url=postgres_server.url())
    with folder, closing(store):
        assert isinstance(store, SqlStore)
        home = store.homes()[platform.node()]
        elsewhere = json.dumps({"lab": {"path": "/lab/x", "inode": home.inode + 1}})
        run_in(store, f"UPDATE meta SET value = '{elsewhere}' WHERE key = 'homes'")
    path.rename(other)

    with pytest.raises(StoreError, match=r"may be a copy: .* /lab/x on lab") as caught:
        open_experiment(other)

    assert "moved: true" in caught.value.remedy
    text = (other / SERVER).read_text()
    (other / SERVER).write_text(f"{text}moved: true\n")
    for _ in range(2):
        folder, store = open_experiment(other)
        with folder, closing(store):
            assert isinstance(store, SqlStore)
            assert set(store.homes()) == {"lab", platform.node()}
    assert (other / SERVER).read_text() == text


def test_experiment_that_knows_no_home_yet_gets_one(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    folder, store = create_experiment(tmp_path / "x", url=postgres_server.url())
    with folder, closing(store):
        assert isinstance(store, SqlStore)
        run_in(store, "DELETE FROM meta WHERE key = 'homes'")

    folder, store = open_experiment(tmp_path / "x")
    with folder, closing(store):
        assert isinstance(store, SqlStore)
        assert set(store.homes()) == {platform.node()}


def test_whoever_may_only_read_opens_for_reading(
    postgres_server: PrivateServer, tmp_path: Path
) -> None:
    folder, store = create_experiment(tmp_path / "x", url=postgres_server.url())
    with folder, closing(store):
        store.add_raw_items([raw_item()])
    server = read_server(tmp_path / "x")
    assert server is not None
    postgres_server.query("DROP ROLE IF EXISTS reader")
    postgres_server.query("CREATE ROLE reader LOGIN")
    name = server.namespace
    postgres_server.query(f"GRANT USAGE ON SCHEMA {name} TO reader")
    postgres_server.query(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO reader")
    path = tmp_path / "x" / SERVER
    path.write_text(path.read_text().replace("flow@", "reader@"))
    folder, store = open_experiment(tmp_path / "x")
    with folder, closing(store):
        assert folder.is_read_only
        assert len(list(store.items())) == 1
        assert store.problems() == []
        with pytest.raises(StoreError, match="open for reading only"):
            store.add_raw_items([raw_item("b.tif")])
    postgres_server.query(f"DROP SCHEMA {name} CASCADE")
    postgres_server.query("DROP ROLE reader")


# Facts, locks, lost connections


@pytest.mark.parametrize("table", [table.name for table in FACTS])
def test_facts_never_change(store: SqlStore, table: str) -> None:
    (item,) = store.items("raw")
    store.annotate({item.id: {"a": 1}}, user="ada")
    (run,) = store.runs()
    (job,) = store.jobs(run.id)
    store.declare_still_valid({job.fingerprint: job.id}, "looked", user="ada")
    (column,) = run_in(
        store,
        "SELECT column_name FROM information_schema.columns WHERE table_schema = "
        f"current_schema() AND table_name = '{table}' LIMIT 1",
    )[0]
    for statement in (
        f'UPDATE {table} SET "{column}" = "{column}"',
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        with pytest.raises(StoreError, match="never change"):
            run_in(store, statement)
    assert store.problems() == []


def test_tampering_is_found(store: SqlStore) -> None:
    (run,) = store.runs()
    assert store.verify_chain(run.id) == []
    run_in(store, "ALTER TABLE records DISABLE TRIGGER records_no_update")
    run_in(store, "UPDATE records SET body = replace(body, 'run', 'ran') WHERE n = 0")
    assert store.verify_chain(run.id)
    assert any("records_no_update" in one.text for one in store.problems())
    run_in(store, "ALTER TABLE jobs DROP CONSTRAINT jobs_run_id_fkey")
    run_in(store, "UPDATE jobs SET run_id = 99, state = 'failed'")
    codes = {one.code for one in store.problems()}
    assert {"schema", "foreign-key", "results-of-failure"} <= codes


def test_writers_wait_and_say_so(server_place: Server, store: SqlStore) -> None:
    with (
        SqlStore(server_place, busy_timeout_s=0.05) as other,
        store._database.writing(),
    ):
        with pytest.raises(StoreError, match=r"locked by another program.*0\.05 s"):
            other.add_raw_items([raw_item("b.tif")])
        assert len(list(other.items())) == 2
    store.add_raw_items([raw_item("b.tif")])


def test_lost_connection_loses_nothing(
    store: SqlStore, postgres_server: PrivateServer
) -> None:
    def end_all() -> None:
        postgres_server.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'bioimageit-flow'"
        )

    def write_meanwhile() -> None:
        with store._database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM claims")
            end_all()
            connection.exec_driver_sql("DELETE FROM claims")

    with pytest.raises(StoreError, match=r"connection .* was lost.*--resume"):
        write_meanwhile()
    end_all()
    store.add_raw_items([raw_item("b.tif")])
    assert len(list(store.items("raw"))) == 2


# Values


def test_long_texts_are_kept_and_found(store: SqlStore) -> None:
    (item,) = store.items("raw")
    text = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(5_000))
    store.annotate({item.id: {"note": text}}, user="ada")
    for query in (
        f'note = "{text}"',
        f'note >= "{text}"',
        f'note <= "{text}"',
        f'note ~ "{text[-50:]}"',
        r'note ~ "^\S+$"',
    ):
        assert store.count(Selection(parse(query), "raw")) == 1
    for query in (f'note < "{text}"', f'note > "{text}"', f'note = "{text[:-1]}"'):
        assert store.count(Selection(parse(query), "raw")) == 0
    store.undo(user="ada")
    assert store.key_uses() == []


def test_numbers_are_kept_exactly(store: SqlStore) -> None:
    (item,) = store.items("raw")
    for value in (0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2**63 - 1, -(2**63)):
        store.annotate({item.id: {"x": value}}, user="ada")
        assert dict(store.item(item.id).annotations) == {"x": value}
        assert store.key_values("x") == (value,)
        assert store.count(Selection(parse(f"x = {value!r}"), "raw")) == 1
    assert store.problems() == []


def test_texts_are_ordered_as_everywhere(store: SqlStore) -> None:
    names = ["B.tif", "a.tif", "Z.tif", "_.tif", "é.tif", "e.tif", "~.tif", "a b.tif"]
    store.add_raw_items([raw_item(name, dataset="x") for name in names])
    assert [one.name for one in store.items("x")] == sorted(names)
    by_name = store.ordered(Selection(dataset="x"), Order("name"))
    assert [one.name for one in store.numbered(by_name)] == sorted(names)


def test_zero_in_a_text_is_refused_and_nothing_changes(store: SqlStore) -> None:
    (item,) = store.items("raw")
    with pytest.raises(FlowError, match=r"cannot be kept|NUL|cannot be"):
        store.annotate({item.id: {"x": "a\0b"}}, user="ada")
    assert store.changes() == []


def test_settings_of_the_environment_are_kept(
    postgres_server: PrivateServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "PGHOST", str(postgres_server.folder))
    place = new_server("postgresql+psycopg://flow@/postgres", tmp_path, "x")
    with SqlStore.create(place, "x") as store:
        assert store.facts().name == "x"


def test_a_long_query_is_broken_off_in_its_middle(store: SqlStore) -> None:
    asked = 0

    def once() -> bool:
        nonlocal asked
        asked += 1
        return asked < 2

    def sleep() -> None:
        with store._database.reading() as connection, stoppable(connection, once):
            connection.exec_driver_sql("SELECT pg_sleep(100)")

    with pytest.raises(Cancelled):
        sleep()
    assert len(store.ordered(Selection(), Order("name"), lambda: True)) == 2


# Versions

FROZEN = Path(__file__).parent / "frozen"
FIRST = 3
"""The first schema version that was kept on servers."""


@pytest.mark.parametrize("version", range(FIRST, SCHEMA_VERSION + 1))
def test_frozen_store_is_read(
    postgres_server: PrivateServer, tmp_path: Path, version: int
) -> None:
    script = (FROZEN / f"postgresql-schema-{version}.sql").read_text(encoding="utf-8")
    postgres_server.query("DROP SCHEMA IF EXISTS flow_frozen CASCADE")
    postgres_server.run_script(script)
    with SqlStore(Server(postgres_server.url(), "flow_frozen", tmp_path)) as store:
        assert store.facts().schema_version == SCHEMA_VERSION
        assert store.facts().name == "Frozen"
        (run,) = store.runs()
        assert store.verify_chain(run.id) == []
        jobs = store.jobs(run.id)
        assert [str(job.state) for job in jobs] == ["done", "reused", "failed"]
        result = store.item(jobs[1].produced[0].id)
        assert store.views([result.id])[result.id] == {"condition": "drug", "n": 2}
        drug = Selection(parse("condition = drug and n = 2 and kind = image"))
        assert result.id in [one.id for one in store.selected(drug)]
        assert len(store.claims()) == 1
        assert store.verify_changes() == []
        assert store.problems() == []


def test_older_store_is_brought_up_to_date(
    store: SqlStore, server_place: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_in(store, "ALTER TABLE jobs DROP COLUMN log")
    run_in(store, "UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    with pytest.raises(StoreError, match="schema 0, which this program cannot bring"):
        SqlStore(server_place)
    with pytest.raises(StoreError, match="open for reading only"):
        SqlStore(server_place, read_only=True)

    def add_log(connection: Connection) -> None:
        connection.exec_driver_sql(
            "ALTER TABLE jobs ADD COLUMN log TEXT NOT NULL DEFAULT ''"
        )

    steps = dict.fromkeys(range(1, SCHEMA_VERSION), lambda _connection: None)
    monkeypatch.setattr(migrations, "STEPS", {**steps, 0: add_log})
    with SqlStore(server_place) as upgraded:
        (run,) = upgraded.runs()
        assert [job.log for job in upgraded.jobs(run.id)] == [""]
        assert upgraded.facts().schema_version == SCHEMA_VERSION
    SqlStore(server_place).close()
