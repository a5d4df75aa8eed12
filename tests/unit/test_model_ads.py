"""What Google Ads holds, as the model sees it: which campaigns matter, who is whose mirror, what the fingerprint covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adsync.model.ads import AccountState, CampaignGoal, ConversionGoal, CustomGoal
from tests.builders import PROPERTY_ID, TODAY, a_campaign, a_macro_action, a_state, an_action


@pytest.mark.parametrize("strategy", ["TARGET_CPA", "TARGET_ROAS", "MAXIMIZE_CONVERSIONS", "MAXIMIZE_CONVERSION_VALUE"])
def test_smart_bidding_bids_on_conversions(strategy: str) -> None:
    assert a_campaign(strategy=strategy).bids_on_conversions


@pytest.mark.parametrize("strategy", ["MANUAL_CPC", "TARGET_SPEND", "TARGET_IMPRESSION_SHARE", "UNKNOWN"])
def test_other_strategies_do_not_bid_on_conversions(strategy: str) -> None:
    assert not a_campaign(strategy=strategy).bids_on_conversions


@pytest.mark.parametrize("status", ["PAUSED", "REMOVED"])
def test_a_campaign_that_does_not_run_bids_on_nothing(status: str) -> None:
    assert not a_campaign(status=status).bids_on_conversions


def test_a_target_is_fixed_when_it_is_more_than_nothing() -> None:
    assert a_campaign(target_cpa_micros=1).has_fixed_target
    assert a_campaign(target_roas=0.5).has_fixed_target
    assert not a_campaign().has_fixed_target


@pytest.mark.parametrize("status", ["LEARNING_NEW", "LEARNING_SETTING_CHANGE", "MULTIPLE_LEARNING"])
def test_a_campaign_that_google_calls_learning_is_learning(status: str) -> None:
    assert a_campaign(system_status=status).is_learning


@pytest.mark.parametrize(
    "status",
    [
        "ENABLED",
        "LIMITED_BY_BUDGET",
        "LIMITED_BY_DATA",
        "MISCONFIGURED_CONVERSION_TYPES",
        "MULTIPLE_MISCONFIGURED",
        "UNKNOWN",
    ],
)
def test_any_other_status_is_not_learning(status: str) -> None:
    assert not a_campaign(system_status=status).is_learning


def test_the_goal_of_an_action_is_its_category_and_origin() -> None:
    assert an_action(category="SIGNUP", origin="APP").goal == ("SIGNUP", "APP")


def test_the_state_is_sorted_whatever_the_order_of_reading() -> None:
    one, two = an_action("300"), an_action("200")
    campaigns = (a_campaign("9"), a_campaign("10"))
    state = a_state(one, two, campaigns=campaigns)
    assert [a.id for a in state.actions] == ["100", "200", "300"]
    assert state == a_state(two, one, campaigns=campaigns[::-1])


def test_the_fingerprint_does_not_know_the_date() -> None:
    state = a_state(an_action())
    assert replace(state, as_of=TODAY + timedelta(days=1)).fingerprint == state.fingerprint


def test_the_fingerprint_ignores_what_google_reports_about_learning() -> None:
    calm = a_state(campaigns=[a_campaign(system_status="ENABLED")])
    learning = a_state(campaigns=[a_campaign(system_status="LEARNING_NEW")])
    assert learning.fingerprint == calm.fingerprint


def changed_states() -> dict[str, AccountState]:
    state = a_state(an_action())
    return {
        "an action became primary": a_state(an_action(primary_for_goal=True)),
        "an action was removed": a_state(an_action(status="REMOVED")),
        "an action is new": a_state(an_action(), an_action("201")),
        "a goal is no longer biddable": replace(
            state, goals=(ConversionGoal(category="DEFAULT", origin="WEBSITE", biddable=False), *state.goals[1:])
        ),
        "a campaign has its own goals": replace(
            state,
            campaign_goals=(CampaignGoal(campaign_id="1", category="DEFAULT", origin="WEBSITE", biddable=True),),
        ),
        "a custom goal was made": replace(
            state, custom_goals=(CustomGoal(id="7", name="Carts", status="ENABLED", action_ids=("200",)),)
        ),
        "a campaign got a target": a_state(an_action(), campaigns=[a_campaign(target_cpa_micros=5_000_000)]),
    }


@pytest.mark.parametrize("what", changed_states())
def test_the_fingerprint_notices_that(what: str) -> None:
    assert changed_states()[what].fingerprint != a_state(an_action()).fingerprint


def test_an_action_is_found_by_its_id_and_by_nothing_else() -> None:
    state = a_state(an_action("200", name="300"))
    assert state.action("200") is not None
    assert state.action("300") is None


def test_a_name_or_an_id_means_all_actions_that_carry_it() -> None:
    state = a_state(an_action("200", name="Cart"), an_action("201", name="Cart"), an_action("202", name="Carts"))
    assert [a.id for a in state.actions_named("Cart")] == ["200", "201"]
    assert [a.id for a in state.actions_named("202")] == ["202"]


def test_a_removed_action_answers_to_no_name() -> None:
    assert a_state(an_action("200", name="Cart", status="REMOVED")).actions_named("Cart") == ()


def test_the_mirror_is_the_action_that_google_made_of_the_key_event() -> None:
    state = a_state(
        an_action("201", type="WEBPAGE"),
        an_action("202", ga4_property_id="999999999"),
        an_action("203", ga4_event_name="view_item"),
        an_action("204"),
    )
    mirror = state.mirror_of(PROPERTY_ID, "add_to_cart")
    assert mirror is not None and mirror.id == "204"


def test_a_removed_mirror_is_none() -> None:
    assert a_state(an_action(status="REMOVED")).mirror_of(PROPERTY_ID, "add_to_cart") is None


def test_a_hidden_mirror_is_a_mirror() -> None:
    mirror = a_state(an_action("204", status="HIDDEN")).mirror_of(PROPERTY_ID, "add_to_cart")
    assert mirror is not None and mirror.id == "204"


def test_only_actions_that_google_made_from_ga4_are_mirrors() -> None:
    assert an_action(type="GOOGLE_ANALYTICS_4_PURCHASE").is_ga4_mirror
    assert not a_macro_action().is_ga4_mirror


def test_only_smart_campaigns_are_looked_at() -> None:
    campaigns = [a_campaign("1"), a_campaign("2", strategy="MANUAL_CPC"), a_campaign("3", status="PAUSED")]
    assert [c.id for c in a_state(campaigns=campaigns).smart_campaigns()] == ["1"]
