"""Dimensions of time, all in the property's own time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from adsync.sandbox.ga4.columns import Column, relabelled
from adsync.sandbox.ga4.dimension import Dimension, Reader
from adsync.sandbox.ga4.view import View
from adsync.sandbox.world import Ints, local_days


def _of_day(label: Callable[[date], str]) -> tuple[Reader, Reader]:
    """Readers of what follows from the date in the property's time zone."""

    def column(days: Ints) -> Column:
        if not len(days):
            return Column(np.zeros(0, np.int64), ())
        # Dates as numbers leave gaps, but a table of a few years with gaps is small, and looking up beats sorting.
        first = int(days.min())
        offsets = np.asarray(days, np.int64) - first
        present = np.flatnonzero(np.bincount(offsets))
        table = np.zeros(int(present[-1]) + 1, np.int64)
        table[present] = np.arange(len(present))
        return relabelled(table[offsets], [label(_as_date(first + int(n))) for n in present])

    def of_events(view: View, index: Ints) -> Column:
        return column(view.log.day[index])

    def of_clicks(view: View, index: Ints) -> Column:
        return column(local_days(_click_times(view, index), view.shop.time_zone))

    return of_events, of_clicks


def _click_times(view: View, index: Ints) -> Ints:
    # Without a link there are no clicks to be looked up.
    return np.zeros(0, np.int64) if view.clicks is None else np.asarray(view.clicks.time[index], np.int64)


def _as_date(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def _week(day: date) -> str:
    """Weeks begin on Sunday; the first one begins on 1 January."""
    start = date(day.year, 1, 1)
    return f"{(day.timetuple().tm_yday - 1 + (start.weekday() + 1) % 7) // 7 + 1:02d}"


def _hour(view: View, index: Ints) -> Column:
    return relabelled(view.shop.local_hours(view.log.time[index]), [f"{hour:02d}" for hour in range(24)])


def _date_hour(view: View, index: Ints) -> Column:
    days = _of_day(lambda day: f"{day:%Y%m%d}")[0](view, index)
    hours = view.shop.local_hours(view.log.time[index])
    return relabelled(days.codes * 24 + hours, [f"{day}{hour:02d}" for day in days.labels for hour in range(24)])


_TIMES: dict[str, tuple[str, Callable[[date], str]]] = {
    "date": ("Date", lambda day: f"{day:%Y%m%d}"),
    "day": ("Day", lambda day: f"{day:%d}"),
    "dayOfWeek": ("Day of week", lambda day: str((day.weekday() + 1) % 7)),
    "dayOfWeekName": ("Day of week name", lambda day: f"{day:%A}"),
    "isoWeek": ("ISO week of the year", lambda day: f"{day.isocalendar()[1]:02d}"),
    "isoYear": ("ISO year", lambda day: str(day.isocalendar()[0])),
    "isoYearIsoWeek": ("ISO week of ISO year", lambda day: f"{day.isocalendar()[0]}{day.isocalendar()[1]:02d}"),
    "month": ("Month", lambda day: f"{day:%m}"),
    "week": ("Week", _week),
    "year": ("Year", lambda day: str(day.year)),
    "yearMonth": ("Year month", lambda day: f"{day:%Y%m}"),
    "yearWeek": ("Year week", lambda day: f"{day.year}{_week(day)}"),
}


def time_dimensions() -> list[Dimension]:
    """From the year down to the hour."""
    found = []
    for name, (title, label) in _TIMES.items():
        of_events, of_clicks = _of_day(label)
        old = ("dayOfWeekZero",) if name == "dayOfWeek" else ()
        found.append(
            Dimension(
                name=name,
                title=title,
                about=f"{title} of the event, in the property's time zone.",
                category="Time",
                scope="time",
                of_events=of_events,
                of_clicks=of_clicks,
                old_names=old,
            )
        )
    hours = [
        Dimension(name=name, title=title, about=about, category="Time", scope="time", of_events=read)
        for name, title, about, read in (
            ("hour", "Hour", "Hour of the event, 00 to 23, in the property's time zone.", _hour),
            ("dateHour", "Date + hour (YYYYMMDDHH)", "Date and hour in the property's time zone.", _date_hour),
        )
    ]
    return [*found, *hours]
