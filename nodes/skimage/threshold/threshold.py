"""Separate foreground and background by a threshold."""

from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from frames import map_frames
from numpy.typing import NDArray
from ome_image import read_image, refuse_colour, write_image
from skimage import filters

_BINS = 4096
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
    match method:
        case "otsu":
            middle = float(filters.threshold_otsu(frame, nbins=_BINS))
            if frame.dtype.kind != "f":
                return middle
            # the classes part at the upper edge of a bin, not in its middle
            return middle + float(np.ptp(frame)) / _BINS / 2
        case "li":
            return float(filters.threshold_li(frame))
        case _:
            return float(filters.threshold_triangle(frame, nbins=_TRIANGLE_BINS))


if __name__ == "__main__":
    main(run)
