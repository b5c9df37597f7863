"""Leica LIF, made by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bioimageit_flow.formats import open_planes, probe, read_array
from tests.unit.formats.lif_file import LifImage, lif_bytes

pytest.importorskip("liffile")
Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]


def test_every_image_is_one_with_its_calibration(
    tmp_path: Path, pixels: Pixels
) -> None:
    first, second = pixels(3, 2, 4, 5, 6), pixels(7, 8)
    steps = {"X": 1e-7, "Y": 1e-7, "Z": 5e-7, "T": 2.0}
    path = tmp_path / "a.lif"
    path.write_bytes(
        lif_bytes(
            [
                LifImage("Series <1>", "TCZYX", first, steps, ("Green", "Red")),
                LifImage("Series 2", "YX", second),
            ]
        )
    )
    one, two = probe(path).series
    assert (one.format, one.axes, one.shape) == ("lif", "TCZYX", (3, 2, 4, 5, 6))
    assert one.pixel_size_um == {"x": 0.1, "y": 0.1, "z": 0.5}
    assert one.time_step_s == 2.0
    assert one.channels == ("Green", "Red")
    assert (one.title, two.title) == ("Series <1>", "Series 2")
    assert (two.axes, two.shape, two.pixel_size_um) == ("YX", (7, 8), {})
    np.testing.assert_array_equal(read_array(path, selector="series=0"), first)
    np.testing.assert_array_equal(read_array(path, selector="series=1"), second)
    with open_planes(path, "series=0") as planes:
        np.testing.assert_array_equal(planes.read((2, 1, 3)), first[2, 1, 3])


def test_wavelengths_are_channels_and_none_is_lost(
    tmp_path: Path, pixels: Pixels
) -> None:
    array = pixels(9, 5, 6)
    path = tmp_path / "a.lif"
    path.write_bytes(lif_bytes([LifImage("Lambda", "\u03bbYX", array)]))
    assert (probe(path).axes, probe(path).shape) == ("CYX", (9, 5, 6))
    np.testing.assert_array_equal(read_array(path), array)


def test_tiles_are_images_of_their_own(tmp_path: Path, pixels: Pixels) -> None:
    array = pixels(4, 5, 6)
    path = tmp_path / "a.lif"
    path.write_bytes(lif_bytes([LifImage("Tiles", "MYX", array)]))
    assert [one.title for one in probe(path).series] == [
        f"Tiles tile {n}" for n in (1, 2, 3, 4)
    ]
    np.testing.assert_array_equal(read_array(path, selector="series=2"), array[2])


def test_channels_and_wavelengths_together_are_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = tmp_path / "a.lif"
    image = LifImage("Both", "\u03bbCYX", pixels(3, 2, 5, 6), {}, ("Green", "Red"))
    path.write_bytes(lif_bytes([image]))
    assert "channels and wavelengths" in refused(lambda: probe(path))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.8, 0.999])
def test_truncated_file_is_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused, share: float
) -> None:
    data = lif_bytes([LifImage("a", "ZYX", pixels(9, 15, 16))])
    path = tmp_path / "a.lif"
    path.write_bytes(data[: int(share * len(data))])
    refused(lambda: probe(path))


def test_entities_in_the_header_are_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = tmp_path / "a.lif"
    image = LifImage("a", "YX", pixels(5, 6))
    path.write_bytes(lif_bytes([image], doctype='<!DOCTYPE a [<!ENTITY b "bb">]>'))
    assert "corrupt header" in refused(lambda: probe(path))


def test_scan_in_depth_is_an_image_whose_rows_lie_along_z(
    tmp_path: Path, pixels: Pixels
) -> None:
    scan, stack = pixels(3, 5, 6), pixels(4, 5, 6)
    steps = {"X": 1e-7, "Z": 5e-7, "T": 2.0}
    path = tmp_path / "a.lif"
    path.write_bytes(
        lif_bytes([LifImage("xzt", "TZX", scan, steps), LifImage("xzy", "YZX", stack)])
    )
    one, two = probe(path).series
    assert (one.axes, one.shape) == ("TYX", (3, 5, 6))
    assert one.pixel_size_um == {"x": 0.1, "y": 0.5}
    assert one.title == "xzt (rows along Z)"
    assert (two.axes, two.shape, two.title) == ("ZYX", (5, 4, 6), "xzy")
    np.testing.assert_array_equal(read_array(path, selector="series=0"), scan)
    there = read_array(path, selector="series=1")
    np.testing.assert_array_equal(there, stack.transpose(1, 0, 2))
