"""Deconvolve an image by the Richardson-Lucy algorithm."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from frames import inner_axes, map_frames
from lengths import in_pixels
from numpy.typing import NDArray
from ome_image import Image, read_image, refuse_colour, write_image
from refusal import refuse
from scipy import fft, ndimage

Pixels = NDArray[np.float32]

_PIXEL_SIZE_TOLERANCE = 0.05
_GAUSSIAN_EXTENT_SIGMA = 4.0


def run(
    *,
    image: Path,
    result: Path,
    iterations: int,
    sigma: float,
    length_unit: str,
    z_factor: float,
    background: float,
    stack: str,
    psf: Path | None = None,
) -> None:
    """Deconvolve each frame with a PSF image, or with a Gaussian where none is given.

    The result is 32 bit floats, without the background.
    """
    source = read_image(image, "image")
    refuse_colour(source, "image")
    inner = inner_axes(source, stack)
    if psf is None:
        kernel = _gaussian(
            in_pixels(source, sigma, length_unit, inner, z_factor=z_factor)
        )
    else:
        measured = read_image(psf, "psf")
        _refuse_unfit(measured, source, inner)
        kernel = _without_pedestal(measured.data)

    def sharpen(frame: NDArray[Any]) -> Pixels:
        signal = np.maximum(frame.astype(np.float32) - np.float32(background), 0)
        return deconvolve(signal, kernel, iterations)

    write_image(result, map_frames(sharpen, source, inner, np.float32))


def deconvolve(frame: Pixels, psf: Pixels, iterations: int) -> Pixels:
    """Return the estimate after some Richardson-Lucy iterations.

    The frame is mirrored at its borders by half the size of the PSF, so that light is
    neither lost nor invented there.

    Parameters
    ----------
    frame : ndarray
        Not negative.
    psf : ndarray
        Sum 1, as many dimensions as the frame; its brightest pixel is its centre.
    iterations : int
        Number of iterations.
    """
    before = [size // 2 for size in psf.shape]
    shape = [
        fft.next_fast_len(size + 2 * (extent // 2), real=True)
        for size, extent in zip(frame.shape, psf.shape, strict=True)
    ]
    padding = [
        (low, total - size - low)
        for low, total, size in zip(before, shape, frame.shape, strict=True)
    ]
    seen = np.pad(frame, padding, mode="symmetric")
    transfer = fft.rfftn(_centred(psf, shape))
    mirrored = np.conj(transfer)
    floor = np.float32(max(float(seen.max()) * 1e-6, 1e-30))

    def blurred(pixels: Pixels, otf: NDArray[np.complex64]) -> Pixels:
        return np.asarray(fft.irfftn(fft.rfftn(pixels) * otf, s=shape), np.float32)

    estimate = seen.copy()
    for _ in range(iterations):
        ratio = np.divide(seen, np.maximum(blurred(estimate, transfer), floor))
        estimate = np.maximum(estimate * blurred(ratio, mirrored), 0)
    inside = tuple(
        slice(low, low + size) for low, size in zip(before, frame.shape, strict=True)
    )
    return estimate[inside]


def _gaussian(sigmas: Sequence[float]) -> Pixels:
    """Return a Gaussian of sum 1."""
    extents = [math.ceil(_GAUSSIAN_EXTENT_SIGMA * sigma) for sigma in sigmas]
    impulse = np.zeros([2 * extent + 1 for extent in extents])
    impulse[tuple(extents)] = 1
    kernel = ndimage.gaussian_filter(impulse, sigmas, truncate=_GAUSSIAN_EXTENT_SIGMA)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _without_pedestal(psf: NDArray[Any]) -> Pixels:
    """Return a PSF image less the median of its border, with sum 1."""
    signal = psf.astype(np.float64)
    border = np.ones(signal.shape, bool)
    border[(slice(1, -1),) * signal.ndim] = False
    signal = np.maximum(signal - np.median(signal[border]), 0)
    total = signal.sum()
    if total <= 0:
        refuse("Input 'psf' shows no bright spot: give an image of one point source.")
    return np.asarray(signal / total, np.float32)


def _centred(psf: Pixels, shape: Sequence[int]) -> Pixels:
    """Return a PSF in a frame of some shape, its brightest pixel at the origin.

    Pixels beyond the frame wrap around.
    """
    smoothed = ndimage.gaussian_filter(psf, 1.0, mode="constant")
    centre = np.unravel_index(int(smoothed.argmax()), psf.shape)
    placed = np.zeros(shape, np.float32)
    places = np.ix_(
        *(
            (np.arange(extent) - int(middle)) % size
            for extent, middle, size in zip(psf.shape, centre, shape, strict=True)
        )
    )
    np.add.at(placed, places, psf)
    return placed


def _refuse_unfit(psf: Image, image: Image, inner: str) -> None:
    """End the tool where a PSF has other dimensions or pixels than the image."""
    if psf.axes != inner:
        refuse(
            f"Input 'psf' has the axes {psf.axes}, but the image is deconvolved "
            f"along {inner}: give a PSF with these axes, or change 'stack'."
        )
    sizes, others = image.calibration.pixel_size_um, psf.calibration.pixel_size_um
    for axis in sorted(set(inner) & set(sizes) & set(others)):
        if abs(others[axis] / sizes[axis] - 1) > _PIXEL_SIZE_TOLERANCE:
            refuse(
                f"Along {axis} a pixel of input 'psf' is {others[axis]:g} um wide and "
                f"one of the image {sizes[axis]:g} um: resample the PSF to the pixel "
                "size of the image."
            )


if __name__ == "__main__":
    main(run)
