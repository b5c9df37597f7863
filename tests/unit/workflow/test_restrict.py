import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import read_document
from bioimageit_flow.workflow.restrict import leading_to, nodes_named

TEXT = """\
schema: bioimageit-flow/workflow/1
id: 00000000-0000-4000-8000-000000000001
name: Fork
inputs:
  images: {kind: image}
  psf: {kind: image}
nodes:
  smooth: {tool: t/smooth@1.0.0, wires: {image: images}}
  sharp: {tool: t/sharp@1.0.0, wires: {image: images, psf: psf}}
  sub/one: {tool: t/one@1.0.0, wires: {image: smooth.image}}
  sub/two: {tool: t/two@1.0.0, wires: {image: sub/one.image}}
outputs: {a: sub/two.table, b: sharp.image}
filters:
- {node: smooth, port: image, where: x = 1}
- {node: sharp, port: image, where: x = 1}
"""


@pytest.fixture
def document() -> Document:
    return read_document(TEXT.replace("sub/one", "one").replace("sub/two", "two"), "t")


def test_only_what_leads_to_a_node_is_kept(document: Document) -> None:
    part = leading_to(document, ["one"])

    assert list(part.nodes) == ["smooth", "one"]
    assert list(part.inputs) == ["images"]
    assert dict(part.outputs) == {}
    assert [entry.node for entry in part.filters] == ["smooth"]


def test_outputs_of_what_is_kept_stay(document: Document) -> None:
    assert list(leading_to(document, ["sharp"]).outputs) == ["b"]


def test_several_nodes_are_joined(document: Document) -> None:
    assert len(leading_to(document, ["sharp", "two"]).nodes) == 4


def test_nothing_named_means_everything(document: Document) -> None:
    assert leading_to(document, []) is document


def test_subworkflow_stands_for_its_nodes(document: Document) -> None:
    nodes = dict(document.nodes)
    nodes["sub/a"], nodes["sub/b"] = nodes.pop("one"), nodes.pop("two")
    inner = document.model_copy(update={"nodes": nodes})

    assert nodes_named(inner, ["sub"]) == {"sub/a", "sub/b"}


def test_unknown_node_is_refused_by_name(document: Document) -> None:
    with pytest.raises(WorkflowError, match="no node 'smoth'") as caught:
        leading_to(document, ["smoth"])

    assert "smooth" in caught.value.remedy
