"""The catalogue: usual micro-conversions that Google's names fit, and that any business can choose from."""

from __future__ import annotations

import re

import pytest

from adsync.catalog import BUSINESSES, CATALOGUE, MAIN_GOALS, Origin, candidates_for, entry, menu

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
    "MESSAGE_LEAD",
    "ENGAGEMENT",
}

# What people look for in the menu of a business, in their words, and the entries that are meant.
ASKED_FOR = [
    ("content", "third page of a session", "third_page", "page_view*3"),
    ("content", "fourth page of a session", "fourth_page", "page_view*4"),
    ("content", "60 seconds on the site", "stay_60_seconds", "60s"),
    ("content", "120 seconds on the site", "stay_120_seconds", "120s"),
    ("content", "75 % scroll", "scroll_75", "scroll[percent_scrolled>=75]"),
    ("content", "75 % of a video", "video_75", "video_progress[video_percent>=75]"),
    ("content", "the end of a video", "video_complete", "video_complete"),
    ("shop", "add to cart", "add_to_cart", "add_to_cart"),
    ("shop", "cart opened", "view_cart", "view_cart"),
    ("shop", '"to checkout" clicked', "begin_checkout", "begin_checkout"),
    ("shop", "order form begun", "start_order_form", "form_start[/checkout]"),
    ("shop", "checkout step: address", "add_address", "add_address"),
    ("shop", "checkout step: delivery", "add_shipping_info", "add_shipping_info"),
    ("shop", "checkout step: payment", "add_payment_info", "add_payment_info"),
    ("shop", "choice of a payment method", "add_payment_info", "add_payment_info"),
    ("shop", "choice of a delivery method", "add_shipping_info", "add_shipping_info"),
    ("saas", "trial sign-up", "start_trial", "start_trial"),
    ("saas", "first login", "login", "login"),
    ("saas", "key action: first project", "create_project", "create_project"),
    ("saas", "key action: data import", "import_data", "import_data"),
    ("saas", "key action: member invited", "invite_member", "invite_member"),
    ("saas", "integration set up", "connect_integration", "connect_integration"),
    ("saas", "pricing page", "view_pricing", "page_view[/pricing]"),
    ("saas", "demo booked", "book_demo", "book_demo"),
    ("leads", "newsletter", "newsletter_sign_up", "newsletter_sign_up"),
    ("leads", "download: e-book, report, checklist, case study", "file_download", "file_download"),
    ("leads", "webinar sign-up", "webinar_sign_up", "webinar_sign_up"),
    ("leads", "click on a phone number", "click_phone", "click_phone"),
    ("leads", "click on an e-mail address", "click_email", "click_email"),
    ("leads", "chat begun", "start_chat", "start_chat"),
    ("leads", '"book a demo"', "book_demo", "book_demo"),
    ("leads", "offer downloaded", "download_offer", "file_download[/offer]"),
    ("social", "share clicked", "share", "share"),
    ("social", "profile followed", "follow_profile", "follow_profile"),
    ("social", "review left", "write_review", "write_review"),
    ("social", "testimonials read", "view_testimonials", "page_view[/testimonials]"),
    ("social", "case studies read", "view_case_study", "page_view[/case-studies]"),
]

# What an account takes that names no candidates: its helpers depend on it, so it changes on purpose or not at all.
TAKEN = {
    "shop": (
        "scroll view_item view_search_results add_to_wishlist sign_up add_to_cart view_cart begin_checkout "
        "add_shipping_info add_payment_info"
    ),
    "saas": (
        "video_progress sign_up video_complete file_download form_start login tutorial_begin tutorial_complete "
        "generate_lead"
    ),
    "leads": "scroll video_progress sign_up video_complete file_download form_start working_lead",
    "content": "scroll video_progress view_search_results share sign_up video_complete file_download",
    "social": "video_progress share sign_up video_complete join_group",
}
# GA4 keeps names that begin so for itself.
RESERVED = ("ga_", "google_", "firebase_", "gtag.", "ad_", "_")
# What GA4 sends by itself, as far as it is an entry or its condition.
SENT_BY_GA4 = {
    *("page_view", "scroll", "click", "view_search_results", "video_start", "video_progress", "video_complete"),
    *("file_download", "form_start", "form_submit"),
}


def test_every_event_is_listed_once() -> None:
    names = [e.event_name for e in CATALOGUE]
    assert len(names) == len(set(names))


def test_every_name_is_one_that_ga4_takes() -> None:
    for e in (*CATALOGUE, *MAIN_GOALS):
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", e.event_name), e
        assert not e.event_name.startswith(RESERVED), e


@pytest.mark.parametrize(("business", "phrase", "event_name", "condition"), ASKED_FOR, ids=lambda text: str(text))
def test_what_people_look_for_is_on_the_menu(business: str, phrase: str, event_name: str, condition: str) -> None:
    (found,) = [e for e in menu(business) if e.event_name == event_name]
    assert found.condition.text == condition


@pytest.mark.parametrize("business", BUSINESSES)
def test_an_account_that_names_no_candidates_takes_plain_events_that_most_sites_send(business: str) -> None:
    taken = candidates_for(business, macro_event="")
    assert [c.event_name for c in taken] == TAKEN[business].split()
    for candidate in taken:
        known = entry(candidate.event_name)
        assert known is not None and known.taken and known.origin is not Origin.CUSTOM
        assert known.condition.is_an_event and known.condition.event == known.event_name


def test_what_is_said_to_come_from_ga4_itself_does() -> None:
    for e in CATALOGUE:
        assert (e.origin is Origin.AUTOMATIC) == (e.event_name in SENT_BY_GA4), e
        if not e.condition.is_an_event and e.condition.event:
            assert e.condition.event in {*SENT_BY_GA4, "view_item"}, "a condition is on what a site sends already"


def test_every_platform_has_a_name_or_is_said_to_have_none() -> None:
    for e in (*CATALOGUE, *MAIN_GOALS):
        assert [platform for platform, _ in e.names] == ["meta", "linkedin", "tiktok", "microsoft", "pinterest"]
        for platform, found in e.names:
            assert found.name == "custom" or re.fullmatch(r"[A-Za-z][A-Za-z_]+", found.name), (e, platform)


def test_names_that_nobody_has_verified_say_so() -> None:
    cart, trial = entry("add_to_cart"), entry("start_trial")
    assert cart is not None and all(found.verified for _, found in cart.names)
    assert trial is not None
    assert [platform for platform, found in trial.names if not found.verified] == ["linkedin", "tiktok", "pinterest"]
    assert trial.names.linkedin.name == "START_TRIAL"


def test_helpers_are_counted_once_and_sales_each_time() -> None:
    assert {e.counting_type for e in CATALOGUE} == {"ONE_PER_CLICK"}
    counted = {e.event_name for e in MAIN_GOALS if e.counting_type == "MANY_PER_CLICK"}
    assert counted == {"purchase", "subscribe"}


def test_no_two_entries_mean_the_same() -> None:
    assert len({e.condition for e in CATALOGUE}) == len(CATALOGUE)


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
