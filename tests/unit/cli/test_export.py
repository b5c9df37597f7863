"""The commands that give results to other programs."""

from pathlib import Path

import pytest

from bioimageit_flow.cli import exits
from tests.integration.engine.lab import Lab
from tests.unit.cli.conftest import Say


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an experiment in which a workflow has run."""
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    lab = Lab(tmp_path)
    lab.import_images(2, from_name=r"(?P<sort>[a-z]+)_(?P<n>\d+)")
    lab.run(lab.line())
    lab.close()
    return tmp_path / "experiment"


def test_results_are_printed_as_csv(place: Path, flow: Say) -> None:
    said = flow("results", "last", "measure", "-e", str(place))

    assert said.code == exits.DONE
    assert said.out.splitlines() == [
        "item,n,sort,value",
        "image_001.csv,001,image,11",
        "image_002.csv,002,image,12",
    ]


def test_results_are_written_to_a_file(place: Path, flow: Say, tmp_path: Path) -> None:
    target = tmp_path / "measured.csv"

    said = flow("results", "last", "join.table", "-e", str(place), "--csv", str(target))

    assert said.code == exits.DONE
    assert len(target.read_text(encoding="utf-8").splitlines()) == 3


def test_export_says_what_it_wrote_and_what_is_in_the_way(
    place: Path, flow: Say, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    words = ["export", "files", "last", str(target), "-e", str(place), "--name", "{n}"]
    words += ["--only", "measure"]

    first = flow(*words)
    (target / "001.csv").unlink()
    (target / "001.csv").write_text("mine")
    second = flow(*words)

    assert first.code == exits.DONE
    assert "2 files written" in first.out
    assert second.code == exits.BAD_DATA
    assert "001.csv: Another file is there" in second.out
    assert (target / "001.csv").read_text() == "mine"


def test_mistakes_are_said_in_a_sentence(place: Path, flow: Say) -> None:
    unknown = flow("results", "last", "joint", "-e", str(place))
    name = flow("export", "files", "last", "out", "-e", str(place), "--name", "../{n}")

    assert "no results of a node 'joint'" in unknown.err
    assert "names no file below the folder" in name.err
    assert unknown.code != exits.DONE
    assert name.code != exits.DONE
