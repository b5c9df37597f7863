"""Runs the examples of batch semantics, with their tools' descriptors and stand-ins."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

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


@contextmanager
def batch_examples(
    folder: Path, stand_ins: dict[str, Any] | None = None
) -> Iterator[Callable[[str], Run]]:
    """Give what runs an example by its name, in an experiment in a folder."""
    session = Session(runtimes=[InProcessRuntime(stand_ins or STAND_INS)])
    experiment = Experiment.create(folder / "experiment", session=session)

    def run(name: str) -> Run:
        bind = {}
        for place, files in recipe().make(folder / "data").items():
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

    with experiment:
        yield run
    session.close()
