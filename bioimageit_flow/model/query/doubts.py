"""What looks like a mistake in a query that can be read: keys and kinds of nothing."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.query.tree import FACTS, Operator, Query, Target

_SHOWN = 6
_NEAR = 0.7
_WHOLE = {Operator.EQUAL, Operator.UNEQUAL, Operator.AMONG, Operator.NOT_AMONG}


def doubts(query: Query, known: Collection[str]) -> list[str]:
    """Return a sentence for each key that no item has, and each kind there is not.

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
    return [*found, *_unknown_kinds(query)]


def _unknown_kinds(query: Query) -> Iterator[str]:
    kinds = [str(kind) for kind in Kind]
    asked = dict.fromkeys(
        str(literal.value)
        for one in query.comparisons()
        if one.target == Target("kind", is_fact=True) and one.operator in _WHOLE
        for literal in one.literals
    )
    for kind in asked:
        if kind not in kinds:
            near = get_close_matches(kind, kinds, n=2, cutoff=_NEAR)
            hint = f"did you mean {_listed(near)}?" if near else _all(kinds)
            yield f"There is no kind {kind!r}; {hint}"


def _all(known: list[str]) -> str:
    if not known:
        return "no item is annotated yet."
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"there are {', '.join(map(repr, known[:_SHOWN]))}{more}."


def _listed(names: list[str]) -> str:
    return " or ".join(repr(name) for name in names)
