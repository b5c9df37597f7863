"""Classic BioImageIT experiments, in the new and in the old spelling.

The folders are made in the published format: that of ``tests/test_metadata_local`` in
bioimageit_core, at its newest version and at that of 2020.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import DatasetKind, Imported, Produced
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.stores.classic_importing import import_classic
from bioimageit_flow.stores.classic_records import ClassicReport
from bioimageit_flow.workflow.file import read_document
from tests.unit.stores.lab import Lab

NAMES = ("population1_001", "population1_002", "population2_001")


class Classic:
    """A classic experiment: two runs in a row over three images."""

    def __init__(self, top: Path, *, is_old: bool = False) -> None:
        self.top, self.is_old = top, is_old
        data = "rawdataset" if is_old else "raw_dataset"
        processed = "processeddataset" if is_old else "processed_dataset"
        self.raw = f"data/{data}.md.json"
        self.write("experiment.md.json", self._experiment(processed))
        self.write(self.raw, self._dataset("data", NAMES))
        for n, name in enumerate(NAMES):
            self.image(f"data/{name}.tif", n)
            self.write(f"data/{name}.md.json", self._raw(name))
        for step, ending in (("process1", "_o"), ("process2", "_o_o")):
            made = [f"{name}{ending}" for name in NAMES]
            self.write(f"{step}/{processed}.md.json", self._dataset(step, made))
            self.write(f"{step}/run.md.json", self._run(step, processed))
            for n, name in enumerate(made):
                self.image(f"{step}/{name}.tif", 10 * int(step[-1]) + n)
                self.write(f"{step}/{name}.md.json", self._result(step, name))

    def write(self, name: str, facts: Any) -> Path:  # noqa: ANN401
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = facts if isinstance(facts, str) else json.dumps(facts, indent=4)
        path.write_text(text)
        return path

    def change(self, name: str, **facts: Any) -> None:  # noqa: ANN401
        path = self.top / name
        path.write_text(json.dumps(json.loads(path.read_text()) | facts))

    def image(self, name: str, value: int) -> None:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(path, np.full((4, 5), value, np.uint8), metadata=None)

    def _refer(self, url: str, **more: str) -> Any:  # noqa: ANN401
        return url if self.is_old else {"uuid": "fake_uuid", "url": url, **more}

    def _experiment(self, processed: str) -> dict[str, Any]:
        said = {
            "name": "myexperiment",
            "author": "Somebody",
            "date": "2020-03-04",
        }
        steps = [
            self._refer(f"{step}/{processed}.md.json", name=step)
            for step in ("process1", "process2")
        ]
        keys = ["Population", "number"]
        if self.is_old:
            return {
                "information": said,
                "rawdataset": self.raw,
                "processeddatasets": steps,
                "tags": keys,
            }
        return {
            "uuid": "fake_uuid",
            "information": said,
            "raw_dataset": self._refer(self.raw, name="data"),
            "processed_datasets": steps,
            "keys": keys,
        }

    def _dataset(self, name: str, data: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"name": name, "urls": [self._refer(f"{one}.md.json") for one in data]}

    def _raw(self, name: str) -> dict[str, Any]:
        pairs = {"Population": name.split("_")[0], "number": name[-3:], "empty": ""}
        return {
            "origin": {"type": "raw"},
            "common": {
                "name": f"{name}.tif",
                "author": "Somebody",
                "date": "2019-03-17",
                "format": "imagetiff",
                "url": f"{name}.tif",
            },
            ("tags" if self.is_old else "key_value_pairs"): pairs,
        }

    def _result(self, step: str, name: str) -> dict[str, Any]:
        before = name.removesuffix("_o")
        where = "data" if step == "process1" else "process1"
        run = (
            {"runurl": "run.md.json"}
            if self.is_old
            else {"run": self._refer("run.md.json")}
        )
        one = {"name": "i", "url": f"../{where}/{before}.md.json", "type": "raw"}
        return {
            "common": {
                "name": name,
                "author": "Somebody",
                "date": "2020-03-04",
                "format": "imagetiff",
                "url": f"{name}.tif",
            },
            "origin": {
                "type": "processed",
                **run,
                "inputs": [one],
                "output": {"name": "o", "label": "Denoised image"},
            },
        }

    def _run(self, step: str, processed: str) -> dict[str, Any]:
        dataset = "data" if step == "process1" else "process1"
        return {
            "process": {"name": "SPARTION 2D", "url": "../tools/svdeconv2d.xml"},
            processed: self._refer(f"{processed}.md.json"),
            "inputs": [
                {"name": "i", "dataset": dataset, "query": "", "origin_output_name": ""}
            ],
            "parameters": [
                {"name": "sigma", "value": "3"},
                {"name": "weighting", "value": "0.1"},
            ],
        }


@pytest.fixture(params=[False, True], ids=["new", "old"])
def classic(request: pytest.FixtureRequest, tmp_path: Path) -> Classic:
    return Classic(tmp_path / "classic", is_old=request.param)


def take(lab: Lab, classic: Classic, **more: Any) -> ClassicReport:  # noqa: ANN401
    return import_classic(lab.folder, lab.store, classic.top, **more)


@pytest.mark.parametrize("reference", [False, True])
def test_everything_comes_in_with_its_lineage(
    lab: Lab, classic: Classic, reference: bool
) -> None:
    report = take(lab, classic, reference=reference)
    assert report.whole.refused == ()
    assert report.notes == ()
    assert (len(report.raw.items), report.results, len(report.runs)) == (3, 6, 2)
    raw, *processed = lab.store.datasets()
    assert (raw.name, raw.kind, raw.count) == ("data", DatasetKind.RAW, 3)
    assert [one.count for one in processed] == [3, 3]
    first = next(item for item in lab.items() if item.name == "population1_001.tif")
    assert isinstance(first.origin, Imported)
    assert first.annotations == {
        "Population": "population1",
        "number": "001",
        "author": "Somebody",
        "date": "2019-03-17",
    }
    last = next(item for item in lab.items() if item.name == "population1_001_o_o.tif")
    assert isinstance(last.origin, Produced)
    assert lab.store.roots([last.id])[last.id] == frozenset({first.id})
    assert lab.store.views([last.id])[last.id]["number"] == "001"
    location = lab.store.location(last.content.sha256)
    assert location is not None
    assert location.is_referenced is reference
    source = classic.top / "process2" / "population1_001_o_o.tif"
    assert lab.folder.resolve(location).read_bytes() == source.read_bytes()


def test_run_is_recorded_as_it_was(lab: Lab, classic: Classic) -> None:
    report = take(lab, classic)
    for run in report.runs:
        record = lab.store.run_record(run)
        assert record.machine.program_version == "BioImageIT"
        assert (record.started.year, record.machine.user) == (2020, "Somebody")
        document = read_document(record.workflow_text)
        assert [node.label for node in document.nodes.values()] == ["SPARTION 2D"]
        assert lab.store.find_run(run).state is RunState.DONE
        jobs = lab.store.jobs(run)
        assert len(jobs) == 3
        for job in jobs:
            assert (job.tool, job.state) == ("SPARTION 2D", JobState.DONE)
            assert job.runtime.name == "BioImageIT"
            assert job.parameters == {"sigma": "3", "weighting": "0.1"}
            assert len(job.consumed) == len(job.produced) == 1
        assert lab.store.verify_chain(run) == []
        kept = lab.folder.path / "runs" / run / "classic-run.md.json"
        assert "svdeconv2d.xml" in kept.read_text()


def test_second_import_changes_nothing(lab: Lab, classic: Classic) -> None:
    take(lab, classic)
    again = take(lab, classic)
    assert (again.raw.items, again.results, again.runs) == ((), 0, ())
    assert len(again.whole.skipped) == 5
    assert len(lab.items()) == 9


def test_missing_files_are_refused_by_name_and_what_descends_from_them(
    lab: Lab, classic: Classic
) -> None:
    (classic.top / "data" / "population1_001.tif").unlink()
    (classic.top / "process1" / "population1_002_o.md.json").unlink()
    report = take(lab, classic)
    said = " ".join(one.reason for one in report.whole.refused)
    assert "population1_001.tif' cannot be read" in said
    assert "process1/population1_002_o.md.json' is missing" in said
    for name in ("population1_001_o", "population1_001_o_o", "population1_002_o_o"):
        assert f"'{name}.tif' is not imported: its input" in said
    assert {item.name for item in lab.items()} == {
        "population1_002.tif",
        "population2_001.tif",
        "population2_001_o.tif",
        "population2_001_o_o.tif",
    }
    states = [lab.store.find_run(run).state for run in report.runs]
    assert states == [RunState.PARTIAL, RunState.PARTIAL]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/home/somebody/experiment/a.tif", "a place of another machine"),
        ("C:\\data\\a.tif", "a place of another machine"),
        ("../../outside.tif", "outside the experiment"),
        ("..\\..\\outside.tif", "outside the experiment"),
        ("", "names no file"),
        ("nowhere.tif", "cannot be read"),
    ],
)
def test_paths_that_lead_elsewhere_are_refused(
    lab: Lab, classic: Classic, url: str, said: str
) -> None:
    (classic.top.parent / "outside.tif").write_bytes(b"secret")
    name = "data/population2_001.md.json"
    classic.change(name, common={"name": "a", "url": url})
    report = take(lab, classic)
    reasons = [one.reason for one in report.whole.refused]
    assert any(said in reason for reason in reasons)
    assert all(one.remedy for one in report.whole.refused)
    assert len(report.raw.items) == 2


def test_link_out_of_the_experiment_is_refused(lab: Lab, classic: Classic) -> None:
    outside = classic.top.parent / "outside.tif"
    outside.write_bytes(b"secret")
    path = classic.top / "data" / "population2_001.tif"
    path.unlink()
    path.symlink_to(outside)
    report = take(lab, classic)
    assert any("outside the experiment" in one.reason for one in report.refused)


def test_broken_metadata_are_refused_by_name(lab: Lab, classic: Classic) -> None:
    classic.write("data/population1_001.md.json", "{")
    classic.write("data/population1_002.md.json", "[]")
    report = take(lab, classic)
    said = " ".join(one.reason for one in report.refused)
    assert "'data/population1_001.md.json' is no JSON" in said
    assert "'data/population1_002.md.json' is no JSON object" in said
    assert len(report.raw.items) == 1


def test_runs_that_wait_for_each_other_are_refused(lab: Lab, classic: Classic) -> None:
    name = "process1/population1_001_o.md.json"
    facts = json.loads((classic.top / name).read_text())
    facts["origin"]["inputs"][0]["url"] = "../process2/population1_001_o_o.md.json"
    classic.write(name, facts)
    report = take(lab, classic)
    said = " ".join(one.reason for one in report.refused)
    assert "'population1_001_o.tif' is not imported: its input" in said


def test_oddities_are_noted(lab: Lab, classic: Classic) -> None:
    classic.image("data/stranger.tif", 99)
    listed = json.loads((classic.top / classic.raw).read_text())
    listed["urls"].append(listed["urls"][0])
    classic.write(classic.raw, listed)
    keys = {"tags": {"1st/key": 4}, "key_value_pairs": {"1st/key": 4}}
    classic.change("data/population1_001.md.json", **keys)
    report = take(lab, classic)
    notes = " ".join(report.notes)
    assert "'stranger.tif'" in notes
    assert "twice" in notes
    assert "'1st/key' is called '_1st_key' here" in notes
    item = next(one for one in lab.items() if one.name == "population1_001.tif")
    assert item.annotations["_1st_key"] == 4


def test_folder_without_an_experiment_is_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no classic experiment"):
        import_classic(lab.folder, lab.store, tmp_path)
