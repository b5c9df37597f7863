import pytest

from bioimageit_flow.errors import QueryError, WorkflowError
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.expand import drop_inactive, expand_subworkflows
from bioimageit_flow.workflow.querying import add_filter, add_split
from bioimageit_flow.workflow.rules import check_with
from tests.builders import a_document, a_tool


@pytest.fixture
def workflow() -> Workflow:
    workflow = Workflow("Test")
    workflow.add_input("images", "image")
    return workflow


def test_filter_is_written_into_the_file(workflow: Workflow) -> None:
    add_filter(workflow, "images", "dose > 5")

    assert "where: dose > 5" in workflow.dumps()
    assert Workflow.loads(workflow.dumps()).document == workflow.document
    assert workflow.undo()
    assert workflow.document.filters == ()


def test_split_is_written_into_the_file(workflow: Workflow) -> None:
    split = add_split(workflow, "images", "dose > 5", id="high")

    assert str(split["accepted"]) == "high.accepted"
    assert Workflow.loads(workflow.dumps()).document == workflow.document
    assert workflow.problems() == []


def test_mistakes_are_refused(workflow: Workflow) -> None:
    with pytest.raises(QueryError):
        add_filter(workflow, "images", "dose >")
    with pytest.raises(WorkflowError, match="no node or dataset input"):
        add_filter(workflow, "pictures", "dose > 5")
    with pytest.raises(WorkflowError, match="already"):
        add_split(workflow, "images", "dose > 5", id="images")


def test_wires_of_a_split_are_checked_like_those_of_its_source() -> None:
    document = a_document(
        {
            "which": {"tool": None, "where": "n = 1", "wires": {"items": "images"}},
            "blur": {"wires": {"image": "which.accepted"}},
            "wrong": {"wires": {"table": "which.rejected"}},
            "lost": {"wires": {"image": "which.third"}},
            "alone": {"tool": None, "where": "n = 1"},
        }
    )
    table = {"table": {"kind": "table"}}
    tools = {
        "blur": a_tool("test/blur"),
        "wrong": a_tool("test/wrong", inputs=table),
        "lost": a_tool("test/lost"),
    }

    codes = {(one.code, one.node) for one in check_with(document, tools)}

    assert codes == {
        ("kind-mismatch", "wrong"),
        ("unknown-source", "lost"),
        ("unwired-input", "alone"),
    }


def test_bypassed_split_lets_everything_pass() -> None:
    document = a_document(
        {
            "which": {
                "tool": None,
                "where": "n = 1",
                "wires": {"items": "images"},
                "state": "bypass",
            },
            "blur": {"wires": {"image": "which.accepted"}},
            "other": {"wires": {"image": "which.rejected"}},
        }
    )

    active, problems = drop_inactive(document, {})

    assert problems == []
    assert [str(edge) for edge in active.edges()] == ["images -> blur.image"]


def test_filters_of_a_subworkflow_hold_inside_it() -> None:
    inner = {
        "schema": "bioimageit-flow/workflow/1",
        "id": "0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a12",
        "name": "Inner",
        "inputs": {"pictures": {"kind": "image"}},
        "nodes": {"blur": {"tool": "test/blur@1.0.0", "wires": {"image": "pictures"}}},
        "outputs": {"result": "blur.out"},
        "filters": [
            {"node": "pictures", "where": "n = 1"},
            {"node": "blur", "port": "out", "where": "n = 2"},
        ],
    }
    document = a_document(
        {
            "sub": {"tool": None, "workflow": inner, "wires": {"pictures": "images"}},
            "label": {"wires": {"image": "sub.result"}},
        }
    )

    whole = expand_subworkflows(document, None)

    assert {str(edge) for edge in whole.edges()} == {
        "images -> sub/only_pictures.items",
        "sub/only_pictures.accepted -> sub/blur.image",
        "sub/blur.out -> label.image",
    }
    assert [(one.node, one.port) for one in whole.filters] == [("sub/blur", "out")]
