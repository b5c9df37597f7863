"""Which of many values stand out.

The score is the distance from the median in units of the scaled median absolute
deviation (Iglewicz and Hoaglin 1993, "How to detect and handle outliers"): one bad
image does not hide another.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SUSPICIOUS: Final = 3.5
"""Scores beyond this, up or down, are called outliers."""

_MAD_TO_SIGMA: Final = 1.4826
_MEAN_TO_SIGMA: Final = 1.2533


def robust_scores(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Return how far each value is from the middle of all; NaN where there is none.

    Where more than half of the values are the same, the mean absolute deviation takes
    the place of the median one.
    """
    numbers = np.array(
        [np.nan if value is None else value for value in values], np.float64
    )
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return np.full(numbers.shape, np.nan)
    middle = float(np.median(finite))
    away = np.abs(finite - middle)
    spread = float(np.median(away)) * _MAD_TO_SIGMA
    if spread == 0:
        spread = float(np.mean(away)) * _MEAN_TO_SIGMA
    if spread == 0:
        return np.where(np.isfinite(numbers), 0.0, np.nan)
    return (numbers - middle) / spread
