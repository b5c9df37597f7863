"""Check what labelling made."""

import runpy
from pathlib import Path

import numpy as np
import tifffile


def halves_are_equal(mask: Path, labels: Path) -> None:
    """Check that two equal objects stay equal and nothing is lost."""
    data, foreground = tifffile.imread(labels), tifffile.imread(mask) != 0
    assert np.array_equal(data != 0, foreground), "labels and mask differ"
    sizes = np.bincount(data.ravel())[1:]
    assert abs(sizes[0] / sizes[1] - 1) < 0.05, f"the objects have {sizes} pixels"


def one_two_and_three_objects(mask: Path, labels: Path) -> None:
    """Check that time point n has the labels 1 to n."""
    for count, frame in enumerate(tifffile.imread(labels), start=1):
        found = np.unique(frame).tolist()
        assert found == list(range(count + 1)), f"time point {count} has {found}"


def nuclei_are_found(mask: Path, labels: Path, intensity: Path | None = None) -> None:
    """Check that at least 56 of 60 nuclei overlap one label by more than half (IoU)."""
    recipes = runpy.run_path(str(Path(__file__).with_name("make.py")))
    truth, found = recipes["nuclei_truth"](), tifffile.imread(labels)
    assert int(truth.max()) == 60, "the test image has not 60 nuclei"
    both = np.zeros((61, int(found.max()) + 1))
    np.add.at(both, (truth, found), 1)
    union = both.sum(1, keepdims=True) + both.sum(0, keepdims=True) - both
    matched = int(((both / union)[1:, 1:] > 0.5).sum())
    assert matched >= 56, f"only {matched} of 60 nuclei were found"
