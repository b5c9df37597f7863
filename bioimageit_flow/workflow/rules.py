"""The rules of wiring: one named problem per broken rule.

The same rules guard the Python API, are listed by ``plan``, and colour a wire while it
is dragged in the editor.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.kinds import Kind, reads, takes
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import InputPort, Tool
from bioimageit_flow.workflow.document import (
    SPLIT_INPUT,
    Document,
    Edge,
    FromAnnotation,
    MatchBy,
    Node,
    NodeState,
    Source,
    Swept,
)
from bioimageit_flow.workflow.interface import Interface, Offer, Ported, offer_of
from bioimageit_flow.workflow.splits import query_problems, split_source
from bioimageit_flow.workflow.structure import cyclic_edges
from bioimageit_flow.workflow.sweeps import sweep_problems


def tools_of(
    document: Document, catalogue: Catalogue
) -> tuple[dict[str, Tool], list[Problem]]:
    """Return the tool of each node, and a problem for each that is not to be had."""
    tools: dict[str, Tool] = {}
    problems: list[Problem] = []
    for name, node in document.nodes.items():
        if node.tool is None:
            continue
        try:
            tools[name] = catalogue.get(node.tool).tool
        except FlowError as error:
            problems.append(
                _error("unknown-tool", error.message, node=name, fix=error.remedy)
            )
    return tools, problems


def check(document: Document, catalogue: Catalogue) -> list[Problem]:
    """Return every problem of a workflow that can be told without data."""
    tools, problems = tools_of(document, catalogue)
    return [*problems, *check_with(document, tools)]


WireProblems = Sequence[tuple[Edge, tuple[Problem, ...]]]


def wire_problems(document: Document, tools: Mapping[str, Ported]) -> WireProblems:
    """Return every wire with what is wrong with it, in the order of the file."""
    return [
        (edge, tuple(edge_problems(document, tools, edge))) for edge in document.edges()
    ]


def check_with(
    document: Document,
    tools: Mapping[str, Ported],
    wires: WireProblems | None = None,
    *,
    judged: Callable[[str, Node, Ported], Iterable[Problem]] | None = None,
    circle: Iterable[Edge] | None = None,
) -> list[Problem]:
    """Return every problem of a workflow whose tools are known.

    Parameters
    ----------
    document : Document
        The workflow.
    tools : mapping
        What stands behind each node; a node that is not among them is not judged.
    wires : sequence, optional
        What `wire_problems` gave, if that is known already.
    judged : callable, optional
        Answers for `node_problems`, from memory where it can.
    circle : iterable of Edge, optional
        What `cyclic_edges` gave, if that is known already.
    """
    problems = [
        _error(
            "cycle",
            f"The wire {edge} closes a circle: {edge.node} would wait for itself.",
            node=edge.node,
            port=edge.port,
            fix="Remove one of the wires of the circle.",
        )
        for edge in (cyclic_edges(document) if circle is None else circle)
    ]
    for _, wrong in wire_problems(document, tools) if wires is None else wires:
        problems.extend(wrong)
    for name, node in document.nodes.items():
        if name in tools and node.state is not NodeState.DISABLED:
            problems.extend((judged or node_problems)(name, node, tools[name]))
    outputs = {name: tuple(tool.outputs) for name, tool in tools.items()}
    problems.extend(query_problems(document, outputs))
    problems.extend(sweep_problems(document, tools))
    problems.extend(_output_problems(document, tools))
    return problems


def edge_problems(
    document: Document, tools: Mapping[str, Ported], edge: Edge
) -> Iterator[Problem]:
    """Yield what is wrong with one wire, whether it is drawn already or not."""
    port = _target(document, tools, edge)
    if isinstance(port, Problem):
        yield port
        return
    offer = offered(document, tools, edge.source)
    if isinstance(offer, str):
        yield _error("unknown-source", offer, node=edge.node, port=edge.port)
        return
    if port is None or offer is None:
        return
    if not takes(port.kind, offer.kind):
        yield _error(
            "kind-mismatch",
            f"{edge.node}.{edge.port} takes {port.kind}, but {edge.source} gives "
            f"{offer.kind}.",
            node=edge.node,
            port=edge.port,
            fix=_remedy_for(port.kind, offer.kind),
        )
        return
    if offer.formats and not any(
        reads(port.formats, name, is_image=offer.kind.is_pixels)
        for name in offer.formats
    ):
        yield _error(
            "format-mismatch",
            f"{edge.node}.{edge.port} reads {' or '.join(port.formats)}, but "
            f"{edge.source} gives {' or '.join(offer.formats)}.",
            node=edge.node,
            port=edge.port,
            fix="Put a tool between them that converts the format.",
        )
    accepted = port.axes if "*" not in port.axes else ()
    if accepted and offer.axes and not set(accepted) & set(offer.axes):
        yield _error(
            "axes-mismatch",
            f"{edge.node}.{edge.port} takes axes {' or '.join(accepted)}, but "
            f"{edge.source} gives {' or '.join(offer.axes)}.",
            node=edge.node,
            port=edge.port,
            fix="Project or split the image before this node.",
        )


def offered(
    document: Document, tools: Mapping[str, Ported], source: Source
) -> Offer | str | None:
    """Return what a source gives; a sentence if there is no such source.

    None stands for a source of which nothing can be told: a node whose tool is not to
    be had.
    """
    through = split_source(document, source)
    if isinstance(through, str):
        return through
    source = through
    if source.port is None:
        if source.node in document.inputs:
            entry = document.inputs[source.node]
            axes = () if "*" in entry.axes else entry.axes
            return Offer(entry.kind, entry.formats, axes)
        if source.node in document.nodes:
            return f"The wire from {source.node} names no output port of it."
        return f"There is no dataset input called {source.node!r}."
    if source.node not in document.nodes:
        return f"There is no node called {source.node!r}."
    tool = tools.get(source.node)
    if tool is None:
        return None
    if source.port not in tool.outputs:
        known = ", ".join(tool.outputs)
        return f"{source.node} has no output {source.port!r} (it has: {known})."
    if isinstance(tool, Interface):
        return tool.offers[source.port]
    return offer_of(tool.outputs[source.port])


def _target(
    document: Document, tools: Mapping[str, Ported], edge: Edge
) -> InputPort | Problem | None:
    if edge.node not in document.nodes:
        return _error("unknown-node", f"There is no node called {edge.node!r}.")
    if document.nodes[edge.node].is_split and edge.port != SPLIT_INPUT:
        return _error(
            "unknown-port",
            f"{edge.node} has no input {edge.port!r} (it has: {SPLIT_INPUT}).",
            node=edge.node,
            port=edge.port,
            fix="Remove the wire or choose another port.",
        )
    tool = tools.get(edge.node)
    if tool is None:
        return None
    if edge.port not in tool.inputs:
        known = ", ".join(tool.inputs) or "none"
        return _error(
            "unknown-port",
            f"{edge.node} has no input {edge.port!r} (it has: {known}).",
            node=edge.node,
            port=edge.port,
            fix="Remove the wire or choose another port.",
        )
    return tool.inputs[edge.port]


def node_problems(name: str, node: Node, tool: Ported) -> Iterator[Problem]:
    """Yield what is wrong with one node, but for its wires."""
    for port_name, port in tool.inputs.items():
        wires = node.sources(port_name)
        if not wires and not port.optional:
            yield _error(
                "unwired-input",
                f"The input {name}.{port_name} is not wired.",
                node=name,
                port=port_name,
                fix=f"Wire something that gives {port.kind} to it.",
            )
        if len(wires) > 1 and port.takes == "item":
            yield _error(
                "several-wires",
                f"{name}.{port_name} takes one wire, but {len(wires)} are drawn.",
                node=name,
                port=port_name,
                fix="Keep one of them.",
            )
    if not node.wires and not any(not port.optional for port in tool.inputs.values()):
        yield _error(
            "unwired-node",
            f"No input of {name} is wired, so there is nothing for it to do.",
            node=name,
            fix="Wire one of its inputs, or disable it.",
        )
    for port_name in node.match:
        if port_name not in node.wires:
            yield _error(
                "unknown-port",
                f"'match' of {name} names {port_name!r}, which has no wire.",
                node=name,
                port=port_name,
                fix="Remove it from 'match'.",
            )
    if node.group_by and not tool.takes_group:
        yield _error(
            "group-by-items",
            f"{name} has 'group_by', but its tool takes one item at a time.",
            node=name,
            fix="Remove 'group_by'.",
        )
    yield from parameter_problems(name, node.parameters, tool)
    if any(isinstance(rule, MatchBy) for rule in node.match.values()) and (
        tool.takes_group
    ):
        yield _error(
            "match-of-group",
            f"{name} takes groups, which 'group_by' forms; 'match: by' does not apply.",
            node=name,
            fix="Use 'group_by' with these keys.",
        )


def parameter_problems(
    name: str, given: Mapping[str, Any], tool: Ported
) -> Iterator[Problem]:
    """Yield what is wrong with the parameters of a node."""
    for parameter_name, value in given.items():
        parameter = tool.parameters.get(parameter_name)
        if parameter is None:
            known = ", ".join(tool.parameters) or "none"
            yield _error(
                "unknown-parameter",
                f"{name} has no parameter {parameter_name!r} (it has: {known}).",
                node=name,
                fix="Correct its name or remove it.",
            )
        elif value is not None and not isinstance(value, FromAnnotation | Swept | dict):
            try:
                parameter.check(value)
            except ValueError as error:
                yield _error(
                    "parameter-value",
                    f"Parameter {parameter_name!r} of {name}: {error}.",
                    node=name,
                    fix="Choose another value.",
                )


def _output_problems(
    document: Document, tools: Mapping[str, Ported]
) -> Iterator[Problem]:
    for name, text in document.outputs.items():
        offer = offered(document, tools, Source.parse(text))
        if isinstance(offer, str):
            yield Problem(
                "unknown-source",
                Severity.WARNING,
                f"The output {name!r} of the workflow: {offer}",
            )


def _remedy_for(wanted: Kind, given: Kind) -> str:
    if wanted is Kind.LABELS and given is Kind.IMAGE:
        return "Insert a tool that makes labels, such as Threshold."
    if wanted is Kind.TABLE and given.is_pixels:
        return "Insert a tool that measures, such as Measure regions."
    return f"Wire something that gives {wanted} to it."


def _error(
    code: str, text: str, *, node: str = "", port: str = "", fix: str = ""
) -> Problem:
    return Problem(code, Severity.ERROR, text, node=node, port=port, fix=fix)
