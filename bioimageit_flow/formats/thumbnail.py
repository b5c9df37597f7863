"""A small picture of an image, to be looked at in a list or a notebook."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.formats.image import Pixels
from bioimageit_flow.formats.plane_reading import open_planes
from bioimageit_flow.formats.planes import Planes
from bioimageit_flow.formats.refusal import naming
from bioimageit_flow.model.kinds import Kind

SIZE = 256
"""Pixels of the longer side."""

VERSION = 1
"""Changes when the same image would look otherwise."""

_LOW, _HIGH = 0.5, 99.7
_MAX_CHANNELS = 6
_GREY = (1.0, 1.0, 1.0)
_COLOURS = (
    (0.0, 1.0, 0.0),
    (1.0, 0.0, 1.0),
    (0.0, 0.6, 1.0),
    (1.0, 0.6, 0.0),
    (1.0, 1.0, 0.0),
    (0.0, 1.0, 1.0),
)

_Numbers = NDArray[Any]


def make_thumbnail(
    path: Path, selector: str = "", kind: Kind | None = None, *, size: int = SIZE
) -> bytes:
    """Return a small picture of an image as PNG: 8-bit RGB.

    The middle of Z and of T is shown, channels in colours of their own, contrast from
    near the darkest to near the brightest pixels; labels in colours that tell them
    apart. Few planes are read, of a smaller copy where the file has one.

    Parameters
    ----------
    path : Path
        Of an image in any format that is known.
    selector : str
        Which image of it; empty for the only one.
    kind : Kind, optional
        ``labels`` for label images; by default what the file says.
    size : int
        Pixels of the longer side; smaller images are not made larger.

    Raises
    ------
    DataError
        If it is no image, or is damaged.
    """
    with open_planes(path, selector, least=size) as planes, naming(path):
        shown = _picture(planes, planes.info.kind if kind is None else kind, size)
    return bytes(imagecodecs.png_encode(np.ascontiguousarray(shown), level=6))


def _picture(planes: Planes, kind: Kind, size: int) -> NDArray[np.uint8]:
    info = planes.info
    axes = info.axes or ""
    if axes.endswith("S"):
        return _rgb(_reduced(_plane(planes, 0), size), info.dtype or "")
    if kind is Kind.LABELS:
        return _labels(_reduced(_plane(planes, 0), size))
    count = info.shape[axes.index("C")] if "C" in planes.stack else 1
    channels = [
        _reduced(_plane(planes, channel), size)
        for channel in range(min(count, _MAX_CHANNELS))
    ]
    return _composite(channels)


def _plane(planes: Planes, channel: int) -> Pixels:
    """Return one plane, from the middle of the stack."""
    lengths = planes.info.shape
    index = tuple(
        channel if axis == "C" else length // 2
        for axis, length in zip(planes.stack, lengths, strict=False)
    )
    return planes.read(index)


def _reduced(plane: Pixels, size: int) -> _Numbers:
    """Take every n-th pixel; labels stay labels and spots stay visible enough."""
    step = max(1, -(-max(plane.shape[:2]) // size))
    return plane[::step, ::step]


def _composite(channels: Sequence[_Numbers]) -> NDArray[np.uint8]:
    """Add channels, each in its colour; one channel is grey."""
    colours = [_GREY] if len(channels) == 1 else _COLOURS
    total = np.zeros((*channels[0].shape, 3), np.float64)
    for plane, colour in zip(channels, colours, strict=False):
        total += _stretched(plane)[..., np.newaxis] * np.array(colour)
    return _bytes(total)


def _stretched(plane: _Numbers) -> NDArray[np.float64]:
    """Return values from 0 to 1, between a low and a high percentile."""
    if plane.dtype == np.bool_:
        return plane.astype(np.float64)
    values = np.abs(plane) if np.iscomplexobj(plane) else plane
    numbers = values.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return np.zeros(plane.shape)
    low, high = np.percentile(finite, (_LOW, _HIGH))
    if high <= low:
        low, high = finite.min(), finite.max()
    if high <= low:
        return np.full(plane.shape, 0.5 if high else 0.0)
    numbers = np.nan_to_num(numbers, nan=low, posinf=high, neginf=low)
    stretched: NDArray[np.float64] = np.clip((numbers - low) / (high - low), 0, 1)
    return stretched


def _rgb(plane: _Numbers, dtype: str) -> NDArray[np.uint8]:
    colours = plane[..., :3]
    if colours.shape[-1] < 3:  # grey with transparency
        colours = np.repeat(colours[..., :1], 3, axis=-1)
    if dtype == "uint8":
        return np.ascontiguousarray(colours, np.uint8)
    return _bytes(_stretched(colours))


def _labels(plane: _Numbers) -> NDArray[np.uint8]:
    """Give each label a colour that follows from its number; none is black."""
    numbers = plane.astype(np.int64).astype(np.uint64)
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    shifts = np.array([40, 48, 56], np.uint64)
    colours = (mixed[..., np.newaxis] >> shifts) & np.uint64(0xFF)
    picture = (colours // np.uint64(2) + np.uint64(96)).astype(np.uint8)
    picture[numbers == 0] = 0
    return np.ascontiguousarray(picture)


def _bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return (np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)
