"""Write OME-TIFF whose bytes follow from its pixels and nothing else.

No date, no random id, no name of a library version: the OME UUID derives from the
content. Pixels are not compressed, because compressors differ between versions.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from math import prod
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import numpy as np
from tifffile import imwrite

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.image import Pixels
from bioimageit_flow.formats.planes import Planes
from bioimageit_flow.formats.refusal import shown
from bioimageit_flow.formats.tifffile_log import tifffile_silenced
from bioimageit_flow.model.canonical import canonical_json

CREATOR = "bioimageit-flow"

_AXES = re.compile(r"(?!.*(.).*\1)[TZC]*YXS?")
_TYPES = frozenset(
    {"uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64"}
)


def write_ome_tiff(
    path: Path,
    array: Pixels,
    axes: str,
    *,
    pixel_size_um: Mapping[str, float] | None = None,
    time_step_s: float | None = None,
    channels: Sequence[str] = (),
) -> None:
    """Write an image; the same input gives the same bytes, on every machine.

    Parameters
    ----------
    path : Path
        Replaced at once when all is written; an error leaves what was there.
    array : numpy.ndarray
        One dimension per axis; uint8, uint16, uint32, int8, int16, int32, float32 or
        float64 (what OME-TIFF can say), or bool, which is written as uint8.
    axes : str
        Letters of ``TZC`` in any order, then ``YX``, then ``S`` for RGB samples.
    pixel_size_um : mapping of str to float, optional
        Micrometres per pixel of ``x``, ``y``, ``z``.
    time_step_s : float, optional
        Seconds between frames.
    channels : sequence of str
        Names of the channels, one per channel, or none.

    Raises
    ------
    DataError
        If axes, type or names do not fit the array, or it cannot be written.
    """
    pixels = np.ascontiguousarray(array)
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8)
    pixels = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    form = _Form(pixels.shape, pixels.dtype, axes)
    metadata = _metadata(path, form, pixel_size_um, time_step_s, channels)
    described = canonical_json([metadata, list(pixels.shape), pixels.dtype.name])
    digest = sha256(described.encode())
    digest.update(pixels.data)
    metadata["UUID"] = f"urn:uuid:{uuid5(NAMESPACE_OID, digest.hexdigest())}"
    with _naming(path):
        _write(path, pixels, form, metadata)


def write_planes(path: Path, planes: Planes, identity: str) -> None:
    """Write an image plane by plane; memory does not grow with the image.

    Parameters
    ----------
    path : Path
        Replaced at once when all is written; an error leaves what was there.
    planes : Planes
        The image; its pixel type as for `write_ome_tiff`.
    identity : str
        What the pixels follow from; the OME UUID derives from it.

    Raises
    ------
    DataError
        If the image is of a type that OME-TIFF cannot hold, or it cannot be written.
    """
    info = planes.info
    dtype = np.dtype(info.dtype)
    dtype = np.dtype(np.uint8) if dtype == np.bool_ else dtype
    form = _Form(info.shape, dtype.newbyteorder("<"), info.axes or "")
    metadata = _metadata(
        path, form, info.pixel_size_um, info.time_step_s, info.channels
    )
    metadata["UUID"] = f"urn:uuid:{uuid5(NAMESPACE_OID, identity)}"
    pages = (np.ascontiguousarray(plane, form.dtype) for plane in planes)
    with _naming(path):
        _write(path, pages, form, metadata)


@dataclass(frozen=True, slots=True)
class _Form:
    """The form of an image, without its pixels."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    axes: str


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise DataError(
            f"{shown(path)} cannot be written: {error}.",
            remedy="Check the folder, and the space on its disk.",
        ) from error


def _metadata(
    path: Path,
    form: _Form,
    pixel_size_um: Mapping[str, float] | None,
    time_step_s: float | None,
    channels: Sequence[str],
) -> dict[str, object]:
    sizes = dict(sorted((pixel_size_um or {}).items()))
    problem = _find_problem(form, channels) or _find_unit_problem(sizes, time_step_s)
    if problem:
        raise DataError(f"{shown(path)} cannot be written: {problem}.")
    metadata: dict[str, object] = {"axes": form.axes, "Creator": CREATOR}
    for axis, size in sizes.items():
        metadata[f"PhysicalSize{axis.upper()}"] = float(size)
        metadata[f"PhysicalSize{axis.upper()}Unit"] = "\u00b5m"
    if time_step_s is not None:
        metadata |= {"TimeIncrement": float(time_step_s), "TimeIncrementUnit": "s"}
    if channels:
        metadata["Channel"] = {"Name": list(channels)}
    return metadata


def _find_problem(form: _Form, channels: Sequence[str]) -> str:
    """Say why an array cannot be written; empty when it can."""
    shape, axes = form.shape, form.axes
    if not _AXES.fullmatch(axes) or len(axes) != len(shape):
        return (
            f"the axes of {len(shape)} dimensions cannot be {axes!r}; give some of "
            "T, Z, C, then YX, or YXS"
        )
    if form.dtype.name not in _TYPES:
        return (
            f"OME-TIFF cannot hold {form.dtype.name}; convert labels to uint16 or "
            "uint32 and values to float32"
        )
    if not prod(shape):
        return f"an array of shape {shape} has no pixels"
    count = shape[axes.index("C")] if "C" in axes else 1
    if channels and len(channels) != count:
        return f"it has {count} channels and {len(channels)} names of channels"
    return ""


def _find_unit_problem(sizes: Mapping[str, float], time_step_s: float | None) -> str:
    if unknown := set(sizes) - set("xyz"):
        return f"pixel sizes are of x, y and z, not of {', '.join(sorted(unknown))}"
    steps = {**sizes, "time": 1.0 if time_step_s is None else time_step_s}
    for name, step in steps.items():
        if not 0 < step < math.inf:
            return f"the step of {name} is {step}, which is no size"
    return ""


def _write(
    path: Path,
    pixels: Pixels | Iterator[Pixels],
    form: _Form,
    metadata: dict[str, object],
) -> None:
    has_samples = form.axes.endswith("S")
    is_rgb = has_samples and form.shape[-1] in (3, 4)
    unfinished = path.parent / f".{token_hex(8)}.part"
    try:
        with unfinished.open("x+b") as stream, tifffile_silenced():
            imwrite(
                stream,
                pixels,
                shape=form.shape,
                dtype=form.dtype,
                ome=True,
                byteorder="<",
                photometric="rgb" if is_rgb else "minisblack",
                planarconfig="contig" if has_samples else None,
                metadata=metadata,
                software=False,
            )
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
