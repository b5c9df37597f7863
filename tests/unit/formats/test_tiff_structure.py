from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.tiff_structure import check_structure

Pixels = Callable[..., NDArray[np.uint16]]
TinyTiff = Callable[..., bytes]


def check(data: bytes) -> int:
    return check_structure(BytesIO(data), len(data)).page_count


def written(array: NDArray[np.uint16], **options: object) -> bytes:
    stream = BytesIO()
    tifffile.imwrite(stream, array, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def test_hand_made_file_is_sound(tiny_tiff: TinyTiff) -> None:
    assert check(tiny_tiff()) == 1


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_counts_pages_in_every_flavour(
    pixels: Pixels, byteorder: str, bigtiff: bool
) -> None:
    data = written(
        pixels(5, 20, 30),
        byteorder=byteorder,
        bigtiff=bigtiff,
        photometric="minisblack",
        metadata=None,
    )
    assert check(data) == 5


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bigtiff": True},
        {"compression": "zlib"},
        {"tile": (16, 16)},
        {"rowsperstrip": 7},
        {"imagej": True},
        {"ome": True},
    ],
)
@pytest.mark.parametrize("missing", [60, 100, 900])
def test_refuses_every_truncated_file(
    pixels: Pixels, options: dict[str, object], missing: int
) -> None:
    data = written(pixels(4, 32, 32), photometric="minisblack", **options)
    check(data)
    with pytest.raises(Refusal, match=r"truncated|damaged"):
        check(data[: len(data) - missing])


def test_refuses_header_only(tiny_tiff: TinyTiff) -> None:
    with pytest.raises(Refusal, match="truncated"):
        check(tiny_tiff()[:8])
    with pytest.raises(Refusal, match="truncated"):
        check(tiny_tiff()[:5])


def test_refuses_file_without_pages(tiny_tiff: TinyTiff) -> None:
    with pytest.raises(Refusal, match="no page"):
        check(tiny_tiff(first_page=0))


def test_refuses_pages_in_a_circle(tiny_tiff: TinyTiff) -> None:
    with pytest.raises(Refusal, match="circle"):
        check(tiny_tiff(next_page=8))


def test_refuses_pixels_beyond_the_end(tiny_tiff: TinyTiff) -> None:
    with pytest.raises(Refusal, match="pixels of page 1"):
        check(tiny_tiff({273: 2**31}))
    with pytest.raises(Refusal, match="pixels of page 1"):
        check(tiny_tiff({279: 2**31}))


def test_refuses_size_that_needs_more_pixels_than_stored(tiny_tiff: TinyTiff) -> None:
    with pytest.raises(Refusal, match="truncated"):
        check(tiny_tiff({256: 100_000, 257: 100_000}))


def test_refuses_compressed_page_that_lacks_strips(tiny_tiff: TinyTiff) -> None:
    assert check(tiny_tiff({259: 8})) == 1
    with pytest.raises(Refusal, match="lacks strips"):
        check(tiny_tiff({259: 8, 257: 4_000_000}))


def test_refuses_page_that_lacks_tiles(tiny_tiff: TinyTiff) -> None:
    place = 8 + 2 + 12 * 10 + 4
    tiles = {322: 16, 323: 16, 324: place, 325: 16, 273: -1, 279: -1, 278: -1}
    assert check(tiny_tiff({**tiles, 259: 8})) == 1
    with pytest.raises(Refusal, match="lacks strips or tiles"):
        check(tiny_tiff({**tiles, 259: 8, 256: 17}))
    assert check(tiny_tiff({**tiles, 322: 4, 323: 4})) == 1
    with pytest.raises(Refusal, match="truncated"):
        check(tiny_tiff(tiles))
    with pytest.raises(Refusal, match="no width"):
        check(tiny_tiff({**tiles, 322: 0}))


def test_refuses_page_without_size_or_place(tiny_tiff: TinyTiff) -> None:
    with pytest.raises(Refusal, match="no width"):
        check(tiny_tiff({256: 0}))
    with pytest.raises(Refusal, match="where it is"):
        check(tiny_tiff({273: -1}))


def test_takes_uncompressed_page_without_byte_counts(tiny_tiff: TinyTiff) -> None:
    assert check(tiny_tiff({279: -1, 273: 8 + 2 + 12 * 8 + 4})) == 1
    with pytest.raises(Refusal, match="truncated"):
        check(tiny_tiff({279: -1, 273: 8 + 2 + 12 * 8 + 5}))


def test_refuses_too_many_tags() -> None:
    data = b"II*\0\x08\0\0\0" + b"\xff\xff" + bytes(70_000 * 12)
    with pytest.raises(Refusal, match="65535 tags"):
        check(data)


def test_checks_pyramid_levels(pixels: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "pyramid.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(pixels(64, 64), subifds=1, metadata={"axes": "YX"})
        writer.write(pixels(32, 32), subfiletype=1)
    data = path.read_bytes()
    assert check(data) == 1
    with pytest.raises(Refusal, match="truncated"):
        check(data[:-500])


def test_returns_description_of_first_page(pixels: Pixels) -> None:
    data = written(pixels(2, 8, 8), description="first", metadata=None)
    assert check_structure(BytesIO(data), len(data)).description == b"first"


def test_refuses_enormous_description(
    pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = written(pixels(8, 8), description="x" * 2000, metadata=None)
    monkeypatch.setattr(
        "bioimageit_flow.formats.tiff_structure.MAX_DESCRIPTION_BYTES", 1000
    )
    with pytest.raises(Refusal, match="too long"):
        check(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_either_sound_or_refused(tail: bytes) -> None:
    with suppress(Refusal):
        assert check(b"II*\0" + tail) > 0
