"""What is worth a look and holds nothing: a day that stands out, what falls behind, odd values.

Notes are shown and never weighed, so a replay leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import exp, log1p, sqrt
from statistics import median

from adsync.decide.episodes import GAP_DAYS, Episode, Watch, Watched, day_by_day
from adsync.decide.ratio import NOTE_DAYS, fall, fewer_ad_sessions, rise_per_click
from adsync.decide.worth import odd_values
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

SPIKE = "spike"

SPIKE_WEEKS, SPIKE_WEEKS_KNOWN = 8, 6
"""The same weekday of the weeks before, and of how many of them it must be known."""


def notices(seen: Watched, last_day: date, policy: Policy) -> Watch:
    """What was worth a note lately: at least all that lasts on ``last_day``, with the day on which it began.

    A note goes on only from what was seen within a week before it: what lies behind a quiet week is not looked at again every
    night.
    """
    quiet = Window.ending(last_day, days=GAP_DAYS)
    while quiet.first > seen.macro.first:
        quiet = Window.ending(quiet.first - timedelta(days=GAP_DAYS), days=GAP_DAYS)
        if not day_by_day(notice, seen, quiet.last, policy, quiet.first).episodes:
            break
    return day_by_day(notice, seen, last_day, policy, quiet.first)


def notice(before: Watch, seen: Watched, day: date, policy: Policy) -> Watch:
    """What has been worth a note once ``day`` is known as well. Nothing after it is read."""
    found = before
    for episode in _found(before, seen, day, policy):
        found = found.having(episode)
    return found


def _found(before: Watch, seen: Watched, day: date, policy: Policy) -> Iterator[Episode]:
    times = spike(seen.macro, day, policy)
    if times is not None:
        yield before.again(Episode(code=SPIKE, since=day, until=day, factor=times, hold_days=NOTE_DAYS))
    for compare in (fall, rise_per_click, fewer_ad_sessions):
        moved = compare(before, seen, day, policy)
        if moved is not None:
            yield moved
    if not seen.on_value:
        yield from odd_values(before, seen, day, policy)


def spike(series: DailySeries, day: date, policy: Policy) -> float | None:
    """How many times as many as on the same weekday of eight weeks; None where that is no wonder.

    Robust z-score of log(1 + x): median and MAD, the latter no smaller than what chance alone gives.
    """
    value = series.at(day)
    if value is None:
        return None
    known = [log1p(x) for n in range(1, SPIKE_WEEKS + 1) if (x := series.at(day - timedelta(days=7 * n))) is not None]
    if len(known) < SPIKE_WEEKS_KNOWN:
        return None
    usual = median(known)
    mean = exp(usual) - 1
    scatter = max(1.4826 * median(abs(x - usual) for x in known), sqrt(max(mean, 1.0)) / (1 + mean))
    if abs(log1p(value) - usual) <= policy.spike_score * scatter:
        return None
    return (value + 0.5) / (mean + 0.5)
