"""Whole weeks, the newest first."""

from __future__ import annotations

from datetime import timedelta

from adsync.decide.weeks import Weeks
from tests.builders import a_series


def test_weeks_end_on_the_last_day_and_the_newest_comes_first() -> None:
    series = a_series(*[1.0] * 7, *[2.0] * 7, 9.0)
    weeks = Weeks.of(series, series.last - timedelta(days=1), 2)
    assert weeks == Weeks((14.0, 7.0), (7, 7))


def test_unknown_days_do_not_count_as_days() -> None:
    series = a_series(1.0, None, 1.0, None, 1.0, 1.0, 1.0)
    assert Weeks.of(series, series.last, 2) == Weeks((5.0, 0), (5, 0))


def test_a_total_names_its_first_and_last_week_from_one() -> None:
    weeks = Weeks((1.0, 2.0, 4.0, 8.0), (7, 6, 5, 4))
    assert weeks.total(1, 1) == (1.0, 7)
    assert weeks.total(2, 3) == (6.0, 11)
    assert weeks.total(1, 9) == (15.0, 22)


def test_a_total_takes_other_counts_over_the_same_days() -> None:
    weeks = Weeks((1.0, 2.0), (7, 6))
    assert weeks.total(1, 2, [0.5, 0.5]) == (1.0, 13)
