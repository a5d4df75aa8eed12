"""A macro of which nothing comes any more: a silent tag, a pause, or a site on which nobody goes on."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp

from adsync.decide.episodes import ALWAYS, Episode, Watch, Watched
from adsync.decide.posterior import dispersion
from adsync.decide.weeks import Weeks
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

OUTAGE, PAUSED, SILENCE = "outage", "paused", "silence"
SILENT = frozenset({OUTAGE, PAUSED, SILENCE})
"""What a silence is taken for; from one day to the next it may turn out to be another of them."""

WENT_ON = "went on"
"""What is known of the visitors of an outage where clicks or a companion could be compared."""

NOT_RECORDING = "not_recording"

WEEK = 7
"""Usable days after which a macro should have been recorded."""

EXPECTATION_DAYS = 56
"""What a silence is compared with: eight whole weeks."""

HALF, TENTH = 0.5, 0.1
"""Less than half of what is usual is no traffic. While at least a tenth is left, campaigns and site are not dead."""


def silence(before: Watch, seen: Watched, run: Window, policy: Policy) -> Episode | None:
    """Zero days that the rate before makes nearly impossible.

    While the companion goes on it is the tag, and the days are no evidence. While it stops as well it is the traffic,
    and the days stand. Where clicks and companion only fell, that is after weeks how things are now, and the hold ends.
    """
    if len(run) < policy.outage_days or _chance_of_silence(before, seen.macro, run, policy) >= policy.outage_chance:
        return None
    compared = ((PAUSED, seen.clicks), (SILENCE, seen.companion))
    shares = {code: share for code, series in compared if (share := share_of_usual(series, run, run)) is not None}
    code = next((code for code, share in shares.items() if share < HALF), None)
    if code is None:
        went_on = WENT_ON if shares else ""
        return Episode(code=OUTAGE, since=run.first, until=run.last, flagged=frozenset(run), about=went_on)
    newest = Window.ending(run.last, days=min(WEEK, len(run)))
    left = [share_of_usual(series, run, newest) for _, series in compared]
    dead = any(share is not None and share < TENTH for share in left)
    lasts = ALWAYS if dead else policy.traffic_hold_days
    return Episode(code=code, since=run.first, until=run.last, at_most_days=lasts)


def not_recording(seen: Watched, day: date, policy: Policy) -> Episode | None:
    """Seven usable days without a macro where several are usual: whatever the reason, nobody is retired meanwhile.

    Beside `silence` this sees what a lumpy account or unknown days in between hide.
    """
    macro = seen.macro
    end = (day - macro.first).days + 1
    sums = macro.running[0]
    if end < WEEK or end >= len(sums) or sums[end] - sums[end - WEEK] > 0:
        return None
    known, first = 0, day
    for back in range(end):
        value = macro.at(day - timedelta(days=back))
        if value:
            break
        if value is not None:
            known, first = known + 1, day - timedelta(days=back)
    if known < WEEK:
        return None
    count, days = macro.total(Window.ending(first - timedelta(days=1), days=EXPECTATION_DAYS))
    if not days or WEEK * count / days < policy.recording_expected:
        return None
    return Episode(code=NOT_RECORDING, since=first, until=day)


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


def share_of_usual(series: DailySeries | None, run: Window, newest: Window) -> float | None:
    """The daily rate of a run's newest days over that of the 56 days before the run; None where one is not known."""
    if series is None:
        return None
    count, days = series.total(newest)
    before, days_before = series.total(Window.ending(run.first - timedelta(days=1), days=EXPECTATION_DAYS))
    return (count / days) / (before / days_before) if days and days_before and before else None
