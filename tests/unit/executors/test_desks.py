"""Folders in which jobs work in turn: nothing of a job is left to the next."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bioimageit_flow.executors.desks import Desks, clear_desk
from bioimageit_flow.executors.staging import StagedInput, stage
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.runtimes.protocol import Layout
from tests.unit.executors.job_bench import spec, tool


def staged(place: Path, folder: Path, text: str) -> list[str]:
    """Stage a job that has one text as input; return the paths that it is told."""
    source = place / f"{text}.txt"
    source.write_text(text)
    info = DataInfo(Kind.FILE, "file")
    job = replace(
        spec(place), inputs={"data": (StagedInput(source, source.name, info),)}
    )
    layout = Layout(tool="/tool", job=str(folder), python="python", follows_links=True)
    stage(folder, tool(place).tool, layout, job)
    told: list[str] = json.loads((folder / "job.json").read_text())["inputs"]["data"]
    return told


def test_next_job_finds_its_own_input_and_an_empty_output(tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    staged(tmp_path, desk, "a long first text")
    (desk / "out" / "result" / "0.txt").write_text("result")
    kept = desk.stat().st_ino

    assert clear_desk(desk, ["data"], ["result"])
    (path,) = staged(tmp_path, desk, "second")

    assert Path(path).read_text() == "second"
    assert [one.name for one in (desk / "in" / "data").iterdir()] == ["0.txt"]
    assert list((desk / "out" / "result").iterdir()) == []
    assert desk.stat().st_ino == kept


def hidden_file(desk: Path) -> None:
    (desk / "in" / ".note").write_text("for the next one")


def folder_in_output(desk: Path) -> None:
    (desk / "out" / "result" / "inner").mkdir()


def further_port(desk: Path) -> None:
    (desk / "out" / "other").mkdir()


def port_is_a_link(desk: Path) -> None:
    (desk / "out" / "result").rmdir()
    (desk / "out" / "result").symlink_to(desk.parent)


def port_is_gone(desk: Path) -> None:
    (desk / "out" / "result").rmdir()


def closed_port(desk: Path) -> None:
    (desk / "out" / "result").chmod(0o500)


def job_file_is_a_link(desk: Path) -> None:
    (desk / "job.json").unlink()
    (desk / "job.json").symlink_to(desk.parent / "precious")


@pytest.mark.parametrize(
    "leave",
    [
        hidden_file,
        folder_in_output,
        further_port,
        port_is_a_link,
        port_is_gone,
        closed_port,
        job_file_is_a_link,
    ],
)
def test_desk_that_is_not_as_it_was_made_is_not_used_again(
    leave: Callable[[Path], None], tmp_path: Path
) -> None:
    desk = tmp_path / "desk"
    staged(tmp_path, desk, "text")

    leave(desk)

    assert not clear_desk(desk, ["data"], ["result"])


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="no such flag here")
def test_link_in_the_place_of_the_job_file_is_not_followed(tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    staged(tmp_path, desk, "text")
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (desk / "in" / "data" / "0.txt").unlink()
    job_file_is_a_link(desk)

    with pytest.raises(OSError, match=r"job\.json"):
        staged(tmp_path, desk, "text")

    assert precious.read_text() == "mine"


def test_desk_is_given_to_a_job_of_its_kind_only(tmp_path: Path) -> None:
    desks = Desks(tmp_path)
    used, own = tmp_path / "used", tmp_path / "own"

    desks.give_back(("smooth", "data"), used)

    assert desks.take(("mask", "data"), own) == own
    assert desks.take(("smooth", "data"), own) == used
    assert desks.take(("smooth", "data"), own) == own
