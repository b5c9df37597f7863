"""A first try has something of everything that is compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.editor.running.piloting import nodes_for_one, pilot_of
from bioimageit_flow.errors import ToolError
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow import Workflow

CATALOGUE = Catalogue([Place(Path(__file__).parents[4] / "nodes", "built-in")])
TWO: Mapping[str, Sequence[object]] = {"condition": ("control", "drug")}


def tool(ref: str) -> Tool:
    return CATALOGUE.get(ref).tool


def comparing(**settings: Any) -> Workflow:  # noqa: ANN401 - as `add` takes them
    made = Workflow("Compare", catalogue=CATALOGUE)
    images = made.add_input("images", "image")
    spots = made.add("skimage/detect-spots", id="spots")
    compare = made.add("tables/compare-groups", id="compare", **settings)
    images >> spots["image"]
    spots["points"] >> compare["tables"]
    return made


def test_a_few_of_each_condition_are_tried() -> None:
    three_of_each = Subset(pilot=3, by=("condition",))
    for workflow in (comparing(), comparing(by="condition")):
        assert pilot_of(workflow.document, tool, TWO) == three_of_each


@pytest.mark.parametrize(
    "values", [{}, {"condition": ("control",)}, {"condition": tuple(range(7))}]
)
def test_the_first_three_are_tried_where_there_are_no_conditions(
    values: Mapping[str, Sequence[object]],
) -> None:
    found = pilot_of(comparing().document, tool, values)
    assert found == Subset(limit=3)


def test_keys_that_the_workflow_does_not_name_do_not_matter() -> None:
    values = {"operator": ("Ann", "Bob")}
    assert pilot_of(comparing().document, tool, values) == Subset(limit=3)


def test_tools_that_are_not_there_do_not_matter() -> None:
    def none(ref: str) -> Tool:
        raise ToolError(f"There is no tool {ref}.")

    workflow = comparing(by="condition")
    assert pilot_of(workflow.document, none, TWO).by == ("condition",)


def test_one_item_is_tried_at_what_takes_single_items() -> None:
    workflow = comparing(by="condition")
    plot = workflow.add("tables/plot-groups", id="plot")
    workflow.connect("compare.values", plot["tables"])

    assert nodes_for_one(workflow.document, tool) == ["spots"]


def test_one_item_is_tried_everywhere_where_all_nodes_take_groups() -> None:
    workflow = Workflow("Groups", catalogue=CATALOGUE)
    tables = workflow.add_input("tables", "table")
    tables >> workflow.add("tables/concatenate", id="all")["tables"]

    assert nodes_for_one(workflow.document, tool) == ["all"]


def test_groups_of_one_item_are_tried_too() -> None:
    workflow = comparing(group_by=["field"])

    assert nodes_for_one(workflow.document, tool) == ["spots", "compare"]
