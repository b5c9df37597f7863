"""Small pictures of images."""

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from bioimageit_flow.formats import make_thumbnail, write_ome_tiff
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]


def picture(path: Path, selector: str = "", **more: object) -> NDArray[np.uint8]:
    data = make_thumbnail(path, selector, **more)  # type: ignore[arg-type]
    found = np.asarray(imagecodecs.png_decode(data))
    assert found.dtype == np.uint8
    assert found.ndim == 3
    assert found.shape[2] == 3
    return found


def test_picture_is_small_and_keeps_its_form(tmp_path: Path, pixels: Pixels) -> None:
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, pixels(300, 900), "YX")
    assert picture(path).shape == (75, 225, 3)
    assert picture(path, size=90).shape == (30, 90, 3)


def test_contrast_goes_from_dark_to_bright(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    ramp = np.tile(np.linspace(1000, 1100, 100), (10, 1)).astype(np.uint16)
    write_ome_tiff(path, ramp, "YX")
    shown = picture(path)
    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[0, -1].tolist() == [255, 255, 255]


def test_channels_have_colours_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    image = np.zeros((2, 10, 10), np.uint16)
    image[0, :5], image[1, 5:] = 900, 40
    write_ome_tiff(path, image, "CYX")
    shown = picture(path)
    assert shown[0, 0].tolist() == [0, 255, 0]
    assert shown[9, 9].tolist() == [255, 0, 255]


def test_middle_of_the_stack_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    stack = np.zeros((5, 8, 8), np.uint8)
    stack[2, :4] = 200
    write_ome_tiff(path, stack, "ZYX")
    assert picture(path)[0, 0].tolist() == [255, 255, 255]


def test_labels_differ_in_colour_and_nothing_is_black(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    labels = np.arange(64, dtype=np.uint16).reshape(8, 8)
    write_ome_tiff(path, labels, "YX")
    shown = picture(path, kind=Kind.LABELS).reshape(64, 3)
    assert shown[0].tolist() == [0, 0, 0]
    assert len({tuple(colour) for colour in shown.tolist()}) == 64


def test_colours_stay_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    image = np.zeros((6, 7, 3), np.uint8)
    image[..., 2] = 200
    tifffile.imwrite(path, image, photometric="rgb")
    assert picture(path)[0, 0].tolist() == [0, 0, 200]


@pytest.mark.parametrize(
    "image",
    [
        np.full((5, 5), np.nan, np.float32),
        np.array([[np.inf, -np.inf], [np.nan, 1.0]], np.float32),
        np.zeros((4, 4), np.uint8),
        np.full((4, 4), 7, np.uint8),
        np.full((1, 1), -3, np.int16),
    ],
)
def test_odd_values_are_shown_all_the_same(
    tmp_path: Path, image: NDArray[np.generic]
) -> None:
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, image, "YX")
    assert picture(path).shape[:2] == image.shape


def test_table_has_no_picture(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    assert "is not an image" in refused(lambda: make_thumbnail(path))


def test_every_published_image_has_a_picture(test_data: Path) -> None:
    paths = [*test_data.rglob("*.tif")][::7]
    paths += [*(test_data / "omezarr").iterdir(), test_data / "vendor/cluster.nd2"]
    for path in paths:
        assert picture(path).max() > 0
    czi = test_data / "vendor/neubias_xyz__multiple_images.czi"
    assert picture(czi, "series=1").max() > 0
