"""Batch semantics by options: what a workflow file can say, said for one run."""

import json
from pathlib import Path

import pytest

from bioimageit_flow.workflow import Workflow
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab
from tests.integration.engine.test_batch import numbers, two_conditions

BOUND = ("-e", "experiment", "--bind", "images=raw")


def planned(flow: Say, line: Path, *options: str) -> dict[str, int]:
    said = flow("plan", line, *BOUND, *options, "--json")
    assert said.code == 0, said.out
    return {node["node"]: node["jobs"] for node in json.loads(said.out)["nodes"]}


def test_plan_and_run_take_the_same_options(flow: Say, lab: Lab, line: Path) -> None:
    two_conditions(lab)
    options = (
        *("--sweep", "add.amount=1, 2, 5 as dose"),
        *("--filter", "images: not name ~ _12"),
        *("--group-by", "join=condition,dose"),
    )

    assert planned(flow, line, *options) == {"add": 9, "measure": 9, "join": 6}
    assert flow("run", line, *BOUND, *options).code == 0

    run = lab.experiment.find_run()
    assert numbers(lab, run) == [2, 3, 3, 4, 6, 7, 12, 13, 16]
    found = {
        (result.annotations["condition"], result.annotations["dose"])
        for result in run.results("join", "table")
    }
    assert found == {(one, n) for one in ("control", "drug") for n in (1, 2, 5)}


def test_what_was_said_is_in_the_frozen_workflow_and_the_file_stays(
    flow: Say, lab: Lab, line: Path
) -> None:
    two_conditions(lab)
    before = line.read_bytes()

    flow("run", line, *BOUND, "--group-by", "join=condition", "--disable", "join")

    assert line.read_bytes() == before
    run = lab.experiment.find_run()
    frozen = lab.experiment.workflow_of(run.summary.id)
    assert frozen.nodes["join"].group_by == ("condition",)
    assert str(frozen.nodes["join"].state) == "disabled"
    recorded = lab.experiment.store.run_record(run.summary.id)
    assert Workflow.loads(recorded.workflow_text).document == frozen
    assert list(run.outputs()) == [("add", "result"), ("measure", "table")]


def test_datasets_are_joined_on_keys_by_an_option(flow: Say, lab: Lab) -> None:
    for dataset, numbers_ in (("before", (5, 6)), ("after", (17, 16))):
        files = [
            lab.image(n, f"{dataset}_p{n % 10 % 2}.ome.tif", dataset) for n in numbers_
        ]
        lab.experiment.import_files(
            files, dataset=dataset, from_name=r"_(?P<patient>p\d)"
        )
    workflow = Workflow("Change", catalogue=lab.session.catalogue)
    before, after = workflow.add_input("before"), workflow.add_input("after")
    less = workflow.add("test/subtract", id="less")
    seen = workflow.add("test/measure", id="seen")
    after >> less["image"]
    before >> less["other"]
    less["result"] >> seen["image"]
    path = lab.folder / "change.flow.yaml"
    workflow.save(path)
    bound = ("-e", "experiment", "-b", "before=before", "-b", "after=after")

    refused = flow("plan", path, *bound)
    assert refused.code == 5
    assert "patient" in refused.out

    said = flow("run", path, *bound, "--match", "less.other=patient")
    assert said.code == 0, said.err
    assert numbers(lab, lab.experiment.find_run(), "seen") == [10, 12]

    one = (*bound[:2], "-b", "before=before where patient = p1", "-b", "after=after")
    said = flow("run", path, *one, "--match", "less.other=use_for_all")
    assert said.code == 0, said.err
    assert numbers(lab, lab.experiment.find_run(), "seen") == [11, 12]


def test_split_by_an_option_sends_items_two_ways(
    flow: Say, lab: Lab, line: Path
) -> None:
    two_conditions(lab)
    options = (
        *("--split", "drugged=measure.table: condition = drug"),
        *("--wire", "drugged.accepted -> join.tables"),
    )

    assert planned(flow, line, *options) == {"add": 4, "measure": 4, "join": 1}
    assert flow("run", line, *BOUND, *options).code == 0
    assert numbers(lab, lab.experiment.find_run()) == [21, 22]


def test_bypass_hands_the_input_on(flow: Say, lab: Lab, line: Path) -> None:
    lab.import_images(2)

    assert flow("run", line, *BOUND, "--bypass", "add").code == 0

    assert numbers(lab, lab.experiment.find_run()) == [1, 2]


def test_wrong_options_are_listed_with_the_other_problems(
    flow: Say, lab: Lab, line: Path
) -> None:
    lab.import_images(1)
    wrong = (
        *("--match", "addd.image=well"),
        *("--group-by", "measure=well"),
        *("--sweep", "add.amount=few"),
        *("--disable", "nobody"),
        *("--filter", "measure.tabel: a = 1"),
    )

    for command in ("plan", "run"):
        said = flow(command, line, *BOUND, *wrong)
        assert said.code == 5
        text = " ".join((said.out + said.err).split())
        for expected in ("match addd.image", "sweep add.amount", "disable nobody"):
            assert expected in text
        assert "few" in text
        if command == "plan":
            assert "its tool takes one item at a time" in text
            assert "no output 'tabel'" in text
    assert lab.experiment.runs() == []


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--match", "add.image", "key=value"),
        ("--filter", "images condition = drug", "no colon"),
        ("--group-by", "join=[a", "no list of keys"),
    ],
)
def test_malformed_option_is_wrong_use(
    flow: Say, lab: Lab, line: Path, option: str, value: str, says: str
) -> None:
    said = flow("plan", line, *BOUND, option, value)
    assert said.code == 2
    assert option in said.err
    assert says in said.err


def test_run_that_goes_on_takes_no_other_settings(
    flow: Say, lab: Lab, line: Path
) -> None:
    lab.import_images(1)
    flow("run", line, *BOUND)
    said = flow("run", "--failed", "last", "-e", "experiment", "--disable", "join")
    assert said.code == 2
    assert "what it began with" in said.err
