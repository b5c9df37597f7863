"""The shape of a workflow as a graph: order, circles, what lies below what.

networkx holds the graph. It takes a fifth of a second to load, so it is loaded where
an order is asked for, and not by commands that only read or change a workflow.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bioimageit_flow.workflow.document import Document, Edge

if TYPE_CHECKING:
    import networkx


class CircleError(ValueError):
    """Some wires close a circle; `cyclic_edges` says which."""


def graph_of(document: Document) -> "networkx.MultiDiGraph[str]":
    """Return the wires as a networkx graph; each edge carries its `Edge`.

    Dataset inputs and nodes are its nodes. A wire from or to something that is not
    there is left out.
    """
    import networkx

    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.add_nodes_from([*document.inputs, *document.nodes])
    for edge in document.edges():
        if edge.source.node in graph:
            graph.add_edge(edge.source.node, edge.node, wire=edge)
    return graph


def order_of(document: Document) -> list[str]:
    """Return the nodes so that each stands after those it depends on.

    Ties are broken by the order of the file, so that one file has one order.

    Raises
    ------
    CircleError
        If there is a circle; `cyclic_edges` says where.
    """
    import networkx

    position = {name: n for n, name in enumerate([*document.inputs, *document.nodes])}
    ordered = networkx.lexicographical_topological_sort(
        graph_of(document), key=position.__getitem__
    )
    try:
        return [name for name in ordered if name in document.nodes]
    except networkx.NetworkXUnfeasible as error:
        raise CircleError("Some wires of the workflow close a circle.") from error


def distances_to_end(document: Document) -> dict[str, int]:
    """Return, for each node, the longest way to a node that nothing depends on.

    Raises
    ------
    CircleError
        If there is a circle.
    """
    graph = graph_of(document)
    distances: dict[str, int] = {}
    for name in reversed(order_of(document)):
        below_it = (distances[other] for other in graph.successors(name))
        distances[name] = 1 + max(below_it, default=-1)
    return distances


def cyclic_edges(document: Document) -> list[Edge]:
    """Return the wires that lie on a circle."""
    if not _has_circle(document):
        return []
    import networkx

    graph = graph_of(document)
    component = {
        name: number
        for number, names in enumerate(networkx.strongly_connected_components(graph))
        for name in names
        if len(names) > 1 or graph.has_edge(name, name)
    }
    return [
        edge
        for edge in document.edges()
        if edge.node in component
        and component.get(edge.source.node) == component[edge.node]
    ]


def _has_circle(document: Document) -> bool:
    """Say whether some wires close a circle (Kahn's algorithm, in plain Python).

    An editor asks at every edit, and building a graph takes far longer.
    """
    after = _neighbours(document, is_forward=True)
    waiting = dict.fromkeys(after, 0)
    for names in after.values():
        for name in names:
            waiting[name] = waiting.get(name, 0) + 1
    ready = [name for name, count in waiting.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for name in after.get(ready.pop(), ()):
            waiting[name] -= 1
            if waiting[name] == 0:
                ready.append(name)
    return done < len(waiting)


def _neighbours(document: Document, *, is_forward: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for edge in document.edges():
        start, end = edge.source.node, edge.node
        if start in document.nodes or start in document.inputs:
            if not is_forward:
                start, end = end, start
            found.setdefault(start, []).append(end)
    return found


def below(document: Document, names: set[str]) -> set[str]:
    """Return these nodes and all that depend on them."""
    return _reached(_neighbours(document, is_forward=True), names)


def above(document: Document, names: set[str]) -> set[str]:
    """Return these nodes and all that they depend on."""
    return _reached(_neighbours(document, is_forward=False), names)


def _reached(ways: dict[str, list[str]], names: set[str]) -> set[str]:
    found = set(names)
    ahead = list(names)
    while ahead:
        for name in ways.get(ahead.pop(), ()):
            if name not in found:
                found.add(name)
                ahead.append(name)
    return found


def would_close_circle(document: Document, edge: Edge) -> bool:
    """Say whether a new wire would make a node depend on itself."""
    return edge.source.node in below(document, {edge.node})


def layers_of(
    names: Iterable[str], edges: Iterable[Edge]
) -> tuple[dict[str, int], list[Edge]]:
    """Return a layer for each node, so that wires go from left to right.

    Parameters
    ----------
    names : iterable of str
        Nodes and dataset inputs.
    edges : iterable of Edge
        Wires among them.

    Returns
    -------
    layers : dict of int
        The longest way to each node; one without wires into it stands right before
        the first that it is wired to.
    forward : list of Edge
        The wires without those that close a circle.
    """
    import networkx

    order = list(names)
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(order)
    forward = []
    wires = [edge for edge in edges if edge.source.node != edge.node]
    graph.add_edges_from((edge.source.node, edge.node) for edge in wires)
    if networkx.is_directed_acyclic_graph(graph):
        forward = wires
    else:
        graph.clear_edges()
        for edge in wires:
            if not networkx.has_path(graph, edge.node, edge.source.node):
                graph.add_edge(edge.source.node, edge.node)
                forward.append(edge)
    layers = dict.fromkeys(order, 0)
    for name in networkx.topological_sort(graph):
        for below_it in graph.successors(name):
            layers[below_it] = max(layers[below_it], layers[name] + 1)
    for name in order:
        if graph.in_degree(name) == 0 and graph.out_degree(name) > 0:
            layers[name] = min(layers[n] for n in graph.successors(name)) - 1
    return layers, forward
