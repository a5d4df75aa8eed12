"""What a change would make of the account, and what each campaign's bidding would see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync.model.ads import ConversionGoal
from adsync.model.change import KEY_EVENT, Change, fields
from adsync.model.decision import Verb
from adsync.model.volume import ActionDay
from adsync.plan.outcome import effects, left_without, state_after
from tests.builders import MACRO_ID, TODAY, a_campaign, a_change, a_macro_action, a_state, an_action


def a_creation(**different: Any) -> Change:
    values: dict[str, Any] = {
        "name": "adsync: Signed up",
        "type": "WEBPAGE",
        "category": "SIGNUP",
        "counting_type": "ONE_PER_CLICK",
        "status": "ENABLED",
        "primary_for_goal": False,
    }
    return a_change(Verb.CREATE, object_id="adsync: Signed up", before=None, after=fields(**{**values, **different}))


def days(campaign_id: str, action_id: str, conversions: float, count: int = 28) -> list[ActionDay]:
    return [
        ActionDay(
            date=TODAY - timedelta(days=n),
            campaign_id=campaign_id,
            action_id=action_id,
            conversions=0.0,
            all_conversions=conversions,
            value=0.0,
            all_value=0.0,
        )
        for n in range(1, count + 1)
    ]


def test_a_changed_action_carries_what_the_change_wants_and_the_others_stay() -> None:
    state = a_state(an_action(primary_for_goal=True), an_action("201", primary_for_goal=True))
    assert state_after(state, a_change(Verb.DEMOTE)) == a_state(
        an_action(primary_for_goal=False), an_action("201", primary_for_goal=True)
    )


def test_a_key_event_changes_nothing_in_google_ads_at_first() -> None:
    state = a_state(an_action())
    marked = a_change(Verb.KEY_EVENT, kind=KEY_EVENT, object_id="200", before=None, after=fields(status="REMOVED"))
    assert state_after(state, marked) == state


def test_a_removed_action_is_removed() -> None:
    removed = state_after(a_state(an_action()), a_change(Verb.REMOVE, after=None)).action("200")
    assert removed is not None and removed.status == "REMOVED"


def test_a_created_action_is_there_under_the_name_it_will_carry() -> None:
    made = state_after(a_state(), a_creation()).action("adsync: Signed up")
    assert made is not None
    assert (made.name, made.category, made.origin) == ("adsync: Signed up", "SIGNUP", "WEBSITE")
    assert (made.status, made.counting_type, made.primary_for_goal) == ("ENABLED", "ONE_PER_CLICK", False)


def test_the_first_action_of_a_category_brings_a_goal_that_campaigns_bid_on() -> None:
    goals = state_after(a_state(), a_creation()).goals
    assert ConversionGoal(category="SIGNUP", origin="WEBSITE", biddable=True) in goals
    assert len(goals) == 2


@pytest.mark.parametrize("biddable", [True, False])
def test_a_new_goal_is_as_its_siblings_of_the_same_category(biddable: bool) -> None:
    state = a_state()
    sibling = ConversionGoal(category="SIGNUP", origin="APP", biddable=biddable)
    goals = state_after(replace(state, goals=(*state.goals, sibling)), a_creation()).goals
    assert ConversionGoal(category="SIGNUP", origin="WEBSITE", biddable=biddable) in goals


def test_an_action_of_a_known_goal_leaves_the_goals_as_they_are() -> None:
    state = a_state(an_action(category="SIGNUP"))
    assert state_after(state, a_creation()).goals == state.goals


def test_effects_are_what_each_campaign_counts_before_and_after_in_thirty_days() -> None:
    state = a_state(an_action(), campaigns=[a_campaign("1"), a_campaign("2", strategy="MANUAL_CPC")])
    after = state_after(state, a_change(Verb.PROMOTE))
    recent = [*days("1", MACRO_ID, 0.5), *days("1", "200", 2.0), *days("2", "200", 9.0), *days("1", "999", 9.0)]
    [effect] = effects(state, after, recent)
    assert (effect.campaign_id, effect.campaign, effect.strategy) == ("1", "Campaign 1", "MAXIMIZE_CONVERSIONS")
    assert (effect.before, effect.after) == (15.0, 75.0)


def test_days_without_a_conversion_count_as_days() -> None:
    state = a_state(an_action())
    [effect] = effects(state, state_after(state, a_change(Verb.PROMOTE)), days("1", "200", 28.0, count=1))
    assert effect.after == 30.0


def test_without_recent_numbers_an_effect_is_known_and_its_size_is_not() -> None:
    state = a_state(an_action())
    [effect] = effects(state, state_after(state, a_change(Verb.PROMOTE)), ())
    assert (effect.before, effect.after) == (0.0, 0.0)


def test_a_campaign_that_counts_the_same_afterwards_is_not_affected() -> None:
    state = a_state(an_action(status="HIDDEN"))
    enabled = a_change(Verb.ENABLE, before=fields(status="HIDDEN"), after=fields(status="ENABLED"))
    assert effects(state, state_after(state, enabled), ()) == ()


def test_a_campaign_is_left_without_when_its_last_counting_action_goes() -> None:
    secondary_macro = a_macro_action(primary_for_goal=False)
    state = a_state(actions=(secondary_macro, an_action(primary_for_goal=True)))
    state = replace(state, goals=a_state(an_action()).goals)
    assert [c.id for c in left_without(state, state_after(state, a_change(Verb.DEMOTE)))] == ["1"]


def test_a_campaign_that_never_counted_anything_is_not_left_without() -> None:
    state = replace(a_state(an_action(primary_for_goal=True)), goals=())
    assert left_without(state, state_after(state, a_change(Verb.DEMOTE))) == ()


def test_a_campaign_that_still_counts_the_macro_is_not_left_without() -> None:
    state = a_state(an_action(primary_for_goal=True))
    assert left_without(state, state_after(state, a_change(Verb.DEMOTE))) == ()
