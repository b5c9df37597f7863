"""Make the masks of the tests of labelling, with known objects."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.filters import threshold_otsu

SIDE = 320


def two_touching_discs(path: Path) -> None:
    """Write two discs of radius 15 whose centres are 26 px (7.8 um) apart."""
    _write(path, _disc(60, 90, 30, 32, 15) | _disc(60, 90, 30, 58, 15), x=0.3, y=0.3)


def small_beside_large(path: Path) -> None:
    """Write a disc of radius 3 one pixel beside a disc of radius 20, not touching."""
    _write(path, _disc(60, 80, 30, 25, 20) | _disc(60, 80, 30, 50, 3))


def corner_contact(path: Path) -> None:
    """Write two squares that meet at one corner."""
    mask = np.zeros((30, 30), bool)
    mask[5:15, 5:15] = mask[15:25, 15:25] = True
    _write(path, mask)


def ring(path: Path) -> None:
    """Write a disc of 145 pixels with a hole of 29."""
    _write(path, _disc(40, 40, 20, 20, 6.9) & ~_disc(40, 40, 20, 20, 3))


def dirt_and_border(path: Path) -> None:
    """Write a disc of 81 pixels, three specks of 4, and a disc cut by the border."""
    mask = _disc(60, 60, 30, 30, 5) | _disc(60, 60, 30, 0, 8)
    for row, column in ((5, 20), (50, 50), (10, 45)):
        mask[row : row + 2, column : column + 2] = True
    _write(path, mask)


def empty_mask(path: Path) -> None:
    """Write a mask without foreground."""
    _write(path, np.zeros((32, 32), bool))


def nuclei(path: Path) -> None:
    """Write 60 elliptic nuclei, half in touching pairs: blur, photon noise, camera."""
    image, _ = _nuclei()
    tifffile.imwrite(path, image, metadata={"axes": "YX"})


def nuclei_mask(path: Path) -> None:
    """Write the same, smoothed and thresholded."""
    image, _ = _nuclei()
    smooth = gaussian_filter(image.astype(float), 1)
    _write(path, smooth > threshold_otsu(smooth))


def rectangle(path: Path) -> None:
    """Write a rectangle of even width."""
    _write(path, _rectangle())


def rectangle_with_dark_line(path: Path) -> None:
    """Write the intensity of the rectangle: dark across its middle."""
    x = np.arange(90)
    light = np.broadcast_to(200 - 150 * np.exp(-((x - 45) ** 2) / 2 / 3**2), (40, 90))
    data = np.where(_rectangle(), light, 10).astype(np.float32)
    tifffile.imwrite(path, data, metadata={"axes": "YX"})


def two_touching_balls(path: Path) -> None:
    """Write balls of radius 1.6 um, centres 2.8 um apart; planes 0.4, pixels 0.1 um."""
    z, y, x = np.mgrid[:13, :48, :76].astype(float)
    z, y, x = (z - 6) * 0.4, (y - 24) * 0.1, x * 0.1
    one, other = ((z**2 + y**2 + (x - at) ** 2) <= 1.6**2 for at in (2.4, 5.2))
    _write(path, one | other, "ZYX", x=0.1, y=0.1, z=0.4)


def ball_on_ball(path: Path) -> None:
    """Write the same balls above each other, centres 7 planes apart."""
    z, y, x = np.mgrid[:19, :48, :48].astype(float)
    y, x = (y - 24) * 0.1, (x - 24) * 0.1
    one, other = (((z - at) * 0.4) ** 2 + y**2 + x**2 <= 1.6**2 for at in (5.5, 12.5))
    _write(path, one | other, "ZYX", x=0.1, y=0.1, z=0.4)


def one_two_and_three_discs(path: Path) -> None:
    """Write one disc at the first time point, two at the second, three at the third."""
    discs = [_disc(40, 120, 20, column, 10) for column in (20, 60, 100)]
    frames = [discs[0], discs[0] | discs[1], discs[0] | discs[1] | discs[2]]
    _write(path, np.stack(frames), "TYX")


def ball_in_plain_labels(path: Path) -> None:
    """Write a ball as a 32 bit label image without OME-XML, axes from ImageJ."""
    z, y, x = np.mgrid[:9, :24, :24]
    ball = (z - 4) ** 2 + (y - 12) ** 2 + (x - 12) ** 2 <= 16
    data = (ball * 7).astype(np.float32)  # ImageJ has no 32 bit integers
    tifffile.imwrite(path, data, imagej=True, metadata={"axes": "ZYX"})


def not_a_mask(path: Path) -> None:
    """Write intensities with fractions."""
    data = np.random.default_rng(1).random((16, 16)).astype(np.float32)
    tifffile.imwrite(path, data, metadata={"axes": "YX"})


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not a mask\n", encoding="utf-8")


def nuclei_truth() -> NDArray[np.uint16]:
    """Return the labels of the drawn nuclei."""
    return _nuclei()[1]


def _nuclei() -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    random = np.random.default_rng(11)
    y, x = np.mgrid[:SIDE, :SIDE]
    truth = np.zeros((SIDE, SIDE), np.uint16)
    sample = np.zeros((SIDE, SIDE))
    cells = random.permutation([(r, c) for r in range(7) for c in range(7)])[:45]
    number = 0
    for cell, (row, column) in enumerate(cells):
        centre = 25 + 45 * np.array([row, column]) + random.uniform(-3, 3, 2)
        turn = random.uniform(0, np.pi)
        apart = 8.5 * np.array([np.sin(turn), np.cos(turn)])
        for sign in (-1, 1) if cell < 15 else (0,):
            number += 1
            long, short = random.uniform(9, 11), random.uniform(8, 9)
            angle = turn + np.pi / 2 if sign else random.uniform(0, np.pi)
            v, u = y - centre[0] - sign * apart[0], x - centre[1] - sign * apart[1]
            along = u * np.cos(angle) + v * np.sin(angle)
            across = -u * np.sin(angle) + v * np.cos(angle)
            inside = (along / long) ** 2 + (across / short) ** 2 <= 1
            truth[inside & (truth == 0)] = number
            sample[inside] = np.maximum(sample[inside], random.uniform(60, 120))
    light = gaussian_filter(sample, 1.2) + 5
    image = random.poisson(light) + 100 + random.normal(0, 2, light.shape)
    return image.clip(0).astype(np.uint16), truth


def _rectangle() -> NDArray[np.bool_]:
    mask = np.zeros((40, 90), bool)
    mask[8:32, 10:80] = True
    return mask


def _disc(
    height: int, width: int, row: float, column: float, radius: float
) -> NDArray[np.bool_]:
    y, x = np.mgrid[:height, :width]
    return np.asarray((y - row) ** 2 + (x - column) ** 2 <= radius**2)


def _write(
    path: Path, mask: NDArray[np.bool_], axes: str = "YX", **size_um: float
) -> None:
    sizes = {f"PhysicalSize{axis.upper()}": size for axis, size in size_um.items()}
    metadata: dict[str, Any] = {"axes": axes} | sizes
    data = mask.astype(np.uint8)
    tifffile.imwrite(path, data, metadata=metadata, photometric="minisblack")
