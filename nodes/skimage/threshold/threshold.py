"""Separate foreground and background by a threshold."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from frames import map_frames
from numpy.typing import NDArray
from ome_image import read_image, refuse_colour, write_image
from skimage import filters

_OTSU_BINS = 65536
_TRIANGLE_BINS = 256


def run(
    *,
    image: Path,
    mask: Path,
    method: str,
    value: float,
    foreground: str,
    per: str,
) -> None:
    """Write 1 where the image is above (or below) the threshold, else 0."""
    source = read_image(image, "image")
    refuse_colour(source, "image")
    inner = "".join(axis for axis in "TZYX" if axis in source.axes)
    if per == "frame":
        inner = inner.removeprefix("T")

    def separate(frame: NDArray[Any]) -> NDArray[np.bool_]:
        if method == "manual":
            limit = value
        elif frame.min() == frame.max():
            return np.zeros(frame.shape, bool)  # nothing stands out
        else:
            limit = find_threshold(frame, method)
        return frame <= limit if foreground == "dark" else frame > limit

    write_image(mask, map_frames(separate, source, inner, np.uint8), compress=True)


def find_threshold(frame: NDArray[Any], method: str) -> float:
    """Return the threshold of a frame of at least two values; bright is above it."""
    values = frame.astype(np.float64)
    if method == "li":
        return float(filters.threshold_li(values))
    bins = _OTSU_BINS if method == "otsu" else _TRIANGLE_BINS
    lowest, span = values.min(), np.ptp(values)
    is_whole = frame.dtype.kind in "iu"  # then each bin holds as many grey levels
    width = math.ceil((span + 1) / bins) if is_whole else span / bins
    levels = np.minimum((values - lowest) // width, bins - 1).astype(np.int64)
    find = filters.threshold_otsu if method == "otsu" else filters.threshold_triangle
    upper_edge = lowest + (int(find(levels)) + 1) * width
    return float(upper_edge - 1 if is_whole else upper_edge)


if __name__ == "__main__":
    main(run)
