"""The part of a workflow that leads to some of its nodes."""

from collections.abc import Sequence

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document, Source
from bioimageit_flow.workflow.structure import above


def leading_to(document: Document, names: Sequence[str]) -> Document:
    """Return a workflow with only these nodes and what they depend on.

    Parameters
    ----------
    document : Document
        Expanded.
    names : sequence of str
        Nodes; a subworkflow stands for its nodes. Everything for none.

    Raises
    ------
    WorkflowError
        If there is no such node.
    """
    if not names:
        return document
    kept = above(document, nodes_named(document, names))
    nodes = {name: node for name, node in document.nodes.items() if name in kept}
    fields = {
        "inputs": {
            name: entry for name, entry in document.inputs.items() if name in kept
        },
        "nodes": nodes,
        "outputs": {
            name: text
            for name, text in document.outputs.items()
            if Source.parse(text).node in kept
        },
        "filters": tuple(entry for entry in document.filters if entry.node in kept),
    }
    return document.model_copy(update=fields)


def nodes_named(document: Document, names: Sequence[str]) -> set[str]:
    """Return the nodes that are meant; a subworkflow stands for its nodes.

    Raises
    ------
    WorkflowError
        If there is no such node.
    """
    found: set[str] = set()
    for name in names:
        meant = {
            node
            for node in document.nodes
            if node == name or node.startswith(f"{name}/")
        }
        if not meant:
            there = ", ".join(document.nodes) or "none"
            raise WorkflowError(
                f"The workflow runs no node {name!r}.",
                remedy=f"Its nodes are: {there}.",
                node=name,
            )
        found |= meant
    return found
