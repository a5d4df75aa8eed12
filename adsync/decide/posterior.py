"""How sure one can be of a rate: a Gamma posterior for counts, discounted by how lumpy they are.

Formulas and their reasons: docs/statistics.md, "Is the volume sustainably high?".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import median

from scipy.special import betainc, gammainc, gammaincc, ndtri

from adsync.model.policy import Policy


def chance_at_least(count: float, days: float, per_30_days: float, dispersion: float) -> float:
    """P(rate >= per_30_days), with ``count`` seen in ``days``. Jeffreys prior; dispersion > 1 discounts the evidence."""
    return float(gammaincc(count / dispersion + 0.5, per_30_days / 30 * days / dispersion))


def chance_at_most(count: float, days: float, per_30_days: float, dispersion: float) -> float:
    """P(rate <= per_30_days), the complement of `chance_at_least`."""
    return float(gammainc(count / dispersion + 0.5, per_30_days / 30 * days / dispersion))


def chance_it_fell(new_count: float, new_days: float, old_count: float, old_days: float, dispersion: float) -> float:
    """P(rate in the newer window < rate in the older one). Half where either window holds no day."""
    if new_days <= 0 or old_days <= 0:
        return 0.5
    share = new_days / (new_days + old_days)
    return float(betainc(new_count / dispersion + 0.5, old_count / dispersion + 0.5, share))


def dispersion(weeks: Sequence[float], policy: Policy, *, most: float | None = None) -> float:
    """Variance over mean of weekly counts, at least 1 and at most what the policy allows, or ``most``.

    From differences of neighbouring weeks, so that a trend does not count as noise; shrunk towards the policy's prior.
    """
    prior, weight = policy.dispersion_prior, policy.dispersion_prior_weeks
    if len(weeks) < 2:
        return prior
    pairs = len(weeks) - 1
    variance = sum((new - old) ** 2 for new, old in pairwise(weeks)) / (2 * pairs)
    mean = max(sum(weeks) / len(weeks), 0.5)
    shrunk = (weight * prior + pairs * variance / mean) / (weight + pairs)
    return min(max(shrunk, 1.0), policy.dispersion_at_most if most is None else most)


def weekly_median(counts: Sequence[float], days: Sequence[float]) -> float:
    """The median week, each scaled to seven days; weeks with fewer than two usable days say nothing."""
    scaled = [7 * count / of for count, of in zip(counts, days, strict=True) if of >= 2]
    return median(scaled) if scaled else 0.0


def capped(
    counts: Sequence[float], days: Sequence[float], level: float, spread: float, dispersion: float
) -> list[float]:
    """The counts with none above ``level`` (a week's usual count) plus ``spread`` standard deviations."""
    limit = level + spread * (dispersion * max(level, 1.0)) ** 0.5
    return [min(count, limit * of / 7) for count, of in zip(counts, days, strict=True)]


@cache
def _deviations(confidence: float) -> float:
    """How many standard deviations above the mean a normal variable stays with this chance."""
    return float(ndtri(confidence))


def smallest_sufficient(days: float, per_30_days: float, dispersion: float, confidence: float) -> int:
    """The smallest whole count in ``days`` that makes one ``confidence`` sure of the rate."""
    mean = per_30_days / 30 * days
    # Where a normal approximation puts it; from there it is a step or two.
    count = max(int(mean + _deviations(confidence) * (dispersion * mean) ** 0.5), 0)
    while chance_at_least(count, days, per_30_days, dispersion) < confidence:
        count += 1
    while count > 0 and chance_at_least(count - 1, days, per_30_days, dispersion) >= confidence:
        count -= 1
    return count


def largest_insufficient(days: float, per_30_days: float, dispersion: float, confidence: float) -> int:
    """The largest whole count in ``days`` that makes one ``confidence`` sure of being under the rate; -1 for none."""
    mean = per_30_days / 30 * days
    count = max(int(mean - _deviations(confidence) * (dispersion * mean) ** 0.5), -1)
    while chance_at_most(count + 1, days, per_30_days, dispersion) >= confidence:
        count += 1
    while count >= 0 and chance_at_most(count, days, per_30_days, dispersion) < confidence:
        count -= 1
    return count
