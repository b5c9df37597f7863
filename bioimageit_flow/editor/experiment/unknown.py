"""Keys that a query asks for and no item has: named, with those that are like them."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.keys import KeyUse
from bioimageit_flow.model.query import FACTS, parse

_MOST_LIKE: Final = 3


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key that no item has.

    Attributes
    ----------
    name : str
        As the query spells it.
    near : tuple of str
        Keys that items have, and facts, that are spelled like it; the nearest first.
    """

    name: str
    near: tuple[str, ...] = ()


def unknown_keys(text: str, keys: Iterable[KeyUse]) -> tuple[UnknownKey, ...]:
    """Return the keys of a query that no item has, by name.

    Parameters
    ----------
    text : str
        The query; one that cannot be read, and an empty one, ask for no key.
    keys : iterable of KeyUse
        The keys of the experiment.
    """
    try:
        asked = parse(text).keys if text.strip() else frozenset()
    except QueryError:
        return ()
    known = [use.name for use in keys if use.items]
    return tuple(
        UnknownKey(name, _near(name, known)) for name in sorted(asked - set(known))
    )


def _near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    spelled: dict[str, str] = {}
    for one in (*known, *FACTS):
        spelled.setdefault(one.lower(), one)
    found = get_close_matches(name.lower(), spelled, n=_MOST_LIKE, cutoff=0.6)
    return tuple(spelled[one] for one in found)
