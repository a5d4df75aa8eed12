"""What is watched of an account, and what has looked wrong of it so far."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from math import log

from adsync.model.holds import Cleared, is_cleared
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

GAP_DAYS = 7
"""What is seen again within so many days is the same episode: one bad day more, or a good one between, makes no news."""

ALWAYS = 10**6
"""More days than there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched: the macro by conversion date, and what it is compared with, where there is any.

    companion: people who did a more frequent helper. sold: people who did the macro's own event in GA4, whatever brought
    them. clicks, cost: of ads. value: of all macros of a day; None where the tag gives them none of their own.
    ad_sessions: sessions that GA4 puts down to ads. on_value: campaigns bid on the value.
    """

    macro: DailySeries
    companion: DailySeries | None = None
    clicks: DailySeries | None = None
    sold: DailySeries | None = None
    cost: DailySeries | None = None
    value: DailySeries | None = None
    ad_sessions: DailySeries | None = None
    on_value: bool = False

    @property
    def series(self) -> tuple[DailySeries | None, ...]:
        """All of them, always in the same order."""
        return (self.macro, self.companion, self.clicks, self.sold, self.cost, self.value, self.ad_sessions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Something that looked wrong from `since` to `until`, the last day on which it was seen.

    flagged: days of the macro that are no evidence because of it. factor: how many times as much it was as is usual; of a
    ratio, how many times faster the macro rose. about: what it was compared with, or what it is that changed.
    hold_days: how long it counts after it was last seen, that day included. at_most_days: and from its first day on.
    """

    code: str
    since: date
    until: date
    flagged: frozenset[date] = frozenset()
    factor: float = 1.0
    about: str = ""
    hold_days: int = 1
    at_most_days: int = ALWAYS

    def lasts(self, day: date) -> bool:
        """Whether it counts on ``day``."""
        return (day - self.until).days < self.hold_days and (day - self.since).days < self.at_most_days


NO_DAYS: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What has been seen so far, the newest episode last. silent_since: the first of the zero days that go on."""

    episodes: tuple[Episode, ...] = ()
    silent_since: date | None = None

    def flagged(self, window: Window) -> frozenset[date]:
        """The days of a window on which the macro is no evidence."""
        first, last = window.first, window.last
        near = [e for e in self.episodes if e.flagged and e.until >= first and e.since <= last]
        if not near:
            return NO_DAYS
        if all(first <= e.since and e.until <= last for e in near):
            return near[0].flagged.union(*(e.flagged for e in near[1:]))
        return frozenset(day for e in near for day in e.flagged if first <= day <= last)

    def lasting(self, day: date) -> tuple[Episode, ...]:
        """What stops retirements on ``day``."""
        return tuple(episode for episode in self.episodes if episode.lasts(day))

    def going_on(self, code: str, day: date) -> Episode | None:
        """The newest episode of a kind, if what is seen on ``day`` is the same one."""
        for episode in reversed(self.episodes):
            if episode.code == code:
                return episode if episode.lasts(day) or (day - episode.until).days <= GAP_DAYS else None
        return None

    def again(self, now: Episode) -> Episode:
        """What is seen today, as going on since it was first seen; the farthest from usual counts."""
        last = self.going_on(now.code, now.until)
        if last is None:
            return now
        farther = now if abs(log(now.factor)) > abs(log(last.factor)) else last
        return replace(last, until=now.until, flagged=last.flagged | now.flagged, factor=farther.factor)

    def having(self, now: Episode, alike: Collection[str] = ()) -> Watch:
        """With today's episode in the place of what it was the day before, under its own code or one that is ``alike``."""
        codes = alike or (now.code,)
        kept = (e for e in self.episodes if e.since != now.since or e.code not in codes)
        return replace(self, episodes=(*kept, now))

    def without(self, cleared: Collection[Cleared]) -> Watch:
        """What has been seen but for what a person has cleared; its days are evidence again."""
        kept = tuple(episode for episode in self.episodes if not is_cleared(episode.code, episode.since, cleared))
        return self if len(kept) == len(self.episodes) else replace(self, episodes=kept)


NOTHING_SEEN = Watch()


def day_by_day(
    look: Callable[[Watch, Watched, date, Policy], Watch],
    seen: Watched,
    last_day: date,
    policy: Policy,
    first: date = date.min,
) -> Watch:
    """What a guard has seen once it has looked at each day from ``first`` to ``last_day``, the oldest first."""
    found, first = NOTHING_SEEN, max(first, seen.macro.first)
    if first <= last_day:
        for day in Window(first, last_day):
            found = look(found, seen, day, policy)
    return found
