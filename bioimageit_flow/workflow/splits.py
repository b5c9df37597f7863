"""Queries in a workflow: filters on ports, and splits that send items two ways."""

from collections.abc import Collection, Iterator, Mapping

from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.query import parse
from bioimageit_flow.workflow.document import (
    SPLIT_INPUT,
    SPLIT_OUTPUTS,
    Document,
    Filter,
    Node,
    Source,
)


def split_source(document: Document, source: Source) -> Source | str:
    """Return what a wire that may come from a split carries: where that comes from.

    A sentence is returned where there is no such port, or nothing comes in.
    """
    seen: set[str] = set()
    while source.node in document.nodes and document.nodes[source.node].is_split:
        if source.port not in SPLIT_OUTPUTS:
            ports = " and ".join(SPLIT_OUTPUTS)
            return f"{source.node} has no output {source.port!r} (it has: {ports})."
        wires = document.nodes[source.node].sources(SPLIT_INPUT)
        if not wires or source.node in seen:
            return f"Nothing is wired to {source.node}.{SPLIT_INPUT}."
        seen.add(source.node)
        source = wires[0]
    return source


def query_problems(
    document: Document, outputs: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Yield what is wrong with the filters and splits of a workflow.

    Parameters
    ----------
    outputs : mapping
        The output ports of each node, as far as they are known.
    """
    for name, node in document.nodes.items():
        if node.where is not None:
            yield from _split_problems(name, node, node.where)
    for entry in document.filters:
        yield from _filter_problems(document, entry, outputs)


def _split_problems(name: str, node: Node, where: str) -> Iterator[Problem]:
    yield from _unreadable(name, where)
    wires = len(node.sources(SPLIT_INPUT))
    if wires != 1:
        what = "is not wired" if not wires else f"takes one wire, but {wires} are drawn"
        yield _error(
            "unwired-input" if not wires else "several-wires",
            f"The input {name}.{SPLIT_INPUT} {what}.",
            name,
            "Wire the items that are to be split to it.",
        )
    if node.parameters or node.match or node.group_by:
        yield _error(
            "split-settings",
            f"{name} is a split: it has a query, and no parameters or groups.",
            name,
            "Remove them.",
        )


def _filter_problems(
    document: Document, entry: Filter, outputs: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    if entry.node not in document.nodes and entry.node not in document.inputs:
        yield _error(
            "unknown-node",
            f"There is no node or dataset input {entry.node!r}, which a filter names.",
            entry.node,
            "Correct its name, or remove the filter.",
        )
    known = _ports_of(document, entry.node, outputs)
    if known is not None and entry.port is not None and entry.port not in known:
        ports = f"it has: {', '.join(known)}" if known else "it has none"
        yield _error(
            "unknown-port",
            f"{entry.node} has no output {entry.port!r}, which a filter names "
            f"({ports}).",
            entry.node,
            "Correct its name, or remove the filter.",
        )
    yield from _unreadable(entry.node, entry.where)


def _ports_of(
    document: Document, name: str, outputs: Mapping[str, Collection[str]]
) -> Collection[str] | None:
    if name in document.inputs:
        return ()
    node = document.nodes.get(name)
    is_split = node is not None and node.is_split
    return SPLIT_OUTPUTS if is_split else outputs.get(name)


def _unreadable(name: str, where: str) -> Iterator[Problem]:
    try:
        parse(where)
    except QueryError as error:
        yield _error("query", f"{name}: {error.message}", name, error.remedy)


def _error(code: str, text: str, node: str, fix: str) -> Problem:
    return Problem(code, Severity.ERROR, text, node=node, fix=fix)
