"""Label images as colours that tell the objects apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[Any]
Rgba = NDArray[np.uint8]

CHOSEN = (255, 255, 255)


def colours_of(numbers: Labels) -> NDArray[np.uint8]:
    """Return the colour of each number: the same everywhere, never dark.

    The colours are those of small pictures of label images.

    Returns
    -------
    numpy.ndarray
        One axis more than `numbers`, of length three.
    """
    whole = numbers.astype(np.int64).astype(np.uint64)
    with np.errstate(over="ignore"):  # it is meant to wrap around
        mixed = (whole + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    shifts = np.array([40, 48, 56], np.uint64)
    colours = (mixed[..., np.newaxis] >> shifts) & np.uint64(0xFF)
    return (colours // np.uint64(2) + np.uint64(96)).astype(np.uint8)


def overlay(
    labels: Labels,
    *,
    outline: bool = False,
    chosen: int | None = None,
    opacity: float = 1.0,
) -> Rgba:
    """Return labels as colours to be laid over an image; the background shines through.

    Parameters
    ----------
    labels : numpy.ndarray
        YX; 0 is background.
    outline : bool
        Only the outermost pixels of each object.
    chosen : int, optional
        This object has a white outline, which nothing shines through.
    opacity : float
        0 to 1: how much of the image the others hide.

    Returns
    -------
    numpy.ndarray
        YX and RGBA.
    """
    known, places = np.unique(labels, return_inverse=True)
    table = np.zeros((known.size, 4), np.uint8)
    table[:, :3] = colours_of(known)
    table[:, 3] = round(opacity * 255)
    table[known == 0] = 0
    shown = table[places.reshape(labels.shape)]
    if not outline and chosen is None:
        return shown
    edges = borders(labels)
    if outline:
        shown[~edges] = 0
    if chosen is not None:
        shown[edges & (labels == chosen)] = (*CHOSEN, 255)
    return shown


def borders(labels: Labels) -> NDArray[np.bool_]:
    """Say which pixels of objects touch something else, or the edge of the picture."""
    edges = np.zeros(labels.shape, np.bool_)
    edges[1:] |= labels[1:] != labels[:-1]
    edges[:-1] |= labels[:-1] != labels[1:]
    edges[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edges[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edges[0] = edges[-1] = True
    edges[:, 0] = edges[:, -1] = True
    edges &= labels != 0
    return edges
