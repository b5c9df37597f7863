from pathlib import Path

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import plain_of, save_document
from bioimageit_flow.workflow.interface import Interface
from bioimageit_flow.workflow.toolset import Toolset
from tests.builders import a_document

ROOT = Path(__file__).parents[3]

GAUSSIAN = "skimage/gaussian@1.0.0"

INNER = a_document(
    {
        "blur": {"tool": GAUSSIAN, "wires": {"image": "picture"}},
        "odd": {"tool": "nobody/has@1.0.0", "wires": {"image": "blur.result"}},
    },
    inputs=["picture"],
    outputs={"smooth": "blur.result", "riddle": "odd.out", "same": "picture"},
)


class CountingCatalogue(Catalogue):
    """Counts how often it is asked."""

    asked = 0

    def get(self, ref: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
        self.asked += 1
        return super().get(ref)


@pytest.fixture
def toolset(tmp_path: Path) -> Toolset:
    catalogue = CountingCatalogue([Place(ROOT / "nodes", "built-in")])
    return Toolset(catalogue, tmp_path)


def outer(workflow: object) -> Document:
    return a_document({"sub": {"tool": None, "workflow": workflow}})


def test_ports_of_a_subworkflow_are_its_inputs_and_outputs(toolset: Toolset) -> None:
    ports, problems = toolset.ports_of(outer(plain_of(INNER)))
    sub = ports["sub"]

    assert isinstance(sub, Interface)
    assert problems == []
    assert list(sub.inputs) == ["picture"]
    assert sub.inputs["picture"].kind is Kind.IMAGE
    assert list(sub.outputs) == ["smooth", "riddle", "same"]
    smooth = sub.offers["smooth"]
    assert smooth is not None
    assert smooth.kind is Kind.IMAGE
    assert sub.offers["riddle"] is None
    assert [problem.node for problem in sub.problems] == ["odd"]


def test_file_beside_the_workflow_is_read(toolset: Toolset, tmp_path: Path) -> None:
    save_document(INNER, tmp_path / "inner.flow.yaml")
    ports, problems = toolset.ports_of(outer("inner.flow.yaml"))

    assert problems == []
    assert list(ports["sub"].inputs) == ["picture"]


@pytest.mark.parametrize("name", ["../x.flow.yaml", "/etc/passwd", "gone.flow.yaml"])
def test_file_elsewhere_is_a_problem_of_the_node(toolset: Toolset, name: str) -> None:
    ports, (problem,) = toolset.ports_of(outer(name))

    assert ports == {}
    assert (problem.code, problem.node) == ("broken-subworkflow", "sub")


def test_workflow_that_contains_itself_ends(toolset: Toolset, tmp_path: Path) -> None:
    save_document(outer("me.flow.yaml"), tmp_path / "me.flow.yaml")

    problems = toolset.problems_of(outer("me.flow.yaml"))

    assert any("nested deeper" in problem.text for problem in problems)


def test_each_tool_is_asked_for_once(toolset: Toolset) -> None:
    nodes = {f"n{i}": {"tool": GAUSSIAN, "wires": {}} for i in range(60)}
    toolset.ports_of(a_document(nodes))

    assert toolset.catalogue.asked == 1  # type: ignore[attr-defined]


def test_inner_document_that_is_none_says_where(toolset: Toolset) -> None:
    with pytest.raises(WorkflowError, match="the subworkflow sub"):
        toolset.read_inner({"schema": "bioimageit-flow/workflow/1"}, "sub")
