"""A stamp as a text chunk of a PNG, before its end.

Source: https://www.w3.org/TR/png-3/ (``iTXt``: keyword, no compression, UTF-8).
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.stamps.change import Change, Edit, replacing
from bioimageit_flow.formats.stamps.text import MAX_STAMP_BYTES

KEYWORD = b"bioimageit-flow"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_START = struct.Struct(">I4s")
_CHECKSUM_BYTES = 4
_MAX_CHUNKS = 1_000_000
_PREFIX = KEYWORD + b"\0\0\0\0\0"  # not compressed, no language, no translation


def claims(head: bytes) -> bool:
    """Say whether a file begins like a PNG."""
    return head.startswith(_SIGNATURE)


def write(path: Path, text: str) -> bool:
    """Write a stamp into a PNG; say whether that could be done."""
    body = _PREFIX + text.encode()
    chunk = b"iTXt" + body
    checksum = struct.pack(">I", zlib.crc32(chunk))
    with path.open("rb") as stream:
        end = next((start for start, name, _ in _chunks(stream) if name == b"IEND"), 0)
        if not end:
            return False
        stream.seek(0)
        data = stream.read()
    with replacing(path) as unfinished, unfinished.open("xb") as new:
        new.write(data[:end])
        new.write(struct.pack(">I", len(body)) + chunk + checksum)
        new.write(data[end:])
    return True


def find(stream: BinaryIO) -> Change | None:
    """Return the stamp in a PNG; None where there is none."""
    for start, name, length in _chunks(stream):
        if name != b"iTXt" or length < len(_PREFIX):
            continue
        stream.seek(start + _START.size)
        if stream.read(len(_PREFIX)) != _PREFIX:
            continue
        if length > MAX_STAMP_BYTES:
            raise Refusal(f"has a stamp of {length} bytes, which is none")
        text = stream.read(length - len(_PREFIX)).decode("utf-8", "replace")
        stop = start + _START.size + length + _CHECKSUM_BYTES
        return Change(text, (Edit(start, stop),))
    return None


def _chunks(stream: BinaryIO) -> Iterator[tuple[int, bytes, int]]:
    """Go through the chunks: where each starts, its name and its length."""
    start = len(_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        stream.seek(start)
        head = stream.read(_START.size)
        if len(head) < _START.size:
            return
        length, name = _START.unpack(head)
        yield start, name, length
        if name == b"IEND":
            return
        start += _START.size + length + _CHECKSUM_BYTES
