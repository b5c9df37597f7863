"""Find bright or dark spots of a given size by a Laplacian or difference of Gaussians.

Positions are counted from the centre of the first pixel, which is 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from csv_table import Cell, write_table
from frames import frames, inner_axes
from lengths import ellipsoid, in_pixels
from numpy.typing import NDArray
from ome_image import Image, read_image, refuse_colour
from peaks import find_peaks
from scipy import ndimage

Pixels = NDArray[np.float64]

_DOG_RATIO = 1.6
_SECOND_DIFFERENCE = (1.0, -2.0, 1.0)
_FLAT_SIGMA = 0.3  # along an axis where a spot is thinner, it has no extent
_MAD_TO_SIGMA = 1.4826
_LEAST_NOISE = 1e-4  # of the strongest response, for images without noise
_ROUND = 0.1
_EMPTY = 1e-9  # of the strongest response: rounding errors


@dataclass(frozen=True, slots=True)
class SpotFilter:
    """A blob filter matched to spots of one size.

    Attributes
    ----------
    method : str
        ``log`` or ``dog``.
    sigmas : tuple of float
        Standard deviation of the spot along each axis, in pixels.
    """

    method: str
    sigmas: tuple[float, ...]

    def __call__(self, frame: Pixels) -> Pixels:
        """Return the response: at a matched Gaussian spot it is its height."""
        if self.method == "dog":
            narrow, wide = self._dog_scales()
            difference = self._blurred(frame, narrow) - self._blurred(frame, wide)
            return difference / (self._damping(narrow) - self._damping(wide))
        blurred = self._blurred(frame, 1.0)
        # second differences sum to exactly zero: a flat background leaves no response
        laplacian = np.zeros(frame.shape)
        for axis, sigma in enumerate(self.sigmas):
            bend = ndimage.convolve1d(blurred, _SECOND_DIFFERENCE, axis, mode="reflect")
            laplacian -= sigma**2 * bend
        return laplacian / (self._extents() / 2 * self._damping(1.0))

    def _extents(self) -> int:
        return max(1, sum(sigma >= _FLAT_SIGMA for sigma in self.sigmas))

    def _blurred(self, frame: Pixels, scale: float) -> Pixels:
        sigmas = [sigma * scale for sigma in self.sigmas]
        return np.asarray(ndimage.gaussian_filter(frame, sigmas, mode="reflect"))

    def _damping(self, scale: float) -> float:
        """Return how much of the height of a matched spot a blur leaves."""
        return float((1 + scale**2) ** (-self._extents() / 2))

    @staticmethod
    def _dog_scales() -> tuple[float, float]:
        """Return the two widths for which DoG and LoG cross zero at one radius."""
        k2 = _DOG_RATIO**2
        narrow = math.sqrt((k2 - 1) / (k2 * math.log(k2)))
        return narrow, narrow * _DOG_RATIO


def run(
    *,
    image: Path,
    points: Path,
    radius: float,
    length_unit: str,
    z_factor: float,
    threshold: float,
    threshold_unit: str,
    spots: str,
    method: str,
    separation: float,
    subpixel: bool,
    stack: str,
) -> None:
    """Write the places of the spots of an image, strongest first in each frame."""
    source = read_image(image, "image")
    refuse_colour(source, "image")
    inner = inner_axes(source, stack)
    radii = in_pixels(source, radius, length_unit, inner, z_factor=z_factor)
    spot_filter = SpotFilter(method, tuple(r / math.sqrt(len(inner)) for r in radii))
    sign = -1 if spots == "dark" else 1
    rows: list[dict[str, Cell]] = []
    for place, frame in frames(source, inner):
        response = spot_filter(sign * levelled(frame.astype(np.float64)))
        noise = noise_of(response)
        lowest = threshold * noise if threshold_unit == "noise" else threshold
        found = find_peaks(response, lowest, separation, [1 / r for r in radii])
        peaks = [peak for peak in found if roundness(response, peak) >= _ROUND]
        for peak, mean in zip(peaks, _means(frame, peaks, radii), strict=True):
            centre = refined(response, peak) if subpixel else peak.astype(float)
            where: dict[str, Cell] = {**place}
            where |= zip(inner, map(float, centre), strict=True)
            height = float(response[tuple(peak)])
            rows.append(
                {
                    "spot": len(rows) + 1,
                    **{axis.lower(): value for axis, value in where.items()},
                    **{
                        f"{axis.lower()}_um": float(where[axis]) * size
                        for axis, size in _pixel_sizes(source).items()
                    },
                    "intensity": float(mean),
                    "contrast": height,
                    "score": height / noise,
                }
            )
    axes = [axis.lower() for axis in "TCZYX" if axis in source.axes]
    micrometres = [f"{axis.lower()}_um" for axis in _pixel_sizes(source)]
    columns = ["spot", *axes, *micrometres, "intensity", "contrast", "score"]
    write_table(points, columns, rows)


def levelled(frame: Pixels) -> Pixels:
    """Return a frame less its slope (the plane of least squares).

    Inside, the filters ignore a slope; at the borders, where the frame is mirrored, it
    would become a ridge.
    """
    level = frame - frame.mean()
    for axis, size in enumerate(frame.shape):
        others = tuple(other for other in range(frame.ndim) if other != axis)
        places = np.arange(size) - (size - 1) / 2
        slope = places @ frame.mean(axis=others) / max(places @ places, 1.0)
        level -= np.expand_dims(slope * places, others)
    return np.asarray(level)


def noise_of(response: Pixels) -> float:
    """Return the standard deviation of a response away from the spots.

    It is estimated from the median absolute deviation, on which few and bright spots
    have no influence. Empty parts, such as the corners of a mosaic, do not count.
    """
    deviations = np.abs(response - np.median(response))
    deviations = deviations[deviations > response.max() * _EMPTY]
    deviation = float(np.median(deviations)) if deviations.size else 0.0
    return max(deviation * _MAD_TO_SIGMA, float(response.max()) * _LEAST_NOISE)


def roundness(response: Pixels, peak: NDArray[np.intp]) -> float:
    """Return how alike a peak bends along Y and X: 1 for a spot, near 0 for an edge.

    It is the ratio of the curvatures of the plane through the peak. Along the edge of
    something bright, noise makes many peaks, which are ridges. (Lowe 2004, section 4.1,
    drops them below 0.1.)
    """
    *outer, row, column = peak
    plane = response[tuple(outer)]
    rows, columns = (
        np.clip([at - 1, at, at + 1], 0, size - 1)
        for at, size in zip((row, column), plane.shape, strict=True)
    )
    near = plane[np.ix_(rows, columns)]
    along_y, along_x = np.diff(near[:, 1], 2)[0], np.diff(near[1], 2)[0]
    mixed = (near[0, 0] - near[0, 2] - near[2, 0] + near[2, 2]) / 4
    middle = (along_y + along_x) / 2
    spread = math.hypot((along_y - along_x) / 2, mixed)
    if min(plane.shape) == 1 or middle == 0:
        return 1.0
    return float((middle + spread) / (middle - spread))


def refined(response: Pixels, peak: NDArray[np.intp]) -> Pixels:
    """Return the top of the parabola through a peak and its neighbours on each axis."""
    place = peak.astype(np.float64)
    for axis, index in enumerate(peak):
        if not 0 < index < response.shape[axis] - 1:
            continue
        line = response[(*peak[:axis], slice(index - 1, index + 2), *peak[axis + 1 :])]
        bend = line[0] - 2 * line[1] + line[2]
        if bend < 0:
            place[axis] += np.clip((line[0] - line[2]) / (2 * bend), -0.5, 0.5)
    return place


def _means(
    frame: NDArray[Any], peaks: Sequence[NDArray[np.intp]], radii: Sequence[float]
) -> NDArray[np.float64]:
    """Return the mean of the frame within the radii of each peak."""
    disc = ellipsoid(radii)
    offsets = np.argwhere(disc) - np.array(disc.shape) // 2
    last = np.array(frame.shape) - 1
    means = np.empty(len(peaks))
    for number, peak in enumerate(peaks):
        places = np.clip(peak + offsets, 0, last)
        means[number] = frame[tuple(places.T)].mean(dtype=np.float64)
    return means


def _pixel_sizes(image: Image) -> dict[str, float]:
    """Return the known pixel sizes along the axes of an image, Z first."""
    sizes = image.calibration.pixel_size_um
    return {a: sizes[a] for a in "ZYX" if a in image.axes and a in sizes}


if __name__ == "__main__":
    main(run)
