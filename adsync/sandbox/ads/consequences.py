"""What follows from a change: history of what counts, former settings, learning, change events."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.ads import bidding
from adsync.sandbox.ads.account import AdsAccount, Edit
from adsync.sandbox.ads.bidding_fields import targets
from adsync.sandbox.ads.campaigns import Budget, Campaign


def conclude(before: AdsAccount, after: AdsAccount, now: int, user: str) -> None:
    """Writes into `after`, a changed copy of `before`, what follows from the difference."""
    _remember_settings(before, after, now)
    after.record(now)
    _learn(before, after, now)
    _tell(before, after, now, user)


def _remember_settings(before: AdsAccount, after: AdsAccount, now: int) -> None:
    """Conversions of the past keep what they were counted by."""
    for action in after.actions.values():
        old = before.actions.get(action.id)
        # Accounts that share their actions come here one after another; the first has written it down.
        if old is not None and old.settings(now) != action.settings(now) and len(old.past) == len(action.past):
            action.past.append(old.settings(now))


def _learn(before: AdsAccount, after: AdsAccount, now: int) -> None:
    types = {campaign for campaign, _ in before.counted_pairs ^ after.counted_pairs}
    changed = {
        action.id
        for action in after.actions.values()
        if (old := before.actions.get(action.id)) is not None and old.settings(0) != action.settings(0)
    }
    settings = {campaign for campaign, action in before.counted_pairs & after.counted_pairs if action in changed}
    amounts = {budget.id: budget.amount_micros for budget in before.budgets}
    richer = {budget.id for budget in after.budgets if budget.amount_micros != amounts[budget.id]}
    for old_campaign, campaign in zip(before.campaigns, after.campaigns, strict=True):
        reasons = {
            bidding.TYPE_CHANGE: campaign.id in types,
            bidding.COUNTING_CHANGE: campaign.id in settings,
            # A new target alone does not make bidding start over.
            bidding.STRATEGY_CHANGE: (old_campaign.strategy, old_campaign.portfolio)
            != (campaign.strategy, campaign.portfolio),
            bidding.BUDGET_CHANGE: campaign.budget_id in richer,
            bidding.REACTIVATED: (old_campaign.status, campaign.status) == ("PAUSED", "ENABLED"),
        }
        campaign.learning.update({reason: now for reason, holds in reasons.items() if holds})


def _tell(before: AdsAccount, after: AdsAccount, now: int, user: str) -> None:
    """Change events: Google's history knows campaigns and budgets; actions, goals and strategies it leaves out."""
    me = f"customers/{after.customer_id}"
    pairs = [
        *(
            ("CAMPAIGN", f"{me}/campaigns/{new.id}", campaign_fields(me, old), campaign_fields(me, new))
            for old, new in zip(before.campaigns, after.campaigns, strict=True)
        ),
        *(
            ("CAMPAIGN_BUDGET", f"{me}/campaignBudgets/{now_.id}", budget_fields(then), budget_fields(now_))
            for then, now_ in zip(before.budgets, after.budgets, strict=True)
        ),
    ]
    for resource, name, old_fields, new_fields in pairs:
        paths = [path for path in {**old_fields, **new_fields} if old_fields.get(path) != new_fields.get(path)]
        if paths:
            after.edits.append(
                Edit(
                    at=now,
                    resource=resource,
                    resource_name=name,
                    operation="UPDATE",
                    user=user,
                    client="GOOGLE_ADS_API",
                    old={path: old_fields[path] for path in paths if path in old_fields},
                    new={path: new_fields[path] for path in paths if path in new_fields},
                )
            )


def campaign_fields(me: str, campaign: Campaign) -> dict[str, Any]:
    """What can be changed about a campaign, by GAQL path. me: "customers/1234567890"."""
    found: dict[str, Any] = {
        "campaign.name": campaign.name,
        "campaign.status": campaign.status,
        "campaign.bidding_strategy_type": campaign.strategy,
    }
    if campaign.portfolio is not None:
        found["campaign.bidding_strategy"] = f"{me}/biddingStrategies/{campaign.portfolio}"
    else:
        found |= {f"campaign.{path}": value for path, value in targets(campaign).items()}
    return found


def budget_fields(budget: Budget) -> dict[str, Any]:
    """What can be changed about a budget, by GAQL path."""
    return {"campaign_budget.name": budget.name, "campaign_budget.amount_micros": budget.amount_micros}
