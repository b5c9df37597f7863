"""Subsets: the part of the bound items with which a run tries a workflow out.

What is left out still pairs, so that its partners are left out with it and nobody is
told that they are missing.
"""

from collections.abc import Mapping, Sequence

from bioimageit_flow.engine.bound_items import BoundItems
from bioimageit_flow.engine.pairing import key_values
from bioimageit_flow.engine.token import Token
from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.query import parse
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import SPLIT_INPUT, Document, MatchBy


def take_subset(
    subset: Subset,
    document: Document,
    tools: Mapping[str, Tool],
    bound: Mapping[str, BoundItems],
) -> tuple[dict[str, BoundItems], list[Problem]]:
    """Mark the items that a subset leaves out.

    A query is asked of every dataset input. A limit or a pilot chooses among the items
    of the first one, and single items are those of the first input that has them; of
    the others are taken those that belong to the chosen items, by raw data or by the
    keys of the workflow. Inputs that are used for all are whole.
    """
    marked = dict(bound)
    if subset.is_all:
        return marked, []
    inputs = [name for name in bound if not _is_for_all(name, document, tools)]
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
        if len(bound[name]) and marked[name].is_all_left_out
    ]
    if inputs and subset.items:
        problems += _keep_items(subset, inputs, marked, document)
    if inputs and subset.limit is not None:
        first = marked[inputs[0]].taken
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


def _ask(where: str, inputs: Sequence[str], marked: dict[str, BoundItems]) -> None:
    query = parse(where)
    for name in inputs:
        marked[name] = marked[name].without(
            {
                n: f"does not meet {where!r}"
                for n, token in enumerate(marked[name])
                if not query.matches(token.view, token.facts)
            }
        )


def _pilot(
    subset: Subset, count: int, items: BoundItems
) -> tuple[list[int], list[Problem]]:
    """Return the places of so many items of each stratum."""
    taken: dict[str, int] = {}
    chosen: list[int] = []
    lacking: list[str] = []
    for n in items.taken:
        token = items.token(n)
        values = key_values(subset.by, [token.view])
        if isinstance(values, Problem):
            lacking.append(token.name)
            continue
        stratum = canonical_json([list(pair) for pair in values])
        taken[stratum] = taken.get(stratum, 0) + 1
        if taken[stratum] <= count:
            chosen.append(n)
    if not lacking:
        return chosen, []
    names = ", ".join(lacking[:5])
    more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
    keys = " and ".join(subset.by)
    severity = Severity.WARNING if chosen else Severity.ERROR
    text = f"{names}{more} have no one value of {keys} and are in no stratum."
    fix = f"Annotate them with {keys}."
    return chosen, [Problem("no-stratum", severity, text, fix=fix)]


def _keep_items(
    subset: Subset,
    inputs: Sequence[str],
    marked: dict[str, BoundItems],
    document: Document,
) -> list[Problem]:
    """Leave out what is none of the chosen items, and belongs to none of them."""
    wanted = frozenset(subset.items)
    for name in inputs:
        items = marked[name]
        chosen = [n for n in items.taken if _is_among(items.token(n), wanted)]
        if chosen:
            others = [one for one in inputs if one != name]
            _keep(subset, chosen, [name, *others], marked, document)
            return []
    text = f"No input of the workflow is bound to {subset.words}."
    fix = "Choose an item of a dataset that an input is bound to."
    return [Problem("empty-subset", Severity.ERROR, text, port=inputs[0], fix=fix)]


def _is_among(token: Token, wanted: frozenset[str]) -> bool:
    is_named = token.datum is not None and token.datum.id in wanted
    return is_named or not wanted.isdisjoint(token.roots)


def _keep(
    subset: Subset,
    chosen: Sequence[int],
    inputs: Sequence[str],
    marked: dict[str, BoundItems],
    document: Document,
) -> None:
    """Leave out what does not belong to the chosen items of the first input."""
    kept = [marked[inputs[0]].token(n) for n in chosen]
    roots = frozenset().union(*(token.roots for token in kept))
    rules = {
        rule.by
        for node in document.nodes.values()
        for rule in node.match.values()
        if isinstance(rule, MatchBy)
    }
    values = {_values(by, token) for by in rules for token in kept} - {""}
    for name in inputs:
        if name == inputs[0]:
            belongs = set(chosen)
        else:
            belongs = {
                n
                for n, token in enumerate(marked[name])
                if token.roots & roots
                or any(_values(by, token) in values for by in rules)
            }
            if not belongs:
                continue  # nothing says what belongs together: the run will say so
        reason = f"is not among {subset.words}"
        others = set(range(len(marked[name]))) - belongs
        marked[name] = marked[name].without(dict.fromkeys(others, reason))


def _values(by: tuple[str, ...], token: Token) -> str:
    values = key_values(by, [token.view])
    if isinstance(values, Problem):
        return ""
    return canonical_json([list(pair) for pair in values])
