"""What a query says, as a tree, and whether an item meets it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.data import AnnotationValue, Item, Produced
from bioimageit_flow.model.pattern import PatternError, pattern

FACTS = ("name", "kind", "format", "dataset", "node", "port", "run", "id")
"""Words that ask for a fact of an item and not for an annotation."""

Facts = Mapping[str, tuple[str, ...]]
"""Facts of one item by word; a run is known by its id, its folder and its name."""


def facts_of(item: Item, run: Iterable[str] = ()) -> Facts:
    """Return the facts that queries ask for.

    Parameters
    ----------
    item : Item
        Whose facts.
    run : iterable of str
        What the run of a processed item is known by beside its id: folder and name.
    """
    facts: dict[str, tuple[str, ...]] = {
        "name": (item.name,),
        "kind": (str(item.info.kind),),
        "format": (item.info.format,),
        "dataset": (item.dataset,),
        "id": (item.id,),
    }
    if isinstance(item.origin, Produced):
        origin = item.origin
        facts |= {
            "node": (origin.node,),
            "port": (origin.port,),
            "run": (origin.run, *run),
        }
    return facts


class Operator(StrEnum):
    """How a value is compared."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    FOUND = "~"
    NOT_FOUND = "!~"
    AMONG = "in"
    NOT_AMONG = "not in"

    @property
    def opposite(self) -> "Operator | None":
        """The operator that this one is the opposite of, for one value."""
        return _OPPOSITES.get(self)


_OPPOSITES = {
    Operator.UNEQUAL: Operator.EQUAL,
    Operator.NOT_FOUND: Operator.FOUND,
    Operator.NOT_AMONG: Operator.AMONG,
}

_ORDERS: Mapping[Operator, Callable[[int], bool]] = {
    Operator.LESS: lambda sign: sign < 0,
    Operator.AT_MOST: lambda sign: sign <= 0,
    Operator.MORE: lambda sign: sign > 0,
    Operator.AT_LEAST: lambda sign: sign >= 0,
}


@dataclass(frozen=True, slots=True)
class Target:
    """What is compared: a fact of the item, or an annotation."""

    name: str
    is_fact: bool = False


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a query.

    Attributes
    ----------
    value : bool, int, float or str
        What it means.
    spelling : str or None
        As it was written where it was not quoted: then it equals this text too.
    """

    value: AnnotationValue
    spelling: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that it equals."""
        if isinstance(self.value, str):
            return (self.value,)
        return () if self.spelling is None else (self.spelling,)

    @property
    def number(self) -> int | float | None:
        """The number that it equals, if it is one."""
        if isinstance(self.value, bool | str):
            return None
        return self.value


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value compared with one literal, or with any of several."""

    target: Target
    operator: Operator
    literals: tuple[Literal, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether an item has an annotation, or a fact, at all."""

    target: Target


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """Several conditions at once."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions."""

    conditions: tuple["Condition", ...]


Condition = Comparison | Exists | Not | All | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read.

    Attributes
    ----------
    text : str
        As it was written.
    condition : Condition
        What it says.
    """

    text: str
    condition: Condition

    def __str__(self) -> str:
        return self.text

    @property
    def keys(self) -> frozenset[str]:
        """The keys of annotations that it asks for."""
        return frozenset(
            one.name for one in _targets(self.condition) if not one.is_fact
        )

    @property
    def facts(self) -> frozenset[str]:
        """The facts that it asks for, words of `FACTS`."""
        return frozenset(one.name for one in _targets(self.condition) if one.is_fact)

    def matches(self, view: View, facts: Facts | None = None) -> bool:
        """Say whether an item meets it.

        Parameters
        ----------
        view : View
            The annotations that the item sees. Where there are several values of a
            key, a comparison holds if it holds for one of them.
        facts : mapping, optional
            Facts of the item, see `facts_of`; what is left out counts as missing.

        Raises
        ------
        QueryError
            If a regular expression takes too long.
        """
        return self._meets(self.condition, view, facts or {})

    def _meets(self, condition: Condition, view: View, facts: Facts) -> bool:
        match condition:
            case Comparison():
                values = _values(condition.target, view, facts)
                try:
                    return any(compares(condition, value) for value in values)
                except PatternError as error:
                    raise self.too_slow(condition, error) from error
            case Exists(target):
                return bool(_values(target, view, facts))
            case Not(inner):
                return not self._meets(inner, view, facts)
            case All(conditions):
                return all(self._meets(one, view, facts) for one in conditions)
            case AnyOf(conditions):
                return any(self._meets(one, view, facts) for one in conditions)
            case _:
                assert_never(condition)

    def too_slow(self, where: Comparison, error: PatternError) -> QueryError:
        """Return the error of a regular expression that takes too long."""
        return QueryError(
            f"{str(error)[0].upper()}{str(error)[1:]}.",
            query=self.text,
            position=where.position,
            remedy="Write it without repetitions inside repetitions.",
        )

    def comparisons(self) -> list[Comparison]:
        """Return every comparison in it."""
        return [one for one in _leaves(self.condition) if isinstance(one, Comparison)]


def _leaves(condition: Condition) -> Iterable[Comparison | Exists]:
    match condition:
        case Comparison() | Exists():
            yield condition
        case Not(inner):
            yield from _leaves(inner)
        case All(conditions) | AnyOf(conditions):
            for one in conditions:
                yield from _leaves(one)
        case _:
            assert_never(condition)


def _targets(condition: Condition) -> Iterable[Target]:
    return (leaf.target for leaf in _leaves(condition))


def _values(target: Target, view: View, facts: Facts) -> tuple[AnnotationValue, ...]:
    if target.is_fact:
        return facts.get(target.name, ())
    value = view.get(target.name)
    if value is None:
        return ()
    return value.values if isinstance(value, Conflict) else (value,)


def compares(comparison: Comparison, value: AnnotationValue) -> bool:
    """Say whether a comparison holds for one value; `PatternError` if too slow."""
    operator, literals = comparison.operator, comparison.literals
    match operator:
        case Operator.EQUAL | Operator.AMONG:
            return any(_equals(one, value) for one in literals)
        case Operator.UNEQUAL | Operator.NOT_AMONG:
            return not any(_equals(one, value) for one in literals)
        case Operator.FOUND:
            return pattern(str(literals[0].value)).is_in(text_of(value))
        case Operator.NOT_FOUND:
            return not pattern(str(literals[0].value)).is_in(text_of(value))
        case _:
            sign = _order(value, literals[0])
            return sign is not None and _ORDERS[operator](sign)


def text_of(value: AnnotationValue) -> str:
    """Return a value as regular expressions see it: ``5``, ``2.5``, ``true``."""
    return value if isinstance(value, str) else json.dumps(value)


def _equals(literal: Literal, value: AnnotationValue) -> bool:
    if isinstance(value, str):
        return value in literal.texts
    if isinstance(value, bool):
        return literal.value is value
    number = literal.number
    return number is not None and number == value


def _order(value: AnnotationValue, literal: Literal) -> int | None:
    """Return -1, 0 or 1; None where two values have no order."""
    other = literal.value
    if isinstance(value, str) and isinstance(other, str):
        return (value > other) - (value < other)
    if isinstance(value, bool | str) or isinstance(other, bool | str):
        return None
    return (value > other) - (value < other)
