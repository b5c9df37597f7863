"""Stacks as one plane: the brightest, the mean or the darkest along the depth."""

from collections.abc import Callable
from enum import StrEnum
from time import monotonic
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.session.viewing import Piece

Pixels = NDArray[Any]

_EVERY_S: Final = 0.1
"""What is there already is shown so often; it costs as much as reading a plane."""


class Depth(StrEnum):
    """How a stack is shown."""

    SLICE = "slice"
    MAXIMUM = "maximum"
    MEAN = "mean"
    MINIMUM = "minimum"


def project(
    depth: Depth,
    planes: int,
    read: Callable[[int], Piece | None],
    go_on: Callable[[Piece], bool] | None = None,
) -> Piece | None:
    """Lay planes of a stack into one, one plane in memory beside the result.

    Parameters
    ----------
    depth : Depth
        Any but `Depth.SLICE`.
    planes : int
        How many there are.
    read : callable
        Given the number of a plane, from 0; None breaks off.
    go_on : callable, optional
        Given what there is so far, now and then; False breaks off.

    Returns
    -------
    Piece or None
        Of the type of the planes; a mean is float32. None if it was broken off.
    """
    total: Pixels | None = None
    told = monotonic()
    for number in range(planes):
        piece = read(number)
        if piece is None:
            return None
        total = _joined(depth, total, piece.array)
        is_last = number + 1 == planes
        if not is_last and (go_on is None or monotonic() - told < _EVERY_S):
            continue
        done = _finished(depth, total, number + 1, piece)
        if is_last:
            return done
        if go_on is not None and not go_on(done):
            return None
        told = monotonic()
    return None


def _joined(depth: Depth, total: Pixels | None, plane: Pixels) -> Pixels:
    if depth is Depth.MEAN:
        if total is None:
            return plane.astype(np.float64)
        total += plane
        return total
    if total is None:
        return plane.copy()
    take = np.maximum if depth is Depth.MAXIMUM else np.minimum
    joined: Pixels = take(total, plane)
    return joined


def _finished(depth: Depth, total: Pixels, planes: int, piece: Piece) -> Piece:
    array = total
    if depth is Depth.MEAN:
        mean = total / planes
        array = mean if np.iscomplexobj(mean) else mean.astype(np.float32)
    return Piece(array, piece.top, piece.left, piece.step_y, piece.step_x, len(array))
