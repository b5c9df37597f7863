"""Make the images of the tests of the Gaussian blur."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray


def impulse(path: Path) -> None:
    """Write one bright pixel, no pixel size."""
    tifffile.imwrite(path, _impulse(65, 65), metadata={"axes": "YX"})


def impulse_in_volume(path: Path) -> None:
    """Write one bright voxel, planes three times as far apart as pixels."""
    sizes = {"X": 0.1, "Y": 0.1, "Z": 0.3}
    tifffile.imwrite(path, _impulse(21, 41, 41), metadata=_ome("ZYX", sizes))


def impulse_in_one_plane_of_two_channels(path: Path) -> None:
    """Write a bright pixel in the middle plane of the second channel."""
    data = np.zeros((2, 3, 32, 32), np.uint16)
    data[1, 1, 16, 16] = 1000
    metadata = _ome("CZYX", {"X": 0.2, "Y": 0.2, "Z": 0.5})
    metadata["Channel"] = {"Name": ["DAPI/405", "50% GFP"]}
    tifffile.imwrite(path, data, metadata=metadata)


def imagej_hyperstack(path: Path) -> None:
    """Write a constant hyperstack as ImageJ writes it: big-endian, microns, seconds."""
    tifffile.imwrite(
        path,
        np.full((2, 3, 2, 20, 24), 7, ">u2"),
        imagej=True,
        resolution=(4.0, 4.0),
        metadata={
            "axes": "TZCYX",
            "spacing": 1.5,
            "unit": "\\u00B5m",
            "finterval": 12.5,
        },
    )


def lzw_pages_without_axes(path: Path) -> None:
    """Write three pages of different levels and nothing that says what they are."""
    pages = np.stack([np.full((24, 24), level, np.uint8) for level in (0, 90, 200)])
    plain = {"photometric": "minisblack", "ome": False, "metadata": None}
    tifffile.imwrite(path, pages, compression="lzw", **plain)


def colour_picture(path: Path) -> None:
    """Write a small RGB picture."""
    data = np.random.default_rng(1).integers(0, 255, (16, 20, 3), np.uint8)
    tifffile.imwrite(path, data, photometric="rgb", ome=False, metadata=None)


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("Area\tMean\n12.5\t101\n", encoding="utf-8")


def empty_file(path: Path) -> None:
    """Write a file without a byte."""
    path.write_bytes(b"")


def truncated_tiff(path: Path) -> None:
    """Write the first 70 % of a plain stack: the list of its pages is cut off."""
    tifffile.imwrite(path, _noise(), ome=False, metadata=None)
    _cut(path, 0.7)


def truncated_ome_tiff(path: Path) -> None:
    """Write all pixels of an OME-TIFF but not the last bytes, which name its axes."""
    tifffile.imwrite(path, _noise(), ome=True, metadata={"axes": "ZYX"})
    _cut(path, 0.99)


def ome_tiff_without_its_last_planes(path: Path) -> None:
    """Write three planes whose OME-XML speaks of five."""
    xml = tifffile.OmeXml()
    xml.addimage("uint16", (5, 40, 50), (5, 1, 1, 40, 50, 1), axes="ZYX")
    text = xml.tostring(declaration=True).encode()
    plain = {"photometric": "minisblack", "ome": False, "metadata": None}
    tifffile.imwrite(path, _noise()[:3], description=text, **plain)


def truncated_lzw_tiff(path: Path) -> None:
    """Write half of a compressed stack."""
    tifffile.imwrite(path, _noise(), ome=False, metadata=None, compression="lzw")
    _cut(path, 0.5)


def two_unnamed_axes(path: Path) -> None:
    """Write an image of four dimensions, two of which have no name."""
    data = np.zeros((2, 3, 8, 8), np.uint8)
    tifffile.imwrite(path, data, ome=False, photometric="minisblack")


def four_unnamed_axes(path: Path) -> None:
    """Write an image of six dimensions, four of which have no name."""
    data = np.zeros((2, 2, 2, 2, 8, 8), np.uint8)
    tifffile.imwrite(path, data, ome=False, photometric="minisblack")


def not_a_number(path: Path) -> None:
    """Write a float image with one hole."""
    data = np.ones((16, 16), np.float32)
    data[3, 4] = np.nan
    tifffile.imwrite(path, data)


def _impulse(*shape: int) -> NDArray[np.uint16]:
    data = np.zeros(shape, np.uint16)
    data[tuple(size // 2 for size in shape)] = 1000
    return data


def _ome(axes: str, sizes: dict[str, float]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": axes}
    for axis, size in sizes.items():
        metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "µm"}
    return metadata


def _noise() -> NDArray[np.uint16]:
    return np.random.default_rng(1).integers(0, 1000, (5, 40, 50), np.uint16)


def _cut(path: Path, part: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
