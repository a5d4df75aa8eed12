"""What is left of groups from one night to the next: as they were approved, paused, stopped, or over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from adsync.model.ads import AccountState
from adsync.model.capability import Capability, refused_on
from adsync.model.change import ACTION, Change, Fields
from adsync.model.decision import Verb
from adsync.model.field_words import called
from adsync.model.goal import goal_now, switches_off
from adsync.model.group import Group, firsts, origin_of, purposes
from adsync.model.plan import APPROVAL_DAYS, Consent, PlannedChange
from adsync.model.target import target_now
from adsync.plan.against import paused
from adsync.plan.groups import rehoused


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonight:
    """What the rest of a group depends on.

    wanted: hashes of the changes that the night asks for. approved: hashes to which a yes holds. held: what holds all
    automation; "" for nothing. starved: the volume of late is so low that a helper could not be retired. taking_back: objects
    of which a rollback is planned, by kind and id. capabilities: Google's answers to what it would let adsync write.
    """

    state: AccountState
    wanted: frozenset[str]
    approved: frozenset[str]
    held: str = ""
    starved: bool = False
    taking_back: frozenset[tuple[str, str]] = frozenset()
    capabilities: tuple[Capability, ...] = ()


def carried(group: Group, rest: Sequence[PlannedChange], tonight: Tonight) -> tuple[PlannedChange, ...]:
    """The rest of a group in tonight's plan; none where it is over or is to be planned anew.

    rest: what was not done, as last planned. Until it begins it is there while the night asks for it, and for as long as an
    approval would hold, so that who reviews it finds tomorrow what was shown today. What has begun goes on as it was
    approved, also on nights that would not begin it.
    """
    if not rest or group.taken_back:
        return ()
    approved = all(m.change.hash in tonight.approved for m in rest)
    stopped = _stopped(group, rest, tonight)
    if not group.has_begun:
        young = tonight.state.as_of - group.planned_on < timedelta(days=APPROVAL_DAYS)
        if stopped or not (young or approved) or (_unasked(rest, tonight) and not (approved and tonight.held)):
            return ()
    if stopped and not approved:
        return ()  # nobody stands behind it any more: what is asked for is planned anew, from how targets stand now
    why = stopped or _refused(group, rest, tonight) or _paused(rest, tonight)
    dated = _dated(group, rest, tonight.state.as_of, approved=approved)
    if not why:
        return _as_planned(dated, group)
    return tuple(replace(m, consent=Consent.PROPOSAL, consent_because=why) for m in dated)


def _as_planned(members: Sequence[PlannedChange], group: Group) -> tuple[PlannedChange, ...]:
    """With the consent that the whole group needed at first; what stood in the way last night is asked anew."""
    first = group.members[0]
    return tuple(replace(m, consent=first.consent, consent_because=first.consent_because) for m in members)


def _stopped(group: Group, rest: Sequence[PlannedChange], tonight: Tonight) -> str:
    """What others have moved that the group counts on; "" while all stands."""
    moved = _moved(group, rest, tonight.state)
    elsewhere = rehoused(group.members, tonight.state.campaigns)
    if moved is not None:
        what = f'"{moved.title}" was changed by somebody else since'
    elif elsewhere is not None:
        what = f'the target of "{elsewhere.name}" is held by something else since'
    else:
        return ""
    return f"The group has stopped: {what}.{_way_back(group) if group.has_begun else ''}"


def _moved(group: Group, rest: Sequence[PlannedChange], state: AccountState) -> Change | None:
    """What the group has done, or would find otherwise than it was planned."""

    def now(change: Change) -> Fields | None:
        return fields_now(state, change)

    left = firsts(member.change for member in rest)
    return group.moved(now) or next((c for c in left if now(c) not in (c.before, c.after)), None)


def _way_back(group: Group) -> str:
    return f" Take back what was done: adsync rollback --plan {origin_of(group.name)}"


def _unasked(rest: Sequence[PlannedChange], tonight: Tonight) -> bool:
    """Whether tonight does not ask for what the group is for."""
    return any(change.hash not in tonight.wanted for change in purposes([m.change for m in rest]))


def _paused(rest: Sequence[PlannedChange], tonight: Tonight) -> str:
    if any((m.change.kind, m.change.object_id) in tonight.taking_back for m in rest):
        return "The group waits: a rollback of what it has done is planned."
    if tonight.held:
        return f"The group waits while something holds: {tonight.held}"
    if tonight.starved and any(_retires(m.change) for m in rest):
        return "The group waits: the volume of late is too low to learn from without the helper."
    return ""


def _refused(group: Group, rest: Sequence[PlannedChange], tonight: Tonight) -> str:
    """What Google is known to refuse of a group that is under way; steps that lead there would lead nowhere."""
    for member in rest:
        known = refused_on(tonight.capabilities, member.change.object_id) if member.change.kind == ACTION else {}
        after = dict(member.change.after or ())
        answer = next((answer for field, answer in known.items() if field.value in after), None)
        if answer is not None:
            what = called(answer.field.value)
            why = f'Google does not let adsync change "{member.change.title}" ({what}; asked on {answer.as_of}: {answer.code}).'
            return paused(why, group.name)
    return ""


def _retires(change: Change) -> bool:
    return change.verb is Verb.DEMOTE or switches_off(change)


def _dated(group: Group, rest: Sequence[PlannedChange], today: date, *, approved: bool) -> tuple[PlannedChange, ...]:
    """The same calendar, later where what was before came late, or where a person has to agree anew."""
    left = {m.change.hash: m.not_before or today for m in rest}
    apart = timedelta(days=group.days_apart)
    dates: dict[str, date] = {}
    before: date | None = None
    for _, turn in groupby(group.members, key=lambda member: member.not_before):
        hashes = [member.change.hash for member in turn]
        done, waits = [group.done[h] for h in hashes if h in group.done], [h for h in hashes if h in left]
        if not waits:
            before = max(done, default=before)
            continue
        on = max(left[h] for h in waits)
        if not done:  # else the rest of it is late, and goes on as soon as it may
            on = max(on, before + apart if before else on, on if approved else today)
        dates |= dict.fromkeys(waits, on)
        before = max(on, today)
    return tuple(replace(m, not_before=dates[m.change.hash]) for m in rest)


def fields_now(state: AccountState, change: Change) -> Fields | None:
    """The object's fields that a change names, as the account stands; None where there is no such object."""
    if change.verb is Verb.TARGET:
        return target_now(state.campaigns, change)
    if change.verb is Verb.GOAL:
        return goal_now(state.goals, change)
    action = state.action(change.object_id)
    if action is None or action.status == "REMOVED":
        return None
    return tuple((name, getattr(action, name)) for name, _ in change.after or change.before or ())
