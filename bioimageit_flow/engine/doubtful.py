"""Queries of a run that ask for a key which nothing has: most often misspelt."""

import re
from collections.abc import Iterator, Mapping

from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.query import doubts, parse
from bioimageit_flow.model.selection import read_binding
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.sweeps import key_of, sweeps_of


def doubtful_queries(
    bindings: Mapping[str, str],
    where: str,
    document: Document,
    tools: Mapping[str, Tool],
    store: Store,
) -> Iterator[Problem]:
    """Yield a warning for each key that a query asks for and no item has or gets.

    Parameters
    ----------
    bindings : mapping of str to str
        What each dataset input takes.
    where : str
        The query of the subset; empty for none.
    """
    asked = list(_queries(bindings, where, document, store))
    if not asked:
        return
    known = {use.name for use in store.key_uses() if use.items}
    known |= set(_made_keys(document, tools))
    for node, text in asked:
        try:
            found = doubts(parse(text), known)
        except QueryError:
            continue  # it is a problem of its own
        for words in found:
            yield Problem(
                "unknown-key",
                Severity.WARNING,
                f"The query {text!r} may be wrong: {words[0].lower()}{words[1:]}",
                node=node,
                fix="Correct the query, or annotate the items.",
            )


def _queries(
    bindings: Mapping[str, str], where: str, document: Document, store: Store
) -> Iterator[tuple[str, str]]:
    """Yield the queries, each with the node that it stands at."""
    names = [dataset.name for dataset in store.datasets()]
    for name, text in bindings.items():
        try:
            query = read_binding(text, names).where
        except QueryError:
            continue  # it is a problem of its own
        if query is not None:
            yield name, query.text
    if where:
        yield "", where
    yield from ((entry.node, entry.where) for entry in document.filters)
    for name, node in document.nodes.items():
        if node.where is not None:
            yield name, node.where


def _made_keys(document: Document, tools: Mapping[str, Tool]) -> Iterator[str]:
    """Yield the keys that items get within the run: of sweeps and of parts."""
    for name, node in document.nodes.items():
        yield from (key_of(one, sweep) for one, sweep in sweeps_of(node).items())
        for output in tools[name].outputs.values() if name in tools else ():
            if output.many:
                yield "part"
                yield from re.compile(output.parts or "").groupindex
