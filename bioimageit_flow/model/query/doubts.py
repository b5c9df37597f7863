"""What looks like a mistake in a query that can be read: keys that nothing has."""

from collections.abc import Collection
from difflib import get_close_matches

from bioimageit_flow.model.query.tree import FACTS, Query

_SHOWN = 6
_NEAR = 0.7


def doubts(query: Query, known: Collection[str]) -> list[str]:
    """Return a sentence for each key that a query asks for and no item has.

    Parameters
    ----------
    known : collection of str
        The keys that items have.

    Returns
    -------
    list of str
        With the keys, or facts such as ``dataset``, that may be meant.
    """
    words = sorted({*known, *FACTS})
    found = []
    for key in sorted(query.keys - set(known)):
        near = get_close_matches(key, words, n=2, cutoff=_NEAR)
        hint = f"did you mean {_listed(near)}?" if near else _all(sorted(known))
        found.append(f"No item has the key {key!r}; {hint}")
    return found


def _all(known: list[str]) -> str:
    if not known:
        return "no item is annotated yet."
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"there are {', '.join(map(repr, known[:_SHOWN]))}{more}."


def _listed(names: list[str]) -> str:
    return " or ".join(repr(name) for name in names)
