"""The funnel step by step, and what to look at first."""

from __future__ import annotations

import pytest

from adsync.model.account import Macro
from adsync.model.analytics import Funnel
from adsync.model.dropoff import DropOff
from adsync.render.charts import NARROW, funnel_chart
from adsync.score import drop_off
from adsync.score.dropoff import drop_off_of
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


def test_the_days_are_those_of_ga4s_funnels() -> None:
    assert shop_funnel(1000, 200, 100, 50).window == a_baseline().window


def test_without_the_baseline_there_is_no_funnel() -> None:
    assert drop_off(an_account(), [a_funnel("add_to_cart")]) == DropOff(steps=())


def test_of_a_funnel_with_one_share_it_is_not_said_that_it_is_the_smallest() -> None:
    only = drop_off(an_account(candidates=()), [a_baseline(1000, 30)])
    assert [s.event_name for s in only.steps] == ["session_start", "purchase"] and only.advice == ""


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


def test_few_carts_are_a_share_of_visitors_and_point_to_the_traffic() -> None:
    advice = shop_funnel(2000, 49, 40, 30).advice
    assert (
        "Few carts: 2 % of visitors fill one (about 6 % is usual). Look at the traffic and the product page." in advice
    )
    # Two thirds of 5.9 % are 3.93 %.
    assert "Few carts:" in shop_funnel(10_000, 393, 300, 200).advice
    assert "Nor are carts few: 4 % of visitors" in shop_funnel(10_000, 394, 300, 200).advice


@pytest.mark.parametrize(("visitors", "carts"), [(80, 34), (570, 10), (847, 34), (1_000, 49)])
def test_too_few_carts_to_judge_are_said_to_be_that_and_no_more(visitors: int, carts: int) -> None:
    advice = shop_funnel(visitors, carts, carts, carts).advice
    assert f"Too few carts in these days to judge the checkout by ({carts} of {visitors:,} visitors)." in advice
    assert "Few carts" not in advice and "Look at" not in advice


def test_few_orders_of_the_carts_point_to_the_checkout() -> None:
    advice = shop_funnel(1000, 300, 100, 30).advice
    assert "Few carts become orders: 30 of 300 (10 %; about 30 % is usual)" in advice
    assert "cost, payment and errors in the checkout" in advice


def test_orders_of_people_without_a_cart_are_none_of_carts() -> None:
    funnels = [a_baseline(1000, 35), a_funnel("add_to_cart", 155, 28), a_funnel("begin_checkout", 60, 30)]
    found = drop_off(an_account(), funnels)
    assert found.steps[-1].users == 35
    assert "Few carts become orders: 28 of 155 (18 %; about 30 % is usual)" in found.advice


def test_a_good_checkout_points_to_traffic_and_page() -> None:
    advice = shop_funnel(10_000, 300, 200, 90).advice
    assert (
        "The checkout holds: 30 % of carts become orders (about 30 % is usual). Few carts: 3 % of visitors fill one "
        "(about 6 % is usual). Look at the traffic"
    ) in advice


def test_where_many_fill_a_cart_nobody_is_sent_to_the_traffic() -> None:
    for carts in (1_000, 10_000):
        advice = shop_funnel(10_000, carts, 5_000, carts // 2).advice
        assert "Few carts" not in advice and "product page" not in advice
        assert "The checkout holds: 50 % of carts become orders" in advice
        assert f"Nor are carts few: {carts // 100} % of visitors fill one (about 6 % is usual). The largest" in advice


def test_two_thirds_of_the_usual_orders_are_still_good() -> None:
    assert "Few carts become orders" in shop_funnel(10_000, 1000, 500, 199).advice
    below = shop_funnel(10_000, 1000, 500, 200).advice
    assert below.startswith(
        "The checkout keeps a little less than usual, but not much: 20 % of carts become orders (about 30 %"
    )
    assert "Few carts" not in below and "holds" not in below
    assert shop_funnel(10_000, 1000, 500, 269).advice.startswith("The checkout keeps a little less than usual")


def test_what_is_as_usual_or_cannot_be_told_from_it_is_no_news() -> None:
    assert shop_funnel(821, 75, 40, 22).advice.startswith("The checkout holds: 29 % of carts")
    assert shop_funnel(10_000, 1000, 500, 270).advice.startswith("The checkout holds: 27 % of carts")
    assert shop_funnel(1000, 100, 50, 25).advice.startswith(
        "25 % of carts become orders (about 30 % is usual); 100 carts are too few to tell that apart. Nor are carts few"
    )


def test_where_most_buyers_had_no_cart_the_log_lacks_carts_and_the_checkout_is_not_blamed() -> None:
    def advice(buyers: int, ordered: int) -> str:
        return drop_off(an_account(), [a_baseline(9000, buyers), a_funnel("add_to_cart", 246, ordered)]).advice

    told = advice(364, 11)
    assert told.startswith("Of 364 visitors who bought, 353 had filled no cart before: the log lacks events of carts")
    assert "Few carts" not in told and "Look at" not in told
    # Half of them may have their reasons, and of a handful nothing is told.
    assert advice(22, 11).startswith("Few carts become orders: 11 of 246")
    assert advice(23, 11).startswith("Of 23 visitors who bought, 12 had")
    assert advice(19, 1).startswith("Few carts become orders: 1 of 246")


def test_where_a_full_cart_is_the_main_conversion_nothing_is_said_of_carts() -> None:
    account = an_account(macro=Macro(event_name="add_to_cart", actions=("Cart",)))
    found = drop_off(account, [a_baseline(1000, 100), a_funnel("add_to_cart", 500, 100), a_funnel("begin_checkout")])
    assert found.advice.startswith("The largest share is lost between")


@pytest.mark.parametrize(
    ("macro", "is_order"),
    [
        ("purchase", True),
        ("kauf", True),
        ("begin_checkout", False),
        ("sign_up", False),
        ("subscribe", False),
        ("generate_lead", False),
    ],
)
def test_carts_become_orders_where_the_main_conversion_is_one(macro: str, is_order: bool) -> None:
    account = an_account(macro=Macro(event_name=macro, actions=("Main",)))
    advice = drop_off(account, [a_baseline(1000, 100), a_funnel("add_to_cart", 500, 100)]).advice
    assert ("of carts become orders" in advice) is is_order
    assert advice.endswith("go on.")


def test_the_step_that_loses_the_largest_share_is_named() -> None:
    advice = shop_funnel(1000, 500, 50, 40).advice
    assert 'The largest share is lost between "add_to_cart" and "begin_checkout": 10 % go on.' in advice


def test_where_nobody_is_lost_no_step_is_named() -> None:
    assert "lost" not in shop_funnel(100, 100, 100, 100).advice


def test_a_business_without_a_cart_is_told_where_it_loses_most_and_no_more() -> None:
    account = an_account(candidates=(a_candidate("form_start", title="Form begun"),))
    found = drop_off(account, [a_baseline(1000, 100), a_funnel("form_start", 400, 100)])
    assert found.advice == 'The largest share is lost between "Form begun" and "Purchase": 25 % go on.'


def test_a_step_that_hardly_anybody_reached_is_not_named() -> None:
    advice = shop_funnel(1000, 100, 49, 0).advice
    assert 'The largest share is lost between "Visitors" and "add_to_cart": 10 % go on.' in advice
    assert (
        'The largest share is lost between "begin_checkout" and "Purchase": 0 % go on.'
        in shop_funnel(1000, 100, 50, 0).advice
    )


def test_more_people_than_at_the_step_before_are_drawn_as_no_share_of_it() -> None:
    """GA4 counts each step by itself, whatever the order in which people take them."""
    drawn = funnel_chart(shop_funnel(1000, 40, 80, 20), "People")
    assert ">40  (4 % as many as the step before)<" in drawn and ">20  (25 % as many as the step before)<" in drawn
    assert ">80  (more than at the step before)<" in drawn and "200 %" not in drawn
    assert ">80  (more)<" in funnel_chart(shop_funnel(1000, 40, 80, 20), "People", NARROW)


@pytest.mark.parametrize(("buyers", "is_seen"), [(60, True), (61, False)])
def test_where_most_are_lost_is_told_only_where_half_of_the_buyers_took_these_steps(buyers: int, is_seen: bool) -> None:
    named = [
        ("(visitors)", "Visitors", 900),
        ("view_pricing", "Pricing", 300),
        ("trial", "Trial", 90),
        ("paid", "Paid", 30),
    ]
    advice = drop_off_of(named, buyers=buyers).advice
    assert ('The largest share is lost between "Pricing" and "Trial"' in advice) is is_seen
    if not is_seen:
        assert advice.startswith('Of 61 visitors who came to "Paid" 30 took all of these steps in this order')
