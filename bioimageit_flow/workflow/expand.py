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
from bioimageit_flow.workflow.document import Document, Node, NodeState, Source
from bioimageit_flow.workflow.file import load_document, read_document
from bioimageit_flow.workflow.structure import below

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
    for name, node in document.nodes.items():
        if node.workflow is None:
            nodes[name] = node
            continue
        inner = _expanded(_read(name, node.workflow, folder), folder, depth + 1)
        outer = _outer_wires(name, node, inner)
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
            nodes[f"{name}/{inner_name}"] = _with_wires(inner_node, wires, state)
        outputs |= {f"{name}.{out}": f"{name}/{s}" for out, s in inner.outputs.items()}
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
    return document.model_copy(update={"nodes": rewired, "outputs": named})


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
    passed: dict[str, str] = {}
    problems: list[Problem] = []
    for name, node in document.nodes.items():
        if node.state is NodeState.BYPASS and name not in gone:
            through, missing = _passed_through(name, node, tools.get(name))
            passed |= through
            problems += missing
    nodes = {}
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
    return document.model_copy(update={"nodes": nodes, "outputs": outputs}), problems


def _passed_through(
    name: str, node: Node, tool: Tool | None
) -> tuple[dict[str, str], list[Problem]]:
    through: dict[str, str] = {}
    problems: list[Problem] = []
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
