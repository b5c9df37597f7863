"""The toolboxes on published microscope images with known truth."""

from pathlib import Path
from statistics import fmean

import pytest

from bioimageit_flow.model.run import RunState
from bioimageit_flow.session import Experiment, Session
from bioimageit_flow.workflow import Workflow


@pytest.fixture
def experiment(tmp_path: Path, session: Session) -> Experiment:
    return Experiment.create(tmp_path / "experiment", session=session)


def test_spots_of_the_classic_tutorial_are_counted_and_compared(
    published_data: Path, experiment: Experiment, session: Session
) -> None:
    folder = published_data / "spots_two_populations"
    experiment.import_files(
        [folder / "data"], from_name=r"(?P<population>population\d)_\d+"
    )
    workflow = Workflow("Count spots", catalogue=session.catalogue)
    images = workflow.add_input("images", "image", axes=["YX"])
    spots = workflow.add("skimage/detect-spots", id="spots")
    compare = workflow.add("tables/compare-groups", id="compare", by="population")
    images >> spots["image"]
    spots["points"] >> compare["tables"]

    with experiment:
        run = experiment.run(workflow, bind={"images": "raw"}, runtime="environment")
        counts: dict[object, list[int]] = {}
        errors = []
        for result in run.results("spots", "points"):
            (raw,) = experiment.lineage(result.item).raw_items()
            truth = folder / "ground_truth" / f"{Path(raw.name).stem}.txt"
            found = len(result.read_table())
            counts.setdefault(result.annotations["population"], []).append(found)
            errors.append(abs(found - len(truth.read_text().split())))
        (test,) = run.results("compare", "test")
        p_value = test.read_scalar()["value"]

    assert run.state is RunState.DONE
    assert fmean(counts["population1"]) == pytest.approx(3.40, abs=0.35)
    assert fmean(counts["population2"]) == pytest.approx(4.70, abs=0.35)
    assert fmean(errors) < 0.35
    assert isinstance(p_value, float)
    assert p_value < 0.01


def test_touching_nuclei_are_split(
    published_data: Path, experiment: Experiment, session: Session
) -> None:
    experiment.import_files([published_data / "nuclei" / "dsb2018_img2d.tif"])
    workflow = Workflow("Nuclei", catalogue=session.catalogue)
    images = workflow.add_input("images", "image", axes=["YX"])
    smooth = workflow.add("skimage/gaussian", id="smooth", sigma=2.0)
    mask = workflow.add("skimage/threshold", id="mask", method="otsu")
    split = workflow.add("skimage/label-watershed", id="split", min_distance=5)
    images >> smooth["image"]
    smooth["result"] >> mask["image"]
    mask["mask"] >> split["mask"]

    with experiment:
        run = experiment.run(workflow, bind={"images": "raw"}, runtime="environment")
        (labels,) = run.results("split", "labels")
        pixels = labels.read_image().array

    count = int(pixels.max())
    assert 105 <= count <= 140, "the truth is 125; without splitting it is 88"
    assert (pixels > 0).mean() == pytest.approx(0.199, abs=0.03)


def test_channels_and_calibration_survive_the_whole_way(
    published_data: Path, experiment: Experiment, session: Session
) -> None:
    files = [
        published_data / "hyperstack" / "xyc_16bit__nuclei_tubulin.tif",
        *(published_data / "volume").glob("*.tif"),
    ]
    experiment.import_files(files)
    workflow = Workflow("Smooth", catalogue=session.catalogue)
    images = workflow.add_input("images", "image")
    smooth = workflow.add("skimage/gaussian", id="smooth", sigma=1.0)
    images >> smooth["image"]

    with experiment:
        raw = {item.name: item.info for item in experiment.items("raw")}
        run = experiment.run(workflow, bind={"images": "raw"}, runtime="environment")
        made = {
            raw_item.name: result.item.info
            for result in run.results("smooth", "result")
            for raw_item in experiment.lineage(result.item).raw_items()
        }

    assert len(made) == 2
    for name, info in made.items():
        assert info.axes == raw[name].axes
        assert info.shape == raw[name].shape
        assert info.pixel_size_um == pytest.approx(dict(raw[name].pixel_size_um))
