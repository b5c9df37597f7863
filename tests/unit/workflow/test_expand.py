from pathlib import Path

import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.expand import drop_inactive, expand_subworkflows
from bioimageit_flow.workflow.file import save_document
from tests.builders import a_document, a_tool

INNER = a_document(
    {
        "blur": {"wires": {"image": "picture"}},
        "label": {"wires": {"image": "blur.out"}},
    },
    inputs=["picture"],
    outputs={"labels": "label.out"},
)


def edges(document: Document) -> list[str]:
    return [str(edge) for edge in document.edges()]


def outer(workflow: object) -> Document:
    return a_document(
        {
            "sub": {
                "tool": None,
                "workflow": workflow,
                "wires": {"picture": "images"},
            },
            "count": {"wires": {"image": "sub.labels"}},
        },
        outputs={"result": "sub.labels"},
    )


@pytest.mark.parametrize("is_inline", [True, False])
def test_subworkflow_becomes_its_nodes(tmp_path: Path, is_inline: bool) -> None:
    save_document(INNER, tmp_path / "inner.flow.yaml")
    inline = INNER.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    inline["schema"] = "bioimageit-flow/workflow/1"
    document = outer(inline if is_inline else "inner.flow.yaml")

    flat = expand_subworkflows(document, tmp_path)

    assert edges(flat) == [
        "images -> sub/blur.image",
        "sub/blur.out -> sub/label.image",
        "sub/label.out -> count.image",
    ]
    assert flat.outputs == {"result": "sub/label.out"}


@pytest.mark.parametrize("name", ["../secret.yaml", "/etc/passwd"])
def test_subworkflow_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkflowError, match="does not lie beside"):
        expand_subworkflows(outer(name), tmp_path)


def test_workflow_that_contains_itself_is_refused(tmp_path: Path) -> None:
    save_document(outer("self.flow.yaml"), tmp_path / "self.flow.yaml")

    with pytest.raises(WorkflowError, match=r"deeper than|has no input"):
        expand_subworkflows(outer("self.flow.yaml"), tmp_path)


LINE = {
    "a": {"wires": {"image": "images"}},
    "b": {"wires": {"image": "a.out"}},
    "c": {"wires": {"image": "b.out"}},
}


def line_with(node: str, state: str) -> Document:
    nodes = {
        name: {**entry, "state": state} if name == node else entry
        for name, entry in LINE.items()
    }
    return a_document(nodes, outputs={"end": "c.out"})


def test_disabled_node_goes_with_all_below_it() -> None:
    active, problems = drop_inactive(line_with("b", "disabled"), {})

    assert list(active.nodes) == ["a"]
    assert active.outputs == {}
    assert problems == []


def test_bypassed_node_hands_its_input_on() -> None:
    tools = {name: a_tool(f"test/{name}") for name in LINE}

    active, problems = drop_inactive(line_with("b", "bypass"), tools)

    assert edges(active) == ["images -> a.image", "a.out -> c.image"]
    assert problems == []


def test_node_whose_input_does_not_fit_cannot_be_bypassed() -> None:
    table = {"out": {"kind": "table", "format": "csv"}}
    tools = {name: a_tool(f"test/{name}") for name in LINE}
    tools["b"] = a_tool("test/b", outputs=table)

    _, problems = drop_inactive(line_with("b", "bypass"), tools)

    assert [problem.code for problem in problems] == ["bypass"]
