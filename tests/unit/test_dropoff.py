"""The funnel step by step, and what to look at first."""

from __future__ import annotations

import pytest

from adsync.model.analytics import Funnel
from adsync.model.dropoff import DropOff
from adsync.score import drop_off
from tests.builders import a_baseline, a_candidate, a_funnel, an_account


def shop_funnel(visitors: int, carts: int, checkouts: int, orders: int) -> DropOff:
    funnels: list[Funnel] = [
        a_funnel("begin_checkout", checkouts, orders),
        a_baseline(visitors, orders),
        a_funnel("add_to_cart", carts, orders),
    ]
    return drop_off(an_account(), funnels)


def test_steps_go_from_the_visit_to_the_macro_each_as_a_share_of_the_one_before() -> None:
    steps = shop_funnel(1000, 200, 100, 50).steps
    assert [(s.event_name, s.users) for s in steps] == [
        ("session_start", 1000),
        ("add_to_cart", 200),
        ("begin_checkout", 100),
        ("purchase", 50),
    ]
    assert [s.kept for s in steps] == pytest.approx([1.0, 0.2, 0.5, 0.5])
    assert steps[0].title == "Visitors" and steps[-1].title == "Purchase"


def test_without_the_baseline_there_is_no_funnel() -> None:
    assert drop_off(an_account(), [a_funnel("add_to_cart")]) == DropOff(steps=())


def test_what_lies_beside_the_path_is_no_step() -> None:
    account = an_account(candidates=(a_candidate("scroll", on_path=False), a_candidate("add_to_cart")))
    found = drop_off(account, [a_baseline(), a_funnel("scroll", 9000, 100), a_funnel("add_to_cart", 500, 100)])
    assert [s.event_name for s in found.steps] == ["session_start", "add_to_cart", "purchase"]


def test_an_empty_site_has_steps_and_no_advice() -> None:
    found = shop_funnel(0, 0, 0, 0)
    assert [s.kept for s in found.steps] == [0.0, 0.0, 0.0, 0.0]
    assert found.advice == ""


def test_fewer_visitors_than_a_share_can_be_read_from_give_no_advice() -> None:
    assert shop_funnel(49, 20, 10, 5).advice == ""
    assert shop_funnel(50, 20, 10, 5).advice != ""


def test_few_carts_point_to_the_traffic() -> None:
    advice = shop_funnel(1000, 49, 40, 30).advice
    assert "Few carts (49): look at the traffic" in advice


def test_many_carts_and_few_orders_point_to_the_checkout() -> None:
    advice = shop_funnel(1000, 300, 100, 30).advice
    assert "Many carts, few orders: 30 orders of 300 carts (10 %; about 30 % is usual)" in advice
    assert "cost, payment and errors in the checkout" in advice


def test_a_good_checkout_points_to_traffic_and_page() -> None:
    advice = shop_funnel(10_000, 300, 200, 90).advice
    assert (
        "The checkout holds: 30 % of carts become orders (about 30 % is usual). Few carts: 3 % of visitors fill one."
        in advice
    )


def test_where_many_fill_a_cart_nobody_is_sent_to_the_traffic() -> None:
    assert "Few carts" in shop_funnel(10_000, 999, 500, 400).advice
    for carts in (1_000, 10_000):
        advice = shop_funnel(10_000, carts, 5_000, 4_000).advice
        assert "Few carts" not in advice and "product page" not in advice
        assert f"The checkout holds: {4_000 / carts:.0%}".replace("%", " %") in advice
        assert f"{carts / 10_000:.0%} of visitors fill one. Most are lost".replace("%", " %") in advice


def test_two_thirds_of_the_usual_orders_are_still_good() -> None:
    assert "Many carts, few orders" in shop_funnel(10_000, 1000, 500, 199).advice
    below = shop_funnel(10_000, 1000, 500, 200).advice
    assert below.startswith(
        "The checkout keeps a little less than usual, but not much: 20 % of carts become orders (about 30 %"
    )
    assert "Many carts" not in below and "holds" not in below
    assert shop_funnel(10_000, 1000, 500, 295).advice.startswith("The checkout holds: 30 %")


def test_the_step_that_loses_most_is_named() -> None:
    advice = shop_funnel(1000, 500, 50, 40).advice
    assert 'Most are lost between "add_to_cart" and "begin_checkout": 10 % go on.' in advice


def test_where_nobody_is_lost_no_step_is_named() -> None:
    assert shop_funnel(100, 100, 100, 100).advice == ""


def test_a_business_without_a_cart_is_told_where_it_loses_most_and_no_more() -> None:
    account = an_account(candidates=(a_candidate("form_start", title="Form begun"),))
    found = drop_off(account, [a_baseline(1000, 100), a_funnel("form_start", 400, 100)])
    assert found.advice == 'Most are lost between "Form begun" and "Purchase": 25 % go on.'


def test_a_step_that_hardly_anybody_reached_is_not_where_most_are_lost() -> None:
    advice = shop_funnel(1000, 100, 49, 0).advice
    assert 'Most are lost between "Visitors" and "add_to_cart": 10 % go on.' in advice
    assert 'Most are lost between "begin_checkout" and "Purchase": 0 % go on.' in shop_funnel(1000, 100, 50, 0).advice
