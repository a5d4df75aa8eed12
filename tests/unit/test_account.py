"""An account as its owner describes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adsync.model.account import Macro
from adsync.model.condition import condition
from adsync.model.policy import Policy
from tests.builders import MACRO_ID, a_candidate, a_macro_action, a_state, an_account, an_action


def test_the_macro_is_the_first_of_the_events() -> None:
    assert an_account().events == ("purchase", "add_to_cart", "begin_checkout")


def test_a_candidate_is_found_by_its_event() -> None:
    found = an_account().candidate("begin_checkout")
    assert found is not None and found.depth == 6
    assert an_account().candidate("purchase") is None


def test_actions_that_adsync_creates_carry_its_prefix() -> None:
    assert an_account(name_prefix="x/").tag_name(a_candidate(title="Added to cart")) == "x/Added to cart"


def test_an_action_of_the_log_is_found_by_its_id_whatever_its_name() -> None:
    account, tag = an_account(), a_candidate(route="tag")
    renamed = an_action("300", name="Cart, new", type="WEBPAGE", ga4_event_name="")
    twin = an_action("301", name=account.tag_name(tag), type="WEBPAGE", ga4_event_name="")
    state, known = a_state(renamed, twin), (("add_to_cart", "300"),)
    assert account.action_of(state, tag, known) == renamed
    assert account.action_of(state, tag) == twin, "without a log its name says which it is"
    removed = a_state(replace(renamed, status="REMOVED"), twin)
    assert account.action_of(removed, tag, known) == twin


def test_the_macros_come_in_the_order_of_the_config_each_once() -> None:
    account = an_account(macro=Macro(event_name="purchase", actions=("Sale", MACRO_ID, "Gone", "Purchase (web)")))
    state = a_state(a_macro_action("90", name="Sale"), a_macro_action("91", name="Sale", status="REMOVED"))
    assert [a.id for a in account.macro_actions(state)] == ["90", MACRO_ID]


def test_the_fingerprint_does_not_depend_on_the_order_of_the_kinds() -> None:
    one = an_account(auto=frozenset(["create", "enable", "demote"]))
    other = an_account(auto=frozenset(["demote", "enable", "create"]))
    assert one.fingerprint == other.fingerprint


def test_what_a_night_leaves_out_does_not_make_it_decide_anew() -> None:
    assert an_account(conditions=(condition("page_view*3"),)).fingerprint == an_account().fingerprint
    logged = an_account(event_log=("export",))
    assert replace(logged, conditions=(condition("page_view*3"),)).fingerprint != logged.fingerprint, (
        "it is asked there"
    )


@pytest.mark.parametrize(
    "different",
    [
        {"policy": Policy(demote_checks=4)},
        {"auto": frozenset({"create"})},
        {"macro": Macro(event_name="purchase", actions=("Sale",))},
        {"candidates": (a_candidate(),)},
        {"event_log": ("export",)},
    ],
)
def test_the_fingerprint_notices_other_settings(different: dict[str, Any]) -> None:
    assert replace(an_account(), **different).fingerprint != an_account().fingerprint
