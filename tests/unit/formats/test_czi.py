"""Zeiss CZI, made by hand and published."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bioimageit_flow.formats import open_planes, probe, read_array
from bioimageit_flow.model.kinds import Kind
from tests.unit.formats.czi_file import PLAIN, ZSTD, ZSTD_APART, Block, czi_bytes

Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]


def stack(
    pixels: Pixels, method: int = PLAIN
) -> tuple[NDArray[np.uint16], list[Block]]:
    array = pixels(3, 2, 4, 5, 6)  # T, C, Z, Y, X
    blocks = [
        Block(array[t, c, z], {"T": t, "C": c, "Z": z}, method=method)
        for t, c, z in np.ndindex(3, 2, 4)
    ]
    return array, blocks


@pytest.mark.parametrize("method", [PLAIN, ZSTD, ZSTD_APART])
def test_planes_are_put_in_order(tmp_path: Path, pixels: Pixels, method: int) -> None:
    array, blocks = stack(pixels, method)
    path = tmp_path / "a.czi"
    path.write_bytes(czi_bytes(blocks[::-1]))
    info = probe(path)
    assert (info.format, info.axes, info.shape) == ("czi", "TZCYX", (3, 4, 2, 5, 6))
    assert info.dtype == "uint16"
    assert info.pixel_size_um == {"x": 0.15, "y": 0.15, "z": 0.4}
    assert info.time_step_s == 2.5
    assert info.channels == ("DAPI", "GFP / 488")
    np.testing.assert_array_equal(read_array(path), array.transpose(0, 2, 1, 3, 4))


def test_each_scene_is_an_image(tmp_path: Path, pixels: Pixels) -> None:
    first, second = pixels(5, 6), pixels(7, 8) + np.uint16(1)
    path = tmp_path / "a.czi"
    path.write_bytes(
        czi_bytes([Block(first, {"S": 0}), Block(second, {"S": 1, "X": 90})], "")
    )
    info = probe(path)
    assert [one.shape for one in info.series] == [(5, 6), (7, 8)]
    assert [one.title for one in info.series] == ["scene 0", "scene 1"]
    np.testing.assert_array_equal(read_array(path, selector="series=1"), second)


def test_tiles_of_a_mosaic_become_one_plane(tmp_path: Path, pixels: Pixels) -> None:
    whole = pixels(8, 12)
    tiles = [
        Block(whole[y : y + 4, x : x + 6], {"Y": y - 3, "X": x + 40, "M": m})
        for m, (y, x) in enumerate([(0, 0), (0, 6), (4, 0), (4, 6)])
    ]
    smaller = Block(whole, {"Y": -3, "X": 40}, stored=(4, 6))
    path = tmp_path / "a.czi"
    path.write_bytes(czi_bytes([smaller, *tiles], ""))
    assert probe(path).shape == (8, 12)
    np.testing.assert_array_equal(read_array(path), whole)


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    blue = np.zeros((4, 5, 3), np.uint8)
    blue[..., 0] = 255
    path = tmp_path / "a.czi"
    path.write_bytes(czi_bytes([Block(blue, pixels="bgr")], ""))
    assert probe(path).axes == "YXS"
    assert read_array(path)[0, 0].tolist() == [0, 0, 255]


def test_planes_are_read_one_by_one(tmp_path: Path, pixels: Pixels) -> None:
    array, blocks = stack(pixels)
    path = tmp_path / "a.czi"
    path.write_bytes(czi_bytes(blocks))
    with open_planes(path) as planes:
        assert (planes.stack, planes.count) == ("TZC", 24)
        np.testing.assert_array_equal(planes.read((2, 3, 1)), array[2, 1, 3])


def test_header_is_read_without_pixels(
    tmp_path: Path, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.czi"
    path.write_bytes(czi_bytes(stack(pixels)[1]))
    monkeypatch.delattr("bioimageit_flow.formats.czi.decode")
    assert probe(path).shape == (3, 4, 2, 5, 6)


def test_missing_plane_is_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = tmp_path / "a.czi"
    path.write_bytes(czi_bytes(stack(pixels)[1][:-2]))
    assert "promises 24 planes and holds 22" in refused(lambda: probe(path))


def test_dimension_without_a_name_is_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = tmp_path / "a.czi"
    blocks = [Block(pixels(4, 4), {"H": phase}) for phase in range(5)]
    path.write_bytes(czi_bytes(blocks, ""))
    assert "5 phases (H)" in refused(lambda: probe(path))


def test_pixels_of_two_types_are_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = tmp_path / "a.czi"
    blocks = [
        Block(pixels(4, 4), {"C": 0}),
        Block(np.zeros((4, 4), np.uint8), {"C": 1}),
    ]
    path.write_bytes(czi_bytes(blocks, ""))
    assert "cannot be read together" in refused(lambda: probe(path))


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.999])
def test_truncated_file_is_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused, share: float
) -> None:
    data = czi_bytes(stack(pixels)[1])
    path = tmp_path / "a.czi"
    path.write_bytes(data[: int(share * len(data))])
    assert "truncated" in refused(lambda: probe(path))


def test_unfinished_file_and_corrupt_metadata_are_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = tmp_path / "a.czi"
    path.write_bytes(czi_bytes([Block(pixels(4, 4))], pending=1))
    assert "did not end" in refused(lambda: probe(path))
    path.write_bytes(czi_bytes([Block(pixels(4, 4))], "<ImageDocument>"))
    assert "corrupt metadata" in refused(lambda: probe(path))
    bomb = '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'
    path.write_bytes(czi_bytes([Block(pixels(4, 4))], bomb))
    assert "corrupt metadata" in refused(lambda: probe(path))


def test_any_changed_byte_gives_pixels_or_a_sentence(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    data = czi_bytes([Block(pixels(4, 4), {"Z": z}) for z in range(2)], "")
    random = np.random.default_rng(3)
    path = tmp_path / "a.czi"
    for place in random.integers(32, len(data), 300):
        bad = bytearray(data)
        bad[place] ^= 0xFF
        path.write_bytes(bad)
        try:
            read_array(path)
        except Exception:  # noqa: BLE001 - whatever it is, it must be a sentence
            refused(lambda: read_array(path))


def test_published_file_is_read_as_by_czifile(test_data: Path) -> None:
    czifile = pytest.importorskip("czifile")
    path = test_data / "vendor/neubias_xyz__multiple_images.czi"
    info = probe(path, kind=Kind.IMAGE)
    assert len(info.series) == 2
    for one in info.series:
        assert (one.axes, one.shape, one.dtype) == ("ZYX", (2, 251, 251), "uint16")
        assert one.pixel_size_um == pytest.approx(
            {"x": 0.195644, "y": 0.195644, "z": 0.3}, abs=1e-5
        )
        assert one.channels == ("ChA",)
    with czifile.CziFile(str(path)) as file:
        if hasattr(file, "scenes"):  # for Python 3.12 and newer
            expected = [np.asarray(one.asarray()) for one in file.scenes.values()]
        else:
            expected = list(np.asarray(file.asarray()).reshape(2, 2, 251, 251))
    for number in (0, 1):
        found = read_array(path, selector=f"series={number}")
        np.testing.assert_array_equal(found, expected[number])
