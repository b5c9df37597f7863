import json
import os
import struct
import zlib
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import fromstring

import imagecodecs
import numpy as np
import pytest
from tifffile import TiffFile, imread, imwrite

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats import (
    check_output,
    hash_content,
    probe,
    read_image,
    write_ome_tiff,
)
from bioimageit_flow.formats.stamps import (
    is_stamped_copy,
    read_stamp,
    side_car_of,
    unstamped_copy,
    write_stamp,
)
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.stamp import (
    MAX_LISTED_INPUTS,
    STAMP_NAMESPACE,
    Stamp,
    StampedPort,
    stamp_of,
)

OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="3"/></svg>\n'


def made_stamp(
    content: str = "c" * 64, text: str = "µm <&> \"quoted\" '\U0001f52c'"
) -> Stamp:
    return Stamp(
        fingerprint=Sha256("f" * 64),
        content=Sha256(content),
        node="spots",
        port="points",
        part="",
        tool="skimage/spots@1.0.0",
        environment="lock sha256:12",
        parameters={"radius": 2.5, "note": text, "list": [1, 2]},
        inputs={"image": StampedPort(1, (Sha256("a" * 64),))},
        branch={"inputs": {}, "nodes": {"spots": {"tool": "skimage/spots@1.0.0"}}},
    )


def write_png(path: Path) -> None:
    path.write_bytes(
        imagecodecs.png_encode(np.arange(12, dtype=np.uint8).reshape(3, 4))
    )


def write_tiff(path: Path) -> None:
    array = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    write_ome_tiff(path, array, "ZYX", pixel_size_um={"x": 0.1, "y": 0.1, "z": 3.0})


def write_svg(path: Path) -> None:
    path.write_text(SVG)


def write_zarr(path: Path, name: str = ".zattrs", text: str = "") -> None:
    path.mkdir()
    (path / "0").mkdir()
    (path / "0" / "chunk").write_bytes(b"pixels")
    (path / name).write_text(
        text or '{\n  "multiscales": [{"name": "µm"}]\n}\n', "utf-8"
    )


MAKERS = {
    "ome-tiff": (write_tiff, "a.ome.tif"),
    "png": (write_png, "a.png"),
    "svg": (write_svg, "a.svg"),
    "ome-zarr": (write_zarr, "a.ome.zarr"),
}


@pytest.mark.parametrize("format", MAKERS)
def test_stamp_is_in_the_file_and_can_be_taken_out(format: str, tmp_path: Path) -> None:
    make, name = MAKERS[format]
    path = tmp_path / name
    make(path)
    before = hash_content(path).sha256
    stamp = made_stamp(before)

    assert write_stamp(path, format, stamp) is None
    assert hash_content(path).sha256 != before
    assert is_stamped_copy(path, before)
    assert not is_stamped_copy(path, "0" * 64)

    moved = path.rename(tmp_path / "renamed")
    assert read_stamp(moved) == stamp
    assert unstamped_copy(moved, tmp_path / "copy")
    assert hash_content(tmp_path / "copy").sha256 == before


@pytest.mark.parametrize("format", MAKERS)
def test_the_same_stamp_gives_the_same_bytes(format: str, tmp_path: Path) -> None:
    make, name = MAKERS[format]
    hashes = set()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / name
        make(path)
        write_stamp(path, format, made_stamp())
        hashes.add(hash_content(path).sha256)
    assert len(hashes) == 1


@pytest.mark.parametrize("format", MAKERS)
def test_a_file_without_a_stamp_has_none(format: str, tmp_path: Path) -> None:
    make, name = MAKERS[format]
    make(tmp_path / name)
    assert read_stamp(tmp_path / name) is None
    assert not unstamped_copy(tmp_path / name, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_stamped_tiff_reads_as_before(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write_tiff(path)
    info, pixels = probe(path), imread(path)

    write_stamp(path, "ome-tiff", made_stamp())

    assert probe(path) == info
    assert check_output(path, Kind.IMAGE, "ome-tiff", "ZYX") == info
    assert np.array_equal(imread(path), pixels)
    assert np.array_equal(read_image(path).array, pixels)
    with TiffFile(path) as tiff:
        assert tiff.is_ome
        assert tiff.series[0].axes == "ZYX"


def test_stamp_stands_where_the_ome_schema_wants_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write_tiff(path)
    write_stamp(path, "ome-tiff", made_stamp())
    with TiffFile(path) as tiff:
        root = fromstring(tiff.ome_metadata or "")

    assert [child.tag for child in root] == [
        f"{OME}Image",
        f"{OME}StructuredAnnotations",
    ]
    (annotation,) = root[1]
    assert annotation.tag == f"{OME}XMLAnnotation"
    assert annotation.attrib["Namespace"] == STAMP_NAMESPACE
    assert annotation[0].tag == f"{OME}Value"
    assert json.loads(annotation[0][0].text or "")["tool"] == "skimage/spots@1.0.0"


@pytest.mark.parametrize(("order", "big"), [("<", True), (">", False), (">", True)])
def test_stamps_every_kind_of_tiff(
    order: Literal["<", ">"], big: bool, tmp_path: Path
) -> None:
    path = tmp_path / "a.ome.tif"
    array = np.arange(12, dtype=np.uint16).reshape(3, 4)
    imwrite(
        path, array, ome=True, byteorder=order, bigtiff=big, metadata={"axes": "YX"}
    )
    before = hash_content(path).sha256

    assert write_stamp(path, "ome-tiff", made_stamp(before)) is None

    assert np.array_equal(imread(path), array)
    assert unstamped_copy(path, tmp_path / "copy")
    assert hash_content(tmp_path / "copy").sha256 == before


def test_annotations_of_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write_tiff(path)
    with TiffFile(path) as tiff:
        xml = tiff.ome_metadata or ""
    other = (
        "<StructuredAnnotations><XMLAnnotation ID='Annotation:0' Namespace='other'>"
        "<Value><x/></Value></XMLAnnotation></StructuredAnnotations></OME>"
    )
    imwrite(
        path,
        np.zeros((4, 5), np.uint16),
        description=xml.replace("</OME>", other).encode(),
        metadata=None,
    )

    assert write_stamp(path, "ome-tiff", made_stamp()) is None

    with TiffFile(path) as tiff:
        root = fromstring(tiff.ome_metadata or "")
    spaces = [one.attrib["Namespace"] for one in root.iter(f"{OME}XMLAnnotation")]
    assert spaces == [STAMP_NAMESPACE, "other"]


def test_a_linked_file_is_left_alone(tmp_path: Path) -> None:
    path, other = tmp_path / "a.ome.tif", tmp_path / "other.ome.tif"
    write_tiff(path)
    before = path.read_bytes()
    os.link(path, other)

    write_stamp(path, "ome-tiff", made_stamp())

    assert other.read_bytes() == before
    assert path.read_bytes() != before


def test_a_read_only_file_is_stamped(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write_tiff(path)
    path.chmod(0o444)
    assert write_stamp(path, "ome-tiff", made_stamp()) is None
    assert read_stamp(path) == made_stamp()


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.txt", "a.tif"])
def test_other_files_get_a_side_car(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"value\n1\n")

    assert write_stamp(path, "csv", made_stamp()) == side_car_of(path)

    assert path.read_bytes() == b"value\n1\n"
    assert read_stamp(path) == made_stamp()
    assert not is_stamped_copy(path, made_stamp().content)


@pytest.mark.parametrize(
    ("format", "data"),
    [
        ("ome-tiff", b"II*\0\x08\0\0\0"),
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("svg", '<svg xmlns="x"></svg>'.encode("utf-16")),
    ],
)
def test_what_has_no_place_gets_a_side_car(
    format: str, data: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    assert write_stamp(path, format, made_stamp()) == side_car_of(path)
    assert path.read_bytes() == data


def test_png_stays_valid(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_png(path)
    pixels = imagecodecs.png_decode(path.read_bytes())
    write_stamp(path, "png", made_stamp())

    data = path.read_bytes()
    assert np.array_equal(imagecodecs.png_decode(data), pixels)
    place = data.index(b"iTXt")
    (length,) = struct.unpack(">I", data[place - 4 : place])
    (checksum,) = struct.unpack(">I", data[place + 4 + length :][:4])
    assert checksum == zlib.crc32(data[place : place + 4 + length])
    assert data.endswith(b"IEND\xaeB`\x82")


def test_svg_stays_xml(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    write_svg(path)
    write_stamp(path, "svg", made_stamp())
    root = fromstring(path.read_bytes())
    assert [child.tag.rpartition("}")[2] for child in root] == ["rect", "metadata"]


def test_svg_with_a_prefix(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text('<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g/></s:svg>')
    assert write_stamp(path, "svg", made_stamp()) is None
    tags = [child.tag for child in fromstring(path.read_bytes())]
    assert tags == [
        "{http://www.w3.org/2000/svg}g",
        "{http://www.w3.org/2000/svg}metadata",
    ]
    assert read_stamp(path) == made_stamp()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".zattrs", "{}"),
        (".zattrs", '{"a": {"bioimageit": "}"}, "b": [1, 2]}'),
        ("zarr.json", '{"zarr_format": 3, "attributes": {}, "node_type": "group"}'),
        ("zarr.json", '{"a": "\\"attributes\\"", "attributes": {"ome": {"v": "µ"}}}'),
    ],
)
def test_zarr_attributes_keep_their_text(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    write_zarr(path, name, text)
    assert write_stamp(path, "ome-zarr", made_stamp()) is None

    value = json.loads((path / name).read_text("utf-8"))
    attributes = value if name == ".zattrs" else value["attributes"]
    assert attributes.pop("bioimageit-flow")["node"] == "spots"
    assert value == json.loads(text)
    assert unstamped_copy(path, tmp_path / "copy")
    assert (tmp_path / "copy" / name).read_text("utf-8") == text


@pytest.mark.parametrize(
    "text", ["[1]", "{", '{"zarr_format": 3}', '{"attributes": 3}']
)
def test_zarr_without_attributes_gets_a_side_car(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    write_zarr(path, "zarr.json", text)
    assert write_stamp(path, "ome-zarr", made_stamp()) == side_car_of(path)
    assert read_stamp(path) == made_stamp()


@pytest.mark.parametrize(
    "text",
    ["no json", "[]", '{"schema": "bioimageit-flow/stamp/2"}', "[" * 100_000, "{}"],
)
def test_a_stamp_that_makes_no_sense_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("value\n1\n")
    side_car_of(path).write_text(text)
    with pytest.raises(DataError, match=r"'.*a\.csv' has a stamp that cannot be read"):
        read_stamp(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        write_stamp(tmp_path / "gone.png", "png", made_stamp())


def test_damaged_tiff_has_no_stamp(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write_tiff(path)
    write_stamp(path, "ome-tiff", made_stamp())
    path.write_bytes(path.read_bytes()[:-300])
    assert read_stamp(path) is None


def test_many_inputs_are_counted_only() -> None:
    items = [{"content": "a" * 64}] * (MAX_LISTED_INPUTS + 1)
    parts = {"tool": "t/t@1", "environment": "lock", "inputs": {"tables": items}}
    stamp = stamp_of(parts, Sha256("f"), Sha256("c"), ("n", "p", ""), {})
    assert stamp.inputs == {"tables": StampedPort(MAX_LISTED_INPUTS + 1, ())}
