"""The skeleton of a Zeiss CZI: its segments, the directory of its blocks, its XML.

Everything is bounded by the size of the file. Source: "ZISRAW (CZI) File Format Design
Specification" (Carl Zeiss Microscopy GmbH), as kept by its open readers.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from bioimageit_flow.formats.refusal import Refusal

SIGNATURE = b"ZISRAWFILE\0\0\0\0\0\0"
MAX_BLOCKS = 4_000_000
MAX_XML_BYTES = 256 * 2**20

_SEGMENT = struct.Struct("<16sqq")
_FILE = struct.Struct("<iiii16s16siqqiq")
_ENTRY = struct.Struct("<2siqiiB5xi")
_DIMENSION = struct.Struct("<4siifi")
_BLOCK = struct.Struct("<iiq")
_DIRECTORY_HEAD, _METADATA_HEAD, _BLOCK_HEAD = 128, 256, 256

_TRUNCATED = "is truncated: {} beyond the end of the file"
_DAMAGED = "is a damaged CZI: {}"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of pixels: a plane, a tile of it, or a smaller copy.

    Attributes
    ----------
    starts, sizes, stored : mapping of str to int
        By dimension: where it begins, how long it is, and how long it is stored.
    place : int
        Where its segment is in the file.
    """

    pixel_type: int
    compression: int
    place: int
    starts: Mapping[str, int]
    sizes: Mapping[str, int]
    stored: Mapping[str, int]

    @property
    def is_reduced(self) -> bool:
        """Whether it is a smaller copy of other blocks."""
        return any(self.stored[axis] != self.sizes[axis] for axis in "XY")


@dataclass(frozen=True, slots=True)
class CziStructure:
    """What `read_structure` found: the blocks, and the XML as bytes."""

    blocks: tuple[Block, ...]
    xml: bytes


def read_structure(stream: BinaryIO, size: int) -> CziStructure:
    """Read directory and XML of a CZI.

    Raises
    ------
    Refusal
        If it is truncated or damaged, or is one of several files of an image.
    """
    head = _read(stream, size, 0, _SEGMENT.size + _FILE.size, "its header lies")
    facts = _FILE.unpack_from(head, _SEGMENT.size)
    part, directory, metadata, is_pending = facts[6:10]
    if part:
        raise Refusal(
            "is one of several files of one image",
            "Save it as one file, for example with ZEN.",
        )
    if is_pending or not directory:
        raise Refusal("is incomplete: its acquisition or its copy did not end")
    blocks = _directory(stream, size, directory)
    if not blocks:
        raise Refusal("holds no image")
    last = max(blocks, key=lambda block: block.place)
    block_place(stream, size, last)
    return CziStructure(blocks, _metadata(stream, size, metadata))


def block_place(stream: BinaryIO, size: int, block: Block) -> tuple[int, int]:
    """Return where the bytes of a block begin, and how many there are."""
    start = _segment(stream, size, block.place, b"ZISRAWSUBBLOCK")
    what = "a block of pixels lies"
    head = _read(stream, size, start, _BLOCK.size + _ENTRY.size, what)
    metadata, attachment, length = _BLOCK.unpack_from(head)
    count = _ENTRY.unpack_from(head, _BLOCK.size)[6]
    if min(metadata, attachment, length, count) < 0:
        raise Refusal(_DAMAGED.format("a block has no size"))
    used = _BLOCK.size + _ENTRY.size + count * _DIMENSION.size
    place = start + max(_BLOCK_HEAD, used) + metadata
    if place + length > size:
        raise Refusal(_TRUNCATED.format(what))
    return place, length


def _directory(stream: BinaryIO, size: int, place: int) -> tuple[Block, ...]:
    start = _segment(stream, size, place, b"ZISRAWDIRECTORY")
    what = "its directory lies"
    (count,) = struct.unpack("<i", _read(stream, size, start, 4, what))
    if not 0 <= count <= MAX_BLOCKS:
        raise Refusal(_DAMAGED.format(f"it lists {count} blocks"))
    length = min(count * (_ENTRY.size + 40 * _DIMENSION.size), size)
    data = _read(stream, size, start + _DIRECTORY_HEAD, length, what, is_most=True)
    blocks, place = [], 0
    for _ in range(count):
        block, place = _block(data, place)
        if not 0 <= block.place < size:
            raise Refusal(_TRUNCATED.format("a block of pixels lies"))
        blocks.append(block)
    return tuple(blocks)


def _block(data: bytes, place: int) -> tuple[Block, int]:
    if place + _ENTRY.size > len(data):
        raise Refusal(_TRUNCATED.format("its directory lies"))
    schema, pixel, where, _, compression, _, count = _ENTRY.unpack_from(data, place)
    if schema != b"DV" or not 0 < count <= 40:
        raise Refusal(_DAMAGED.format("an entry of its directory is unknown"))
    place += _ENTRY.size
    if place + count * _DIMENSION.size > len(data):
        raise Refusal(_TRUNCATED.format("its directory lies"))
    starts, sizes, stored = {}, {}, {}
    for n in range(count):
        name, start, length, _, kept = _DIMENSION.unpack_from(
            data, place + n * _DIMENSION.size
        )
        axis = name.rstrip(b"\0").decode("ascii", "replace")
        starts[axis], sizes[axis], stored[axis] = start, length, kept or length
    if not {"X", "Y"} <= sizes.keys() or min(*sizes.values(), *stored.values()) < 1:
        raise Refusal(_DAMAGED.format("a block has no rows or columns"))
    block = Block(pixel, compression, where, starts, sizes, stored)
    return block, place + count * _DIMENSION.size


def _metadata(stream: BinaryIO, size: int, place: int) -> bytes:
    if not place:
        return b""
    start = _segment(stream, size, place, b"ZISRAWMETADATA")
    what = "its metadata lie"
    (length,) = struct.unpack("<i", _read(stream, size, start, 4, what))
    if not 0 <= length <= MAX_XML_BYTES:
        raise Refusal(_DAMAGED.format(f"its metadata have {length} bytes"))
    return _read(stream, size, start + _METADATA_HEAD, length, what)


def _segment(stream: BinaryIO, size: int, place: int, name: bytes) -> int:
    """Check the head of a segment; return where its data begin."""
    what = f"the segment {name.decode().removeprefix('ZISRAW').lower()} lies"
    head = _read(stream, size, place, _SEGMENT.size, what)
    if _SEGMENT.unpack(head)[0].rstrip(b"\0") != name:
        raise Refusal(_DAMAGED.format(f"{what.removesuffix(' lies')} is not there"))
    return place + _SEGMENT.size


def _read(
    stream: BinaryIO,
    size: int,
    place: int,
    length: int,
    what: str,
    *,
    is_most: bool = False,
) -> bytes:
    if place < 0 or (place + length > size and not is_most):
        raise Refusal(_TRUNCATED.format(what))
    stream.seek(place)
    data = stream.read(length)
    if len(data) < length and not is_most:
        raise Refusal(_TRUNCATED.format(what))
    return data
