"""Separate foreground and background by a threshold."""

from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from frames import map_frames
from numpy.typing import NDArray
from ome_image import read_image, refuse_colour, write_image
from skimage import filters

_MOST_BINS = 65536  # the grey levels of 16 bit; more would exhaust the memory
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
    has_bins = frame.dtype.kind in "iu" and np.ptp(frame.astype(np.int64)) < _MOST_BINS
    values = frame if has_bins else frame.astype(np.float64)
    match method:
        case "otsu":
            middle = float(filters.threshold_otsu(values, nbins=_MOST_BINS))
            # of floats, the classes part at the upper edge of a bin, not in its middle
            return middle + (0 if has_bins else float(np.ptp(values)) / _MOST_BINS / 2)
        case "li":
            return float(filters.threshold_li(values))
        case _:
            floats = frame.astype(np.float64)  # 256 bins for whole numbers too
            return float(filters.threshold_triangle(floats, nbins=_TRIANGLE_BINS))


if __name__ == "__main__":
    main(run)
