"""Subsets: the part of the bound items with which a run tries a workflow out.

What is left out still pairs, so that its partners are left out with it and nobody is
told that they are missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bioimageit_flow.engine.pairing import key_values
from bioimageit_flow.engine.token import Token
from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.query import parse
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import SPLIT_INPUT, Document, MatchBy

Tokens = Mapping[str, Sequence[Token]]


def take_subset(
    subset: Subset, document: Document, tools: Mapping[str, Tool], tokens: Tokens
) -> tuple[dict[str, list[Token]], list[Problem]]:
    """Mark the items that a subset leaves out.

    A query is asked of every dataset input. A limit or a pilot chooses among the items
    of the first one; of the others are taken those that belong to the chosen items, by
    raw data or by the keys of the workflow. Inputs that are used for all are whole.
    """
    marked = {name: list(some) for name, some in tokens.items()}
    if subset.is_all:
        return marked, []
    inputs = [name for name in tokens if not _is_for_all(name, document, tools)]
    problems: list[Problem] = []
    try:
        if subset.where:
            _ask(subset.where, inputs, marked)
    except QueryError as error:
        text, fix = error.message, error.remedy
        return marked, [Problem("query", Severity.ERROR, text, fix=fix)]
    problems += [
        Problem(
            "empty-subset",
            Severity.ERROR,
            f"No item of {name!r} is left by {subset.words}.",
            port=name,
            fix="Ask for something else.",
        )
        for name in inputs
        if tokens[name] and all(token.left_out for token in marked[name])
    ]
    if inputs and subset.limit is not None:
        first = [token for token in marked[inputs[0]] if not token.left_out]
        _keep(subset, first[: subset.limit], inputs, marked, document)
    if inputs and subset.pilot is not None:
        chosen, lacking = _pilot(subset, subset.pilot, marked[inputs[0]])
        problems += lacking
        _keep(subset, chosen, inputs, marked, document)
    return marked, problems


def _is_for_all(name: str, document: Document, tools: Mapping[str, Tool]) -> bool:
    """Say whether an input only gives single items that serve all others."""
    ways = []
    for edge in document.edges():
        if str(edge.source) != name or edge.port == SPLIT_INPUT:
            continue
        tool = tools.get(edge.node)
        port = tool.inputs.get(edge.port) if tool else None
        rule = document.nodes[edge.node].match.get(edge.port)
        ways.append(rule == "use_for_all" or (port is not None and port.use_for_all))
    return bool(ways) and all(ways)


def _ask(where: str, inputs: Sequence[str], marked: dict[str, list[Token]]) -> None:
    query = parse(where)
    for name in inputs:
        marked[name] = [
            token
            if query.matches(token.view, token.facts)
            else replace(token, left_out=f"does not meet {where!r}")
            for token in marked[name]
        ]


def _pilot(
    subset: Subset, count: int, tokens: Sequence[Token]
) -> tuple[list[Token], list[Problem]]:
    taken: dict[str, int] = {}
    chosen, lacking = [], []
    for token in tokens:
        if token.left_out:
            continue
        values = key_values(subset.by, [token.view])
        if isinstance(values, Problem):
            lacking.append(token)
            continue
        stratum = canonical_json([list(pair) for pair in values])
        taken[stratum] = taken.get(stratum, 0) + 1
        if taken[stratum] <= count:
            chosen.append(token)
    if not lacking:
        return chosen, []
    names = ", ".join(token.name for token in lacking[:5])
    more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
    keys = " and ".join(subset.by)
    severity = Severity.WARNING if chosen else Severity.ERROR
    text = f"{names}{more} have no one value of {keys} and are in no stratum."
    fix = f"Annotate them with {keys}."
    return chosen, [Problem("no-stratum", severity, text, fix=fix)]


def _keep(
    subset: Subset,
    chosen: Sequence[Token],
    inputs: Sequence[str],
    marked: dict[str, list[Token]],
    document: Document,
) -> None:
    ids = {id(token) for token in chosen}
    roots = frozenset().union(*(token.roots for token in chosen))
    rules = {
        rule.by
        for node in document.nodes.values()
        for rule in node.match.values()
        if isinstance(rule, MatchBy)
    }
    values = {_values(by, token) for by in rules for token in chosen} - {""}
    for name in inputs:
        is_first = name == inputs[0]
        belongs = {
            id(token)
            for token in marked[name]
            if (id(token) in ids if is_first else token.roots & roots)
            or (not is_first and any(_values(by, token) in values for by in rules))
        }
        if not belongs and not is_first:
            continue  # nothing says what belongs together: the run will say so
        marked[name] = [
            token
            if id(token) in belongs or token.left_out
            else replace(token, left_out=f"is not among {subset.words}")
            for token in marked[name]
        ]


def _values(by: tuple[str, ...], token: Token) -> str:
    values = key_values(by, [token.view])
    if isinstance(values, Problem):
        return ""
    return canonical_json([list(pair) for pair in values])
