"""How well a result agrees with the truth: overlaps of label images, and counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[Any]

MATCH_IOU = 0.5
"""Two objects are the same one from this overlap on."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How two label images of the same size agree.

    Attributes
    ----------
    dice, iou : float
        Of the foreground as a whole (Dice 1945, Jaccard 1912), 0 to 1.
    f1 : float
        Of objects: those that overlap by half or more with one of the other are found.
    found, missed, extra : int
        Objects.
    """

    dice: float
    iou: float
    f1: float
    found: int
    missed: int
    extra: int


def overlap(result: Labels, truth: Labels) -> Overlap:
    """Compare a label image with the true one.

    Raises
    ------
    ValueError
        If their sizes differ.
    """
    if result.shape != truth.shape:
        raise ValueError(f"sizes differ: {result.shape} and {truth.shape}")
    ours, theirs = result != 0, truth != 0
    both = int(np.count_nonzero(ours & theirs))
    either = int(np.count_nonzero(ours | theirs))
    total = int(np.count_nonzero(ours)) + int(np.count_nonzero(theirs))
    found, in_result, in_truth = _matches(result, truth)
    objects = in_result + in_truth
    return Overlap(
        dice=2 * both / total if total else 1.0,
        iou=both / either if either else 1.0,
        f1=2 * found / objects if objects else 1.0,
        found=found,
        missed=in_truth - found,
        extra=in_result - found,
    )


def count_labels(labels: Labels) -> int:
    """Return how many objects a label image has."""
    return int(np.count_nonzero(np.unique(labels)))


def _matches(result: Labels, truth: Labels) -> tuple[int, int, int]:
    """Return how many objects match, and how many there are in each image."""
    ours, our_places = np.unique(result, return_inverse=True)
    theirs, their_places = np.unique(truth, return_inverse=True)
    shape = (ours.size, theirs.size)
    pairs = np.ravel_multi_index((our_places.ravel(), their_places.ravel()), shape)
    known, counts = np.unique(pairs, return_counts=True)
    our_index, their_index = np.unravel_index(known, shape)
    our_sizes = np.bincount(our_places.ravel(), minlength=ours.size)
    their_sizes = np.bincount(their_places.ravel(), minlength=theirs.size)
    is_object = (ours[our_index] != 0) & (theirs[their_index] != 0)
    union = our_sizes[our_index] + their_sizes[their_index] - counts
    # More than half: no object can match two others.
    same = is_object & (counts / union > MATCH_IOU)
    return (
        int(np.count_nonzero(same)),
        int(np.count_nonzero(ours)),
        int(np.count_nonzero(theirs)),
    )
