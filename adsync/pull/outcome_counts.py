"""Reads back what outcome reviews compare, as it was known on a night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from adsync.decide.guards import usable_until
from adsync.decide.outcome_windows import LATE
from adsync.model.ads import ConversionAction
from adsync.model.outcome_review import CampaignCounts
from adsync.model.pulled import NOT_SERVED, Report
from adsync.model.window import Window
from adsync.ports import Axis, Numbers
from adsync.pull.history import last_complete_day

_LATE_AFTER_DAYS, _LATE_WEEKS, _LATE_AT_LEAST = 14, 4, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where macros are read on a night, and up to which day they are complete."""

    customer_id: str
    macros: tuple[str, ...]
    axis: Axis
    complete_until: date
    as_of: date

    @classmethod
    def of(cls, customer_id: str, macros: Sequence[ConversionAction], numbers: Numbers, as_of: date) -> Source:
        """By conversion date, or by click date where Google gives nothing else."""
        copy = numbers.newest_copies(customer_id, as_of).get(Report.CONVERSIONS)
        axis = Axis.CLICK if copy is not None and copy.fault == NOT_SERVED else Axis.CONVERSION
        until = usable_until(macros, as_of)
        if axis is Axis.CLICK:
            yesterday = as_of - timedelta(days=1)
            until = min([until, *(last_complete_day(action, yesterday) for action in macros)])
        return cls(
            customer_id=customer_id,
            macros=tuple(action.id for action in macros),
            axis=axis,
            complete_until=until,
            as_of=as_of,
        )

    @property
    def days_behind(self) -> int:
        return (self.as_of - self.complete_until).days


def read_counts_of_campaigns(source: Source, numbers: Numbers, window: Window) -> tuple[CampaignCounts, ...]:
    """Macros, clicks and cost of each campaign and day; a day on which there was nothing has no row."""
    sold: dict[tuple[date, str], float] = {}
    for day in numbers.campaign_conversions(source.customer_id, window, source.as_of, source.axis):
        if day.action_id in source.macros:
            key = (day.date, day.campaign_id)
            sold[key] = sold.get(key, 0.0) + day.all_conversions
    spent = {(d.date, d.campaign_id): d for d in numbers.campaign_days(source.customer_id, window, source.as_of)}
    return tuple(
        CampaignCounts(
            date=key[0],
            campaign_id=key[1],
            macros=sold.get(key, 0.0),
            clicks=spent[key].clicks if key in spent else 0,
            cost=spent[key].cost_micros / 1_000_000 if key in spent else 0.0,
        )
        for key in sorted(sold.keys() | spent.keys())
    )


def unknown_days(source: Source, numbers: Numbers, window: Window) -> frozenset[date]:
    """Days of which macros or cost were never copied whole."""
    cost = numbers.cost_series(source.customer_id, window, source.as_of).during(window)
    series = numbers.conversion_series(source.customer_id, source.macros, source.axis, window, source.as_of)
    macros = [each.during(window) for each in series.values()]
    days = zip(window, cost, *macros, strict=True)
    return frozenset(day for day, *known in days if None in known or day > source.complete_until)


def conversions_are_late(source: Source, numbers: Numbers) -> bool:
    """Whether more than a tenth of the macros come later than two weeks after the week of their click.

    Of each of four weeks of clicks, what was known two weeks after it is held against what is known now. False where
    so old copies are not there, or hold too little to tell.
    """
    early = total = 0.0
    for n in range(_LATE_WEEKS):
        week = Window.ending(source.as_of - timedelta(days=3 * _LATE_AFTER_DAYS + 7 * n), days=7)
        then = week.last + timedelta(days=_LATE_AFTER_DAYS)
        if not numbers.coverage(source.customer_id, Report.CLICKS, then):
            continue
        early += _by_click(source, numbers, week, then)
        total += _by_click(source, numbers, week, source.as_of)
    return total >= _LATE_AT_LEAST and early < (1 - LATE) * total


def _by_click(source: Source, numbers: Numbers, week: Window, as_of: date) -> float:
    days = numbers.campaign_conversions(source.customer_id, week, as_of, Axis.CLICK)
    return sum(day.all_conversions for day in days if day.action_id in source.macros)
