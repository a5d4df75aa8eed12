"""Simulated accounts are what their kind says."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from adsync.model.window import Window
from adsync.simulate.draw import FIRST_NIGHT, draw
from adsync.simulate.kinds import Kind, Spell

MANY = 300_000.0
"""A month; 10,000 a day, so that chance moves a day by a percent."""


def sales(kind: Kind, first: int, last: int) -> float:
    """A day on average over these nights."""
    days = Window(FIRST_NIGHT + timedelta(days=first), FIRST_NIGHT + timedelta(days=last))
    count, known = draw(kind, np.random.default_rng(1)).with_helpers.macro.total(days)
    return count / known


def a_kind(*spells: Spell, rate: tuple[tuple[int, float], ...] = ((0, MANY),), late: bool = False) -> Kind:
    return Kind(name="test", title="", rate=rate, should="either", spells=spells, late=late)


@pytest.mark.parametrize(("night", "times"), [(99, 1.0), (100, 1.05), (104, 1.45), (110, 2.0), (129, 2.0), (139, 1.05)])
def test_a_season_comes_and_goes_as_fast_as_it_is_said_to(night: int, times: float) -> None:
    kind = a_kind(Spell(days=40, factor=2.0, ramp=10, first=100))
    assert sales(kind, night, night) == pytest.approx(10_000 * times, rel=0.04)


def test_a_season_overnight_is_there_whole_from_its_first_day_to_its_last() -> None:
    kind = a_kind(Spell(days=40, factor=2.0, first=100))
    assert sales(kind, 100, 100) == pytest.approx(20_000, rel=0.04)
    assert sales(kind, 139, 139) == pytest.approx(20_000, rel=0.04)
    assert sales(kind, 140, 140) == pytest.approx(10_000, rel=0.04)


def test_late_sales_of_steady_clicks_are_as_many_as_ever() -> None:
    assert sales(a_kind(late=True), 0, 364) == pytest.approx(10_000, rel=0.01)
    assert sales(a_kind(late=True), -120, -114) == pytest.approx(10_000, rel=0.02)


def test_late_sales_go_on_for_weeks_after_the_clicks_stop() -> None:
    kind = a_kind(rate=((99, MANY), (100, 0.0)), late=True)
    assert sales(kind, 90, 99) == pytest.approx(10_000, rel=0.02)
    # A third of the sales is made on the day of the click, and a tenth after two weeks.
    assert sales(kind, 100, 100) == pytest.approx(6_800, rel=0.04)
    assert sales(kind, 114, 114) == pytest.approx(900, rel=0.2)
    assert sales(kind, 191, 200) == 0
