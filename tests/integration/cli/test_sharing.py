"""Experiments share results through a folder that an option or a variable names."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab


@pytest.fixture
def two(lab: Lab, flow: Say, line: Path, tmp_path: Path) -> Callable[[], list[str]]:
    """Two experiments over the same images; return what runs in the second."""
    lab.import_images(3)
    lab.experiment.close()
    shutil.copytree(tmp_path / "experiment", tmp_path / "other")
    (tmp_path / "shared").mkdir()
    words = ["run", str(line), "-b", "images=raw"]
    said = flow(*words, "-e", "experiment", "--share", "shared")
    assert said.code == 0, said.err
    return lambda: [*words, "-e", "other"]


def test_plan_run_and_lineage_say_that_it_came_from_the_folder(
    two: Callable[[], list[str]], flow: Say, line: Path
) -> None:
    asked = ["plan", line, "-e", "other", "-b", "images=raw"]
    assert "known from the shared folder" in flow(*asked, "--share", "shared").out
    assert "known from" not in flow(*asked).out
    facts = json.loads(flow(*asked, "--share", "shared", "--json").out)
    assert sum(node["shared"] for node in facts["nodes"]) == 7

    said = flow(*two(), "--share", "shared")
    assert said.code == 0, said.err
    listed = json.loads(flow("jobs", "last", "-e", "other", "--json").out)
    assert {one["state"] for one in listed} == {"reused"}
    assert all(one["shared"]["record"]["job"] for one in listed)
    assert "from " in flow("jobs", "last", "-e", "other").out
    said = flow("jobs", "last", "--repeat", listed[0]["job"], "again", "-e", "other")
    assert said.code == 8
    assert "Repeat the one that made it" in said.err


def test_variable_names_the_folder_and_doctor_looks_at_it(
    two: Callable[[], list[str]],
    flow: Say,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_SHARED", str(tmp_path / "shared"))
    assert "7 results in" in flow("doctor").out
    said = flow(*two())
    assert said.code == 0, said.err
    listed = json.loads(flow("jobs", "last", "-e", "other", "--json").out)
    assert all(one["shared"] for one in listed)

    monkeypatch.setenv("BIOIMAGEIT_FLOW_SHARED", str(tmp_path / "nowhere"))
    said = flow("doctor")
    assert "is not there" in said.out
    assert "Make it" in said.out
    said = flow(*two())
    assert said.code == 8
    assert "nowhere is not there" in said.err
    assert flow(*two(), "--share", "").code == 0
