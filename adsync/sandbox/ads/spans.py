"""The days that a query's date conditions let through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from adsync.sandbox.ads.dates import FUNCTIONS, is_day, monday, month, numbered, quarter
from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.gaql import Condition, Query
from adsync.sandbox.ads.selectable import CORE_DATES

_FIRST, _LAST = date(1970, 1, 1), date(2100, 12, 31)
_FROM_BELOW = frozenset({"=", ">", ">=", "IN", "BETWEEN", "DURING"})
_FROM_ABOVE = frozenset({"=", "<", "<=", "IN", "BETWEEN", "DURING"})

OF_A_DAY: dict[str, Callable[[date], str | int]] = {
    "segments.date": date.isoformat,
    "segments.week": lambda day: monday(day).isoformat(),
    "segments.month": lambda day: month(day).isoformat(),
    "segments.quarter": lambda day: quarter(day).isoformat(),
    "segments.year": lambda day: day.year,
}
"""What each date segment is on a day."""


def has_finite_dates(query: Query) -> bool:
    """Are the days bounded on both sides?"""
    operators = {condition.operator for condition in query.where if condition.field in CORE_DATES}
    return bool(operators & _FROM_BELOW) and bool(operators & _FROM_ABOVE)


def span(query: Query, today: date) -> tuple[int, int]:
    """The first and last day that the conditions could let through, as numbers YYYYMMDD.

    Raises AdsRefusal when there is none because the first would come after the last.
    """
    first, last = _FIRST, _LAST
    for condition in query.where:
        if condition.field in CORE_DATES:
            low, high = _bounds(condition, today)
            first, last = max(first, low), min(last, high)
    if first > last:
        raise refuse(
            "query_error", "DATE_RANGE_TOO_NARROW", f"The dates start on '{first}', which is after their end '{last}'."
        )
    return numbered(first), numbered(last)


def _bounds(condition: Condition, today: date) -> tuple[date, date]:
    if condition.operator == "DURING":
        return FUNCTIONS[condition.values[0].text.upper()](today)
    days = sorted(_periods(condition))
    low = days[0][0] if condition.operator in _FROM_BELOW else _FIRST
    high = days[-1][1] if condition.operator in _FROM_ABOVE else _LAST
    if condition.operator == "BETWEEN":
        low, high = _periods(condition)[0][0], _periods(condition)[1][1]
    return low, high


def _periods(condition: Condition) -> list[tuple[date, date]]:
    """First and last day of what each value names."""
    lengths = {"segments.date": 0, "segments.week": 6, "segments.month": 30, "segments.quarter": 91}
    found = []
    for value in condition.values:
        if condition.field == "segments.year":
            year = min(max(int(value.text), _FIRST.year), _LAST.year)
            found.append((date(year, 1, 1), date(year, 12, 31)))
        elif is_day(value.text):
            start = min(max(date.fromisoformat(value.text), _FIRST), _LAST)
            found.append((start, min(start + timedelta(days=lengths[condition.field]), _LAST)))
    return found
