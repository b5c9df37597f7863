"""Pairing: which items meet in one job. By identity, never by position.

A matcher belongs to one node. It is fed the items that arrive on the node's ports and
told when a port gets no more, and gives the rows that are complete. Whatever does not
pair is reported by name; nothing is crossed, repeated or dropped silently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioimageit_flow.engine.token import Order, Token
from bioimageit_flow.model.annotation import Conflict, View
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
