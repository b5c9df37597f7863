"""Check what the background subtraction made."""

from pathlib import Path

import numpy as np
import tifffile

SPOTS = ((40, 40), (40, 120), (100, 80), (130, 30), (130, 130))
HEIGHT, SLOPE_AND_HILL = 200, 140


def hill_is_gone_and_spots_stay(image: Path, result: Path) -> None:
    """Check that little is left between the spots, which keep their height."""
    data = tifffile.imread(result)
    y, x = np.mgrid[: data.shape[0], : data.shape[1]]
    between = np.ones(data.shape, bool)
    for row, column in SPOTS:
        between &= (y - row) ** 2 + (x - column) ** 2 > 12**2
        height = float(data[row, column])
        assert abs(height - HEIGHT) < 0.1 * HEIGHT, f"a spot has height {height:.1f}"
    rest = float(np.abs(data[between]).max())
    assert rest < 0.1 * SLOPE_AND_HILL, f"{rest:.1f} grey levels of the hill are left"
