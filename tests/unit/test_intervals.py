"""Intervals at the edges; against published and independent figures in tests/property/test_interval_laws.py."""

from __future__ import annotations

from math import inf, isclose, isfinite

import pytest

from adsync.model.evidence import Interval
from adsync.score.intervals import benjamini_hochberg, lift, p_greater, risk_difference, wilson


def test_of_nobody_nothing_is_known() -> None:
    assert wilson(0, 0) == Interval(0.0, 0.0, 1.0)


def test_nobody_of_many_is_a_small_share_and_not_a_certain_zero() -> None:
    found = wilson(0, 100)
    assert (found.point, found.low) == (0.0, 0.0)
    assert 0.03 < found.high < 0.04


def test_all_of_many_is_a_large_share_and_not_a_certain_one() -> None:
    found = wilson(100, 100)
    assert (found.point, found.high) == (1.0, 1.0)
    assert 0.96 < found.low < 0.97


def test_a_surer_interval_is_wider() -> None:
    assert wilson(20, 100, level=0.99).high > wilson(20, 100).high > wilson(20, 100, level=0.8).high


def test_a_difference_that_was_published_comes_out_as_published() -> None:
    # Newcombe 1998, table II (a), method 10: 56 of 70 against 48 of 80.
    found = risk_difference(56, 70, 48, 80)
    assert found.point == pytest.approx(0.2)
    assert found.low == pytest.approx(0.0524, abs=5e-5)
    assert found.high == pytest.approx(0.3339, abs=5e-5)


def test_a_difference_of_nothing_against_nothing_spans_everything() -> None:
    assert risk_difference(0, 0, 0, 0) == Interval(0.0, -1.0, 1.0)


def test_a_lift_is_the_ratio_of_the_shares_with_a_log_normal_interval() -> None:
    # 30 of 100 against 10 of 100: ln 3 = 1.0986, its error sqrt(0.7/30 + 0.9/10) = 0.33665.
    found = lift(30, 100, 10, 100)
    assert found.point == pytest.approx(3.0)
    assert found.low == pytest.approx(1.5508, abs=1e-4)
    assert found.high == pytest.approx(5.8033, abs=1e-4)


def test_a_lift_over_nobody_is_large_and_finite() -> None:
    found = lift(30, 100, 0, 100)
    # Half a count is added to all four: (30.5 / 100.5) / (0.5 / 100.5).
    assert found.point == pytest.approx(61.0)
    assert 0 < found.low < found.point < found.high and isfinite(found.high)


def test_a_lift_of_nobody_is_small_and_above_zero() -> None:
    found = lift(0, 100, 30, 100)
    assert 0 < found.low < found.point < 1 < 1 / found.point


@pytest.mark.parametrize(("n1", "n0"), [(0, 100), (100, 0), (0, 0)])
def test_without_people_on_both_sides_a_lift_says_nothing(n1: int, n0: int) -> None:
    assert lift(0, n1, 0, n0) == Interval(1.0, 0.0, inf)


def test_where_everybody_converts_the_lift_is_exactly_one() -> None:
    assert lift(100, 100, 50, 50) == Interval(1.0, 1.0, 1.0)


def test_a_larger_share_has_a_small_p_value_and_a_smaller_one_a_large() -> None:
    # z = 0.2 / sqrt(0.2 * 0.8 * 0.02) = 3.5355
    assert p_greater(30, 100, 10, 100) == pytest.approx(2.035e-4, rel=1e-3)
    assert p_greater(10, 100, 30, 100) == pytest.approx(1 - 2.035e-4, rel=1e-6)
    assert p_greater(10, 100, 10, 100) == pytest.approx(0.5)


@pytest.mark.parametrize("table", [(0, 0, 5, 10), (5, 10, 0, 0), (0, 10, 0, 10), (10, 10, 10, 10)])
def test_where_nothing_can_be_compared_the_p_value_is_one(table: tuple[int, int, int, int]) -> None:
    assert p_greater(*table) == 1.0


def test_a_single_question_needs_no_correction() -> None:
    assert benjamini_hochberg([0.03]) == [0.03]


def test_asking_often_makes_each_answer_less_sure() -> None:
    q_values = benjamini_hochberg([0.01, 0.02, 0.03, 0.04, 0.05])
    assert all(isclose(q, 0.05) for q in q_values)


def test_answers_come_back_in_the_order_of_the_questions() -> None:
    assert benjamini_hochberg([0.5, 0.001]) == pytest.approx([0.5, 0.002])


def test_no_question_has_no_answer() -> None:
    assert benjamini_hochberg([]) == []
