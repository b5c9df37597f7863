"""Gates: queries in the workflow that let items pass, or send them another way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bioimageit_flow.engine.token import Token
from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.query import Query, parse
from bioimageit_flow.workflow.document import SPLIT_INPUT, Document


@dataclass(frozen=True, slots=True)
class Gate:
    """One query at one place of the workflow.

    Attributes
    ----------
    node : str
        The split, or the node or dataset input whose filter it is.
    """

    node: str
    query: Query

    def judge(self, token: Token) -> bool | Problem:
        """Say whether an item meets the query.

        A `Problem` is returned where that cannot be said: the item sees several values
        of a key that the query asks for, and the query holds for some of them only.
        """
        try:
            verdict = self.query.matches(token.view, token.facts)
            for key in self.query.keys:
                value = token.view.get(key)
                if not isinstance(value, Conflict):
                    continue
                views = [{**token.view, key: one} for one in value.values]
                if len({self.query.matches(one, token.facts) for one in views}) > 1:
                    return self._undecided(token, key, value)
        except QueryError as error:
            return Problem(
                "query",
                Severity.ERROR,
                error.message,
                node=self.node,
                item=token.name,
                fix=error.remedy,
            )
        return verdict

    def without(self, token: Token, verdict: bool) -> Token:
        """Return a token as it goes the way that it does not take."""
        word = "does not meet" if not verdict else "meets"
        reason = f"{word} {self.query.text!r} of {self.node}"
        return replace(token, left_out=token.left_out or reason)

    def _undecided(self, token: Token, key: str, value: Conflict) -> Problem:
        shown = ", ".join(str(one) for one in value.values)
        return Problem(
            "conflict",
            Severity.ERROR,
            f"{token.name} has several values of {key!r} ({shown}), so {self.node} "
            "cannot tell whether it is meant.",
            node=self.node,
            item=token.name,
            fix="Put the query before the images meet, or ask for another key.",
        )


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of one workflow.

    Attributes
    ----------
    filters : mapping of str to tuple of Gate
        By source: what leaves it has to meet them.
    splits : mapping of str to Gate
        By node.
    """

    filters: Mapping[str, tuple[Gate, ...]]
    splits: Mapping[str, Gate]

    def __bool__(self) -> bool:
        return bool(self.filters or self.splits)


def gates_of(document: Document) -> Gates:
    """Return the filters and splits of a workflow whose queries can be read."""
    filters: dict[str, tuple[Gate, ...]] = {}
    sources = dict.fromkeys(edge.source for edge in document.edges())
    for entry in document.filters:
        gate = Gate(entry.node, parse(entry.where))
        for source in sources:
            if source.node == entry.node and entry.port in (None, source.port):
                filters[str(source)] = (*filters.get(str(source), ()), gate)
    splits = {
        name: Gate(name, parse(node.where))
        for name, node in document.nodes.items()
        if node.where is not None and node.sources(SPLIT_INPUT)
    }
    return Gates(filters, splits)
