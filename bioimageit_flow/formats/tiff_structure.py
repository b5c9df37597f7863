"""The skeleton of a TIFF: its pages, and whether all their pixels lie in the file.

tifffile reads what it can of a damaged file; here a damaged file is refused. Only
directories and the tables of strips and tiles are read, each bounded, so that a hostile
file costs little.

Sources: TIFF 6.0 (https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf) and
BigTIFF (http://bigtiff.org/).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from bioimageit_flow.formats.refusal import Refusal

MAX_PAGES = 1_000_000
MAX_TAGS = 4096
MAX_DESCRIPTION_BYTES = 32 * 2**20

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_WIDTH, _LENGTH, _BITS, _COMPRESSION = 256, 257, 258, 259
_PHOTOMETRIC, _DESCRIPTION, _SAMPLES, _SUB_IFDS = 262, 270, 277, 330
_STRIP_OFFSETS, _STRIP_COUNTS = 273, 279
_ROWS_PER_STRIP, _PLANAR = 278, 284
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_DEPTH, _TILE_DEPTH = 32997, 32998
_WRAPS = frozenset({65420, 34412})  # NDPI, LSM: 32-bit offsets in files beyond 4 GiB

_WANTED = frozenset(
    {_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _SUB_IFDS, _DEPTH}
    | {_STRIP_OFFSETS, _STRIP_COUNTS, _TILE_OFFSETS, _TILE_COUNTS}
    | {_TILE_WIDTH, _TILE_LENGTH, _TILE_DEPTH, _ROWS_PER_STRIP, _PLANAR}
)
_TYPES = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_SIZES |= {13: 4, 16: 8, 17: 8, 18: 8}
_FIRST_PRIVATE_TAG = 32768
_YCBCR = 6

_Entries = dict[int, tuple[int, int, bytes]]  # type, count and value field by tag
_Tags = dict[int, Sequence[int]]  # numbers by tag

_TRUNCATED = "is truncated: {} beyond the end of the file"
_DAMAGED = "is a damaged TIFF: {}"


@dataclass(frozen=True, slots=True)
class TiffStructure:
    """What `check_structure` found.

    Attributes
    ----------
    page_count : int
        Pages in the main chain, without those of pyramids.
    description : bytes
        The image description of the first page.
    """

    page_count: int
    description: bytes


def check_structure(stream: BinaryIO, size: int) -> TiffStructure:
    """Walk through the pages of a TIFF.

    Parameters
    ----------
    stream : binary file
        Begins with one of `SIGNATURES`.
    size : int
        Of the file in bytes.

    Raises
    ------
    Refusal
        If the file is truncated or damaged.
    """
    return _Walk(stream, size).check()


class _Walk:
    """One walk through the directories of one file."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._size = size
        self._budget = 2 * size + 2**20
        head = self._read(0, 8, "its header lies")
        self._order = "<" if head[:2] == b"II" else ">"
        self._is_big = head[:4] in SIGNATURES[2:]
        word = "Q" if self._is_big else "I"
        self._pointer = struct.Struct(self._order + word)
        self._count = struct.Struct(self._order + ("Q" if self._is_big else "H"))
        self._entry = struct.Struct(self._order + "HH" + word)
        self._entry_size = self._entry.size + self._pointer.size

    def check(self) -> TiffStructure:
        offset = self._unpack(8 if self._is_big else 4, self._pointer)
        description = b""
        seen: set[int] = set()
        pages = 0
        while offset:
            what = f"page {pages + 1} lies"
            entries, following = self._directory(offset, seen, what)
            if not pages:
                description = self._description(entries)
                if not self._is_big and self._wraps(entries):
                    return TiffStructure(MAX_PAGES, description)
            tags = self._tags(entries)
            self._check_page(tags, pages + 1)
            self._check_pyramid(tags.get(_SUB_IFDS, ()), seen, pages + 1)
            pages += 1
            offset = following
        if not pages:
            raise Refusal("is truncated: it has a TIFF header but no page")
        return TiffStructure(pages, description)

    def _wraps(self, entries: _Entries) -> bool:
        return self._size > 2**32 and bool(_WRAPS & set(entries))

    def _directory(
        self, offset: int, seen: set[int], what: str
    ) -> tuple[_Entries, int]:
        """Return the entries of one directory, and where the next one is."""
        if offset in seen:
            raise Refusal(_DAMAGED.format("its pages go round in a circle"))
        if len(seen) >= MAX_PAGES:
            raise Refusal(
                f"has more than {MAX_PAGES} pages", "Split it into several files."
            )
        seen.add(offset)
        count = self._unpack(offset, self._count, what)
        if not 0 < count <= MAX_TAGS:
            raise Refusal(_DAMAGED.format(f"a page has {count} tags"))
        start = offset + self._count.size
        length = count * self._entry_size
        data = self._read(start, length + self._pointer.size, what)
        entries: _Entries = {}
        for place in range(0, length, self._entry_size):
            tag, kind, items = self._entry.unpack_from(data, place)
            value = data[place + self._entry.size : place + self._entry_size]
            self._check_value(tag, items * _SIZES.get(kind, 0), value, what)
            entries.setdefault(tag, (kind, items, value))
        return entries, self._pointer.unpack_from(data, length)[0]

    def _check_value(self, tag: int, length: int, value: bytes, what: str) -> None:
        """Check that a value lies in the file; private tags are their owner's."""
        if length > len(value) and tag < _FIRST_PRIVATE_TAG:
            where: int = self._pointer.unpack(value)[0]
            if where + length > self._size:
                raise Refusal(_TRUNCATED.format(what))

    def _tags(self, entries: _Entries) -> _Tags:
        tags: _Tags = {}
        for tag in _WANTED & set(entries):
            kind, count, value = entries[tag]
            if kind not in _TYPES or not count:
                raise Refusal(_DAMAGED.format(f"tag {tag} is no whole number"))
            dtype = np.dtype(self._order + _TYPES[kind])
            length = count * dtype.itemsize
            if length > len(value):
                where = self._pointer.unpack(value)[0]
                value = self._read(where, length, "a table of strips or tiles lies")
            numbers: list[int] = np.frombuffer(value, dtype, count).tolist()
            tags[tag] = numbers
        return tags

    def _description(self, entries: _Entries) -> bytes:
        if _DESCRIPTION not in entries:
            return b""
        _, count, value = entries[_DESCRIPTION]
        if count > MAX_DESCRIPTION_BYTES:
            raise Refusal(
                f"has an image description of {count} bytes, too long to be read",
                "Export it again with fewer metadata.",
            )
        if count > len(value):
            where = self._pointer.unpack(value)[0]
            value = self._read(where, count, "its description lies")
        return value[:count].rstrip(b"\0")

    def _check_pyramid(self, offsets: Sequence[int], seen: set[int], page: int) -> None:
        for offset in offsets:
            if offset:
                what = f"a smaller copy of page {page} lies"
                entries, _ = self._directory(offset, seen, what)
                self._check_page(self._tags(entries), page)

    def _check_page(self, tags: _Tags, page: int) -> None:
        """Check that the strips or tiles of one page lie in the file."""
        width, length = tags.get(_WIDTH, (0,))[0], tags.get(_LENGTH, (0,))[0]
        if not width or not length:
            raise Refusal(_DAMAGED.format(f"page {page} has no width or no length"))
        is_tiled = _TILE_OFFSETS in tags
        offsets = tags.get(_TILE_OFFSETS if is_tiled else _STRIP_OFFSETS)
        if offsets is None:
            raise Refusal(_DAMAGED.format(f"page {page} does not say where it is"))
        counts = tags.get(_TILE_COUNTS, tags.get(_STRIP_COUNTS, ()))
        needed = _plain_bytes(tags, width, length)
        if not counts and needed is not None and len(offsets) == 1:
            counts = (needed,)
        if len(counts) != len(offsets):
            raise Refusal(_DAMAGED.format(f"page {page} has strips without a size"))
        what = _TRUNCATED.format(f"pixels of page {page} lie")
        if any(start + count > self._size for start, count in _stored(offsets, counts)):
            raise Refusal(what)
        if needed is None or is_tiled:
            if len(offsets) < _segments(tags, width, length):
                raise Refusal(_DAMAGED.format(f"page {page} lacks strips or tiles"))
            least = 0 if needed is None else _tile_bytes(tags)
            if any(0 < count < least for count in counts):
                raise Refusal(what)
            return
        if 0 in counts or 0 in offsets:
            return
        if sum(counts) < needed and (
            not _is_contiguous(offsets, counts) or offsets[0] + needed > self._size
        ):
            raise Refusal(what)

    def _unpack(
        self, offset: int, form: struct.Struct, what: str = "its header lies"
    ) -> int:
        number: int = form.unpack(self._read(offset, form.size, what))[0]
        return number

    def _read(self, offset: int, length: int, what: str) -> bytes:
        if offset + length > self._size:
            raise Refusal(_TRUNCATED.format(what))
        self._budget -= length
        if self._budget < 0:
            raise Refusal(_DAMAGED.format("its tables overlap"))
        self._stream.seek(offset)
        data = self._stream.read(length)
        if len(data) < length:
            raise Refusal(_TRUNCATED.format(what))
        return data


def _stored(offsets: Sequence[int], counts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the strips that are in the file: an empty one stands for no data."""
    pairs = zip(offsets, counts, strict=True)
    return [(start, count) for start, count in pairs if start and count]


def _is_contiguous(offsets: Sequence[int], counts: Sequence[int]) -> bool:
    return all(
        offsets[n] + counts[n] == offsets[n + 1] for n in range(len(offsets) - 1)
    )


def _segments(tags: _Tags, width: int, length: int) -> int:
    """Return how many strips or tiles a page must have."""
    samples = tags.get(_SAMPLES, (1,))[0] if tags.get(_PLANAR, (1,))[0] == 2 else 1
    depth = tags.get(_DEPTH, (1,))[0]
    if _TILE_OFFSETS not in tags:
        rows = tags.get(_ROWS_PER_STRIP, (length,))[0] or length
        return -(-length // rows) * depth * samples
    tile_width = tags.get(_TILE_WIDTH, (0,))[0]
    tile_length = tags.get(_TILE_LENGTH, (0,))[0]
    if not tile_width or not tile_length:
        raise Refusal(_DAMAGED.format("a tile has no width or no length"))
    tile_depth = tags.get(_TILE_DEPTH, (1,))[0] or 1
    across, down = -(-width // tile_width), -(-length // tile_length)
    return across * down * -(-depth // tile_depth) * samples


def _tile_bytes(tags: _Tags) -> int:
    """Return the bytes of an uncompressed tile."""
    width, length = tags[_TILE_WIDTH][0], tags[_TILE_LENGTH][0]
    samples = tags.get(_SAMPLES, (1,))[0] if tags.get(_PLANAR, (1,))[0] == 2 else 1
    depth = tags.get(_TILE_DEPTH, (1,))[0] or 1
    return width * length * depth * _bits_per_pixel(tags) // (8 * max(samples, 1))


def _bits_per_pixel(tags: _Tags) -> int:
    samples, bits = tags.get(_SAMPLES, (1,))[0], tags.get(_BITS, (1,))
    return sum(bits) if len(bits) == samples else bits[0] * samples


def _plain_bytes(tags: _Tags, width: int, length: int) -> int | None:
    """Return the bytes of an uncompressed page; None where they cannot be told."""
    compression = tags.get(_COMPRESSION, (1,))[0]
    if compression != 1 or tags.get(_PHOTOMETRIC, (0,))[0] == _YCBCR:
        return None
    depth = tags.get(_DEPTH, (1,))[0]
    return width * length * depth * _bits_per_pixel(tags) // 8
