"""What somebody else has made of the account's goals and bidding since adsync last changed who is bid on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date

from adsync.model.ads import AccountState, Campaign
from adsync.model.decision import Hold
from adsync.model.field_words import called, shown

SETTINGS = "settings"


def settings_changed(before: AccountState, now: AccountState, since: date) -> list[Hold]:
    """Goals, custom goals, strategies and targets that are others than on the night of adsync's last change.

    since: the day of that change. What was added since, and what is gone, is no change of what was decided on. Helpers may
    come back meanwhile: a signal more is no harm while somebody looks. The hold is about exactly these settings.
    """
    moved = moved_settings(before, now)
    if not moved:
        return []
    lines = "\n".join([*_goals(before, now), *_campaigns(before, now, _as_named)])
    shown = "; ".join(moved[:3]) + (f"; and {len(moved) - 3} more" if len(moved) > 3 else "")
    return [
        Hold(
            code=SETTINGS,
            since=since,
            saw=f"Since adsync's last change, on {since}, somebody has changed what campaigns bid on or to: {shown}.",
            todo="Nobody is retired on numbers that were made under other settings. End this hold to go on with these.",
            detail=hashlib.sha256(lines.encode()).hexdigest()[:8],
        )
    ]


def moved_settings(before: AccountState, now: AccountState) -> list[str]:
    """Each goal, strategy and target that is another one, in words."""
    return [*_goals(before, now), *_campaigns(before, now, _as_read)]


def _goals(before: AccountState, now: AccountState) -> Iterator[str]:
    known = {(goal.category, goal.origin): goal.biddable for goal in before.goals}
    for goal in now.goals:
        if known.get((goal.category, goal.origin), goal.biddable) != goal.biddable:
            yield f"the goal {goal.category} / {goal.origin} is {_bid_on(goal.biddable)}"
    names = {campaign.id: campaign.name for campaign in now.smart_campaigns() if campaign.goal_level == "CAMPAIGN"}
    of_campaigns = {(g.campaign_id, g.category, g.origin): g.biddable for g in before.campaign_goals}
    for own in now.campaign_goals:
        key = (own.campaign_id, own.category, own.origin)
        if own.campaign_id in names and of_campaigns.get(key, own.biddable) != own.biddable:
            yield f'"{names[own.campaign_id]}": the goal {own.category} / {own.origin} is {_bid_on(own.biddable)}'
    lists = {goal.id: goal.action_ids for goal in before.custom_goals}
    for custom in now.custom_goals:
        if lists.get(custom.id, custom.action_ids) != custom.action_ids:
            yield f'the custom goal "{custom.name}" holds other conversion actions'


def _bid_on(biddable: bool) -> str:
    return "bid on" if biddable else "not bid on any more"


TargetWords = Callable[[str, float, float], str]
"""Of a target's field, what it was and what it is."""


def _as_read(field: str, was: float, now: float) -> str:
    return f"{called(field)} {_amount(was, field)} > {_amount(now, field)}"


def _amount(value: float, field: str) -> str:
    return shown(value, field) if value else "none"


def _as_named(field: str, was: float, now: float) -> str:
    """As a hold is named by: in other words what a person has ended would be held anew."""
    unit = 1_000_000 if field == "target_cpa_micros" else 1
    return f"{called(field)} {was / unit:g} is {now / unit:g}"


def _campaigns(before: AccountState, now: AccountState, words: TargetWords) -> Iterator[str]:
    known = {campaign.id: campaign for campaign in before.campaigns}
    for campaign in now.smart_campaigns():
        if campaign.id in known and (moved := list(_moved(known[campaign.id], campaign, words))):
            yield f'"{campaign.name}": {", ".join(moved)}'


def _moved(before: Campaign, now: Campaign, words: TargetWords) -> Iterator[str]:
    if (before.strategy, before.portfolio_id) != (now.strategy, now.portfolio_id):
        yield f"bids by {now.strategy}" + (" in another portfolio" if before.strategy == now.strategy else "")
    for field in ("target_cpa_micros", "target_roas"):
        was, target = getattr(before, field), getattr(now, field)
        if was != target:
            yield words(field, was, target)
    if (before.goal_level, before.custom_goal_id) != (now.goal_level, now.custom_goal_id):
        yield "follows other goals"
