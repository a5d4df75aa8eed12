"""What is watched of an account, and what has looked wrong of it so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from adsync.model.volume import DailySeries
from adsync.model.window import Window

GAP_DAYS = 7
"""What is seen again within so many days is the same episode: one bad day more, or a good one between, makes no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched: the macro by conversion date, and what it is compared with, where there is any.

    companion: people who did a more frequent helper. clicks: ad clicks.
    """

    macro: DailySeries
    companion: DailySeries | None = None
    clicks: DailySeries | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Something that looked wrong from `since` to `until`, the last day on which it was seen.

    flagged: days of the macro that are no evidence because of it. factor: of a ratio, how many times faster the macro rose.
    hold_days: how long it counts after it was last seen, that day included.
    """

    code: str
    since: date
    until: date
    flagged: frozenset[date] = frozenset()
    factor: float = 1.0
    hold_days: int = 1

    def lasts(self, day: date) -> bool:
        """Whether nobody should be retired on ``day`` because of it."""
        return (day - self.until).days < self.hold_days


Cleared = tuple[str, date]
"""The code of an episode, and since when it lasts: a person has said that nothing is wrong."""

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

    def without(self, cleared: Collection[Cleared]) -> Watch:
        """What has been seen but for what a person has cleared; its days are evidence again."""
        kept = tuple(episode for episode in self.episodes if (episode.code, episode.since) not in cleared)
        return self if len(kept) == len(self.episodes) else replace(self, episodes=kept)


NOTHING_SEEN = Watch()
