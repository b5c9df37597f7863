"""Pictures that carry their workflow: the text of the file in PNG and SVG.

PNG: an international text chunk (iTXt, compressed) before the end. SVG: a `metadata`
element. Readers of both ignore what they do not know.

Sources: https://www.w3.org/TR/png-3/#11iTXt and
https://www.w3.org/TR/SVG2/metadata.html
"""

import base64
import struct
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError  # the type only; nothing is parsed by it

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from bioimageit_flow.errors import DataError

KEYWORD = "bioimageit-flow/workflow"
NAMESPACE = "urn:bioimageit-flow:workflow:1"
MAX_TEXT = 32_000_000

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def with_workflow_png(picture: bytes, text: str) -> bytes:
    """Return a PNG that carries the text of a workflow, in place of any other.

    Raises
    ------
    DataError
        If the bytes are no PNG.
    """
    payload = (
        KEYWORD.encode("latin-1")
        + b"\0\1\0\0\0"
        + zlib.compress(text.encode("utf-8"), level=9)
    )
    kept = [
        (kind, data)
        for kind, data in _chunks(picture, "the picture")
        if not (kind == b"iTXt" and data.startswith(KEYWORD.encode() + b"\0"))
    ]
    if not kept or kept[-1][0] != b"IEND":
        raise DataError("This is not a complete PNG picture.")
    kept.insert(len(kept) - 1, (b"iTXt", payload))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in kept)


def with_workflow_svg(picture: bytes, text: str) -> bytes:
    """Return an SVG that carries the text of a workflow, in place of any other.

    Raises
    ------
    DataError
        If the bytes are no SVG.
    """
    _svg_text(picture, "the picture")  # refuses what is no SVG
    source = picture.decode("utf-8")
    opening, closing = f'<metadata xmlns:flow="{NAMESPACE}"', "</metadata>"
    begin = source.find(opening)
    if begin >= 0:
        source = source[:begin] + source[source.index(closing, begin) + len(closing) :]
    packed = base64.b64encode(zlib.compress(text.encode("utf-8"), level=9)).decode()
    element = (
        f'{opening}><flow:workflow encoding="deflate-base64">{packed}'
        f"</flow:workflow>{closing}"
    )
    end = source.rindex("</svg")
    return (source[:end] + element + source[end:]).encode("utf-8")


def read_picture(picture: bytes, name: str = "the picture") -> str:
    """Return the text of the workflow that a PNG or SVG carries.

    Raises
    ------
    DataError
        If it carries none, is damaged, or is neither.
    """
    if picture.startswith(_SIGNATURE):
        text = _png_text(picture, name)
    elif b"<svg" in picture[:4096]:
        text = _svg_text(picture, name)
    else:
        raise DataError(
            f"{name} is neither a PNG nor an SVG picture.",
            remedy="Drop a picture that this program has saved.",
        )
    if text is None:
        raise DataError(
            f"{name} carries no workflow.",
            remedy="Only pictures that this program has saved do; some programs and "
            "web sites take it out again.",
        )
    return text


def _png_text(picture: bytes, name: str) -> str | None:
    for kind, data in _chunks(picture, name):
        keyword, _, rest = data.partition(b"\0")
        if kind != b"iTXt" or keyword != KEYWORD.encode() or len(rest) < 4:
            continue
        is_packed = rest[0] == 1
        _, _, rest = rest[2:].partition(b"\0")  # language
        _, _, rest = rest.partition(b"\0")  # translated keyword
        return _unpacked(rest, name) if is_packed else _decoded(rest, name)
    return None


def _svg_text(picture: bytes, name: str) -> str | None:
    try:
        root = defusedxml.ElementTree.fromstring(picture)
    except DefusedXmlException as error:
        raise DataError(
            f"{name} is not opened: it defines entities or refers to other files.",
            remedy="Drop a picture that this program has saved.",
        ) from error
    except (ParseError, ValueError) as error:
        raise DataError(f"{name} is not an SVG picture ({error}).") from error
    if not str(root.tag).endswith("svg"):
        raise DataError(f"{name} is not an SVG picture.")
    found = root.find(f".//{{{NAMESPACE}}}workflow")
    if found is None:
        return None
    try:
        return _unpacked(base64.b64decode(found.text or "", validate=True), name)
    except ValueError as error:
        raise DataError(f"The workflow in {name} is damaged.") from error


def _unpacked(data: bytes, name: str) -> str:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, MAX_TEXT)
    except zlib.error as error:
        raise DataError(f"The workflow in {name} is damaged.") from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise DataError(f"The workflow in {name} is damaged or far too long.")
    return _decoded(text, name)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"The workflow in {name} is damaged.") from error


def _chunks(picture: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    if not picture.startswith(_SIGNATURE):
        raise DataError(f"{name} is not a PNG picture.")
    position = len(_SIGNATURE)
    while position + 12 <= len(picture):
        (length,) = struct.unpack_from(">I", picture, position)
        kind = picture[position + 4 : position + 8]
        data = picture[position + 8 : position + 8 + length]
        if len(data) != length:
            raise DataError(f"{name} is cut off.")
        yield kind, data
        position += 12 + length
        if kind == b"IEND":
            return


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
