from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.port import InputPort
from bioimageit_flow.model.tool import InstalledTool, Tool
from bioimageit_flow.workflow.document import Edge, Source
from bioimageit_flow.workflow.interface import Offer
from bioimageit_flow.workflow.rules import edge_problems
from bioimageit_flow.workflow.suggestions import (
    bridges,
    closeness,
    compatible_sources,
    compatible_targets,
    fits,
    verdict_on,
)
from tests.builders import a_document, a_tool

KINDS = st.sampled_from(list(Kind))
AXES = st.lists(st.sampled_from(["YX", "ZYX", "TYX", "*"]), max_size=3, unique=True)
FORMATS = st.lists(
    st.sampled_from(["ome-tiff", "tiff", "csv", "json", "file"]), max_size=2
)


@given(KINDS, KINDS, AXES, st.sampled_from(["YX", "ZYX", "*"]), FORMATS)
def test_what_fits_is_what_the_rules_accept(
    wanted: Kind, given_: Kind, axes: list[str], offered: str, formats: list[str]
) -> None:
    taker = a_tool(
        "test/b", inputs={"x": {"kind": wanted, "axes": axes, "formats": formats}}
    )
    outputs = {"out": {"kind": given_, "format": "tiff", "axes": offered}}
    maker = a_tool("test/a", outputs=outputs)
    tools = {"a": maker, "b": taker}
    document = a_document({"a": {}, "b": {}})
    edge = Edge(Source(node="a", port="out"), "b", "x")

    allowed = not any(edge_problems(document, tools, edge))

    assert (("b", "x") in compatible_targets(document, tools, "a", "out")) == allowed
    assert (("a", "out") in compatible_sources(document, tools, "b", "x")) == allowed
    assert verdict_on(document, tools, edge, ()).ok == allowed


def test_the_unknown_fits_everywhere_but_not_well() -> None:
    port = InputPort(kind=Kind.IMAGE)

    assert fits(port, None)
    assert closeness(port, None) < closeness(port, Offer(Kind.IMAGE))
    assert closeness(port, Offer(Kind.LABELS)) < closeness(port, Offer(Kind.IMAGE))
    assert closeness(port, Offer(Kind.TABLE)) == 0


def installed(tool: Tool, folder: Path) -> InstalledTool:
    return InstalledTool(tool, folder, folder, "user", lambda: "", lambda: "")  # type: ignore[arg-type, return-value]


@pytest.fixture
def candidates(tmp_path: Path) -> list[InstalledTool]:
    labels = {"out": {"kind": "labels", "format": "ome-tiff"}}
    two = {"image": {"kind": "image"}, "seeds": {"kind": "points"}}
    file = {"macro": {"type": "file"}}
    command = ["python", {"when": "macro", "args": ["{macro}"]}, "{image}", "{out}"]
    return [
        installed(tool, tmp_path)
        for tool in (
            a_tool("test/needs-more", inputs=two, outputs=labels),
            a_tool("test/anything", outputs=labels, parameters=file, command=command),
            a_tool("test/simple", outputs=labels),
            a_tool("test/other"),
        )
    ]


def test_bridge_is_the_simplest_tool_first(candidates: list[InstalledTool]) -> None:
    found = bridges(Offer(Kind.IMAGE), InputPort(kind=Kind.LABELS), candidates)

    assert [one.tool.tool.id for one in found] == [
        "test/simple",
        "test/anything",
        "test/needs-more",
    ]
    assert (found[0].takes, found[0].gives) == ("image", "out")


def test_remedy_names_the_tool(candidates: list[InstalledTool]) -> None:
    tools = {
        "a": a_tool("test/a"),
        "b": a_tool("test/b", inputs={"mask": {"kind": "labels"}}),
    }
    edge = Edge(Source(node="a", port="out"), "b", "mask")

    verdict = verdict_on(a_document({"a": {}, "b": {}}), tools, edge, candidates)

    assert not verdict.ok
    assert verdict.text == "b.mask expects labels, gets image."
    assert verdict.remedy.startswith("Insert test/simple")
    assert verdict.insert[0] == "test/simple@1.0.0"


def test_wires_backwards_are_not_offered() -> None:
    document = a_document(
        {"a": {"wires": {"image": "images"}}, "b": {"wires": {"image": "a.out"}}}
    )
    tools = {"a": a_tool("test/a"), "b": a_tool("test/b")}

    assert compatible_targets(document, tools, "b", "out") == set()
    assert compatible_targets(document, tools, "images", None) == {
        ("a", "image"),
        ("b", "image"),
    }
    assert compatible_sources(document, tools, "a", "image") == {("images", None)}
