"""Check what selecting a channel made."""

from pathlib import Path

import numpy as np
import tifffile


def second_channel_with_its_name(image: Path, result: Path) -> None:
    """Check that the pixels are those of the channel, and its name came along."""
    with tifffile.TiffFile(result) as tif:
        data, xml = tif.asarray(), tif.ome_metadata or ""
    assert np.array_equal(data, tifffile.imread(image)[:, 1]), "other pixels"
    assert 'Name="5-FAM/pH 9.0 &amp; &lt;2%&gt;"' in xml, "the name is lost"
    assert 'Name="nuclei"' not in xml, "the name of the other channel stayed"
