"""Fixed targets: whose each of them is, and in which field of Google's messages it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adsync.model.ads import AccountState, Campaign
from adsync.model.change import TARGET_FIELDS, Change, Fields, fields, is_cpa

CAMPAIGN = "campaign"
PORTFOLIO = "bidding_strategy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target and the object that holds it: a campaign, or a portfolio strategy for all its campaigns.

    field: the path in Google's message. value: micros of account currency for a CPA; for a ROAS, value for each unit of
    cost. campaigns: all that bid to it.
    """

    kind: str
    object_id: str
    field: str
    value: float
    campaigns: tuple[Campaign, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.object_id

    @property
    def is_cpa(self) -> bool:
        return is_cpa(self.field)

    @property
    def title(self) -> str:
        """Portfolios go by the campaigns that share them: their own names are not read."""
        first = self.campaigns[0].name
        if self.kind == CAMPAIGN:
            return first
        others = len(self.campaigns) - 1
        return f"portfolio of {first}" + (f" and {others} more" if others else "")


def targets_of(campaigns: Sequence[Campaign]) -> dict[tuple[str, str], Target]:
    """Every fixed target, by the kind and id of its holder."""
    found: dict[tuple[str, str], Target] = {}
    for campaign in campaigns:
        target = _own(campaign)
        if target is not None:
            known = found.get(target.key)
            found[target.key] = replace(known, campaigns=(*known.campaigns, campaign)) if known else target
    return found


def _own(campaign: Campaign) -> Target | None:
    field = TARGET_FIELDS.get(campaign.strategy)
    if field is None:
        return None
    value = float(campaign.target_cpa_micros) if is_cpa(field) else campaign.target_roas
    if value <= 0:
        return None
    kind, object_id = holder(campaign)
    return Target(kind=kind, object_id=object_id, field=field, value=value, campaigns=(campaign,))


def holder(campaign: Campaign) -> tuple[str, str]:
    """What holds the campaign's target: it itself, or its portfolio."""
    return (PORTFOLIO, campaign.portfolio_id) if campaign.portfolio_id else (CAMPAIGN, campaign.id)


def target_now(campaigns: Sequence[Campaign], change: Change) -> Fields | None:
    """The target that a change is about, as it stands; None where its holder bids by another strategy, or without target."""
    target = targets_of(campaigns).get((change.kind, change.object_id))
    return None if target is None else fields(**{target.field: target.value})


def with_target(state: AccountState, change: Change) -> AccountState:
    """The account with the target that a change wants."""
    mine, wanted = (change.kind, change.object_id), dict(change.after or ())

    def moved(campaign: Campaign) -> Campaign:
        for field, value in wanted.items():
            if is_cpa(field):
                campaign = replace(campaign, target_cpa_micros=round(float(value)))
            else:
                campaign = replace(campaign, target_roas=float(value))
        return campaign

    return replace(state, campaigns=tuple(moved(c) if holder(c) == mine else c for c in state.campaigns))
