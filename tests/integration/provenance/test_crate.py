"""Run crates tell the truth: the same story as the pixels."""

import csv
import json
import random
import shutil
import zipfile
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats import read_array
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session import Run
from bioimageit_flow.session.crates import CrateOptions, export_crate
from bioimageit_flow.testing.in_process import InProcessJob
from tests.integration.engine.lab import Lab, add
from tests.integration.provenance.crate_reader import CrateReader, ids


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(3)
    return lab.run(lab.line())


@pytest.fixture
def crate(run: Run, tmp_path: Path) -> CrateReader:
    return CrateReader(export_crate(run, tmp_path / "crate"))


def test_crate_tells_no_lie(crate: CrateReader) -> None:
    assert crate.lies() == []
    assert len(crate.jobs()) == 7
    assert len(ids(crate.run()["object"])) == 3
    assert len(crate.of_type("ControlAction")) == 7


def test_result_walks_back_to_every_raw_image(crate: CrateReader) -> None:
    (result,) = ids(crate.run()["result"])

    assert crate.raw(result) == set(ids(crate.run()["object"]))
    assert all(crate.path(file).is_file() for file in crate.raw(result))


def test_crate_holds_the_workflow_and_what_people_read(crate: CrateReader) -> None:
    names = {"workflow.flow.yaml", "README.md", "ro-crate-preview.html"}

    assert names <= {path.name for path in crate.folder.iterdir()}
    page = (crate.folder / "ro-crate-preview.html").read_text(encoding="utf-8")
    assert '<script type="application/ld+json">' in page
    assert "image_001.ome.tif" in page


def test_parameters_are_those_that_were_used(crate: CrateReader) -> None:
    jobs = [job for job in crate.jobs() if "add" in job["instrument"]["@id"]]

    for job in jobs:
        values = [crate.entities[one] for one in ids(job["object"])]
        amounts = [one["value"] for one in values if one["@type"] == "PropertyValue"]
        assert amounts == ["10"]


def test_pixels_tell_the_same_story(lab: Lab, tmp_path: Path) -> None:
    """Images with their number in their pixels, in any order, with failures."""
    numbers = list(range(1, 13))
    random.Random(7).shuffle(numbers)
    is_broken = True

    def flaky(job: InProcessJob) -> int | None:
        if is_broken and read_array(job.inputs("image")[0])[0, 0] % 4 == 0:
            return 1
        add(job)
        return None

    lab.functions["test/add"] = flaky
    lab.experiment.import_files([lab.image(number) for number in numbers])
    first = lab.run(lab.line())
    is_broken = False
    second = lab.run(lab.line())

    assert first.state is RunState.PARTIAL
    for name, run in (("first", first), ("second", second)):
        crate = CrateReader(export_crate(run, tmp_path / name))
        assert crate.lies() == []
        tables = [file["@id"] for file in crate.files() if "/measure/" in file["@id"]]
        assert len(tables) == (9 if run is first else 12)
        for table in tables:
            with crate.path(table).open(newline="") as file:
                value = int(next(csv.DictReader(file))["value"])
            (raw,) = crate.raw(table)
            assert read_array(crate.path(raw))[0, 0] == value - 10


def test_workflow_carried_out_only_tools_that_ran(lab: Lab, tmp_path: Path) -> None:
    """What comes after a failure has steps, but no action that the profile wants."""

    def broken(_job: InProcessJob) -> int:
        return 3

    lab.functions["test/measure"] = broken
    lab.import_images(2)
    crate = CrateReader(export_crate(lab.run(lab.line()), tmp_path / "crate"))

    instruments = {one for job in crate.jobs() for one in ids(job["instrument"])}
    (workflow,) = crate.of_type("ComputationalWorkflow")
    assert set(ids(workflow["hasPart"])) == instruments
    assert "#tool/test/join@1.0.0" not in instruments
    assert len(crate.of_type("HowToStep")) == 3


def test_failed_jobs_are_told(lab: Lab, tmp_path: Path) -> None:
    lab.import_images(2)
    lab.functions["test/measure"] = lambda _job: 3
    run = lab.run(lab.line())

    crate = CrateReader(export_crate(run, tmp_path / "crate"))

    failed = [job for job in crate.jobs() if "Failed" in job["actionStatus"]]
    assert len(failed) == 2
    assert all(job["error"] for job in failed)
    assert crate.lies() == []


def test_tool_that_is_gone_is_told_by_what_is_known(
    lab: Lab, run: Run, tmp_path: Path
) -> None:
    shutil.rmtree(lab.folder / "tools" / "test" / "measure")
    lab.session.catalogue.refresh()

    crate = CrateReader(export_crate(run, tmp_path / "crate"))

    assert crate.lies() == []
    tool = crate.entities["#tool/test/measure@1.0.0"]
    assert "no longer to be had" in tool["description"]


@pytest.mark.parametrize("what", ["bytes", "lineage", "missing", "dangling"])
def test_reader_notices_what_was_tampered_with(
    run: Run, tmp_path: Path, what: str
) -> None:
    folder = export_crate(run, tmp_path / "crate")
    honest = CrateReader(folder)
    metadata = folder / "ro-crate-metadata.json"
    graph = json.loads(metadata.read_text(encoding="utf-8"))
    table = next(f["@id"] for f in honest.files() if "/measure/" in f["@id"])
    match what:
        case "bytes":
            honest.path(table).write_text("value\n99\n")
        case "missing":
            honest.path(table).unlink()
        case "lineage":
            for entity in graph["@graph"]:
                if entity["@id"] == honest.run()["@id"]:
                    entity["object"] = entity["object"][1:]
        case "dangling":
            graph["@graph"] = [e for e in graph["@graph"] if e["@id"] != table]
    metadata.write_text(json.dumps(graph), encoding="utf-8")

    try:
        found = CrateReader(folder).lies()
    except KeyError:  # a walk that ends in nothing
        found = ["dangling"]

    assert found


def test_zip_holds_the_same(run: Run, tmp_path: Path) -> None:
    archive = export_crate(run, tmp_path / "crate.zip")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "out")

    assert CrateReader(tmp_path / "out").lies() == []
    assert [path.name for path in tmp_path.glob(".crate*")] == []


def test_referenced_data_stay_where_they_are(run: Run, tmp_path: Path) -> None:
    folder = export_crate(run, tmp_path / "crate", CrateOptions(data="reference"))

    names = {path.name for path in folder.iterdir()}
    assert not names & {"data", "results"}
    assert "ro-crate-metadata.json" in names
    raw = ids(CrateReader(folder).run()["object"])
    assert all(one.startswith("file:///") for one in raw)


def test_crate_is_written_over_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "crate").mkdir()

    with pytest.raises(DataError, match="is there already"):
        export_crate(run, tmp_path / "crate")


def test_missing_file_is_named_and_nothing_is_left(run: Run, tmp_path: Path) -> None:
    path = run.results("measure", "table")[1].path
    path.unlink()

    with pytest.raises(DataError, match=path.name):
        export_crate(run, tmp_path / "crate")

    assert not (tmp_path / "crate").exists()


def test_person_is_known_by_orcid(run: Run, tmp_path: Path) -> None:
    options = CrateOptions(
        person="Josiah Carberry",
        orcid="0000-0002-1825-0097",
        affiliation="Brown University",
        affiliation_url="https://ror.org/05gq02987",
    )
    crate = CrateReader(export_crate(run, tmp_path / "crate", options))

    person = crate.entities["https://orcid.org/0000-0002-1825-0097"]
    assert person["name"] == "Josiah Carberry"
    assert crate.run()["agent"] == {"@id": person["@id"]}
    assert crate.lies() == []
