"""OME-XML in the header of a TIFF: untrusted text, read once and made plain.

The text is parsed by defusedxml with document types forbidden. tifffile is then given a
new, minimal text with just what it needs, so that nothing it does with a header (follow
file names, fill axes with numbers) depends on the stranger's.

Source: https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bioimageit_flow.formats.calibration import duration_s, length_um
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal

_ROOT = re.compile(rb"<(\w+:)?OME[\s>/]")
_ORDER = re.compile(r"XY(?=.*Z)(?=.*C)(?=.*T)[ZCT]{3}")
_NUMBER = re.compile(r"\s*[0-9]{1,9}\s*")
_SEARCHED_BYTES = 4096
_SINGLE_FILE = "Save it as one file, for example with the Bio-Formats exporter of Fiji."


@dataclass(frozen=True, slots=True)
class Planes:
    """A run of pages that hold consecutive planes of one image.

    Attributes
    ----------
    page : int
        The first page, from 0.
    count : int
        How many.
    first : mapping of str to int
        Index of the first plane in ``Z``, ``C``, ``T``.
    """

    page: int
    count: int
    first: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OmeImage:
    """One image that OME-XML describes and that lies in this file.

    Attributes
    ----------
    order : str
        Such as ``XYZCT``, fastest axis first.
    sizes : mapping of str to int
        Length of each axis of `order`.
    samples : int
        Samples per pixel; the C axis counts them too.
    """

    order: str
    sizes: Mapping[str, int]
    samples: int
    planes: tuple[Planes, ...]
    pixel_size_um: Mapping[str, float] = field(default_factory=dict)
    time_step_s: float | None = None
    channels: tuple[str, ...] = ()


def looks_like_ome(description: bytes) -> bool:
    """Say whether an image description is meant to be OME-XML."""
    return _ROOT.search(description[:_SEARCHED_BYTES]) is not None


def read_ome(description: bytes, page_count: int, filename: str) -> list[OmeImage]:
    """Return the images that OME-XML describes and that lie in this very file.

    Parameters
    ----------
    description : bytes
        The image description of the first page.
    page_count : int
        Pages of the file.
    filename : str
        Name of the file, to tell its planes from those of other files.

    Raises
    ------
    Refusal
        If it is not well formed, promises planes that are not there, or describes
        an image that is spread over several files.
    """
    root = parse_ome(description)
    other_file = next(
        (element.get("MetadataFile", "") for element in _children(root, "BinaryOnly")),
        None,
    )
    if other_file is not None:
        raise Refusal(
            f"is one of several files of an image described in {other_file!r}",
            _SINGLE_FILE,
        )
    own = _own_uuids(root, filename)
    all_pixels = [
        pixels
        for image in _children(root, "Image")
        for pixels in _children(image, "Pixels")
        if not _children(pixels, "MetadataOnly")
    ]
    here = [pixels for pixels in all_pixels if _is_here(pixels, own)]
    if not all_pixels:
        raise _corrupt("it describes no image")
    if not here:
        raise Refusal("is one of several files of one image", _SINGLE_FILE)
    return [_image(pixels, page_count) for pixels in here]


def plain_ome(images: list[OmeImage]) -> str:
    """Return minimal OME-XML that says where the planes of images are."""
    root = Element("OME")
    for image in images:
        attributes = {f"Size{axis}": str(size) for axis, size in image.sizes.items()}
        pixels = SubElement(
            SubElement(root, "Image"),
            "Pixels",
            {"DimensionOrder": image.order, **attributes},
        )
        SubElement(pixels, "Channel", {"SamplesPerPixel": str(image.samples)})
        for run in image.planes:
            first = {f"First{axis}": str(index) for axis, index in run.first.items()}
            SubElement(
                pixels,
                "TiffData",
                {"IFD": str(run.page), "PlaneCount": str(run.count), **first},
            )
    return tostring(root, encoding="unicode")


def parse_ome(description: bytes) -> Element:
    """Return the root of OME-XML.

    Raises
    ------
    Refusal
        If it is not well formed, has a document type, or is something else.
    """
    try:
        text = description.decode()
    except UnicodeDecodeError:
        text = description.decode("cp1252", "replace")
    try:
        root: Element = fromstring(text.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise _corrupt(str(error).splitlines()[0]) from error
    if not root.tag.endswith("OME"):
        raise _corrupt("its root is not OME")
    return root


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _own_uuids(root: Element, filename: str) -> set[str]:
    """Return the UUIDs by which OME-XML calls the file that it stands in."""
    named = {
        (uuid.text or "").strip(): uuid.get("FileName", "")
        for image in _children(root, "Image")
        for pixels in _children(image, "Pixels")
        for data in _children(pixels, "TiffData")
        for uuid in _children(data, "UUID")
    }
    own = {root.get("UUID", "").strip()} - {""}
    own |= {uuid for uuid, name in named.items() if name == filename}
    if not own and len(named) == 1:
        own = set(named)  # a file that was given another name
    return own


def _is_here(pixels: Element, own: set[str]) -> bool:
    return all(
        (uuid.text or "").strip() in own
        for data in _children(pixels, "TiffData")
        for uuid in _children(data, "UUID")
    )


def _image(pixels: Element, page_count: int) -> OmeImage:
    order = pixels.get("DimensionOrder", "")
    if not _ORDER.fullmatch(order):
        raise _corrupt(f"its dimension order is {order!r}")
    sizes = {axis: _whole(pixels, f"Size{axis}", minimum=1) for axis in order}
    channels = _children(pixels, "Channel")
    samples = _whole(channels[0], "SamplesPerPixel", 1, minimum=1) if channels else 1
    if sizes["C"] % samples:
        raise _corrupt("its channels and samples do not fit together")
    names = tuple(channel.get("Name", "") for channel in channels)
    lengths = {
        axis.lower(): length_um(
            pixels.get(f"PhysicalSize{axis}"),
            pixels.get(f"PhysicalSize{axis}Unit", "um"),
        )
        for axis in "XYZ"
    }
    step = pixels.get("TimeIncrement")
    return OmeImage(
        order=order,
        sizes=sizes,
        samples=samples,
        planes=_planes(pixels, order, sizes | {"C": sizes["C"] // samples}, page_count),
        pixel_size_um={axis: size for axis, size in lengths.items() if size},
        time_step_s=duration_s(step, pixels.get("TimeIncrementUnit", "s")),
        channels=names if any(names) else (),
    )


def _planes(
    pixels: Element, order: str, sizes: Mapping[str, int], page_count: int
) -> tuple[Planes, ...]:
    """Return where the planes are, having checked that all of them are there."""
    wanted = prod(sizes[axis] for axis in "ZCT")
    if wanted > page_count:
        raise _missing(wanted, page_count)
    strides = {"Z": 1, "C": 1, "T": 1}
    strides[order[3]] = sizes[order[2]]
    strides[order[4]] = sizes[order[2]] * sizes[order[3]]
    runs: list[Planes] = []
    is_there = bytearray(wanted)
    for data in _children(pixels, "TiffData") or [Element("TiffData")]:
        page = _whole(data, "IFD", 0)
        left = max(page_count - page, 0)
        usual = 1 if "IFD" in data.attrib else min(wanted, left)
        count = _whole(data, "PlaneCount", _whole(data, "NumPlanes", usual))
        first = {axis: _whole(data, f"First{axis}", 0) for axis in "ZCT"}
        if any(first[axis] >= sizes[axis] for axis in "ZCT"):
            raise _corrupt("it places a plane outside the image")
        if count > left:
            raise _missing(page + count, page_count)
        start = sum(first[axis] * strides[axis] for axis in "ZCT")
        count = min(count, wanted - start)
        is_there[start : start + count] = b"\1" * count
        if count:
            runs.append(Planes(page, count, first))
    if 0 in is_there:
        raise _missing(wanted, wanted - is_there.count(0))
    return tuple(runs)


def _whole(
    element: Element, name: str, default: int | None = None, *, minimum: int = 0
) -> int:
    text = element.get(name)
    if text is None and default is not None:
        return default
    if text is None or not _NUMBER.fullmatch(text) or int(text) < minimum:
        raise _corrupt(f"its {name} is {'missing' if text is None else repr(text)}")
    return int(text)


def _corrupt(reason: str) -> Refusal:
    return Refusal(f"has corrupt OME-XML: {reason}", EXPORT_AGAIN)


def _missing(promised: int, found: int) -> Refusal:
    return Refusal(
        f"is incomplete: its OME-XML promises {promised} planes and it holds {found}",
        EXPORT_AGAIN,
    )
