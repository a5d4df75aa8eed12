"""Macros against something that goes along with them: newest days against those before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from scipy.special import bdtrc

from adsync.decide.episodes import Episode, Watch
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

RATIO = "ratio"

NEW_DAYS, OLD_DAYS, OLD_DAYS_KNOWN = 7, 56, 28
"""The days of a ratio, those before with which it is compared, and how many of these must be known."""


class Counted(NamedTuple):
    """Macros and what they are compared with, on the newest days (1) and on those before (0). first: of the newest."""

    first: date
    x1: float
    m1: float
    x0: float
    m0: float

    @property
    def factor(self) -> float:
        """How many times faster the macro rose."""
        return ((self.x1 + 0.5) / (self.m1 + 0.5)) / ((self.x0 + 0.5) / (self.m0 + 0.5))

    @property
    def share(self) -> float:
        """The newest days' share of all macros, had they gone along."""
        return (self.m1 + 1) / (self.m1 + self.m0 + 2)


def rise(before: Watch, macro: DailySeries, companion: DailySeries, day: date, policy: Policy) -> Episode | None:
    """More macros per companion than before: a sudden rise looks like double counting."""
    now = counts(before, macro, companion, day)
    if now is None or now.x1 < 1:
        return None
    factor = now.factor
    if factor < policy.ratio_factor:
        return None
    if float(bdtrc(round(now.x1) - 1, round(now.x0 + now.x1), now.share)) >= policy.ratio_chance:
        return None
    days = frozenset(Window(now.first, day))
    last = before.going_on(RATIO, day)
    if last is not None:
        return replace(last, until=day, flagged=last.flagged | days, factor=max(factor, last.factor))
    return Episode(
        code=RATIO, since=now.first, until=day, flagged=days, factor=factor, hold_days=policy.ratio_hold_days
    )


def counts(before: Watch, macro: DailySeries, other: DailySeries, day: date) -> Counted | None:
    """None where too few days are known of both: days that only one of them knows would tilt the ratio."""
    x_first, m_first, end = macro.first.toordinal(), other.first.toordinal(), day.toordinal() + 1
    first = max(end - NEW_DAYS - OLD_DAYS, x_first, m_first)
    length = end - first
    if length < NEW_DAYS + OLD_DAYS_KNOWN:
        return None
    x, m = first - x_first, first - m_first
    (xs, x_known), (ms, m_known) = macro.running, other.running
    if x + length >= len(xs) or m + length >= len(ms):
        return _counts_with_gaps(before, macro, other, day)
    if x_known[x + length] - x_known[x] < length or m_known[m + length] - m_known[m] < length:
        return _counts_with_gaps(before, macro, other, day)
    split = length - NEW_DAYS
    x0, m0 = xs[x + split] - xs[x], ms[m + split] - ms[m]
    newest = day - timedelta(days=NEW_DAYS - 1)
    if before.episodes:
        out = before.flagged(Window(day - timedelta(days=length - 1), newest - timedelta(days=1)))
        if split - len(out) < OLD_DAYS_KNOWN:
            return None
        numbers = [d.toordinal() for d in out]
        x0 -= sum([macro.values[n - x_first] or 0.0 for n in numbers])
        m0 -= sum([other.values[n - m_first] or 0.0 for n in numbers])
    return Counted(newest, xs[x + length] - xs[x + split], ms[m + length] - ms[m + split], x0, m0)


def _counts_with_gaps(before: Watch, macro: DailySeries, other: DailySeries, day: date) -> Counted | None:
    window = Window.ending(day, days=NEW_DAYS + OLD_DAYS)
    out: Collection[date] = before.flagged(window)
    days = zip(window, macro.during(window), other.during(window), strict=True)
    both = [(d, x, m) for d, x, m in days if x is not None and m is not None]
    newest = both[-NEW_DAYS:]
    older = [known for known in both[:-NEW_DAYS] if known[0] not in out]
    if len(newest) < NEW_DAYS or len(older) < OLD_DAYS_KNOWN:
        return None
    return Counted(
        newest[0][0],
        sum(x for _, x, _ in newest),
        sum(m for _, _, m in newest),
        sum(x for _, x, _ in older),
        sum(m for _, _, m in older),
    )
