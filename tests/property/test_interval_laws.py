"""Intervals and corrections against scipy's own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import relative_risk

from adsync.score.intervals import benjamini_hochberg, lift, p_greater, risk_difference, wilson

LAWS = settings(max_examples=100)
levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@st.composite
def shares(draw: st.DrawFn, least: int = 0) -> tuple[int, int]:
    """Converted of exposed."""
    exposed = draw(st.integers(max(least, 1), 3000))
    return draw(st.integers(least, exposed)), exposed


@LAWS
@given(shares(), levels)
def test_wilson_is_scipys_wilson(share: tuple[int, int], level: float) -> None:
    found = wilson(*share, level)
    oracle = stats.binomtest(*share).proportion_ci(confidence_level=level, method="wilson")
    assert found.low == pytest.approx(oracle.low, abs=1e-9)
    assert found.high == pytest.approx(oracle.high, abs=1e-9)
    assert 0 <= found.low <= found.point <= found.high <= 1


@LAWS
@given(shares(), levels)
def test_the_share_that_did_not_convert_is_the_mirror_image(share: tuple[int, int], level: float) -> None:
    converted, exposed = share
    one, other = wilson(converted, exposed, level), wilson(exposed - converted, exposed, level)
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-9)


@LAWS
@given(shares(), shares(), levels)
def test_a_difference_lies_in_its_interval_and_that_between_minus_one_and_one(
    one: tuple[int, int], zero: tuple[int, int], level: float
) -> None:
    found = risk_difference(*one, *zero, level)
    assert found.point == pytest.approx(one[0] / one[1] - zero[0] / zero[1])
    assert -1 - 1e-9 <= found.low <= found.point <= found.high <= 1 + 1e-9


@LAWS
@given(shares(), shares())
def test_a_difference_seen_from_the_other_side_has_the_other_sign(one: tuple[int, int], zero: tuple[int, int]) -> None:
    there, back = risk_difference(*one, *zero), risk_difference(*zero, *one)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)


@LAWS
@given(shares(least=1), shares(least=1), levels)
def test_a_lift_is_scipys_relative_risk(one: tuple[int, int], zero: tuple[int, int], level: float) -> None:
    found = lift(*one, *zero, level)
    oracle = relative_risk(*one, *zero)
    interval = oracle.confidence_interval(level)
    assert found.point == pytest.approx(oracle.relative_risk)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


@LAWS
@given(shares(), shares())
def test_a_lift_lies_in_its_interval_whatever_was_counted(one: tuple[int, int], zero: tuple[int, int]) -> None:
    found = lift(*one, *zero)
    assert 0 < found.low <= found.point * (1 + 1e-9)
    assert found.point <= found.high * (1 + 1e-9)


@LAWS
@given(shares(), shares())
def test_a_p_value_is_half_of_the_chi_square_test_on_the_side_that_was_seen(
    one: tuple[int, int], zero: tuple[int, int]
) -> None:
    (x1, n1), (x0, n0) = one, zero
    found = p_greater(x1, n1, x0, n0)
    if x1 + x0 in (0, n1 + n0):
        assert found == 1.0
        return
    half = stats.chi2_contingency([[x1, n1 - x1], [x0, n0 - x0]], correction=False).pvalue / 2
    assert found == pytest.approx(half if x1 / n1 >= x0 / n0 else 1 - half, abs=1e-9)


@LAWS
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_values_are_scipys_false_discovery_control(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(list(stats.false_discovery_control(p_values, method="bh")))


@LAWS
@given(st.lists(st.floats(0, 1), max_size=30))
def test_a_q_value_is_never_surer_than_its_p_value_and_keeps_their_order(p_values: list[float]) -> None:
    q_values = benjamini_hochberg(p_values)
    assert all(p * (1 - 1e-12) <= q <= 1 for p, q in zip(p_values, q_values, strict=True))
    by_p = [q for _, q in sorted(zip(p_values, q_values, strict=True))]
    assert by_p == sorted(by_p)
