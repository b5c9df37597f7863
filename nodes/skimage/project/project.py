"""Project an image along Z or T."""

from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from numpy.typing import NDArray
from ome_image import read_image, write_image
from refusal import refuse


def run(*, image: Path, result: Path, axis: str, method: str) -> None:
    """Combine the planes (or time points) of an image into one."""
    source = read_image(image, "image")
    if axis not in source.axes:
        refuse(
            f"Input 'image' has no {axis} axis (its axes are {source.axes}), so there "
            f"is nothing to project: choose another axis, or leave this step out."
        )
    flat = combine(source.data, source.axes.index(axis), method)
    write_image(result, source.without_axis(axis, flat))


def combine(data: NDArray[Any], axis: int, method: str) -> NDArray[Any]:
    """Return the projection along one dimension.

    Maximum and minimum keep the type; mean and standard deviation are 32 bit floats.
    A sum of integers is 32 bit integers, or 64 bit floats where these are too small.
    """
    dtype: type[np.generic] | np.dtype[Any] = np.float32
    match method:
        case "max":
            flat, dtype = data.max(axis), data.dtype
        case "min":
            flat, dtype = data.min(axis), data.dtype
        case "mean":
            flat = data.mean(axis, dtype=np.float64)
        case "std":
            flat = data.std(axis, dtype=np.float64)
        case _ if data.dtype.kind == "f":
            flat, dtype = data.sum(axis, dtype=np.float64), data.dtype
        case _:
            flat = data.sum(axis, dtype=np.int64)
            dtype = _holding(int(flat.min()), int(flat.max()))
    return np.asarray(flat, dtype)


def _holding(lowest: int, highest: int) -> type[np.generic]:
    """Return the type that OME-TIFF has for integers between two bounds."""
    for integers in (np.uint32, np.int32):
        limits = np.iinfo(integers)
        if limits.min <= lowest and highest <= limits.max:
            return integers
    return np.float64


if __name__ == "__main__":
    main(run)
