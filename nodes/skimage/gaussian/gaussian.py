"""Smooth an image with a Gaussian."""

from functools import partial
from pathlib import Path

import numpy as np
from command_line import main
from frames import inner_axes, map_frames
from lengths import in_pixels
from ome_image import read_image, write_image
from scipy.ndimage import gaussian_filter


def run(
    *, image: Path, result: Path, sigma: float, length_unit: str, stack: str
) -> None:
    """Smooth each frame of an image with a Gaussian, as 32 bit floats."""
    source = read_image(image, "image")
    inner = inner_axes(source, stack)
    smooth = partial(
        gaussian_filter,
        sigma=in_pixels(source, sigma, length_unit, inner),
        output=np.float32,
        mode="reflect",
    )
    write_image(result, map_frames(smooth, source, inner, np.float32))


if __name__ == "__main__":
    main(run)
