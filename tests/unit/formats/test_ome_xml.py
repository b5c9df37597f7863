from itertools import repeat

import pytest

from bioimageit_flow.formats.ome_xml import (
    looks_like_ome,
    plain_ome,
    read_ome,
)
from bioimageit_flow.formats.refusal import Refusal

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def ome(
    inner: str = "<TiffData/>",
    *,
    sizes: str = 'SizeX="8" SizeY="8" SizeZ="2" SizeC="3" SizeT="1"',
    order: str = "XYZCT",
    pixels: str = "",
    root: str = "",
) -> bytes:
    return (
        f'{HEAD}<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" {root}>'
        f'<Image ID="Image:0"><Pixels DimensionOrder="{order}" {sizes} {pixels}>'
        f"{inner}</Pixels></Image></OME>"
    ).encode()


def test_reads_sizes_and_planes() -> None:
    (image,) = read_ome(ome(), 6, "a.tif")
    assert image.sizes == {"X": 8, "Y": 8, "Z": 2, "C": 3, "T": 1}
    assert [(run.page, run.count) for run in image.planes] == [(0, 6)]


def test_reads_calibration_and_channel_names() -> None:
    text = ome(
        '<Channel Name="5-FAM/pH 9.0"/><Channel Name="FM 4-64/2%"/><Channel/>'
        "<TiffData/>",
        pixels='PhysicalSizeX="100" PhysicalSizeXUnit="nm" PhysicalSizeY="0.1" '
        'PhysicalSizeZ="2" PhysicalSizeZUnit="µm" '
        'TimeIncrement="2" TimeIncrementUnit="min"',
    )
    (image,) = read_ome(text, 6, "a.tif")
    assert image.pixel_size_um == {"x": 0.1, "y": 0.1, "z": 2.0}
    assert image.time_step_s == 120
    assert image.channels == ("5-FAM/pH 9.0", "FM 4-64/2%", "")


def test_unknown_units_and_nonsense_sizes_are_not_known() -> None:
    text = ome(
        pixels='PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="-1" '
        'PhysicalSizeZ="NaN" TimeIncrement="0"'
    )
    (image,) = read_ome(text, 6, "a.tif")
    assert image.pixel_size_um == {}
    assert image.time_step_s is None


def test_text_in_latin_1_is_read() -> None:
    text = ome(pixels='PhysicalSizeX="2" PhysicalSizeXUnit="µm"')
    (image,) = read_ome(text.replace("µ".encode(), b"\xb5"), 6, "a.tif")
    assert image.pixel_size_um == {"x": 2.0}


def test_recognises_ome_after_a_comment_and_with_prefix() -> None:
    assert looks_like_ome(f"{HEAD}<!-- {'x' * 500} --><OME:OME xmlns=''>".encode())
    assert not looks_like_ome(b"ImageJ=1.53")
    assert not looks_like_ome(b"<OMERO>")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ome()[:-20], "corrupt OME-XML"),
        (ome(order="XYZ"), "dimension order"),
        (ome(order="XYZZT"), "dimension order"),
        (ome(sizes='SizeX="8" SizeY="8" SizeC="1" SizeT="1"'), "SizeZ is missing"),
        (
            ome(sizes='SizeX="8" SizeY="8" SizeZ="0" SizeC="1" SizeT="1"'),
            "SizeZ is '0'",
        ),
        (ome(sizes=f'SizeX="8" SizeY="8" SizeZ="{9**99}" SizeC="1"'), "SizeZ"),
        (ome('<TiffData FirstZ="7"/>'), "outside"),
        (ome('<Channel SamplesPerPixel="2"/>'), "do not fit"),
        (f"{HEAD}<OME/>".encode(), "no image"),
        (f"{HEAD}<OME:OME/>".encode(), "corrupt"),
    ],
)
def test_refuses_corrupt_text(text: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        read_ome(text, 6, "a.tif")


@pytest.mark.parametrize(
    "inner",
    [
        "<TiffData/>",
        '<TiffData PlaneCount="6"/>',
        '<TiffData IFD="4" PlaneCount="2"/>',
        '<TiffData IFD="0"/><TiffData IFD="1" FirstZ="1"/>',
        f'<TiffData PlaneCount="{10**8}"/>',
        "".join(repeat('<TiffData IFD="0"/>', 6)),
    ],
)
def test_refuses_promised_planes_that_are_not_there(inner: str) -> None:
    with pytest.raises(Refusal, match="incomplete"):
        read_ome(ome(inner), 5, "a.tif")


def test_refuses_gap_between_planes() -> None:
    planes = '<TiffData IFD="0" PlaneCount="3"/><TiffData IFD="4" FirstC="2"/>'
    with pytest.raises(Refusal, match="promises 6 planes and it holds 4"):
        read_ome(ome(planes), 6, "a.tif")


def test_planes_may_come_in_any_order() -> None:
    planes = "".join(
        f'<TiffData IFD="{5 - n}" FirstZ="{n % 2}" FirstC="{n // 2}" PlaneCount="1"/>'
        for n in range(6)
    )
    (image,) = read_ome(ome(planes), 6, "a.tif")
    assert [run.page for run in image.planes] == [5, 4, 3, 2, 1, 0]


def test_refuses_entity_bombs_and_outside_entities() -> None:
    for attack in (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    ):
        text = ome().decode().replace(HEAD, HEAD + attack).encode()
        with pytest.raises(Refusal, match="corrupt OME-XML"):
            read_ome(text, 6, "a.tif")


def uuid(value: str, name: str) -> str:
    return f'<UUID FileName="{name}">urn:uuid:{value}</UUID>'


def test_refuses_part_of_an_image_in_several_files() -> None:
    planes = (
        f'<TiffData IFD="0" PlaneCount="3">{uuid("1", "a.tif")}</TiffData>'
        f'<TiffData FirstC="1" PlaneCount="3">{uuid("2", "b.tif")}</TiffData>'
    )
    with pytest.raises(Refusal, match="one of several files"):
        read_ome(ome(planes, root='UUID="urn:uuid:1"'), 3, "a.tif")


def test_refuses_file_described_by_a_companion() -> None:
    text = f'{HEAD}<OME><BinaryOnly MetadataFile="x.companion.ome"/></OME>'
    with pytest.raises(Refusal, match=r"x\.companion\.ome"):
        read_ome(text.encode(), 3, "a.tif")


def test_takes_own_images_of_a_set_of_files() -> None:
    image = (
        '<Image><Pixels DimensionOrder="XYZCT" SizeX="{n}" SizeY="8" SizeZ="1" '
        'SizeC="1" SizeT="1"><TiffData IFD="0">{uuid}</TiffData></Pixels></Image>'
    )
    text = "".join(
        image.format(n=n, uuid=uuid(str(n), f"position{n}.ome.tif")) for n in (1, 2, 3)
    )
    document = f'<OME UUID="urn:uuid:2">{text}</OME>'.encode()
    (own,) = read_ome(document, 1, "renamed.ome.tif")
    assert own.sizes["X"] == 2
    (own,) = read_ome(f"<OME>{text}</OME>".encode(), 1, "position3.ome.tif")
    assert own.sizes["X"] == 3


def test_takes_renamed_file_that_names_only_itself() -> None:
    planes = f"<TiffData>{uuid('9', 'before.ome.tif')}</TiffData>"
    assert len(read_ome(ome(planes), 6, "after.ome.tif")) == 1


def test_plain_text_reads_the_same() -> None:
    planes = (
        '<TiffData IFD="3" PlaneCount="3"/><TiffData IFD="0" FirstC="1" FirstZ="1"/>'
        '<TiffData IFD="1" FirstC="2" PlaneCount="2"/>'
    )
    images = read_ome(ome(planes), 6, "a.tif")
    again = read_ome(plain_ome(images).encode(), 6, "b.tif")
    assert again == images
