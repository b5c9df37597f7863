"""Check what projections made."""

from pathlib import Path

import numpy as np
import tifffile


def names_and_time_step_stay(image: Path, result: Path) -> None:
    """Check that each frame is the last plane and keeps its metadata."""
    with tifffile.TiffFile(result) as tif:
        levels, xml = tif.asarray()[:, :, 0, 0], tif.ome_metadata or ""
    assert np.array_equal(levels, [[3, 13], [103, 113], [203, 213]]), levels
    for text in ('Name="nuclei"', 'Name="tubulin"', 'TimeIncrement="150.0"'):
        assert text in xml, f"{text} is not in the OME-XML"
    assert "PhysicalSizeZ" not in xml, "the spacing of planes that are gone stayed"


def time_step_is_gone(image: Path, result: Path) -> None:
    """Check that an image without time has no time step."""
    with tifffile.TiffFile(result) as tif:
        assert "TimeIncrement" not in (tif.ome_metadata or ""), "there is a time step"
