"""The catalogue: usual micro-conversions that Google's names fit, and that any business can choose from."""

from __future__ import annotations

import re

import pytest

from adsync.catalog import BUSINESSES, CATALOGUE, candidates_for, entry

# ConversionActionCategory of the Google Ads API v26, as far as it is not about sales themselves.
CATEGORIES = {
    "PAGE_VIEW",
    "SIGNUP",
    "DOWNLOAD",
    "ADD_TO_CART",
    "BEGIN_CHECKOUT",
    "SUBSCRIBE_PAID",
    "PHONE_CALL_LEAD",
    "IMPORTED_LEAD",
    "SUBMIT_LEAD_FORM",
    "BOOK_APPOINTMENT",
    "REQUEST_QUOTE",
    "GET_DIRECTIONS",
    "OUTBOUND_CLICK",
    "CONTACT",
    "ENGAGEMENT",
}


def test_every_event_is_listed_once() -> None:
    names = [e.event_name for e in CATALOGUE]
    assert len(names) == len(set(names))


def test_every_name_is_one_that_ga4_takes() -> None:
    for e in CATALOGUE:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", e.event_name), e


def test_every_category_is_one_of_google_ads() -> None:
    assert {e.category for e in CATALOGUE} <= CATEGORIES


def test_every_depth_lies_between_early_and_just_before_the_macro() -> None:
    assert all(1 <= e.depth <= 9 for e in CATALOGUE)


def test_every_entry_belongs_to_a_business_model_that_exists() -> None:
    for e in CATALOGUE:
        assert e.businesses and e.businesses <= set(BUSINESSES), e


@pytest.mark.parametrize("business", BUSINESSES)
def test_every_business_model_has_some_to_choose_from(business: str) -> None:
    assert 3 <= len(candidates_for(business, macro_event="purchase")) <= 30


def test_a_shop_is_offered_its_steps_from_shallow_to_deep() -> None:
    names = [c.event_name for c in candidates_for("shop", macro_event="purchase")]
    steps = ["view_item", "add_to_cart", "view_cart", "begin_checkout", "add_shipping_info", "add_payment_info"]
    assert [n for n in names if n in steps] == steps
    depths = [c.depth for c in candidates_for("shop", macro_event="purchase")]
    assert depths == sorted(depths)


def test_the_macro_is_not_its_own_candidate() -> None:
    assert "generate_lead" in [c.event_name for c in candidates_for("saas", macro_event="sign_up")]
    assert "generate_lead" not in [c.event_name for c in candidates_for("saas", macro_event="generate_lead")]


def test_a_shop_is_not_offered_what_only_saas_has() -> None:
    assert "tutorial_begin" not in [c.event_name for c in candidates_for("shop", macro_event="purchase")]


def test_an_unknown_business_has_no_candidates() -> None:
    assert candidates_for("lottery", macro_event="purchase") == ()


def test_candidates_carry_what_the_catalogue_says_and_take_googles_mirror() -> None:
    known = entry("begin_checkout")
    assert known is not None
    candidate = next(c for c in candidates_for("shop", macro_event="purchase") if c.event_name == "begin_checkout")
    assert (candidate.title, candidate.category, candidate.depth) == (known.title, known.category, known.depth)
    assert candidate.on_path and candidate.route == "ga4"


def test_a_scroll_is_no_step_on_the_path() -> None:
    known = entry("scroll")
    assert known is not None and not known.on_path


def test_an_event_of_ones_own_is_not_in_the_catalogue() -> None:
    assert entry("spun_the_wheel") is None
