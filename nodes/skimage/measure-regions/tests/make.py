"""Make the label images of the tests of measuring, with sizes known by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray


def rectangle_and_pixel(path: Path) -> None:
    """Write label 3 in rows 5 to 10 and columns 10 to 19, and label 7 in one pixel."""
    data = np.zeros((24, 40), np.uint16)
    data[5:11, 10:20] = 3
    data[20, 30] = 7
    _write(path, data, x=0.5, y=0.5)


def ramp_along_x(path: Path) -> None:
    """Write into each pixel the number of its column."""
    _write(path, _ramp(), x=0.5, y=0.5)


def two_channels(path: Path) -> None:
    """Write the ramp, and a constant of 1000."""
    _write(path, np.stack([_ramp(), np.full_like(_ramp(), 1000)]), "CYX")


def disc(path: Path) -> None:
    """Write a disc of radius 40."""
    _write(path, _ellipse(40, 40))


def ellipse(path: Path) -> None:
    """Write an ellipse of half axes 40 and 10, turned by 30 degrees."""
    _write(path, _ellipse(40, 10, np.pi / 6))


def box(path: Path) -> None:
    """Write a box of 2 x 4 x 5 voxels."""
    data = np.zeros((6, 12, 12), np.uint8)
    data[1:3, 3:7, 4:9] = 1
    _write(path, data, "ZYX", z=2.0, y=0.5, x=0.5)


def growing_square(path: Path) -> None:
    """Write a square of 4, 16 and 36 pixels."""
    data = np.zeros((3, 20, 20), np.uint8)
    for time in range(3):
        data[time, 9 - time : 11 + time, 9 - time : 11 + time] = 1
    _write(path, data, "TYX")


def brighter_every_time(path: Path) -> None:
    """Write frames of 10, 20 and 30."""
    levels = np.array([10, 20, 30], np.uint16).reshape(3, 1, 1)
    _write(path, np.broadcast_to(levels, (3, 20, 20)), "TYX")


def no_objects(path: Path) -> None:
    """Write an image of background only."""
    _write(path, np.zeros((24, 40), np.uint16), x=0.5, y=0.5)


def negative_numbers(path: Path) -> None:
    """Write signed integers below 0."""
    _write(path, np.full((8, 8), -1, np.int16))


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")


def _ramp() -> NDArray[np.uint16]:
    return np.tile(np.arange(40, dtype=np.uint16), (24, 1))


def _ellipse(long: float, short: float, turn: float = 0.0) -> NDArray[np.uint8]:
    y, x = np.mgrid[-50:51, -50:51]
    along, across = (
        x * np.cos(turn) + y * np.sin(turn),
        y * np.cos(turn) - x * np.sin(turn),
    )
    inside = (along / long) ** 2 + (across / short) ** 2 <= 1
    return inside.astype(np.uint8)


def _write(path: Path, data: NDArray[Any], axes: str = "YX", **size_um: float) -> None:
    sizes = {f"PhysicalSize{axis.upper()}": size for axis, size in size_um.items()}
    metadata: dict[str, Any] = {"axes": axes} | sizes
    tifffile.imwrite(path, data, metadata=metadata, photometric="minisblack")
