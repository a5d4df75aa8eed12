"""The change log: what was done to Google, opened before the call and closed after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from adsync.model.change import Change, Fields
from adsync.model.decision import LastChange
from adsync.model.evidence import Interval


class Outcome(StrEnum):
    """How far an entry has come."""

    SENT = "sent"  # the intent is durable; whether Google did it is not known yet
    APPLIED = "applied"
    ALREADY = "already"  # found done when it was about to be sent
    FAILED = "failed"
    REFUSED = "refused"  # Google understood it and said no: it would say so again
    UNKNOWN = "unknown"  # no answer, or an ambiguous one: settled by reading, never sent twice
    VALID = "valid"  # a dry run: Google would accept it; never in the log
    DRIFTED = "drifted"  # settled by reading: the object is neither as before nor as wanted

    @property
    def is_open(self) -> bool:
        return self in (Outcome.SENT, Outcome.UNKNOWN)

    @property
    def is_done(self) -> bool:
        """True when the object is known to be as the change wanted it."""
        return self in (Outcome.APPLIED, Outcome.ALREADY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLogEntry:
    """One change and what became of it.

    id: rising number. approved_by: a person, or "" for a change that runs by itself. origin: of its plan.
    deadline: an open entry may be read back after this moment, not before, because the call may still be under way.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAs:
    """How adsync last left a conversion action: the fields that it set, at what moment, and on which day of the account's."""

    action_id: str
    event_name: str
    fields: Fields
    at: datetime
    on: date


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

    managed: ids of the actions that adsync made or enabled. trusted: those that a person once let it promote.
    waiting: events whose key event adsync marked, and when. reviewed: a person has applied a plan here before.
    open: objects of entries whose outcome is not known yet. taken_back: objects of which a person has taken a change
    back and that nobody has changed through adsync since. refused: hashes of changes to which Google said no the last
    time they were sent, and when and why. left: how adsync left each action that it manages. promoted: what was
    known of actions when adsync promoted them, by their id. recording: since when actions record that adsync made or
    enabled. valued: of actions, the day on which adsync last wrote their value. changed_at: when the last change of who is
    bid on was sent.
    """

    managed: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    last_change: LastChange | None = None
    waiting: tuple[tuple[str, datetime], ...] = ()
    reviewed: bool = False
    open: frozenset[str] = frozenset()
    taken_back: frozenset[str] = frozenset()
    refused: tuple[tuple[str, str], ...] = ()
    left: tuple[LeftAs, ...] = ()
    promoted: tuple[Promoted, ...] = ()
    recording: tuple[tuple[str, date], ...] = ()
    valued: tuple[tuple[str, date], ...] = ()
    changed_at: datetime | None = None
