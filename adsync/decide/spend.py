"""How much of an account's spend lies in campaigns that can learn from the macro alone.

A helper is switched off for the whole account, and bidding learns campaign by campaign: five campaigns of eight purchases
are not forty. Formulas: docs/statistics.md, "Scopes".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from scipy.special import gammaincc

from adsync.model.ads import Campaign
from adsync.model.policy import Policy
from adsync.model.volume import CampaignVolume

NEXT_TO_NOTHING = 1e-6
"""Macros of a campaign in all these days: with fewer on average, no campaign keeps anything."""

LEAST_SPREAD = 0.05
"""Campaigns are never taken to be more alike than this coefficient of variation says."""


def pooled(campaigns: Sequence[Campaign], volumes: Iterable[CampaignVolume]) -> tuple[CampaignVolume, ...]:
    """The volumes of these campaigns; those of one portfolio together, under its id, for it learns from all of them."""
    unit_of = {campaign.id: _unit(campaign) for campaign in campaigns}
    found: dict[str, CampaignVolume] = {}
    for volume in volumes:
        if (unit := unit_of.get(volume.campaign_id)) is not None:
            known = found.get(unit, CampaignVolume(campaign_id=unit, conversions=0.0, cost_micros=0))
            found[unit] = CampaignVolume(
                campaign_id=unit,
                conversions=known.conversions + volume.conversions,
                cost_micros=known.cost_micros + volume.cost_micros,
            )
    return tuple(found.values())


def names_of_units(campaigns: Sequence[Campaign]) -> dict[str, str]:
    """What people call each of what `pooled` gives, by id."""
    names: dict[str, list[str]] = {}
    for campaign in campaigns:
        names.setdefault(_unit(campaign), []).append(campaign.name)
    return {unit: " and ".join(each) for unit, each in names.items()}


def _unit(campaign: Campaign) -> str:
    return campaign.portfolio_id or campaign.id


@dataclass(frozen=True, slots=True)
class Spend:
    """share: of the spend that lies in campaigns which sustain enough by themselves (0-1). others: ids of those that do not."""

    share: float
    others: tuple[str, ...]


def sustained_spend(campaigns: Sequence[CampaignVolume], days: float, dispersion: float, policy: Policy) -> Spend:
    """Over the campaigns that bid on conversions, with their macros and cost in the same ``days``.

    Where nothing is spent or known there is nothing to protect: all of it counts as sustained.
    """
    cost = sum(c.cost_micros for c in campaigns)
    if not campaigns or not cost or days <= 0:
        return Spend(1.0, ())
    chances = chances_of_enough(campaigns, days, dispersion, policy.sustained_per_30_days)
    sure = dict(zip((c.campaign_id for c in campaigns), chances, strict=True))
    kept = sum(c.cost_micros for c in campaigns if sure[c.campaign_id] >= policy.sustained_confidence)
    others = sorted(
        (c for c in campaigns if sure[c.campaign_id] < policy.sustained_confidence),
        key=lambda c: (-c.cost_micros, c.campaign_id),
    )
    return Spend(kept / cost, tuple(c.campaign_id for c in others))


def chances_of_enough(
    campaigns: Sequence[CampaignVolume], days: float, dispersion: float, per_30_days: float
) -> list[float]:
    """P(rate >= per_30_days) of each campaign, shrunk towards what campaigns of this account have in common.

    A Gamma prior by moments over the campaigns; a single one has Jeffreys' instead.
    """
    if len(campaigns) > 1 and fmean(c.conversions for c in campaigns) < NEXT_TO_NOTHING:
        return [0.0] * len(campaigns)
    shape, rate = _prior([c.conversions for c in campaigns], days)
    line = per_30_days / 30
    return [float(gammaincc(shape + c.conversions / dispersion, line * (rate + days / dispersion))) for c in campaigns]


def _prior(counts: Sequence[float], days: float) -> tuple[float, float]:
    mean = fmean(counts) / days
    if len(counts) < 2:
        return 0.5, 0.0
    rates = [count / days for count in counts]
    seen = sum((rate - mean) ** 2 for rate in rates) / (len(rates) - 1)
    # What is left when chance is taken out is how much campaigns truly differ.
    spread = max(seen - mean / days, (LEAST_SPREAD * mean) ** 2)
    return mean**2 / spread, mean / spread
