"""What an account's change log says: who made which action, who promoted it, and what moved last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from adsync.model.business_date import business_date
from adsync.model.change import ACTION, Change, fields
from adsync.model.decision import AT_LEAST, AT_MOST, GRADE, SHARE_THAT_BUYS, LastChange, Verb
from adsync.model.evidence import Interval
from adsync.model.goal import switches_off
from adsync.model.log import ChangeLogEntry, LeftAs, Outcome, Past, Promoted

_FLAGS = frozenset({"status", "primary_for_goal"})
"""What decides whether an action records and is bid on."""

_DIRECTION = {Verb.DEMOTE: "down", Verb.RESTORE: "up", Verb.PROMOTE: "first"}


def direction(change: Change) -> str:
    """Of a change of who is bid on "down", "up" or "first"; "" of all others. A goal is only switched off and on again."""
    if change.verb is Verb.GOAL:
        return "down" if switches_off(change) else "up"
    return _DIRECTION.get(change.verb, "")


def past_of(entries: Sequence[ChangeLogEntry], time_zone: str) -> Past:
    """The past of one account, from its entries, oldest first."""
    managed: set[str] = set()
    counts: dict[str, str] = {}
    trusted: set[str] = set()
    waiting: dict[str, datetime] = {}
    taken_back: set[str] = set()
    last_change: LastChange | None = None
    changed_at: datetime | None = None
    refused: dict[str, str] = {}
    left: dict[str, LeftAs] = {}
    promoted: dict[str, Promoted] = {}
    recording: dict[str, date] = {}
    valued: dict[str, date] = {}
    switched_off: dict[str, str] = {}
    for entry in entries:
        refused.pop(entry.change.hash, None)
        if entry.outcome is Outcome.REFUSED:
            refused[entry.change.hash] = f"on {business_date(entry.opened_at, time_zone)}. {entry.note}".strip()
        if not entry.outcome.is_done:
            continue
        # What was found done was done by somebody else: it is theirs, not adsync's.
        ours = entry.outcome is Outcome.APPLIED
        change, moment = entry.change, entry.closed_at or entry.opened_at
        match change.verb:
            case Verb.CREATE | Verb.ENABLE if ours:
                managed.add(change.object_id)
                counts = {**_without(counts, change.object_id), change.object_id: change.event_name}
                recording[change.object_id] = business_date(moment, time_zone)
                waiting.pop(change.event_name, None)
            case Verb.ADOPT if ours:
                managed.add(change.object_id)
                counts = {**_without(counts, change.object_id), change.object_id: change.event_name}
                recording[change.object_id] = business_date(moment, time_zone)
            case Verb.HIDE | Verb.REMOVE | Verb.RELEASE:
                managed.discard(change.object_id)
                recording.pop(change.object_id, None)
            case Verb.KEY_EVENT:
                waiting[change.event_name] = moment
            case Verb.UNMARK:
                waiting.pop(change.event_name, None)
            case Verb.PROMOTE | Verb.RESTORE if ours and entry.approved_by:
                trusted.add(change.object_id)
            case Verb.GOAL if ours and switches_off(change):
                switched_off[change.object_id] = change.event_name
                # Nobody but a person agrees to this; whoever does agrees to the way back.
                trusted |= {action for action, event in counts.items() if event == change.event_name}
            case Verb.GOAL:
                # On again, or switched off by somebody else.
                switched_off.pop(change.object_id, None)
            case Verb.DEMOTE if entry.origin == "rollback":
                # A person who takes a promotion back does not want it back by itself.
                trusted.discard(change.object_id)
        if change.verb is Verb.PROMOTE and ours and SHARE_THAT_BUYS in dict(change.numbers):
            promoted[change.object_id] = _promoted(change, business_date(moment, time_zone))
        if change.verb is Verb.VALUE:
            valued[change.object_id] = business_date(moment, time_zone)
        # What was removed would be created again under its name, not its id.
        for one in (
            {change.object_id, change.title} if change.verb in (Verb.CREATE, Verb.REMOVE) else {change.object_id}
        ):
            (taken_back.add if entry.origin == "rollback" else taken_back.discard)(one)
        if change.kind == ACTION:
            left[change.object_id] = _left(change, moment, time_zone, left.get(change.object_id))
        if way := direction(change):
            on = business_date(moment, time_zone)
            last_change = LastChange.following(last_change, on, way)
            # When it was sent: an answer that was found out later came after copies that were newer than the change.
            changed_at = entry.opened_at
    return Past(
        managed=frozenset(managed),
        counted_by=tuple(sorted({event: one for one, event in counts.items() if one in managed}.items())),
        trusted=frozenset(trusted),
        last_change=last_change,
        waiting=tuple(sorted(waiting.items())),
        reviewed=any(e.approved_by and e.outcome.is_done and not e.change.is_kept_here for e in entries),
        open=frozenset(e.change.object_id for e in entries if e.outcome.is_open),
        readable=tuple(sorted({e.change.object_id: e.readable_from for e in entries if e.outcome.is_open}.items())),
        creating=frozenset(e.change.event_name for e in entries if e.outcome.is_open and e.change.verb is Verb.CREATE),
        taken_back=frozenset(taken_back),
        refused=tuple(sorted(refused.items())),
        left=tuple(each for _, each in sorted(left.items()) if each.action_id in managed),
        promoted=tuple(each for _, each in sorted(promoted.items())),
        recording=tuple(sorted(recording.items())),
        valued=tuple(sorted(valued.items())),
        switched_off=tuple(sorted(switched_off.items())),
        changed_at=changed_at,
    )


def _without(counts: dict[str, str], action_id: str) -> dict[str, str]:
    """In the order in which adsync came to them: of two actions for one event the newer one counts it."""
    return {one: event for one, event in counts.items() if one != action_id}


def _promoted(change: Change, on: date) -> Promoted:
    figures = dict(change.numbers)
    point = float(figures[SHARE_THAT_BUYS])
    share = Interval(point, float(figures.get(AT_LEAST, point)), float(figures.get(AT_MOST, point)))
    # Evidence had no grade in the log as long as there was only that of funnels.
    return Promoted(action_id=change.object_id, on=on, share=share, grade=str(figures.get(GRADE, "B")))


def _left(change: Change, moment: datetime, time_zone: str, before: LeftAs | None) -> LeftAs:
    """How an action stands after a change: what the change set, over what was set before."""
    was = dict(before.fields) if before is not None else {}
    wanted = {name: value for name, value in change.after or () if name in _FLAGS}
    return LeftAs(
        action_id=change.object_id,
        event_name=change.event_name,
        fields=fields(**{**was, **wanted}),
        at=moment,
        on=business_date(moment, time_zone),
    )
