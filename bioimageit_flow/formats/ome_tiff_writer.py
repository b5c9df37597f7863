"""Write OME-TIFF whose bytes follow from its pixels and nothing else.

No date, no random id, no name of a library version: the OME UUID derives from the
content. Pixels are not compressed, because compressors differ between versions.
"""

import math
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from uuid import NAMESPACE_OID, uuid5

import numpy as np
from tifffile import imwrite

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.image import Pixels
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
    sizes = dict(sorted((pixel_size_um or {}).items()))
    pixels = np.ascontiguousarray(array)
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8)
    pixels = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    problem = _find_problem(pixels, axes, channels) or _find_unit_problem(
        sizes, time_step_s
    )
    if problem:
        raise DataError(f"{shown(path)} cannot be written: {problem}.")
    metadata: dict[str, object] = {"axes": axes, "Creator": CREATOR}
    for axis, size in sizes.items():
        metadata[f"PhysicalSize{axis.upper()}"] = float(size)
        metadata[f"PhysicalSize{axis.upper()}Unit"] = "\u00b5m"
    if time_step_s is not None:
        metadata |= {"TimeIncrement": float(time_step_s), "TimeIncrementUnit": "s"}
    if channels:
        metadata["Channel"] = {"Name": list(channels)}
    described = canonical_json([metadata, list(pixels.shape), pixels.dtype.name])
    digest = sha256(described.encode())
    digest.update(pixels.data)
    metadata["UUID"] = f"urn:uuid:{uuid5(NAMESPACE_OID, digest.hexdigest())}"
    try:
        _write(path, pixels, metadata, has_samples=axes.endswith("S"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{shown(path)} cannot be written: {error}.",
            remedy="Check the folder, and the space on its disk.",
        ) from error


def _find_problem(pixels: Pixels, axes: str, channels: Sequence[str]) -> str:
    """Say why an array cannot be written; empty when it can."""
    if not _AXES.fullmatch(axes) or len(axes) != pixels.ndim:
        return (
            f"the axes of {pixels.ndim} dimensions cannot be {axes!r}; give some of "
            "T, Z, C, then YX, or YXS"
        )
    if pixels.dtype.name not in _TYPES:
        return (
            f"OME-TIFF cannot hold {pixels.dtype.name}; convert labels to uint16 or "
            "uint32 and values to float32"
        )
    if not pixels.size:
        return f"an array of shape {pixels.shape} has no pixels"
    count = pixels.shape[axes.index("C")] if "C" in axes else 1
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
    path: Path, pixels: Pixels, metadata: dict[str, object], *, has_samples: bool
) -> None:
    is_rgb = has_samples and pixels.shape[-1] in (3, 4)
    unfinished = path.parent / f".{token_hex(8)}.part"
    try:
        with unfinished.open("x+b") as stream, tifffile_silenced():
            imwrite(
                stream,
                pixels,
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
