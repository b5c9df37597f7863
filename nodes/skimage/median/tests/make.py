"""Make the images of the tests of the median filter."""

from pathlib import Path

import numpy as np
import tifffile


def hot_and_dead_pixels(path: Path) -> None:
    """Write a flat image with 40 outliers, no two of which are neighbours."""
    data = np.full((64, 64), 500, np.uint16)
    places = np.random.default_rng(3).permutation(13 * 13)[:40]
    rows, columns = np.divmod(places, 13)
    data[5 * rows, 5 * columns] = np.where(np.arange(40) % 2, 0, 65535)
    tifffile.imwrite(path, data, metadata={"axes": "YX"})


def edge(path: Path) -> None:
    """Write an image that is 0 in its left half and 160 in its right half."""
    data = np.zeros((32, 64), np.uint8)
    data[:, 32:] = 160
    tifffile.imwrite(path, data, metadata={"axes": "YX"})


def one_bright_plane(path: Path) -> None:
    """Write a single bright plane, cubic voxels."""
    data = np.zeros((5, 20, 20), np.uint8)
    data[2] = 9
    _write_volume(path, data, spacing=0.1)


def one_bright_plane_of_thick_planes(path: Path) -> None:
    """Write a single bright plane; planes are ten times as far apart as pixels."""
    data = np.zeros((5, 20, 20), np.uint8)
    data[2] = 9
    _write_volume(path, data, spacing=1.0)


def levels_of_time_and_channel(path: Path) -> None:
    """Write frames of two channels, each of a level of its own, 0 to 5."""
    levels = np.arange(6, dtype=np.float32).reshape(3, 2, 1, 1)
    data = np.broadcast_to(levels, (3, 2, 16, 16))
    tifffile.imwrite(path, data, metadata={"axes": "TCYX"}, photometric="minisblack")


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")


def _write_volume(path: Path, data: np.ndarray, spacing: float) -> None:
    sizes = {"X": 0.1, "Y": 0.1, "Z": spacing}
    metadata = {"axes": "ZYX"} | {f"PhysicalSize{a}": s for a, s in sizes.items()}
    tifffile.imwrite(path, data, metadata=metadata)
