"""What a TIFF says about its pixels: their size, the time step, the channel names."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from tifffile import TiffFile, TiffPage

_UM_PER_UNIT = {
    **dict.fromkeys(["um", "micron", "microns", "micrometer", "micrometre"], 1.0),
    **dict.fromkeys(["inch", "in"], 25400.0),
    **dict.fromkeys(["angstrom", "å"], 1e-4),
    "pm": 1e-6,
    "nm": 1e-3,
    "mm": 1e3,
    "cm": 1e4,
    "m": 1e6,
}
_S_PER_UNIT = {
    **dict.fromkeys(["s", "sec", "second", "seconds"], 1.0),
    "us": 1e-6,
    "ms": 1e-3,
    "min": 60.0,
    "h": 3600.0,
}
_COARSEST_TAG_UM = 100.0
_CENTIMETRE = 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known about the pixels of an image.

    Attributes
    ----------
    pixel_size_um : mapping of str to float
        Width of a pixel along ``X``, ``Y`` and ``Z``; an unknown one is left out.
    time_step_s : float or None
        Time between two frames.
    channel_names : tuple of str
        One name per channel, or nothing.
    """

    pixel_size_um: Mapping[str, float] = field(default_factory=dict)
    time_step_s: float | None = None
    channel_names: tuple[str, ...] = ()


UNKNOWN = Calibration()


def read_calibration(tif: TiffFile) -> Calibration:
    """Read the calibration of the first image of a file.

    OME-XML comes first, then ImageJ's description. The resolution of any other TIFF
    counts only where it is given per centimetre and is finer than 100 µm: a file
    with, say, 72 dots per inch speaks of a printer, not of a microscope.
    """
    if tif.is_ome and tif.ome_metadata:
        return _from_ome(tif.ome_metadata)
    page = tif.pages.first
    if tif.is_imagej and tif.imagej_metadata:
        return _from_imagej(tif.imagej_metadata, page)
    sizes = {}
    unit = page.tags.valueof("ResolutionUnit")
    if unit is not None and int(unit) == _CENTIMETRE:
        sizes = {
            axis: size
            for axis, size in _resolution(page, 1e4).items()
            if size <= _COARSEST_TAG_UM
        }
    return Calibration(sizes)


def _from_ome(xml: str) -> Calibration:
    pixels = ElementTree.fromstring(xml).find(".//{*}Pixels")
    if pixels is None:
        return Calibration()
    sizes = {}
    for axis in "XYZ":
        factor = _factor(pixels.get(f"PhysicalSize{axis}Unit", "µm"), _UM_PER_UNIT)
        size = _positive(pixels.get(f"PhysicalSize{axis}"), factor)
        if size is not None:
            sizes[axis] = size
    factor = _factor(pixels.get("TimeIncrementUnit", "s"), _S_PER_UNIT)
    names = [channel.get("Name", "") for channel in pixels.findall("{*}Channel")]
    return Calibration(
        pixel_size_um=sizes,
        time_step_s=_positive(pixels.get("TimeIncrement"), factor),
        channel_names=tuple(names) if any(names) else (),
    )


def _from_imagej(description: dict[str, Any], page: TiffPage) -> Calibration:
    factor = _factor(description.get("unit"), _UM_PER_UNIT)
    sizes = _resolution(page, factor)
    spacing = _positive(description.get("spacing"), factor)
    if spacing is not None:
        sizes["Z"] = spacing
    tick = _factor(description.get("tunit", "sec"), _S_PER_UNIT)
    return Calibration(
        pixel_size_um=sizes,
        time_step_s=_positive(description.get("finterval"), tick),
    )


def _resolution(page: TiffPage, unit_um: float | None) -> dict[str, float]:
    """Return the pixel sizes that the tags for pixels per unit give."""
    sizes = {}
    for axis in "XY":
        pixels, units = page.tags.valueof(f"{axis}Resolution", default=(0, 0))
        size = _positive(units / pixels if pixels else None, unit_um)
        if size is not None:
            sizes[axis] = size
    return sizes


def _factor(unit: object, factors: dict[str, float]) -> float | None:
    """Return the factor of a unit, or None for one such as ``pixel``."""
    plain = str(unit).strip().replace("\\u00B5", "u")
    return factors.get(plain.replace("µ", "u").replace("μ", "u").lower())


def _positive(value: object, factor: float | None) -> float | None:
    """Return value x factor, or None where that is no length or time."""
    if value is None or factor is None:
        return None
    try:
        # 12 digits: 1e6 / 11737581 is a size, its 17th digit is not
        product = float(f"{abs(float(str(value))) * factor:.12g}")
    except ValueError:
        return None
    return product if 0 < product < math.inf else None
