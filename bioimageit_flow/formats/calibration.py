"""Micrometres and seconds from what files say about them.

Sources: OME-XML (https://docs.openmicroscopy.org/ome-model/), ImageJ's calibration in
the image description (``ij.io.TiffDecoder``), and the resolution tags of TIFF 6.0.
"""

import math
import re
from collections.abc import Mapping

_UM_PER_UNIT = {
    "pm": 1e-6,
    "picometer": 1e-6,
    "å": 1e-4,
    "angstrom": 1e-4,
    "nm": 1e-3,
    "nanometer": 1e-3,
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometers": 1.0,
    "micrometre": 1.0,
    "mm": 1e3,
    "millimeter": 1e3,
    "cm": 1e4,
    "centimeter": 1e4,
    "m": 1e6,
    "meter": 1e6,
    "in": 25_400.0,
    "inch": 25_400.0,
}
_S_PER_UNIT = {
    "ns": 1e-9,
    "nanosecond": 1e-9,
    "microsecond": 1e-6,
    "millisecond": 1e-3,
    "us": 1e-6,
    "ms": 1e-3,
    "msec": 1e-3,
    "": 1.0,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
}
_TIFF_UNITS = {2: "inch", 3: "cm"}
_PRINT_UNITS = {"in", "inch", "cm", "centimeter"}
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")

MAX_PRINT_SIZE_UM = 10.0
"""A pixel that is given in inches or centimetres and is larger than this is a print
resolution (72 dpi are 353 um, 2400 dpi are 10.6 um), which says nothing of the sample.
"""


def length_um(value: object, unit: str) -> float | None:
    """Return a length in micrometres; None if it is not known.

    Parameters
    ----------
    value : object
        A number, or the text of one.
    unit : str
        Such as ``um``, ``micron``, ``nm``; ``pixel`` or nothing is not known.
    """
    factor = _UM_PER_UNIT.get(_plain_unit(unit))
    number = _positive(value)
    return None if factor is None or number is None else _tidy(number * factor)


def duration_s(value: object, unit: str) -> float | None:
    """Return a duration in seconds; None if it is not known."""
    factor = _S_PER_UNIT.get(_plain_unit(unit))
    number = _positive(value)
    return None if factor is None or number is None else _tidy(number * factor)


def resolution_um(
    resolution: Mapping[str, float], resolution_unit: int
) -> dict[str, float]:
    """Return pixel sizes from the resolution tags of a TIFF.

    Parameters
    ----------
    resolution : mapping of str to float
        Pixels per unit of ``x`` and ``y``.
    resolution_unit : int
        The ResolutionUnit tag: 2 is inch, 3 is centimetre, 1 is no unit.
    """
    return _sizes_um(resolution, _TIFF_UNITS.get(resolution_unit, ""))


def imagej_um(
    metadata: Mapping[str, object],
    resolution: Mapping[str, float],
    resolution_unit: int,
) -> dict[str, float]:
    """Return pixel sizes from ImageJ's metadata.

    ImageJ keeps pixels per unit in the resolution tags, and the unit and the distance
    of slices (``spacing``) in the description.
    """
    unit = str(metadata.get("unit") or "") or _TIFF_UNITS.get(resolution_unit, "")
    sizes = _sizes_um(resolution, unit)
    spacing = metadata.get("spacing")
    if isinstance(spacing, int | float):
        depth = length_um(abs(spacing), str(metadata.get("zunit") or unit))
        sizes |= {} if depth is None else {"z": depth}
    return sizes


def imagej_time_step_s(metadata: Mapping[str, object]) -> float | None:
    """Return the seconds between frames from ImageJ's metadata."""
    return duration_s(metadata.get("finterval"), str(metadata.get("tunit") or ""))


def _sizes_um(resolution: Mapping[str, float], unit: str) -> dict[str, float]:
    sizes = {}
    for axis, per_unit in resolution.items():
        number = _positive(per_unit)
        size = None if number is None else length_um(1 / number, unit)
        is_print = _plain_unit(unit) in _PRINT_UNITS
        if size is not None and not (is_print and size > MAX_PRINT_SIZE_UM):
            sizes[axis] = size
    return sizes


def _plain_unit(unit: str) -> str:
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), unit)
    text = text.strip().strip("\0").lower()
    return text.replace("\u00b5", "u").replace("\u03bc", "u")


def _positive(value: object) -> float | None:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < math.inf else None


def _tidy(number: float) -> float | None:
    """Drop the last digits, which come from the factors (0.1 nm is 0.0001 um)."""
    short = float(f"{number:.12g}")
    return short if 0 < short < math.inf else None
