"""A run is made again from a crate alone, with the original experiment gone."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioimageit_flow.catalogue.loading import load_tool
from bioimageit_flow.errors import DataError, FlowError, ToolError
from bioimageit_flow.formats import read_array, write_ome_tiff
from bioimageit_flow.model.run import RunState
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.provenance.certificate import Overall
from bioimageit_flow.session import Run, Session
from bioimageit_flow.session.crates import CrateOptions, export_crate
from bioimageit_flow.session.reproducing import (
    ReproduceOptions,
    reproduce,
    reproduce_file,
    reproduce_run,
)
from bioimageit_flow.testing.in_process import InProcessJob, InProcessRuntime
from tests.integration.engine.lab import Lab
from tests.integration.provenance.crate_reader import CrateReader


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(3, from_name=r"(?P<kind>[a-z]+)_(?P<n>\d+)")
    workflow = lab.line()
    workflow.set("join", by="n")
    return lab.run(workflow)


@pytest.fixture
def elsewhere(lab: Lab) -> Session:
    """Return another machine: no tools but the built-in."""
    return Session(runtimes=[lab.runtime])


def forget(lab: Lab) -> None:
    """Remove the original experiment, its images and its tools."""
    lab.experiment.close()
    for name in ("experiment", "images", "tools"):
        shutil.rmtree(lab.folder / name)


@pytest.mark.parametrize("name", ["crate", "crate.zip"])
def test_run_is_made_again_with_everything_else_gone(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path, name: str
) -> None:
    crate = export_crate(run, tmp_path / name)
    forget(lab)

    found = reproduce(crate, tmp_path / "again", session=elsewhere)

    assert found.certificate.overall is Overall.REPRODUCED
    assert found.certificate.counts() == {"identical bytes": 7}
    assert {tool.source for tool in found.certificate.tools} == {"crate"}
    assert [tool.difference for tool in found.certificate.tools] == ["", "", ""]
    told = json.loads((tmp_path / "again" / "certificate.json").read_text())
    assert told["counts"] == {"identical bytes": 7}
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == [
        "certificate.json",
        "experiment",
        "reproduction.json",
        "tools",
    ]


def test_crate_may_be_named_from_where_one_is(
    lab: Lab,
    run: Run,
    elsewhere: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export_crate(run, tmp_path / "crate")
    monkeypatch.chdir(tmp_path)

    found = reproduce("crate", "again", session=elsewhere)

    assert found.certificate.overall is Overall.REPRODUCED


def test_certificate_goes_into_the_new_crate(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")
    options = ReproduceOptions(certificate=tmp_path / "new")

    reproduce(crate, tmp_path / "again", options, session=elsewhere)

    reader = CrateReader(tmp_path / "new")
    assert reader.lies() == []
    told = json.loads(reader.path("certificate.json").read_text())
    assert told["run"] == run.summary.id
    assert "certificate.json" in reader.entities
    # What was made from a crate can be made again from its own.
    twice = reproduce(tmp_path / "new", tmp_path / "twice", session=elsewhere)
    assert twice.certificate.overall is Overall.REPRODUCED


def test_other_results_are_told_with_how_much(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")

    def other(job: InProcessJob) -> None:
        pixels = np.full((4, 4), 13, np.uint16)
        write_ome_tiff(job.output("result"), pixels, "YX")

    lab.functions["test/add"] = other
    found = reproduce(crate, tmp_path / "again", session=elsewhere)

    assert found.certificate.overall is Overall.DIFFERENT
    by_name = {(one.node, one.name): one for one in found.certificate.outcomes}
    third = by_name["add", "image_003.ome.tif"]
    assert third.said == "identical bytes"
    first = by_name["measure", "image_001.csv"]
    assert first.verdict is not None
    assert first.verdict.words == "value in row 1: 11, 13 (15.38%)"


def test_within_tolerance_is_said(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")

    def nearly(job: InProcessJob) -> None:
        job.output("table").write_text("value\n11.0000001\n")

    lab.functions["test/measure"] = nearly
    options = ReproduceOptions(tolerance=0.5)
    found = reproduce(crate, tmp_path / "again", options, session=elsewhere)

    assert found.certificate.overall is Overall.WITHIN
    assert found.certificate.counts()["within tolerance"] == 4


def test_other_bytes_of_the_same_values_are_told_apart(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    """Tools that write the time of day into their files, or end lines otherwise."""
    crate = export_crate(run, tmp_path / "crate")

    def dated(job: InProcessJob) -> None:
        pixels = read_array(job.inputs("image")[0]) + np.uint16(
            job.parameters["amount"]
        )
        stamp = f"{datetime.now(UTC):%Y:%m:%d %H:%M:%S}"
        tifffile.imwrite(job.output("result"), pixels, datetime=stamp, compression=8)

    def otherwise(job: InProcessJob) -> None:
        value = int(read_array(job.inputs("image")[0])[0, 0])
        job.output("table").write_bytes(f"value\r\n{value}.0\r\n".encode())

    lab.functions |= {"test/add": dated, "test/measure": otherwise}
    found = reproduce(crate, tmp_path / "again", session=elsewhere)

    said = {(one.node, one.said) for one in found.certificate.outcomes}
    assert {("add", "identical values"), ("measure", "identical values")} <= said
    assert not {"different", "within tolerance"} & {words for _, words in said}
    assert found.certificate.overall is Overall.REPRODUCED


def test_what_fails_this_time_is_named(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")
    lab.functions["test/join"] = lambda _job: 3

    found = reproduce(crate, tmp_path / "again", session=elsewhere)

    (missing,) = [one for one in found.certificate.outcomes if one.verdict is None]
    assert (missing.node, missing.said) == ("join", "not made")
    assert missing.words
    assert found.certificate.overall is Overall.DIFFERENT


def test_sample_takes_some_items_and_says_what_was_not_compared(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")
    options = ReproduceOptions(sample=2, seed=1)

    found = reproduce(crate, tmp_path / "again", options, session=elsewhere)

    assert found.certificate.overall is Overall.REPRODUCED
    assert (found.certificate.taken, found.certificate.given) == (2, 3)
    assert found.certificate.counts() == {"identical bytes": 4}
    assert (
        "3 results are of raw items that were not taken" in found.certificate.notes[0]
    )


def test_one_file_of_a_crate_is_made_again(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")
    forget(lab)
    lab.calls.clear()
    file = crate / "results" / "measure" / "table" / "image_002.csv"

    found = reproduce_file(file, tmp_path / "again", session=elsewhere)

    (only,) = found.certificate.outcomes
    assert (only.node, only.said) == ("measure", "identical bytes")
    assert lab.calls == ["test/add", "test/measure"]


def test_renamed_file_outside_is_made_again_from_its_experiment(
    lab: Lab, run: Run, tmp_path: Path
) -> None:
    source = run.results("add", "result")[0].path
    moved = tmp_path / "desktop" / "nice picture.tif"
    moved.parent.mkdir()
    shutil.copyfile(source, moved)

    found = reproduce_file(
        moved,
        tmp_path / "again",
        session=lab.session,
        experiments=[lab.experiment.path],
    )

    (only,) = found.certificate.outcomes
    assert (only.node, only.name) == ("add", "image_001.ome.tif")
    assert only.said == "identical bytes"


def test_file_of_nobody_is_told(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("a\n1\n")

    with pytest.raises(DataError, match=r"made some\.csv; it has no stamp"):
        reproduce_file(path, tmp_path / "again", session=lab.session)

    assert not (tmp_path / "again").exists()


def test_run_of_an_experiment_is_made_again(lab: Lab, run: Run, tmp_path: Path) -> None:
    found = reproduce_run(run, tmp_path / "again")

    assert found.certificate.overall is Overall.REPRODUCED
    assert {tool.source for tool in found.certificate.tools} == {"folder"}


def test_failures_of_the_original_are_no_difference(
    lab: Lab, elsewhere: Session, tmp_path: Path
) -> None:
    lab.import_images(3)
    measure = lab.functions["test/measure"]

    def broken(job: InProcessJob) -> int | None:
        if "image_002" in str(job.description) or _value(job) == 12:
            return 3
        return measure(job)

    lab.functions["test/measure"] = broken
    run = lab.run(lab.line(), incomplete_groups="run")
    assert run.state is RunState.PARTIAL
    crate = export_crate(run, tmp_path / "crate")

    found = reproduce(crate, tmp_path / "again", session=elsewhere)

    assert found.certificate.overall is Overall.REPRODUCED
    assert found.certificate.counts() == {"identical bytes": 6}


def _value(job: InProcessJob) -> int:
    from bioimageit_flow.formats import read_array

    return int(read_array(job.inputs("image")[0])[0, 0])


def test_tool_of_this_machine_is_taken_only_if_it_is_the_same(
    lab: Lab, run: Run, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")
    (lab.folder / "tools" / "test" / "add" / "run.py").write_text("# another\n")
    lab.session.catalogue.refresh()

    found = reproduce(crate, tmp_path / "again", session=lab.session)

    sources = {tool.ref: tool.source for tool in found.certificate.tools}
    assert sources["test/add@1.0.0"] == "crate"
    assert sources["test/measure@1.0.0"] == "folder"
    assert all(tool.is_same_code for tool in found.certificate.tools)


def test_strangers_tools_run_unguarded_only_when_trusted(
    lab: Lab, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))
    crate = export_crate(run, tmp_path / "crate")
    unguarded = InProcessRuntime(lab.functions, is_isolated=False)
    elsewhere = Session(runtimes=[unguarded])
    options = ReproduceOptions(runtime=unguarded.name)
    lab.calls.clear()

    with pytest.raises(ToolError, match="come from the crate and are not trusted"):
        reproduce(crate, tmp_path / "again", options, session=elsewhere)
    with pytest.raises(FlowError, match="cannot run here"):
        reproduce(crate, tmp_path / "auto", session=elsewhere)

    assert lab.calls == []
    for tool in load_tools(tmp_path / "again" / "tools"):
        elsewhere.trust.trust(tool)
    found = reproduce(crate, tmp_path / "again", options, session=elsewhere)
    assert found.certificate.overall is Overall.REPRODUCED


def load_tools(folder: Path) -> list[InstalledTool]:
    return [load_tool(path.parent) for path in sorted(folder.rglob("tool.yaml"))]


def test_tool_that_nobody_has_is_named(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")
    shutil.rmtree(crate / "tools")

    with pytest.raises(ToolError, match=r"test/add@1\.0\.0, test/measure@1\.0\.0"):
        reproduce(crate, tmp_path / "again", session=elsewhere)

    assert not (tmp_path / "again").exists()


def test_crate_without_its_data_says_so(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate", CrateOptions(data="reference"))

    with pytest.raises(DataError, match="does not hold its data"):
        reproduce(crate, tmp_path / "again", session=elsewhere)


def test_folder_in_use_is_left_alone(
    lab: Lab, run: Run, elsewhere: Session, tmp_path: Path
) -> None:
    crate = export_crate(run, tmp_path / "crate")
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "mine.txt").write_text("mine")

    with pytest.raises(DataError, match="is there already"):
        reproduce(crate, tmp_path / "again", session=elsewhere)

    assert [path.name for path in (tmp_path / "again").iterdir()] == ["mine.txt"]
