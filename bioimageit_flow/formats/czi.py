"""Zeiss CZI: scenes become images, tiles of a mosaic become one plane.

The structure is read by hand and the pixels are decoded by imagecodecs, which comes
with the program: one way for every Python, and nothing but headers for a look.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bioimageit_flow.formats.calibration import duration_s, length_um
from bioimageit_flow.formats.czi_pixels import PIXEL_TYPES, decode
from bioimageit_flow.formats.czi_structure import (
    SIGNATURE,
    Block,
    block_place,
    read_structure,
)
from bioimageit_flow.formats.image import Image, Pixels
from bioimageit_flow.formats.planes import Index, Planes, whole_image
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.selector import chosen_series
from bioimageit_flow.formats.sizes import named_axes
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

_METRES = "m"
_BESIDE = frozenset("XYTZCSM")
_IMAGE = ".//Information/Image"


@dataclass(frozen=True, slots=True)
class _Scene:
    """One scene: what it is, and the blocks of each plane."""

    info: DataInfo
    blocks: dict[Index, list[Block]]
    left: int
    top: int


class CziReader:
    """Reads CZI of any scenes, times, slices and channels."""

    version = "czi/1"

    def claims(self, sample: Sample) -> bool:
        """Say whether a file begins like a CZI."""
        return sample.head.startswith(SIGNATURE)

    def probe(self, sample: Sample) -> DataInfo:
        """Return what the header says; scenes are `DataInfo.series`."""
        with sample.path.open("rb") as stream:
            infos = tuple(scene.info for scene in _scenes(stream, sample.size))
        return replace(infos[0], series=infos) if len(infos) > 1 else infos[0]

    def verify(self, sample: Sample) -> None:
        """Check that the bytes of every block are there."""
        with sample.path.open("rb") as stream:
            for block in read_structure(stream, sample.size).blocks:
                block_place(stream, sample.size, block)

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        """Return the pixels of one scene."""
        with self.open_planes(sample, selector) as planes:
            return whole_image(planes, max_bytes)

    @contextmanager
    def open_planes(
        self, sample: Sample, selector: str, least: int | None = None
    ) -> Iterator[Planes]:
        """Open one scene; its smaller copies are not used."""
        with sample.path.open("rb") as stream:
            scenes = _scenes(stream, sample.size)
            scene = scenes[chosen_series(selector, len(scenes))]

            def read(index: Index) -> Pixels:
                return _plane(stream, sample.size, scene, index)

            yield Planes(scene.info, read)


def _scenes(stream: BinaryIO, size: int) -> list[_Scene]:
    structure = read_structure(stream, size)
    by_scene: dict[int, list[Block]] = defaultdict(list)
    for block in structure.blocks:
        if not block.is_reduced:
            by_scene[block.starts.get("S", 0)].append(block)
    root = _parse(structure.xml)
    titles = [one.get("Name", "") for one in root.iterfind(f"{_IMAGE}//Scene")]
    scenes = []
    for number in sorted(by_scene):
        scene = _scene(by_scene[number], root)
        named = number < len(titles) and titles[number]
        title = titles[number] if named else f"scene {number}"
        info = replace(scene.info, title=title if len(by_scene) > 1 else "")
        scenes.append(replace(scene, info=info))
    return scenes


def _scene(blocks: list[Block], root: Element) -> _Scene:
    firsts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for block in blocks:
        for axis, start in block.starts.items():
            firsts[axis] = min(firsts.get(axis, start), start)
            ends[axis] = max(ends.get(axis, 0), start + block.sizes[axis])
    sizes = {axis: ends[axis] - firsts[axis] for axis in firsts}
    types = {block.pixel_type for block in blocks}
    if len(types) > 1 or not types <= PIXEL_TYPES.keys():
        known = [PIXEL_TYPES[one].name for one in types if one in PIXEL_TYPES]
        raise Refusal(
            f"has pixels of types that cannot be read together ({', '.join(known)})",
            "Export its channels as separate files.",
        )
    pixel = PIXEL_TYPES[types.pop()]
    lengths = {axis: length for axis, length in sizes.items() if axis not in "SM"}
    lengths.pop("0", None)
    axes, shape = named_axes({**lengths, "S": pixel.samples})
    stack = axes[: axes.index("Y")]
    planes: dict[Index, list[Block]] = defaultdict(list)
    for block in blocks:
        if any(block.sizes[axis] > 1 for axis in block.sizes if axis not in "XY0"):
            raise Refusal(
                "has blocks of several planes, which this version cannot read",
                EXPORT_AGAIN,
            )
        index = tuple(block.starts.get(axis, 0) - firsts[axis] for axis in stack)
        planes[index].append(block)
    promised = int(np.prod(shape[: len(stack)], dtype=np.int64))
    if len(planes) != promised:
        raise Refusal(
            f"is incomplete: it promises {promised} planes and holds {len(planes)}"
        )
    for tiles in planes.values():
        tiles.sort(key=lambda block: block.starts.get("M", 0))
    info = DataInfo(
        kind=Kind.IMAGE,
        format="czi",
        axes=axes,
        shape=shape,
        dtype=np.dtype(pixel.dtype).name,
        pixel_size_um=_pixel_size(root, stack),
        time_step_s=_time_step(root) if "T" in stack else None,
        channels=_channels(root, sizes.get("C", 1)),
    )
    return _Scene(info, dict(planes), firsts["X"], firsts["Y"])


def _plane(stream: BinaryIO, size: int, scene: _Scene, index: Index) -> Pixels:
    info = scene.info
    assert info.axes is not None
    shape = info.shape[info.axes.index("Y") :]
    blocks = scene.blocks[index]
    if len(blocks) == 1 and (blocks[0].sizes["Y"], blocks[0].sizes["X"]) == shape[:2]:
        return decode(stream, size, blocks[0]).reshape(shape)
    plane = np.zeros(shape, np.dtype(info.dtype))
    for block in blocks:
        top, left = block.starts["Y"] - scene.top, block.starts["X"] - scene.left
        tile = decode(stream, size, block)
        tile = tile.reshape(*tile.shape[:2], *shape[2:])
        plane[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return plane


def _parse(xml: bytes) -> Element:
    if not xml.strip():
        return Element("ImageDocument")
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise Refusal(f"has corrupt metadata: {reason}", EXPORT_AGAIN) from error
    return root


def _pixel_size(root: Element, stack: str) -> dict[str, float]:
    sizes = {}
    for one in root.iterfind(".//Scaling/Items/Distance"):
        axis = one.get("Id", "").lower()
        length = length_um(one.findtext("Value") or "", _METRES)
        if axis in ("x", "y", "z") and length is not None:
            sizes[axis] = length
    if "Z" not in stack:
        sizes.pop("z", None)
    return dict(sorted(sizes.items()))


def _time_step(root: Element) -> float | None:
    text = root.findtext(f"{_IMAGE}/Dimensions/T/Positions/Interval/Increment")
    return duration_s(text or "", "s")


def _channels(root: Element, count: int) -> tuple[str, ...]:
    found = list(root.iterfind(f"{_IMAGE}/Dimensions/Channels/Channel"))
    names = tuple(one.get("Name", "") for one in found)
    return names if len(names) == count and all(names) else ()


READER = CziReader()
