"""A group of changes as it was first planned, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from adsync.model.business_date import business_date
from adsync.model.change import Change, Fields
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry
from adsync.model.opposed import about_the_same
from adsync.model.plan import ROLLBACK, Plan, PlannedChange

Named = tuple[str, PlannedChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """members: all of it, in order. done: the day of each that was carried out, by its hash, in the account's time zone.

    taken_back: a person has taken something of it back since, so that it is over: nothing done from then on is of it.
    """

    name: str
    members: tuple[PlannedChange, ...]
    planned_on: date
    done: Mapping[str, date]
    taken_back: bool = False

    @property
    def has_begun(self) -> bool:
        return bool(self.done)

    @property
    def targets(self) -> frozenset[tuple[str, str]]:
        """What holds the targets that it moves."""
        return frozenset((m.change.kind, m.change.object_id) for m in self.members if m.change.verb is Verb.TARGET)

    @property
    def days_apart(self) -> int:
        """How many days lie between two of its dates."""
        dates = sorted({m.not_before for m in self.members if m.not_before is not None})
        return min(((b - a).days for a, b in pairwise(dates)), default=0)

    def earliest(self, change: Change) -> date | None:
        """The first day on which a change may follow what was done before it; None where nothing was.

        A step that came late moves all that follow it.
        """
        mine = next((m.not_before for m in self.members if m.change.hash == change.hash), None)
        before = [
            self.done[m.change.hash]
            for m in self.members
            if m.change.hash in self.done and mine is not None and m.not_before is not None and m.not_before < mine
        ]
        return max(before) + timedelta(days=self.days_apart) if before else None

    def moved(self, now: Callable[[Change], Fields | None]) -> Change | None:
        """What the group has done and does not stand any more; now: an object's fields. None where all of it stands."""
        newest = {
            (m.change.kind, m.change.object_id, m.change.verb): m.change
            for m in self.members
            if m.change.hash in self.done
        }
        return next((change for change in newest.values() if now(change) != change.after), None)


def group_of(name: str, origin: Plan, entries: Sequence[ChangeLogEntry], zone: str) -> Group:
    """origin: the plan that first had it. entries: the account's change log, oldest first."""
    members = tuple(planned for planned in origin.changes if planned.group == name)
    hashes = {m.change.hash for m in members}
    done: dict[str, date] = {}
    taken_back = False
    for entry in entries:
        # By the plan as well: what another way back made in the second in which this was planned is where it begins.
        since = entry.opened_at >= origin.made_at and _order(entry.change_name.rpartition("/")[0]) >= _order(origin.id)
        if not since or not entry.outcome.is_done:
            continue
        # A rollback may make the very change that the group ends with: that is the way back, and no step of the group.
        if entry.origin == origin.origin and entry.change.hash in hashes:
            if not taken_back:
                done[entry.change.hash] = business_date(entry.opened_at, zone)
        elif entry.origin == ROLLBACK and _takes_back(entry.change, origin, members):
            taken_back = True
    return Group(name=name, members=members, planned_on=origin.made_on, done=done, taken_back=taken_back)


def _takes_back(change: Change, origin: Plan, members: Sequence[PlannedChange]) -> bool:
    """Whether what a rollback makes ends a group: of the same object; where the group is itself a way back, only of the same
    thing of it, for several ways back may go on side by side."""
    if origin.origin == ROLLBACK:
        return any(about_the_same(change, m.change) for m in members)
    return any((change.kind, change.object_id) == (m.change.kind, m.change.object_id) for m in members)


def _order(plan_id: str) -> tuple[str, int]:
    """The day and the number of a plan, which rise."""
    named, _, number = plan_id.rpartition("-")
    return named[-len("2026-11-21") :], int(number) if number.isdecimal() else 0


def origin_of(group: str) -> str:
    """The id of the plan that first had a group."""
    return group.rpartition("/")[0]


def firsts(changes: Iterable[Change]) -> list[Change]:
    """Of each object and what of it moves the first of these changes: its later ones begin where this one ends."""
    first: dict[tuple[str, ...], Change] = {}
    for change in changes:
        first.setdefault((change.kind, change.object_id, *(name for name, _ in change.after or ())), change)
    return list(first.values())


def purposes(changes: Sequence[Change]) -> list[Change]:
    """What a group is for: without the targets that make way for it, and without the values that lead to a retirement."""
    retired = {c.object_id for c in changes if c.verb is Verb.DEMOTE}
    return [c for c in changes if c.verb is not Verb.TARGET and not (c.verb is Verb.VALUE and c.object_id in retired)]


def bundled(changes: Iterable[Named]) -> list[tuple[Named, ...]]:
    """What a person decides as one: each group whole, every other change by itself."""
    found: dict[str, list[Named]] = {}
    for name, planned in changes:
        found.setdefault(planned.group or name, []).append((name, planned))
    return [tuple(each) for each in found.values()]
