"""The command import, as it is typed."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from bioimageit_flow.cli.application import application
from bioimageit_flow.session import Experiment
from tests.unit.stores.test_classic import Classic

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call() -> Call:
    def run(*words: object) -> tuple[int, str]:
        found = CliRunner().invoke(application(), [str(word) for word in words])
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found.exit_code, found.output

    return run


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for n, name in enumerate(["p1/A01.tif", "p1/A02.tif", "p2/A01.tif"]):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(path, np.full((4, 5), n, np.uint8), metadata=None)
    (tmp_path / "images" / "bad.tif").write_text("x")
    return tmp_path / "images"


def test_report_says_what_became_of_each_file(
    call: Call, images: Path, tmp_path: Path
) -> None:
    place, report = tmp_path / "spots", tmp_path / "report.csv"
    call("new", place)
    code, said = call("import", place, images, "--include", "*.tif", "--report", report)
    assert code == 4
    assert "Imported 3 files into raw" in said
    assert "2 files are called 'A01.tif'" in said
    with report.open(newline="") as file:
        states = sorted(row["state"] for row in csv.DictReader(file))
    assert states == ["imported", "imported", "imported", "refused"]


def test_sheet_and_folders_give_annotations(
    call: Call, images: Path, tmp_path: Path
) -> None:
    place, sheet = tmp_path / "spots", tmp_path / "samples.csv"
    sheet.write_text("path,dose\nimages/p1/A01.tif,2\nimages/p2/A01.tif,3\n")
    call("new", place)
    code, _ = call("import", place, "--sheet", sheet, "--dataset", "sheet")
    assert code == 0
    code, _ = call("import", place, images, "--match", "/A", "--from-folders", "plate")
    assert code == 0
    with Experiment.open(place) as experiment:
        doses = [dict(item.annotations) for item in experiment.items("sheet")]
        plates = [item.annotations["plate"] for item in experiment.items("raw")]
    assert doses == [{"dose": 2}, {"dose": 3}] or doses == [{"dose": 3}, {"dose": 2}]
    assert sorted(map(str, plates)) == ["p1", "p1", "p2"]


def test_nothing_to_import_and_wrong_report_are_wrong_use(
    call: Call, images: Path, tmp_path: Path
) -> None:
    place = tmp_path / "spots"
    call("new", place)
    assert call("import", place)[0] == 2
    assert call("import", place, images, "--report", "a.pdf")[0] == 2


def test_classic_experiment_comes_in(call: Call, tmp_path: Path) -> None:
    classic = Classic(tmp_path / "classic")
    place = tmp_path / "new"
    call("new", place)
    assert call("import", place, classic.top, "--classic", "-a", "a=1")[0] == 2
    assert call("import", place, "--classic")[0] == 2
    code, said = call("import", place, classic.top, "--classic")
    assert code == 0
    assert "Imported 2 runs with 6 results" in said
    code, said = call("import", place, classic.top, "--classic", "--json")
    assert code == 0
    facts = json.loads(said[said.index("{") :])
    assert (facts["runs"], facts["results"]) == ([], 0)
