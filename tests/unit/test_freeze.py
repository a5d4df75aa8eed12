"""Declared seasons: once, or every year."""

from __future__ import annotations

from datetime import date

from adsync.model.freeze import Freeze
from adsync.model.policy import Policy
from adsync.model.window import Window

CHRISTMAS = Window(date(2026, 12, 20), date(2027, 1, 5))


def test_what_is_declared_once_touches_only_its_own_days() -> None:
    freeze = Freeze(days=CHRISTMAS)
    assert list(freeze.touching(Window(date(2027, 1, 5), date(2027, 2, 1)))) == [CHRISTMAS]
    assert list(freeze.touching(Window(date(2027, 1, 6), date(2028, 1, 5)))) == []


def test_what_comes_every_year_also_came_before_and_is_found_over_new_year() -> None:
    freeze = Freeze(days=CHRISTMAS, every_year=True)
    new_year = date(2031, 1, 1)
    assert list(freeze.touching(Window(new_year, new_year))) == [Window(date(2030, 12, 20), date(2031, 1, 5))]
    assert [w.first.year for w in freeze.touching(Window(date(2024, 1, 5), date(2026, 12, 20)))] == [
        2023,
        2024,
        2025,
        2026,
    ]


def test_a_leap_day_is_the_28th_where_there_is_none() -> None:
    freeze = Freeze(days=Window(date(2028, 2, 29), date(2028, 2, 29)), every_year=True)
    february = Window(date(2029, 2, 1), date(2029, 2, 28))
    assert list(freeze.touching(february)) == [Window(date(2029, 2, 28), date(2029, 2, 28))]


def test_a_day_lies_in_the_first_season_that_holds_it() -> None:
    sale = Freeze(days=Window(date(2026, 12, 1), date(2026, 12, 24)), why="the sale")
    policy = Policy(freezes=(sale, Freeze(days=CHRISTMAS)))
    assert policy.freeze_on(date(2026, 12, 24)) == (sale, sale.days)
    found = policy.freeze_on(date(2026, 12, 25))
    assert found is not None and found[1] == CHRISTMAS
    assert policy.freeze_on(date(2027, 1, 6)) is None
