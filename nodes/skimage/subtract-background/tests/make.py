"""Make the images of the tests of the background subtraction."""

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

SPOTS = ((40, 40), (40, 120), (100, 80), (130, 30), (130, 130))


def disc_on_flat(path: Path) -> None:
    """Write a disc of radius 5 (81 pixels), 150 above a background of 100."""
    tifffile.imwrite(path, (100 + 150 * _disc()).astype(np.uint16))


def dark_disc_on_flat(path: Path) -> None:
    """Write a disc of radius 5, 150 below a background of 200."""
    tifffile.imwrite(path, (200 - 150 * _disc()).astype(np.uint8))


def disc_between_0_and_1(path: Path) -> None:
    """Write a disc of height 0.5 on a background of 0.25, as floats."""
    tifffile.imwrite(path, (0.25 + 0.5 * _disc()).astype(np.float32))


def spots_on_hill(path: Path) -> None:
    """Write spots of height 200 and sigma 2 on a slope and a wide hill."""
    y, x = np.mgrid[:160, :160]
    data = 100 + 0.5 * x + 60 * np.exp(-((y - 80) ** 2 + (x - 60) ** 2) / 2 / 50**2)
    for row, column in SPOTS:
        data += 200 * np.exp(-((y - row) ** 2 + (x - column) ** 2) / 2 / 2**2)
    sizes = {"PhysicalSizeX": 0.2, "PhysicalSizeY": 0.2}
    tifffile.imwrite(path, data.astype(np.float32), metadata={"axes": "YX"} | sizes)


def flat_of_odd_size(path: Path) -> None:
    """Write a constant image whose sides are no multiple of anything."""
    tifffile.imwrite(path, np.full((101, 67), 37, np.uint8))


def levels_of_time(path: Path) -> None:
    """Write three constant frames of different levels."""
    levels = np.array([10, 500, 4000], np.uint16).reshape(3, 1, 1)
    data = np.broadcast_to(levels, (3, 20, 20))
    tifffile.imwrite(path, data, metadata={"axes": "TYX"}, photometric="minisblack")


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")


def _disc() -> NDArray[np.bool_]:
    y, x = np.mgrid[:64, :64]
    return np.asarray((y - 30) ** 2 + (x - 34) ** 2 <= 25)
