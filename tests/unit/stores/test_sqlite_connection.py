"""One connection for plain SQL and for SQLAlchemy, and one transaction."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Connection, insert, select

from bioimageit_flow.stores import schema
from bioimageit_flow.stores.database import Database
from bioimageit_flow.stores.rows import carry_out, plain_rows
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.stores.sqlite_database import SqliteDatabase

ONE = "INSERT INTO meta (key, value) VALUES ('one', '1')"
TWO = insert(schema.meta).values(key="two", value="2")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "experiment.db"
    SqlStore.create(path, "x").close()
    with closing(SqliteDatabase(path)) as made:
        yield made


def keys(database: Database) -> set[str]:
    with database.reading() as connection:
        plain = {key for (key,) in plain_rows(connection, "SELECT key FROM meta")}
        assert plain == set(connection.execute(select(schema.meta.c.key)).scalars())
    return plain & {"one", "two"}


def fail_after(database: Database, write: Callable[[Connection], None]) -> None:
    """Write in a transaction that ends with an error."""

    def written() -> None:
        with database.writing() as connection:
            write(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        written()


def test_both_ways_see_what_the_other_has_written(database: Database) -> None:
    with database.writing() as connection:
        carry_out(connection, ONE)
        connection.execute(TWO)
        values = select(schema.meta.c.value).where(schema.meta.c.key == "one")
        assert connection.execute(values).scalar() == "1"
        two = plain_rows(connection, "SELECT value FROM meta WHERE key = 'two'")
        assert two == [("2",)]
    assert keys(database) == {"one", "two"}


def test_an_error_takes_back_what_both_have_written(database: Database) -> None:
    def write(connection: Connection) -> None:
        connection.execute(TWO)
        carry_out(connection, ONE)

    fail_after(database, write)
    assert keys(database) == set()
    with database.writing() as connection:  # the connection is as good as before
        carry_out(connection, ONE)
    assert keys(database) == {"one"}


def test_a_first_statement_of_sqlalchemy_begins_and_ends_nothing(
    database: Database,
) -> None:
    def write(connection: Connection) -> None:
        carry_out(connection, ONE)
        connection.execute(select(schema.meta.c.key))  # its engine is made here

    fail_after(database, write)
    assert keys(database) == set()


def test_threads_read_while_one_writes(database: Database) -> None:
    found: list[set[str]] = []
    with database.writing() as connection:
        connection.execute(TWO)
        reader = Thread(target=lambda: found.append(keys(database)))
        reader.start()
        reader.join()
    assert found == [set()]
    assert keys(database) == {"two"}


def test_what_is_prepared_is_seen_by_what_is_written(database: Database) -> None:
    def prepare(connection: Connection) -> int:
        connection.exec_driver_sql("CREATE TEMP TABLE wanted (n INTEGER)")
        carry_out(connection, "INSERT INTO wanted VALUES (7)")
        return 7

    with database.writing_prepared(prepare) as (connection, prepared):
        assert plain_rows(connection, "SELECT n FROM wanted") == [(prepared,)]
        carry_out(connection, ONE)
    assert keys(database) == {"one"}
    with database.reading() as connection:
        tables = "SELECT count(*) FROM sqlite_temp_schema WHERE name = 'wanted'"
        assert plain_rows(connection, tables) == [(0,)]


def test_what_every_run_asks_does_not_load_sqlalchemy(tmp_path: Path) -> None:
    SqlStore.create(tmp_path / "experiment.db", "x").close()
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from bioimageit_flow.stores.sql import SqlStore\n"
        "from bioimageit_flow.testing.samples import *\n"
        f"with SqlStore(Path({str(tmp_path)!r}, 'experiment.db')) as store:\n"
        "    new, run = raw_item(), run_record()\n"
        "    store.add_raw_items([new])\n"
        "    store.begin_run(run)\n"
        "    job = job_record(run.id, [new.item.id])\n"
        "    store.commit_jobs([job])\n"
        "    assert store.known_results([job.fingerprint])\n"
        "    assert store.jobs(run.id) == [job]\n"
        "    assert store.find_run('last').id == run.id\n"
        "    assert 'sqlalchemy' not in sys.modules\n"
        "    assert not store.problems()\n"
        "    assert 'sqlalchemy' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
