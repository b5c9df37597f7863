"""Local maxima in two and three dimensions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree


def find_peaks(
    relief: NDArray[np.floating[Any]],
    above: float,
    min_distance: float,
    step: Sequence[float],
) -> NDArray[np.intp]:
    """Return the local maxima of a relief, highest first.

    Of two that are nearer to each other than a distance, only the higher one is kept.
    A plateau is one maximum.

    Parameters
    ----------
    relief : ndarray
        The heights.
    above : float
        Maxima at or below this height are left out.
    min_distance : float
        Smallest distance between two maxima, in the unit of `step`.
    step : sequence of float
        Length of a pixel along each axis.

    Returns
    -------
    ndarray of int, shape (peaks, dimensions)
        Places of the maxima.
    """
    every = np.ones((3,) * relief.ndim, bool)
    highest = relief == ndimage.maximum_filter(relief, footprint=every, mode="nearest")
    plateaus, count = ndimage.label(highest & (relief > above), every)
    if not count:
        return np.empty((0, relief.ndim), np.intp)
    _, first = np.unique(plateaus, return_index=True)
    first = first[1:] if plateaus.flat[first[0]] == 0 else first
    peaks = np.stack(np.unravel_index(first, relief.shape), axis=1)
    peaks = peaks[np.argsort(-relief[tuple(peaks.T)], kind="stable")]
    neighbours = cKDTree(peaks * np.asarray(step)).query_pairs(min_distance)
    kept = np.ones(len(peaks), bool)
    for higher, lower in sorted(neighbours):
        if kept[higher]:
            kept[lower] = False
    return peaks[kept]
