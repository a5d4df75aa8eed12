"""How an account falls into scopes, against the three-way rule of what campaigns bid on."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.model.ads import VALUE_BIDDING, AccountState, Campaign
from adsync.model.bidding import counting_actions
from adsync.model.scope import Goal, Scope, ScopeKind, scopes_of
from tests.builders import MACRO_ID
from tests.property.generated import smart, states

KINDS = st.sampled_from(ScopeKind)


def macro_goals(state: AccountState) -> set[Goal]:
    return {a.goal for a in state.actions if a.id == MACRO_ID}


def scopes(state: AccountState, kind: ScopeKind) -> tuple[Scope, ...]:
    return scopes_of(state, kind, macro_goals(state))


def would_count(state: AccountState, campaign: Campaign) -> set[str]:
    """Which actions a campaign would bid on, were all of them primary."""
    primary = replace(state, actions=tuple(replace(a, primary_for_goal=True) for a in state.actions))
    return {a.id for a in counting_actions(primary, campaign)}


def has_a_list_of_its_own(state: AccountState, campaign: Campaign) -> bool:
    """A custom goal, or what an app campaign has selected: bid on whether primary or not."""
    return bool(campaign.selected_actions) or any(
        g.id == campaign.custom_goal_id and g.status == "ENABLED" for g in state.custom_goals
    )


@settings(max_examples=300)
@given(states(), st.sampled_from([ScopeKind.GOALS, ScopeKind.CAMPAIGN]))
def test_every_campaign_that_primary_flags_reach_is_in_one_scope(state: AccountState, kind: ScopeKind) -> None:
    found = scopes(state, kind)
    where = [campaign.id for scope in found for campaign in scope.bidding]
    assert len(where) == len(set(where)) and len({scope.key for scope in found}) == len(found)
    for campaign in smart(state):
        reached = not has_a_list_of_its_own(state, campaign) and MACRO_ID in would_count(state, campaign)
        assert campaign.id in where or not reached


@settings(max_examples=300)
@given(states())
def test_campaigns_of_one_scope_bid_on_the_same_in_the_same_way(state: AccountState) -> None:
    for scope in scopes(state, ScopeKind.GOALS):
        if scope.key == "account" or scope.key.startswith("portfolio"):
            continue
        assert len({frozenset(would_count(state, c)) for c in (*scope.bidding, *scope.resting)}) == 1
        assert {c.strategy in VALUE_BIDDING for c in (*scope.bidding, *scope.resting)} == {scope.on_value}


@settings(max_examples=300)
@given(states())
def test_an_action_reaches_a_scope_through_which_it_would_be_bid_on(state: AccountState) -> None:
    for scope in scopes(state, ScopeKind.GOALS):
        if scope.key != "account":
            counted = {a for campaign in scope.bidding for a in would_count(state, campaign)}
            enabled = [a for a in state.actions if a.status == "ENABLED"]
            assert {a.id for a in enabled if scope.reaches(a.goal)} >= counted


@settings(max_examples=200)
@given(states(), KINDS)
def test_what_is_primary_makes_no_other_scopes(state: AccountState, kind: ScopeKind) -> None:
    flipped = replace(state, actions=tuple(replace(a, primary_for_goal=not a.primary_for_goal) for a in state.actions))
    assert scopes(state, kind) == scopes(flipped, kind)


@settings(max_examples=200)
@given(states(), KINDS)
def test_every_macro_is_counted_once_at_most(state: AccountState, kind: ScopeKind) -> None:
    found = scopes(state, kind)
    assert found
    if len(found) > 1:
        members = [campaign for scope in found for campaign in scope.campaigns or ()]
        assert len(members) == len(set(members)) and all(scope.campaigns for scope in found)
        awake = [scope for scope in found if scope.bidding]
        assert [scope for scope in found if scope.removed_too] == (awake if len(awake) == 1 else [])


@settings(max_examples=100)
@given(states())
def test_on_request_the_account_is_one(state: AccountState) -> None:
    [scope] = scopes(state, ScopeKind.ACCOUNT)
    assert scope.campaigns is None and scope.goals is None and list(scope.bidding) == smart(state)
