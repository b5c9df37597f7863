"""From pixels to colours: contrast limits, histograms, channels upon each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
Rgb = NDArray[np.uint8]

LOW, HIGH = 0.3, 99.8
"""Percentiles between which contrast is stretched by itself."""

MOST_SAMPLES: Final = 1_000_000

WHITE = "#ffffff"
COLOURS: Final = ("#00ff00", "#ff00ff", "#0099ff", "#ff9900", "#ffff00", "#00ffff")
"""Of channels whose names say nothing, as in small pictures."""

_BY_NAME: Final = {
    "dapi": "#0099ff",
    "hoechst": "#0099ff",
    "dna": "#0099ff",
    "gfp": "#00ff00",
    "fitc": "#00ff00",
    "fam": "#00ff00",
    "488": "#00ff00",
    "cherry": "#ff00ff",
    "rfp": "#ff00ff",
    "tritc": "#ff00ff",
    "cy3": "#ff9900",
    "cy5": "#ff00ff",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is shown as black and as full colour."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often values occur.

    Attributes
    ----------
    counts : numpy.ndarray
        Per bin.
    low, high : float
        Where the first bin begins and the last ends.
    """

    counts: NDArray[np.int64]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ChannelLook:
    """How a channel is shown.

    Attributes
    ----------
    colour : str
        ``#rrggbb``.
    limits : Limits or None
        None until they follow from the pixels.
    """

    name: str
    colour: str = WHITE
    limits: Limits | None = None
    is_on: bool = True


def looks_of(count: int, names: Sequence[str] = ()) -> list[ChannelLook]:
    """Return how the channels of an image are shown at first; one alone is white."""
    if count == 1:
        return [ChannelLook(names[0] if names else "")]
    taken: set[str] = set()
    looks = []
    for number in range(count):
        name = names[number] if number < len(names) else ""
        wished = [colour for word, colour in _BY_NAME.items() if word in name.lower()]
        free = [colour for colour in COLOURS if colour not in taken]
        free = free or [COLOURS[number % len(COLOURS)]]
        colour = next((one for one in wished if one not in taken), None)
        if colour is None:
            colour = free[0]
        taken.add(colour)
        looks.append(ChannelLook(name, colour))
    return looks


def limits_of(pixels: Pixels) -> Limits:
    """Return the limits between a low and a high percentile of pixels."""
    values = samples(pixels)
    if not values.size:
        return Limits(0.0, 1.0)
    low, high = (float(value) for value in np.percentile(values, (LOW, HIGH)))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    return Limits(low, high if high > low else low + 1.0)


def full_limits(pixels: Pixels) -> Limits:
    """Return the limits from the darkest to the brightest of pixels."""
    values = samples(pixels)
    if not values.size:
        return Limits(0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    return Limits(low, high if high > low else low + 1.0)


def auto_look(look: ChannelLook, plane: Pixels, *, full: bool = False) -> ChannelLook:
    """Return a look whose contrast follows from the pixels in sight."""
    limits = full_limits(plane) if full else limits_of(plane)
    return ChannelLook(look.name, look.colour, limits, look.is_on)


def histogram_of(pixels: Pixels, bins: int = 128) -> Histogram:
    """Return how often values occur among finite pixels; a sample of many."""
    values = samples(pixels)
    limits = full_limits(values)
    if values.size and values.dtype.kind in "iu" and limits.high - limits.low < bins:
        # One bin per whole number: no comb of empty bins.
        low, high = limits.low - 0.5, limits.high + 0.5
        bins = max(1, round(high - low))
    else:
        low, high = limits.low, limits.high
    counts, _ = np.histogram(values, bins=bins, range=(low, high))
    return Histogram(counts.astype(np.int64), low, high)


def samples(pixels: Pixels) -> Pixels:
    """Return finite values, at most a million of them, evenly taken."""
    flat = pixels.ravel()
    step = max(1, flat.size // MOST_SAMPLES)
    values = flat[::step]
    if values.dtype == np.bool_:
        return values.astype(np.uint8)
    if np.iscomplexobj(values):
        values = np.abs(values)
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values


def intensity(pixels: Pixels, limits: Limits) -> Rgb:
    """Return pixels as brightness from 0 to 255, clipped at the limits."""
    low, span = limits.low, max(limits.high - limits.low, 1e-30)
    if pixels.dtype in (np.uint8, np.uint16):
        levels = np.arange(int(np.iinfo(pixels.dtype).max) + 1, dtype=np.float32)
        table: Rgb = _bytes((levels - low) / span)
        return table[pixels]
    values: Pixels = np.abs(pixels) if np.iscomplexobj(pixels) else pixels
    wide = values.dtype.itemsize > 4
    numbers: Pixels = values.astype(np.float64 if wide else np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        return _bytes(np.nan_to_num((numbers - low) / span, posinf=1.0, neginf=0.0))


def composite(planes: Sequence[Pixels], looks: Sequence[ChannelLook]) -> Rgb:
    """Lay channels over each other, each in its colour.

    Parameters
    ----------
    planes : sequence of numpy.ndarray
        YX, one per channel; or a single YXS of RGB samples.
    looks : sequence of ChannelLook
        One per channel; those that are off, or without limits yet, are left out.

    Returns
    -------
    numpy.ndarray
        YXS, uint8.
    """
    first = planes[0]
    if first.ndim == 3:
        return _coloured(first, looks[0])
    shown = [
        (intensity(plane, look.limits), _rgb(look.colour))
        for plane, look in zip(planes, looks, strict=True)
        if look.is_on and look.limits is not None
    ]
    if len(shown) == 1 and shown[0][1] == (255, 255, 255):
        return np.repeat(shown[0][0][..., np.newaxis], 3, axis=-1)
    total = np.zeros((*first.shape, 3), np.uint16)
    for bright, colour in shown:
        for sample, strength in enumerate(colour):
            if strength:
                total[..., sample] += bright.astype(np.uint16) * strength // 255
    return np.minimum(total, 255).astype(np.uint8)


def _coloured(pixels: Pixels, look: ChannelLook) -> Rgb:
    colours = pixels[..., :3]
    if colours.shape[-1] < 3:  # grey with transparency
        colours = np.repeat(colours[..., :1], 3, axis=-1)
    if not look.is_on:
        return np.zeros(colours.shape, np.uint8)
    if look.limits is None or (
        colours.dtype == np.uint8 and look.limits == Limits(0.0, 255.0)
    ):
        return np.ascontiguousarray(colours).astype(np.uint8)
    return intensity(colours, look.limits)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _bytes(values: Pixels) -> Rgb:
    made: Rgb = (np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)
    return made
