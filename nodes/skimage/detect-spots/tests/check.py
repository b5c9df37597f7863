"""Compare detected spots with the true ones."""

import csv
import runpy
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

RECIPES = runpy.run_path(str(Path(__file__).with_name("make.py")))


def truth_is_found_within_0_1_px(image: Path, points: Path) -> None:
    """Check that all 50 spots are found, on average at most 0.1 px from the truth."""
    errors = _errors(points, RECIPES["truth"](), ("y", "x"))
    assert len(errors) == 50, f"{len(errors)} of 50 spots were found"
    _assert_near(errors, 0.1)


def truth_is_found_within_0_2_px(image: Path, points: Path) -> None:
    """Check that 48 of 50 spots are found, on average at most 0.2 px from the truth."""
    errors = _errors(points, RECIPES["truth"](), ("y", "x"))
    assert len(errors) >= 48, f"{len(errors)} of 50 spots were found"
    _assert_near(errors, 0.2)


def positions_are_whole_pixels(image: Path, points: Path) -> None:
    """Check that positions are whole and as near to the truth as can be."""
    places = _places(points, ("y", "x"))
    assert np.array_equal(places, places.round()), "some positions are not whole"
    _assert_near(_errors(points, RECIPES["truth"](), ("y", "x")), 0.5)


def volume_truth_is_found(image: Path, points: Path) -> None:
    """Check that all 12 spots are found within 0.02 um."""
    step = np.array(RECIPES["VOLUME_STEP_UM"])
    truth = RECIPES["volume_truth"]()
    errors = _errors(points, truth * step, ("z_um", "y_um", "x_um"), reach=0.5)
    assert len(errors) == 12, f"{len(errors)} of 12 spots were found"
    _assert_near(errors, 0.02)
    pixels = _places(points, ("z", "y", "x")) * step
    assert np.allclose(pixels, _places(points, ("z_um", "y_um", "x_um"))), (
        "positions in pixels and in micrometres disagree"
    )


def one_to_four_spots_per_frame(image: Path, points: Path) -> None:
    """Check that each frame has its spots, numbered through."""
    rows = _rows(points)
    counts = Counter((row["t"], row["c"]) for row in rows)
    expected = {("0", "0"): 1, ("0", "1"): 2, ("1", "0"): 3, ("1", "1"): 4}
    assert counts == expected, f"spots per time point and channel: {dict(counts)}"
    numbers = [int(row["spot"]) for row in rows]
    assert numbers == list(range(1, 11)), f"the spots are numbered {numbers}"


def _rows(points: Path) -> list[dict[str, str]]:
    with points.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _places(points: Path, axes: tuple[str, ...]) -> NDArray[np.float64]:
    return np.array([[float(row[axis]) for axis in axes] for row in _rows(points)])


def _errors(
    points: Path, truth: NDArray[np.float64], axes: tuple[str, ...], reach: float = 2.0
) -> NDArray[np.float64]:
    """Return the distance of each spot that was found to its true place."""
    distances = cdist(truth, _places(points, axes))
    pairs = linear_sum_assignment(np.minimum(distances, 10 * reach))
    nearest = distances[pairs]
    return np.asarray(nearest[nearest <= reach])


def _assert_near(errors: NDArray[np.float64], limit: float) -> None:
    rms = float(np.sqrt(np.mean(errors**2)))
    assert rms <= limit, f"the positions are {rms:.3f} away from the truth (RMS)"
