"""`bioimageit-flow check`: what it says, and with which exit code."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.stores.holders import Holder
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab

E = "experiment"


@pytest.fixture
def ran(flow: Say, lab: Lab) -> Lab:
    """A lab in which a workflow was run over two images."""
    lab.import_images(2)
    lab.run(lab.line())
    return lab


def test_clean_experiment(flow: Say, ran: Lab) -> None:
    said = flow("check", E, "--content")
    assert said.code == 0
    assert said.out == "Checked 1 run, 5 jobs and 7 files: everything holds.\n"
    found = json.loads(flow("check", E, "--json").out)
    assert found["clean"] is True
    assert (found["runs"], found["jobs"], found["files"]) == (1, 5, 7)
    assert found["problems"] == found["mended"] == []


def test_each_problem_is_named_with_what_to_do(flow: Say, ran: Lab) -> None:
    (table, *_) = sorted(
        (ran.experiment.path / "results").glob("*/measure/table/*.csv")
    )
    table.chmod(0o644)
    table.write_bytes(table.read_bytes()[:-1])
    said = flow("check", E)
    assert said.code == 8
    assert table.name in said.err
    assert "Run the workflow again" in said.err
    assert "1 problem" in said.out
    (problem,) = json.loads(flow("check", E, "--json").out)["problems"]
    assert problem["code"] == "file-changed"
    assert problem["item"] == table.name


def test_what_only_its_content_tells_is_found_by_content(flow: Say, ran: Lab) -> None:
    (table, *_) = sorted(
        (ran.experiment.path / "results").glob("*/measure/table/*.csv")
    )
    table.chmod(0o644)
    table.write_bytes(table.read_bytes()[::-1])
    assert flow("check", E).code == 0
    assert flow("check", E, "--content").code == 8


def test_tampered_records_are_found(flow: Say, ran: Lab) -> None:
    with closing(sqlite3.connect(ran.experiment.folder.database)) as connection:
        connection.execute("UPDATE jobs SET exit_code = 5 WHERE id = 1")
        connection.commit()
    said = flow("check", E)
    assert said.code == 8
    assert "exit_code" in said.err


def test_dead_claims_are_given_up(flow: Say, ran: Lab) -> None:
    run = ran.experiment.store.runs()[0].id
    gone = Holder("here", "another boot", 1, 2.0)
    claimed = [Sha256("f" * 64), Sha256("e" * 64)]
    ran.experiment.store.claim(claimed, gone, RunId("of no run"))
    said = flow("check", E)
    assert said.code == 8
    assert said.err.count("The run of no ru still claims 2 jobs") == 1
    mended = flow("check", E, "--mend")
    assert mended.code == 0
    assert "mended: " in mended.err
    assert ran.experiment.store.claims() == []
    assert flow("check", E).code == 0
    assert ran.experiment.store.runs()[0].id == run


def test_leftovers_are_removed_where_nobody_works(
    flow: Say, ran: Lab, tmp_path: Path
) -> None:
    place = ran.experiment.path
    left = place / "results" / ".bioimageit-flow-0123456789abcdef"
    left.write_bytes(b"half")
    busy = flow("check", E)
    assert busy.code == 0
    assert "Somebody else works in the experiment" in busy.err
    ran.experiment.close()
    said = flow("check", E)
    assert said.code == 8
    assert left.name in said.err
    assert left.exists()
    assert flow("check", E, "--mend").code == 0
    assert not left.exists()


def test_what_is_no_experiment_is_refused(flow: Say, tmp_path: Path) -> None:
    assert flow("check", tmp_path / "nowhere").code == 8
