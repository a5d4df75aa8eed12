"""Each change of a plan, weighed against the account as it is when its turn comes: who has to agree, and what bidding sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce

from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.change import Change, Fields
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import NIGHT, Consent, PlannedChange
from adsync.model.target import holder
from adsync.model.volume import ActionDay
from adsync.plan.against import at_the_end, in_the_way, paused
from adsync.plan.company import joins
from adsync.plan.goal_control import members
from adsync.plan.groups import Dated, Key, calendar, ends_of, going_along, held_along, with_step_numbers
from adsync.plan.guard import consent, doubt
from adsync.plan.outcome import effects, state_after
from adsync.plan.sharing import effects_elsewhere, met
from adsync.plan.stages import staged
from adsync.plan.target_steps import is_short

UNDER_WAY = "Another group of changes moves the same targets, and has not come to its end."
TOO_FAR = "No steps of at most 20 % lead there from where the target stands."


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """reasons: why a person must decide, by a change's hash. recent: of the newest four weeks. taken: what holds the
    targets that groups under way move. today: from which day on groups are dated. elsewhere: as recent, of other accounts that
    use the same actions. kept: why a change is only proposed, by its hash. stood: where targets stood before what is taken
    back. kept_alone: goals into which nothing comes by itself, and why."""

    account: Account
    past: Past
    origin: str
    reasons: Mapping[str, str]
    recent: Sequence[ActionDay]
    taken: frozenset[Key]
    today: date
    elsewhere: Mapping[str, Sequence[ActionDay]] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    stood: Mapping[Key, Fields] = field(default_factory=dict)
    kept_alone: Mapping[str, str] = field(default_factory=dict)

    def alone(self, change: Change, before: AccountState, moving: frozenset[Key] = frozenset()) -> PlannedChange:
        """moving: what holds the targets that go along with it."""
        after = state_after(before, change)
        seen = effects(before, after, self.recent)
        past, origin = self.past, self.origin
        blocked = in_the_way(change, self.account, before, after, seen, past, origin, moving, self.elsewhere)
        blocked = blocked or self.kept.get(change.hash, "")
        seen = (*seen, *effects_elsewhere(before, after, self.elsewhere))
        meets, others = met(change, before), members(change, before, after, self.past)
        if blocked:
            return PlannedChange(
                change=change,
                consent=Consent.PROPOSAL,
                consent_because=blocked,
                effects=seen,
                clients=meets,
                others=others,
            )
        person = self.reasons.get(change.hash, "") or doubt(change, before, seen)
        person = person or joins(change, before, self.kept_alone)
        who, why = consent(change, self.account, self.past, self.origin, person)
        return PlannedChange(
            change=change, consent=who, consent_because=why, effects=seen, clients=meets, others=others
        )

    def following(self, change: Change) -> Weighing:
        """For the changes behind one that will have been made."""
        return replace(self, past=self.past.looking_after(change))

    def needs_targets(self, change: Change, before: AccountState) -> bool:
        """Whether it is about targets, or a campaign with a fixed one would count something else."""
        seen = {e.campaign_id for e in effects(before, state_after(before, change), self.recent)}
        return change.verb is Verb.TARGET or any(c.has_fixed_target and c.id in seen for c in before.campaigns)

    def together(self, changes: Sequence[Change], before: AccountState, name: str) -> tuple[PlannedChange, ...]:
        """Those that need targets, in one group with the steps; what stands against one of them leaves it out."""
        moving = self.moving(changes, before)
        if moving & self.taken:
            return tuple(self._proposed(change, before, UNDER_WAY) for change in changes)
        kept: list[Change] = []
        blocked: list[PlannedChange] = []
        at = before
        for change in changes:
            weighed = self.alone(change, at, moving)
            if weighed.consent is Consent.PROPOSAL:
                blocked.append(weighed)
                continue
            kept.append(change)
            at = state_after(at, change)
        if not kept:
            return tuple(blocked)
        dated = self._calendar(kept, before)
        if not dated:
            return (*(self._proposed(change, before) for change in kept), *blocked)
        return (*self._whole(dated, before, moving, name), *blocked)

    def moving(self, changes: Sequence[Change], before: AccountState) -> frozenset[Key]:
        """What holds the fixed targets that all of it is about."""
        seen = {e.campaign_id for e in effects(before, reduce(state_after, _mains(changes), before), self.recent)}
        touched = {holder(c) for c in before.campaigns if c.has_fixed_target and c.id in seen}
        return frozenset(touched | ends_of(changes).keys())

    def _calendar(self, changes: Sequence[Change], before: AccountState) -> tuple[Dated, ...]:
        """() where targets cannot go along. Only a night's own retirement goes by stages: what is taken back has been
        somewhere before."""
        mains, apart = _mains(changes), self.account.policy.stage_gap_days
        if self.origin == NIGHT and len(changes) == 1:
            stages = staged(changes[0], before, self.recent, first=self.today, days_apart=apart)
            if stages:
                return with_step_numbers(stages)
        seen = effects(before, reduce(state_after, mains, before), self.recent)
        return with_step_numbers(
            calendar(mains, before, seen, first=self.today, days_apart=apart, ends=ends_of(changes), stood=self.stood)
        )

    def _proposed(self, change: Change, before: AccountState, why: str = "") -> PlannedChange:
        weighed = self.alone(change, before)
        if not why and (weighed.consent is Consent.PROPOSAL or _is_short_step(change)):
            return weighed
        return replace(weighed, consent=Consent.PROPOSAL, consent_because=why or TOO_FAR)

    def _whole(
        self, dated: Sequence[Dated], before: AccountState, moving: frozenset[Key], name: str
    ) -> tuple[PlannedChange, ...]:
        """One consent for all: who has to agree to one of them has to agree to the whole. One alone needs no group."""
        stays = self.stood.keys() - ends_of([each.change for each in dated]).keys()
        if len(dated) == 1:
            only = self.alone(dated[0].change, before, moving)
            # What is taken back while all targets stand as they did before it.
            return (replace(only, effects=going_along(only.effects, before.campaigns, stays)) if stays else only,)
        found = []
        for each in dated:
            weighed = self.alone(each.change, before, moving)
            before = state_after(before, each.change)
            seen = going_along(weighed.effects, before.campaigns, stays)
            found.append(replace(weighed, effects=seen, group=name, not_before=each.not_before))
        return as_one(found)

    def again(self, members: Sequence[PlannedChange], before: AccountState) -> tuple[PlannedChange, ...]:
        """The rest of a group that was planned before; what is proposed only stays so."""
        if any(m.consent is Consent.PROPOSAL for m in members):
            return tuple(members)
        found: list[PlannedChange] = []
        rest = [m.change for m in members]
        moving = held_along(members, before.campaigns) | ends_of(rest).keys()
        if why := at_the_end(rest, self.account, before, self.past, self.origin, moving, self.elsewhere, self.recent):
            why = paused(why, members[0].group)
            return tuple(replace(m, consent=Consent.PROPOSAL, consent_because=why) for m in members)
        for member in members:
            # What stands against a later one is asked when it is due: bidding will have learnt by then.
            due = member.not_before is None or member.not_before <= self.today
            blocked = self.alone(member.change, before, moving) if due else None
            if blocked is not None and blocked.consent is Consent.PROPOSAL:
                found.append(replace(member, consent=Consent.PROPOSAL, consent_because=blocked.consent_because))
                continue
            who, why = consent(member.change, self.account, self.past, self.origin, "")
            # What needed a person at first needs one to the end, also where its last change alone would not.
            kept = who is Consent.AUTO and member.consent is Consent.REVIEW
            found.append(member if kept else replace(member, consent=who, consent_because=why))
        return as_one(found)


def as_one(members: Sequence[PlannedChange]) -> tuple[PlannedChange, ...]:
    """The same with one consent, the most that any of them needs."""
    for needed in (Consent.PROPOSAL, Consent.REVIEW):
        strict = next((m for m in members if m.consent is needed), None)
        if strict is not None:
            return tuple(replace(m, consent=needed, consent_because=strict.consent_because) for m in members)
    return tuple(members)


def _is_short_step(change: Change) -> bool:
    if change.verb is not Verb.TARGET:
        return False
    [(_, now)], [(_, then)] = change.before or (), change.after or ()
    return is_short(float(now), float(then))


def _mains(changes: Sequence[Change]) -> list[Change]:
    return [change for change in changes if change.verb is not Verb.TARGET]
