"""Holds as they are remembered from night to night, so that a person can look at them and end them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from adsync.model.decision import Hold, SetAside
from adsync.model.log import ChangeLogEntry, Outcome

Cleared = tuple[str, date]
"""The name of a hold, and since when it lasts: a person has said that nothing is wrong."""

CLEARABLE = frozenset(
    {"outage", "paused", "silence", "not_recording", "traffic", "ratio", "ratio_ga4", "ratio_clicks"}
    | {"fell", "ad_sessions", "spike", "value_zeros", "value_same", "value_shift", "tag_silent", "orders_repeated"}
    | {"orders_repeated_few", "orders_nameless", "double_count", "drift", "settings"}
)
"""Guards that infer something; a person may know better. All others end when what they see is mended."""

SETTINGS = frozenset({"drift", "settings"})
"""Those that last since a change by adsync itself: the next change asks anew, however soon it comes."""

RESTORABLE = frozenset({"drift"})
"""Those about what adsync had set: it can be asked to set it again."""

ASKING = {
    "refused": {
        "promote": "primary_for_goal=True",
        "restore": "primary_for_goal=True",
        "demote": "primary_for_goal=False",
    }
}
"""Those that tell a person to switch a helper, and what then is not as adsync left it, by what they are about."""

BY_NAME = frozenset({"double_count"})
"""Those that are the same whenever they are seen to begin: a person ends them for good."""

SAME_DAYS = 7
"""Numbers are restated, and then what they suggest begins some days earlier or later; it is the same nevertheless."""


AS_LEFT = "as left"


def ended_as(hold: Hold) -> str:
    """The name under which a person's word on it is kept, together with since when it lasts.

    Where nobody saw a switch by hand begin, the word is on all that others do until adsync's own next change.
    """
    return f"{hold.name} {AS_LEFT}" if hold.code in RESTORABLE and not hold.seen_begin else hold.name


def is_same(name: str, since: date, other: Cleared) -> bool:
    """Whether the hold of this name that lasts since then is one that was seen before."""
    code = name.split(" ", 1)[0]
    days = 0 if code in SETTINGS else SAME_DAYS
    return name == other[0] and (code in BY_NAME or abs((since - other[1]).days) <= days)


def is_cleared(name: str, since: date, cleared: Collection[Cleared]) -> bool:
    """Whether a person has ended the hold of this name that lasts since then."""
    return any(is_same(name, since, ended) for ended in cleared)


def not_cleared(holds: Iterable[Hold], cleared: Collection[Cleared]) -> list[Hold]:
    """Those that no person has ended."""
    return [hold for hold in holds if not is_cleared(ended_as(hold), hold.since, cleared)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHold:
    """A hold and what became of it.

    seen_on: the newest night that saw it. ended_on: the first night that did not. cleared_at: when a person ended it, with
    the reason given. put_back_by: the entry of the change log by which adsync ended a switch by hand, on a person's word.
    asked_by: the hold that had told a person to switch it, where adsync itself may not.
    """

    id: int
    customer_id: str
    hold: Hold
    seen_on: date
    ended_on: date | None = None
    cleared_at: datetime | None = None
    cleared_by: str = ""
    reason: str = ""
    put_back_by: int | None = None
    asked_by: int | None = None

    @property
    def lasts(self) -> bool:
        return self.ended_on is None and self.cleared_at is None

    @property
    def clearable(self) -> bool:
        return self.lasts and self.hold.code in CLEARABLE

    @property
    def restorable(self) -> bool:
        # Google brings nothing back that was removed.
        return self.lasts and self.hold.code in RESTORABLE and "status=REMOVED" not in self.hold.detail

    @property
    def todo(self) -> str:
        """What a person should do, and by which word it ends."""
        word = f' If nothing is wrong: adsync holds --clear {self.id} --reason "..."' if self.clearable else ""
        back = self.restorable and self.hold.puts_back and self.asked_by is None
        word += f"  To have it put back: adsync holds --restore {self.id}" if back else ""
        note = "A note: it holds nothing. " if self.hold.note else ""
        asked = f"Hold {self.asked_by} had asked for just this: end this hold, and adsync goes on with it as it is now."
        return note + (self.hold.todo if self.asked_by is None else asked) + word


ASKED_DAYS = 28
"""So long after a hold has told a person what to switch by hand, that switch is taken for the answer."""


def linked(holds: Sequence[KnownHold]) -> list[KnownHold]:
    """Holds, each on a switch by hand with the one that had asked for just that. holds: all that were ever known."""
    return [replace(known, asked_by=_asked_by(known, holds)) for known in holds]


def _asked_by(known: KnownHold, holds: Sequence[KnownHold]) -> int | None:
    hold = known.hold
    if hold.code not in RESTORABLE:
        return None
    return next(
        (
            other.id
            for other in reversed(holds)
            if other.hold.code in ASKING
            and (other.customer_id, other.hold.about) == (known.customer_id, hold.about)
            and ASKING[other.hold.code].get(other.hold.detail) == hold.detail
            and other.hold.since <= hold.since
            and (other.ended_on is None or (hold.since - other.ended_on).days <= ASKED_DAYS)
        ),
        None,
    )


def with_endings(holds: Iterable[KnownHold], entries: Sequence[ChangeLogEntry]) -> tuple[KnownHold, ...]:
    """Holds, each that ended because adsync put back what it was about with the entry that did. entries: oldest first."""
    return tuple(replace(known, put_back_by=_put_back_by(known, entries)) for known in holds)


def _put_back_by(known: KnownHold, entries: Sequence[ChangeLogEntry]) -> int | None:
    hold, ended_on = known.hold, known.ended_on
    if hold.code not in RESTORABLE or ended_on is None:
        return None
    found = dict(part.split("=", 1) for part in hold.detail.split(","))
    return next(
        (
            entry.id
            for entry in reversed(entries)
            if entry.outcome is Outcome.APPLIED
            and (entry.customer_id, entry.change.object_id) == (known.customer_id, hold.about)
            and hold.since <= entry.opened_at.date() <= ended_on
            and any(str(value) == found.get(name) for name, value in entry.change.before or ())
        ),
        None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What stops planned changes, such as bidding that is still learning. It has no id: no word of a person ends it.

    change_name: of the planned change, or of all that it stops. since: the day of its plan.
    """

    customer_id: str
    change_name: str
    since: date
    saw: str
    todo: str = "No word ends this: it ends by itself when what it says is over."


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysAside:
    """Days of an account that are no evidence. hold_id: of the hold that they belong to; None where no night ever held for it."""

    customer_id: str
    hold_id: int | None
    days: SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNews:
    """What one night brought: holds that began, and such that ended by themselves. Notes hold nothing and are left out."""

    began: tuple[KnownHold, ...] = ()
    ended: tuple[KnownHold, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.began or self.ended)


def hold_news(before: Sequence[KnownHold], after: Sequence[KnownHold]) -> HoldNews:
    """Of all holds that were ever known before a night, and all that are known after it."""
    lasted = {known.id: known.lasts for known in before}
    told = [known for known in after if not known.hold.note]
    return HoldNews(
        began=tuple(known for known in told if known.lasts and known.id not in lasted),
        ended=tuple(known for known in told if known.ended_on is not None and lasted.get(known.id)),
    )
