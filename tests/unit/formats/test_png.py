import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from bioimageit_flow.formats import probe, read_array, read_image
from bioimageit_flow.formats.png import SIGNATURE
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]


def chunk(name: bytes, data: bytes = b"") -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(colour: int, depth: int, *, transparency: bytes = b"") -> bytes:
    """A picture of 2 rows and 3 columns, by hand."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = b"\0" + b"\x11" * ((3 * samples * depth + 7) // 8)
    return b"".join(
        [
            SIGNATURE,
            chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, depth, colour, 0, 0, 0)),
            chunk(b"PLTE", bytes(48)) if colour == 3 else b"",
            chunk(b"tRNS", transparency) if transparency else b"",
            chunk(b"IDAT", zlib.compress(row * 2)),
            chunk(b"IEND"),
        ]
    )


@pytest.mark.parametrize(
    ("data", "axes", "samples", "dtype"),
    [
        (png(0, 1), "YX", 1, "uint8"),
        (png(0, 8), "YX", 1, "uint8"),
        (png(0, 16), "YX", 1, "uint16"),
        (png(0, 8, transparency=b"\0\1"), "YXS", 2, "uint8"),
        (png(2, 8), "YXS", 3, "uint8"),
        (png(2, 8, transparency=b"\0\1\0\1\0\1"), "YXS", 4, "uint8"),
        (png(3, 4), "YXS", 3, "uint8"),
        (png(3, 4, transparency=b"\5"), "YXS", 4, "uint8"),
        (png(4, 16), "YXS", 2, "uint16"),
        (png(6, 8), "YXS", 4, "uint8"),
    ],
)
def test_header_says_what_the_decoder_gives(
    data: bytes, axes: str, samples: int, dtype: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    info = probe(path)
    shape = (2, 3) if samples == 1 else (2, 3, samples)
    assert (info.kind, info.format, info.dtype) == (Kind.IMAGE, "png", dtype)
    assert (info.axes, info.shape) == (axes, shape)
    array = read_array(path)
    assert (array.shape, array.dtype.name) == (shape, dtype)


def test_pixels_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    array = np.arange(600, dtype=np.uint16).reshape(20, 30)
    path.write_bytes(imagecodecs.png_encode(array))
    np.testing.assert_array_equal(read_array(path), array)
    assert read_image(path, "series=0").axes == "YX"


@pytest.mark.parametrize("missing", [1, 12, 20, 40, 60])
def test_refuses_truncated_file(missing: int, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(0, 8)[:-missing])
    assert "truncated" in refused(lambda: probe(path))


def test_refuses_header_without_sense(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(0, 8).replace(b"IHDR", b"JHDR"))
    assert "damaged" in refused(lambda: probe(path))


def test_damaged_pixels_are_one_sentence(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.png"
    data = bytearray(png(0, 8))
    place = data.index(b"IDAT") + 4
    data[place : place + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert "cannot be read as a PNG" in refused(lambda: read_array(path))


def test_enormous_claims_do_not_allocate(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.png"
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 16, 6, 0, 0, 0)
    path.write_bytes(
        SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT") + chunk(b"IEND")
    )
    assert "memory" in refused(lambda: read_array(path))


def test_refuses_series_that_is_not_there(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(0, 8))
    assert "series=1" in refused(lambda: read_array(path, selector="series=1"))
