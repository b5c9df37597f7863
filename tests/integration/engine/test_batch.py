"""Batch semantics end to end: sweeps, splits, filters, files, subsets, bindings."""

import json
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.keys import Key, KeyType
from bioimageit_flow.model.plan import Plan
from bioimageit_flow.model.run import RunState
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.session import Run
from bioimageit_flow.testing.in_process import InProcessJob
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import Document
from tests.integration.engine.lab import CSV, IMAGE, TOOLS, Lab, write_rows

FROM_NAME = r"(?P<condition>[a-z]+)_(?P<n>\d+)"


def changed(workflow: Workflow, lab: Lab, **fields: Any) -> Workflow:  # noqa: ANN401
    """Return a workflow with parts of its file replaced."""
    plain = {**workflow.document.model_dump(by_alias=True, mode="json"), **fields}
    document = Document.model_validate(plain)
    return Workflow.of(document, catalogue=lab.session.catalogue)


def with_node(workflow: Workflow, lab: Lab, name: str, **node: Any) -> Workflow:  # noqa: ANN401
    nodes = workflow.document.model_dump(by_alias=True, mode="json")["nodes"]
    return changed(
        workflow, lab, nodes={**nodes, name: {**nodes.get(name, {}), **node}}
    )


def two_conditions(lab: Lab, each: int = 2) -> None:
    files = [
        lab.image(number, f"{condition}_{number}.ome.tif")
        for start, condition in ((1, "control"), (11, "drug"))
        for number in range(start, start + each)
    ]
    lab.experiment.import_files(files, from_name=FROM_NAME)


def plan(lab: Lab, workflow: Workflow, **more: Any) -> Plan:  # noqa: ANN401
    bind = more.pop("bind", {"images": "raw"})
    return lab.experiment.plan(workflow, bind=bind, **more)


def numbers(lab: Lab, run: Run, node: str = "join") -> list[int]:
    """Return the values of a table, from the smallest to the largest."""
    return sorted(int(str(value)) for value in lab.values(run, node))


def jobs(plan: Plan) -> dict[str, int]:
    return {node.node: node.jobs for node in plan.nodes}


def test_sweep_multiplies_the_collection_and_its_value_is_a_key(lab: Lab) -> None:
    lab.import_images(3)
    workflow = lab.line()
    workflow.set("add", amount={"sweep": {"values": [1, 2, 5]}})
    workflow = with_node(workflow, lab, "join", group_by=["amount"])

    foreseen = plan(lab, workflow)
    run = lab.run(workflow)

    assert jobs(foreseen) == {"add": 9, "measure": 9, "join": 3}
    assert run.state is RunState.DONE
    results = run.results("add", "result")
    assert {result.annotations["amount"] for result in results} == {1, 2, 5}
    assert len({result.name for result in results}) == 9
    assert any("amount-5" in result.name for result in results)
    assert lab.values(run) == [2, 3, 4, 3, 4, 5, 6, 7, 8]
    again = plan(lab, workflow)
    assert all(node.reused == node.jobs for node in again.nodes)


def test_raw_image_meets_every_result_of_a_sweep_over_it(lab: Lab) -> None:
    lab.import_images(2)
    workflow = Workflow("Differences", catalogue=lab.session.catalogue)
    images = workflow.add_input("images", "image")
    more = workflow.add(
        "test/add",
        id="more",
        amount={"sweep": {"range": {"from": 1, "to": 3, "step": 1}}},
    )
    less = workflow.add("test/subtract", id="less")
    seen = workflow.add("test/measure", id="seen")
    images >> more["image"]
    more["result"] >> less["image"]
    images >> less["other"]
    less["result"] >> seen["image"]

    run = lab.run(workflow)

    assert run.state is RunState.DONE
    assert numbers(lab, run, "seen") == [1, 1, 2, 2, 3, 3]
    for result in run.results("seen", "table"):
        assert list(result.read_table().column("value")) == [
            result.annotations["amount"]
        ]


def test_two_sweeps_make_a_grid_and_zipped_ones_go_together(lab: Lab) -> None:
    lab.import_images(1)
    workflow = lab.line()
    second = workflow.add("test/add", id="second")
    workflow.connect("add.result", second["image"])
    check = workflow.add("test/measure", id="check")
    second["result"] >> check["image"]

    def swept(zipped: str | None) -> Workflow:
        first = {"values": [10, 20, 30], "key": "first", "zip": zipped}
        other = {"values": [1, 2, 3], "key": "other", "zip": zipped}
        workflow.set("add", amount={"sweep": first})
        workflow.set("second", amount={"sweep": other})
        return workflow

    grid = lab.run(swept(None))
    assert numbers(lab, grid, "check") == sorted(
        1 + a + b for a in (10, 20, 30) for b in (1, 2, 3)
    )
    zipped = lab.run(swept("both"))
    assert numbers(lab, zipped, "check") == [12, 23, 34]


def test_swept_value_gives_a_parameter_further_down(lab: Lab) -> None:
    lab.import_images(1)
    workflow = lab.line()
    workflow.set("add", amount={"sweep": {"values": [1, 2], "key": "dose"}})
    second = workflow.add("test/add", id="second")
    workflow.set("second", amount={"annotation": "dose"})
    workflow.connect("add.result", second["image"])
    check = workflow.add("test/measure", id="check")
    second["result"] >> check["image"]

    run = lab.run(workflow)

    assert numbers(lab, run, "check") == [3, 5]


def test_reused_result_says_the_swept_value_of_its_own_run(lab: Lab) -> None:
    lab.import_images(1)
    workflow = lab.line()
    workflow.set("add", amount=2)
    lab.run(workflow)
    workflow.set("add", amount={"sweep": {"values": [2]}})

    run = lab.run(workflow)

    assert lab.calls == []
    (result,) = run.results("add", "result")
    assert result.annotations["amount"] == 2


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        ({"values": []}, "no values"),
        ({"values": [1, 2, 1.0]}, "comes twice"),
        ({"values": [1, 500]}, "above the largest"),
        ({"values": ["many"]}, "not a whole number"),
        ({"range": {"from": 0, "to": 1, "count": 3}}, "not a whole number"),
        ({"range": {"from": 1, "to": 5, "step": -1}}, "do not lead"),
        ({"range": {"from": 0, "to": 5, "count": 3, "log": True}}, "above zero"),
        ({"values": [1], "key": "a/b"}, "not a key"),
    ],
)
def test_sweep_with_a_mistake_is_named(
    lab: Lab, sweep: dict[str, Any], words: str
) -> None:
    lab.import_images(1)
    workflow = lab.line()
    workflow.set("add", amount={"sweep": sweep})

    found = plan(lab, workflow)

    assert not found.is_runnable
    assert any(words in problem.text for problem in found.problems), found.problems


def test_swept_key_that_items_have_already_is_named(lab: Lab) -> None:
    two_conditions(lab, 1)
    workflow = lab.line()
    workflow.set("add", amount={"sweep": {"values": [1, 2], "key": "n"}})

    found = plan(lab, workflow)

    assert "sweep-key" in {problem.code for problem in found.problems}


def test_filter_lets_only_some_items_pass_and_lists_the_others(lab: Lab) -> None:
    two_conditions(lab)
    workflow = changed(
        lab.line(), lab, filters=[{"node": "images", "where": 'condition = "drug"'}]
    )

    foreseen = plan(lab, workflow)
    run = lab.run(workflow)

    assert lab.values(run) == [21, 22]
    assert jobs(foreseen)["add"] == 2
    assert foreseen.filtered == {"images": ("control_1.ome.tif", "control_2.ome.tif")}


def test_split_sends_items_two_ways_that_meet_in_a_group(lab: Lab) -> None:
    two_conditions(lab)
    workflow = lab.line()
    workflow = with_node(
        workflow, lab, "which", where="n > 10 or n = 1", wires={"items": "images"}
    )
    workflow = with_node(
        workflow,
        lab,
        "other",
        tool="test/add@1.0.0",
        parameters={"amount": 50},
        wires={"image": "which.rejected"},
    )
    workflow = with_node(workflow, lab, "add", wires={"image": "which.accepted"})
    workflow = with_node(
        workflow,
        lab,
        "also",
        tool="test/measure@1.0.0",
        wires={"image": "other.result"},
    )
    workflow = with_node(
        workflow, lab, "join", wires={"tables": ["measure.table", "also.table"]}
    )

    assert plan(lab, workflow).problems == ()
    run = lab.run(workflow)

    assert run.state is RunState.DONE
    assert numbers(lab, run) == [11, 21, 22, 52]


def test_query_that_cannot_be_read_is_a_problem_of_its_node(lab: Lab) -> None:
    two_conditions(lab)
    workflow = changed(
        lab.line(), lab, filters=[{"node": "images", "where": "condition = "}]
    )

    found = plan(lab, workflow)

    assert [problem.code for problem in found.problems] == ["query"]


@pytest.mark.parametrize(
    ("binding", "values"),
    [
        ('raw where condition = "drug"', [21, 22]),
        ("where n <= 2", [11, 12]),
        ("raw, more where n > 1", [12, 17, 21, 22]),
        ("raw,more", [11, 12, 17, 21, 22]),
    ],
)
def test_input_is_bound_by_query_and_to_several_datasets(
    lab: Lab, binding: str, values: list[int]
) -> None:
    two_conditions(lab)
    lab.experiment.import_files(
        [lab.image(7, "other_7.ome.tif")], dataset="more", from_name=FROM_NAME
    )

    run = lab.run(lab.line(), bind={"images": binding})

    assert numbers(lab, run) == values


def test_input_is_bound_to_chosen_items(lab: Lab) -> None:
    two_conditions(lab)
    chosen = [item for item in lab.experiment.items("raw") if "drug" in item.name]

    run = lab.run(lab.line(), bind={"images": chosen})

    assert lab.values(run) == [21, 22]


@pytest.mark.parametrize("known_by", ["name", "folder", "id"])
def test_results_are_bound_by_the_run_that_made_them(lab: Lab, known_by: str) -> None:
    lab.import_images(2)
    first = lab.run(lab.line())
    lab.run(lab.line(), set={"add.amount": 20})
    summary = first.summary
    word = {"name": "Line", "folder": summary.folder, "id": summary.id}[known_by]
    (table,) = first.results("measure", "table")[:1]
    query = f'{table.item.dataset} where run = "{word}"'
    workflow = Workflow("Again", catalogue=lab.session.catalogue)
    workflow.add_input("tables", "table")
    join = workflow.add("test/join", id="join")
    workflow.connect("tables", join["tables"])

    run = lab.run(workflow, bind={"tables": query})

    assert lab.values(run) == [11, 12]


def test_hostile_query_is_text_and_nothing_else(lab: Lab) -> None:
    two_conditions(lab)
    query = 'raw where condition = "\'; drop table item; --"'

    with pytest.raises(WorkflowError, match="has no items"):
        lab.run(lab.line(), bind={"images": query})

    assert len(lab.experiment.items("raw")) == 4


@pytest.mark.parametrize(
    ("subset", "values"),
    [
        (Subset(limit=1), [11]),
        (Subset(where='condition = "drug"'), [21, 22, 23]),
        (Subset(where='condition = "drug"', limit=2), [21, 22]),
        (Subset(pilot=1, by=("condition",)), [11, 21]),
        (Subset(pilot=2, by=("condition",)), [11, 12, 21, 22]),
    ],
)
def test_subset_tries_a_workflow_on_a_part(
    lab: Lab, subset: Subset, values: list[int]
) -> None:
    two_conditions(lab, 3)

    foreseen = plan(lab, lab.line(), subset=subset)
    run = lab.run(lab.line(), subset=subset)

    assert run.state is RunState.DONE
    assert lab.values(run) == values
    assert jobs(foreseen) == {"add": len(values), "measure": len(values), "join": 1}


def test_chosen_items_are_tried_whichever_input_has_them(lab: Lab) -> None:
    two_conditions(lab, 3)
    raw = list(lab.experiment.store.items("raw"))
    chosen = Subset(items=(raw[4].id,))

    run = lab.run(lab.line(), subset=chosen)

    assert lab.values(run) == [22]
    (table,) = run.results("measure", "table")
    again = Workflow("Again", catalogue=lab.session.catalogue)
    again.add_input("tables", "table")
    again.connect("tables", again.add("test/join", id="join")["tables"])
    bind = {"tables": table.item.dataset}
    assert lab.values(lab.run(again, bind=bind, subset=chosen)) == [22]
    with pytest.raises(WorkflowError, match="bound to one chosen item"):
        lab.run(lab.line(), subset=Subset(items=(raw[4].id[::-1],)))


def test_subset_of_one_input_takes_the_partners_along(lab: Lab) -> None:
    two_conditions(lab, 3)
    darks = [lab.image(n, f"dark_{n}.ome.tif", "darks") for n in (3, 2, 1, 11, 12, 13)]
    lab.experiment.import_files(darks, dataset="darks", from_name=FROM_NAME)
    workflow = Workflow("Pairs", catalogue=lab.session.catalogue)
    images, dark = (
        workflow.add_input("images", "image"),
        workflow.add_input("dark", "image"),
    )
    less = workflow.add("test/subtract", id="less")
    images >> less["image"]
    dark >> less["other"]
    workflow.match(less["other"], by=["n"])
    bind = {"images": "raw", "dark": "darks"}

    run = lab.run(workflow, bind=bind, subset=Subset(limit=2))

    assert run.state is RunState.DONE
    assert len(run.results("less", "result")) == 2


def test_unpaired_items_stop_a_run_or_are_left_out_by_name(lab: Lab) -> None:
    two_conditions(lab, 2)
    lab.experiment.import_files(
        [
            lab.image(1, "dark_1.ome.tif", "darks"),
            lab.image(9, "dark_9.ome.tif", "darks"),
        ],
        dataset="darks",
        from_name=FROM_NAME,
    )
    workflow = Workflow("Pairs", catalogue=lab.session.catalogue)
    images, dark = (
        workflow.add_input("images", "image"),
        workflow.add_input("dark", "image"),
    )
    less = workflow.add("test/subtract", id="less")
    images >> less["image"]
    dark >> less["other"]
    bind = {"images": "raw", "dark": "darks"}
    by_raw = plan(lab, workflow, bind=bind)
    assert any("by n" in problem.fix for problem in by_raw.problems), by_raw.problems
    workflow.match(less["other"], by=["n"])

    found = plan(lab, workflow, bind=bind)
    run = lab.run(workflow, bind=bind, unpaired="leave out")

    assert {one.item for one in found.unpaired} == {
        "control_2.ome.tif",
        "drug_11.ome.tif",
        "drug_12.ome.tif",
        "dark_9.ome.tif",
    }
    assert not found.is_runnable
    assert run.state is RunState.DONE
    assert [one.name for one in run.results("less", "result")] == ["control_1.ome.tif"]
    assert run.report is not None
    assert len(run.report.problems) == 4


def model_tool(lab: Lab) -> None:
    lab.functions["test/infer"] = infer
    lab.runtime.functions = lab._counted()
    lab.add_tool(
        "infer",
        {
            "inputs": {"image": IMAGE},
            "outputs": {"table": CSV},
            "parameters": {"model": {"type": "file", "help": "The model."}},
            "command": [
                "python",
                "/tool/run.py",
                "{image}",
                "{table}",
                {"when": "model", "args": ["--model", "{model}"]},
            ],
        },
    )
    lab.session.catalogue.refresh()


def infer(job: InProcessJob) -> None:
    path = Path(job.parameters["model"])
    assert str(path) in job.command
    assert job.inputs("model") == []
    write_rows(job.output("table"), [["value"], [f"{path.suffix} {path.read_text()}"]])


def test_file_of_a_parameter_becomes_an_item_of_the_lineage(lab: Lab) -> None:
    model_tool(lab)
    lab.import_images(2)
    (lab.folder / "net.h5").write_text("weights")
    workflow = Workflow("Infer", catalogue=lab.session.catalogue)
    images = workflow.add_input("images", "image")
    node = workflow.add("test/infer", id="infer", model="net.h5")
    images >> node["image"]

    foreseen = plan(lab, workflow, folder=lab.folder)
    assert [one.name for one in lab.experiment.datasets()] == ["raw"]
    run = lab.run(workflow, folder=lab.folder)
    again = plan(lab, workflow, folder=lab.folder)
    (lab.folder / "net.h5").write_text("better weights")
    changed = plan(lab, workflow, folder=lab.folder)

    assert foreseen.problems == ()
    assert lab.values(run, "infer") == [".h5 weights"] * 2
    (item,) = lab.experiment.items("files")
    assert item.name == "net.h5"
    consumed = {edge.edge for job in run.jobs() for edge in job.consumed}
    assert consumed == {"images -> infer.image", "files -> infer.model"}
    assert again.nodes[0].reused == 2
    assert changed.nodes[0].reasons == {"model: 1 of 1 inputs new": 2}


def test_missing_file_of_a_parameter_is_named(lab: Lab) -> None:
    model_tool(lab)
    lab.import_images(2)
    workflow = Workflow("Infer", catalogue=lab.session.catalogue)
    images = workflow.add_input("images", "image")
    node = workflow.add("test/infer", id="infer", model="gone.h5")
    images >> node["image"]

    found = plan(lab, workflow, folder=lab.folder)

    (problem,) = found.problems
    assert problem.code == "missing-file"
    assert "'gone.h5' is no file and no item" in problem.text


def test_results_of_a_sweep_can_be_bound_again(lab: Lab) -> None:
    lab.import_images(2)
    workflow = lab.line()
    workflow.set("add", amount={"sweep": {"values": [1, 2]}})
    first = lab.run(workflow)
    dataset = f"{first.summary.folder}/add/result"
    second = Workflow("Again", catalogue=lab.session.catalogue)
    images, raw = second.add_input("images", "image"), second.add_input("raw", "image")
    less = second.add("test/subtract", id="less")
    seen = second.add("test/measure", id="seen")
    images >> less["image"]
    raw >> less["other"]
    less["result"] >> seen["image"]

    run = lab.run(second, bind={"images": dataset, "raw": "raw"})

    assert numbers(lab, run, "seen") == [1, 1, 2, 2]


def test_run_freezes_the_annotations_that_it_used(lab: Lab) -> None:
    two_conditions(lab, 1)
    run = lab.run(lab.line(), subset=Subset(limit=1))
    lab.experiment.annotate(lab.experiment.items("raw"), {"condition": "other"})

    folder = lab.experiment.path / "runs" / run.summary.id
    frozen = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))

    assert frozen["bindings"] == {"images": "raw"}
    assert frozen["subset"] == "the first 1"
    (item,) = frozen["inputs"]["images"]
    assert item["name"] == "control_1.ome.tif"
    assert item["annotations"] == {"condition": "control", "n": 1}


def test_key_of_another_unit_than_its_parameter_is_named(lab: Lab) -> None:
    amount = {"type": "int", "default": 1, "unit": "um"}
    lab.add_tool("add", {**TOOLS["add"], "parameters": {"amount": amount}})
    lab.session.catalogue.refresh()
    two_conditions(lab, 1)
    key = Key("n", KeyType.INTEGER, unit="nm")
    lab.experiment.store.declare_key(key, user="me")
    workflow = lab.line()
    workflow.set("add", amount={"annotation": "n"})

    found = plan(lab, workflow)

    (problem,) = found.problems
    assert problem.code == "unit-mismatch"
    assert "is in um, but the key 'n' is in nm" in problem.text


def test_excluded_items_stay_out_and_are_listed(lab: Lab) -> None:
    two_conditions(lab, 2)
    blurred = [one for one in lab.experiment.items("raw") if one.name.startswith("c")]
    lab.experiment.store.exclude([blurred[0].id], "out of focus", user="me")

    found = plan(lab, lab.line())
    run = lab.run(lab.line())

    assert found.excluded == {"control_1.ome.tif": "out of focus"}
    assert found.inputs == {"images": "raw (3 items, 1 excluded)"}
    assert lab.values(run) == [12, 21, 22]
