"""What looks wrong about a macro's numbers, day by day: a silent tag, a pause, a tag that seems to count twice.

`look` takes one more day into account; looking at all days at once or at one a night comes to the same. Formulas and their
measured power: docs/statistics.md, "Guards".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from adsync.decide.episodes import NOTHING_SEEN, Episode, Watch, Watched
from adsync.decide.ratio import rise
from adsync.decide.silence import SILENT, silence
from adsync.model.policy import Policy
from adsync.model.window import Window


def watch(seen: Watched, last_day: date, policy: Policy) -> Watch:
    """All that was wrong up to and including ``last_day``."""
    found = NOTHING_SEEN
    for day in _days(seen.macro.first, last_day):
        found = look(found, seen, day, policy)
    return found


def look(before: Watch, seen: Watched, day: date, policy: Policy) -> Watch:
    """What has been seen once ``day`` is known as well. Nothing after it is read."""
    silent_since = (before.silent_since or day) if seen.macro.at(day) == 0.0 else None
    found = _found(before, seen, day, silent_since, policy)
    if not found and silent_since == before.silent_since:
        return before
    episodes = before.episodes
    for episode in found:
        episodes = _with(episodes, episode)
    return Watch(episodes=episodes, silent_since=silent_since)


def _found(before: Watch, seen: Watched, day: date, silent_since: date | None, policy: Policy) -> tuple[Episode, ...]:
    """What is seen on ``day``. While a tag is silent its ratios are no question."""
    if silent_since is not None and (day - silent_since).days + 1 >= policy.outage_days:
        silent = silence(before, seen, Window(silent_since, day), policy)
        if silent is not None:
            return (silent,)
    if seen.companion is not None:
        episode = rise(before, seen.macro, seen.companion, day, policy)
        if episode is not None:
            return (episode,)
    return ()


def _days(first: date, last: date) -> Iterable[date]:
    return Window(first, last) if first <= last else ()


def _with(episodes: tuple[Episode, ...], newest: Episode) -> tuple[Episode, ...]:
    """An episode that goes on takes the place of what it was the day before; a silence may turn out to be a pause."""
    alike = SILENT if newest.code in SILENT else (newest.code,)
    return (*(e for e in episodes if e.since != newest.since or e.code not in alike), newest)
