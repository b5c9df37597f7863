"""The published images, with what their authors say of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioimageit_flow.formats import hash_content, probe, read_array
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]


@pytest.mark.parametrize(
    ("name", "axes", "shape", "dtype"),
    [
        ("spots_two_populations/data/population1_001.tif", "YX", (128, 128), "uint8"),
        ("nuclei/dsb2018_img2d.tif", "YX", (512, 512), "uint16"),
        ("nuclei/xy_8bit__mitocheck_incenp_t1.tif", "YX", (364, 260), "uint8"),
        ("channels/AS_09125_050116030001_D03f00d0.tif", "YX", (512, 512), "uint8"),
        ("hyperstack/xyc_16bit__nuclei_tubulin.tif", "CYX", (2, 214, 226), "uint16"),
        (
            "volume/xyz_8bit__mitotic_plate_calibrated.tif",
            "ZYX",
            (6, 263, 263),
            "uint8",
        ),
    ],
)
def test_header(
    test_data: Path, name: str, axes: str, shape: tuple[int, ...], dtype: str
) -> None:
    info = probe(test_data / name)
    assert (info.format, info.axes, info.shape, info.dtype) == (
        "tiff",
        axes,
        shape,
        dtype,
    )
    assert read_array(test_data / name).shape == shape


def test_calibration(test_data: Path) -> None:
    volume = probe(test_data / "volume/xyz_8bit__mitotic_plate_calibrated.tif")
    assert volume.pixel_size_um == pytest.approx(
        {"x": 0.0852, "y": 0.0852, "z": 3.0}, abs=1e-4
    )
    assert volume.time_step_s is None
    nuclei = probe(test_data / "nuclei/xy_8bit__mitocheck_incenp_t70.tif")
    assert nuclei.pixel_size_um == {"x": 0.1, "y": 0.1}


def test_screen_resolution_is_no_calibration(test_data: Path) -> None:
    for name in (
        "spots_two_populations/data/population1_001.tif",
        "channels/AS_09125_050116030001_D03f00d2.tif",
        "hyperstack/xyc_16bit__nuclei_tubulin.tif",
    ):
        assert probe(test_data / name).pixel_size_um == {}


def test_label_mask_has_the_published_number_of_nuclei(test_data: Path) -> None:
    path = test_data / "nuclei/dsb2018_mask2d.tif"
    assert probe(path, kind=Kind.LABELS).kind is Kind.LABELS
    assert len(np.unique(read_array(path))) - 1 == 125


def test_movie_has_30_frames(test_data: Path) -> None:
    frames = sorted((test_data / "timelapse").glob("*.tif"))
    assert len(frames) == 30
    assert {probe(frame).shape for frame in frames} == {(190, 211)}


def test_every_tiff_is_read_as_tifffile_reads_it(test_data: Path) -> None:
    for path in test_data.rglob("*.tif"):
        np.testing.assert_array_equal(read_array(path), tifffile.imread(path))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_every_truncated_tiff_is_refused(
    test_data: Path, tmp_path: Path, refused: Refused, share: float
) -> None:
    for path in sorted(test_data.rglob("*.tif"))[::5]:
        cut = tmp_path / path.name
        data = path.read_bytes()
        cut.write_bytes(data[: int(share * len(data))])
        refused(lambda cut=cut: probe(cut))  # type: ignore[misc]


def test_folder_of_an_ome_zarr_has_a_hash(test_data: Path) -> None:
    folder = test_data / "omezarr" / "v05_input9.ome.zarr"
    content = hash_content(folder)
    assert content.is_folder
    assert content.size == sum(
        path.stat().st_size for path in folder.rglob("*") if path.is_file()
    )
