import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from bioimageit_flow.formats import probe, read_image, write_ome_tiff

Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ("YX", (20, 30)),
        ("ZYX", (4, 20, 30)),
        ("TYX", (4, 20, 30)),
        ("CYX", (4, 20, 30)),
        ("TCZYX", (2, 3, 4, 20, 30)),
        ("ZCTYX", (2, 3, 4, 20, 30)),
        ("CZYX", (3, 4, 20, 30)),
        ("YXS", (20, 30, 3)),
        ("ZYXS", (2, 20, 30, 4)),
        ("YXS", (20, 30, 2)),
    ],
)
def test_image_comes_back(
    tmp_path: Path, pixels: Pixels, axes: str, shape: tuple[int, ...]
) -> None:
    path, array = tmp_path / "a.ome.tif", pixels(*shape)
    sizes = {"x": 0.1, "y": 0.2, "z": 0.3}
    names = (
        tuple(f"µ{n}/%<&" for n in range(shape[axes.index("C")]) if "C" in axes)
        if ("C" in axes)
        else ()
    )
    write_ome_tiff(
        path, array, axes, pixel_size_um=sizes, time_step_s=1.5, channels=names
    )
    image = read_image(path)
    assert probe(path).format == "ome-tiff"
    assert (image.axes, image.pixel_size_um) == (axes, sizes)
    assert (image.time_step_s, image.channels) == (1.5, names)
    np.testing.assert_array_equal(image.array, array)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float32", "float64"])
def test_types_come_back(tmp_path: Path, pixels: Pixels, dtype: str) -> None:
    path, array = tmp_path / "a.ome.tif", pixels(20, 30).astype(dtype)
    write_ome_tiff(path, array, "YX")
    assert probe(path).dtype == dtype
    np.testing.assert_array_equal(read_image(path).array, array)


def test_mask_is_written_as_uint8(tmp_path: Path, pixels: Pixels) -> None:
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, pixels(20, 30) > 2000, "YX")
    assert probe(path).dtype == "uint8"


def test_same_input_gives_same_bytes(tmp_path: Path, pixels: Pixels) -> None:
    array = pixels(3, 20, 30)
    variants = [array, np.asfortranarray(array), array.astype(">u2")]
    written = []
    for n, variant in enumerate(variants):
        path = tmp_path / f"{n}.ome.tif"
        write_ome_tiff(path, variant, "ZYX", pixel_size_um={"y": 1, "x": 1})
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]


def test_bytes_do_not_name_a_library_or_a_date(tmp_path: Path, pixels: Pixels) -> None:
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, pixels(20, 30), "YX")
    with tifffile.TiffFile(path) as tiff:
        tags = tiff.pages.first.tags
        assert not {"DateTime", "Software"} & {tag.name for tag in tags.values()}
        assert b"tifffile" not in path.read_bytes()


def test_uuid_follows_from_the_content(tmp_path: Path, pixels: Pixels) -> None:
    def uuid(array: NDArray[np.uint16], size: float) -> str:
        path = tmp_path / "a.ome.tif"
        write_ome_tiff(path, array, "YX", pixel_size_um={"x": size})
        with tifffile.TiffFile(path) as tiff:
            assert tiff.ome_metadata is not None
            return tiff.ome_metadata.partition('UUID="')[2].partition('"')[0]

    array = pixels(20, 30)
    assert uuid(array, 1.0).startswith("urn:uuid:")
    assert uuid(array, 1.0) == uuid(array, 1.0)
    assert uuid(array, 1.0) != uuid(array, 2.0)
    assert uuid(array, 1.0) != uuid(array + 1, 1.0)


@pytest.mark.parametrize(
    ("array", "axes", "options", "reason"),
    [
        (np.zeros((4, 4), np.int64), "YX", {}, "cannot hold int64"),
        (np.zeros((4, 4), np.uint8), "ZYX", {}, "axes of 2 dimensions"),
        (np.zeros((4, 4), np.uint8), "XY", {}, "axes of 2 dimensions"),
        (np.zeros((4, 4, 4), np.uint8), "QYX", {}, "axes of 3 dimensions"),
        (np.zeros((4, 4, 4, 4), np.uint8), "ZZYX", {}, "axes of 4 dimensions"),
        (np.zeros((0, 4), np.uint8), "YX", {}, "no pixels"),
        (np.zeros((4, 4), np.uint8), "YX", {"channels": ["a", "b"]}, "1 channels"),
        (np.zeros((4, 4), np.uint8), "YX", {"pixel_size_um": {"x": 0}}, "step of x"),
        (np.zeros((4, 4), np.uint8), "YX", {"pixel_size_um": {"w": 1}}, "not of w"),
        (np.zeros((4, 4), np.uint8), "YX", {"time_step_s": math.nan}, "step of time"),
    ],
)  # fmt: skip
def test_refuses_what_ome_tiff_cannot_say(
    tmp_path: Path,
    refused: Refused,
    array: NDArray[np.uint8],
    axes: str,
    options: dict[str, object],
    reason: str,
) -> None:
    path = tmp_path / "a.ome.tif"
    text = refused(lambda: write_ome_tiff(path, array, axes, **options))  # type: ignore[arg-type]
    assert reason in text
    assert list(tmp_path.iterdir()) == []


def test_error_leaves_what_was_there(
    tmp_path: Path, pixels: Pixels, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, pixels(4, 4), "YX")
    before = path.read_bytes()

    def fail(stream: object, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bioimageit_flow.formats.ome_tiff_writer.imwrite", fail)
    text = refused(lambda: write_ome_tiff(path, pixels(8, 8), "YX"))
    assert "No space left" in text
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_missing_folder(tmp_path: Path, pixels: Pixels, refused: Refused) -> None:
    path = tmp_path / "no" / "a.ome.tif"
    assert "cannot be written" in refused(
        lambda: write_ome_tiff(path, pixels(4, 4), "YX")
    )
