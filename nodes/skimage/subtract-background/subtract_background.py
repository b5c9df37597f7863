"""Subtract a smooth background from every plane of an image."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from frames import map_frames
from lengths import in_pixels
from numpy.typing import NDArray
from ome_image import read_image, write_image
from scipy import ndimage
from skimage.morphology import disk, opening
from skimage.restoration import ellipsoid_kernel, rolling_ball

Plane = NDArray[np.float32]

_SHRINK_BY_RADIUS = ((10.0, 1), (30.0, 2), (100.0, 4), (math.inf, 8))


def run(
    *,
    image: Path,
    result: Path,
    method: str,
    radius: float,
    length_unit: str,
    objects: str,
    smooth: bool,
    ball_height: float,
) -> None:
    """Subtract from each plane what is wider than the radius, as 32 bit floats."""
    source = read_image(image, "image")
    radius_px = max(in_pixels(source, radius, length_unit, "YX"))
    sign = -1 if objects == "dark" else 1

    def subtract(plane: NDArray[Any]) -> Plane:
        signal = sign * plane.astype(np.float32)
        base = ndimage.uniform_filter(signal, 3, mode="nearest") if smooth else signal
        match method:
            case "rolling-ball":
                ground = _under_ball(base, radius_px, ball_height or radius_px)
            case "top-hat":
                disc = disk(round(radius_px), decomposition="sequence")
                ground = opening(base, disc)
            case _:
                ground = ndimage.gaussian_filter(signal, radius_px, mode="nearest")
        return signal - ground

    write_image(result, map_frames(subtract, source, "YX", np.float32))


def _under_ball(plane: Plane, radius: float, height: float) -> Plane:
    """Return the surface that a ball rolled under an image touches.

    As in ImageJ, a large ball is rolled under a shrunken image (block minima), which
    gives nearly the same surface much sooner.
    """
    shrink = next(factor for limit, factor in _SHRINK_BY_RADIUS if radius <= limit)
    blocks = [math.ceil(size / shrink) for size in plane.shape]
    padding = [
        (0, count * shrink - size)
        for count, size in zip(blocks, plane.shape, strict=True)
    ]
    tiles = np.pad(plane, padding, mode="edge").reshape(
        blocks[0], shrink, blocks[1], shrink
    )
    width = 2 * max(1, round(radius / shrink)) + 1
    ball = ellipsoid_kernel((width, width), height)
    surface = rolling_ball(tiles.min(axis=(1, 3)), kernel=ball, workers=1)
    # pixel i lies (i + 0.5) / shrink - 0.5 blocks along
    rows, columns = ((np.arange(size) + 0.5) / shrink - 0.5 for size in plane.shape)
    where = np.meshgrid(rows, columns, indexing="ij")
    enlarged = ndimage.map_coordinates(surface, where, order=1, mode="nearest")
    return np.asarray(enlarged, np.float32)


if __name__ == "__main__":
    main(run)
