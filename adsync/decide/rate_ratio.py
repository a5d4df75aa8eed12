"""How many times as high a rate is as before: two Gamma posteriors for counts, discounted by how lumpy they are.

Formulas and their reasons: docs/statistics.md, "Outcome reviews".
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

from scipy.special import betaincinv, digamma, ndtri, polygamma

from adsync.model.evidence import Interval

LEVEL = 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Counts after and before, each of what they are counted against: days, clicks or cost. dispersion: at least 1."""

    after: float
    after_of: float
    before: float
    before_of: float
    dispersion: float

    @property
    def shapes(self) -> tuple[float, float]:
        """Of the two Gamma posteriors, with Jeffreys prior as in `posterior`: after, before."""
        return self.after / self.dispersion + 0.5, self.before / self.dispersion + 0.5


def ratio(rates: Rates, level: float = LEVEL) -> Interval:
    """The newer rate over the older one: the median of its posterior and the ends of the interval.

    Of all counts, the share that falls into the newer window has a Beta posterior, given both rates: exact, no simulation.
    """
    after, before = rates.shapes
    tail = (1 - level) / 2

    def at(chance: float) -> float:
        share = float(betaincinv(after, before, chance))
        return share / (1 - share) * rates.before_of / rates.after_of

    return Interval(at(0.5), at(tail), at(1 - tail))


def ratio_of_ratios(touched: Rates, others: Rates, level: float = LEVEL) -> Interval:
    """What became of a rate over what became of the others' meanwhile: the difference of two differences of log rates.

    The log of a Gamma variable has mean digamma(shape) and variance trigamma(shape); the sum of four is taken as normal.
    """
    middle = log(touched.before_of / touched.after_of) - log(others.before_of / others.after_of)
    variance = 0.0
    for sign, rates in ((1, touched), (-1, others)):
        after, before = rates.shapes
        middle += sign * float(digamma(after) - digamma(before))
        variance += float(polygamma(1, after) + polygamma(1, before))
    spread = float(ndtri(1 - (1 - level) / 2)) * sqrt(variance)
    return Interval(exp(middle), exp(middle - spread), exp(middle + spread))
