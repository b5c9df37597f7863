"""Make the images of the tests of the threshold."""

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray


def two_levels(path: Path) -> None:
    """Write an image with a quarter at 200, the rest at 100, and noise of up to 20."""
    tifffile.imwrite(path, _two_levels(80, 80).astype(np.uint16))


def two_levels_of_floats(path: Path) -> None:
    """Write the same as floats between 0 and 1."""
    tifffile.imwrite(path, (_two_levels(80, 80) / 256).astype(np.float32))


def two_levels_of_32_bit(path: Path) -> None:
    """Write the same as integers of up to four billion."""
    tifffile.imwrite(path, (_two_levels(80, 80) * 1.8e7).astype(np.uint32))


def few_bright_pixels(path: Path) -> None:
    """Write noise around 100, and 100 of 10,000 pixels from 150 to 250."""
    random = np.random.default_rng(2)
    data = random.normal(100, 5, 10_000)
    data[:100] = random.uniform(150, 250, 100)
    tifffile.imwrite(path, data.reshape(100, 100).astype(np.uint8))


def dim_and_bright_object(path: Path) -> None:
    """Write two squares of 400 pixels, 40 and 200 above a background of 10."""
    data = np.random.default_rng(4).uniform(8, 12, (100, 100))
    data[10:30, 10:30] += 40
    data[60:80, 50:70] += 200
    tifffile.imwrite(path, data.astype(np.float32))


def ramp(path: Path) -> None:
    """Write each grey level from 0 to 255 once; pixels of 0.5 x 0.25 um."""
    data = np.arange(256, dtype=np.uint8).reshape(16, 16)
    sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25}
    tifffile.imwrite(path, data, metadata={"axes": "YX"} | sizes)


def constant(path: Path) -> None:
    """Write a constant image."""
    tifffile.imwrite(path, np.full((20, 20), 9, np.uint8))


def movie_of_two_channels(path: Path) -> None:
    """Write two levels; the second time point and channel are ten times brighter."""
    gains = np.array([[1, 10], [10, 100]])
    frames = [[gain * _two_levels(3, 20, 20) for gain in row] for row in gains]
    sizes = {"PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1, "PhysicalSizeZ": 0.4}
    data = np.array(frames).astype(np.uint16)
    tifffile.imwrite(path, data, metadata={"axes": "TCZYX"} | sizes)


def colour_picture(path: Path) -> None:
    """Write a small RGB picture."""
    data = np.zeros((16, 20, 3), np.uint8)
    tifffile.imwrite(path, data, photometric="rgb", ome=False, metadata=None)


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")


def _two_levels(*shape: int) -> NDArray[np.float64]:
    data = 100 + np.random.default_rng(1).uniform(0, 20, shape)
    data[..., : shape[-2] // 2, : shape[-1] // 2] += 100
    return np.asarray(data)
