"""Intervals for shares, their difference and their ratio, and a correction for asking many times."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt

from scipy.special import ndtr, ndtri

from adsync.model.evidence import Interval


def _quantile(level: float) -> float:
    return float(ndtri(0.5 + level / 2))


def wilson(converted: float, exposed: float, level: float = 0.95) -> Interval:
    """The share that converted, with an interval that stays inside 0 to 1.

    Wilson score interval. exposed == 0 gives (0, 0, 1): nothing known.
    """
    if exposed == 0:
        return Interval(0.0, 0.0, 1.0)
    z, share = _quantile(level), converted / exposed
    spread = 1 + z * z / exposed
    centre = (share + z * z / (2 * exposed)) / spread
    half = z * sqrt(share * (1 - share) / exposed + z * z / (4 * exposed * exposed)) / spread
    return Interval(share, max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share)))


def risk_difference(x1: int, n1: int, x0: int, n0: int, level: float = 0.95) -> Interval:
    """Share 1 minus share 0. Newcombe's hybrid score interval (1998, method 10)."""
    one, zero = wilson(x1, n1, level), wilson(x0, n0, level)
    point = one.point - zero.point
    low = point - sqrt((one.point - one.low) ** 2 + (zero.high - zero.point) ** 2)
    high = point + sqrt((one.high - one.point) ** 2 + (zero.point - zero.low) ** 2)
    return Interval(point, low, high)


def lift(x1: int, n1: int, x0: int, n0: int, level: float = 0.95) -> Interval:
    """Share 1 over share 0, with a log-normal interval; half a count is added to all where one is zero.

    n1 == 0 or n0 == 0 gives (1, 0, inf): nothing known.
    """
    if n1 == 0 or n0 == 0:
        return Interval(1.0, 0.0, float("inf"))
    a, b, c, d = (float(x1), float(n1), float(x0), float(n0))
    if x1 == 0 or x0 == 0:
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    ratio = (a / b) / (c / d)
    half = _quantile(level) * sqrt(max(0.0, (1 - a / b) / a + (1 - c / d) / c))
    return Interval(ratio, ratio * exp(-half), exp(log(ratio) + half))


def p_greater(x1: int, n1: int, x0: int, n0: int) -> float:
    """One-sided p-value of share 1 > share 0 (z test with pooled variance); 1 where nothing is known."""
    if n1 == 0 or n0 == 0 or x1 + x0 in (0, n1 + n0):
        return 1.0
    pooled = (x1 + x0) / (n1 + n0)
    error = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    return float(ndtr(-(x1 / n1 - x0 / n0) / error))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """The q-value of each p-value: the false discovery rate at which it would just be called."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i], reverse=True)
    q_values, smallest = [1.0] * len(p_values), 1.0
    for rank, index in enumerate(order):
        smallest = min(smallest, p_values[index] * len(p_values) / (len(p_values) - rank))
        q_values[index] = smallest
    return q_values
