"""Remove speckle noise with a median filter."""

from functools import partial
from pathlib import Path

from command_line import main
from frames import inner_axes, map_frames
from lengths import ellipsoid, in_pixels
from ome_image import read_image, write_image
from scipy.ndimage import median_filter


def run(
    *, image: Path, result: Path, radius: float, length_unit: str, stack: str
) -> None:
    """Replace each pixel by the median of the disc or ball around it."""
    source = read_image(image, "image")
    inner = inner_axes(source, stack)
    footprint = ellipsoid(in_pixels(source, radius, length_unit, inner))
    denoise = partial(median_filter, footprint=footprint, mode="reflect")
    write_image(result, map_frames(denoise, source, inner, source.data.dtype))


if __name__ == "__main__":
    main(run)
