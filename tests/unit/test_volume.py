"""Daily series: what is unknown stays unknown, and is not zero."""

from __future__ import annotations

from datetime import date, timedelta

from adsync.model.volume import DailySeries
from adsync.model.window import Window
from tests.builders import a_series

MONDAY = date(2026, 6, 1)
WEEK = Window(MONDAY, MONDAY + timedelta(days=6))


def test_a_usable_day_without_a_row_is_zero_and_any_other_is_unknown() -> None:
    known = {MONDAY: 3.0, MONDAY + timedelta(days=2): 5.0}
    usable = [MONDAY, MONDAY + timedelta(days=1)]
    series = DailySeries.over(WEEK, known, usable)
    assert series.values == (3.0, 0.0, None, None, None, None, None)
    assert (series.first, series.last) == (WEEK.first, WEEK.last)


def test_nothing_is_known_outside_the_series() -> None:
    series = DailySeries(MONDAY, (1.0, 2.0))
    assert series.at(MONDAY - timedelta(days=1)) is None
    assert series.at(MONDAY) == 1.0
    assert series.at(MONDAY + timedelta(days=1)) == 2.0
    assert series.at(MONDAY + timedelta(days=2)) is None


def test_a_total_counts_the_days_that_are_known() -> None:
    series = DailySeries(MONDAY, (1.0, None, 0.0, 4.5))
    assert series.total(WEEK) == (5.5, 3)


def test_a_total_of_unknown_days_is_nothing_of_no_days() -> None:
    assert DailySeries(MONDAY, (None, None)).total(WEEK) == (0, 0)


def test_taking_days_out_makes_them_unknown_and_leaves_the_rest() -> None:
    series = DailySeries(MONDAY, (1.0, 2.0, 3.0))
    without = series.without([MONDAY + timedelta(days=1), MONDAY - timedelta(days=9)])
    assert without == DailySeries(MONDAY, (1.0, None, 3.0))


def test_taking_no_days_out_changes_nothing() -> None:
    series = a_series(1.0, 2.0)
    assert series.without([]) == series
