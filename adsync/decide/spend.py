"""How much of an account's spend lies in campaigns that can learn from the macro alone.

A helper is switched off for the whole account, and bidding learns campaign by campaign: five campaigns of eight purchases
are not forty. Formulas: docs/statistics.md, "Campaigns".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from scipy.special import gammaincc

from adsync.model.volume import CampaignVolume

SUSTAINED_PER_30_DAYS = 15.0
SUSTAINED_CONFIDENCE = 0.80
ENOUGH_OF_SPEND = 0.70
LEAST_SPREAD = 0.05
"""Campaigns are never taken to be more alike than this coefficient of variation says."""


@dataclass(frozen=True, slots=True)
class Spend:
    """share: of the spend that lies in campaigns which sustain enough by themselves (0-1). others: ids of those that do not."""

    share: float
    others: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        return self.share >= ENOUGH_OF_SPEND


def sustained_spend(campaigns: Sequence[CampaignVolume], days: float, dispersion: float) -> Spend:
    """Over the campaigns that bid on conversions, with their macros and cost in the same ``days``.

    Where nothing is spent or known there is nothing to protect: all of it counts as sustained.
    """
    cost = sum(c.cost_micros for c in campaigns)
    if not campaigns or not cost or days <= 0:
        return Spend(1.0, ())
    sure = dict(zip((c.campaign_id for c in campaigns), chances_of_enough(campaigns, days, dispersion), strict=True))
    kept = sum(c.cost_micros for c in campaigns if sure[c.campaign_id] >= SUSTAINED_CONFIDENCE)
    others = sorted(
        (c for c in campaigns if sure[c.campaign_id] < SUSTAINED_CONFIDENCE),
        key=lambda c: (-c.cost_micros, c.campaign_id),
    )
    return Spend(kept / cost, tuple(c.campaign_id for c in others))


def chances_of_enough(campaigns: Sequence[CampaignVolume], days: float, dispersion: float) -> list[float]:
    """P(rate >= 15 in 30 days) of each campaign, shrunk towards what campaigns of this account have in common.

    A Gamma prior by moments over the campaigns; a single one has Jeffreys' instead.
    """
    shape, rate = _prior([c.conversions for c in campaigns], days)
    line = SUSTAINED_PER_30_DAYS / 30
    return [float(gammaincc(shape + c.conversions / dispersion, line * (rate + days / dispersion))) for c in campaigns]


def _prior(counts: Sequence[float], days: float) -> tuple[float, float]:
    mean = fmean(counts) / days
    if len(counts) < 2 or mean <= 0:
        return 0.5, 0.0
    rates = [count / days for count in counts]
    seen = sum((rate - mean) ** 2 for rate in rates) / (len(rates) - 1)
    # What is left when chance is taken out is how much campaigns truly differ.
    spread = max(seen - mean / days, (LEAST_SPREAD * mean) ** 2)
    return mean**2 / spread, mean / spread
