"""What a change would make of the account: the state after it, and what each campaign's bidding would see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from adsync.errors import StateError
from adsync.model.ads import VALUE_BIDDING, AccountState, Campaign, ConversionAction, ConversionGoal
from adsync.model.bidding import counting_actions
from adsync.model.change import ACTION, Change
from adsync.model.decision import Verb
from adsync.model.goal import switches_off, with_goal
from adsync.model.plan import CampaignEffect
from adsync.model.target import with_target
from adsync.model.volume import ActionDay
from adsync.plan.rebasing import with_targets

_FIELDS = frozenset(field.name for field in fields(ConversionAction))

DAYS = 28
"""Over which what bidding sees is counted."""


def state_after(state: AccountState, change: Change) -> AccountState:
    """The account as it would be; key events change nothing in Google Ads at first, and adoptions nothing at all."""
    if change.verb is Verb.TARGET:
        return with_target(state, change)
    if change.verb is Verb.GOAL:
        return with_goal(state, change)
    if change.kind != ACTION or change.is_kept_here:
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


def takes_away(change: Change) -> bool:
    """Whether bidding could be left with less to learn from."""
    return switches_off(change) or change.verb in (Verb.DEMOTE, Verb.HIDE, Verb.REMOVE, Verb.UNMARK)


def effects(before: AccountState, after: AccountState, recent: Sequence[ActionDay]) -> tuple[CampaignEffect, ...]:
    """The Smart Bidding campaigns for which something else counts afterwards, or is worth something else.

    recent: 28 days by conversion date. A paused campaign that sold in them is one: it may bid again tomorrow.
    """
    moved, beside = [], []
    served = {day.campaign_id for day in recent}
    old_values, new_values = _fixed_values(before), _fixed_values(after)
    valued = {action for action, value in new_values.items() if value != old_values.get(action)}
    sums = _monthly(recent)
    for campaign in before.campaigns:
        if not campaign.bids_on_conversions and not (campaign.has_smart_strategy and campaign.id in served):
            continue
        old, new = _counting(before, campaign), _counting(after, campaign)
        if old != new or (campaign.strategy in VALUE_BIDDING and not new.isdisjoint(valued)):
            moved.append(
                _effect(campaign, _seen(sums, campaign, old, old_values), _seen(sums, campaign, new, new_values))
            )
        elif campaign.portfolio_id:
            beside.append(
                _effect(campaign, _seen(sums, campaign, old, old_values), _seen(sums, campaign, new, new_values))
            )
    return with_targets(moved, beside, before.campaigns)


def _effect(campaign: Campaign, before: tuple[float, float], after: tuple[float, float]) -> CampaignEffect:
    return CampaignEffect(
        campaign_id=campaign.id,
        campaign=campaign.name,
        strategy=campaign.strategy,
        before=round(before[0], 1),
        after=round(after[0], 1),
        value_before=round(before[1], 2),
        value_after=round(after[1], 2),
    )


def _seen(
    sums: Mapping[tuple[str, str], tuple[float, float]],
    campaign: Campaign,
    actions: frozenset[str],
    fixed: Mapping[str, float | None],
) -> tuple[float, float]:
    """Conversions and their value in 30 days, as they would be reported from now on.

    What was recorded before an action was given its value says nothing of what bidding will see.
    """
    count = worth = 0.0
    for action in actions:
        number, recorded = sums.get((campaign.id, action), (0.0, 0.0))
        each = fixed.get(action)
        count += number
        worth += recorded if each is None else number * each
    return count, worth


def left_without(before: AccountState, after: AccountState) -> tuple[Campaign, ...]:
    """Smart Bidding campaigns, paused ones as well, that would have nothing to learn from any more."""
    return tuple(c for c in before.campaigns if c.may_bid and _counting(before, c) and not _counting(after, c))


def _counting(state: AccountState, campaign: Campaign) -> frozenset[str]:
    return frozenset(a.id for a in counting_actions(state, campaign))


def _fixed_values(state: AccountState) -> dict[str, float | None]:
    """Of each action what each of its conversions is worth, whatever the site says; None where the site's values count."""
    return {a.id: a.default_value if a.always_use_default_value else None for a in state.actions}


def _monthly(recent: Sequence[ActionDay]) -> dict[tuple[str, str], tuple[float, float]]:
    """Conversions and their value in 30 days, by campaign and action. Days on which nobody converted are days."""
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for day in recent:
        count, value = sums.get((day.campaign_id, day.action_id), (0.0, 0.0))
        sums[day.campaign_id, day.action_id] = (count + day.all_conversions, value + day.all_value)
    return {key: (30 * count / DAYS, 30 * value / DAYS) for key, (count, value) in sums.items()}


def _changed(action: ConversionAction, wanted: dict[str, str | bool | float]) -> ConversionAction:
    if unknown := wanted.keys() - _FIELDS:
        raise StateError(
            f'A stored change of "{action.name}" names {", ".join(sorted(unknown))}, which no conversion action has.',
            "It is not as it was written.",
            next_step="See which entry: adsync log --verify. Then take the state database from a backup.",
        )
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
