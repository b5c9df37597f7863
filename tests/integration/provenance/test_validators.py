"""Crates are accepted by programs that are not ours."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.crates import (
    export_crate,
    export_experiment,
    make_crate_of,
)
from bioimageit_flow.session.reproducing import ReproduceOptions, reproduce
from bioimageit_flow.testing.in_process import InProcessJob
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.batch_examples import (
    FOLDER,
    FROM_NAME,
    STAND_INS,
    batch_examples,
)
from tests.integration.engine.lab import Lab
from tests.integration.provenance.crate_reader import CrateReader, ids
from tests.integration.provenance.foreign import ForeignProgram, make_environment
from tests.integration.provenance.validator import (
    CONTEXTS,
    KNOWN,
    KNOWN_OF_FAILED,
    KNOWN_OF_REUSED,
    KNOWN_OF_SEVERAL,
    PERSON,
    READER,
    Validator,
)
from tests.unit.formats.test_omezarr import write_image

pytestmark = pytest.mark.skipif(
    not CONTEXTS.is_dir(), reason="the published JSON-LD contexts are not here"
)


@pytest.fixture(scope="module")
def runcrate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignProgram]:
    """Give another reader of crates, in an environment of its own."""
    environment = tmp_path_factory.mktemp("reader") / "venv"
    make_environment(environment, READER)
    reader = ForeignProgram(environment, "runcrate.cli:cli")
    yield reader
    reader.close()


def read_by(reader: ForeignProgram, crate: Path) -> str:
    """Return what another reader tells of a run."""
    answer = reader.ask("report", crate)
    assert answer.code == 0, answer.err
    return answer.out


@pytest.fixture
def crate(lab: Lab, tmp_path: Path) -> Path:
    """Write the crate of a run with done, failed and reused jobs, and decisions."""
    lab.import_images(3, from_name=r"(?P<kind>[a-z]+)_")
    lab.run(lab.line())
    measure = lab.functions["test/measure"]
    lab.functions["test/measure"] = lambda job: (
        3 if "image_002" in str(job) else measure(job)
    )
    run = lab.run(lab.line(), set={"add.amount": 12})
    first, *_, last = lab.experiment.items("raw")
    lab.experiment.annotate([first], {"dose": 3})
    lab.experiment.exclude([last], "out of focus")
    lab.experiment.choose({"run": run.summary.id}, "the best score")
    return export_crate(run, tmp_path / "crate", PERSON)


def test_validator_finds_nothing_required_or_recommended(
    validator: Validator, crate: Path
) -> None:
    found = validator.findings(crate)

    assert [one for one in found if one.check not in KNOWN] == []


@pytest.mark.parametrize("name", sorted({one.partition("/")[0] for one in FROM_NAME}))
def test_validator_takes_every_example_of_batches(
    validator: Validator,
    runcrate: ForeignProgram,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pairing, groups, sweeps; a second run that reuses, fails and leaves out."""
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    broken: list[str] = []

    def flaky(job: InProcessJob) -> int | None:
        if broken and broken.pop():
            return 3
        STAND_INS["tables/concatenate"](job)
        return None

    functions = STAND_INS | {"tables/concatenate": flaky}
    with batch_examples(tmp_path, functions) as run_example:
        run = run_example(name)
        crates = [export_crate(run, tmp_path / "crate0", PERSON)]
        found = [validator.begin(crates[0])]
        experiment = run.experiment
        bind = dict(experiment.store.run_record(run.summary.id).bindings)
        *_, last = experiment.items(next(iter(bind.values())))
        experiment.exclude([last], "out of focus")
        broken.append("once")
        workflow = Workflow.load(
            FOLDER / f"{name}.flow.yaml", catalogue=experiment.session.catalogue
        )
        again = experiment.run(workflow, bind=bind, unpaired="leave out")
        crates.append(export_crate(again, tmp_path / "crate1", PERSON))
        found.append(validator.begin(crates[1]))
        for one, crate, findings in zip((run, again), crates, found, strict=True):
            assert CrateReader(crate).lies() == []
            assert "<- #workflow/input/" in read_by(runcrate, crate)
            expected = {*KNOWN, *KNOWN_OF_SEVERAL}
            if one.state is not RunState.DONE:
                expected |= KNOWN_OF_FAILED.keys()
            assert [one for one in findings() if one.check not in expected] == []
            assert "REQUIRED" not in {one.severity for one in findings()}


@pytest.mark.parametrize("is_in_place", [False, True])
def test_validator_takes_a_whole_experiment(
    validator: Validator, crate: Path, lab: Lab, tmp_path: Path, is_in_place: bool
) -> None:
    assert crate.is_dir()  # made by the runs that are taken here
    folder = (
        make_crate_of(lab.experiment, PERSON).parent
        if is_in_place
        else export_experiment(lab.experiment, tmp_path / "all", PERSON)
    )

    found = validator.findings(folder)

    expected = {*KNOWN, *KNOWN_OF_SEVERAL, *(KNOWN_OF_REUSED if is_in_place else ())}
    assert [one for one in found if one.check not in expected] == []
    assert "REQUIRED" not in {one.severity for one in found}


def test_validator_takes_a_run_over_earlier_results(
    validator: Validator, lab: Lab, tmp_path: Path
) -> None:
    lab.import_images(2)
    first = lab.run(lab.line())
    (dataset,) = {one.item.dataset for one in first.results("add", "result")}
    run = lab.run(lab.line(), bind={"images": dataset}, set={"add.amount": 3})
    crate = export_crate(run, tmp_path / "over", PERSON)

    found = validator.findings(crate)

    assert [one for one in found if one.check not in KNOWN] == []


@pytest.mark.parametrize("mode", ["copy", "reference", "in place"])
def test_validator_takes_an_experiment_in_which_a_tool_never_ran(
    validator: Validator, lab: Lab, tmp_path: Path, mode: str
) -> None:
    measure = lab.functions["test/measure"]
    lab.functions["test/measure"] = lambda _job: 3
    lab.import_images(2)
    lab.run(lab.line())
    lab.functions["test/measure"] = measure
    lab.run(lab.line(), set={"add.amount": 3})
    if mode == "in place":
        crate = make_crate_of(lab.experiment, PERSON).parent
    else:
        options = replace(PERSON, data="copy" if mode == "copy" else "reference")
        crate = export_experiment(lab.experiment, tmp_path / "crate", options)

    assert CrateReader(crate).lies() == []
    found = validator.findings(crate)
    expected = {*KNOWN, *KNOWN_OF_SEVERAL, *KNOWN_OF_FAILED}
    assert [one for one in found if one.check not in expected] == []
    assert "REQUIRED" not in {one.severity for one in found}


def test_validator_takes_folders_and_what_is_cut_into_many(
    validator: Validator, lab: Lab, tmp_path: Path
) -> None:
    """Images that are folders, OME-Zarr, cut into parts of which each is measured."""
    for number in (1, 2):
        pixels = np.full((8, 8), number, np.uint16)
        folder = write_image(lab.folder / f"{number}.ome.zarr", "yx", pixels)
        lab.experiment.import_files([folder], dataset="raw")
    workflow = Workflow("Parts", catalogue=lab.session.catalogue)
    cut = workflow.add("test/cut", id="cut")
    each = workflow.add("test/measure", id="measure")
    joined = workflow.add("test/join", id="join")
    workflow.add_input("images", "image") >> cut["image"]
    cut["tiles"] >> each["image"]
    each["table"] >> joined["tables"]
    run = lab.run(workflow)
    by_reference = export_crate(
        run, tmp_path / "far", replace(PERSON, data="reference")
    )
    assert CrateReader(by_reference).lies() == []
    found = validator.findings(by_reference)
    expected = {*KNOWN, *KNOWN_OF_REUSED}  # equal parts share a file
    assert [one for one in found if one.check not in expected] == []
    crate = export_crate(run, tmp_path / "parts", PERSON)

    reader = CrateReader(crate)
    assert reader.lies() == []
    (table,) = ids(reader.run()["result"])
    assert reader.raw(table) == {"data/raw/1.ome.zarr/", "data/raw/2.ome.zarr/"}
    assert len([one for one in reader.files() if "/cut/" in one["@id"]]) == 4
    found = validator.findings(crate)
    assert [one for one in found if one.check not in KNOWN] == []
    chunk = next(path for path in crate.glob("data/raw/1.*/0/*") if path.is_file())
    chunk.write_bytes(b"other")
    assert reader.lies() == ["data/raw/1.ome.zarr/ has other bytes"]


def test_validator_takes_a_reproduced_run(
    validator: Validator, crate: Path, lab: Lab, tmp_path: Path
) -> None:
    options = ReproduceOptions(certificate=tmp_path / "new")
    reproduce(crate, tmp_path / "again", options, session=lab.session)

    found = validator.findings(tmp_path / "new")

    assert {one.check for one in found if one.severity == "REQUIRED"} == set()


def test_validator_notices_what_is_missing(validator: Validator, crate: Path) -> None:
    metadata = crate / "ro-crate-metadata.json"
    text = metadata.read_text(encoding="utf-8")
    metadata.write_text(text.replace('"mainEntity"', '"x"'), encoding="utf-8")

    found = validator.findings(crate)

    assert "REQUIRED" in {one.severity for one in found}
    alone = validator.findings_of_command(crate)
    assert Counter(found) == Counter(alone)  # in no order


def test_other_readers_follow_the_run(runcrate: ForeignProgram, crate: Path) -> None:
    said = read_by(runcrate, crate)

    assert "data/raw/image_001.ome.tif <- #workflow/input/images" in said
    assert "results/join/table" in said
