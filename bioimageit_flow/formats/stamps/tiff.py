"""A stamp as a structured annotation of an OME-TIFF.

The OME-XML with the annotation is written behind everything else, and the first page is
pointed to it; nothing that was in the file moves. The old description stays where it
was, and the annotation says where, so that the file can be made again as it was.

Sources: TIFF 6.0, BigTIFF, and the OME schema of 2016-06 (``StructuredAnnotations``
follow the last ``Image``; https://docs.openmicroscopy.org/ome-model/).
"""

import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape, unescape

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.stamps.change import Change, Edit, make_own
from bioimageit_flow.formats.stamps.text import MAX_STAMP_BYTES
from bioimageit_flow.model.stamp import STAMP_NAMESPACE

_SIGNATURES = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
_DESCRIPTION = 270
_TEXT = 2
_MAX_ENTRIES = 4096
_CLASSIC_END = 2**32 - 1

_OME = "http://www.openmicroscopy.org/Schemas/OME/"
_SCHEMA = re.compile(rf'xmlns(?::\w+)?="({_OME}(?:2013-06|2015-01|2016-06))"')
_IMAGE_END = re.compile(r"</(?:\w+:)?Image\s*>")
_ANNOTATIONS = re.compile(r"<(?:\w+:)?StructuredAnnotations\s*>")
_STAMP = re.compile(r"<(?:\w+:)?Stamp\b([^<>]*)>([^<]*)</(?:\w+:)?Stamp\s*>")
_UNREADABLE = "\ufffd"  # what stands for bytes that are no UTF-8
_NUMBER = re.compile(r'(\w+)="(\d{1,20})"')


@dataclass(frozen=True, slots=True)
class _Description:
    """The image description of the first page: where it is, and what points to it."""

    order: str
    is_big: bool
    field: int
    count: int
    offset: int

    def packed(self, count: int, offset: int) -> bytes:
        return struct.pack(
            f"{self.order}{'QQ' if self.is_big else 'II'}", count, offset
        )


def claims(head: bytes) -> bool:
    """Say whether a file begins like a TIFF."""
    return head[:4] in _SIGNATURES


def write(path: Path, text: str) -> bool:
    """Write a stamp into an OME-TIFF; say whether that could be done."""
    with path.open("rb") as stream:
        place = _description(stream)
        xml = "" if place is None else _xml(stream, place)
        size = stream.seek(0, os.SEEK_END)
    if place is None or STAMP_NAMESPACE in xml:
        return False
    stamped = _annotated(xml, _stamp(text, place, size))
    if stamped is None or _UNREADABLE in stamped:
        return False
    data = stamped.encode() + b"\0"
    start = size + size % 2
    if not place.is_big and start + len(data) > _CLASSIC_END:
        return False
    make_own(path)
    with path.open("r+b") as stream:
        try:
            stream.seek(size)
            stream.write(b"\0" * (start - size) + data)
            stream.flush()
        except OSError:
            stream.truncate(size)
            raise
        stream.seek(place.field)
        stream.write(place.packed(len(data), start))
    return True


def find(stream: BinaryIO) -> Change | None:
    """Return the stamp in a TIFF; None where there is none."""
    place = _description(stream)
    if place is None:
        return None
    xml = _xml(stream, place)
    mark = xml.find(STAMP_NAMESPACE)
    found = _STAMP.search(xml, mark) if mark >= 0 else None
    if found is None:
        return None
    numbers = {name: int(value) for name, value in _NUMBER.findall(found[1])}
    return Change(unescape(found[2], {"&quot;": '"'}), _edits(place, numbers))


def _edits(place: _Description, numbers: dict[str, int]) -> tuple[Edit, ...]:
    if not {"offset", "count", "size"} <= numbers.keys():
        return ()
    old = place.packed(numbers["count"], numbers["offset"])
    stop = place.field + len(old)
    return (Edit(place.field, stop, old), Edit(numbers["size"], None))


def _stamp(text: str, place: _Description, size: int) -> str:
    return (
        f'<XMLAnnotation ID="Annotation:bioimageit-flow" Namespace="{STAMP_NAMESPACE}">'
        f'<Value><Stamp xmlns="{STAMP_NAMESPACE}" offset="{place.offset}" '
        f'count="{place.count}" size="{size}">{escape(text)}</Stamp></Value>'
        "</XMLAnnotation>"
    )


def _annotated(xml: str, stamp: str) -> str | None:
    """Return OME-XML with an annotation; None where it has no place for one."""
    schema = _SCHEMA.search(xml)
    ends = [found.end() for found in _IMAGE_END.finditer(xml)]
    if schema is None or not ends:
        return None
    known = _ANNOTATIONS.search(xml, ends[-1])
    if known is not None:
        own = stamp.replace("<XMLAnnotation ", f'<XMLAnnotation xmlns="{schema[1]}" ')
        return f"{xml[: known.end()]}{own}{xml[known.end() :]}"
    every = (
        f'<StructuredAnnotations xmlns="{schema[1]}">{stamp}</StructuredAnnotations>'
    )
    return f"{xml[: ends[-1]]}{every}{xml[ends[-1] :]}"


def _xml(stream: BinaryIO, place: _Description) -> str:
    if place.count > MAX_STAMP_BYTES:
        raise Refusal(f"has a description of {place.count} bytes")
    stream.seek(place.offset)
    return stream.read(place.count).rstrip(b"\0").decode("utf-8", "replace")


def _description(stream: BinaryIO) -> _Description | None:
    """Return where the first page has its description; None where it has none."""
    stream.seek(0)
    head = stream.read(16)
    order = _SIGNATURES.get(head[:4])
    if order is None:
        return None
    is_big = head[2:3] == b"+" or head[3:4] == b"+"
    try:
        (page,) = struct.unpack_from(
            f"{order}{'Q' if is_big else 'I'}", head, 4 + 4 * is_big
        )
        stream.seek(page)
        (count,) = struct.unpack(
            f"{order}{'Q' if is_big else 'H'}", stream.read(8 if is_big else 2)
        )
        entry = struct.Struct(f"{order}{'HHQQ' if is_big else 'HHII'}")
        for _ in range(min(count, _MAX_ENTRIES)):
            field = stream.tell() + 4
            tag, kind, length, offset = entry.unpack(stream.read(entry.size))
            if tag == _DESCRIPTION:
                is_apart = kind == _TEXT and length > (8 if is_big else 4)
                return (
                    _Description(order, is_big, field, length, offset)
                    if is_apart
                    else None
                )
    except struct.error:  # truncated, so that nothing can be said
        return None
    return None
