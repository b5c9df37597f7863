"""Check what the Gaussian blur made."""

from pathlib import Path

import numpy as np
import tifffile


def sigma_is_3_pixels_and_1_plane(image: Path, result: Path) -> None:
    """Check that the variance of a blurred impulse is sigma^2 along each axis."""
    data = tifffile.imread(result).astype(float)
    for axis, sigma in enumerate((1.0, 3.0, 3.0)):
        others = tuple(other for other in range(3) if other != axis)
        profile = data.sum(axis=others) / data.sum()
        places = np.arange(len(profile)) - len(profile) // 2
        measured = np.sqrt(profile @ places**2)
        assert abs(measured - sigma) < 0.02 * sigma, (
            f"along axis {axis}, sigma is {measured:.3f} and not {sigma}"
        )


def light_stays_in_its_plane(image: Path, result: Path) -> None:
    """Check that only one plane has light, and that the channels keep their names."""
    with tifffile.TiffFile(result) as tif:
        sums = tif.asarray().sum(axis=(2, 3))
        xml = tif.ome_metadata or ""
    assert np.allclose(sums, [[0, 0, 0], [0, 1000, 0]], atol=1e-2), (
        f"light per channel and plane: {sums.tolist()}"
    )
    for name in ("DAPI/405", "50% GFP"):
        assert f'Name="{name}"' in xml, f"the channel {name} lost its name"


def time_step_is_kept(image: Path, result: Path) -> None:
    """Check that the frame interval of ImageJ stands in the OME-XML."""
    with tifffile.TiffFile(result) as tif:
        xml = tif.ome_metadata or ""
    assert 'TimeIncrement="12.5" TimeIncrementUnit="s"' in xml, "no time step"


def pages_keep_their_levels(image: Path, result: Path) -> None:
    """Check that a constant page stays constant whatever its neighbours are."""
    data = tifffile.imread(result)
    for page, level in zip(data, (0, 90, 200), strict=True):
        assert np.allclose(page, level, atol=1e-4), f"the page of level {level} changed"
