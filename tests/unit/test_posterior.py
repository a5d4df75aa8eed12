"""How sure one can be of a rate: the known figures of the rule, and what lumpiness does to them."""

from __future__ import annotations

import pytest

from adsync.decide.posterior import (
    capped,
    chance_at_least,
    chance_at_most,
    chance_it_fell,
    dispersion,
    largest_insufficient,
    smallest_sufficient,
    weekly_median,
)
from adsync.model.policy import Policy


@pytest.mark.parametrize(("phi", "needed"), [(1.0, 100), (1.2, 101), (1.5, 103), (2.0, 106), (3.0, 111)])
def test_thirty_a_month_are_shown_by_this_many_in_twelve_weeks(phi: float, needed: int) -> None:
    assert smallest_sufficient(84, 30, phi, 0.95) == needed


@pytest.mark.parametrize(("phi", "monthly"), [(1.0, 57.1), (1.2, 57.9), (1.5, 58.9), (2.0, 60.4), (3.0, 62.5)])
def test_fifty_a_month_are_shown_by_this_many_a_month(phi: float, monthly: float) -> None:
    assert round(smallest_sufficient(84, 50, phi, 0.95) * 30 / 84, 1) == monthly


@pytest.mark.parametrize(("phi", "at_most"), [(1.0, 14), (2.0, 13), (3.0, 12)])
def test_fewer_than_twenty_a_month_are_shown_by_this_many_in_four_weeks(phi: float, at_most: int) -> None:
    assert largest_insufficient(28, 20, phi, 0.80) == at_most


def test_one_fewer_than_needed_is_not_enough() -> None:
    assert chance_at_least(100, 84, 30, 1.0) >= 0.95 > chance_at_least(99, 84, 30, 1.0)
    assert chance_at_most(14, 28, 20, 1.0) >= 0.80 > chance_at_most(15, 28, 20, 1.0)


def test_a_needed_count_under_the_line_itself_is_found_as_well() -> None:
    needed = smallest_sufficient(84, 30, 1.0, 0.05)
    assert needed < 84
    assert chance_at_least(needed, 84, 30, 1.0) >= 0.05 > chance_at_least(needed - 1, 84, 30, 1.0)


def test_so_low_a_demand_that_nothing_at_all_shows_it() -> None:
    assert smallest_sufficient(84, 0.001, 1.0, 0.5) == 0


def test_of_one_day_even_silence_does_not_show_that_there_are_too_few() -> None:
    assert largest_insufficient(1, 20, 1.0, 0.80) == -1


def test_nothing_seen_on_no_day_says_nothing() -> None:
    assert chance_it_fell(0, 0, 30, 56, 1.0) == 0.5
    assert chance_it_fell(30, 28, 0, 0, 1.0) == 0.5


def test_the_same_rate_has_as_likely_fallen_as_risen() -> None:
    assert chance_it_fell(30, 28, 30, 28, 1.0) == pytest.approx(0.5)


def test_half_the_rate_has_surely_fallen_and_twice_the_rate_surely_not() -> None:
    assert chance_it_fell(30, 28, 120, 56, 1.0) > 0.99
    assert chance_it_fell(60, 28, 60, 56, 1.0) < 0.01


def test_lumpy_counts_make_a_fall_less_certain() -> None:
    assert 0.5 < chance_it_fell(30, 28, 80, 56, 4.0) < chance_it_fell(30, 28, 80, 56, 1.0)


def test_without_two_weeks_the_usual_dispersion_is_taken() -> None:
    assert dispersion([], Policy()) == dispersion([7.0], Policy()) == Policy().dispersion_prior


def test_steady_weeks_are_as_even_as_it_gets() -> None:
    # (8 x 1.2 + 11 x 0) / 19 is 0.5, and nothing is taken for more even than a Poisson count.
    assert dispersion([14.0] * 12, Policy()) == 1.0


def test_the_dispersion_comes_from_neighbouring_weeks_shrunk_towards_the_prior() -> None:
    # Differences of 10 each: variance 100 / 2 = 50, mean 15; (8 x 1.2 + 11 x 50 / 15) / 19 = 2.435.
    assert dispersion([10.0, 20.0] * 6, Policy()) == pytest.approx((9.6 + 11 * 50 / 15) / 19)


def test_two_weeks_are_enough_for_a_first_guess() -> None:
    # One difference of 10: variance 50, mean 15; (8 x 1.2 + 1 x 50 / 15) / 9.
    assert dispersion([10.0, 20.0], Policy()) == pytest.approx((9.6 + 50 / 15) / 9)


def test_a_trend_is_no_noise() -> None:
    trend = [float(n) for n in range(10, 34, 2)]
    shuffled = trend[::2] + trend[1::2][::-1]
    assert dispersion(trend, Policy()) < dispersion(
        [trend[i] for i in (0, 11, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6)], Policy()
    )
    assert dispersion(trend, Policy()) == 1.0
    assert sorted(shuffled) == trend


def test_dispersion_has_a_ceiling_that_the_caller_sets() -> None:
    wild = [0.0, 200.0] * 6
    assert dispersion(wild, Policy()) == 4.0
    assert dispersion(wild, Policy(), most=60.0) == 60.0


def test_weeks_of_almost_nothing_are_not_taken_for_wild() -> None:
    assert dispersion([0.0] * 12, Policy()) == 1.0
    assert dispersion([0.0] * 11 + [1.0], Policy()) == 1.0
    # A mean of a third is taken for a half: (9.6 + 11 x (16 / 22) / 0.5) / 19.
    assert dispersion([0.0] * 11 + [4.0], Policy()) == pytest.approx((9.6 + 11 * (16 / 22) / 0.5) / 19)


def test_the_median_week_is_scaled_to_seven_days() -> None:
    assert weekly_median([14.0, 6.0, 20.0], [7, 3, 7]) == 14.0
    assert weekly_median([6.0], [3]) == 14.0


def test_a_week_of_one_day_says_nothing_about_the_usual_week() -> None:
    assert weekly_median([14.0, 90.0], [7, 1]) == 14.0
    assert weekly_median([90.0], [1]) == 0.0
    assert weekly_median([4.0], [2]) == 14.0
    assert weekly_median([], []) == 0.0


def test_no_week_counts_more_than_the_usual_and_two_deviations() -> None:
    # 16 + 2 x sqrt(1 x 16) = 24
    assert capped([150.0, 24.0, 10.0], [7, 7, 7], 16.0, 2.0, 1.0) == [24.0, 24.0, 10.0]


def test_the_cap_of_a_half_week_is_half_a_cap() -> None:
    assert capped([150.0], [3.5], 16.0, 2.0, 1.0) == [12.0]


def test_where_the_usual_week_is_empty_a_week_may_still_hold_a_few() -> None:
    assert capped([150.0], [7], 0.0, 2.0, 1.0) == [2.0]
