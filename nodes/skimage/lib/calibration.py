"""What a TIFF says about its pixels: their size, the time step, the channel names."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from tifffile import TiffFile, TiffPage

_UM_PER_UNIT = {
    **dict.fromkeys(["um", "micron", "microns", "micrometer", "micrometers"], 1.0),
    **dict.fromkeys(["micrometre", "micrometres"], 1.0),
    **dict.fromkeys(["angstrom", "å"], 1e-4),
    **dict.fromkeys(["nm", "nanometer", "nanometre"], 1e-3),
    **dict.fromkeys(["mm", "millimeter", "millimetre"], 1e3),
    **dict.fromkeys(["cm", "centimeter", "centimetre"], 1e4),
    **dict.fromkeys(["m", "meter", "metre"], 1e6),
    **dict.fromkeys(["in", "inch"], 25400.0),
    "pm": 1e-6,
}
_S_PER_UNIT = {
    **dict.fromkeys(["", "s", "sec", "second", "seconds"], 1.0),
    **dict.fromkeys(["ms", "msec"], 1e-3),
    **dict.fromkeys(["min", "minute"], 60.0),
    **dict.fromkeys(["h", "hour"], 3600.0),
    "ns": 1e-9,
    "us": 1e-6,
    "d": 86400.0,
}
_TAG_UNITS = {2: "inch", 3: "cm"}
_COARSEST_PRINT_UM = 10.0


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

    OME-XML comes first, then ImageJ's description, then the resolution tags. A pixel
    that is given per inch or centimetre and is larger than 10 µm is not believed: 72
    dots per inch speak of a printer, not of a microscope.
    """
    if tif.is_ome and tif.ome_metadata:
        return _from_ome(tif.ome_metadata)
    page = tif.pages.first
    tag_unit = _TAG_UNITS.get(int(page.tags.valueof("ResolutionUnit", default=1)), "")
    if not (tif.is_imagej and tif.imagej_metadata):
        return Calibration(_resolution(page, tag_unit))
    known = tif.imagej_metadata
    unit = known.get("unit") or tag_unit
    sizes = _resolution(page, unit)
    depth_factor = _factor(known.get("zunit") or unit, _UM_PER_UNIT)
    spacing = _positive(known.get("spacing"), depth_factor)
    if spacing is not None:
        sizes["Z"] = spacing
    tick = _factor(known.get("tunit") or "", _S_PER_UNIT)
    return Calibration(sizes, _positive(known.get("finterval"), tick))


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


def _resolution(page: TiffPage, unit: str) -> dict[str, float]:
    """Return the pixel sizes that the tags for pixels per unit give."""
    factor = _factor(unit, _UM_PER_UNIT)
    is_print = factor in (_UM_PER_UNIT["inch"], _UM_PER_UNIT["cm"])
    sizes = {}
    for axis in "XY":
        pixels, units = page.tags.valueof(f"{axis}Resolution", default=(0, 0))
        size = _positive(units / pixels if pixels else None, factor)
        if size is not None and not (is_print and size > _COARSEST_PRINT_UM):
            sizes[axis] = size
    return sizes


def _factor(unit: object, factors: dict[str, float]) -> float | None:
    """Return the factor of a unit, or None for one such as ``pixel``."""
    # ImageJ writes the micro sign as backslash u00B5
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), str(unit))
    return factors.get(re.sub("[µμ]", "u", text).strip().strip("\0").lower())


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
