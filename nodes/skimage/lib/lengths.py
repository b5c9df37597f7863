"""Lengths in pixels and micrometres, and the shapes made from them."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ome_image import Image
from refusal import refuse


def voxel(image: Image, axes: str) -> tuple[float, ...]:
    """Return how long a pixel is along each axis, in widths of a pixel along X.

    An axis whose pixel size is not known counts as 1.
    """
    sizes = image.calibration.pixel_size_um
    width = sizes.get("X")
    if width is None:
        return (1.0,) * len(axes)
    return tuple(sizes.get(axis, width) / width for axis in axes)


def in_pixels(
    image: Image, length: float, unit: str, axes: str, *, z_factor: float = 1.0
) -> tuple[float, ...]:
    """Return one physical length as a number of pixels along each axis.

    Parameters
    ----------
    image : Image
        Gives the pixel size. Its input port is called ``image`` in messages.
    length : float
        A sigma, radius or distance.
    unit : str
        ``um``, or ``px`` for widths of a pixel along X.
    axes : str
        The axes asked for, such as ``ZYX``.
    z_factor : float
        How much longer the length is along Z than along Y and X.

    Returns
    -------
    tuple of float
        E.g. for a spacing of three pixel widths, 6 px are 2 planes along Z.
    """
    if unit == "um":
        sizes = image.calibration.pixel_size_um
        if not set(axes) <= set(sizes):
            unknown = " and ".join(axis for axis in axes if axis not in sizes)
            refuse(
                f"The pixel size of the image is not known along {unknown}, so a "
                "length cannot be given in micrometres: give it in pixels, or set the "
                "pixel size of the image."
            )
        length /= sizes["X"]
    return tuple(
        length * (z_factor if axis == "Z" else 1.0) / step
        for axis, step in zip(axes, voxel(image, axes), strict=True)
    )


def ellipsoid(radii: Sequence[float]) -> NDArray[np.bool_]:
    """Return a footprint: all pixels within the radii of the centre pixel."""
    offsets = np.meshgrid(
        *(np.arange(-math.floor(r), math.floor(r) + 1.0) for r in radii),
        indexing="ij",
        sparse=True,
    )
    parts = [(o / max(r, 1e-9)) ** 2 for o, r in zip(offsets, radii, strict=True)]
    return np.asarray(sum(parts[1:], parts[0]) <= 1 + 1e-9)
