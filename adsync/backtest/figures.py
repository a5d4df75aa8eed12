"""Figures by which rules are compared, from what is known of each day in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from adsync.decide.replay import Known
from adsync.model.backtest import Counted, RuleFigures
from adsync.model.volume import DailySeries
from adsync.model.window import Window

SUSTAIN_DAYS = 60
MONTH_DAYS = 30
ENOUGH = 0.6
"""A rate over a window of which less is known says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Macros in 30 days. few: under it helpers are missed. plenty: over it they are not needed."""

    demand: float
    few: float
    plenty: float


def in_the_end(nights: Mapping[date, Known]) -> DailySeries:
    """Each day's macros as the newest night knows them, up to the newest day that is complete."""
    values: dict[date, float] = {}
    seen: DailySeries | None = None
    last = max(known.last_day for known in nights.values())
    first = min(known.macro.first for known in nights.values())
    for known in nights.values():
        macro = known.macro
        if macro is not seen:
            days = zip(Window(macro.first, macro.last), macro.values, strict=True)
            values.update({day: value for day, value in days if value is not None})
            seen = macro
    return DailySeries.over(Window(first, max(first, last)), values, values)


def figures_of(
    name: str,
    nights: Sequence[date],
    bid_on: Sequence[bool],
    macro: DailySeries,
    lines: Lines,
    *,
    retirements: Iterable[date] | None = None,
    returns: Iterable[date] | None = None,
) -> RuleFigures:
    """One rule's figures. bid_on: whether any helper is, after each night; at first all are.

    retirements, returns: where not given, the nights on which that changes.
    """
    turns = [
        (night, after)
        for night, (before, after) in zip(nights, pairwise([True, *bid_on]), strict=True)
        if before != after
    ]
    down = tuple(night for night, after in turns if not after) if retirements is None else tuple(retirements)
    up = tuple(night for night, after in turns if after) if returns is None else tuple(returns)
    judged = [held for night in down if (held := _held(macro, night, lines.demand)) is not None]
    rates = [rate(macro, Window.ending(night - timedelta(days=1), days=MONTH_DAYS)) for night in nights]
    states = list(zip(bid_on, rates, strict=True))
    return RuleFigures(
        name=name,
        retirements=down,
        returns=up,
        changes_a_year=round(365 * (len(down) + len(up)) / len(nights), 2),
        sustained=sum(judged),
        judged=len(judged),
        starved_days=sum(not on and rate is not None and rate < lines.few for on, rate in states),
        spare_days=sum(on and rate is not None and rate > lines.plenty for on, rate in states),
        without_helpers=_spans(nights, bid_on),
    )


def rate(macro: DailySeries, window: Window) -> float | None:
    """Macros in 30 days at the pace of a window; None where too little of it is known."""
    count, days = macro.total(window)
    return MONTH_DAYS * count / days if days >= ENOUGH * len(window) else None


def weeks_of(macro: DailySeries) -> tuple[Counted, ...]:
    """Whole weeks, the oldest first, up to the newest day."""
    weeks = []
    for back in reversed(range(len(macro.values) // 7)):
        week = Window.ending(macro.last - timedelta(days=7 * back), days=7)
        count, days = macro.total(week)
        weeks.append(Counted(first=week.first, macros=round(count, 2) if days >= 4 else None))
    return tuple(weeks)


def _held(macro: DailySeries, night: date, demand: float) -> bool | None:
    """Whether the 60 days from a retirement on had the demand; None where they are not over, or not known."""
    window = Window(night, night + timedelta(days=SUSTAIN_DAYS - 1))
    found = rate(macro, window) if window.last <= macro.last else None
    return None if found is None else found >= demand


def _spans(nights: Sequence[date], bid_on: Sequence[bool]) -> tuple[Window, ...]:
    """The stretches of nights without any helper."""
    found = []
    for on, group in groupby(zip(nights, bid_on, strict=True), key=lambda night: night[1]):
        if not on:
            stretch = [night for night, _ in group]
            found.append(Window(stretch[0], stretch[-1]))
    return tuple(found)
