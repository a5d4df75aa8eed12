"""Counts over days: what came in, and the series that decisions read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import cast

from adsync.model.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDay:
    """Conversions of one action, campaign and day.

    date: in the account's time zone; the conversion's own date or the click's, as the report says.
    conversions: those that counted for bidding when they happened. all_conversions: all that were recorded.
    Fractional: attribution shares one conversion among several clicks. Values in account currency.
    """

    date: date
    campaign_id: str
    action_id: str
    conversions: float
    all_conversions: float
    value: float
    all_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDay:
    """Cost and clicks of one campaign on one day. cost_micros: account currency x 10^6."""

    date: date
    campaign_id: str
    cost_micros: int
    clicks: int
    impressions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignVolume:
    """Macros and cost of one campaign over the same stretch of days. cost_micros: account currency x 10^6."""

    campaign_id: str
    conversions: float
    cost_micros: int


@dataclass(frozen=True)
class DailySeries:
    """One number a day, without gaps; None where nothing usable is known, which is not the same as zero."""

    first: date
    values: tuple[float | None, ...]

    @classmethod
    def over(cls, window: Window, known: Mapping[date, float], usable: Iterable[date]) -> DailySeries:
        """A series over ``window``: the known value, 0 on a usable day without one, None on every other day."""
        good = frozenset(usable)
        return cls(window.first, tuple(known.get(day, 0.0) if day in good else None for day in window))

    @property
    def last(self) -> date:
        return self.first + timedelta(days=len(self.values) - 1)

    def at(self, day: date) -> float | None:
        """The value of one day; None outside the series as well."""
        index = (day - self.first).days
        return self.values[index] if 0 <= index < len(self.values) else None

    def during(self, window: Window) -> tuple[float | None, ...]:
        """The values of a window's days; None outside the series."""
        start, stop = (window.first - self.first).days, (window.last - self.first).days + 1
        inside = self.values[max(start, 0) : max(stop, 0)]
        if len(inside) == stop - start:
            return inside
        front = min(max(-start, 0), stop - start)
        return (*[None] * front, *inside, *[None] * (stop - start - front - len(inside)))

    def total(self, window: Window) -> tuple[float, int]:
        """Sum over the usable days of a window, and how many days that were."""
        start = (window.first - self.first).days
        return self.between(start, start + len(window))

    def between(self, start: int, stop: int) -> tuple[float, int]:
        """The same for the days ``start`` to ``stop`` - 1, counted from the first; a year is decided in such steps."""
        days = self.values[max(start, 0) : max(stop, 0)]
        known = [value for value in days if value is not None] if None in days else cast("tuple[float, ...]", days)
        return (sum(known), len(known))

    @cached_property
    def running(self) -> tuple[tuple[float, ...], tuple[int, ...]]:
        """Sum and number of the usable days before each day, and after the last: for whoever looks every night again."""
        sums = accumulate([value or 0.0 for value in self.values], initial=0.0)
        known = accumulate([value is not None for value in self.values], initial=0)
        return tuple(sums), tuple(known)

    def without(self, days: Iterable[date]) -> DailySeries:
        """The same series with these days taken out of evidence."""
        kept = list(self.values)
        out = [index for day in days if 0 <= (index := (day - self.first).days) < len(kept)]
        if not out:
            return self
        for index in out:
            kept[index] = None
        return DailySeries(self.first, tuple(kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientVolume:
    """What another account that uses the same conversion actions counted. recent: of the newest 28 days."""

    macro: DailySeries
    recent: tuple[ActionDay, ...] = ()
