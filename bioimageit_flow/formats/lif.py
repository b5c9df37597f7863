"""Leica LIF, read by the library ``liffile``: each image and each tile is one."""

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bioimageit_flow.formats.calibration import duration_s, length_um
from bioimageit_flow.formats.image import Image, Pixels
from bioimageit_flow.formats.library import Foreign, imported
from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.planes import Index, Planes, whole_image
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal, shown
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.selector import chosen_series
from bioimageit_flow.formats.sizes import named_axes
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

_HEADER = struct.Struct("<IIBI")
_MARK, _TEXT = 0x70, 0x2A
_DIMENSIONS = "./Data/Image/ImageDescription/Dimensions/DimensionDescription"
_CHANNELS = "./Data/Image/ImageDescription/Channels/ChannelDescription"
_BY_ID = {"1": "X", "2": "Y", "3": "Z", "4": "T"}
_WAVELENGTHS = ("\u03bb", "\u039b")  # emission and excitation
_MAX_XML_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class _Part:
    """One image of a file, or one tile of it, with our names of its dimensions."""

    info: DataInfo
    image: Foreign
    tile: int
    names: Mapping[str, str]


class LifReader:
    """Reads LIF of any images, times, slices, channels, wavelengths and tiles."""

    version = "lif/1"
    libraries: tuple[str, ...] = ("liffile",)

    def claims(self, sample: Sample) -> bool:
        """Say whether a file begins like a LIF."""
        if len(sample.head) < _HEADER.size + 2:
            return False
        mark, size, text, letters = _HEADER.unpack_from(sample.head)
        is_lif = mark == _MARK and text == _TEXT and size == 2 * letters + 5
        return is_lif and sample.head[_HEADER.size : _HEADER.size + 2] == b"<\0"

    def probe(self, sample: Sample) -> DataInfo:
        """Return what the header says; images are `DataInfo.series`."""
        with _opened(sample) as parts:
            infos = tuple(part.info for part in parts)
        return replace(infos[0], series=infos) if len(infos) > 1 else infos[0]

    def verify(self, sample: Sample) -> None:
        """Nothing more to check: `probe` finds the bytes of every image."""

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        """Return the pixels of one image."""
        with self.open_planes(sample, selector) as planes:
            return whole_image(planes, max_bytes)

    @contextmanager
    def open_planes(
        self, sample: Sample, selector: str, least: int | None = None
    ) -> Iterator[Planes]:
        """Open one image; the format has no smaller copies."""
        with _opened(sample) as parts:
            part = parts[chosen_series(selector, len(parts))]
            yield Planes(part.info, _plane_source(part))


def _plane_source(part: _Part) -> Callable[[Index], Pixels]:
    # Colours may have to be put in order, which the library does in memory.
    is_mapped = part.image.sizes.get("S", 1) == 1
    if not is_mapped:
        require_memory(part.image.nbytes)
    array: Foreign = part.image.asarray(out="memmap" if is_mapped else None)
    dims = list(part.image.sizes)
    axes = part.info.axes
    assert axes is not None
    ours = [part.names.get(dim, dim) for dim in dims]
    plane_axes = [axis for axis in axes if axis in "YXS"]

    def read(index: Index) -> Pixels:
        at = dict(zip(axes, index, strict=False)) | {"M": part.tile}
        place = tuple(
            slice(None) if axis in plane_axes else at.get(axis, 0) for axis in ours
        )
        left = [axis for axis in ours if axis in plane_axes]
        plane = np.asarray(array[place])
        return np.array(plane.transpose([left.index(axis) for axis in plane_axes]))

    return read


@contextmanager
def _opened(sample: Sample) -> Iterator[list[_Part]]:
    library = imported("liffile", "a Leica LIF file")
    _check_header(sample)
    try:
        with library.LifFile(sample.path, squeeze=False) as file:
            parts = [
                part for image in file.images for part in _parts(image, sample.size)
            ]
            yield _listed(parts)
    except (Refusal, OSError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise Refusal(f"cannot be read as LIF: {reason}", EXPORT_AGAIN) from error


def _listed(parts: list[_Part]) -> list[_Part]:
    if not parts:
        raise Refusal("holds no image")
    if len(parts) == 1:
        return [replace(parts[0], info=replace(parts[0].info, title=""))]
    return parts


def _check_header(sample: Sample) -> None:
    """Check that the XML is whole and harmless before a library parses it."""
    letters = _HEADER.unpack_from(sample.head)[3]
    if _HEADER.size + 2 * letters > min(sample.size, _MAX_XML_BYTES):
        raise Refusal("is truncated: its header is not whole")
    with sample.path.open("rb") as stream:
        stream.seek(_HEADER.size)
        data = stream.read(2 * letters)
    try:
        fromstring(data.decode("utf-16-le"), forbid_dtd=True)
    except (SyntaxError, DefusedXmlException, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise Refusal(f"has a corrupt header: {reason}", EXPORT_AGAIN) from error


def _parts(image: Foreign, file_size: int) -> Iterator[_Part]:
    name = shown(str(image.name))
    if image.is_flim:
        raise Refusal(
            f"holds {name}, lifetimes that this version cannot read",
            "Export the other images without it.",
        )
    block = image.memory_block
    stored = int(block.size)
    sizes = dict(image.sizes)
    wanted = prod(sizes.values()) * np.dtype(image.dtype).itemsize
    if block.offset < 0 or block.offset + stored > file_size or stored < wanted:
        raise Refusal(f"is truncated: the pixels of {name} are not all there")
    wavelength = _wavelength(sizes, name)
    if wavelength:
        sizes["C"] = sizes.pop(wavelength)
    names = {wavelength: "C"} if wavelength else {}
    if "Z" in sizes and "Y" not in sizes:  # a scan of X and Z: its rows lie in depth
        sizes["Y"] = sizes.pop("Z")
        names["Z"] = "Y"
    tiles = sizes.pop("M", 1)
    order = "".join(
        axis for axis in (names.get(dim, dim) for dim in image.sizes) if axis in "TZC"
    )
    try:
        axes, shape = named_axes(sizes, order=order)
    except Refusal as refusal:
        raise Refusal(f"holds {name}, which {refusal.phrase}", refusal.remedy) from None
    step = {names.get(axis, axis): one for axis, one in _steps(image).items()}
    info = DataInfo(
        kind=Kind.IMAGE,
        format="lif",
        axes=axes,
        shape=shape,
        dtype=np.dtype(image.dtype).newbyteorder("=").name,
        pixel_size_um=_pixel_size(step, axes),
        time_step_s=duration_s(*step.get("T", (0, ""))) if "T" in axes else None,
        channels=() if wavelength else _channel_names(image, sizes.get("C", 1)),
        title=f"{image.name} (rows along Z)" if "Z" in names else str(image.name),
    )
    for tile in range(tiles):
        title = f"{info.title} tile {tile + 1}" if tiles > 1 else info.title
        yield _Part(replace(info, title=title), image, tile, names)


def _wavelength(sizes: dict[str, int], name: str) -> str:
    """Return the dimension of wavelengths, if the image has one."""
    found = [dim for dim in _WAVELENGTHS if sizes.get(dim, 1) > 1]
    if len(found) + (sizes.get("C", 1) > 1) > 1:
        raise Refusal(
            f"holds {name}, which has channels and wavelengths ({', '.join(found)}); "
            "C cannot name both",
            "Export it as one file for each channel.",
        )
    for dim in _WAVELENGTHS:
        if sizes.get(dim) == 1:
            del sizes[dim]
    if found:
        sizes.pop("C", None)
    return found[0] if found else ""


def _steps(image: Foreign) -> dict[str, tuple[float, str]]:
    """Return the distance of neighbours along each axis, with its unit."""
    steps = {}
    for one in image.xml_element.iterfind(_DIMENSIONS):
        axis = _BY_ID.get(one.get("DimID", ""))
        count = int(one.get("NumberOfElements", "0"))
        if axis and count > 1:
            length = abs(float(one.get("Length", "0")))
            steps[axis] = length / (count - 1), str(one.get("Unit") or "?")
    return steps


def _pixel_size(steps: dict[str, tuple[float, str]], axes: str) -> dict[str, float]:
    sizes = {}
    for axis in "XYZ":
        length = length_um(*steps[axis]) if axis in axes and axis in steps else None
        if length is not None:
            sizes[axis.lower()] = length
    return sizes


def _channel_names(image: Foreign, count: int) -> tuple[str, ...]:
    names = []
    for one in image.xml_element.iterfind(_CHANNELS):
        dye = next(
            (
                pair.findtext("Value", "")
                for pair in one.iterfind("./ChannelProperty")
                if pair.findtext("Key") == "DyeName"
            ),
            "",
        )
        names.append(dye or one.get("NameOfMeasuredQuantity") or one.get("LUTName", ""))
    return tuple(names) if len(names) == count and all(names) else ()


READER = LifReader()
