import json
import shutil
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from bioimageit_flow.formats.stamps import read_stamp, side_car_of
from bioimageit_flow.session import Experiment, Run
from bioimageit_flow.session.known_experiments import (
    known_experiments,
    remember_experiment,
)
from bioimageit_flow.session.whence import whence, workflow_of_file
from bioimageit_flow.workflow.file import load_document
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(3)
    return lab.run(lab.line())


def result(run: Run, node: str = "add", port: str = "result", number: int = 1) -> Path:
    return run.results(node, port)[number].path


def moved(path: Path, lab: Lab, name: str) -> Path:
    """Copy a file without its side-car to a place outside the experiment."""
    place = lab.folder / "elsewhere"
    place.mkdir(exist_ok=True)
    shutil.copyfile(path, place / name)
    return place / name


def test_renamed_image_is_found_by_its_stamp(lab: Lab, run: Run) -> None:
    file = moved(result(run), lab, "figure 3.bin")

    found = whence(file, [lab.experiment.path])

    assert found.is_unchanged
    assert found.stamp is not None
    assert (found.stamp.node, found.stamp.port) == ("add", "result")
    (place,) = found.places
    assert place.item == run.results("add", "result")[1].item
    assert [item.name for item in place.tree.raw_items()] == ["image_002.ome.tif"]


def test_table_without_its_side_car_is_found_by_its_content(lab: Lab, run: Run) -> None:
    file = moved(result(run, "join", "table", 0), lab, "x")
    found = whence(file, [lab.experiment.path])
    assert found.stamp is None
    (place,) = found.places
    assert len(place.tree.raw_items()) == 3


def test_table_with_its_side_car_needs_no_experiment(lab: Lab, run: Run) -> None:
    source = result(run, "measure", "table")
    file = moved(source, lab, "x.csv")
    shutil.copyfile(side_car_of(source), side_car_of(file))
    found = whence(file, look_around=False)
    assert found.places == ()
    assert found.is_unchanged
    assert found.stamp is not None
    assert found.stamp.tool == "test/measure@1.0.0"


def test_side_car_itself_explains_its_file(lab: Lab, run: Run, flow: Say) -> None:
    source = result(run, "measure", "table")
    other = lab.folder / "renamed.txt"
    shutil.copyfile(side_car_of(source), other)

    found = whence(other, [lab.experiment.path])

    assert found.is_side_car
    assert found.is_unchanged is None
    (place,) = found.places
    assert place.item == run.results("measure", "table")[1].item
    said = flow("whence", other)
    assert said.code == 0
    assert "side-car of another file" in said.out
    assert "changed after" not in said.out
    said = flow("whence", side_car_of(source))
    assert "says whether that file is unchanged" in said.out + said.err


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"schema": "bioimageit-flow/stamp/1"}', "{" * 5000]
)
def test_file_that_only_looks_like_a_side_car_is_none(lab: Lab, text: str) -> None:
    file = lab.folder / "a.flow.json"
    file.write_text(text, "utf-8")
    found = whence(file, look_around=False)
    assert not found.is_side_car
    assert found.stamp is None


def test_raw_data_are_found_as_well(lab: Lab, run: Run) -> None:
    found = whence(lab.folder / "images" / "image_002.ome.tif", [lab.experiment.path])
    assert [place.item.dataset for place in found.places] == ["raw"]


def test_changed_pixels_are_told(lab: Lab, run: Run) -> None:
    file = moved(result(run), lab, "a.tif")
    data = bytearray(file.read_bytes())
    place = data.index(b"\x0c\0\x0c\0\x0c\0")
    data[place] = 13
    file.write_bytes(data)
    found = whence(file, [lab.experiment.path])
    assert found.is_unchanged is False
    assert len(found.places) == 1


def test_stamp_is_the_same_in_another_experiment(lab: Lab, run: Run) -> None:
    other = Experiment.create(lab.folder / "other", session=lab.session)
    with other:
        other.import_files(sorted((lab.folder / "images").iterdir()))
        again = other.run(lab.line(), bind={"images": "raw"})
        for node, port in (("add", "result"), ("join", "table")):
            for one, two in zip(
                run.results(node, port), again.results(node, port), strict=True
            ):
                assert one.path.read_bytes() == two.path.read_bytes()
                assert read_stamp(one.path) == read_stamp(two.path)


def test_stamp_holds_the_branch_and_nothing_else(lab: Lab, run: Run) -> None:
    stamp = read_stamp(result(run))
    assert stamp is not None
    assert set(stamp.branch["nodes"]) == {"add"}  # type: ignore[call-overload]
    text = stamp.text()
    assert run.summary.id not in text
    assert str(lab.folder) not in text
    assert lab.line().document.name not in text


def test_workflow_of_a_file_makes_the_file_again(lab: Lab, run: Run) -> None:
    workflow = workflow_of_file(result(run))
    assert workflow is not None
    again = lab.run(workflow)
    assert lab.calls == []
    assert again.results("add", "result")[1].path == result(run)


def test_job_takes_inputs_without_their_stamps(lab: Lab) -> None:
    seen: list[bytes] = []
    measure = lab.functions["test/measure"]

    def spy(job) -> int | None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        seen.append(job.inputs("image")[0].read_bytes())
        return measure(job)

    lab.functions["test/measure"] = spy
    lab.import_images(1)
    run = lab.run(lab.line())

    (data,) = seen
    (made,) = run.results("add", "result")
    assert made.item.content.size == len(data)
    assert made.path.read_bytes() != data
    location = lab.experiment.store.location(made.item.content.sha256)
    assert location is not None
    assert location.verify_sha256 != made.item.content.sha256


def test_side_cars_are_not_imported(lab: Lab, run: Run) -> None:
    folder = result(run, "measure", "table").parent
    report = lab.experiment.import_files([folder], dataset="again")
    names = [item.name for item in lab.experiment.items("again")]
    assert names == [f"image_00{n}.csv" for n in (1, 2, 3)]
    assert len(report.skipped) == 3


def test_command_tells_and_draws(lab: Lab, run: Run, flow: Say) -> None:
    file = moved(result(run, "join", "table", 0), lab, "p.csv")
    said = flow("whence", file, "-e", lab.experiment.path, "--picture", "w.svg")
    assert said.code == 0
    assert "Goes back to 3 raw items of raw." in said.out
    root = fromstring(Path("w.svg").read_text())
    assert root.tag.endswith("svg")
    assert "image_001.ome.tif" in Path("w.svg").read_text()


def test_command_tells_from_the_stamp_alone(lab: Lab, run: Run, flow: Say) -> None:
    file = moved(result(run), lab, "a.tif")
    said = flow("whence", file, "--workflow", "again.flow.yaml", "--picture", "a.svg")
    assert said.code == 0
    assert "made by test/add@1.0.0 (amount=10)" in said.out
    assert "unchanged" in said.out
    assert "add: test/add@1.0.0  from images" in said.out
    assert list(load_document(Path("again.flow.yaml")).nodes) == ["add"]
    assert "test/add" in Path("a.svg").read_text()


def test_command_knows_experiments_that_were_used(
    lab: Lab, run: Run, flow: Say
) -> None:
    file = moved(result(run, "join", "table", 0), lab, "p.csv")
    assert flow("whence", file).code == 4
    flow("runs", lab.experiment.path)
    said = flow("whence", file, "--json")
    assert said.code == 0
    (found,) = json.loads(said.out)["found"]
    assert found["folder"] == str(lab.experiment.path)


def test_nothing_known_is_told(lab: Lab, flow: Say) -> None:
    Path("x.csv").write_text("a\n1\n")
    said = flow("whence", "x.csv")
    assert said.code == 4
    assert "Nothing is known of it" in said.out
    assert "saves a file anew drops its stamp" in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.csv"], "'gone.csv' does not exist"),
        (["x.csv", "-e", "nowhere"], "nowhere is not there"),
        (["x.csv", "--workflow", "w.flow.yaml"], "has no stamp"),
        (["x.csv", "--picture", "no/folder/w.svg"], "cannot be written"),
    ],
)
def test_bad_input_is_named(
    lab: Lab, flow: Say, arguments: list[str], words: str
) -> None:
    Path("x.csv").write_text("a\n1\n")
    said = flow("whence", *arguments)
    assert said.code != 0
    assert words in said.err


def test_list_of_experiments_survives_bad_files(lab: Lab) -> None:
    path = lab.folder / "config" / "experiments.json"
    path.parent.mkdir()
    for text in ("{", "[]", '{"experiments": 3}', '{"experiments": [3, "/gone"]}'):
        path.write_text(text)
        assert known_experiments() == []
    remember_experiment(lab.experiment.path)
    assert known_experiments() == [lab.experiment.path]
