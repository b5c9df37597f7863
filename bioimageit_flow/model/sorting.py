"""Sorting many values without keeping other threads from their turn."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from typing import Any, Final, TypeVar

FEW: Final = 20_000
"""Up to so many values are sorted in one step: some hundredths of a second."""

_Value = TypeVar("_Value")


def sorted_in_pieces(
    values: Iterable[_Value],
    key: Callable[[_Value], Any],
    *,
    is_descending: bool = False,
) -> Iterator[_Value]:
    """Go through values in an order, never sorting many of them in one step.

    Python gives no other thread its turn while it sorts a list. Equal values stay as
    they came.

    Parameters
    ----------
    values : iterable
        What is sorted.
    key : callable
        Gives what a value is sorted by.
    is_descending : bool
        The largest first.
    """
    pieces: list[list[_Value]] = []
    piece: list[_Value] = []
    for value in values:
        piece.append(value)
        if len(piece) == FEW:
            pieces.append(sorted(piece, key=key, reverse=is_descending))
            piece = []
    pieces.append(sorted(piece, key=key, reverse=is_descending))
    return merge(*pieces, key=key, reverse=is_descending)
