"""Work through an image frame by frame: plane after plane, or volume after volume."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ome_image import Image


def inner_axes(image: Image, stack: str) -> str:
    """Return the axes that a method works on at once.

    Parameters
    ----------
    image : Image
        The image.
    stack : str
        ``volume`` to treat a Z stack as one body, ``planes`` to treat each of its
        planes alone.

    Returns
    -------
    str
        ``ZYX`` or ``YX``.
    """
    return "ZYX" if stack == "volume" and "Z" in image.axes else "YX"


def frames(
    image: Image, inner: str, *, is_progress_shown: bool = True
) -> Iterator[tuple[dict[str, int], NDArray[Any]]]:
    """Yield each frame with its place along the other axes, such as ``{"T": 3}``.

    The dimensions of a frame are those of `inner`, in that order. The progress is the
    work done with the frames, which is shown unless a second image is walked along.
    """
    outer, data = _inner_last(image.data, image.axes, inner)
    places = list(np.ndindex(data.shape[: len(outer)]))
    for done, place in enumerate(places, start=1):
        yield dict(zip(outer, place, strict=True)), data[place]
        if is_progress_shown and len(places) > 1:
            sys.stdout.write(f"[[{done}/{len(places)}]] frames\n")
            sys.stdout.flush()


def map_frames(
    function: Callable[[NDArray[Any]], NDArray[Any]],
    image: Image,
    inner: str,
    dtype: type[np.generic] | np.dtype[Any],
) -> Image:
    """Apply a function to each frame and put the results together again.

    Parameters
    ----------
    function : callable
        From a frame to a frame of the same shape.
    image : Image
        The image.
    inner : str
        Axes of a frame.
    dtype : dtype
        Type of the result.

    Returns
    -------
    Image
        Same axes, shape and calibration as `image`.
    """
    result = np.empty(image.data.shape, dtype)
    outer, target = _inner_last(result, image.axes, inner)
    for place, frame in frames(image, inner):
        target[tuple(place[axis] for axis in outer)] = function(frame)
    return image.with_data(result)


def _inner_last(data: NDArray[Any], axes: str, inner: str) -> tuple[str, NDArray[Any]]:
    """Return the other axes, and a view with the inner axes last."""
    outer = "".join(axis for axis in axes if axis not in inner)
    return outer, data.transpose([axes.index(axis) for axis in outer + inner])
