import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.editor.pictures import (
    KEYWORD,
    read_picture,
    with_workflow_png,
    with_workflow_svg,
)
from bioimageit_flow.errors import DataError

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>\n'


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_comes_back_from_both_kinds(text: str) -> None:
    assert read_picture(with_workflow_png(PNG, text)) == text
    assert read_picture(with_workflow_svg(SVG, text)) == text


def test_another_workflow_takes_the_place_of_the_first() -> None:
    png = with_workflow_png(with_workflow_png(PNG, "one"), "two")
    svg = with_workflow_svg(with_workflow_svg(SVG, "one"), "two")

    assert read_picture(png) == read_picture(svg) == "two"
    assert png.count(KEYWORD.encode()) == 1
    assert svg.count(b"<metadata") == 1


def test_chunks_of_the_picture_are_kept() -> None:
    png = with_workflow_png(PNG, "text")

    assert png.startswith(PNG[:-12])
    assert png.endswith(PNG[-12:])


@pytest.mark.parametrize("picture", [PNG, SVG, b"", b"GIF89a", PNG[:20], SVG[:30]])
def test_picture_without_a_workflow_is_refused(picture: bytes) -> None:
    with pytest.raises(DataError):
        read_picture(picture)


@pytest.mark.parametrize("number", range(len(PNG), len(PNG) + 60, 3))
def test_damaged_picture_is_refused_or_read(number: int) -> None:
    whole = with_workflow_png(PNG, "schema: x\n" * 50)
    damaged = whole[: number - 12] + b"\xff\xff" + whole[number - 10 :]
    try:
        read_picture(damaged)
    except DataError:
        return


def test_bomb_in_a_picture_is_refused() -> None:
    packed = zlib.compress(b"\0" * 100_000_000, level=9)
    bomb = PNG[:-12] + chunk(b"iTXt", KEYWORD.encode() + b"\0\1\0\0\0" + packed)

    with pytest.raises(DataError, match="far too long"):
        read_picture(bomb + PNG[-12:])


@pytest.mark.parametrize("number", [0, 5])
def test_svg_with_entities_is_refused(number: int) -> None:
    entity = b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG[22:]
    with pytest.raises(DataError):
        read_picture(b" " * number + entity)
