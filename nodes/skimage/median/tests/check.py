"""Check what the median filter made."""

from pathlib import Path

import numpy as np
import tifffile


def nothing_changed(image: Path, result: Path) -> None:
    """Check that the result equals the input, pixel by pixel."""
    before, after = tifffile.imread(image), tifffile.imread(result)
    changed = int(np.count_nonzero(before != after))
    assert changed == 0, f"{changed} pixels changed"
