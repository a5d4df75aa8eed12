"""How lumpy counts are across two windows: what a comparison of them must allow for.

docs/statistics.md, "Outcome reviews".
"""

from __future__ import annotations

from collections.abc import Sequence

from adsync.decide.posterior import dispersion
from adsync.model.policy import Policy


def lumpiness(before: Sequence[float], after: Sequence[float], policy: Policy) -> float:
    """Variance over mean of the counts of whole weeks, oldest first; at least 1.

    The largest of three: that of the demand rule, of the weeks before; Pearson's, of all weeks around the means of their
    windows; and the same of fortnights, in which good and bad stretches show that do not begin where weeks do.
    """
    windows = (before, after)
    fortnights = [[one + two for one, two in zip(weeks[::2], weeks[1::2], strict=False)] for weeks in windows]
    return max(dispersion(before, policy), _pearson(windows), _pearson(fortnights))


def _pearson(windows: Sequence[Sequence[float]]) -> float:
    """Squared distances from the mean of each window, over that mean; 0 where nothing can differ."""
    freedom = sum(max(len(counts) - 1, 0) for counts in windows)
    return sum(map(_distances, windows)) / freedom if freedom else 0.0


def _distances(counts: Sequence[float]) -> float:
    if not counts:
        return 0.0
    mean = sum(counts) / len(counts)
    return sum((count - mean) ** 2 for count in counts) / max(mean, 0.5)
