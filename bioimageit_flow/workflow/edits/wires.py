"""Edits of wires. They keep the shape of the file; the rules are asked elsewhere."""

from collections.abc import Callable, Iterable

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document, Edge, Match, MatchBy, Source
from bioimageit_flow.workflow.edits.changing import node_of, with_layout, with_node


def edge_between(source: str, target: str) -> Edge:
    """Return the wire from ``node.port`` or a dataset input to ``node.port``.

    Raises
    ------
    WorkflowError
        If one of the texts is malformed, or the target names no port.
    """
    try:
        start, end = Source.parse(source), Source.parse(target)
    except ValueError as error:
        raise WorkflowError(f"{error}.") from error
    if end.port is None:
        raise WorkflowError(f"{target!r} names no port: write 'node.port'.")
    return Edge(start, end.node, end.port)


def edge_of_key(document: Document, key: str) -> Edge:
    """Return the wire of a key; raises `WorkflowError` if it is not there."""
    source, arrow, target = key.partition(" -> ")
    if arrow:
        edge = edge_between(source, target)
        node = document.nodes.get(edge.node)
        if node is not None and edge.source in node.sources(edge.port):
            return edge
    raise WorkflowError(f"There is no wire {key}.")


def connect(document: Document, edge: Edge, *, takes_group: bool) -> Document:
    """Draw a wire; a port that takes no group loses the one that it had."""
    node = node_of(document, edge.node)
    present = node.sources(edge.port) if takes_group else ()
    texts = tuple(dict.fromkeys(str(one) for one in (*present, edge.source)))
    wire: str | tuple[str, ...] = texts if takes_group else texts[0]
    wires = {**node.wires, edge.port: wire}
    return without_stale_waypoints(with_node(document, edge.node, wires=wires))


def disconnect(document: Document, edges: Iterable[Edge]) -> Document:
    """Remove wires; raises `WorkflowError` if one is not there."""
    for edge in edges:
        node = node_of(document, edge.node)
        present = node.sources(edge.port)
        if edge.source not in present:
            raise WorkflowError(f"There is no wire {edge}.", node=edge.node)
        document = _with_sources(
            document, edge, tuple(one for one in present if one != edge.source)
        )
    return without_stale_waypoints(document)


def replace_source(document: Document, edge: Edge, source: Source) -> Document:
    """Let a wire begin elsewhere, in the same place among the wires of its port."""
    present = node_of(document, edge.node).sources(edge.port)
    if edge.source not in present:
        raise WorkflowError(f"There is no wire {edge}.", node=edge.node)
    changed = tuple(source if one == edge.source else one for one in present)
    moved = _with_sources(document, edge, tuple(dict.fromkeys(changed)))
    return without_stale_waypoints(moved)


def _with_sources(
    document: Document, edge: Edge, sources: tuple[Source, ...]
) -> Document:
    node = document.nodes[edge.node]
    wires = dict(node.wires)
    match = dict(node.match)
    if sources:
        texts = tuple(str(one) for one in sources)
        is_one = isinstance(wires[edge.port], str)
        wires[edge.port] = texts[0] if is_one else texts
    else:
        wires.pop(edge.port)
        match.pop(edge.port, None)
    return with_node(document, edge.node, wires=wires, match=match)


def set_match(document: Document, node: str, port: str, rule: Match | None) -> Document:
    """Say how items of one input meet those of the others; None for the default."""
    rules = dict(node_of(document, node).match)
    rules.pop(port, None)
    if rule is not None:
        rules[port] = rule
    return with_node(document, node, match=rules)


def match_rule(by: Iterable[str], *, use_for_all: bool) -> Match | None:
    """Return the rule that says so; None where nothing is said."""
    keys = tuple(by)
    if use_for_all:
        return "use_for_all"
    return MatchBy(by=keys) if keys else None


def with_sources_replaced(
    document: Document, replacement: Callable[[Source], Source | None]
) -> Document:
    """Let every wire, output and filter begin where a function says; None drops it."""
    nodes = {}
    for name, node in document.nodes.items():
        wires: dict[str, str | tuple[str, ...]] = {}
        for port, wire in node.wires.items():
            found = (replacement(one) for one in node.sources(port))
            texts = tuple(dict.fromkeys(str(one) for one in found if one is not None))
            if texts:
                wires[port] = texts[0] if isinstance(wire, str) else texts
        if wires == node.wires:
            nodes[name] = node
            continue
        match = {port: rule for port, rule in node.match.items() if port in wires}
        nodes[name] = node.model_copy(update={"wires": wires, "match": match})
    outputs = {}
    for name, text in document.outputs.items():
        source = replacement(Source.parse(text))
        if source is not None:
            outputs[name] = str(source)
    return document.model_copy(update={"nodes": nodes, "outputs": outputs})


def without_stale_waypoints(document: Document) -> Document:
    """Forget the waypoints of wires that are not there."""
    waypoints = document.layout.waypoints
    if not waypoints:
        return document
    keys = {str(edge) for edge in document.edges()}
    kept = {key: points for key, points in waypoints.items() if key in keys}
    return document if kept == waypoints else with_layout(document, waypoints=kept)
