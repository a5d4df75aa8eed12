"""What looks wrong about a macro's numbers, day by day: a silent tag, a pause, a tag that seems to count twice.

`look` takes one more day into account; looking at all days at once or at one a night comes to the same. Formulas and their
measured power: docs/statistics.md, "Guards".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import exp

from scipy.special import bdtrc

from adsync.decide.posterior import dispersion
from adsync.decide.weeks import Weeks
from adsync.model.policy import DEFAULT_POLICY, Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

OUTAGE, PAUSED, SILENCE, RATIO = "outage", "paused", "silence", "ratio"

EXPECTATION_DAYS = 56
"""What a silence or a ratio is compared with: eight whole weeks."""

RATIO_DAYS, RATIO_OLD_DAYS = 7, 28
"""The days of a ratio, and how many of the days before must be known."""

HALF = 0.5
"""Less than this of what is usual is no traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched: the macro by conversion date, a helper that is more frequent, and ad clicks, where there are any."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What has been seen so far, the newest episode last. silent_since: the first of the zero days that go on."""

    episodes: tuple[Episode, ...] = ()
    silent_since: date | None = None

    def flagged(self, window: Window) -> frozenset[date]:
        """The days of a window on which the macro is no evidence."""
        first, last = window.first, window.last
        near = [episode.flagged for episode in self.episodes if episode.until >= first and episode.flagged]
        return frozenset(day for days in near for day in days if first <= day <= last)

    def lasting(self, day: date) -> tuple[Episode, ...]:
        """What stops retirements on ``day``."""
        return tuple(episode for episode in self.episodes if episode.lasts(day))

    def without(self, cleared: Collection[Cleared]) -> Watch:
        """What has been seen but for what a person has cleared; its days are evidence again."""
        kept = tuple(episode for episode in self.episodes if (episode.code, episode.since) not in cleared)
        return self if len(kept) == len(self.episodes) else replace(self, episodes=kept)


NOTHING_SEEN = Watch()


def watch(seen: Watched, last_day: date, policy: Policy = DEFAULT_POLICY) -> Watch:
    """All that was wrong up to and including ``last_day``."""
    found = NOTHING_SEEN
    for day in _days(seen.macro.first, last_day):
        found = look(found, seen, day, policy)
    return found


def look(before: Watch, seen: Watched, day: date, policy: Policy = DEFAULT_POLICY) -> Watch:
    """What has been seen once ``day`` is known as well. Nothing after it is read."""
    silent_since = (before.silent_since or day) if seen.macro.at(day) == 0.0 else None
    if silent_since is not None:
        episode = _silence(before, seen, Window(silent_since, day), policy)
        if episode is not None:
            return Watch(episodes=_with(before.episodes, episode), silent_since=silent_since)
    if seen.companion is not None:
        episode = _ratio(before, seen.macro, seen.companion, day, policy)
        if episode is not None:
            return Watch(episodes=_with(before.episodes, episode), silent_since=silent_since)
    return before if silent_since == before.silent_since else replace(before, silent_since=silent_since)


def _days(first: date, last: date) -> Iterable[date]:
    return Window(first, last) if first <= last else ()


def _with(episodes: tuple[Episode, ...], newest: Episode) -> tuple[Episode, ...]:
    """An episode that goes on takes the place of what it was the day before."""
    kept = episodes[:-1] if episodes and episodes[-1].since == newest.since else episodes
    return (*kept, newest)


# Silence -------------------------------------------------------------------------------------------------------------


def _silence(before: Watch, seen: Watched, run: Window, policy: Policy) -> Episode | None:
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


# Ratio ---------------------------------------------------------------------------------------------------------------


def _ratio(before: Watch, macro: DailySeries, companion: DailySeries, day: date, policy: Policy) -> Episode | None:
    """Macros per companion in the newest seven days against the 56 before: a sudden rise looks like double counting."""
    counted = _counts(before, macro, companion, day)
    if counted is None:
        return None
    first, (x1, m1), (x0, m0) = counted
    factor = ((x1 + 0.5) / (m1 + 0.5)) / ((x0 + 0.5) / (m0 + 0.5))
    if factor < policy.ratio_factor or x1 < 1:
        return None
    share = (m1 + 1) / (m1 + m0 + 2)
    if float(bdtrc(round(x1) - 1, round(x0 + x1), share)) >= policy.ratio_chance:
        return None
    days = frozenset(Window(first, day))
    last = before.episodes[-1] if before.episodes else None
    if last is not None and last.code == RATIO and last.lasts(day):
        return replace(last, until=day, flagged=last.flagged | days, factor=max(factor, last.factor))
    return Episode(code=RATIO, since=first, until=day, flagged=days, factor=factor, hold_days=policy.ratio_hold_days)


Counted = tuple[date, tuple[float, float], tuple[float, float]]
"""The first of the newest days; macros and companions on them; the same on the days before."""


def _counts(before: Watch, macro: DailySeries, companion: DailySeries, day: date) -> Counted | None:
    """None where too few days are known by both: days that only one of them knows would tilt the ratio."""
    window = Window.ending(day, days=RATIO_DAYS + EXPECTATION_DAYS)
    out = before.flagged(window)
    newest, older = Window.ending(day, days=RATIO_DAYS), Window(window.first, day - timedelta(days=RATIO_DAYS))
    x1, m1 = _whole(macro, newest), _whole(companion, newest)
    x0, m0 = _whole(macro, older), _whole(companion, older)
    if x1 is not None and m1 is not None and x0 is not None and m0 is not None:
        out_of_older = [d for d in out if d <= older.last]
        if len(older) - len(out_of_older) < RATIO_OLD_DAYS:
            return None
        x0 -= sum(macro.at(d) or 0.0 for d in out_of_older)
        m0 -= sum(companion.at(d) or 0.0 for d in out_of_older)
        return newest.first, (x1, m1), (x0, m0)
    return _counts_with_gaps(macro, companion, window, out)


def _whole(series: DailySeries, window: Window) -> float | None:
    """The sum over a window of which every day is known; None for all others."""
    start = (window.first - series.first).days
    stop = start + len(window)
    sums, known = series.running
    if start < 0 or stop >= len(known) or known[stop] - known[start] < stop - start:
        return None
    return sums[stop] - sums[start]


def _counts_with_gaps(
    macro: DailySeries, companion: DailySeries, window: Window, out: Collection[date]
) -> Counted | None:
    days = zip(window, macro.during(window), companion.during(window), strict=True)
    both = [(d, x, m) for d, x, m in days if x is not None and m is not None]
    newest = both[-RATIO_DAYS:]
    older = [known for known in both[:-RATIO_DAYS] if known[0] not in out]
    if len(newest) < RATIO_DAYS or len(older) < RATIO_OLD_DAYS:
        return None
    return (
        newest[0][0],
        (sum(x for _, x, _ in newest), sum(m for _, _, m in newest)),
        (sum(x for _, x, _ in older), sum(m for _, _, m in older)),
    )
