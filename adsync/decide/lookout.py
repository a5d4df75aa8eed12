"""Watches an account's numbers over many nights, on each of which they may be known otherwise than on the one before."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import zip_longest

from adsync.decide.episodes import NOTHING_SEEN, Watch, Watched
from adsync.decide.watch import look
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries

_NO_DIFFERENCE = 10**6


class Lookout:
    """Looks again only from the first day on that is known otherwise: at one day where nothing is restated."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._watched: Watched | None = None
        self._watches: list[Watch] = []

    def watch(self, watched: Watched, last_day: date) -> Watch:
        """What `decide.watch.watch` sees up to and including ``last_day``."""
        first = watched.macro.first
        if watched is not self._watched:
            del self._watches[_days_alike(self._watched, watched) :]
            self._watched = watched
        days = (last_day - first).days + 1
        while len(self._watches) < days:
            before = self._watches[-1] if self._watches else NOTHING_SEEN
            self._watches.append(look(before, watched, first + timedelta(days=len(self._watches)), self._policy))
        return self._watches[days - 1] if days > 0 else NOTHING_SEEN


def _days_alike(one: Watched | None, other: Watched) -> int:
    """On how many days from the first one both know the same."""
    if one is None or one.macro.first != other.macro.first or one.on_value != other.on_value:
        return 0
    return min(_alike(a, b, other.macro.first) for a, b in zip(one.series, other.series, strict=True))


def _alike(one: DailySeries | None, other: DailySeries | None, first: date) -> int:
    """The same of two series, in days from ``first``."""
    if one is other:
        return _NO_DIFFERENCE
    if one is None or other is None or one.first != other.first:
        return 0
    start = (first - one.first).days
    differing = (n for n, (a, b) in enumerate(zip_longest(one.values, other.values)) if a != b)
    return max(next(differing, _NO_DIFFERENCE) - start, 0)
