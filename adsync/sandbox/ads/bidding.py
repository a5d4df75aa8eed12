"""What campaigns bid on, and what Google says about the state of their bidding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adsync.sandbox.ads.tracking import Action

if TYPE_CHECKING:
    from adsync.sandbox.ads.account import AdsAccount
    from adsync.sandbox.ads.campaigns import Campaign
    from adsync.sandbox.ads.statistics import Statistics

LEARNING_SECONDS = 5 * 86_400
"""How long a campaign's status says LEARNING after a change."""

ENOUGH_CONVERSIONS = 15
"""Counted conversions in 30 days under which bidding is LIMITED_BY_DATA.

Google names 15 in 30 days as the least for target ROAS in Search; where its own status changes is not public.
"""

SMART_STRATEGIES = frozenset({"TARGET_CPA", "TARGET_ROAS", "MAXIMIZE_CONVERSIONS", "MAXIMIZE_CONVERSION_VALUE"})

TYPE_CHANGE = "LEARNING_CONVERSION_TYPE_CHANGE"
COUNTING_CHANGE = "LEARNING_CONVERSION_SETTING_CHANGE"
STRATEGY_CHANGE = "LEARNING_SETTING_CHANGE"
BUDGET_CHANGE = "LEARNING_BUDGET_CHANGE"
REACTIVATED = "LEARNING_NEW"

CANNOT_BID = frozenset({"STORE_SALES_DIRECT_UPLOAD"})
"""Types of actions that never count for bidding, not even in a custom goal."""


def counts(account: AdsAccount, campaign: Campaign, action: Action, at: int | None = None) -> bool:
    """Does the campaign bid on the action, and so `metrics.conversions` count it?

    By the action's flags at a moment, or those of now; a custom goal in use asks for no primary_for_goal.
    """
    flags = action.now if at is None else next((f for f in reversed(action.history) if f.since <= at), None)
    if flags is None or flags.status != "ENABLED" or action.type in CANNOT_BID:
        return False
    custom = account.custom_goals.get(campaign.custom_goal) if campaign.custom_goal is not None else None
    if custom is not None and custom.status == "ENABLED":
        return action.id in custom.actions
    return flags.primary and account.campaign_goals(campaign).get(action.pair, False)


def counting_pairs(account: AdsAccount, at: int | None = None) -> frozenset[tuple[int, int]]:
    """Everything that counts: (campaign id, action id)."""
    return frozenset(
        (campaign.id, action.id)
        for campaign in account.campaigns
        for action in account.actions.values()
        if counts(account, campaign, action, at)
    )


def system_status(account: AdsAccount, campaign: Campaign, now: int, statistics: Statistics) -> str:
    """`campaign.bidding_strategy_system_status`. Campaigns of one portfolio share their conversions.

    A strategy without an active campaign rests. What is broken hides that bidding learns, and that hides how little it
    learns from.
    """
    together = [
        index
        for index, other in enumerate(account.campaigns)
        if other is campaign or (campaign.portfolio is not None and other.portfolio == campaign.portfolio)
    ]
    if all(account.campaigns[index].status != "ENABLED" for index in together):
        return "PAUSED"
    if campaign.strategy not in SMART_STRATEGIES:
        return "ENABLED"
    if not any(counts(account, campaign, action) for action in account.actions.values()):
        return "MISCONFIGURED_CONVERSION_TYPES"
    learning = [reason for reason, since in campaign.learning.items() if 0 <= now - since < LEARNING_SECONDS]
    if learning:
        return learning[0] if len(learning) == 1 else "MULTIPLE_LEARNING"
    lately = statistics.counted_lately(now)
    return "ENABLED" if sum(lately[index] for index in together) >= ENOUGH_CONVERSIONS else "LIMITED_BY_DATA"
