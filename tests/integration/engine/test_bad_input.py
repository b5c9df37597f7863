"""What stops a run before it begins: each problem names the thing and the remedy."""

from typing import Any

import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.session import Subset
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.lab import Lab


def problems(lab: Lab, workflow: Workflow, **more: Any) -> list[Problem]:  # noqa: ANN401
    bind = more.pop("bind", {"images": "raw"})
    plan = lab.experiment.plan(workflow, bind=bind, **more)
    assert not plan.is_runnable
    with pytest.raises(WorkflowError) as caught:
        lab.experiment.run(workflow, bind=bind, **more)
    assert caught.value.exit_code == 5
    assert lab.experiment.runs() == []
    assert all(problem.text.endswith((".", "?")) for problem in plan.problems)
    return list(plan.problems)


def texts(found: list[Problem]) -> str:
    return "\n".join(f"{problem.code}: {problem}" for problem in found)


def changed(lab: Lab, old: str, new: str) -> Workflow:
    text = lab.line().dumps()
    assert old in text
    return Workflow.loads(text.replace(old, new), catalogue=lab.session.catalogue)


def test_unbound_input(lab: Lab) -> None:
    lab.import_images(1)
    found = problems(lab, lab.line(), bind={})
    assert "'images' is not bound" in texts(found)
    assert "--bind images=DATASET (datasets: raw)" in texts(found)


def test_unknown_dataset(lab: Lab) -> None:
    lab.import_images(1)
    found = problems(lab, lab.line(), bind={"images": "row"})
    assert "no dataset 'row'" in texts(found)
    assert "Datasets are: raw" in texts(found)


def test_unknown_dataset_input(lab: Lab) -> None:
    lab.import_images(1)
    found = problems(lab, lab.line(), bind={"images": "raw", "pictures": "raw"})
    assert "no dataset input 'pictures' (it has: images)" in texts(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("test/add@1.0.0", "test/ad@1.0.0", "test/add"),
        ("test/add@1.0.0", "test/add@9.0.0", "1.0.0"),
        ("amount: 10", "amuont: 10", "no parameter 'amuont' (it has: amount)"),
        ("amount: 10", "amount: 101", "above the largest value 100"),
        ("amount: 10", "amount: ten", "'ten' is not a whole number"),
        ("image: add.result", "image: add.reslut", "no output 'reslut'"),
        ("image: add.result", "image: gone.result", "no node called 'gone'"),
        ("image: add.result", "image: join.table", "takes image, but join.table"),
    ],
)
def test_workflow_with_a_mistake(lab: Lab, old: str, new: str, said: str) -> None:
    lab.import_images(1)
    assert said in texts(problems(lab, changed(lab, old, new)))


def test_circle(lab: Lab) -> None:
    lab.import_images(1)
    workflow = lab.line()
    workflow.add("test/add", id="more")
    workflow.connect("add.result", "more.image")
    text = workflow.dumps().replace("image: images", "image: more.result")

    found = problems(lab, Workflow.loads(text, catalogue=lab.session.catalogue))

    assert "closes a circle" in texts(found)


def test_input_that_is_not_wired(lab: Lab) -> None:
    lab.import_images(1)
    workflow = lab.line()
    workflow.disconnect("add.result", "measure.image")
    found = problems(lab, workflow)
    assert "measure.image is not wired" in texts(found)


def test_items_that_do_not_pair_are_listed_by_name_with_keys(lab: Lab) -> None:
    lab.import_images(2)
    other = [lab.image(5, "well_A1.ome.tif"), lab.image(6, "well_A2.ome.tif")]
    pattern = r"(?P<well>A\d)"
    lab.experiment.import_files(other, dataset="other", from_name=pattern)
    workflow = lab.line()
    workflow.add_input("other", "image")
    workflow.add("test/subtract", id="difference")
    workflow.connect("images", "difference.image")
    workflow.connect("other", "difference.other")

    found = problems(lab, workflow, bind={"images": "raw", "other": "other"})

    names = {problem.item for problem in found}
    assert names == {
        "image_001.ome.tif",
        "image_002.ome.tif",
        "well_A1.ome.tif",
        "well_A2.ome.tif",
    }
    assert "its keys: well" in texts(found)


def test_table_bound_to_an_image_input(lab: Lab) -> None:
    table = lab.folder / "table.csv"
    table.write_text("a,b\n1,2\n")
    lab.experiment.import_files([table])
    found = problems(lab, lab.line())
    assert "cannot take table.csv: it takes image, this is table" in texts(found)


def test_every_problem_is_told_at_once(lab: Lab) -> None:
    workflow = changed(lab, "amount: 10", "amount: -1")
    workflow.disconnect("measure.table", "join.tables")
    found = problems(lab, workflow, bind={})
    assert {problem.code for problem in found} >= {
        "parameter-value",
        "unwired-input",
        "unbound-input",
    }


def test_setting_that_names_nothing(lab: Lab) -> None:
    lab.import_images(1)
    for name, said in [
        ("amount", "names no parameter"),
        ("nobody.amount", "no node called 'nobody'"),
        ("add.amuont", "no parameter 'amuont'"),
        ("add.node", "no parameter 'node'"),
    ]:
        with pytest.raises(WorkflowError, match=said):
            lab.experiment.run(lab.line(), bind={"images": "raw"}, set={name: 1})
    assert not lab.experiment.runs()


def test_all_wrong_settings_and_bindings_are_told_at_once(lab: Lab) -> None:
    lab.import_images(1)
    plan = lab.experiment.plan(
        lab.line(),
        bind={"images": "nowhere"},
        set={"amount": 1, "nobody.amount": 1, "add.amuont": 1, "add.amount": -1},
        force=["noone"],
    )
    said = texts(list(plan.problems))
    for words in ("'amount' names", "'nobody'", "'amuont'", "nowhere", "'noone'"):
        assert words in said
    assert len([one for one in plan.problems if one.code == "setting"]) == 4
    assert not plan.is_runnable


@pytest.mark.parametrize(
    ("bound", "where", "kept"),
    [
        ("raw where conditon = a", "", ""),
        ("raw", "conditon = a", ""),
        ("raw", "", "conditon = a"),
        ("raw", "", "not conditon = a"),
    ],
)
def test_misspelt_key_of_a_query_is_named_by_the_plan(
    lab: Lab, bound: str, where: str, kept: str
) -> None:
    lab.import_images(2)
    lab.experiment.annotate(lab.experiment.items("raw"), {"condition": "a"})
    filters = {"images": kept} if kept else {}

    plan = lab.experiment.plan(
        lab.line(), bind={"images": bound}, subset=Subset(where), filter=filters
    )

    (doubt,) = [one for one in plan.problems if one.code == "unknown-key"]
    assert "no item has the key 'conditon'; did you mean 'condition'?" in doubt.text
    kept = kept.replace("conditon", "condition")
    right = lab.experiment.plan(
        lab.line(),
        bind={"images": bound.replace("conditon", "condition")},
        subset=Subset(where.replace("conditon", "condition")),
        filter={
            to: one.replace("conditon", "condition") for to, one in filters.items()
        },
    )
    assert right.problems == ()


def test_key_that_a_sweep_gives_is_known(lab: Lab) -> None:
    lab.import_images(1)

    plan = lab.experiment.plan(
        lab.line(),
        bind={"images": "raw"},
        sweep={"add.amount": "1, 2"},
        filter={"add": "amount = 1"},
    )

    assert plan.problems == ()
