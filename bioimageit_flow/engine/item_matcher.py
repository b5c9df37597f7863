"""Which items meet in one job of a node that takes one item on each port."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from bioimageit_flow.engine.hints import best_keys
from bioimageit_flow.engine.pairing import (
    KeyValues,
    PortRule,
    Row,
    joint_roots,
    key_values,
)
from bioimageit_flow.engine.token import Token
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.problem import Problem, Severity

_SHOWN = 3


@dataclass(slots=True)
class ItemMatcher:
    """Pairs items for a node that takes one item on each port.

    Items with the same raw ancestors (and the same part of them) meet at once. An item
    meets each part of itself: the image each of its tiles, the raw image each result of
    a sweep over it. Ports matched by keys, or used for all, wait until they are
    complete. What is left when every port is complete meets if exactly one partner
    shares a raw ancestor.

    Attributes
    ----------
    has_parts : bool
        Whether one port may bring parts (of a sweep, or of many outputs) that another
        does not; items are then kept, since further parts may come.
    """

    node: str
    rules: Mapping[str, PortRule]
    has_parts: bool = True
    _anchors: list[str] = field(init=False)
    _open: set[str] = field(init=False)
    _rows: dict[object, dict[str, Token]] = field(init=False, default_factory=dict)
    _family: dict[frozenset[ItemId], dict[str, list[Token]]] = field(
        init=False, default_factory=dict
    )
    _met: set[int] = field(init=False, default_factory=set)
    _used: set[int] = field(init=False, default_factory=set)
    _anchored: list[dict[str, Token]] = field(init=False, default_factory=list)
    _side: dict[str, list[Token]] = field(init=False)
    _by_keys: dict[str, dict[str, list[Token]]] = field(
        init=False, default_factory=dict
    )
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
        if len(self._anchors) == 1:
            if not self._side:
                row = Row({port: (token,)}, token.order, token.roots, token.parts)
                return [row]
            self._anchored.append({port: token})
        elif self.has_parts:
            self._meet_family(port, token)
        else:
            self._meet_equal(port, token)
        return self._complete()

    def close(self, port: str) -> list[Row]:
        """Learn that a port gets no more; return the rows that this completes."""
        self._open.discard(port)
        if port in self._anchors and not self._open.intersection(self._anchors):
            self._pair_the_rest()
        rows = self._complete()
        if not self._open:
            self._report_unused()
            self._side, self._by_keys, self._used = {}, {}, set()  # nothing comes now
        return rows

    def take_problems(self) -> list[Problem]:
        """Return what has not paired since the last call; final once closed."""
        taken, self._problems = self._problems, []
        return taken

    # Meeting by identity

    def _meet_equal(self, port: str, token: Token) -> None:
        row = self._rows.setdefault(token.identity, {})
        if port in row:
            self._problems.append(self._ambiguous(port, token, row[port]))
            return
        row[port] = token
        if len(row) == len(self._anchors):
            del self._rows[token.identity]
            self._anchored.append(row)

    def _meet_family(self, port: str, token: Token) -> None:
        family = self._family.setdefault(token.roots, {})
        own = family.setdefault(port, [])
        for other in own:
            if set(other.parts) == set(token.parts):
                self._problems.append(self._ambiguous(port, token, other))
                return
        own.append(token)
        others = [
            [token] if name == port else family.get(name, ()) for name in self._anchors
        ]
        for tokens in product(*others):
            if all(_fits(a, b) for n, a in enumerate(tokens) for b in tokens[:n]):
                self._anchored.append(dict(zip(self._anchors, tokens, strict=True)))
                self._met.update(id(one) for one in tokens)

    def _left(self) -> list[tuple[str, Token]]:
        left = [item for row in self._rows.values() for item in row.items()]
        left += [
            (port, token)
            for family in self._family.values()
            for port, tokens in family.items()
            for token in tokens
            if id(token) not in self._met
        ]
        self._rows, self._family, self._met = {}, {}, set()
        return sorted(left, key=lambda item: (item[0], item[1].order))

    def _pair_the_rest(self) -> None:
        """Pair what shares some raw ancestor with exactly one partner on each port."""
        left = self._left()
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
        missed = [(port, token) for port, token in left if id(token) not in taken]
        hints = _Hints(self.node, missed)
        for port, token in missed:
            rest = [other for other in self._anchors if other != port]
            where = " and ".join(f"{self.node}.{other}" for other in rest)
            why = (
                "shares raw data with several items on"
                if any(on(other, token) for other in rest)
                else "has no partner with the same raw data on"
            )
            text = f"{token.name} on {self.node}.{port} {why} {where}."
            self._report(port, token, text, hints.of(port, rest))

    # Meeting by keys

    def _complete(self) -> list[Row]:
        """Add the items of the side ports to the anchored rows, once all are there."""
        if self._open.intersection(self._side):
            return []
        waiting, self._anchored = self._anchored, []
        return [row for anchored in waiting for row in self._with_sides(anchored)]

    def _with_sides(self, anchored: Mapping[str, Token]) -> Iterator[Row]:
        tokens = dict(anchored)
        for port in self._side:
            rule = self.rules[port]
            wanted = key_values(rule.by, [token.view for token in anchored.values()])
            if isinstance(wanted, Problem):
                token = next(iter(anchored.values()))
                text = f"{token.name} cannot be matched with {self.node}.{port}: "
                self._report(port, token, text + wanted.text)
                return
            fitting = self._fitting(port, wanted)
            if len(fitting) > 1 and rule.by:
                roots = joint_roots(list(anchored.values()))
                kin = [token for token in fitting if token.roots == roots]
                fitting = kin if len(kin) == 1 else fitting
            if len(fitting) != 1:
                self._report_side(port, anchored, fitting, wanted)
                return
            tokens[port] = fitting[0]
            self._used.add(id(fitting[0]))
        met = list(anchored.values())
        parts = dict.fromkeys(part for token in met for part in token.parts)
        yield Row(
            {port: (tokens[port],) for port in self.rules},
            order=_order(met, tuple(parts)),
            roots=joint_roots(met),
            parts=tuple(parts),
        )

    def _fitting(self, port: str, wanted: KeyValues) -> list[Token]:
        rule, candidates = self.rules[port], self._side[port]
        if rule.use_for_all:
            return [token for token in candidates if not token.left_out]
        if port not in self._by_keys:
            found: dict[str, list[Token]] = {}
            for token in candidates:
                values = key_values(rule.by, [token.view])
                if not isinstance(values, Problem):
                    found.setdefault(_name(values), []).append(token)
            self._by_keys[port] = found
        return self._by_keys[port].get(_name(wanted), [])

    # Saying what did not meet

    def _report(self, port: str, token: Token, text: str, fix: str = "") -> None:
        if token.is_lost or token.left_out:
            return
        self._problems.append(
            Problem(
                "unpaired",
                Severity.ERROR,
                text,
                node=self.node,
                port=port,
                item=token.name,
                fix=fix or f"Annotate it, or match {self.node}.{port} by other keys.",
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
        if any(one.is_lost or one.left_out for one in anchored.values()):
            return
        if self.rules[port].use_for_all:
            text = (
                f"{self.node}.{port} is used for all and needs exactly one item, but "
                f"it has {len(fitting)}."
            )
            fix = "Bind a dataset with one item to it, or match it by keys."
            found = Problem(
                "use-for-all",
                Severity.ERROR,
                text,
                node=self.node,
                port=port,
                fix=fix,
            )
            if found not in self._problems:
                self._problems.append(found)
            return
        values = ", ".join(f"{key} = {value}" for key, value in wanted)
        names = ", ".join(one.name for one in fitting[:_SHOWN])
        what = f"{len(fitting)} partners ({names})" if fitting else "no partner"
        where = f"{self.node}.{port}"
        self._report(port, token, f"{token.name} has {what} on {where} with {values}.")

    def _report_unused(self) -> None:
        """Name the items of ports matched by keys that met nothing."""
        for port, tokens in self._side.items():
            rule = self.rules[port]
            if rule.use_for_all:
                continue
            for token in tokens:
                if id(token) in self._used:
                    continue
                values = key_values(rule.by, [token.view])
                if isinstance(values, Problem):
                    why = f"cannot be matched: {values.text}"
                else:
                    shown = ", ".join(f"{key} = {value}" for key, value in values)
                    why = f"has no partner with {shown}."
                text = f"{token.name} on {self.node}.{port} {why}"
                self._report(port, token, text)

    def _ambiguous(self, port: str, token: Token, other: Token) -> Problem:
        return Problem(
            "ambiguous",
            Severity.ERROR,
            f"{token.name} and {other.name} on {self.node}.{port} descend from the "
            "same raw data, so it cannot be told which of them is meant.",
            node=self.node,
            port=port,
            item=token.name,
            fix=f"Match {self.node}.{port} by a key that tells them apart "
            f"(--match {self.node}.{port}=KEY).",
        )


def _fits(one: Token, other: Token) -> bool:
    """Say whether two items with the same raw ancestors belong together.

    They agree on every part that both have. One may have parts that the other has not
    (a tile and its image); that each has parts of its own is possible only for the
    values of sweeps, which make a grid: tiles never meet the cells of another node.
    """
    first, second = dict(one.parts), dict(other.parts)
    if any(second.get(name, value) != value for name, value in first.items()):
        return False
    return not (_pieces(first, second) and _pieces(second, first))


def _pieces(parts: Mapping[str, str], others: Mapping[str, str]) -> bool:
    return any(name[0] not in "=~" and name not in others for name in parts)


def _order(met: list[Token], parts: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    least = min(met, key=lambda token: token.order)
    further = [part for part in parts if part not in least.parts]
    return (*least.order, *(text for part in further for text in part))


def _name(values: KeyValues) -> str:
    return canonical_json([list(pair) for pair in values])


class _Hints:
    """What would pair the items that have not paired, worked out once per port."""

    def __init__(self, node: str, missed: list[tuple[str, Token]]) -> None:
        self._node = node
        self._missed: dict[str, list[Token]] = {}
        for port, token in missed:
            self._missed.setdefault(port, []).append(token)
        self._known: dict[tuple[str, ...], str] = {}

    def of(self, port: str, others: list[str]) -> str:
        """Return what to do about the items of a port."""
        name = (port, *others)
        if name not in self._known:
            self._known[name] = self._worked_out(port, others)
        return self._known[name]

    def _worked_out(self, port: str, others: list[str]) -> str:
        tokens = self._missed[port]
        for other in others:
            keys, count = best_keys(tokens, self._missed.get(other, []))
            if keys:
                where, named = f"{self._node}.{other}", " and ".join(keys)
                return (
                    f"Match {where} by {named} (--match {where}={','.join(keys)}): "
                    f"{count} of {len(tokens)} would then pair."
                )
        own = sorted(
            {
                key
                for token in tokens
                for key, value in token.view.items()
                if not isinstance(value, Conflict)
            }
        )
        has = f" (its keys: {', '.join(own[:6])})" if own else ""
        return (
            f"Match {self._node}.{port} by keys that both have{has}, or use one item "
            f"for all (--match {self._node}.{port}=use_for_all)."
        )
