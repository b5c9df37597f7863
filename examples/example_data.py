"""What the recipes of the examples write: images as OME-TIFF, truth as CSV.

Equal images are equal bytes: no date, no random number and no version is written.
"""

import csv
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

_NAMESPACE = uuid.UUID("2f0c5d1e-63a7-5d38-9b0e-5f1f6c1d7a42")
_CREATOR = "BioImageIT Flow examples"


@dataclass(frozen=True, slots=True)
class ExampleData:
    """The files that a recipe made.

    Attributes
    ----------
    images : tuple of Path
        The images to import, in the order of `truth`.
    truth : Path
        One row per image: ``file``, its annotations and its true values.
    objects : Path
        One row per object: ``file``, where it is and what it is like.
    """

    images: tuple[Path, ...]
    truth: Path
    objects: Path


def write_image(
    path: Path,
    data: NDArray[Any],
    axes: str,
    pixel_um: Mapping[str, float],
    channels: Sequence[str] = (),
) -> None:
    """Write an OME-TIFF.

    Parameters
    ----------
    path : Path
        A file name that ends in ``.ome.tif``.
    data : ndarray
        The pixels.
    axes : str
        A letter of ``TZCYX`` per dimension.
    pixel_um : mapping of str to float
        Width of a pixel along ``X``, ``Y`` and ``Z`` in micrometres.
    channels : sequence of str
        Names of the channels.
    """
    metadata: dict[str, Any] = {"axes": axes, "Creator": _CREATOR}
    for axis, size in sorted(pixel_um.items()):
        metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "µm"}
    if channels:
        metadata["Channel"] = {"Name": list(channels)}
    pixels = np.ascontiguousarray(data)
    content = hashlib.sha256(f"{metadata} {pixels.dtype.str} {pixels.shape}".encode())
    content.update(pixels.data)
    metadata["UUID"] = str(uuid.uuid5(_NAMESPACE, content.hexdigest()))
    tifffile.imwrite(
        path,
        pixels,
        ome=True,
        photometric="minisblack",
        software=False,
        metadata=metadata,
    )


def write_table(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Write a CSV file; floats get 6 significant digits."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(
            [f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row]
            for row in rows
        )
