"""The shape of a workflow as a graph: order, circles, what lies below what."""

import networkx

from bioimageit_flow.workflow.document import Document, Edge


def graph_of(document: Document) -> "networkx.MultiDiGraph[str]":
    """Return the wires as a networkx graph; each edge carries its `Edge`.

    Dataset inputs and nodes are its nodes. A wire from or to something that is not
    there is left out.
    """
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
    networkx.NetworkXUnfeasible
        If there is a circle; `cyclic_edges` says where.
    """
    position = {name: n for n, name in enumerate([*document.inputs, *document.nodes])}
    ordered = networkx.lexicographical_topological_sort(
        graph_of(document), key=position.__getitem__
    )
    return [name for name in ordered if name in document.nodes]


def cyclic_edges(document: Document) -> list[Edge]:
    """Return the wires that lie on a circle."""
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


def below(document: Document, names: set[str]) -> set[str]:
    """Return these nodes and all that depend on them."""
    graph = graph_of(document)
    found = set(names)
    for name in names:
        if name in graph:
            found |= networkx.descendants(graph, name)
    return found


def would_close_circle(document: Document, edge: Edge) -> bool:
    """Say whether a new wire would make a node depend on itself."""
    return edge.source.node in below(document, {edge.node})
