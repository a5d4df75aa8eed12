"""The plan: changes in an order that never leaves bidding without a signal, each with its consent."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from adsync.errors import Refused
from adsync.model.ads import AccountState
from adsync.model.change import KEY_EVENT, TARGET_FIELDS, Change, fields
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import Consent, Plan
from adsync.model.target import CAMPAIGN
from adsync.plan import make_plan
from tests.builders import (
    CUSTOMER_ID,
    NOW,
    TODAY,
    a_campaign,
    a_change,
    a_macro_action,
    a_state,
    an_account,
    an_action,
)

PAST = Past(managed=frozenset({"200", "201"}), trusted=frozenset({"200", "201"}), reviewed=True)


def planned(state: AccountState, *changes: Change, past: Past = PAST, **different: object) -> Plan:
    arguments: dict[str, object] = {"now": NOW, "number": 3, **different}
    return make_plan(an_account(), state, changes, past, **arguments)  # type: ignore[arg-type]


def verbs(plan: Plan) -> list[str]:
    return [p.change.verb.value for p in plan.changes]


def without_macro(*, first: bool, second: bool) -> AccountState:
    """Two helpers and a macro that does not count, so that bidding lives from the helpers alone."""
    actions = (
        a_macro_action(primary_for_goal=False),
        an_action("200", primary_for_goal=first),
        an_action("201", ga4_event_name="begin_checkout", primary_for_goal=second),
    )
    return a_state(actions=actions, goals=a_state(an_action()).goals)


DEMOTE = a_change(Verb.DEMOTE)
RESTORE = a_change(Verb.RESTORE, object_id="201", event_name="begin_checkout")


def test_a_plan_is_called_after_account_date_and_number_and_knows_what_it_was_made_against() -> None:
    state = a_state(an_action(primary_for_goal=True))
    plan = planned(state, DEMOTE)
    assert plan.id == f"shop-{TODAY}-3"
    assert (plan.account, plan.customer_id, plan.made_on, plan.made_at) == ("shop", CUSTOMER_ID, TODAY, NOW)
    assert plan.fingerprint == state.fingerprint
    assert plan.origin == "night"


def test_a_plan_may_hold_nothing() -> None:
    assert planned(a_state()).changes == ()


def test_what_gives_a_signal_comes_before_what_takes_one_away() -> None:
    state = a_state(
        an_action("200", primary_for_goal=True),
        an_action("201", ga4_event_name="begin_checkout"),
        an_action("202", ga4_event_name="view_cart", status="HIDDEN"),
    )
    enable = a_change(
        Verb.ENABLE,
        object_id="202",
        event_name="view_cart",
        before=fields(status="HIDDEN", primary_for_goal=False),
        after=fields(status="ENABLED", primary_for_goal=False),
    )
    mark = a_change(Verb.KEY_EVENT, kind=KEY_EVENT, object_id="scroll", event_name="scroll", before=None)
    for order in permutations([DEMOTE, RESTORE, enable, mark]):
        assert verbs(planned(state, *order)) == ["key_event", "enable", "restore", "demote"]


def test_every_verb_has_its_place() -> None:
    past = replace(PAST, managed=frozenset(str(n) for n in range(200, 220)))
    for verb in Verb:
        change = a_change(verb, before=fields(), after=fields())
        if verb is Verb.CREATE:
            made = fields(name="x", status="ENABLED", type="WEBPAGE", category="SIGNUP", counting_type="ONE_PER_CLICK")
            change = replace(change, object_id="x", after=(*made, ("primary_for_goal", False)))
        if verb is Verb.ADOPT:
            change = replace(change, object_id="300")
        if verb is Verb.TARGET:
            now, then = (fields(**{TARGET_FIELDS["TARGET_CPA"]: value}) for value in (10e6, 9e6))
            change = replace(change, kind=CAMPAIGN, object_id="none", before=now, after=then)
        assert verbs(planned(a_state(an_action(), an_action("300")), change, past=past)) == [verb.value]


def test_what_is_enabled_or_adopted_may_be_bid_on_by_what_follows_in_the_same_plan() -> None:
    """So a rollback of a whole stretch can be taken back, after which nothing of it was adsync's any more."""
    nobodys = replace(PAST, managed=frozenset())
    hidden = an_action("202", ga4_event_name="view_cart", status="HIDDEN")
    off, on = (fields(status=status, primary_for_goal=False) for status in ("HIDDEN", "ENABLED"))
    enable = a_change(Verb.ENABLE, object_id="202", event_name="view_cart", before=off, after=on)
    back = a_change(Verb.RESTORE, object_id="202", event_name="view_cart")
    assert verbs(planned(a_state(hidden), back, enable, past=nobodys)) == ["enable", "restore"]
    with pytest.raises(Refused, match="was not made by adsync"):
        planned(a_state(hidden), back, past=nobodys)


def test_a_demotion_after_a_return_may_be_applied_because_the_return_comes_first() -> None:
    plan = planned(without_macro(first=True, second=False), DEMOTE, RESTORE)
    assert [(p.change.verb, p.consent) for p in plan.changes] == [
        (Verb.RESTORE, Consent.AUTO),
        (Verb.DEMOTE, Consent.AUTO),
    ]


def test_of_two_demotions_the_one_that_would_leave_nothing_is_only_proposed() -> None:
    second = a_change(Verb.DEMOTE, object_id="201", event_name="begin_checkout")
    plan = planned(without_macro(first=True, second=True), DEMOTE, second)
    assert [(p.change.object_id, p.consent) for p in plan.changes] == [
        ("200", Consent.AUTO),
        ("201", Consent.PROPOSAL),
    ]


def test_a_change_that_is_only_proposed_gives_no_signal_to_those_after_it() -> None:
    past = replace(PAST, open=frozenset({"201"}))
    plan = planned(without_macro(first=True, second=False), DEMOTE, RESTORE, past=past)
    assert [p.consent for p in plan.changes] == [Consent.PROPOSAL, Consent.PROPOSAL]
    assert "no conversion left" in plan.changes[1].consent_because


def test_a_plan_carries_the_effects_of_each_change() -> None:
    plan = planned(a_state(an_action(primary_for_goal=True), campaigns=[a_campaign("9")]), DEMOTE)
    assert [e.campaign_id for e in plan.changes[0].effects] == ["9"]


def test_why_a_person_is_needed_is_matched_by_the_change() -> None:
    state = a_state(an_action("200", primary_for_goal=True), an_action("201", ga4_event_name="begin_checkout"))
    plan = planned(state, DEMOTE, RESTORE, needs_person={DEMOTE.hash: "It came back."})
    assert [(p.change.verb, p.consent_because) for p in plan.changes] == [
        (Verb.RESTORE, ""),
        (Verb.DEMOTE, "It came back."),
    ]


def test_a_rollback_is_marked_as_one_and_reviewed() -> None:
    plan = planned(a_state(an_action(primary_for_goal=True)), DEMOTE, origin="rollback")
    assert plan.origin == "rollback"
    assert plan.changes[0].consent is Consent.REVIEW


def test_one_change_of_the_macro_refuses_the_whole_plan() -> None:
    with pytest.raises(Refused, match="main conversion"):
        planned(a_state(an_action(primary_for_goal=True)), DEMOTE, a_change(object_id="100"))
