"""A macro of which nothing comes any more: a silent tag, a pause, or a site on which nobody goes on."""

from __future__ import annotations

from datetime import timedelta
from math import exp

from adsync.decide.episodes import Episode, Watch, Watched
from adsync.decide.posterior import dispersion
from adsync.decide.weeks import Weeks
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

OUTAGE, PAUSED, SILENCE = "outage", "paused", "silence"
SILENT = frozenset({OUTAGE, PAUSED, SILENCE})
"""What a silence is taken for; from one day to the next it may turn out to be another of them."""

EXPECTATION_DAYS = 56
"""What a silence is compared with: eight whole weeks."""

HALF = 0.5
"""Less than this of what is usual is no traffic."""


def silence(before: Watch, seen: Watched, run: Window, policy: Policy) -> Episode | None:
    """Zero days that the rate before makes nearly impossible.

    While the companion goes on it is the tag, and the days are no evidence. While it stops as well it is the traffic,
    and the days stand.
    """
    if len(run) < policy.outage_days or _chance_of_silence(before, seen.macro, run, policy) >= policy.outage_chance:
        return None
    if _share_of_usual(seen.clicks, run) < HALF:
        return Episode(code=PAUSED, since=run.first, until=run.last)
    if _share_of_usual(seen.companion, run) < HALF:
        return Episode(code=SILENCE, since=run.first, until=run.last)
    return Episode(code=OUTAGE, since=run.first, until=run.last, flagged=frozenset(run))


def _chance_of_silence(before: Watch, macro: DailySeries, run: Window, policy: Policy) -> float:
    eve = run.first - timedelta(days=1)
    usual = Window.ending(eve, days=EXPECTATION_DAYS)
    count, days = macro.total(usual)
    for day in before.flagged(usual):
        if (value := macro.at(day)) is not None:
            count, days = count - value, days - 1
    if not days:
        return 1.0
    chance = exp(-count / days * len(run))
    if chance >= policy.outage_chance:
        return chance
    # Lumpy accounts are silent for days without anything being wrong.
    return float(chance ** (1 / dispersion(Weeks.of(macro, eve, 12).counts, policy)))


def _share_of_usual(series: DailySeries | None, run: Window) -> float:
    """The daily rate in a run over that of the 56 days before; 1 where nothing is known of either."""
    if series is None:
        return 1.0
    count, days = series.total(run)
    before, days_before = series.total(Window.ending(run.first - timedelta(days=1), days=EXPECTATION_DAYS))
    return (count / days) / (before / days_before) if days and days_before and before else 1.0
