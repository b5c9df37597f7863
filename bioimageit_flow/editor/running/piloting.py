"""Which few items a first try takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from bioimageit_flow.errors import ToolError
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import Document

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
