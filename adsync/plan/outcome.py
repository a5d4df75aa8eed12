"""What a change would make of the account: the state after it, and what each campaign's bidding would see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adsync.model.ads import AccountState, Campaign, ConversionAction, ConversionGoal
from adsync.model.bidding import counting_actions
from adsync.model.change import ACTION, Change
from adsync.model.decision import Verb
from adsync.model.plan import CampaignEffect
from adsync.model.volume import ActionDay


def state_after(state: AccountState, change: Change) -> AccountState:
    """The account as it would be; key events change nothing in Google Ads at first."""
    if change.kind != ACTION:
        return state
    wanted = dict(change.after or ())
    if change.verb is Verb.CREATE:
        action = _created(change)
        known = {(g.category, g.origin) for g in state.goals}
        goals = state.goals if action.goal in known else (*state.goals, _new_goal(state, action))
        return replace(state, actions=(*state.actions, action), goals=goals)
    if change.verb is Verb.REMOVE:
        wanted = {"status": "REMOVED"}
    changed = tuple(_changed(a, wanted) if a.id == change.object_id else a for a in state.actions)
    return replace(state, actions=changed)


def effects(before: AccountState, after: AccountState, recent: Sequence[ActionDay]) -> tuple[CampaignEffect, ...]:
    """The Smart Bidding campaigns for which something else counts afterwards, in conversions per 30 days.

    recent: 28 days by conversion date. A paused campaign that sold in them is one: it may bid again tomorrow.
    """
    found = []
    served = {day.campaign_id for day in recent}
    for campaign in before.campaigns:
        if not campaign.bids_on_conversions and not (campaign.has_smart_strategy and campaign.id in served):
            continue
        old, new = _counting(before, campaign), _counting(after, campaign)
        if old != new:
            found.append(
                CampaignEffect(
                    campaign_id=campaign.id,
                    campaign=campaign.name,
                    strategy=campaign.strategy,
                    before=_monthly(recent, campaign.id, old),
                    after=_monthly(recent, campaign.id, new),
                )
            )
    return tuple(found)


def left_without(before: AccountState, after: AccountState) -> tuple[Campaign, ...]:
    """Smart Bidding campaigns that would have nothing to learn from any more."""
    return tuple(c for c in before.smart_campaigns() if _counting(before, c) and not _counting(after, c))


def _counting(state: AccountState, campaign: Campaign) -> frozenset[str]:
    return frozenset(a.id for a in counting_actions(state, campaign))


def _monthly(recent: Sequence[ActionDay], campaign_id: str, action_ids: frozenset[str]) -> float:
    days = len({d.date for d in recent}) and 28
    total = sum(d.all_conversions for d in recent if d.campaign_id == campaign_id and d.action_id in action_ids)
    return round(30 * total / days, 1) if days else 0.0


def _changed(action: ConversionAction, wanted: dict[str, str | bool | float]) -> ConversionAction:
    return replace(action, **wanted)  # type: ignore[arg-type]


def _created(change: Change) -> ConversionAction:
    wanted = dict(change.after or ())
    return ConversionAction(
        id=change.object_id,
        name=str(wanted["name"]),
        status=str(wanted["status"]),
        type=str(wanted["type"]),
        origin="WEBSITE",
        category=str(wanted["category"]),
        primary_for_goal=bool(wanted["primary_for_goal"]),
        counting_type=str(wanted["counting_type"]),
    )


def _new_goal(state: AccountState, action: ConversionAction) -> ConversionGoal:
    """A new goal is an account default when every other goal of its category is one (since November 2025)."""
    siblings = [g.biddable for g in state.goals if g.category == action.category]
    return ConversionGoal(category=action.category, origin=action.origin, biddable=all(siblings))
