"""Dates in queries: what Google's date functions mean today, and when weeks, months and quarters begin."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

Span = tuple[date, date]
"""First and last day, both included."""

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}(\.\d{1,6})?)?", re.ASCII)


def _last_days(days: int) -> Callable[[date], Span]:
    """Whole days, today left out."""
    return lambda today: (today - timedelta(days=days), today - timedelta(days=1))


def _week_before(start: date) -> Span:
    return start - timedelta(days=7), start - timedelta(days=1)


def _sunday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() % 7)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def quarter(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _last_month(today: date) -> Span:
    last = month(today) - timedelta(days=1)
    return month(last), last


def _last_business_week(today: date) -> Span:
    start = monday(today) - timedelta(days=7)
    return start, start + timedelta(days=4)


FUNCTIONS: dict[str, Callable[[date], Span]] = {
    "TODAY": lambda today: (today, today),
    "YESTERDAY": _last_days(1),
    "LAST_7_DAYS": _last_days(7),
    "LAST_14_DAYS": _last_days(14),
    "LAST_30_DAYS": _last_days(30),
    "LAST_BUSINESS_WEEK": _last_business_week,
    "LAST_MONTH": _last_month,
    "THIS_MONTH": lambda today: (month(today), today),
    "LAST_WEEK_MON_SUN": lambda today: _week_before(monday(today)),
    "LAST_WEEK_SUN_SAT": lambda today: _week_before(_sunday(today)),
    "THIS_WEEK_MON_TODAY": lambda today: (monday(today), today),
    "THIS_WEEK_SUN_TODAY": lambda today: (_sunday(today), today),
}
"""What DURING takes, as spans of days in the account's time zone."""

STARTS: dict[str, Callable[[date], date]] = {
    "segments.week": monday,
    "segments.month": month,
    "segments.quarter": quarter,
}
"""The day that stands for the week, month or quarter of a date."""


def is_moment(text: str) -> bool:
    """Is it YYYY-MM-DD, with a time of day or without?"""
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_day(text: str) -> bool:
    return len(text) == 10 and is_moment(text)


def numbered(day: date) -> int:
    """The date as the number YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


def dated(number: int) -> date:
    """The date of a number YYYYMMDD."""
    return date(number // 10_000, number // 100 % 100, number % 100)
