"""A run over results of earlier runs tells where these came from."""

import json
from pathlib import Path

import pytest

from bioimageit_flow.session import Run
from bioimageit_flow.session.crates import export_crate
from bioimageit_flow.session.prov import export_prov
from bioimageit_flow.session.reproducing import ReproduceOptions, reproduce
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.lab import Lab
from tests.integration.provenance.crate_reader import CrateReader, ids


def again(lab: Lab, dataset: str) -> Run:
    """Add a number to the images of a dataset."""
    workflow = Workflow("Again", catalogue=lab.session.catalogue)
    images = workflow.add_input("images", "image")
    images >> workflow.add("test/add", id="more", amount=5)["image"]
    return lab.run(workflow, bind={"images": dataset})


def dataset_of(lab: Lab, run: Run, node: str) -> str:
    """Return the name of the dataset that a node of a run made."""
    (name,) = {result.item.dataset for result in run.results(node, "result")}
    return name


@pytest.fixture
def third(lab: Lab) -> Run:
    """Return a run over results of a run over results of a run."""
    lab.import_images(3)
    first = lab.run(lab.line())
    second = again(lab, dataset_of(lab, first, "add"))
    return again(lab, dataset_of(lab, second, "more"))


def test_crate_goes_back_to_the_raw_data(third: Run, tmp_path: Path) -> None:
    crate = CrateReader(export_crate(third, tmp_path / "crate"))

    assert crate.lies() == []
    assert len(crate.jobs()) == 9, "those that measured led nowhere"
    for result in ids(crate.run()["result"]):
        (raw,) = crate.raw(result)
        assert raw.startswith("data/raw/")
    earlier = [one for one in crate.jobs() if "earlier run" in one["name"]]
    assert len(earlier) == 6
    assert all(one["instrument"]["@id"] in crate.entities for one in earlier)


def test_run_is_made_again_from_what_it_was_given(
    lab: Lab, third: Run, tmp_path: Path
) -> None:
    crate = export_crate(third, tmp_path / "crate")

    found = reproduce(
        crate, tmp_path / "again", ReproduceOptions(), session=lab.session
    )

    assert found.certificate.overall.value == "reproduced"


def test_prov_goes_back_to_the_raw_data(third: Run) -> None:
    document = json.loads(export_prov(third))

    raw = {
        id_
        for id_, entity in document["entity"].items()
        if "RawItem" in json.dumps(entity)
    }
    used = {one["prov:entity"] for one in document["used"].values()}
    assert len(raw) == 3
    assert raw <= used
    assert len(document["wasGeneratedBy"]) == 9
