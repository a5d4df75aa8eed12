"""Existing against desired: one change for each decision that is not fulfilled already."""

from __future__ import annotations

from typing import Any

import pytest

from adsync.model.ads import ConversionAction
from adsync.model.change import ACTION, KEY_EVENT, Change, fields
from adsync.model.decision import Decision, Verb
from adsync.plan import changes_for
from tests.builders import CUSTOMER_ID, PROPERTY_ID, a_candidate, a_state, an_account, an_action


def change(verb: Verb, *actions: ConversionAction, action_id: str = "200", **account: Any) -> Change | None:
    decision = Decision(
        event_name="add_to_cart", verb=verb, action_id=action_id, because="97 of 101", numbers=(("needed", 101),)
    )
    found = changes_for(an_account(**account), a_state(*actions), [decision])
    assert len(found) <= 1
    return found[0] if found else None


def test_a_demotion_makes_a_primary_action_secondary() -> None:
    found = change(Verb.DEMOTE, an_action(primary_for_goal=True))
    assert found == Change(
        customer_id=CUSTOMER_ID,
        kind=ACTION,
        object_id="200",
        title="Shop (web) add_to_cart",
        verb=Verb.DEMOTE,
        before=fields(primary_for_goal=True),
        after=fields(primary_for_goal=False),
        event_name="add_to_cart",
        because="97 of 101",
        numbers=(("needed", 101),),
    )


@pytest.mark.parametrize("verb", [Verb.PROMOTE, Verb.RESTORE])
def test_a_promotion_and_a_return_make_a_secondary_action_primary(verb: Verb) -> None:
    found = change(verb, an_action())
    assert found is not None and found.verb is verb
    assert (found.before, found.after) == (fields(primary_for_goal=False), fields(primary_for_goal=True))


@pytest.mark.parametrize(
    ("verb", "fulfilled"),
    [
        (Verb.DEMOTE, {"primary_for_goal": False}),
        (Verb.PROMOTE, {"primary_for_goal": True}),
        (Verb.RESTORE, {"primary_for_goal": True}),
        (Verb.ENABLE, {"status": "ENABLED", "primary_for_goal": False}),
        (Verb.UPDATE, {"counting_type": "ONE_PER_CLICK"}),
    ],
)
def test_what_is_so_already_is_no_change(verb: Verb, fulfilled: dict[str, Any]) -> None:
    assert change(verb, an_action(**fulfilled)) is None


def test_a_mirror_is_enabled_and_made_secondary_in_one_change() -> None:
    found = change(Verb.ENABLE, an_action(status="HIDDEN", primary_for_goal=True))
    assert found is not None
    assert found.before == fields(status="HIDDEN", primary_for_goal=True)
    assert found.after == fields(status="ENABLED", primary_for_goal=False)


def test_an_enabled_action_that_is_primary_is_still_made_secondary_by_enabling() -> None:
    found = change(Verb.ENABLE, an_action(primary_for_goal=True))
    assert found is not None and found.update_mask() == ("primary_for_goal",)


def test_an_update_corrects_how_it_counts() -> None:
    found = change(Verb.UPDATE, an_action(counting_type="MANY_PER_CLICK"))
    assert found is not None and found.after == fields(counting_type="ONE_PER_CLICK")


def test_a_key_event_is_marked_in_ga4_once_per_session() -> None:
    found = change(Verb.KEY_EVENT)
    assert found is not None
    assert (found.kind, found.object_id, found.property_id) == (KEY_EVENT, "add_to_cart", PROPERTY_ID)
    assert (found.before, found.after) == (None, fields(counting_method="ONCE_PER_SESSION"))


def test_an_action_is_created_as_secondary_in_the_create_call() -> None:
    found = change(Verb.CREATE, candidates=(a_candidate(title="Added to cart", category="ADD_TO_CART"),))
    assert found is not None
    assert found.object_id == found.title == "adsync: Added to cart"
    assert found.before is None
    assert dict(found.after or ()) == {
        "name": "adsync: Added to cart",
        "type": "WEBPAGE",
        "category": "ADD_TO_CART",
        "counting_type": "ONE_PER_CLICK",
        "status": "ENABLED",
        "primary_for_goal": False,
    }


def test_a_decision_that_changes_nothing_is_no_change() -> None:
    decision = Decision(event_name="add_to_cart", because="Observed.", action_id="200")
    assert changes_for(an_account(), a_state(an_action()), [decision]) == ()


def test_an_action_that_is_gone_is_no_change() -> None:
    assert change(Verb.DEMOTE, action_id="999") is None


def test_an_event_that_is_no_candidate_any_more_is_no_change() -> None:
    assert change(Verb.DEMOTE, an_action(primary_for_goal=True), candidates=(a_candidate("scroll"),)) is None
