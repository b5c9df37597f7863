"""Filters and splits drawn from Python."""

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.query import parse
from bioimageit_flow.workflow.document import (
    SPLIT_INPUT,
    Document,
    Filter,
    Node,
    Source,
)
from bioimageit_flow.workflow.graph import NodeHandle, PortHandle, Workflow


def add_filter(workflow: Workflow, source: str | PortHandle, where: str) -> None:
    """Let only the items that meet a query go on from a port or a dataset input.

    Raises
    ------
    QueryError
        If the query cannot be read.
    WorkflowError
        If there is no such node or dataset input.
    """
    parse(where)
    place = _source(str(source))
    known = {*workflow.document.nodes, *workflow.document.inputs}
    if place.node not in known:
        raise WorkflowError(f"There is no node or dataset input {place.node!r}.")
    entry = Filter(node=place.node, port=place.port, where=where)
    filters = (*workflow.document.filters, entry)
    changed = workflow.document.model_copy(update={"filters": filters})
    workflow.apply(f"Filter {source}", changed)


def add_split(
    workflow: Workflow, source: str | PortHandle, where: str, *, id: str = "split"
) -> NodeHandle:
    """Add a split: what meets a query leaves by ``accepted``, the rest by ``rejected``.

    Raises
    ------
    QueryError
        If the query cannot be read.
    WorkflowError
        If the id is taken or malformed, or there is no such source.
    """
    parse(where)
    wires = {SPLIT_INPUT: str(_source(str(source)))}
    document = workflow.document
    if id in document.nodes or id in document.inputs:
        raise WorkflowError(
            f"There is a node or dataset input called {id!r} already.",
            remedy="Choose another name.",
        )
    nodes = {**document.nodes, id: Node(where=where, wires=wires)}
    plain = {**dict(document), "nodes": nodes}
    plain["schema"] = plain.pop("schema_")
    workflow.apply(f"Add {id}", Document.model_validate(plain))
    return NodeHandle(workflow, id)


def _source(text: str) -> Source:
    try:
        return Source.parse(text)
    except ValueError as error:
        raise WorkflowError(f"{error}.") from error
