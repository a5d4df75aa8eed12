"""Which actions of other people's count what a candidate counts, and which adsync may look after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adsync.errors import Refused
from adsync.model.account import Account
from adsync.model.adoption import Adoptable, Twin
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.change import KEY_EVENT, Change
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.plan.adoption import adoption, second, twins
from adsync.plan.guard import not_ours
from adsync.render.adoption import maker
from tests.builders import PROPERTY_ID, a_candidate, a_change, a_macro_action, a_state, an_account, an_action

CART = "add_to_cart"


def a_persons_tag(**different: Any) -> ConversionAction:
    values: dict[str, Any] = {
        "name": "Add to cart (GTM)",
        "type": "WEBPAGE",
        "category": "ADD_TO_CART",
        "ga4_event_name": "",
        "ga4_property_id": "",
    }
    return an_action("300", **{**values, **different})


def shop(**different: Any) -> Account:
    return an_account(candidates=(a_candidate(CART, title="Added to cart", **different),))


def found(*actions: ConversionAction, account: Account | None = None, managed: tuple[str, ...] = ()) -> list[Twin]:
    return list(twins(account or shop(), a_state(*actions), frozenset(managed)))


@pytest.mark.parametrize(
    ("name", "category", "is_sure"),
    [
        ("Add to cart", "ADD_TO_CART", True),
        ("Shop - ADD TO CART button", "ADD_TO_CART", True),
        ("addtocart", "ADD_TO_CART", True),
        ("Added to cart (website)", "ADD_TO_CART", True),
        ("Add to card", "ADD_TO_CART", True),
        ("adsync: Added to cart", "ADD_TO_CART", True),
        ("Warenkorb", "ADD_TO_CART", False),
        ("\u30ab\u30fc\u30c8", "ADD_TO_CART", False),
        ("Cart", "ADD_TO_CART", False),
        ("", "ADD_TO_CART", False),
        ("Add to cart", "SIGNUP", None),
        ("Newsletter", "SIGNUP", None),
    ],
)
def test_a_tag_is_known_by_category_and_name(name: str, category: str, is_sure: bool | None) -> None:
    assert [t.is_sure for t in found(a_persons_tag(name=name, category=category))] == (
        [] if is_sure is None else [is_sure]
    )


def test_a_category_that_holds_all_kinds_of_things_says_nothing_by_itself() -> None:
    scrolled = an_account(candidates=(a_candidate("scroll", title="Scrolled", category="ENGAGEMENT"),))
    assert found(a_persons_tag(name="Video", category="ENGAGEMENT"), account=scrolled) == []
    assert found(a_persons_tag(name="Scrolled", category="ENGAGEMENT"), account=scrolled) != []


@pytest.mark.parametrize(
    ("different", "is_sure"),
    [
        ({}, True),
        ({"status": "HIDDEN"}, None),
        ({"ga4_property_id": "999"}, None),
        ({"ga4_event_name": "view_cart"}, None),
    ],
)
def test_a_mirror_that_somebody_has_switched_on_is_known_by_its_event(
    different: dict[str, Any], is_sure: bool | None
) -> None:
    assert [t.is_sure for t in found(an_action("300", **different))] == ([] if is_sure is None else [is_sure])


def test_what_is_ours_the_macro_removed_or_said_to_be_another_thing_is_no_twin() -> None:
    tag = a_persons_tag()
    assert found(tag, managed=("300",)) == []
    assert found(a_persons_tag(status="REMOVED")) == []
    assert found(tag, account=shop(distinct_from=("300",))) == []
    assert found(tag, account=shop(distinct_from=("Add to cart (GTM)",))) == []
    assert found(a_macro_action(name="Add to cart", category="ADD_TO_CART")) == [], "it is known by its id"
    assert found(a_persons_tag(type="UPLOAD_CLICKS")) == []


def test_an_action_is_offered_once_as_what_it_most_surely_is() -> None:
    begun = a_candidate("cart_begun", title="Cart", category="ADD_TO_CART")
    account = an_account(candidates=(begun, a_candidate(CART)))
    assert [(t.event_name, t.is_sure) for t in found(a_persons_tag(), account=account)] == [(CART, True)]


# No second one --------------------------------------------------------------------------------------------------------


def why_not(state: AccountState, verb: Verb = Verb.KEY_EVENT, past: Past | None = None, **account: Any) -> str:
    kind = KEY_EVENT if verb is Verb.KEY_EVENT else "conversion_action"
    return second(a_change(verb, kind=kind, object_id="200"), shop(**account), state, past or Past())


def test_a_plan_makes_no_second_action_and_says_the_ways_out() -> None:
    said = why_not(a_state(a_persons_tag()))
    assert '"Add to cart (GTM)"' in said and "adsync adopt --action 300 --as add_to_cart" in said
    assert "beside the account's candidates: distinct_from: {add_to_cart: [300]}." in said
    assert "belongs to account 9," in why_not(a_state(a_persons_tag(owner_customer_id="9")))
    assert why_not(a_state(a_persons_tag(name="Warenkorb"))) == "", "a person should look, and nothing waits for it"
    assert why_not(a_state(a_persons_tag()), distinct_from=("300",)) == ""
    assert why_not(a_state(a_persons_tag()), Verb.DEMOTE) == ""


def test_a_name_that_is_taken_by_what_is_switched_off_is_named_before_google_refuses_it() -> None:
    state = a_state(a_persons_tag(name="adsync: Added to cart", status="HIDDEN", category="DEFAULT"))
    assert "rename it" in why_not(state, Verb.CREATE, route="tag")
    assert why_not(state, Verb.KEY_EVENT) == "", "the mirror has a name of Google's"


def test_an_event_that_adsync_counts_already_gets_no_second_action() -> None:
    past = Past(managed=frozenset({"300"}), counted_by=((CART, "300"),))
    assert "for adsync already" in why_not(a_state(a_persons_tag(name="Warenkorb")), past=past)
    assert why_not(a_state(a_persons_tag(status="REMOVED")), past=past) == ""


def test_the_mirror_of_the_event_itself_is_no_reason_against_switching_it_on() -> None:
    assert why_not(a_state(an_action("200", status="HIDDEN")), Verb.ENABLE) == ""


# Who may be looked after ----------------------------------------------------------------------------------------------


def adopting(action: ConversionAction, account: Account | None = None) -> Change:
    owner = account or shop()
    return adoption(owner, action, owner.candidates[0], "It is the same")


def refusal(action: ConversionAction, past: Past | None = None) -> str:
    refused = not_ours(adopting(action), shop(), a_state(action), past or Past())
    assert refused is None or isinstance(refused, Refused)
    return str(refused or "")


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (a_persons_tag(), ""),
        (a_persons_tag(primary_for_goal=True), ""),
        (an_action("300"), ""),
        (a_persons_tag(status="HIDDEN"), "is hidden"),
        (a_persons_tag(type="UPLOAD_CLICKS"), "is of type UPLOAD_CLICKS"),
        (a_persons_tag(owner_customer_id="9990000001"), "belongs to account 9990000001"),
        (an_action("300", ga4_event_name="view_cart"), "counts view_cart of GA4 property"),
        (an_action("300", ga4_property_id="9"), f"of property {PROPERTY_ID}"),
        (an_action("300", ga4_event_name="purchase"), "counts the main conversion"),
        (a_persons_tag(name="Sale, old", category="PURCHASE"), "what the main conversion counts"),
        (a_persons_tag(name="Cart", category="DEFAULT"), ""),
    ],
)
def test_only_what_records_this_event_for_this_account_is_adopted(action: ConversionAction, says: str) -> None:
    assert says in refusal(action) and bool(says) == bool(refusal(action))


def test_an_adoption_keeps_how_everything_stood_that_adsync_may_change() -> None:
    change = adopting(a_persons_tag(default_value=3.0))
    assert dict(change.before or ())["default_value"] == 3.0
    assert change.is_kept_here and dict(change.after or ())["stands_for"] == CART
    back = change.inverse()
    assert (back.verb, back.before, back.after) == (Verb.RELEASE, change.after, change.before)
    assert back.inverse() == adopting(a_persons_tag(default_value=3.0)).inverse().inverse()


def test_the_word_is_about_one_event() -> None:
    checkout = an_account(candidates=(a_candidate("begin_checkout"),))
    assert adopting(a_persons_tag()).hash != adopting(a_persons_tag(), checkout).hash


def test_when_an_action_came_is_said_by_the_day() -> None:
    twin = Twin(action=a_persons_tag(), event_name="add_to_cart", why="", is_sure=True)
    seen = datetime(2026, 3, 30, 4, tzinfo=UTC)
    later = Adoptable(twin=twin, conversions=1.0, campaigns=(), after=seen, until=seen + timedelta(days=1))
    assert maker(later) == "made by somebody between 2026-03-30 and 2026-03-31"
    assert maker(replace(later, until=seen + timedelta(hours=1))) == "made by somebody on 2026-03-30"
    assert maker(replace(later, after=None)) == "made by somebody before adsync's first look on 2026-03-31"
