"""From the drawn graph to the one that runs.

Subworkflows become their nodes (``sub/node``), disabled nodes go with all below them,
and bypassed nodes hand their input on.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.kinds import takes
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.model.yaml_text import write_yaml
from bioimageit_flow.workflow.document import (
    SPLIT_INPUT,
    SPLIT_OUTPUTS,
    Document,
    Node,
    NodeState,
    Source,
)
from bioimageit_flow.workflow.file import load_document, read_document
from bioimageit_flow.workflow.structure import below

ENABLED = NodeState.ENABLED
MAX_DEPTH = 8


def expand_subworkflows(document: Document, folder: Path | None) -> Document:
    """Replace each subworkflow by its nodes.

    Parameters
    ----------
    document : Document
        The drawn graph.
    folder : Path or None
        Folder of the workflow file, beside which files of subworkflows lie.

    Raises
    ------
    WorkflowError
        If a subworkflow cannot be read, is nested too deep, or is not wired.
    """
    return _expanded(document, folder, 0)


def _expanded(document: Document, folder: Path | None, depth: int) -> Document:
    if depth > MAX_DEPTH:
        raise WorkflowError(
            f"Subworkflows are nested deeper than {MAX_DEPTH} levels.",
            remedy="A workflow cannot contain itself.",
        )
    nodes: dict[str, Node] = {}
    outputs: dict[str, str] = {}
    filters = list(document.filters)
    for name, node in document.nodes.items():
        if node.workflow is None:
            nodes[name] = node
            continue
        inner = _expanded(_read(name, node.workflow, folder), folder, depth + 1)
        outer = _outer_wires(name, node, inner)
        for entry in inner.filters:
            if entry.node in inner.inputs:
                split = f"{name}/only_{entry.node}"
                if entry.node in outer:
                    nodes[split] = _split(entry.where, outer[entry.node], node.state)
                    outer[entry.node] = f"{split}.{SPLIT_OUTPUTS[0]}"
            else:
                moved = {"node": f"{name}/{entry.node}"}
                filters.append(entry.model_copy(update=moved))
        for inner_name, inner_node in inner.nodes.items():
            wires = {
                port: tuple(
                    outer[one.node] if one.port is None else f"{name}/{one}"
                    for one in inner_node.sources(port)
                    if one.port is not None or one.node in outer
                )
                for port in inner_node.wires
            }
            state = inner_node.state
            if node.state is not NodeState.ENABLED:
                state = node.state
            moved_node = _with_wires(inner_node, wires, state)
            if "job" in (node.isolation, inner.isolation):
                moved_node = moved_node.model_copy(update={"isolation": "job"})
            nodes[f"{name}/{inner_name}"] = moved_node
        outputs |= {
            f"{name}.{out}": outer.get(s) or f"{name}/{s}"
            for out, s in inner.outputs.items()
        }
    rewired = {
        name: _with_wires(
            node,
            {
                port: tuple(
                    outputs.get(str(one), str(one)) for one in node.sources(port)
                )
                for port in node.wires
            },
            node.state,
        )
        for name, node in nodes.items()
    }
    named = {name: outputs.get(text, text) for name, text in document.outputs.items()}
    fields = {"nodes": rewired, "outputs": named, "filters": tuple(filters)}
    return document.model_copy(update=fields)


def _split(where: str, source: str, state: NodeState) -> Node:
    return Node(where=where, wires={SPLIT_INPUT: source}, state=state)


def _outer_wires(name: str, node: Node, inner: Document) -> dict[str, str]:
    outer: dict[str, str] = {}
    for port in node.wires:
        if port not in inner.inputs:
            raise WorkflowError(
                f"The subworkflow {name} has no input {port!r} "
                f"(it has: {', '.join(inner.inputs) or 'none'}).",
                node=name,
            )
        outer[port] = str(node.sources(port)[0])
    return outer


def _read(name: str, workflow: str | dict[str, Any], folder: Path | None) -> Document:
    if isinstance(workflow, dict):
        return read_document(write_yaml(workflow), f"the subworkflow {name}")
    path = Path(workflow)
    if folder is None or path.is_absolute() or ".." in path.parts:
        raise WorkflowError(
            f"The subworkflow {name} names the file {workflow!r}, which does not lie "
            "beside the workflow.",
            remedy="Put it into the same folder, or make it inline.",
            node=name,
        )
    return load_document(folder / path)


def _with_wires(
    node: Node, wires: Mapping[str, tuple[str, ...]], state: NodeState
) -> Node:
    plain = {
        port: texts[0] if isinstance(node.wires[port], str) else texts
        for port, texts in wires.items()
        if texts
    }
    return node.model_copy(update={"wires": plain, "state": state})


def drop_inactive(
    document: Document, tools: Mapping[str, Tool]
) -> tuple[Document, list[Problem]]:
    """Take out disabled nodes with all below them, and bypassed nodes.

    Returns
    -------
    document : Document
        Without them.
    problems : list of Problem
        A bypassed node none of whose inputs fits its output.
    """
    disabled = {
        name
        for name, node in document.nodes.items()
        if node.state is NodeState.DISABLED
    }
    gone = below(document, disabled)
    # Nothing is rejected by a split that is bypassed, so that way leads nowhere.
    closed = {
        f"{name}.{SPLIT_OUTPUTS[1]}"
        for name, node in document.nodes.items()
        if node.is_split and node.state is NodeState.BYPASS
    }
    gone |= below(
        document, {edge.node for edge in document.edges() if str(edge.source) in closed}
    )
    passed: dict[str, str] = {}
    problems: list[Problem] = []
    for name, node in document.nodes.items():
        if node.state is NodeState.BYPASS and name not in gone:
            through, missing = _passed_through(name, node, tools.get(name))
            passed |= through
            problems += missing
    nodes = {}
    filters = []
    for entry in document.filters:
        drawn = document.nodes.get(entry.node)
        if drawn is None or (entry.node not in gone and drawn.state is ENABLED):
            filters.append(entry)
        elif entry.node not in gone:  # what is bypassed still lets only some pass
            for port in [p for p in passed if p.rpartition(".")[0] == entry.node]:
                if entry.port in (None, port.rpartition(".")[2]):
                    split = f"{entry.node}/only_{port.rpartition('.')[2]}"
                    nodes[split] = _split(entry.where, passed[port], ENABLED)
                    passed[port] = f"{split}.{SPLIT_OUTPUTS[0]}"
    for name, node in list(nodes.items()):
        there = _follow(str(node.sources(SPLIT_INPUT)[0]), passed)
        nodes[name] = _with_wires(node, {SPLIT_INPUT: (there,)}, ENABLED)
    for name, node in document.nodes.items():
        if name in gone or node.state is NodeState.BYPASS:
            continue
        wires = {
            port: tuple(_follow(str(one), passed) for one in node.sources(port))
            for port in node.wires
        }
        nodes[name] = _with_wires(node, wires, node.state)
    outputs = {
        name: _follow(text, passed)
        for name, text in document.outputs.items()
        if Source.parse(text).node not in gone
    }
    fields = {"nodes": nodes, "outputs": outputs, "filters": tuple(filters)}
    return document.model_copy(update=fields), problems


def _passed_through(
    name: str, node: Node, tool: Tool | None
) -> tuple[dict[str, str], list[Problem]]:
    through: dict[str, str] = {}
    problems: list[Problem] = []
    if node.is_split and node.sources(SPLIT_INPUT):
        return {f"{name}.{SPLIT_OUTPUTS[0]}": str(node.sources(SPLIT_INPUT)[0])}, []
    for out, port in tool.outputs.items() if tool else ():
        fitting = (
            [
                node.sources(entry)[0]
                for entry, wanted in tool.inputs.items()
                if node.sources(entry)
                and (takes(port.kind, wanted.kind) or takes(wanted.kind, port.kind))
            ]
            if tool
            else []
        )
        if fitting:
            through[f"{name}.{out}"] = str(fitting[0])
        else:
            problems.append(
                Problem(
                    "bypass",
                    Severity.ERROR,
                    f"{name} cannot be bypassed: none of its inputs is {port.kind}.",
                    node=name,
                    port=out,
                    fix="Disable it or enable it.",
                )
            )
    return through, problems


def _follow(source: str, passed: Mapping[str, str]) -> str:
    for _ in range(len(passed) + 1):
        if source not in passed:
            break
        source = passed[source]
    return source
