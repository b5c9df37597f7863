"""The branch of a workflow that leads to one output: that node and all above it."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.workflow.document import WORKFLOW_SCHEMA, Document
from bioimageit_flow.workflow.file import document_of, plain_of

_INPUT_FACTS = ("kind", "axes", "formats")
_NODE_FACTS = (
    "tool",
    "workflow",
    "where",
    "parameters",
    "wires",
    "match",
    "group_by",
    "state",
)
"""What decides a result; labels, notes and places on the canvas do not."""


def branch_of(document: Document, node: str) -> dict[str, Any]:
    """Return what leads to a node, as a workflow file would say it.

    Parameters
    ----------
    document : Document
        As it was drawn: with its subworkflows.
    node : str
        The node; ``sub/node`` takes the whole subworkflow.

    Returns
    -------
    dict
        ``inputs``, ``nodes`` and ``filters``, without anything that changes no result.
    """
    wanted = _above(document, node.split("/")[0])
    plain = plain_of(document)
    branch: dict[str, Any] = {
        "inputs": _chosen(plain.get("inputs", {}), wanted, _INPUT_FACTS),
        "nodes": _chosen(plain.get("nodes", {}), wanted, _NODE_FACTS),
    }
    filters = [one for one in plain.get("filters", ()) if one["node"] in wanted]
    if filters:
        branch["filters"] = filters
    return branch


def branch_document(
    branch: Mapping[str, Any], node: str, port: str, *, name: str = ""
) -> Document:
    """Return a branch as a workflow of its own, with that output.

    Its id follows from the branch, so that it is the same wherever it is made.

    Raises
    ------
    WorkflowError
        If the branch is none.
    """
    facts = {
        key: branch[key] for key in ("inputs", "nodes", "filters") if key in branch
    }
    ids = uuid5(NAMESPACE_OID, canonical_json([facts, node, port]))
    output = f"{node.split('/')[0]}.{port}"
    return document_of(
        {
            "schema": WORKFLOW_SCHEMA,
            "id": str(ids),
            "name": name or f"What made {node}.{port}",
            **facts,
            "outputs": {} if "/" in node else {port: output},
        },
        "the workflow in the stamp",
    )


def _above(document: Document, node: str) -> set[str]:
    wanted: set[str] = set()
    waiting = [node]
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.add(name)
        known = document.nodes.get(name)
        if known is not None:
            waiting += [
                source.node.split("/")[0]
                for port in known.wires
                for source in known.sources(port)
            ]
    return wanted


def _chosen(
    entries: Mapping[str, Mapping[str, Any]], wanted: set[str], facts: tuple[str, ...]
) -> dict[str, Any]:
    return {
        name: {fact: entry[fact] for fact in facts if fact in entry}
        for name, entry in entries.items()
        if name in wanted
    }
