"""Make the small images of the tools' tests; every number in them is known.

Run by hand after a change: ``python nodes/imagej/make_test_images.py``. The images are
committed, since the container of this toolbox has no Python to make them.
"""

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

HERE = Path(__file__).parent
PARTICLES = HERE / "analyze-particles" / "tests"
MACROS = HERE / "run-macro" / "tests"
PIXEL_UM = 0.5


def disc(shape: tuple[int, int], y: int, x: int, radius: int) -> NDArray[np.bool_]:
    """Return the pixels within a radius of a centre: 29, 81, 197 for 3, 5, 8."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


def discs() -> NDArray[np.uint8]:
    """Return a mask: discs of 29, 81 and 197 pixels, the last with a hole of 29.

    A fourth one of 81 pixels less what lies outside touches the left edge.
    """
    mask = np.zeros((48, 64), bool)
    mask |= disc((48, 64), 8, 20, 3)
    mask |= disc((48, 64), 10, 44, 5)
    mask |= disc((48, 64), 32, 40, 8) & ~disc((48, 64), 32, 40, 3)
    mask |= disc((48, 64), 34, 2, 5)
    return np.where(mask, 255, 0).astype(np.uint8)


def touching() -> NDArray[np.uint16]:
    """Return labels: 3 and 7 touching squares of 64 pixels, 12 a single pixel."""
    labels = np.zeros((24, 32), np.uint16)
    labels[4:12, 4:12] = 3
    labels[4:12, 12:20] = 7
    labels[20, 30] = 12
    return labels


def bright() -> NDArray[np.uint16]:
    """Return TYX: background 100; one square of 1000, then two of 1000 and 3000."""
    movie = np.full((2, 32, 32), 100, np.uint16)
    movie[0, 8:14, 8:14] = 1000
    movie[1, 8:14, 10:16] = 1000
    movie[1, 20:25, 20:25] = 3000
    return movie


def write_ome(path: Path, data: NDArray[np.generic], axes: str) -> None:
    """Write an OME-TIFF with the pixel size of the tests and no random id."""
    tifffile.imwrite(
        path,
        data,
        ome=True,
        photometric="minisblack",
        metadata={
            "axes": axes,
            "PhysicalSizeX": PIXEL_UM,
            "PhysicalSizeY": PIXEL_UM,
            "UUID": "00000000-0000-5000-8000-000000000000",
        },
        compression="zlib",
    )


def main() -> None:
    """Write all images."""
    write_ome(PARTICLES / "discs.ome.tif", discs(), "YX")
    write_ome(PARTICLES / "touching.ome.tif", touching(), "YX")
    write_ome(PARTICLES / "bright.ome.tif", bright(), "TYX")
    write_ome(MACROS / "bright.ome.tif", bright(), "TYX")
    grey = np.repeat(np.arange(32, dtype=np.uint8)[None] * 8, 32, axis=0)
    tifffile.imwrite(MACROS / "ramp.tif", grey)
    colour = np.zeros((16, 16, 3), np.uint8)
    colour[..., 0] = 200
    tifffile.imwrite(PARTICLES / "colour.tif", colour, photometric="rgb")
    # Without its last strip, as after a broken transfer; readable but for that.
    whole = MACROS / "ramp.tif"
    (PARTICLES / "cut.tif").write_bytes(whole.read_bytes()[:-100])
    (PARTICLES / "no-image.tif").write_text("This is a text file.\n", encoding="ascii")


if __name__ == "__main__":
    main()
