"""The posterior against closed forms and against chance itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adsync.decide.posterior import (
    chance_at_least,
    chance_at_most,
    chance_it_fell,
    dispersion,
    largest_insufficient,
    smallest_sufficient,
)
from adsync.model.policy import Policy

LAWS = settings(max_examples=150)
a_count = st.floats(0, 500)
some_days = st.floats(1, 84)
a_demand = st.floats(1, 300)
a_dispersion = st.floats(1, 4)


@LAWS
@given(a_count, some_days, a_demand)
def test_without_overdispersion_it_is_the_gamma_posterior_of_a_poisson_rate(
    count: float, days: float, per_30_days: float
) -> None:
    posterior = stats.gamma(count + 0.5, scale=1 / days)
    assert chance_at_least(count, days, per_30_days, 1.0) == pytest.approx(posterior.sf(per_30_days / 30), abs=1e-9)
    assert chance_at_most(count, days, per_30_days, 1.0) == pytest.approx(posterior.cdf(per_30_days / 30), abs=1e-9)


@LAWS
@given(a_count, some_days, a_demand, a_dispersion)
def test_overdispersion_discounts_count_and_days_alike(
    count: float, days: float, per_30_days: float, phi: float
) -> None:
    assert chance_at_least(count, days, per_30_days, phi) == pytest.approx(
        chance_at_least(count / phi, days / phi, per_30_days, 1.0), abs=1e-9
    )


@LAWS
@given(a_count, some_days, a_demand, a_dispersion)
def test_a_rate_is_at_least_or_at_most(count: float, days: float, per_30_days: float, phi: float) -> None:
    at_least = chance_at_least(count, days, per_30_days, phi)
    assert 0 <= at_least <= 1
    assert at_least + chance_at_most(count, days, per_30_days, phi) == pytest.approx(1)


@LAWS
@given(some_days, a_demand, a_dispersion, st.floats(0.55, 0.99))
def test_the_smallest_sufficient_count_is_the_smallest(
    days: float, per_30_days: float, phi: float, confidence: float
) -> None:
    count = smallest_sufficient(days, per_30_days, phi, confidence)
    assert chance_at_least(count, days, per_30_days, phi) >= confidence
    assert count == 0 or chance_at_least(count - 1, days, per_30_days, phi) < confidence


@LAWS
@given(some_days, a_demand, a_dispersion, st.floats(0.55, 0.99))
def test_the_largest_insufficient_count_is_the_largest(
    days: float, per_30_days: float, phi: float, confidence: float
) -> None:
    count = largest_insufficient(days, per_30_days, phi, confidence)
    assert count == -1 or chance_at_most(count, days, per_30_days, phi) >= confidence
    assert chance_at_most(count + 1, days, per_30_days, phi) < confidence


@LAWS
@given(a_count, some_days, a_count, some_days, a_dispersion)
def test_a_fall_is_the_beta_form_and_the_opposite_of_a_rise(
    new: float, new_days: float, old: float, old_days: float, phi: float
) -> None:
    fell = chance_it_fell(new, new_days, old, old_days, phi)
    beta = stats.beta(new / phi + 0.5, old / phi + 0.5)
    assert fell == pytest.approx(beta.cdf(new_days / (new_days + old_days)), abs=1e-9)
    assert fell + chance_it_fell(old, old_days, new, new_days, phi) == pytest.approx(1)


@pytest.mark.parametrize(
    ("new", "new_days", "old", "old_days", "phi"),
    [(30, 28, 80, 56, 1.0), (12, 14, 40, 42, 1.5), (3, 28, 2, 56, 1.2), (60, 28, 100, 56, 4.0), (0, 14, 5, 42, 1.0)],
)
def test_a_fall_is_as_likely_as_two_rates_drawn_at_random_say(
    new: float, new_days: float, old: float, old_days: float, phi: float
) -> None:
    draw = np.random.default_rng(7)
    newer = draw.gamma(new / phi + 0.5, phi / new_days, 200_000)
    older = draw.gamma(old / phi + 0.5, phi / old_days, 200_000)
    assert chance_it_fell(new, new_days, old, old_days, phi) == pytest.approx(float(np.mean(newer < older)), abs=0.005)


@LAWS
@given(st.lists(st.floats(0, 200), min_size=2, max_size=14), st.floats(1, 60))
def test_dispersion_stays_between_a_poisson_count_and_its_ceiling(weeks: list[float], most: float) -> None:
    assert 1.0 <= dispersion(weeks, Policy(), most=most) <= most


@LAWS
@given(st.lists(st.integers(0, 200), min_size=2, max_size=14))
def test_dispersion_does_not_know_which_way_time_runs(weeks: list[int]) -> None:
    assert dispersion(weeks[::-1], Policy()) == pytest.approx(dispersion(weeks, Policy()))
