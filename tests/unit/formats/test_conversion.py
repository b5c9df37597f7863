"""Any image as OME-TIFF, plane by plane."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from bioimageit_flow.formats import (
    Conversion,
    convert,
    converter,
    open_planes,
    probe,
    read_array,
)
from tests.unit.formats.czi_file import Block, czi_bytes

Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]


def test_one_scene_becomes_ome_tiff_with_everything_known(
    tmp_path: Path, pixels: Pixels
) -> None:
    array = pixels(2, 2, 3, 5, 6)  # S, C, Z, Y, X
    blocks = [
        Block(array[s, c, z], {"S": s, "C": c, "Z": z})
        for s, c, z in np.ndindex(2, 2, 3)
    ]
    source, target = tmp_path / "a.czi", tmp_path / "b.ome.tif"
    source.write_bytes(czi_bytes(blocks))
    made = convert(source, "series=1", target, "abc")
    info = probe(target)
    assert made.info == info
    assert (info.format, info.axes, info.shape) == ("ome-tiff", "ZCYX", (3, 2, 5, 6))
    assert info.pixel_size_um == {"x": 0.15, "y": 0.15, "z": 0.4}
    assert info.channels == ("DAPI", "GFP / 488")
    np.testing.assert_array_equal(read_array(target), array[1].transpose(1, 0, 2, 3))
    assert made.reader == "czi/1"
    assert "imagecodecs" in made.libraries


def test_same_image_gives_the_same_bytes(tmp_path: Path, pixels: Pixels) -> None:
    source = tmp_path / "a.tif"
    tifffile.imwrite(source, pixels(4, 5, 6), imagej=True, metadata={"axes": "ZYX"})
    first, second = tmp_path / "1.ome.tif", tmp_path / "2.ome.tif"
    convert(source, "", first, "x")
    convert(source, "", second, "x")
    assert first.read_bytes() == second.read_bytes()


def test_every_published_image_survives(test_data: Path, tmp_path: Path) -> None:
    paths = [*test_data.rglob("*.tif")][::6]
    for n, source in enumerate([*paths, *(test_data / "omezarr").iterdir()]):
        target = tmp_path / f"{n}.ome.tif"
        convert(source, "", target, str(n))
        before, after = probe(source), probe(target)
        assert (after.axes, after.shape) == (before.axes, before.shape)
        assert after.pixel_size_um == pytest.approx(before.pixel_size_um)
        np.testing.assert_array_equal(read_array(target), read_array(source))


def test_memory_does_not_grow_with_the_image(tmp_path: Path) -> None:
    source, target = tmp_path / "a.tif", tmp_path / "b.ome.tif"
    planes = np.zeros((60, 256, 256), np.uint16)  # 7.5 MiB
    tifffile.imwrite(source, planes, photometric="minisblack", metadata=None)
    del planes
    tracemalloc.start()
    try:
        convert(source, "", target, "x")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20
    assert probe(target).shape == (60, 256, 256)


def test_planes_of_every_layout_are_those_of_the_whole(
    tmp_path: Path, pixels: Pixels
) -> None:
    samples: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
        "hyperstack": (
            pixels(2, 3, 4, 5),
            {"imagej": True, "metadata": {"axes": "ZCYX"}},
        ),
        "contiguous": (pixels(5, 4, 5), {"metadata": {"axes": "ZYX"}}),
        "colours": (
            pixels(4, 5, 3).astype(np.uint8),
            {"photometric": "rgb", "metadata": None},
        ),
        "apart": (
            pixels(3, 4, 5).astype(np.uint8),
            {"photometric": "rgb", "planarconfig": "separate", "metadata": None},
        ),
        "big-endian": (
            pixels(5, 4, 5),
            {"byteorder": ">", "metadata": {"axes": "ZYX"}},
        ),
    }
    for name, (array, options) in samples.items():
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, array, **options)
        whole, axes = read_array(path), probe(path).axes or ""
        with open_planes(path) as planes:
            ordered = planes.info.axes or ""
            turned = whole.transpose([axes.index(axis) for axis in ordered])
            stacked = np.stack(list(planes)).reshape(turned.shape)
            np.testing.assert_array_equal(stacked, turned)


def test_pixels_that_ome_tiff_cannot_hold_are_refused(
    tmp_path: Path, refused: Refused
) -> None:
    source, target = tmp_path / "a.tif", tmp_path / "b.ome.tif"
    tifffile.imwrite(source, np.zeros((4, 5), np.int64), metadata=None)
    assert "OME-TIFF cannot hold int64" in refused(
        lambda: convert(source, "", target, "x")
    )
    assert not target.exists()


def test_table_is_no_image(tmp_path: Path, refused: Refused) -> None:
    source = tmp_path / "a.csv"
    source.write_text("a,b\n1,2\n")
    refused(lambda: convert(source, "", tmp_path / "b.ome.tif", "x"))


def test_record_reads_back(tmp_path: Path, pixels: Pixels) -> None:
    source, target = tmp_path / "a.tif", tmp_path / "b.ome.tif"
    tifffile.imwrite(source, pixels(4, 5))
    made = convert(source, "", target, "x")
    assert Conversion.from_json(json.dumps(made.as_json())) == made
    with pytest.raises(ValueError, match="no record"):
        Conversion.from_json('{"info": 3}')


def test_fingerprints_know_the_converter() -> None:
    assert converter("czi") == "czi/1/1"
    assert converter("png") == "png/1"
