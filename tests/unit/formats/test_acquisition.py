"""What OME-XML says of how an image was taken."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioimageit_flow.formats.acquisition import (
    Acquisition,
    TakenChannel,
    read_acquisition,
)

OME = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
 <Instrument ID="Instrument:0">
  <Microscope Manufacturer="Zeiss" Model="Axio Observer" Type="Inverted"/>
  <Detector ID="Detector:0" Manufacturer="Hamamatsu" Model="Orca" Type="CMOS"/>
  <Objective ID="Objective:0" Model="EC Plan" NominalMagnification="10.0" LensNA="0.3"/>
  <Objective ID="Objective:1" Model="Plan-Apochromat" NominalMagnification="63.0"
   LensNA="1.4" Immersion="Oil"/>
 </Instrument>
 <Image ID="Image:0">
  <AcquisitionDate>2024-05-17T10:11:12</AcquisitionDate>
  <InstrumentRef ID="Instrument:0"/>
  <ObjectiveSettings ID="Objective:1"/>
  <Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="4" SizeY="4"
   SizeZ="1" SizeC="2" SizeT="1">
   <Channel ID="Channel:0:0" Name="DNA" Fluor="DAPI" ExcitationWavelength="405"
    EmissionWavelength="0.461" EmissionWavelengthUnit="µm"
    AcquisitionMode="WideField"/>
   <Channel ID="Channel:0:1" Name="BF" ContrastMethod="Brightfield"/>
   <TiffData/>
   <Plane TheZ="0" TheC="0" TheT="0" ExposureTime="50" ExposureTimeUnit="ms"/>
  </Pixels>
 </Image>
</OME>"""


def written(path: Path, description: str) -> Path:
    pixels = np.zeros((2, 4, 4), np.uint8)
    tifffile.imwrite(
        path,
        pixels,
        description=description.encode(),
        metadata=None,
        photometric="minisblack",
    )
    return path


def test_header_tells_instrument_objective_channels_and_date(tmp_path: Path) -> None:
    found = read_acquisition(written(tmp_path / "a.ome.tif", OME))

    assert found == Acquisition(
        date="2024-05-17T10:11:12",
        instrument="Zeiss Axio Observer (Inverted)",
        objective="Plan-Apochromat 63x/1.4 Oil",
        detector="Hamamatsu Orca (CMOS)",
        channels=(
            TakenChannel("DNA", "DAPI", 405.0, 461.0, 0.05, "", "WideField"),
            TakenChannel("BF", contrast="Brightfield"),
        ),
    )
    assert found.missing == ()


def test_all_images_of_a_file_are_told(tmp_path: Path) -> None:
    """Two images, the second of another day, objective and channel."""
    start, end = OME.index(" <Image "), OME.index("</OME>")
    second = (
        OME[start:end]
        .replace(":0:0", ":1:0")
        .replace(":0:1", ":1:1")
        .replace('ID="Image:0"', 'ID="Image:1"')
        .replace("2024-05-17", "2024-05-16")
        .replace('Settings ID="Objective:1"', 'Settings ID="Objective:0"')
        .replace("DAPI", "GFP")
    )
    both = OME[:end] + second + OME[end:]
    found = read_acquisition(written(tmp_path / "a.ome.tif", both))

    assert found is not None
    assert found.date == "2024-05-16T10:11:12"
    assert found.instrument == "Zeiss Axio Observer (Inverted)"
    assert found.objective == "Plan-Apochromat 63x/1.4 Oil; EC Plan 10x/0.3"
    dyes = [(one.name, one.fluorophore) for one in found.channels]
    assert dyes == [("DNA", "DAPI"), ("BF", ""), ("DNA", "GFP")]


def test_what_a_header_does_not_say_is_missing(tmp_path: Path) -> None:
    bare = "\n".join(
        line for line in OME.splitlines() if "Ref" not in line and "Date" not in line
    ).replace("Microscope ", "Strange ")
    found = read_acquisition(written(tmp_path / "a.ome.tif", bare))

    assert found is not None
    assert found.missing == ("the date", "the instrument")
    tifffile.imwrite(tmp_path / "b.ome.tif", np.zeros((4, 4), np.uint8))
    plain = read_acquisition(tmp_path / "b.ome.tif")
    assert plain is not None
    assert len(plain.missing) == 4


@pytest.mark.parametrize(
    "description",
    ["ImageJ=1.53", "<OME>", '<!DOCTYPE a [<!ENTITY b "c">]><OME>&b;</OME>', ""],
)
def test_other_headers_say_nothing(tmp_path: Path, description: str) -> None:
    assert read_acquisition(written(tmp_path / "a.tif", description)) is None


def test_other_files_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b")

    assert read_acquisition(tmp_path / "a.csv") is None
    assert read_acquisition(tmp_path / "gone.tif") is None
