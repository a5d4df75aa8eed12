"""A change that fixed targets stand against, in one group with their steps and a calendar: docs/decisions/groups.md."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.model.ads import AccountState, Campaign
from adsync.model.change import Change, Fields, fields
from adsync.model.decision import Verb
from adsync.model.field_words import shown
from adsync.model.plan import CampaignEffect, PlannedChange
from adsync.model.target import Target, holder, targets_of
from adsync.plan.target_steps import loosens, steps_to

Key = tuple[str, str]
"""What holds a target: its kind and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A change of a group, and the first day on which it may be made."""

    change: Change
    not_before: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A target, where it goes, and by which values."""

    target: Target
    values: tuple[float, ...]


def calendar(
    mains: Sequence[Change],
    state: AccountState,
    effects: Sequence[CampaignEffect],
    *,
    first: date,
    days_apart: int,
    ends: Mapping[Key, float],
    stood: Mapping[Key, Fields] | None = None,
) -> tuple[Dated, ...]:
    """Target steps that ask less, then the changes, then those that ask more; () where some target's steps cannot be said.

    So bidding is at no time asked for more than it was before all of it, except by a last rest of rounding. effects: what
    each campaign would see after all of the changes. ends: where a rollback wants targets. stood: where targets stood before
    what is taken back, and belong again; all others go where they ask the same. Those that ask less arrive together, right
    before the changes.
    """
    stood = stood or {}
    ways = _ways(state, effects, ends, stood)
    if ways is None or not (ways or stood):
        return ()
    before = [way for way in ways if loosens(way.target, way.values[-1])]
    after = [way for way in ways if way not in before]
    ahead = max((len(way.values) for way in before), default=0)

    def on(turn: int) -> date:
        return first + timedelta(days=days_apart * turn)

    found = [
        Dated(change=change, not_before=on(turn + ahead - len(way.values)))
        for way in before
        for turn, change in enumerate(_steps(way, state))
    ]
    found += [Dated(change=change, not_before=on(ahead)) for change in mains]
    behind = ahead + bool(mains)
    found += [
        Dated(change=change, not_before=on(behind + turn))
        for way in after
        for turn, change in enumerate(_steps(way, state))
    ]
    return tuple(sorted(found, key=lambda dated: dated.not_before))


def with_step_numbers(dated: Sequence[Dated]) -> tuple[Dated, ...]:
    """The same; each step of a target says how many there are, and from where to where they lead."""
    found: list[Dated] = []
    for each in dated:
        steps = [d.change for d in dated if d.change.verb is Verb.TARGET and _key(d.change) == _key(each.change)]
        if each.change not in steps:
            found.append(each)
            continue
        [(field, first)], [(_, last)] = steps[0].before or (), steps[-1].after or ()
        way = f"from {shown(first, field)} to {shown(last, field)}"
        [(_, now)], [(_, then)] = each.change.before or (), each.change.after or ()
        this = f"{shown(now, field)} > {shown(then, field)}"
        because = f"Step {steps.index(each.change) + 1} of {len(steps)} {way}: {this}."
        found.append(replace(each, change=replace(each.change, because=because)))
    return tuple(found)


def _key(change: Change) -> Key:
    return (change.kind, change.object_id)


def _ways(
    state: AccountState, effects: Sequence[CampaignEffect], ends: Mapping[Key, float], stood: Mapping[Key, Fields]
) -> tuple[_Way, ...] | None:
    """Of each target that has to move; None where one has to and cannot."""
    targets = targets_of(state.campaigns)
    wanted = dict(ends)
    for campaign, effect in _fixed(state.campaigns, effects):
        key = holder(campaign)
        target = targets.get(key)
        if target is None:
            return None  # a target that its strategy does not know
        if key in wanted:
            continue
        if (earlier := dict(stood.get(key, ())).get(target.field)) is not None:
            wanted[key] = float(earlier)
            continue
        if effect.target is None:
            if not _counts_the_same(effect, target):
                return None
            continue
        wanted[key] = effect.target.fair * (1_000_000 if target.is_cpa else 1)
    ways = []
    for key, end in sorted(wanted.items()):
        if key not in targets:
            return None
        values = steps_to(targets[key], end)
        if values:
            ways.append(_Way(target=targets[key], values=values))
        elif abs(end / targets[key].value - 1) > _TOO_LITTLE:
            return None
    return tuple(ways)


_TOO_LITTLE = 0.005
"""A target that would move by less than half a percent stays."""


def _fixed(
    campaigns: Iterable[Campaign], effects: Sequence[CampaignEffect]
) -> Iterable[tuple[Campaign, CampaignEffect]]:
    held = {c.id: c for c in campaigns}
    return ((held[e.campaign_id], e) for e in effects if held[e.campaign_id].has_fixed_target)


def _counts_the_same(effect: CampaignEffect, target: Target) -> bool:
    if target.is_cpa:
        return effect.before == effect.after > 0
    return effect.value_before == effect.value_after > 0


def _steps(way: _Way, state: AccountState) -> list[Change]:
    target, customer_id = way.target, state.customer.customer_id
    found, now = [], target.value
    for value in way.values:
        found.append(
            Change(
                customer_id=customer_id,
                kind=target.kind,
                object_id=target.object_id,
                title=target.title,
                verb=Verb.TARGET,
                before=fields(**{target.field: now}),
                after=fields(**{target.field: value}),
            )
        )
        now = value
    return found


def ends_of(changes: Iterable[Change]) -> dict[Key, float]:
    """Where changes of targets lead, by what holds them."""
    return {_key(c): float(v) for c in changes if c.verb is Verb.TARGET for _, v in c.after or ()}


def going_along(
    effects: Sequence[CampaignEffect], campaigns: Sequence[Campaign], stays: Collection[Key] = ()
) -> tuple[CampaignEffect, ...]:
    """What bidding will see; where targets go stands in the calendar. Fixed targets are those of now: one that a person sets
    later has no step in it. stays: what holds targets that stand where they belong after what is taken back."""
    fixed = {c.id: targets_of([c]).get(holder(c)) for c in campaigns if c.has_fixed_target}
    held = {c.id: holder(c) for c in campaigns if c.id in fixed}

    def seen(effect: CampaignEffect) -> CampaignEffect:
        target = None if effect.client else fixed.get(effect.campaign_id)
        return replace(
            effect,
            target=None,
            goes_along=not effect.client and effect.campaign_id in fixed,
            held_by=held.get(effect.campaign_id) if not effect.client else None,
            stays_at=target.value if target is not None and target.key in stays else 0.0,
        )

    return tuple(map(seen, effects))


def held_along(members: Iterable[PlannedChange], campaigns: Iterable[Campaign]) -> frozenset[Key]:
    """What holds the targets that go along with a group, wherever it has come to: as it was planned."""
    along = _along(members)
    return frozenset(along[c.id] or holder(c) for c in campaigns if c.id in along)


def rehoused(members: Iterable[PlannedChange], campaigns: Iterable[Campaign]) -> Campaign | None:
    """A campaign that goes along with a group and bids by now to a target that something else holds: no step is for that one."""
    along = _along(members)
    return next((c for c in campaigns if along.get(c.id) not in (None, holder(c))), None)


def _along(members: Iterable[PlannedChange]) -> dict[str, Key | None]:
    """The campaigns whose targets go along, by id, and what held each."""
    return {e.campaign_id: e.held_by for member in members for e in member.effects if e.goes_along}
