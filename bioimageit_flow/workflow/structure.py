"""The shape of a workflow as a graph: order, circles, what lies below what.

networkx holds the graph. It takes a fifth of a second and 12 MiB to load, so it is
loaded where jobs are to be put in order, circles found or a drawing laid out, and not
by commands that only read or change a workflow, nor by runs that have nothing to do.
"""

from collections import Counter
from collections.abc import Iterable
from heapq import heappop, heappush
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

    Ties are broken by the order of the file, so that one file has one order: that of
    `networkx.lexicographical_topological_sort`. Found without it, as also a run asks
    that has nothing to do.

    Raises
    ------
    CircleError
        If there is a circle; `cyclic_edges` says where.
    """
    order = [*document.inputs, *document.nodes]
    position = {name: number for number, name in enumerate(order)}
    after = _neighbours(document, is_forward=True)
    waiting = Counter(name for names in after.values() for name in names)
    ready = [position[name] for name in order if not waiting[name]]
    found: list[str] = []
    while ready:
        name = order[heappop(ready)]
        found.append(name)
        for other in after.get(name, ()):
            waiting[other] -= 1
            if not waiting[other]:
                heappush(ready, position[other])
    if len(found) < len(order):
        raise CircleError("Some wires of the workflow close a circle.")
    return [name for name in found if name in document.nodes]


def distances_to_end(document: Document) -> dict[str, int]:
    """Return, for each node, the longest way to a node that nothing depends on.

    Raises
    ------
    CircleError
        If there is a circle.
    """
    import networkx

    graph = graph_of(document)
    distances: dict[str, int] = {}
    try:
        for name in reversed(list(networkx.topological_sort(graph))):
            below_it = (distances[other] for other in graph.successors(name))
            distances[name] = 1 + max(below_it, default=-1)
    except networkx.NetworkXUnfeasible as error:
        raise CircleError("Some wires of the workflow close a circle.") from error
    return {name: distances[name] for name in document.nodes}


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
    """Say whether some wires close a circle.

    An editor asks at every edit, and building a graph takes far longer.
    """
    try:
        order_of(document)
    except CircleError:
        return True
    return False


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
