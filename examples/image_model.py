"""An honest model of a fluorescence microscope, for images whose truth is known.

Light takes the way that it takes in a microscope: a *sample* (photons that each place
emits towards the camera) is *blurred* by the point spread function of the objective and
integrated over the pixels, the photons *arrive at random* (Poisson), and the *camera*
turns them into grey values: quantum efficiency, read noise, gain, offset, rounding.

Only numpy is needed. Lengths of optics are in micrometres, positions and sizes in an
array are in pixels (planes along Z), light is in photons per pixel and exposure, and
the result is in grey values. Position 0 is the centre of the first pixel. Axes are
``YX`` or ``ZYX``.

Sources
-------
* Airy disc as optical transfer function: Goodman, *Introduction to Fourier Optics*, the
  incoherent transfer function of a circular pupil.
* Gaussian widths: Zhang, Zerubia and Olivo-Marin 2007, doi:10.1364/AO.46.001819; they
  follow from equal curvature at the top of the Airy disc and of the axial profile.
* Camera: EMVA Standard 1288, linear model (https://www.emva.org/standards-technology).

Random numbers come from `numpy.random.RandomState`, whose stream numpy has frozen (NEP
19): the same seed gives the same images with every version of numpy.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

Pixels = NDArray[np.float64]

_DIGITS = 6  # of expected photons: what processors compute differently is rounded away


@dataclass(frozen=True, slots=True)
class Optics:
    """A widefield objective with a camera behind it.

    Attributes
    ----------
    wavelength_um : float
        Emission wavelength.
    numerical_aperture : float
        Of the objective.
    pixel_um : float
        Width of a pixel in the sample.
    plane_um : float
        Distance of two planes of a stack in the sample.
    refractive_index : float
        Of the immersion medium.
    """

    wavelength_um: float
    numerical_aperture: float
    pixel_um: float
    plane_um: float = 0.0
    refractive_index: float = 1.518

    @property
    def sigma_px(self) -> float:
        """Lateral standard deviation of the Gaussian like the PSF, in pixels."""
        sigma_um = math.sqrt(2) / (2 * math.pi) * self.wavelength_um
        return sigma_um / self.numerical_aperture / self.pixel_um

    @property
    def sigma_planes(self) -> float:
        """Axial standard deviation of the Gaussian like the PSF, in planes."""
        sigma_um = math.sqrt(6) / math.pi * self.refractive_index * self.wavelength_um
        return sigma_um / self.numerical_aperture**2 / self.plane_um

    @property
    def cutoff_per_px(self) -> float:
        """Highest spatial frequency that passes, in cycles per pixel; below 0.5."""
        return 2 * self.numerical_aperture / self.wavelength_um * self.pixel_um


@dataclass(frozen=True, slots=True)
class Camera:
    """A scientific camera with 16 bit images.

    Attributes
    ----------
    quantum_efficiency : float
        Electrons per photon, at most 1.
    read_noise_e : float
        Standard deviation of the read noise in electrons.
    gain_per_e : float
        Grey values per electron.
    offset : float
        Grey value of darkness.
    """

    quantum_efficiency: float = 0.8
    read_noise_e: float = 1.6
    gain_per_e: float = 2.0
    offset: float = 100.0

    def mean_grey(self, photons: float) -> float:
        """Return the grey value that a pixel has on average for so many photons."""
        return self.offset + self.gain_per_e * self.quantum_efficiency * photons

    def expose(self, photons: Pixels, random: RandomState) -> NDArray[np.uint16]:
        """Return one exposure.

        Parameters
        ----------
        photons : ndarray of float
            Photons that arrive at each pixel on average.
        random : RandomState
            Source of chance.

        Returns
        -------
        ndarray of uint16
            Grey values, same shape.
        """
        expected = np.round(np.maximum(photons, 0) * self.quantum_efficiency, _DIGITS)
        electrons = random.poisson(expected) + random.normal(
            0.0, self.read_noise_e, expected.shape
        )
        grey = np.rint(self.offset + self.gain_per_e * electrons)
        return np.clip(grey, 0, 65535).astype(np.uint16)


def airy_transfer(shape: Sequence[int], optics: Optics) -> Pixels:
    """Return the optical transfer function of an ideal objective in focus.

    Parameters
    ----------
    shape : sequence of int
        Shape ``YX`` of the image.
    optics : Optics
        The objective; pixels have to be small enough for its resolution.

    Returns
    -------
    ndarray
        Real, 1 at frequency 0, in the layout of `numpy.fft.rfftn`. The blur includes
        the integration over square pixels.
    """
    if optics.cutoff_per_px >= 0.5:
        raise ValueError("The pixels are too large for this objective (Nyquist).")
    fy, fx = _frequencies(shape)
    nu = np.minimum(np.hypot(fy, fx) / optics.cutoff_per_px, 1.0)
    airy = 2 / math.pi * (np.arccos(nu) - nu * np.sqrt(1 - nu**2))
    return np.asarray(airy * np.sinc(fy) * np.sinc(fx))


def gaussian_transfer(shape: Sequence[int], sigmas: Sequence[float]) -> Pixels:
    """Return the transfer function of a Gaussian PSF.

    Parameters
    ----------
    shape : sequence of int
        Shape of the image, any number of axes.
    sigmas : sequence of float
        Standard deviation along each axis, in pixels.

    Returns
    -------
    ndarray
        Real, 1 at frequency 0, in the layout of `numpy.fft.rfftn`. The blur includes
        the integration over pixels along Y and X.
    """
    transfer = np.ones([1] * len(shape))
    frequencies = _frequencies(shape)
    for axis, (f, sigma) in enumerate(zip(frequencies, sigmas, strict=True)):
        transfer = transfer * np.exp(-2 * (math.pi * sigma * f) ** 2)
        if axis >= len(shape) - 2:
            transfer = transfer * np.sinc(f)
    return transfer


def blurred_points(
    positions: NDArray[np.float64],
    photons: NDArray[np.float64],
    transfer: Pixels,
    shape: Sequence[int],
) -> Pixels:
    """Return the image of point sources, at exact places between the pixels.

    The points are put together in Fourier space, where a shift by a part of a pixel is
    exact. Light that leaves at one border comes back at the opposite one: keep points
    away from the borders, or cut a margin off.

    Parameters
    ----------
    positions : ndarray of float, shape (points, axes)
        Places in pixels.
    photons : ndarray of float, shape (points,)
        Photons of each point.
    transfer : ndarray
        From `airy_transfer` or `gaussian_transfer`.
    shape : sequence of int
        Shape of the image.

    Returns
    -------
    ndarray of float
        Photons per pixel; their sum is that of `photons`.
    """
    spectrum = np.zeros(transfer.shape, np.complex128)
    frequencies = [f.ravel() for f in _frequencies(shape)]
    for position, light in zip(positions, photons, strict=True):
        waves = [
            np.exp(-2j * math.pi * f * place)
            for f, place in zip(frequencies, position, strict=True)
        ]
        wave = waves[0] * light
        for other in waves[1:]:
            wave = np.multiply.outer(wave, other)
        spectrum += wave
    return np.maximum(_back(spectrum * transfer, shape), 0)


def blurred(sample: Pixels, transfer: Pixels) -> Pixels:
    """Return an extended sample as the objective shows it, in photons per pixel."""
    return np.maximum(filtered(sample, transfer), 0)


def filtered(pattern: Pixels, transfer: Pixels) -> Pixels:
    """Return a pattern, which may be negative, after a transfer function."""
    return _back(np.fft.rfftn(pattern) * transfer, pattern.shape)


def ellipsoid(
    shape: Sequence[int],
    centre: Iterable[float],
    radii: Iterable[float],
    angle: float = 0.0,
) -> Pixels:
    """Return how much of each pixel an ellipse or ellipsoid covers, from 0 to 1.

    Parameters
    ----------
    shape : sequence of int
        Shape ``YX`` or ``ZYX``.
    centre, radii : iterable of float
        In pixels along each axis; `radii` are those before the rotation.
    angle : float
        Rotation in the plane of Y and X, in radians.

    Returns
    -------
    ndarray of float
        1 inside, 0 outside; borders are smooth over about one pixel, so that the sum
        is the area (volume) to better than 1 % for radii of 3 and more.
    """
    places = np.meshgrid(*(np.arange(n, dtype=float) for n in shape), indexing="ij")
    *deep, dy, dx = (p - c for p, c in zip(places, centre, strict=True))
    turned = [
        *deep,
        dy * math.cos(angle) - dx * math.sin(angle),
        dy * math.sin(angle) + dx * math.cos(angle),
    ]
    pairs = list(zip(turned, radii, strict=True))
    scaled = np.sqrt(np.sum([(d / r) ** 2 for d, r in pairs], axis=0))
    slope = np.sqrt(np.sum([(d / r**2) ** 2 for d, r in pairs], axis=0))
    distance = (scaled - 1) * scaled / np.maximum(slope, 1e-9)  # to first order
    return np.asarray(np.clip(0.5 - distance, 0, 1))


def haze(
    shape: Sequence[int], mean: float, roughness: float, random: RandomState
) -> Pixels:
    """Return out-of-focus light: a few very wide blobs around a mean.

    Parameters
    ----------
    shape : sequence of int
        Shape of the image.
    mean : float
        Mean light in photons per pixel.
    roughness : float
        Standard deviation relative to the mean.
    random : RandomState
        Source of chance.
    """
    noise = random.normal(size=tuple(shape))
    waves = filtered(noise, gaussian_transfer(shape, [n / 6 for n in shape]))
    waves = (waves - waves.mean()) / waves.std()
    return np.asarray(np.maximum(mean * (1 + roughness * waves), 0))


def spread_positions(
    count: int,
    shape: Sequence[int],
    *,
    margin: float,
    distance: float,
    random: RandomState,
    voxel: Sequence[float] | None = None,
) -> NDArray[np.float64]:
    """Return random places that keep a distance from each other and from the border.

    Parameters
    ----------
    count : int
        How many places.
    shape : sequence of int
        Shape of the image.
    margin, distance : float
        Smallest distance to the border and to each other, in the unit of `voxel`.
    random : RandomState
        Source of chance.
    voxel : sequence of float, optional
        Length of a pixel along each axis; 1 where not given.

    Returns
    -------
    ndarray of float, shape (count, axes)
        Places in pixels.

    Raises
    ------
    ValueError
        If so many places do not fit.
    """
    step = np.array(voxel if voxel is not None else [1.0] * len(shape))
    low = margin / step
    high = np.array(shape) - 1 - low
    places: list[NDArray[np.float64]] = []
    for _ in range(2000 * max(count, 1)):
        if len(places) == count:
            break
        place = low + random.random_sample(len(step)) * (high - low)
        if all(np.linalg.norm((place - other) * step) >= distance for other in places):
            places.append(place)
    if len(places) < count:
        raise ValueError(f"{count} places {distance} apart do not fit into {shape}.")
    return np.array(places).reshape(count, len(step))


def _back(spectrum: NDArray[np.complex128], shape: Sequence[int]) -> Pixels:
    """Return from frequencies to pixels."""
    return np.fft.irfftn(spectrum, s=tuple(shape), axes=tuple(range(len(shape))))


def _frequencies(shape: Sequence[int]) -> list[NDArray[np.floating]]:
    """Return the cycles per pixel along each axis, ready to broadcast."""
    *others, last = shape
    axes = [*(np.fft.fftfreq(n) for n in others), np.fft.rfftfreq(last)]
    return [
        f.reshape([-1 if i == axis else 1 for i in range(len(axes))])
        for axis, f in enumerate(axes)
    ]
