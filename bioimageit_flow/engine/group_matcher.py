"""Which items form a group of a node that takes groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bioimageit_flow.engine.pairing import (
    KeyValues,
    PortRule,
    Row,
    joint_roots,
    key_values,
)
from bioimageit_flow.engine.token import Token
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.workflow.sweeps import swept_part


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
    _left_out: set[str] = field(init=False, default_factory=set)
    _problems: list[Problem] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._open = set(self.rules)
        self._arrived = {port: [] for port in self.rules}

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can arrive."""
        return not self._open

    def arrive(self, port: str, token: Token) -> list[Row]:
        """Take an item; one that takes no part is in no group."""
        if token.left_out:
            self._left_out.add(port)
        else:
            self._arrived[port].append(token)
        return []

    def close(self, port: str) -> list[Row]:
        """Learn that a port gets no more; return the groups once all are complete."""
        self._open.discard(port)
        if self._open:
            return []
        rows = self._rows()
        self._arrived = {}  # the jobs of the groups hold them now
        return rows

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
            if not tokens and port in self._left_out and not rule.use_for_all:
                return None  # all of it was left out, as the user wished
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
            parts=tuple(swept_part(key, value) for key, value in values),
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
