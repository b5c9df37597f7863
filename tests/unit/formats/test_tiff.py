import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats import probe, read_array, read_image
from bioimageit_flow.model.kinds import Kind

Pixels = Callable[..., NDArray[np.uint16]]
Refused = Callable[[Callable[[], object]], str]


def test_ome_tiff_says_everything(pixels: Pixels, tmp_path: Path) -> None:
    path, array = tmp_path / "a.ome.tif", pixels(2, 3, 4, 20, 30)
    metadata = {
        "axes": "TCZYX",
        "PhysicalSizeX": 65.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.065,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": 0.3,
        "TimeIncrement": 1.5,
        "Channel": {"Name": ["DAPI", "GFP", "RFP"]},
    }
    tifffile.imwrite(path, array, ome=True, photometric="minisblack", metadata=metadata)
    info = probe(path)
    assert (info.kind, info.format) == (Kind.IMAGE, "ome-tiff")
    assert (info.axes, info.shape, info.dtype) == ("TCZYX", (2, 3, 4, 20, 30), "uint16")
    assert info.pixel_size_um == {"x": 0.065, "y": 0.065, "z": 0.3}
    assert info.time_step_s == 1.5
    assert info.channels == ("DAPI", "GFP", "RFP")
    assert info.series == ()
    np.testing.assert_array_equal(read_array(path), array)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd"])
def test_pixels_come_back_whatever_the_encoding(
    pixels: Pixels, tmp_path: Path, byteorder: str, compression: str | None
) -> None:
    path, array = tmp_path / "a.tif", pixels(3, 40, 50)
    tifffile.imwrite(
        path,
        array,
        byteorder=byteorder,  # type: ignore[arg-type]
        compression=compression,
        tile=(16, 16),
        photometric="minisblack",
    )
    read = read_array(path)
    np.testing.assert_array_equal(read, array)
    assert read.dtype.isnative


def test_imagej_hyperstack(pixels: Pixels, tmp_path: Path) -> None:
    path, array = tmp_path / "a.tif", pixels(5, 3, 2, 20, 30)
    tifffile.imwrite(
        path,
        array,
        imagej=True,
        resolution=(10.0, 10.0),
        metadata={
            "axes": "TZCYX",
            "unit": "um",
            "spacing": 0.5,
            "finterval": 2.0,
        },
    )
    info = probe(path)
    assert (info.format, info.axes, info.shape) == ("tiff", "TZCYX", array.shape)
    assert info.pixel_size_um == {"x": 0.1, "y": 0.1, "z": 0.5}
    assert info.time_step_s == 2.0
    np.testing.assert_array_equal(read_array(path), array)


def single_page_hyperstack(path: Path, planes: NDArray[np.uint16], count: int) -> None:
    """Write what ImageJ writes beyond 4 GiB: one page, planes one after another."""
    description = f"ImageJ=1.53\nimages={count}\nslices={count}\nhyperstack=true\n"
    tifffile.imwrite(path, planes[0], description=description, metadata=None)
    with path.open("ab") as stream:
        stream.write(planes[1:].astype("<u2").tobytes())


def test_hyperstack_with_one_page(pixels: Pixels, tmp_path: Path) -> None:
    path, array = tmp_path / "a.tif", pixels(6, 20, 30)
    single_page_hyperstack(path, array, 6)
    assert probe(path).shape == (6, 20, 30)
    np.testing.assert_array_equal(read_array(path), array)


def test_refuses_truncated_hyperstack_with_one_page(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.tif"
    single_page_hyperstack(path, pixels(6, 20, 30), 7)
    assert "incomplete" in refused(lambda: probe(path))
    single_page_hyperstack(path, pixels(6, 20, 30), 10**9)
    assert "incomplete" in refused(lambda: probe(path))


def test_refuses_compressed_hyperstack_with_missing_pages(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        pixels(3, 20, 30),
        photometric="minisblack",
        compression="zlib",
        description="ImageJ=1.53\nimages=9\nslices=9\n",
        metadata=None,
    )
    assert "promises 9 planes and it holds 3" in refused(lambda: probe(path))


@pytest.mark.parametrize("claimed", [[9, 20, 30], [10**6, 10**6, 20, 30], [3, 5, 5]])
def test_refuses_shape_in_description_that_does_not_fit(
    pixels: Pixels, tmp_path: Path, refused: Refused, claimed: list[int]
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        pixels(3, 20, 30),
        photometric="minisblack",
        compression="zlib",
        description=f'{{"shape": {claimed}}}',
        metadata=None,
    )
    text = refused(lambda: probe(path))
    assert "incomplete" in text or "image of 1 of them" in text


def test_plain_stack_is_z(pixels: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels(7, 20, 30), photometric="minisblack", metadata=None)
    assert probe(path).axes == "ZYX"


def test_array_without_axes_loses_its_single_planes(
    pixels: Pixels, tmp_path: Path
) -> None:
    path, array = tmp_path / "a.tif", pixels(1, 4, 1, 20, 30)
    tifffile.imwrite(path, array, photometric="minisblack")
    info = probe(path)
    assert (info.axes, info.shape) == ("ZYX", (4, 20, 30))
    np.testing.assert_array_equal(read_array(path), array[0, :, 0])


@pytest.mark.parametrize(
    ("planarconfig", "axes", "shape"),
    [("contig", "YXS", (20, 30, 3)), ("separate", "SYX", (3, 20, 30))],
)
def test_rgb(
    pixels: Pixels,
    tmp_path: Path,
    planarconfig: str,
    axes: str,
    shape: tuple[int, ...],
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        pixels(*shape),
        photometric="rgb",
        planarconfig=planarconfig,
        metadata=None,
    )
    assert (probe(path).axes, probe(path).shape) == (axes, shape)


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int16", "uint32", "int64", "float32", "float64"]
)
def test_pixel_types(pixels: Pixels, tmp_path: Path, dtype: str) -> None:
    path, array = tmp_path / "a.tif", (pixels(20, 30) % 2).astype(dtype)
    tifffile.imwrite(path, array)
    assert probe(path).dtype == dtype
    np.testing.assert_array_equal(read_array(path), array)


def test_several_images_are_series(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(
            pixels(3, 20, 30),
            photometric="minisblack",
            metadata={"axes": "ZYX", "PhysicalSizeX": 0.5},
        )
        writer.write(pixels(8, 9), metadata={"axes": "YX", "PhysicalSizeX": 2.0})
    info = probe(path, kind=Kind.LABELS)
    assert [one.shape for one in info.series] == [(3, 20, 30), (8, 9)]
    assert [one.pixel_size_um["x"] for one in info.series] == [0.5, 2.0]
    assert {one.kind for one in (info, *info.series)} == {Kind.LABELS}
    assert info.shape == (3, 20, 30)
    second = read_image(path, "series=1")
    np.testing.assert_array_equal(second.array, pixels(8, 9))
    assert second.pixel_size_um == {"x": 2.0}
    assert "holds 2 images" in refused(lambda: read_array(path))
    assert "series=0" in refused(lambda: read_array(path, selector="series=2"))


def test_pages_of_different_sizes_are_series(pixels: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(pixels(20, 30), metadata=None)
        writer.write(pixels(10, 10), metadata=None)
    assert [one.shape for one in probe(path).series] == [(20, 30), (10, 10)]


def test_pyramid_is_one_image(pixels: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(pixels(64, 64), subifds=1, metadata={"axes": "YX"})
        writer.write(pixels(32, 32), subfiletype=1)
    assert probe(path).series == ()
    assert read_array(path).shape == (64, 64)


def test_set_of_files_is_not_followed(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.ome.tif"
    description = (
        '<OME UUID="urn:uuid:1"><Image><Pixels DimensionOrder="XYZCT" SizeX="8" '
        'SizeY="8" SizeZ="2" SizeC="1" SizeT="1"><TiffData IFD="0">'
        '<UUID FileName="a.ome.tif">urn:uuid:1</UUID></TiffData>'
        '<TiffData IFD="0" FirstZ="1"><UUID FileName="../secret.tif">urn:uuid:2</UUID>'
        "</TiffData></Pixels></Image></OME>"
    )
    tifffile.imwrite(path, pixels(8, 8), description=description, metadata=None)
    tifffile.imwrite(tmp_path.parent / "secret.tif", pixels(8, 8))
    assert "several files" in refused(lambda: probe(path))


def test_refuses_ome_xml_that_does_not_fit_its_pixels(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.ome.tif"
    description = (
        '<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="900" SizeY="8" SizeZ="1" '
        'SizeC="1" SizeT="1"><TiffData/></Pixels></Image></OME>'
    )
    tifffile.imwrite(path, pixels(8, 8), description=description, metadata=None)
    assert "does not fit" in refused(lambda: probe(path))


def test_cut_off_ome_xml_is_not_taken_for_a_plain_tiff(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.ome.tif"
    description = '<?xml version="1.0"?><OME><Image><Pixels SizeX="8"'
    tifffile.imwrite(path, pixels(8, 8), description=description, metadata=None)
    assert "corrupt OME-XML" in refused(lambda: probe(path))


def test_ome_tiff_that_lost_pages_is_refused(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path, pixels(4, 8, 8), ome=True, photometric="minisblack",
        metadata={"axes": "ZYX"},
    )  # fmt: skip
    path.write_bytes(path.read_bytes().replace(b'SizeZ="4"', b'SizeZ="5"'))
    assert "promises 5 planes" in refused(lambda: probe(path))


def test_decoding_error_is_one_sentence(
    pixels: Pixels, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels(64, 64), compression="zlib", metadata=None)
    with tifffile.TiffFile(path) as tiff:
        start, count = tiff.pages[0].dataoffsets[0], tiff.pages[0].databytecounts[0]
    data = bytearray(path.read_bytes())
    data[start : start + count] = b"\xff" * count
    path.write_bytes(data)
    probe(path)
    assert "cannot be read as a TIFF" in refused(lambda: read_array(path))


def test_unknown_compression_is_found_at_reading(
    tiny_tiff: Callable[..., bytes], tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(tiny_tiff({259: 4444}))
    assert probe(path).shape == (4, 4)
    assert "cannot be read" in refused(lambda: read_array(path))


def test_enormous_claims_do_not_allocate(
    tiny_tiff: Callable[..., bytes], tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(tiny_tiff({256: 2**30, 257: 2**30, 278: 2**30, 259: 8}))
    assert probe(path).shape == (2**30, 2**30)
    assert "memory" in refused(lambda: read_array(path))


def test_enormous_tiles_do_not_allocate(
    tiny_tiff: Callable[..., bytes], tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.tif"
    tiles = {322: 2**28, 323: 2**28, 324: 118, 325: 16, 273: -1, 279: -1}
    path.write_bytes(tiny_tiff({**tiles, 259: 8}))
    assert "memory" in refused(lambda: read_array(path))


def test_limit_on_bytes(pixels: Pixels, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels(100, 100))
    assert read_array(path, max_bytes=40_000).size == 10_000
    text = refused(lambda: read_array(path, max_bytes=20_000))
    assert "19.5 KiB are free" in text


def test_nothing_of_tifffile_is_logged(
    pixels: Pixels,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    refused: Refused,
) -> None:
    path = tmp_path / "a.tif"
    single_page_hyperstack(path, pixels(6, 20, 30), 7)
    with caplog.at_level(logging.INFO):
        refused(lambda: probe(path))
    assert caplog.records == []
    with caplog.at_level(logging.DEBUG):
        refused(lambda: probe(path))
    assert {record.name for record in caplog.records} == {
        "bioimageit_flow.formats.tifffile_log"
    }


def test_others_still_hear_tifffile(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        logging.getLogger("tifffile").warning("to be heard")
    assert [record.getMessage() for record in caplog.records] == ["to be heard"]


FLAVOURS: tuple[dict[str, object], ...] = (
    {"metadata": None},
    {},
    {"ome": True, "metadata": {"axes": "ZYX"}},
    {"imagej": True, "metadata": {"axes": "ZYX"}},
    {"compression": "zlib", "tile": (16, 16)},
    {"bigtiff": True, "rowsperstrip": 3},
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    flavour=st.sampled_from(FLAVOURS),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)),
        min_size=1,
        max_size=6,
    ),
    is_header=st.booleans(),
)
def test_damaged_bytes_are_read_or_refused(
    tmp_path: Path,
    flavour: dict[str, object],
    changes: list[tuple[float, int]],
    is_header: bool,
) -> None:
    path = tmp_path / "a.tif"
    array = np.arange(3 * 20 * 24, dtype=np.uint16).reshape(3, 20, 24)
    tifffile.imwrite(path, array, photometric="minisblack", **flavour)  # type: ignore[arg-type]
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[int(place * (600 if is_header else len(data)))] = value
    path.write_bytes(data)
    try:
        info = probe(path)
        image = read_image(path, "series=0")
    except DataError:
        return
    assert info.axes is not None
    assert len(info.axes) == len(info.shape)
    assert image.array.shape == info.shape
