"""Make the images of the tests of selecting a channel."""

from pathlib import Path

import numpy as np
import tifffile


def movie_of_two_channels(path: Path) -> None:
    """Write 100 t + 10 c + z for three time points, two channels and four planes."""
    t, c, z = np.ogrid[:3, :2, :4]
    levels = (100 * t + 10 * c + z)[..., None, None]
    data = np.broadcast_to(levels, (3, 2, 4, 8, 10)).astype(np.uint16)
    metadata = {
        "axes": "TCZYX",
        "PhysicalSizeX": 0.2,
        "PhysicalSizeY": 0.2,
        "PhysicalSizeZ": 1.0,
        "Channel": {"Name": ["nuclei", "5-FAM/pH 9.0 & <2%>"]},
    }
    tifffile.imwrite(path, data, metadata=metadata)


def imagej_channels(path: Path) -> None:
    """Write two channels of 5 and 6."""
    data = np.stack([np.full((8, 10), level, np.uint8) for level in (5, 6)])
    tifffile.imwrite(path, data, imagej=True, metadata={"axes": "CYX"})


def one_channel(path: Path) -> None:
    """Write an image without a channel axis."""
    data = np.full((8, 10), 0.5, np.float32)
    tifffile.imwrite(path, data, metadata={"axes": "YX"})


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")
