"""Simpler rules that people use, to compare with. They look at the same numbers on the same nights, without any guard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from adsync.decide.replay import Known
from adsync.model.window import Window

DAYS = 30
CHECKS, EVERY_DAYS = 3, 7


def naive(nights: Mapping[date, Known], demand: float) -> list[bool]:
    """Whether helpers are bid on after each night: no longer as soon as the last 30 days have the demand, and vice versa."""
    return [last_month(known) < demand for known in nights.values()]


def hysteresis(nights: Mapping[date, Known], upper: float, lower: float) -> list[bool]:
    """Retires at ``upper`` in 30 days and returns under ``lower``, on three weekly checks in a row."""
    return list(_with_patience(nights, upper, lower))


def _with_patience(nights: Mapping[date, Known], upper: float, lower: float) -> Iterator[bool]:
    bid_on, in_a_row, checked_on = True, 0, date.min
    for night, known in nights.items():
        if (night - checked_on).days >= EVERY_DAYS:
            checked_on = night
            count = last_month(known)
            in_a_row = in_a_row + 1 if (count >= upper if bid_on else count < lower) else 0
            if in_a_row >= CHECKS:
                bid_on, in_a_row = not bid_on, 0
        yield bid_on


def last_month(known: Known) -> float:
    """Macros in the newest thirty complete days; days of which nothing is known add nothing, as on Google's screens."""
    return known.macro.total(Window.ending(known.last_day, days=DAYS))[0]
