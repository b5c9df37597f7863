"""Make the stacks of the tests of projections."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray


def four_planes(path: Path) -> None:
    """Write planes of 1, 2, 3, 4; one pixel is 65535 in all of them."""
    data = _planes([1, 2, 3, 4]).astype(np.uint16)
    data[:, 3, 4] = 65535
    _write(path, data, "ZYX", x=0.1, y=0.1, z=0.5)


def negative_planes(path: Path) -> None:
    """Write three planes of -30000."""
    _write(path, _planes([-30000] * 3).astype(np.int16), "ZYX")


def planes_of_floats(path: Path) -> None:
    """Write three planes of 0.25."""
    _write(path, _planes([0.25] * 3).astype(np.float32), "ZYX")


def movie_of_two_channels(path: Path) -> None:
    """Write 100 t + 10 c + z for three time points, two channels and four planes."""
    t, c, z = np.ogrid[:3, :2, :4]
    levels = (100 * t + 10 * c + z)[..., None, None]
    data = np.broadcast_to(levels, (3, 2, 4, 8, 10)).astype(np.uint16)
    extra = {
        "TimeIncrement": 2.5,
        "TimeIncrementUnit": "min",
        "Channel": {"Name": ["nuclei", "tubulin"]},
    }
    _write(path, data, "TCZYX", extra, x=0.2, y=0.2, z=1.0)


def imagej_movie(path: Path) -> None:
    """Write time points of 0, 1, 2; two planes; ImageJ metadata."""
    levels = np.arange(3).reshape(3, 1, 1, 1)
    data = np.broadcast_to(levels, (3, 2, 8, 10)).astype(np.uint8)
    metadata = {"axes": "TZYX", "spacing": 2.0, "unit": "um", "finterval": 3.0}
    tifffile.imwrite(path, data, imagej=True, resolution=(2, 2), metadata=metadata)


def imagej_movie_without_z(path: Path) -> None:
    """Write a movie of single planes."""
    data = np.zeros((3, 8, 10), np.uint8)
    tifffile.imwrite(path, data, imagej=True, metadata={"axes": "TYX"})


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")


def _planes(levels: list[float]) -> NDArray[np.float64]:
    shape = (len(levels), 8, 10)
    return np.broadcast_to(np.reshape(levels, (-1, 1, 1)), shape).copy()


def _write(
    path: Path,
    data: NDArray[Any],
    axes: str,
    extra: dict[str, Any] | None = None,
    **size_um: float,
) -> None:
    sizes = {f"PhysicalSize{axis.upper()}": size for axis, size in size_um.items()}
    metadata: dict[str, Any] = {"axes": axes} | sizes | (extra or {})
    tifffile.imwrite(path, data, metadata=metadata, photometric="minisblack")
