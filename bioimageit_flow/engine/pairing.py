"""Pairing: which items meet in one job. By identity, never by position.

A matcher belongs to one node. It is fed the items that arrive on the node's ports and
told when a port gets no more, and gives the rows that are complete. Whatever does not
pair is reported by name; nothing is crossed, repeated or dropped silently.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bioimageit_flow.engine.token import Order, Token
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.problem import Problem, Severity

KeyValues = tuple[tuple[str, AnnotationValue], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Items that meet in one job.

    Attributes
    ----------
    roots, parts
        What the results of the job are known by when they are paired in turn: those of
        the items that met by identity, without what was matched by keys or used for
        all (a PSF makes no two images relatives).
    """

    inputs: Mapping[str, tuple[Token, ...]]
    order: Order
    roots: frozenset[ItemId]
    parts: tuple[tuple[str, str], ...] = ()
    group: KeyValues = ()


@dataclass(frozen=True, slots=True)
class PortRule:
    """How the items of one port meet those of the others.

    Attributes
    ----------
    by : tuple of str
        Annotation keys that must agree; empty for identity.
    use_for_all : bool
        The single item of this port serves every job.
    """

    by: tuple[str, ...] = ()
    use_for_all: bool = False


@dataclass(slots=True)
class ItemMatcher:
    """Pairs items for a node that takes one item on each port.

    Items with the same raw ancestors (and the same part of them) meet at once. Ports
    matched by keys, or used for all, wait until they are complete. What is left when
    every port is complete meets if exactly one partner shares a raw ancestor.
    """

    node: str
    rules: Mapping[str, PortRule]
    _anchors: list[str] = field(init=False)
    _open: set[str] = field(init=False)
    _rows: dict[object, dict[str, Token]] = field(init=False, default_factory=dict)
    _anchored: list[dict[str, Token]] = field(init=False, default_factory=list)
    _side: dict[str, list[Token]] = field(init=False)
    _problems: list[Problem] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        plain = [p for p, rule in self.rules.items() if rule == PortRule()]
        keyed = [p for p, rule in self.rules.items() if not rule.use_for_all]
        self._anchors = plain or keyed[:1] or list(self.rules)[:1]
        self._open = set(self.rules)
        self._side = {port: [] for port in self.rules if port not in self._anchors}

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can arrive."""
        return not self._open

    def arrive(self, port: str, token: Token) -> list[Row]:
        """Take an item; return the rows that it completes."""
        if port in self._side:
            self._side[port].append(token)
            return []
        row = self._rows.setdefault(token.identity, {})
        if port in row:
            self._problems.append(self._ambiguous(port, token, row[port]))
            return []
        row[port] = token
        if len(row) < len(self._anchors):
            return []
        del self._rows[token.identity]
        self._anchored.append(row)
        return self._complete()

    def close(self, port: str) -> list[Row]:
        """Learn that a port gets no more; return the rows that this completes."""
        self._open.discard(port)
        if not self._open.intersection(self._anchors):
            self._pair_the_rest()
        return self._complete()

    def take_problems(self) -> list[Problem]:
        """Return what has not paired since the last call; final once closed."""
        taken, self._problems = self._problems, []
        return taken

    def _complete(self) -> list[Row]:
        """Add the items of the side ports to the anchored rows, once all are there."""
        if self._open.intersection(self._side):
            return []
        waiting, self._anchored = self._anchored, []
        return [row for anchored in waiting for row in self._with_sides(anchored)]

    def _with_sides(self, anchored: Mapping[str, Token]) -> Iterator[Row]:
        tokens = dict(anchored)
        for port, candidates in self._side.items():
            rule = self.rules[port]
            wanted = key_values(rule.by, [token.view for token in anchored.values()])
            if isinstance(wanted, Problem):
                self._report(port, next(iter(anchored.values())), wanted.text)
                return
            fitting = [
                token
                for token in candidates
                if rule.use_for_all or key_values(rule.by, [token.view]) == wanted
            ]
            if len(fitting) != 1:
                self._report_side(port, anchored, fitting, wanted)
                return
            tokens[port] = fitting[0]
        met = list(anchored.values())
        parts = dict.fromkeys(part for token in met for part in token.parts)
        yield Row(
            {port: (tokens[port],) for port in self.rules},
            order=min(token.order for token in met),
            roots=joint_roots(met),
            parts=tuple(parts),
        )

    def _pair_the_rest(self) -> None:
        """Pair what shares some raw ancestor with exactly one partner on each port."""
        left = [item for row in self._rows.values() for item in row.items()]
        left.sort(key=lambda item: (item[0], item[1].order))
        self._rows = {}
        relatives: dict[tuple[str, ItemId], list[Token]] = {}
        for port, token in left:
            for root in token.roots:
                relatives.setdefault((port, root), []).append(token)

        def on(port: str, token: Token) -> list[Token]:
            found = (relatives.get((port, root), ()) for root in token.roots)
            return list({id(one): one for some in found for one in some}.values())

        first, *others = self._anchors
        taken: set[int] = set()
        for token in [token for port, token in left if port == first]:
            row = {first: token}
            for port in others:
                partners = on(port, token)
                if len(partners) == 1 and len(on(first, partners[0])) == 1:
                    row[port] = partners[0]
            if len(row) == len(self._anchors):
                self._anchored.append(row)
                taken.update(id(one) for one in row.values())
        for port, token in left:
            if id(token) not in taken:
                rest = [other for other in self._anchors if other != port]
                where = " and ".join(f"{self.node}.{other}" for other in rest)
                many = any(on(other, token) for other in rest)
                why = (
                    "shares raw data with several items on"
                    if many
                    else ("has no partner with the same raw data on")
                )
                text = f"{token.name} on {self.node}.{port} {why} {where}."
                self._report(port, token, text)

    def _report(self, port: str, token: Token, text: str) -> None:
        if token.is_lost:
            return
        self._problems.append(
            Problem(
                "unpaired",
                Severity.ERROR,
                text,
                node=self.node,
                port=port,
                item=token.name,
                fix=self._hint(port, token),
            )
        )

    def _report_side(
        self,
        port: str,
        anchored: Mapping[str, Token],
        fitting: list[Token],
        wanted: KeyValues,
    ) -> None:
        token = next(iter(anchored.values()))
        if any(one.is_lost for one in anchored.values()):
            return
        if self.rules[port].use_for_all:
            text = (
                f"{self.node}.{port} is used for all and needs exactly one item, but "
                f"it has {len(fitting)}."
            )
            if all(problem.text != text for problem in self._problems):
                self._problems.append(
                    Problem(
                        "use-for-all",
                        Severity.ERROR,
                        text,
                        node=self.node,
                        port=port,
                        fix="Bind a dataset with one item to it, or match it by keys.",
                    )
                )
            return
        values = ", ".join(f"{key} = {value}" for key, value in wanted)
        found = ", ".join(one.name for one in fitting[:3])
        what = f"{len(fitting)} partners ({found})" if fitting else "no partner"
        self._report(
            port,
            token,
            f"{token.name} has {what} on {self.node}.{port} with {values}.",
        )

    def _ambiguous(self, port: str, token: Token, other: Token) -> Problem:
        return Problem(
            "ambiguous",
            Severity.ERROR,
            f"{token.name} and {other.name} on {self.node}.{port} descend from the "
            "same raw data, so it cannot be told which of them is meant.",
            node=self.node,
            port=port,
            item=token.name,
            fix="Match this port by a key that tells them apart.",
        )

    def _hint(self, port: str, token: Token) -> str:
        common = sorted(
            key for key, value in token.view.items() if not isinstance(value, Conflict)
        )
        keys = f" (its keys: {', '.join(common[:6])})" if common else ""
        return (
            f"Match {self.node}.{port} by keys that both have{keys}, or use one item "
            "for all."
        )


@dataclass(slots=True)
class GroupMatcher:
    """Collects items for a node that takes groups, until every port is complete.

    Attributes
    ----------
    group_by : tuple of str
        Keys whose values form the groups; empty for one group of all.
    item_ports : frozenset of str
        Ports of the node that take one item per group.
    """

    node: str
    rules: Mapping[str, PortRule]
    group_by: tuple[str, ...]
    item_ports: frozenset[str] = frozenset()
    _open: set[str] = field(init=False)
    _arrived: dict[str, list[Token]] = field(init=False)
    _problems: list[Problem] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._open = set(self.rules)
        self._arrived = {port: [] for port in self.rules}

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can arrive."""
        return not self._open

    def arrive(self, port: str, token: Token) -> list[Row]:
        """Take an item."""
        self._arrived[port].append(token)
        return []

    def close(self, port: str) -> list[Row]:
        """Learn that a port gets no more; return the groups once all are complete."""
        self._open.discard(port)
        return [] if self._open else self._rows()

    def take_problems(self) -> list[Problem]:
        """Return what could not be put into a group since the last call."""
        taken, self._problems = self._problems, []
        return taken

    def _rows(self) -> list[Row]:
        groups: dict[str, tuple[KeyValues, dict[str, list[Token]]]] = {}
        for port, tokens in self._arrived.items():
            if self.rules[port].use_for_all:
                continue
            for token in sorted(tokens, key=lambda one: one.order):
                values = key_values(self.group_by, [token.view])
                if isinstance(values, Problem):
                    self._problems.append(self._ungrouped(port, token, values))
                    continue
                name = canonical_json([list(pair) for pair in values])
                group = groups.setdefault(name, (values, {}))
                group[1].setdefault(port, []).append(token)
        rows = []
        for name in sorted(groups):
            values, by_port = groups[name]
            row = self._row(values, by_port)
            if row is not None:
                rows.append(row)
        return rows

    def _row(self, values: KeyValues, by_port: dict[str, list[Token]]) -> Row | None:
        inputs: dict[str, tuple[Token, ...]] = {}
        for port, rule in self.rules.items():
            tokens = self._arrived[port] if rule.use_for_all else by_port.get(port, [])
            is_one = rule.use_for_all or port in self.item_ports
            if not tokens or (is_one and len(tokens) != 1):
                wanted = "exactly one item" if is_one else "items"
                where = ", ".join(f"{key} = {value}" for key, value in values)
                self._problems.append(
                    Problem(
                        "unpaired",
                        Severity.ERROR,
                        f"{self.node}.{port} needs {wanted}"
                        f"{f' for {where}' if where else ''}, but there are "
                        f"{len(tokens)}.",
                        node=self.node,
                        port=port,
                        fix="Change 'group_by', or use one item for all.",
                    )
                )
                return None
            inputs[port] = tuple(tokens)
        own = [
            token
            for port, tokens in inputs.items()
            if not self.rules[port].use_for_all
            for token in tokens
        ]
        return Row(
            inputs,
            order=min(token.order for token in own),
            roots=joint_roots(own),
            group=values,
        )

    def _ungrouped(self, port: str, token: Token, why: Problem) -> Problem:
        keys = " and ".join(self.group_by)
        return Problem(
            "no-group",
            Severity.ERROR,
            f"{token.name} on {self.node}.{port} belongs to no group: {why.text}",
            node=self.node,
            port=port,
            item=token.name,
            fix=f"Annotate it with {keys}, or change 'group_by'.",
        )


Matcher = ItemMatcher | GroupMatcher


def joint_roots(tokens: Sequence[Token]) -> frozenset[ItemId]:
    """Return the raw items that some tokens descend from together."""
    if len(tokens) == 1:
        return tokens[0].roots
    return frozenset().union(*(token.roots for token in tokens))


def key_values(keys: tuple[str, ...], views: list[View]) -> KeyValues | Problem:
    """Return the values of some keys that a row of items agrees on.

    A `Problem` is returned where a key is missing everywhere, or has several values.
    """
    found: list[tuple[str, AnnotationValue]] = []
    for key in keys:
        values = [view[key] for view in views if key in view]
        plain = [value for value in values if not isinstance(value, Conflict)]
        if not values:
            return _no_value(f"it has no annotation {key!r}.")
        if len(plain) < len(values) or any(value != plain[0] for value in plain):
            return _no_value(f"its annotation {key!r} has several values.")
        found.append((key, plain[0]))
    return tuple(found)


def _no_value(text: str) -> Problem:
    return Problem("no-value", Severity.ERROR, text)
