"""Which actions a campaign bids on, against the rule said a second time in another way."""

from __future__ import annotations

from hypothesis import given, settings

from adsync.model.ads import AccountState
from adsync.model.biddability import cell, matrix
from adsync.model.bidding import campaigns_bidding_on, campaigns_selecting, counting_actions, custom_goals_holding
from tests.property.generated import SMART, learned_from, smart, states


@settings(max_examples=200)
@given(states())
def test_a_campaign_counts_what_the_three_way_rule_says(state: AccountState) -> None:
    for campaign in state.campaigns:
        assert {a.id for a in counting_actions(state, campaign)} == learned_from(state, campaign)


@settings(max_examples=100)
@given(states())
def test_the_campaigns_of_an_action_are_those_that_learn_from_it_or_will_when_they_are_resumed(
    state: AccountState,
) -> None:
    for action in state.actions:
        bids = (c for c in state.campaigns if c.status != "REMOVED" and c.strategy in SMART)
        expected = {c.id for c in bids if action.id in learned_from(state, c)}
        assert {c.id for c in campaigns_bidding_on(state, action.id)} == expected


@settings(max_examples=100)
@given(states())
def test_a_secondary_action_that_is_still_learned_from_is_held_by_a_custom_goal_or_an_app_campaign(
    state: AccountState,
) -> None:
    for action in state.actions:
        bidding = [c for c in smart(state) if action.id in learned_from(state, c)]
        if bidding and not action.primary_for_goal:
            assert custom_goals_holding(state, action.id) or campaigns_selecting(state, action.id)


@settings(max_examples=100)
@given(states())
def test_every_cell_says_what_the_campaign_counts(state: AccountState) -> None:
    for campaign in state.campaigns:
        for action in state.actions:
            assert cell(state, campaign, action).counts == (action.id in learned_from(state, campaign))


@settings(max_examples=50)
@given(states())
def test_every_smart_campaign_is_in_one_group(state: AccountState) -> None:
    groups = matrix(state, state, everything=True)
    shown = [c.id for g in groups for c in g.campaigns]
    assert sorted(shown) == sorted(c.id for c in state.campaigns if c.strategy != "MANUAL_CPC")
    assert {c.id for g in matrix(state, state) for c in g.campaigns} == {c.id for c in smart(state)}
