"""OME-Zarr, written by zarr-python and published."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from numpy.typing import NDArray

from bioimageit_flow.formats import open_planes, probe, read_array
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]
UNITS = {"t": "second", "z": "micrometer", "y": "micrometer", "x": "micrometer"}
TYPES = {"t": "time", "c": "channel"}


def write_image(
    folder: Path, axes: str, array: NDArray[Any], *, form: int = 2, **more: object
) -> Path:
    """Write an image with a half-size copy, in Zarr 2 (0.4) or 3 (0.5)."""
    smaller = array[..., ::2, ::2]
    datasets = []
    for n, level in enumerate((array, smaller)):
        chunks = tuple(min(4, length) for length in level.shape)
        made = zarr.create_array(
            str(folder / str(n)),
            shape=level.shape,
            dtype=level.dtype,
            chunks=chunks,
            zarr_format=form,  # type: ignore[arg-type]
            dimension_names=tuple(axes) if form == 3 else None,
        )
        made[...] = level
        scale = [0.5 if axis in "zyx" else 2.0 for axis in axes]
        transform = [{"type": "scale", "scale": scale}]
        datasets.append({"path": str(n), "coordinateTransformations": transform})
    named = [
        {"name": axis, "type": TYPES.get(axis, "space")}
        | ({"unit": UNITS[axis]} if axis in UNITS else {})
        for axis in axes
    ]
    said = {"axes": named, "datasets": datasets, "name": "cells"}
    write_group(folder, {"multiscales": [said], **more}, form=form)
    return folder


def write_group(folder: Path, attributes: dict[str, Any], *, form: int = 2) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if form == 3:
        ome = {"version": "0.5", **attributes}
        facts = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}}
        (folder / "zarr.json").write_text(json.dumps(facts))
    else:
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
        (folder / ".zattrs").write_text(json.dumps(attributes))


@pytest.mark.parametrize("form", [2, 3])
def test_image_with_its_calibration(tmp_path: Path, pixels: Pixels, form: int) -> None:
    array = pixels(3, 2, 5, 8, 10)
    omero = {"channels": [{"label": "DAPI"}, {"label": "GFP/488"}]}
    path = write_image(tmp_path / "a.ome.zarr", "tczyx", array, form=form, omero=omero)
    info = probe(path)
    assert (info.format, info.axes, info.shape) == ("ome-zarr", "TCZYX", array.shape)
    assert (info.dtype, info.title) == ("uint16", "cells")
    assert info.pixel_size_um == {"x": 0.5, "y": 0.5, "z": 0.5}
    assert info.time_step_s == 2.0
    assert info.channels == ("DAPI", "GFP/488")
    np.testing.assert_array_equal(read_array(path), array)


def test_axes_of_length_one_are_left_out_and_others_keep_their_order(
    tmp_path: Path, pixels: Pixels
) -> None:
    array = pixels(1, 4, 3, 6, 8)
    path = write_image(tmp_path / "a.zarr", "tzcyx", array)
    assert (probe(path).axes, probe(path).shape) == ("ZCYX", (4, 3, 6, 8))
    np.testing.assert_array_equal(read_array(path), array[0])


def test_smaller_copy_is_taken_when_it_is_enough(
    tmp_path: Path, pixels: Pixels
) -> None:
    array = pixels(4, 20, 24)
    path = write_image(tmp_path / "a.zarr", "zyx", array)
    with open_planes(path, least=10) as planes:
        assert planes.info.shape == (4, 10, 12)
        np.testing.assert_array_equal(planes.read((3,)), array[3, ::2, ::2])
    with open_planes(path, least=11) as planes:
        assert planes.info.shape == (4, 20, 24)


def test_header_is_read_without_pixels(tmp_path: Path, pixels: Pixels) -> None:
    path = write_image(tmp_path / "a.zarr", "zyx", pixels(4, 20, 24))
    for chunk in [*path.glob("0/*"), *path.glob("1/*")]:
        if chunk.name != ".zarray":
            chunk.write_bytes(b"no pixels")
    assert probe(path).shape == (4, 20, 24)


def test_series_plates_and_labels_are_images(tmp_path: Path, pixels: Pixels) -> None:
    top = tmp_path / "series.zarr"
    write_group(top, {"bioformats2raw.layout": 3})
    write_image(top / "0", "yx", pixels(8, 8))
    write_image(top / "1", "yx", pixels(6, 6))
    assert [one.shape for one in probe(top).series] == [(8, 8), (6, 6)]
    np.testing.assert_array_equal(read_array(top, selector="series=1"), pixels(6, 6))

    plate = tmp_path / "plate.zarr"
    write_group(plate, {"plate": {"wells": [{"path": "A/1"}, {"path": "B/2"}]}})
    for well in ("A/1", "B/2"):
        write_group(plate / well, {"well": {"images": [{"path": "0"}, {"path": "1"}]}})
        for field in ("0", "1"):
            write_image(plate / well / field, "yx", pixels(8, 8))
    titles = [one.title for one in probe(plate).series]
    assert titles == ["A/1/0", "A/1/1", "B/2/0", "B/2/1"]

    both = write_image(tmp_path / "both.zarr", "yx", pixels(8, 8))
    write_group(both / "labels", {"labels": ["nuclei"]})
    write_image(both / "labels" / "nuclei", "yx", pixels(8, 8))
    image, labels = probe(both).series
    assert (image.kind, labels.kind) == (Kind.IMAGE, Kind.LABELS)
    assert labels.title == "labels/nuclei"


@pytest.mark.parametrize(
    ("form", "version"), [(2, "0.4-dev-spatialdata"), (3, "0.5-dev-spatialdata")]
)
def test_version_with_the_additions_of_a_writer_is_read(
    tmp_path: Path, pixels: Pixels, form: int, version: str
) -> None:
    # As SpatialData writes it, with places of its own beside the pixels.
    array = pixels(3, 8, 8)
    places = [{"type": "identity", "input": {"name": "cyx"}, "output": {"name": "all"}}]
    path = write_image(tmp_path / "a.zarr", "cyx", array, form=form)
    file = path / (".zattrs" if form == 2 else "zarr.json")
    facts = json.loads(file.read_text())
    said = facts if form == 2 else facts["attributes"]["ome"]
    said["multiscales"][0] |= {"coordinateTransformations": places, "version": version}
    said["version"] = version
    file.write_text(json.dumps(facts))

    assert probe(path).axes == "CYX"
    np.testing.assert_array_equal(read_array(path), array)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"multiscales": [{"version": "0.9", "datasets": []}]}, "OME-Zarr 0.9"),
        ({"multiscales": []}, "no multiscales"),
        ({"multiscales": [{"datasets": [{"path": "../../other"}]}]}, "no place inside"),
        ({"multiscales": [{"datasets": [{"path": "7"}]}]}, "'7' is missing"),
        ({}, "axes are unknown"),
        (
            {"multiscales": [{"axes": ["z", "y", "x"], "datasets": [{"path": "0"}]}]},
            "2 dimensions has axes ZYX",
        ),
        (
            {"multiscales": [{"axes": ["y", "y"], "datasets": [{"path": "0"}]}]},
            "two axes of one name",
        ),
        ({"plate": {"wells": [{"path": "A/1"}]}}, "is missing"),
    ],
)
def test_wrong_metadata_are_refused(
    tmp_path: Path,
    pixels: Pixels,
    refused: Refused,
    change: dict[str, Any],
    said: str,
) -> None:
    path = write_image(tmp_path / "a.zarr", "yx", pixels(8, 8))
    (path / ".zattrs").write_text(json.dumps(change))
    assert said in refused(lambda: probe(path))


def test_dimension_without_a_name_is_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = write_image(tmp_path / "a.zarr", "ayx", pixels(3, 8, 8))
    assert "(A)" in refused(lambda: probe(path))


def test_broken_json_and_broken_chunk_are_refused(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = write_image(tmp_path / "a.zarr", "yx", pixels(8, 8))
    next(path.glob("0/0*")).write_bytes(b"no chunk")
    assert "cannot be read as Zarr" in refused(lambda: read_array(path))
    (path / "0" / ".zarray").write_text("{")
    assert "no JSON" in refused(lambda: probe(path))


def test_published_zarr_is_the_published_tiff(test_data: Path) -> None:
    path = test_data / "omezarr/bf2raw_v04_mitotic_plate.ome.zarr"
    info = probe(path)
    assert (info.axes, info.shape, info.dtype) == ("ZYX", (6, 263, 263), "uint8")
    assert info.pixel_size_um == pytest.approx(
        {"x": 0.0852, "y": 0.0852, "z": 3.0}, abs=1e-4
    )
    tiff = test_data / "volume/xyz_8bit__mitotic_plate_calibrated.tif"
    np.testing.assert_array_equal(read_array(path), tifffile.imread(tiff))


def test_published_zarr_3_is_read(test_data: Path) -> None:
    path = test_data / "omezarr/v05_input9.ome.zarr"
    info = probe(path)
    assert (info.axes, info.shape, info.dtype) == ("ZYX", (2, 100, 100), "bool")
    assert read_array(path).any()
