"""What looks wrong about a macro's numbers, day by day, so that nobody should be retired by them.

`look` takes one more day into account; looking at all days at once or at one a night comes to the same. Formulas and their
measured power: docs/statistics.md, "Guards".
"""

from __future__ import annotations

from datetime import date

from adsync.decide.episodes import Episode, Watch, Watched, day_by_day
from adsync.decide.ratio import rises
from adsync.decide.silence import SILENT, not_recording, silence
from adsync.decide.traffic import traffic
from adsync.decide.worth import odd_values
from adsync.model.policy import Policy
from adsync.model.window import Window


def watch(seen: Watched, last_day: date, policy: Policy) -> Watch:
    """All that was wrong up to and including ``last_day``."""
    return day_by_day(look, seen, last_day, policy)


def look(before: Watch, seen: Watched, day: date, policy: Policy) -> Watch:
    """What has been seen once ``day`` is known as well. Nothing after it is read."""
    silent_since = (before.silent_since or day) if seen.macro.at(day) == 0.0 else None
    after = (
        before if silent_since == before.silent_since else Watch(episodes=before.episodes, silent_since=silent_since)
    )
    for episode in _found(before, seen, day, silent_since, policy):
        after = after.having(episode, SILENT if episode.code in SILENT else ())
    return after


def _found(before: Watch, seen: Watched, day: date, silent_since: date | None, policy: Policy) -> tuple[Episode, ...]:
    """What is seen on ``day``. While a tag is silent its ratios are no question."""
    silent = None
    if silent_since is not None and (day - silent_since).days + 1 >= policy.outage_days:
        silent = silence(before, seen, Window(silent_since, day), policy)
    fewer = traffic(before, seen, day, policy)
    found = _of_macro(before, seen, day, silent, policy)
    return found if fewer is None else (fewer, *found)


def _of_macro(before: Watch, seen: Watched, day: date, silent: Episode | None, policy: Policy) -> tuple[Episode, ...]:
    if silent is not None and silent.lasts(day):
        return (silent,)
    # A pause that has become how things are lets helpers come back; retired they are not while nothing is recorded.
    still = tuple(each for each in (silent, not_recording(seen, day, policy)) if each is not None)
    if still:
        return still
    found = rises(before, seen, day, policy)
    return (*found, *odd_values(before, seen, day, policy)) if seen.on_value else found
