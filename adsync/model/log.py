"""The change log: what was done to Google, opened before the call and closed after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from adsync.model.change import Change, Fields
from adsync.model.decision import LastChange, Verb
from adsync.model.evidence import Interval


class Outcome(StrEnum):
    """How far an entry has come."""

    SENT = "sent"  # the intent is durable; whether Google did it is not known yet
    APPLIED = "applied"
    ALREADY = "already"  # found done when it was about to be sent
    FAILED = "failed"
    REFUSED = "refused"  # Google understood it and said no: it would say so again
    UNKNOWN = "unknown"  # no answer, or an ambiguous one: settled by reading, never sent twice
    SKIPPED = "skipped"  # left for a later run, for this one has made as many as it may; never in the log
    VALID = "valid"  # a dry run: Google would accept it; never in the log
    DRIFTED = "drifted"  # settled by reading: the object is neither as before nor as wanted

    @property
    def is_open(self) -> bool:
        return self in (Outcome.SENT, Outcome.UNKNOWN)

    @property
    def is_done(self) -> bool:
        """True when the object is known to be as the change wanted it."""
        return self in (Outcome.APPLIED, Outcome.ALREADY)


READ_BACK_AFTER = timedelta(minutes=15)
"""Google may finish a call that it never answered, and what it has changed can be read a little later only: sooner, an object
that is as before proves nothing."""

NOT_THERE = "Settled by reading: Google had not made it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLogEntry:
    """One change and what became of it.

    id: rising number. approved_by: a person, or "" for a change that runs by itself. origin: of its plan.
    deadline: until then the call may still be under way.
    note: Google's error, or a hint.
    """

    id: int
    customer_id: str
    change_name: str
    change: Change
    outcome: Outcome
    opened_at: datetime
    deadline: datetime
    approved_by: str = ""
    origin: str = "night"
    closed_at: datetime | None = None
    request_id: str = ""
    note: str = ""

    @property
    def readable_from(self) -> datetime:
        """An open entry may be settled by what is read from this moment on, not before."""
        return self.deadline + READ_BACK_AFTER

    @property
    def was_not_there(self) -> bool:
        """Whether it was sent, never answered, and then found not made."""
        return self.outcome is Outcome.FAILED and self.note == NOT_THERE


def by_minute(moment: datetime) -> str:
    """A moment from which on something works, in words: never a minute too early."""
    return f"{moment.astimezone(UTC) + timedelta(seconds=59, microseconds=999_999):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAs:
    """How adsync last left a conversion action: the fields that it set, at what moment, and on which day of the account's.

    found: the day of the first copy that found it otherwise, as it still is; None where no copy tells.
    """

    action_id: str
    event_name: str
    fields: Fields
    at: datetime
    on: date
    found: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """What was known of a helper when adsync promoted it: the share of visitors that bought, by evidence of which grade."""

    action_id: str
    on: date
    share: Interval
    grade: str = "B"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the change log says of one account.

    managed: ids of the actions that adsync made or enabled. counted_by: the id of that one, by the event that it counts.
    trusted: those that a person once let it promote.
    waiting: events whose key event adsync marked, and when. reviewed: a person has applied a plan here before.
    open: objects of entries whose outcome is not known yet. readable: from when on each of them is read back. creating:
    events for which an action may have been created without an answer. taken_back: objects of which a person has taken a change
    back and that nobody has changed through adsync since. refused: hashes of changes to which Google said no the last
    time they were sent, and when and why. left: how adsync left each action that it manages. promoted: what was
    known of actions when adsync promoted them, by their id. recording: since when actions record that adsync made or
    enabled. valued: of actions, the day on which adsync last wrote their value. changed_at: when the last change of who is
    bid on was sent. switched_off: goals that adsync has taken out of bidding, and the event of the helper for which it did.
    """

    managed: frozenset[str] = frozenset()
    counted_by: tuple[tuple[str, str], ...] = ()
    trusted: frozenset[str] = frozenset()
    last_change: LastChange | None = None
    waiting: tuple[tuple[str, datetime], ...] = ()
    reviewed: bool = False
    open: frozenset[str] = frozenset()
    readable: tuple[tuple[str, datetime], ...] = ()
    creating: frozenset[str] = frozenset()
    taken_back: frozenset[str] = frozenset()
    refused: tuple[tuple[str, str], ...] = ()
    left: tuple[LeftAs, ...] = ()
    promoted: tuple[Promoted, ...] = ()
    recording: tuple[tuple[str, date], ...] = ()
    valued: tuple[tuple[str, date], ...] = ()
    switched_off: tuple[tuple[str, str], ...] = ()
    changed_at: datetime | None = None

    def holding(self, object_id: str, readable_from: datetime) -> Past:
        """The same, with one more object of which the outcome is not known."""
        readable = tuple(sorted({**dict(self.readable), object_id: readable_from}.items()))
        return replace(self, open=self.open | {object_id}, readable=readable)

    def looking_after(self, change: Change) -> Past:
        """The past once a change is made: what is enabled or adopted is adsync's own for the changes that follow it."""
        if change.verb not in (Verb.ENABLE, Verb.ADOPT):
            return self
        counted_by = dict(self.counted_by) | {change.event_name: change.object_id}
        return replace(self, managed=self.managed | {change.object_id}, counted_by=tuple(sorted(counted_by.items())))
