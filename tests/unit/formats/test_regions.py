"""Any part of a plane is read as it is, at the sharpness that is wanted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from numpy.typing import NDArray
from zarr.core.common import JSON

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats import (
    Piece,
    Window,
    corrected,
    open_regions,
    read_window,
)
from bioimageit_flow.formats.planes import Index
from bioimageit_flow.formats.regions import Level
from bioimageit_flow.session.viewing import ImageSource

RNG = np.random.default_rng(7)
PLANE = RNG.integers(0, 60_000, (300, 420), dtype=np.uint16)


def part(path: Path, window: Window) -> Piece:
    with open_regions(path) as regions:
        found = read_window(regions, window)
    assert found is not None
    return found


LAYOUTS: dict[str, dict[str, Any]] = {
    "tiles": {"tile": (64, 64), "compression": "zlib"},
    "strips": {"rowsperstrip": 16, "compression": "zlib"},
    "bytes where they lie": {},
    "big-endian bytes": {"byteorder": ">"},
    "one strip": {"compression": "zlib", "rowsperstrip": 300},
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("step", [1, 3, 64])
def test_a_part_of_a_tiff_is_every_nth_pixel(
    tmp_path: Path, layout: str, step: int
) -> None:
    path = tmp_path / "a.tif"
    options = dict(LAYOUTS[layout])
    order = options.pop("byteorder", "<")
    tifffile.imwrite(path, PLANE, byteorder=order, **options)

    piece = part(path, Window((), (30, 290), (17, 400), step))

    top, left = int(piece.top), int(piece.left)
    assert 30 - step < top <= 30
    assert 17 - step < left <= 17
    wanted = PLANE[top:290:step, left:400:step]
    np.testing.assert_array_equal(piece.array, wanted)
    assert (piece.step_y, piece.step_x) == (step, step)
    assert piece.array.dtype == np.uint16


def test_planes_of_a_hyperstack_are_found_by_their_index(tmp_path: Path) -> None:
    stack = RNG.integers(0, 200, (2, 3, 4, 20, 30), dtype=np.uint16)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack, imagej=True, metadata={"axes": "TZCYX"})

    with open_regions(path) as regions:
        assert regions.stack == "TZC"
        for index in np.ndindex(2, 3, 4):
            piece = read_window(regions, Window(index, (0, 20), (0, 30)))
            assert piece is not None
            np.testing.assert_array_equal(piece.array, stack[index])


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_samples_of_colour_come_last(tmp_path: Path, planar: str) -> None:
    colours = RNG.integers(0, 255, (64, 96, 3), dtype=np.uint8)
    stored = colours if planar == "contig" else colours.transpose(2, 0, 1)
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, stored, photometric="rgb", planarconfig=planar, tile=(32, 32)
    )

    piece = part(path, Window((), (0, 64), (0, 96), 2))

    np.testing.assert_array_equal(piece.array, colours[::2, ::2])


def pyramid_tiff(path: Path, plane: NDArray[Any]) -> None:
    with tifffile.TiffWriter(path) as writer:
        writer.write(plane, tile=(64, 64), subifds=2)
        writer.write(plane[::2, ::2], tile=(64, 64), subfiletype=1)
        writer.write(plane[::4, ::4], tile=(64, 64), subfiletype=1)


def pyramid_zarr(path: Path, plane: NDArray[Any]) -> None:
    group = zarr.create_group(path, zarr_format=2)
    levels: list[JSON] = []
    for number in range(3):
        small = plane[:: 2**number, :: 2**number]
        array = group.create_array(str(number), data=small, chunks=(64, 64))
        assert array.shape == small.shape
        scale: list[JSON] = [0.5 * 2**number] * 2
        levels.append(
            {
                "path": str(number),
                "coordinateTransformations": [{"type": "scale", "scale": scale}],
            }
        )
    axes: list[JSON] = [
        {"name": n, "type": "space", "unit": "micrometer"} for n in "yx"
    ]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": levels}]


@pytest.mark.parametrize("write", [pyramid_tiff, pyramid_zarr])
@pytest.mark.parametrize(("step", "level"), [(1, 0), (2, 1), (3, 1), (4, 2), (9, 2)])
def test_the_smallest_copy_that_is_sharp_enough_is_read(
    tmp_path: Path, write: Callable[[Path, NDArray[Any]], None], step: int, level: int
) -> None:
    name = "a.tif" if write is pyramid_tiff else "a.ome.zarr"
    write(tmp_path / name, PLANE)
    with open_regions(tmp_path / name) as regions:
        assert len(regions.levels) == 3
        asked: list[int] = []

        def watched(number: int) -> Level:
            inner = regions.levels[number].read

            def read(index: Index, rows: slice, columns: slice) -> NDArray[Any]:
                asked.append(number)
                return inner(index, rows, columns)

            return replace(regions.levels[number], read=read)

        seen = replace(regions, levels=tuple(watched(n) for n in range(3)))
        piece = read_window(seen, Window((), (0, 300), (0, 420), step))

    assert piece is not None
    assert set(asked) == {level}
    rest = max(1, round(step / 2**level))
    np.testing.assert_array_equal(
        piece.array, PLANE[:: 2**level, :: 2**level][::rest, ::rest]
    )


def test_reading_can_be_broken_off_between_bands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.formats.regions.BAND_PIXELS", 64 * 420)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, PLANE, tile=(64, 64))
    told: list[int] = []

    def go_on(piece: Piece) -> bool:
        told.append(piece.rows_done)
        np.testing.assert_array_equal(
            piece.array[: piece.rows_done], PLANE[: piece.rows_done]
        )
        return len(told) < 2

    with open_regions(path) as regions:
        whole = Window((), (0, 300), (0, 420))
        assert read_window(regions, whole, go_on) is None
        assert told == [64, 128]
        assert read_window(regions, whole, lambda _piece: True) is not None


def test_what_lies_outside_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, PLANE, tile=(64, 64))
    piece = part(path, Window((), (-50, 40), (400, 900)))
    assert (piece.top, piece.left) == (0, 400)
    np.testing.assert_array_equal(piece.array, PLANE[:40, 400:])
    with open_regions(path) as regions:
        assert read_window(regions, Window((), (300, 400), (0, 10))) is None


def test_corrected_axes_and_sizes_are_those_that_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    stack = np.zeros((3, 20, 30), np.uint8)
    tifffile.imwrite(path, stack, photometric="minisblack")
    with open_regions(path) as regions:
        in_file = regions.info
        said = replace(in_file, axes="TYX", pixel_size_um={"x": 0.1, "y": 0.1})
        shown = corrected(regions, said, in_file)
    assert in_file.axes == "ZYX"
    assert (shown.stack, shown.info.pixel_size_um) == ("T", {"x": 0.1, "y": 0.1})


def test_a_source_is_closed_by_any_thread_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, PLANE, tile=(64, 64))
    source = ImageSource(path)
    source.close()
    with pytest.raises(DataError, match="not open any more"):
        source.read(Window((), (0, 10), (0, 10)))
    path.unlink()
    with pytest.raises(DataError, match="does not exist"):
        ImageSource(path)
