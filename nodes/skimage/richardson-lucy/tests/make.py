"""Make the images of the tests of the deconvolution: points, blur, photon noise."""

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

PHOTONS = 50_000
POINTS = ((20, 24), (25, 70), (64, 40), (70, 76))


def blurred_points(path: Path) -> None:
    """Write four points blurred with sigma 2 px, with photon noise."""
    _write(path, _noisy(_points(96, 100), (2, 2)), sizes={"X": 0.1, "Y": 0.1})


def blurred_points_on_offset(path: Path) -> None:
    """Write the same on the offset of a camera."""
    data = _noisy(_points(96, 100), (2, 2)) + 100
    _write(path, data, sizes={"X": 0.1, "Y": 0.1})


def blurred_points_in_volume(path: Path) -> None:
    """Write a point in each of two channels; planes 0.3 um, pixels 0.1 um apart."""
    data = np.zeros((2, 15, 40, 40))
    data[0, 7, 20, 20] = data[1, 6, 15, 22] = 20 * PHOTONS
    data = np.stack([_noisy(channel, (2, 2, 2)) for channel in data])
    _write(path, data, "CZYX", {"X": 0.1, "Y": 0.1, "Z": 0.3})


def two_merged_points(path: Path) -> None:
    """Write two points 5 px apart, blurred with sigma 2 px, no noise."""
    data = np.zeros((48, 48))
    data[24, 20] = data[24, 25] = PHOTONS
    _write(path, gaussian_filter(data, 2).astype(np.float32))


def psf_off_centre(path: Path) -> None:
    """Write a Gaussian of sigma 2 px, off the centre of its image, on a pedestal."""
    psf = np.zeros((31, 26))
    psf[12, 14] = PHOTONS
    _write(path, gaussian_filter(psf, 2) + 80)


def psf_with_tail(path: Path) -> None:
    """Write a PSF that is no mirror image of itself."""
    psf = np.zeros((41, 41))
    psf[20, 20] = 20 * PHOTONS
    _write(path, _with_tail(psf).astype(np.float32))


def points_with_tails(path: Path) -> None:
    """Write the points blurred by that PSF, with photon noise."""
    light = _with_tail(_points(96, 100))
    _write(path, np.random.default_rng(5).poisson(light))


def psf_of_other_pixels(path: Path) -> None:
    """Write a PSF whose pixels are half as wide."""
    psf = np.zeros((31, 31))
    psf[15, 15] = PHOTONS
    _write(path, gaussian_filter(psf, 4), sizes={"X": 0.05, "Y": 0.05})


def constant_of_odd_size(path: Path) -> None:
    """Write a constant image."""
    _write(path, np.full((37, 53), 50))


def colour_picture(path: Path) -> None:
    """Write a small RGB picture."""
    data = np.zeros((16, 20, 3), np.uint8)
    tifffile.imwrite(path, data, photometric="rgb", ome=False, metadata=None)


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")


def _points(*shape: int) -> NDArray[np.float64]:
    data = np.zeros(shape)
    data[tuple(zip(*POINTS, strict=True))] = PHOTONS
    return data


def _with_tail(sample: NDArray[np.float64]) -> NDArray[np.float64]:
    blurred = gaussian_filter(sample, 2, mode="constant")
    return np.asarray(0.75 * blurred + 0.25 * np.roll(blurred, (2, 6), (0, 1)))


def _noisy(sample: NDArray[np.float64], sigma: tuple[float, ...]) -> NDArray[np.uint16]:
    blurred = gaussian_filter(sample, sigma, mode="constant")
    return np.random.default_rng(5).poisson(blurred).astype(np.uint16)


def _write(
    path: Path,
    data: NDArray[np.generic],
    axes: str = "YX",
    sizes: dict[str, float] | None = None,
) -> None:
    metadata = {"axes": axes} | {
        f"PhysicalSize{axis}": size for axis, size in (sizes or {}).items()
    }
    pixels = data if data.dtype == np.float32 else data.astype(np.uint16)
    tifffile.imwrite(path, pixels, metadata=metadata, photometric="minisblack")
