"""Check what the deconvolution made."""

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy.ndimage import center_of_mass

PHOTONS = 50_000
POINTS = ((20, 24), (25, 70), (64, 40), (70, 76))
BLURRED_FWHM = 2.355 * 2


def spots_are_narrower(image: Path, result: Path, psf: Path | None = None) -> None:
    """Check that each spot has half its width, and its place and light as before."""
    data = tifffile.imread(result).astype(float)
    for row, column in POINTS:
        window = data[row - 9 : row + 10, column - 9 : column + 10]
        light = window.sum()
        assert abs(light / PHOTONS - 1) < 0.02, f"a spot has {light:.0f} photons"
        shift = np.subtract(center_of_mass(window), 9)
        assert np.abs(shift).max() < 0.1, f"a spot moved by {shift}"
        for profile in (window[9], window[:, 9]):
            width = _fwhm(profile)
            assert width < BLURRED_FWHM / 2, f"a spot is {width:.2f} px wide"
    before = tifffile.imread(image).astype(float)
    flux = data.sum() / (before - np.median(before)).sum()
    assert abs(flux - 1) < 0.005, f"the light changed by a factor of {flux:.4f}"


def two_points_come_apart(image: Path, result: Path) -> None:
    """Check that the dip between the points is deep; before, there was hardly one."""
    before, after = (
        tifffile.imread(path)[24].astype(float) for path in (image, result)
    )
    assert before[22:24].min() > 0.85 * before.max(), "the test image is too easy"
    assert after[22:24].min() < 0.3 * after.max(), "the points are still merged"
    peaks = [int(after[:23].argmax()), 23 + int(after[23:].argmax())]
    assert peaks == [20, 25], f"the points are at {peaks}"


def volume_is_sharper(image: Path, result: Path) -> None:
    """Check that both peaks are narrow in 3D, at their place, with the same light."""
    before, after = (tifffile.imread(path).astype(float) for path in (image, result))
    for channel, place in enumerate([(7, 20, 20), (6, 15, 22)]):
        peak = np.unravel_index(after[channel].argmax(), after[channel].shape)
        assert tuple(int(at) for at in peak) == place, f"the peak is at {peak}"
        z, y, x = place
        for profile in (
            after[channel, :, y, x],
            after[channel, z, :, x],
            after[channel, z, y],
        ):
            width = _fwhm(profile)
            assert width < BLURRED_FWHM / 2, f"the spot is {width:.2f} px wide"
        flux = after[channel].sum() / before[channel].sum()
        assert abs(flux - 1) < 0.005, f"the light changed by a factor of {flux:.4f}"


def _fwhm(profile: NDArray[np.float64]) -> float:
    """Return the full width at half maximum, by linear interpolation."""
    half, top = profile.max() / 2, int(profile.argmax())
    edges = []
    for step in (-1, 1):
        at = top
        while profile[at + step] > half:
            at += step
        inside, outside = profile[at], profile[at + step]
        edges.append(at - top + step * (inside - half) / (inside - outside))
    return float(edges[1] - edges[0])
