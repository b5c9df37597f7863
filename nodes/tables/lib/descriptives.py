"""Descriptive statistics of a handful of numbers.

Sums are exactly rounded (`math.fsum`), so that neither the order of the numbers nor
the processor changes a digit. A statistic that does not exist (a mean of nothing, a
standard deviation of one number) is None.
"""

import math
import statistics
from collections.abc import Sequence


def mean(values: Sequence[float]) -> float | None:
    """Return the arithmetic mean."""
    return math.fsum(values) / len(values) if values else None


def median(values: Sequence[float]) -> float | None:
    """Return the median: the middle value, or the mean of the two middle ones."""
    return float(statistics.median(values)) if values else None


def standard_deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation of the sample (divisor n - 1)."""
    centre = mean(values)
    if centre is None or len(values) < 2:
        return None
    squares = math.fsum((value - centre) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - 1))


def standard_error(values: Sequence[float]) -> float | None:
    """Return the standard error of the mean: standard deviation / sqrt(n)."""
    deviation = standard_deviation(values)
    return None if deviation is None else deviation / math.sqrt(len(values))
