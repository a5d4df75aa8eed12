"""What the macro's conversions are worth, from daily sums: values that vanish, stop varying, or jump.

Only changes are seen: what has always been so is how the account is set up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import exp, log, sqrt
from statistics import median

from adsync.decide.episodes import Episode, Watch, Watched
from adsync.model.policy import Policy
from adsync.model.window import Window

VALUE_ZEROS, VALUE_SAME, VALUE_SHIFT = "value_zeros", "value_same", "value_shift"

NEW_DAYS, OLD_DAYS = 14, 56
NEW_SALES, OLD_SALES = 10, 20
"""The days that are compared, and the conversions that they must hold."""

CLEAR = 4.0
"""How many standard errors a shift must be beyond what the scatter of daily averages explains."""

Sale = tuple[float, float]
"""The conversions of a day, and the average value of one."""


def odd_values(before: Watch, seen: Watched, day: date, policy: Policy) -> Iterator[Episode]:
    """What is odd about the values of the newest two weeks against the eight weeks before."""
    if seen.value is None:
        return
    newest = Window.ending(day, days=NEW_DAYS)
    new = _sales(seen, newest)
    old = _sales(seen, Window.ending(newest.first - timedelta(days=1), days=OLD_DAYS))
    if _count(new) < NEW_SALES or _count(old) < OLD_SALES:
        return
    found = (
        (VALUE_ZEROS, _changed(_zeros(new), _zeros(old), policy.value_zeros)),
        (VALUE_SAME, _changed(_alike(new), _alike(old), policy.value_same)),
        (VALUE_SHIFT, _shift(new, old, policy.value_shift)),
    )
    for code, factor in found:
        if factor is not None:
            yield before.again(Episode(code=code, since=newest.first, until=day, factor=factor))


def _sales(seen: Watched, window: Window) -> list[Sale]:
    assert seen.value is not None
    days = zip(seen.macro.during(window), seen.value.during(window), strict=True)
    return [(count, value / count) for count, value in days if count and value is not None]


def _count(sales: Sequence[Sale]) -> float:
    return sum(count for count, _ in sales)


def _zeros(sales: Sequence[Sale]) -> float:
    """The share of conversions on days on which none had a value."""
    return sum(count for count, average in sales if average == 0) / _count(sales)


def _alike(sales: Sequence[Sale]) -> float:
    """The share of conversions, of those with a value, on days of the same average, to the cent."""
    days: defaultdict[float, float] = defaultdict(float)
    for count, average in sales:
        if average > 0:
            days[round(average, 2)] += count
    return max(days.values()) / sum(days.values()) if days else 0.0


def _changed(new: float, old: float, most: float) -> float | None:
    return new if new > most >= old else None


def _shift(new: Sequence[Sale], old: Sequence[Sale], least: float) -> float | None:
    """How many times as much the median day's average is, where it is clearly another."""
    logs, logs_before = _logs(new), _logs(old)
    if not logs or not logs_before:
        return None
    usual = median(logs_before)
    moved = median(logs) - usual
    scatter = 1.4826 * median(abs(x - usual) for x in logs_before)
    error = 1.2533 * scatter * sqrt(1 / len(logs) + 1 / len(logs_before))
    return exp(moved) if abs(moved) > max(log(least), CLEAR * error) else None


def _logs(sales: Sequence[Sale]) -> list[float]:
    return [log(average) for _, average in sales if average > 0]
