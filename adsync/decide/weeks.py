"""Whole weeks of a daily series: the effect of weekdays cancels, and no model of them is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from adsync.model.volume import DailySeries


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weeks of a series, newest first. counts: sums over usable days. days: how many those were (0-7)."""

    counts: tuple[float, ...]
    days: tuple[int, ...]

    @classmethod
    def of(cls, series: DailySeries, last: date, weeks: int) -> Weeks:
        """The ``weeks`` whole weeks up to and including ``last``."""
        end = (last - series.first).days + 1
        span = series.values[max(end - 7 * weeks, 0) : max(end, 0)]
        if len(span) == 7 * weeks and None not in span:
            # Every day is known, as nearly always; a simulated year asks for thousands of weeks.
            whole = cast("tuple[float, ...]", span)
            return cls(tuple(sum(whole[n - 7 : n]) for n in range(len(whole), 0, -7)), (7,) * weeks)
        totals = [series.between(end - 7 * w - 7, end - 7 * w) for w in range(weeks)]
        return cls(tuple(count for count, _ in totals), tuple(days for _, days in totals))

    def without(self, days: Iterable[date], series: DailySeries, last: date) -> Weeks:
        """The same weeks of ``series`` up to ``last``, with these days taken out of evidence."""
        counts, usable = list(self.counts), list(self.days)
        for day in frozenset(days):
            week, value = (last - day).days // 7, series.at(day)
            if value is not None and 0 <= week < len(counts):
                usable[week] -= 1
                # What is left of an emptied week is nothing, not what is left of rounding.
                counts[week] = max(counts[week] - value, 0.0) if usable[week] else 0
        return Weeks(tuple(counts), tuple(usable))

    def total(self, first: int, last: int, counts: Sequence[float] | None = None) -> tuple[float, int]:
        """Count and days of weeks ``first`` to ``last`` (1 is the newest), of other counts if given."""
        chosen = self.counts if counts is None else counts
        return sum(chosen[first - 1 : last]), sum(self.days[first - 1 : last])
