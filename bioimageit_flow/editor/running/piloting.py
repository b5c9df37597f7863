"""Which few items a first try takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from bioimageit_flow.errors import ToolError
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.structure import below

PILOT: Final = 3
"""How many items a first try takes, of each condition where the workflow has such."""

MOST_GROUPS: Final = 6
"""A key with more values names items rather than conditions."""


def pilot_of(
    document: Document,
    tool: Callable[[str], Tool],
    values: Mapping[str, Sequence[object]],
) -> Subset:
    """Return the items that a first try of a workflow takes.

    The first ones would all be of one condition, and what compares conditions would
    fail: so a few of each are taken, where a node groups by a key or names it.

    Parameters
    ----------
    tool : callable
        Returns a tool by its reference; raises `ToolError` if there is none.
    values : mapping of str to sequence
        What items have of each key.
    """
    groups = [
        key
        for key in dict.fromkeys(_named(document, tool))
        if 2 <= len(values.get(key, ())) <= MOST_GROUPS
    ]
    if not groups:
        return Subset(limit=PILOT)
    return Subset(pilot=PILOT, by=(groups[0],))


def nodes_for_one(document: Document, tool: Callable[[str], Tool]) -> list[str]:
    """Return the nodes that a try of a single item runs.

    What takes all items together, and what depends on it, would compare one item with
    nothing. Where there is nothing else, it is every node.

    Parameters
    ----------
    tool : callable
        Returns a tool by its reference; raises `ToolError` if there is none.
    """
    taking_all = {
        name
        for name, node in document.nodes.items()
        if not node.group_by and _takes_group(node.tool, tool)
    }
    left_out = below(document, taking_all)
    return [name for name in document.nodes if name not in left_out] or list(
        document.nodes
    )


def _takes_group(ref: str | None, tool: Callable[[str], Tool]) -> bool:
    try:
        return bool(ref) and tool(str(ref)).takes_group
    except ToolError:
        return False


def _named(document: Document, tool: Callable[[str], Tool]) -> Iterator[str]:
    """Go through the texts by which nodes may mean keys."""
    for node in document.nodes.values():
        yield from node.group_by
        try:
            known = tool(node.tool).parameters if node.tool else {}
        except ToolError:
            known = {}
        defaults = {name: one.default for name, one in known.items()}
        settings = {**defaults, **node.parameters}
        yield from (one for one in settings.values() if isinstance(one, str))
