"""Tests that compare two independent samples, with effect size and interval.

Signs: a difference and an effect size are positive where the second sample is the
larger one, so that "control, drug" reads as "drug minus control".
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from descriptives import mean, standard_deviation
from failures import BadInputError

Alternative = Literal["two-sided", "greater", "less"]

CONFIDENCE = 0.95
EXACT_BELOW = 50
MOST_PAIRS = 16_000_000  # 128 MB of differences; beyond, there is no interval


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval; the bounds are None where none exists."""

    of: str
    estimate: float | None
    low: float | None
    high: float | None
    level: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a test found.

    Attributes
    ----------
    test : str
        Name of the test.
    p_value : float
        Probability of a statistic at least as extreme if there is no difference.
    p_method : str
        ``exact``, or which approximation was used.
    statistic_name, statistic
        The test statistic.
    degrees_of_freedom : float or None
        Of a t test.
    effect_size_name, effect_size
        The effect size; positive where the second sample is larger.
    interval : Interval
        Of the difference, second minus first.
    """

    test: str
    p_value: float
    p_method: str
    statistic_name: str
    statistic: float
    degrees_of_freedom: float | None
    effect_size_name: str
    effect_size: float
    interval: Interval


def mann_whitney(
    first: Sequence[float], second: Sequence[float], alternative: Alternative
) -> Comparison:
    """Compare two samples by the Mann-Whitney U (Wilcoxon rank sum) test.

    The p-value is exact where no two values are equal and both samples are smaller
    than 50; otherwise the normal approximation is used, with the corrections for ties
    and for continuity. This is the rule of R's ``wilcox.test``.

    The effect size is Cliff's delta, P(second > first) - P(second < first), which is
    the same number as the rank-biserial correlation. The interval is that of the
    Hodges-Lehmann shift (Campbell and Gardner 1988, doi:10.1136/bmj.296.6634.1454).

    Parameters
    ----------
    first, second : sequence of float
        The samples, at least one value each.
    alternative : str
        ``greater`` asks whether the second sample is larger than the first.
    """
    together = [*first, *second]
    is_exact = (
        len(set(together)) == len(together)
        and max(len(first), len(second)) < EXACT_BELOW
    )
    pairs = len(first) * len(second)
    u_second, p_value = pairs / 2, 1.0
    if len(set(together)) > 1:
        from scipy import stats  # a second to import: not where it is not needed

        found = stats.mannwhitneyu(
            second,
            first,
            alternative=alternative,
            method="exact" if is_exact else "asymptotic",
        )
        u_second, p_value = float(found.statistic), float(found.pvalue)
    return Comparison(
        test="Mann-Whitney U test",
        p_value=min(1.0, p_value),
        p_method=(
            "exact"
            if is_exact
            else "normal approximation, corrected for ties and continuity"
        ),
        statistic_name="U of the first group",
        statistic=pairs - u_second,
        degrees_of_freedom=None,
        effect_size_name="Cliff's delta (rank-biserial correlation)",
        effect_size=2 * u_second / pairs - 1,
        interval=_shift(first, second),
    )


def welch(
    first: Sequence[float], second: Sequence[float], alternative: Alternative
) -> Comparison:
    """Compare the means of two samples by Welch's t test.

    The effect size is Hedges' g: the difference of the means over the pooled standard
    deviation, with the exact correction for small samples (Hedges 1981,
    doi:10.3102/10769986006002107).

    Parameters
    ----------
    first, second : sequence of float
        The samples, at least two values each and not all of them equal.
    alternative : str
        ``greater`` asks whether the mean of the second sample is larger.

    Raises
    ------
    BadInputError
        If a sample is too small, or no sample has any spread.
    """
    from scipy import special

    sizes = len(first), len(second)
    if min(sizes) < 2:
        raise BadInputError(
            f"Welch's t test needs at least two items in each group, not {sizes[0]} "
            f"and {sizes[1]}: add items, or use the method mann-whitney."
        )
    deviations = standard_deviation(first) or 0.0, standard_deviation(second) or 0.0
    if not any(deviations):
        raise BadInputError(
            "Welch's t test needs some spread, but all values of each group are "
            "equal: use the method mann-whitney."
        )
    difference = (mean(second) or 0.0) - (mean(first) or 0.0)
    parts = [deviation**2 / n for deviation, n in zip(deviations, sizes, strict=True)]
    error = math.sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(
        part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True)
    )
    statistic = difference / error
    tails = {
        "two-sided": 2 * float(special.stdtr(freedom, -abs(statistic))),
        "greater": float(special.stdtr(freedom, -statistic)),
        "less": float(special.stdtr(freedom, statistic)),
    }
    reach = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    return Comparison(
        test="Welch's t test",
        p_value=min(1.0, tails[alternative]),
        p_method="t distribution",
        statistic_name="t",
        statistic=statistic,
        degrees_of_freedom=freedom,
        effect_size_name="Hedges' g",
        effect_size=_hedges_g(difference, deviations, sizes),
        interval=Interval(
            "difference of the means",
            difference,
            difference - reach,
            difference + reach,
        ),
    )


def _hedges_g(
    difference: float, deviations: tuple[float, float], sizes: tuple[int, int]
) -> float:
    freedom = sum(sizes) - 2
    pooled = math.sqrt(
        sum((n - 1) * s**2 for s, n in zip(deviations, sizes, strict=True)) / freedom
    )
    correction = math.exp(
        math.lgamma(freedom / 2)
        - math.lgamma((freedom - 1) / 2)
        - math.log(freedom / 2) / 2
    )
    return correction * difference / pooled


def _shift(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Return the Hodges-Lehmann shift: the median of all differences in pairs."""
    name = "Hodges-Lehmann shift (median of all differences in pairs)"
    if len(first) * len(second) > MOST_PAIRS:
        return Interval(name, None, None, None)
    differences = np.sort(np.subtract.outer(np.array(second), np.array(first)).ravel())
    rank = _rank_of_bound(len(first), len(second))
    return Interval(
        name,
        float(np.median(differences)),
        float(differences[rank - 1]) if rank else None,
        float(differences[-rank]) if rank else None,
    )


def _rank_of_bound(n: int, m: int) -> int:
    """Return which of the sorted differences is the lower bound; 0 for none.

    It is the largest rank K with P(U <= K - 1) <= (1 - confidence) / 2.
    """
    tail = (1 - CONFIDENCE) / 2
    if max(n, m) >= EXACT_BELOW:
        spread = math.sqrt(n * m * (n + m + 1) / 12)
        normal = statistics.NormalDist()
        return max(0, math.ceil(n * m / 2 + normal.inv_cdf(tail) * spread))
    counts = _counts_of_u(n, m)
    allowed = tail * math.comb(n + m, n)
    rank, total = 0, 0
    while total + counts[rank] <= allowed:
        total += counts[rank]
        rank += 1
    return rank


def _counts_of_u(n: int, m: int) -> list[int]:
    """Return how many orders of n and m different values give U = 0, 1, ... n m.

    They are the coefficients of the Gaussian binomial (n + m choose n).
    """
    counts = [1] + [0] * (n * m)
    for part in range(1, n + 1):
        for place in range(len(counts) - 1, m + part - 1, -1):
            counts[place] -= counts[place - m - part]
        for place in range(part, len(counts)):
            counts[place] += counts[place - part]
    return counts
