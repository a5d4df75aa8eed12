"""Where fixed targets would have to go when something else counts: bidding that is asked the same of the same ads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, log

from adsync.model.ads import Campaign
from adsync.model.plan import CampaignEffect, TargetKind, TargetMove

STEP = 0.20
"""A target moves by this share of itself at most, once in a conversion cycle: bidding has to find its way each time."""

_NEARLY = 1e-9


def with_targets(
    effects: Sequence[CampaignEffect], beside: Sequence[CampaignEffect], campaigns: Sequence[Campaign]
) -> tuple[CampaignEffect, ...]:
    """The same effects with what each fixed target would have to become.

    beside: campaigns of portfolios for which nothing moves; what all that share a target count together decides.
    """
    held = {c.id: c for c in campaigns}
    by_target: dict[str, list[CampaignEffect]] = {}
    for effect in (*effects, *beside):
        by_target.setdefault(_target_of(held[effect.campaign_id]), []).append(effect)
    return tuple(
        replace(e, target=_moved(held[e.campaign_id], by_target[_target_of(held[e.campaign_id])])) for e in effects
    )


def _target_of(campaign: Campaign) -> str:
    return f"portfolio {campaign.portfolio_id}" if campaign.portfolio_id else f"campaign {campaign.id}"


def _moved(campaign: Campaign, sharing: Sequence[CampaignEffect]) -> TargetMove | None:
    if campaign.target_cpa_micros:
        # The same cost for n times the conversions is an n-th of it for each.
        old, new = sum(e.after for e in sharing), sum(e.before for e in sharing)
        kind, now = TargetKind.CPA, campaign.target_cpa_micros / 1_000_000
    elif campaign.target_roas:
        old, new = sum(e.value_before for e in sharing), sum(e.value_after for e in sharing)
        kind, now = TargetKind.ROAS, campaign.target_roas
    else:
        return None
    if old <= 0 or new <= 0 or old == new:
        return None
    fair = now * new / old
    return TargetMove(kind=kind, now=now, fair=fair, steps=steps_between(now, fair), shared_by=len(sharing))


def steps_between(now: float, then: float) -> int:
    """How many steps lead from one target to another."""
    return ceil(log(then / now) / log(1 + STEP if then > now else 1 - STEP) - _NEARLY)
