"""The examples of batch semantics run, with their tools' descriptors and stand-ins."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioimageit_flow.formats import read_array, write_ome_tiff
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session import Experiment, Run, Session
from bioimageit_flow.testing.in_process import InProcessJob, InProcessRuntime
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.lab import write_rows

FOLDER = Path(__file__).parents[3] / "examples" / "batch"
FROM_NAME = {
    "psf_for_all/images": r"cell_(?P<cell>\d+)",
    "psf_for_all/psf": None,
    "nuclei_and_spots/nuclei": r"dapi_(?P<well>[A-Z]\d+)_f(?P<field>\d+)",
    "nuclei_and_spots/spots": r"gfp_(?P<well>[A-Z]\d+)_f(?P<field>\d+)",
    "plates/images": r"p(?P<plate>\d+)_(?P<well>[A-Z]\d+)_f(?P<field>\d+)",
    "before_after/before": r"patient(?P<patient>\d+)",
    "before_after/after": r"patient(?P<patient>\d+)",
    "sweep/images": r"(?P<condition>[a-z]+)_(?P<replicate>\d+)",
}


def image(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("image")[0])
    write_ome_tiff(job.output("result"), pixels.astype(np.float32), "YX")


def mask(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("image")[0])
    write_ome_tiff(job.output("mask"), (pixels > 300).astype(np.uint8), "YX")


def labels(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("mask")[0])
    write_ome_tiff(job.output("labels"), pixels.astype(np.uint16), "YX")


def regions(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("labels")[0])
    light = read_array(job.inputs("intensity")[0])
    rows = [[1, int(pixels.sum()), float(light.mean())]]
    write_rows(job.output("table"), [["label", "area", "mean"], *rows])


def spots(job: InProcessJob) -> None:
    rows = [[n, n] for n in range(int(job.parameters["threshold"]))]
    write_rows(job.output("points"), [["y", "x"], *rows])


def joined(job: InProcessJob) -> None:
    read = job.description["annotations"]["tables"]
    rows = [[json.dumps(one, sort_keys=True)] for one in read]
    for port in job.description["outputs"]:
        write_rows(job.output(port), [["read"], *rows])


def compared(job: InProcessJob) -> None:
    read = job.description["annotations"]["tables"]
    conditions = [one["condition"] for one in read]
    value = {"value": len(conditions), "unit": "", "groups": sorted(set(conditions))}
    job.output("test").write_text(json.dumps(value))
    write_rows(job.output("values"), [["group"], *([one] for one in conditions)])


STAND_INS = {
    "skimage/richardson-lucy": image,
    "skimage/gaussian": image,
    "skimage/threshold": mask,
    "skimage/label-watershed": labels,
    "skimage/measure-regions": regions,
    "skimage/detect-spots": spots,
    "tables/concatenate": joined,
    "tables/summarise": joined,
    "tables/compare-groups": compared,
}


def recipe() -> Any:  # noqa: ANN401 - a module
    spec = importlib.util.spec_from_file_location("batch_recipe", FOLDER / "recipe.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(runtimes=[InProcessRuntime(STAND_INS)])
    yield session
    session.close()


@pytest.fixture
def run_example(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    experiment = Experiment.create(tmp_path / "experiment", session=session)

    def run(name: str) -> Run:
        bind = {}
        for place, files in recipe().make(tmp_path / "data").items():
            example, _, dataset = place.partition("/")
            if example == name:
                experiment.import_files(
                    files, dataset=dataset, from_name=FROM_NAME[place]
                )
                bind[dataset] = dataset
        path = FOLDER / f"{name}.flow.yaml"
        workflow = Workflow.load(path, catalogue=session.catalogue)
        plan = experiment.plan(workflow, bind=bind)
        assert [one.text for one in plan.problems if one.severity == "error"] == []
        run = experiment.run(workflow, bind=bind)
        assert run.state is RunState.DONE
        counted = {node.node: node.jobs for node in plan.nodes}
        assert run.report is not None
        assert counted == {name: one.ended for name, one in run.report.nodes.items()}
        return run

    yield run
    experiment.close()


def test_one_psf_serves_all_images(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("psf_for_all")

    assert len(run.results("deconvolve", "result")) == 5
    (psf,) = run.experiment.items("psf")
    for job in run.jobs():
        used = {edge.port: edge.item for edge in job.consumed}
        assert used["psf"] == psf.id


def test_channels_of_a_field_meet_by_well_and_field(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("nuclei_and_spots")

    names = {item.id: item.name for item in run.experiment.items()}
    for job in run.jobs():
        if job.node == "measure":
            used = {edge.port: names[edge.item] for edge in job.consumed}
            assert used["labels"].removeprefix("dapi") == (
                used["intensity"].removeprefix("gfp")
            )
    table = run.table("measure")
    assert sorted(zip(table.column("well"), table.column("field"), strict=True)) == [
        (well, field) for well in ("A01", "A02", "B01") for field in (1, 2)
    ]


def test_fields_are_grouped_by_well_and_by_plate(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("plates")

    wells = run.results("wells", "summary")
    plates = run.results("plates", "summary")
    assert {(one.annotations["plate"], one.annotations["well"]) for one in wells} == {
        (plate, well) for plate in (1, 2) for well in ("A01", "A02", "B01")
    }
    assert [len(one.read_table()) for one in wells] == [4] * 6
    assert [len(one.read_table()) for one in plates] == [12] * 2


def test_images_of_a_patient_meet(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("before_after")

    names = {item.id: item.name for item in run.experiment.items()}
    pairs = [
        {edge.port: names[edge.item][-9] for edge in job.consumed}
        for job in run.jobs()
        if job.node == "change"
    ]
    assert len(pairs) == 4
    assert all(pair["labels"] == pair["intensity"] for pair in pairs)


def test_sweep_is_compared_for_each_combination(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("sweep")

    table = run.table("compare", "test")
    assert sorted(
        zip(table.column("sigma"), table.column("threshold"), strict=True)
    ) == [(sigma, threshold) for sigma in (0.5, 1, 2) for threshold in (4, 6, 8, 10)]
    assert table.column("value") == [6] * 12
    assert len(run.results("spots", "points")) == 72
