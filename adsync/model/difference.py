"""What is different between two copies of an account's settings, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from adsync.model.ads import AccountState, Campaign, ConversionAction
from adsync.model.goal import goal_title
from adsync.model.pulled import Snapshot

THERE = "there"
"""The field that says whether something exists at all."""

_OBSERVED = frozenset({"id", "last_request", "tag_snippet", "system_status"})
"""What names an object, and what Google observes rather than somebody sets."""

_BIDDING = frozenset(
    {
        *("strategy", "portfolio_id", "target_cpa_micros", "target_roas"),
        *("goal_level", "custom_goal_id", "selected_actions"),
    }
)
"""What of a campaign says what it bids on and to which target."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field of one thing. kind: conversion_action, goal, campaign_goal, custom_goal, campaign or key_event.

    before, after: as Google says them; of `there` yes and no.
    """

    kind: str
    object_id: str
    title: str
    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A difference, and when: between these moments. entry_id: of the change log where adsync made it, else None.

    follows: of the change after which Google made it by itself: the mirror of a key event, the goal of a first action.
    """

    difference: Difference
    after: datetime
    until: datetime
    entry_id: int | None = None
    follows: int | None = None


def differences(before: Snapshot, now: Snapshot) -> tuple[Difference, ...]:
    """In the order of kinds, objects and fields. What came or went is one difference, without its fields."""
    old, new = dict(_things(before)), dict(_things(now))
    found = []
    for key in sorted(old.keys() | new.keys()):
        (kind, object_id), there, here = key, old.get(key), new.get(key)
        title = str((here or there or {})["title"])
        if there is None or here is None:
            came = here is not None
            found.append(
                Difference(kind=kind, object_id=object_id, title=title, field=THERE, before=not came, after=came)
            )
            continue
        found += [
            Difference(kind=kind, object_id=object_id, title=title, field=name, before=there[name], after=here[name])
            for name in here
            if name != "title" and there.get(name) != here[name]
        ]
    return tuple(found)


def is_decided_on(difference: Difference, now: AccountState) -> bool:
    """Whether adsync's decisions depend on it: actions, goals, key events, and how campaigns bid. now: with the difference.

    A mirror that has appeared is Google's answer to a key event, and a goal comes and goes with its first action.
    """
    match difference.kind:
        case "conversion_action" if difference.field == THERE:
            action = now.action(difference.object_id)
            return action is None or not action.is_ga4_mirror or action.status == "ENABLED"
        case "goal":
            return difference.field != THERE
        case "campaign_goal":
            own = difference.object_id.partition(" ")[0]
            rules = any(c.id == own and c.goal_level == "CAMPAIGN" for c in now.campaigns)
            return rules and difference.field != THERE
        case "campaign":
            return difference.field in _BIDDING
        case _:
            return True


def _things(copy: Snapshot) -> Iterator[tuple[Key, Mapping[str, object]]]:
    state = copy.state
    names = {campaign.id: campaign.name for campaign in state.campaigns}
    for action in state.actions:
        yield ("conversion_action", action.id), {"title": action.name, **_fields(action)}
    for goal in state.goals:
        pair = goal_title((goal.category, goal.origin))
        yield ("goal", pair), {"title": pair, "biddable": goal.biddable}
    for own in state.campaign_goals:
        pair = goal_title((own.category, own.origin))
        title = f"{pair} of {names.get(own.campaign_id, own.campaign_id)}"
        yield ("campaign_goal", f"{own.campaign_id} {pair}"), {"title": title, "biddable": own.biddable}
    for custom in state.custom_goals:
        known = {"name": custom.name, "status": custom.status, "action_ids": custom.action_ids}
        yield ("custom_goal", custom.id), {"title": custom.name, **known}
    for campaign in state.campaigns:
        yield ("campaign", campaign.id), {"title": campaign.name, **_fields(campaign)}
    for event in copy.key_events:
        yield ("key_event", event.event_name), {"title": event.event_name, "counting_method": event.counting_method}


def _fields(thing: ConversionAction | Campaign) -> dict[str, object]:
    return {f.name: getattr(thing, f.name) for f in fields(thing) if f.name not in _OBSERVED}
