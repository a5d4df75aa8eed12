"""Whole weeks of a daily series: the effect of weekdays cancels, and no model of them is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from adsync.model.volume import DailySeries
from adsync.model.window import Window


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weeks of a series, newest first. counts: sums over usable days. days: how many those were (0-7)."""

    counts: tuple[float, ...]
    days: tuple[int, ...]

    @classmethod
    def of(cls, series: DailySeries, last: date, weeks: int) -> Weeks:
        """The ``weeks`` whole weeks up to and including ``last``."""
        totals = [series.total(Window.ending(last - timedelta(days=7 * w), days=7)) for w in range(weeks)]
        return cls(tuple(count for count, _ in totals), tuple(days for _, days in totals))

    def total(self, first: int, last: int, counts: Sequence[float] | None = None) -> tuple[float, int]:
        """Count and days of weeks ``first`` to ``last`` (1 is the newest), of other counts if given."""
        chosen = self.counts if counts is None else counts
        return sum(chosen[first - 1 : last]), sum(self.days[first - 1 : last])
