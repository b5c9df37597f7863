"""Tools that read only OME-TIFF get it, whatever format the images have."""

import json
from pathlib import Path

import numpy as np
import pytest

from bioimageit_flow.formats import read_array
from bioimageit_flow.formats.stamps import read_stamp
from bioimageit_flow.model.run import JobState
from bioimageit_flow.session.jobs import list_jobs
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.lab import Lab
from tests.unit.formats.czi_file import Block, czi_bytes
from tests.unit.formats.test_omezarr import write_image


def czi(lab: Lab, name: str, scenes: int = 1) -> Path:
    path = lab.folder / name
    blocks = [
        Block(np.full((8, 8), 10 * (scene + 1), np.uint16), {"S": scene})
        for scene in range(scenes)
    ]
    path.write_bytes(czi_bytes(blocks, ""))
    return path


def added(lab: Lab) -> Workflow:
    workflow = Workflow("Add", catalogue=lab.session.catalogue)
    images = workflow.add_input("images", "image")
    images >> workflow.add("test/add", id="add", amount=1)["image"]
    return workflow


def records(lab: Lab) -> list[dict[str, object]]:
    cache = lab.experiment.path / ".cache" / "conversions"
    return [json.loads(path.read_text()) for path in sorted(cache.glob("*/*.json"))]


def test_images_of_a_makers_format_are_converted_once(lab: Lab) -> None:
    lab.experiment.import_files([czi(lab, "a.czi"), czi(lab, "b.czi", 2)])
    workflow = added(lab)
    assert lab.experiment.plan(workflow, bind={"images": "raw"}).problems == ()
    run = lab.experiment.run(workflow, bind={"images": "raw"})
    results = run.results("add", "result")
    values = sorted(int(read_array(one.path)[0, 0]) for one in results)
    assert values == [11, 11, 21]
    kept = records(lab)
    assert [one["reader"] for one in kept] == ["czi/1"] * 3
    parts = [job.parts for job in lab.experiment.store.jobs(run.summary.id)]
    assert "czi/1/1" in str(parts)

    words = "image: converted from CZI to OME-TIFF by czi/1/1"
    assert {one.converted for one in list_jobs(run)} == {(words,)}
    tree = lab.experiment.lineage(results[0])
    assert tree.job is not None
    assert tree.job.converted == (words,)
    stamp = read_stamp(results[0].path)
    assert stamp is not None
    assert stamp.inputs["image"].converted == (words.partition(": ")[2],)

    again = lab.experiment.run(workflow, bind={"images": "raw"})
    states = {job.state for job in lab.experiment.store.jobs(again.summary.id)}
    assert states == {JobState.REUSED}


def test_lost_cache_is_made_again_with_the_same_results(lab: Lab) -> None:
    lab.experiment.import_files([czi(lab, "a.czi")])
    workflow = added(lab)
    first = lab.experiment.run(workflow, bind={"images": "raw"})
    cache = lab.experiment.path / ".cache" / "conversions"
    (converted,) = cache.glob("*/*.ome.tif")
    before = converted.read_bytes()
    converted.chmod(0o644)
    converted.unlink()
    second = lab.experiment.run(workflow, bind={"images": "raw"}, reuse=False)
    assert converted.read_bytes() == before
    contents = [
        [one.item.content for one in run.results("add", "result")]
        for run in (first, second)
    ]
    assert contents[0] == contents[1]


def test_folder_that_changed_in_place_is_found_before_it_is_used(lab: Lab) -> None:
    folder = write_image(lab.folder / "a.zarr", "yx", np.full((8, 8), 5, np.uint16))
    lab.experiment.import_files([folder], reference=True)
    run = lab.experiment.run(added(lab), bind={"images": "raw"})
    assert read_array(run.results("add", "result")[0].path)[0, 0] == 6
    (chunk, *_) = sorted(folder.glob("0/0*"))
    chunk.write_bytes(b"x" * chunk.stat().st_size)
    plan = lab.experiment.plan(added(lab), bind={"images": "raw"})
    (problem,) = plan.problems
    assert "was changed after it was imported" in problem.text


def test_image_that_cannot_be_converted_fails_alone_and_by_name(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = czi(lab, "bad.czi")
    data = bytearray(path.read_bytes())
    place = data.index(b"ZISRAWSUBBLOCK") + 32 + 16 + 2 + 4 + 8 + 4
    for start in (place, data.index(b"ZISRAWDIRECTORY") + 32 + 128 + 18):
        data[start : start + 4] = (77).to_bytes(4, "little")  # an unknown method
    path.write_bytes(data)
    lab.experiment.import_files([path, czi(lab, "good.czi", 2)])
    run = lab.experiment.run(added(lab), bind={"images": "raw"})
    jobs = lab.experiment.store.jobs(run.summary.id)
    failed = [job for job in jobs if job.state is JobState.FAILED]
    assert len(failed) == 1
    assert "method 77" in failed[0].message
    assert len(run.results("add", "result")) == 2
