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


def planes_are_smoothed_together(image: Path, result: Path) -> None:
    """Check that constant planes stay flat and move towards their neighbours."""
    data = tifffile.imread(result)
    assert np.allclose(data, data[:, :1, :1], atol=1e-3), "a plane is not flat any more"
    low, _, high = data[:, 0, 0]
    assert 0 < low < high < 200, f"the planes were not smoothed together: {low}, {high}"
