import json
import sqlite3
from contextlib import closing

import pytest

from bioimageit_flow.formats.stamps import side_car_of
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab

E = "experiment"


@pytest.fixture
def images(flow: Say, lab: Lab) -> None:
    for number in (1, 2):
        lab.image(number)
    assert flow("import", E, "images", "--reference").code == 0


A = "image_001.ome.tif"


@pytest.mark.usefixtures("images")
def test_exclude_and_include(flow: Say) -> None:
    assert flow("exclude", E, A).code == 8
    assert flow("exclude", E, A, "--reason", "blurred").code == 0
    listed = flow("items", E, "--excluded").out
    assert "blurred" in listed
    assert "image_002" not in listed
    assert flow("include", E, "--where", f"name = {A}").out == "Included 1 item.\n"
    assert "No item" in flow("items", E, "--excluded").err


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE exclusions SET reason = 'sharp'",
        "DELETE FROM exclusions",
        "UPDATE annotations SET value = '7', number = 7",
    ],
)
def test_verify_finds_decisions_that_nobody_made(
    flow: Say, lab: Lab, tampering: str
) -> None:
    flow("exclude", E, A, "--reason", "blurred")
    assert flow("annotate", E, A, "dose=5").code == 0
    assert flow("verify", E).code == 0
    with closing(sqlite3.connect(lab.experiment.folder.database)) as connection:
        assert connection.execute(tampering).rowcount == 1
        connection.commit()
    said = flow("verify", E)
    assert said.code == 4
    assert "record: " in said.err


def test_verify_finds_altered_side_cars(flow: Say, lab: Lab) -> None:
    numbers = [1, 2, 1]  # equal bytes lie once
    files = [lab.image(one, f"{n}.ome.tif") for n, one in enumerate(numbers)]
    lab.experiment.import_files(files, dataset="raw")
    lab.run(lab.line())
    run = lab.run(lab.line(), set={"add.amount": 3})
    said = flow("verify", E)
    assert said.code == 0, said.err
    assert list(lab.experiment.path.glob("results/**/*.flow.json"))

    place = side_car_of(run.results("measure", "table")[1].path)
    place.chmod(0o644)
    for old, new in (
        ('"amount":3', '"amount":4'),
        ('"node":"measure"', '"node":"other"'),
        ("{", "["),
    ):
        text = place.read_text("ascii")
        assert old in text
        place.write_text(text.replace(old, new, 1), "ascii")
        said = flow("verify", E)
        assert said.code == 4
        assert str(place) in said.err
        assert said.out.endswith(": 1 fault.\n")
        place.write_text(text, "ascii")
    place.write_text(f"{text}\n\n", "ascii")
    assert flow("verify", E).code == 0


def test_results_tell_what_was_excluded(flow: Say, lab: Lab) -> None:
    lab.import_images(2)
    flow("exclude", E, "image_002.ome.tif", "--reason", "blurred")
    lab.run(lab.line())
    said = flow("results", "last", "measure", "-e", E)
    assert said.code == 0
    assert "image_002" not in said.out
    assert said.err == "excluded: raw/image_002.ome.tif: blurred\n"


@pytest.mark.usefixtures("images")
def test_correct_and_back(flow: Say) -> None:
    assert flow("correct", E, A).code == 2
    assert flow("correct", E, A, "--pixel-size", "x=0.1,y=0.2").code == 0
    (one,) = json.loads(flow("items", E, "--where", f"name = {A}", "--json").out)
    assert one["pixel_size_um"] == {"x": 0.1, "y": 0.2}
    refused = flow("correct", E, A, "--axes", "ZYX")
    assert refused.code == 8
    assert A in refused.err
    assert flow("correct", E, A, "--back").code == 0
    (one,) = json.loads(flow("items", E, "--where", f"name = {A}", "--json").out)
    assert one["corrected"] == {}


@pytest.mark.usefixtures("images")
def test_delete_says_first_what_it_means(flow: Say, lab: Lab) -> None:
    said = flow("delete", E, A)
    assert said.code == 0
    assert "Would delete 1 item" in said.out
    assert "1 lie elsewhere" in said.out
    assert "cannot be undone" in said.err
    assert flow("items", E, "--excluded", "--json").out == "[]\n"

    said = flow("delete", E, A, "--yes", "--reason", "consent withdrawn")
    assert said.out == "Deleted 0 files, 0 B.\n"
    assert (lab.folder / "images" / A).exists()
    assert "deleted: consent withdrawn" in flow("items", E, "--excluded").out
    assert flow("include", E, A).code == 8


@pytest.mark.usefixtures("images")
def test_verify_names_what_is_gone_and_relocate_finds_it(flow: Say, lab: Lab) -> None:
    assert flow("verify", E).code == 0
    (lab.folder / "images").rename(lab.folder / "moved")
    said = flow("verify", E)
    assert said.code == 4
    assert f"the folder {lab.folder / 'images'}" in said.err
    assert "relocate" in said.err
    assert flow("relocate", E, "images", "moved").out == "Found 2 files in moved.\n"
    assert flow("verify", E).code == 0

    (lab.folder / "moved" / A).write_bytes(b"other")
    report = json.loads(flow("verify", E, "--json").out)
    (fault,) = report["faults"]
    assert (fault["fault"], fault["item"]) == ("changed", A)


@pytest.mark.usefixtures("images")
def test_disk_use_and_cleaning(flow: Say, lab: Lab) -> None:
    lab.run(lab.line())
    use = {one["dataset"]: one for one in json.loads(flow("disk", E, "--json").out)}
    assert use["raw"]["referenced"] > 0
    assert use["raw"]["present"] == 0
    said = flow("clean", E)
    assert "Would drop 4 results" in said.out
    assert "kept 1: the last of their workflow" in said.out
    assert flow("clean", E, "--yes").out.startswith("Dropped 4 files")
    assert "Would drop 0 results" in flow("clean", E).out
    assert "dropped" in flow("disk", E).out
    assert flow("verify", E).code == 0
