"""Supply: the items of the dataset inputs go to the scheduler a page at a time.

A job that is ready takes memory, and so does what its result becomes. Items are handed
over only when no job is ready, in item order, those of all inputs side by side, so that
partners meet early. Inputs that others have to wait for (one PSF for all, items matched
by keys) go first and whole.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import islice

from bioimageit_flow.engine.bound_items import BoundItems
from bioimageit_flow.engine.scheduler import Scheduler
from bioimageit_flow.engine.token import Token
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import SPLIT_INPUT, Document, Edge, MatchBy

PAGE = 256
"""How many items are handed over at once."""


class Supply:
    """Feeds a scheduler with the items of the dataset inputs.

    Parameters
    ----------
    items : mapping of str to BoundItems
        By dataset input.
    document : Document
        The workflow, which says for which inputs others wait.
    tools : mapping of str to Tool
        The tool of each node.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        items: Mapping[str, BoundItems],
        document: Document,
        tools: Mapping[str, Tool],
    ) -> None:
        self._scheduler = scheduler
        self._first = [name for name in items if is_waited_for(name, document, tools)]
        self._items = items
        rest = [some for name, some in items.items() if name not in self._first]
        self._left = {some.source: len(some) for some in rest}
        self._tokens: Iterator[Token] = merge(*rest, key=lambda token: token.order)
        self.is_over = False

    def feed(self) -> None:
        """Hand over the next page, and tell which inputs have no more."""
        for name in self._first:
            self._scheduler.arrive(name, self._items[name])
            self._scheduler.close_input(name)
        self._first = []
        for token in islice(self._tokens, PAGE):
            self._scheduler.arrive(token.source, (token,))
            self._left[token.source] -= 1
        for name in [name for name, left in self._left.items() if not left]:
            self._scheduler.close_input(name)
            del self._left[name]
        self.is_over = not self._left


def is_waited_for(name: str, document: Document, tools: Mapping[str, Tool]) -> bool:
    """Say whether every node that takes a dataset input needs the whole of it first."""
    edges = [edge for edge in document.edges() if str(edge.source) == name]
    return bool(edges) and all(_is_side(edge, document, tools) for edge in edges)


def _is_side(edge: Edge, document: Document, tools: Mapping[str, Tool]) -> bool:
    if edge.port == SPLIT_INPUT and edge.node not in tools:
        return False
    rule = document.nodes[edge.node].match.get(edge.port)
    is_for_all = rule == "use_for_all" or tools[edge.node].inputs[edge.port].use_for_all
    return isinstance(rule, MatchBy) or is_for_all
