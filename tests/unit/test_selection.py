"""Which helpers to bid on, what they are worth, and up to where they help."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsync.model.evidence import Interval, Verdict
from adsync.model.patterns import Segment, Unions
from adsync.model.score import Score
from adsync.model.value import fair_weight, inflation, rounded
from adsync.score.fidelity import helps_up_to, spread
from adsync.score.selection import HEADROOM, select
from adsync.score.values import isotonic, worths


def a_score(event: str, *, exposed: int = 1_000, converted: int = 100, volume: float = 100.0) -> Score:
    share = converted / exposed
    return Score(
        event=event,
        exposed=exposed,
        converted=converted,
        p=Interval(share, share * 0.9, min(1.0, share * 1.1)),
        lift=Interval(2.0, 1.5, 2.5),
        lift_day=None,
        risk_difference=Interval(0.05, 0.03, 0.07),
        naive_lift=3.0,
        q=0.001,
        coverage=0.4,
        overlap=1.0,
        volume_30d=volume,
        announces=volume * 0.03,
        grade="A",
        verdict=Verdict.GOOD,
        because="",
    )


def a_union(names: tuple[str, ...], cells: dict[int, int]) -> Unions:
    return Unions(
        names=names,
        pattern=np.array(list(cells), dtype=np.int64),
        visitors=np.array(list(cells.values()), dtype=np.int64),
    )


def test_the_deepest_that_is_frequent_enough_alone_is_chosen() -> None:
    cart, pay = a_score("add_to_cart", converted=200), a_score("add_payment_info", converted=600)
    unions = a_union(("add_to_cart", "add_payment_info"), {0b01: 60, 0b11: 40})
    chosen = select((cart, pay), unions, macro="purchase", macro_30d=10, demand=30, span_days=30)
    assert chosen.events == ("add_payment_info",) and chosen.volume == 40 and chosen.reached
    scarce = a_union(("add_to_cart", "add_payment_info"), {0b01: 60, 0b11: 30})
    assert select((cart, pay), scarce, macro="purchase", macro_30d=10, demand=30, span_days=30).events == (
        "add_to_cart",
    )


def test_the_same_shoppers_are_not_added_up() -> None:
    one, other = a_score("one", volume=30), a_score("other", volume=30)
    same = a_union(("one", "other"), {0b11: 30})
    alone = select((one, other), same, macro="purchase", macro_30d=5, demand=30, span_days=30)
    assert not alone.reached and alone.volume == 30 and len(alone.events) == 1
    apart = a_union(("one", "other"), {0b01: 30, 0b10: 30})
    both = select((one, other), apart, macro="purchase", macro_30d=5, demand=30, span_days=30)
    assert both.reached and both.volume == 60 and set(both.events) == {"one", "other"}


def test_where_the_macro_is_frequent_enough_nothing_is_bid_on_beside_it() -> None:
    chosen = select(
        (a_score("cart"),), a_union(("cart",), {1: 100}), macro="purchase", macro_30d=40, demand=30, span_days=30
    )
    assert chosen.events == () and chosen.reached
    assert chosen.because == "The main conversion is frequent enough alone if 39 of them are from ads."


@given(
    cells=st.dictionaries(st.integers(1, 31), st.integers(1, 60), min_size=1),
    converted=st.lists(st.integers(1, 900), min_size=5, max_size=5),
    demand=st.floats(5, 60),
)
def test_a_choice_is_enough_whenever_any_choice_of_three_would_be(
    cells: dict[int, int], converted: list[int], demand: float
) -> None:
    names = ("a", "b", "c", "d", "e")
    scores = [a_score(name, converted=n) for name, n in zip(names, converted, strict=True)]
    unions = a_union(names, cells)
    chosen = select(scores, unions, macro="purchase", macro_30d=0, demand=demand, span_days=30)
    possible = max(unions.who_did_any(frozenset(some)) for size in (1, 2, 3) for some in combinations(names, size))
    assert chosen.reached == (possible >= demand * HEADROOM)
    assert chosen.volume == unions.who_did_any(frozenset(chosen.events))
    assert chosen.volume >= demand * HEADROOM or chosen.volume == possible
    assert select(list(reversed(scores)), unions, macro="purchase", macro_30d=0, demand=demand, span_days=30) == chosen


def test_campaigns_that_differ_by_chance_alone_set_no_limit() -> None:
    alike = [Segment(label=str(n), exposed=100, bought=20) for n in range(6)]
    assert spread(alike) == 0 and helps_up_to(0.2, spread(alike)) is None
    assert spread(alike[:2]) is None


def test_the_spread_between_campaigns_is_found_beyond_chance() -> None:
    # Half of the campaigns convert 10 %, half 30 %: a coefficient of variation of one half, at many visitors.
    found = spread([Segment(label=str(n), exposed=1e6, bought=(1 + 2 * (n % 2)) * 1e5) for n in range(40)])
    assert found == pytest.approx(0.5 * np.sqrt(40 / 39), rel=1e-3)
    assert helps_up_to(0.2, 0.5) == pytest.approx(3.2)


def test_values_rise_along_the_funnel_and_are_drawn_to_each_other_where_little_is_known() -> None:
    cart = a_score("add_to_cart", exposed=1_000, converted=300)
    pay = a_score("add_payment_info", exposed=50, converted=10)
    found = {worth.event: worth for worth in worths((cart, pay), macro_value=100)}
    cart_value, pay_value = found["add_to_cart"].value, found["add_payment_info"].value
    assert cart_value is not None and pay_value is not None and pay_value >= cart_value
    assert 10 / 50 < found["add_payment_info"].share < 0.31


def test_a_deep_event_of_ones_own_does_not_pull_a_usual_one_down() -> None:
    own, cart = a_score("demo_in_person", converted=800), a_score("add_to_cart", converted=100)
    found = {worth.event: worth.share for worth in worths((own, cart), macro_value=None)}
    assert found["demo_in_person"] > 0.7 and found["add_to_cart"] < 0.2
    assert {worth.value for worth in worths((own, cart), macro_value=None)} == {None}


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(1, 1e6)), min_size=1, max_size=12).map(
        lambda pairs: tuple(zip(*pairs, strict=True))
    )
)
def test_pooling_never_falls_keeps_the_weighted_sum_and_leaves_what_rises_alone(
    drawn: tuple[tuple[float, ...], tuple[float, ...]],
) -> None:
    shares, weights = drawn
    pooled = isotonic(shares, weights)
    assert all(a <= b + 1e-12 for a, b in pairwise(pooled))
    assert np.dot(pooled, weights) == pytest.approx(np.dot(shares, weights))
    assert isotonic(sorted(shares), weights) == pytest.approx(sorted(shares))


def test_helpers_are_at_most_half_of_what_is_reported() -> None:
    coverages = [0.9, 0.98]
    assert inflation(coverages, 1) == pytest.approx(2.88)
    assert inflation(coverages, fair_weight(coverages)) == pytest.approx(2)
    assert fair_weight([0.3]) == 1 and fair_weight([]) == 1


@pytest.mark.parametrize(("value", "shown"), [(0, 0), (123.4, 120), (0.0456, 0.046), (9.96, 10), (-1, 0)])
def test_values_have_two_figures(value: float, shown: float) -> None:
    assert rounded(value) == pytest.approx(shown)


def test_who_does_the_macro_without_the_helper_counts_as_well_and_who_does_both_counts_once() -> None:
    unions = a_union(("cart", "purchase"), {0b01: 30, 0b10: 6, 0b11: 4})
    chosen = select((a_score("cart"),), unions, macro="purchase", macro_30d=10, demand=30, span_days=30)
    assert (chosen.volume, chosen.need, chosen.reached) == (40, 39, True)


@pytest.mark.parametrize(
    ("value", "most", "shown"), [(10.58, 10.6, 10.0), (0.0996, 0.0999, 0.099), (99.6, 99.7, 99.0), (98.0, 98.0, 98.0)]
)
def test_no_helper_is_rounded_to_more_than_the_macro_is_worth(value: float, most: float, shown: float) -> None:
    assert rounded(value, most) == pytest.approx(shown)
