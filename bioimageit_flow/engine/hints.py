"""Which keys would pair what has not paired."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from bioimageit_flow.engine.token import Token
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.canonical import canonical_json

_MAX_KEYS = 8


def best_keys(
    left: Sequence[Token], right: Sequence[Token]
) -> tuple[tuple[str, ...], int]:
    """Return the key, or the two keys, by which most items would meet one to one.

    Returns
    -------
    keys : tuple of str
        Empty where nothing would meet.
    count : int
        Number of items on the left that would have exactly one partner.
    """
    best: tuple[tuple[str, ...], int] = ((), 0)
    common = sorted(_keys(left) & _keys(right))[:_MAX_KEYS]
    for size in (1, 2):
        for keys in combinations(common, size):
            count = _meeting(keys, left, right)
            if count > best[1]:
                best = (keys, count)
        if best[1] == len(left):
            break
    return best


def _keys(tokens: Sequence[Token]) -> set[str]:
    return {
        key
        for token in tokens
        for key, value in token.view.items()
        if not isinstance(value, Conflict)
    }


def _meeting(
    keys: tuple[str, ...], left: Sequence[Token], right: Sequence[Token]
) -> int:
    mine = Counter(filter(None, (_values(keys, token) for token in left)))
    theirs = Counter(filter(None, (_values(keys, token) for token in right)))
    return sum(count == 1 and theirs[values] == 1 for values, count in mine.items())


def _values(keys: tuple[str, ...], token: Token) -> str:
    values = [token.view.get(key) for key in keys]
    if any(value is None or isinstance(value, Conflict) for value in values):
        return ""
    return canonical_json(values)
