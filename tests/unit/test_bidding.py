"""Which actions a campaign bids on: a custom goal beats the campaign's goals, those beat the account's."""

from __future__ import annotations

from dataclasses import replace

from adsync.model.ads import AccountState, Campaign, CampaignGoal, ConversionGoal, CustomGoal
from adsync.model.bidding import campaigns_bidding_on, counting_actions, custom_goals_holding
from tests.builders import MACRO_ID, a_campaign, a_state, an_action


def counted(state: AccountState, campaign: Campaign | None = None) -> list[str]:
    return [a.id for a in counting_actions(state, campaign or state.campaigns[0])]


def a_custom_goal(*action_ids: str, goal_id: str = "7", status: str = "ENABLED") -> CustomGoal:
    return CustomGoal(id=goal_id, name=f"Goal {goal_id}", status=status, action_ids=action_ids)


def with_goal(state: AccountState, category: str, *, biddable: bool) -> AccountState:
    others = tuple(g for g in state.goals if g.category != category)
    return replace(state, goals=(*others, ConversionGoal(category=category, origin="WEBSITE", biddable=biddable)))


def test_a_primary_action_of_a_biddable_goal_counts() -> None:
    assert counted(a_state(an_action(primary_for_goal=True))) == [MACRO_ID, "200"]


def test_a_secondary_action_does_not_count() -> None:
    assert counted(a_state(an_action(primary_for_goal=False))) == [MACRO_ID]


def test_a_primary_action_of_a_goal_that_is_not_biddable_does_not_count() -> None:
    state = with_goal(a_state(an_action(primary_for_goal=True)), "DEFAULT", biddable=False)
    assert counted(state) == [MACRO_ID]


def test_the_same_category_from_elsewhere_is_another_goal() -> None:
    state = with_goal(a_state(an_action(primary_for_goal=True, origin="APP")), "DEFAULT", biddable=True)
    assert counted(state) == [MACRO_ID]


def test_an_action_that_is_not_enabled_counts_nowhere() -> None:
    for status in ("HIDDEN", "REMOVED"):
        state = a_state(
            an_action(primary_for_goal=True, status=status),
            campaigns=[a_campaign(), a_campaign("2", custom_goal_id="7")],
            custom_goals=(a_custom_goal("200", MACRO_ID),),
        )
        assert counted(state) == [MACRO_ID]
        assert counted(state, state.campaigns[1]) == [MACRO_ID]


def test_goals_of_its_own_rule_a_detached_campaign() -> None:
    own = CampaignGoal(campaign_id="1", category="DEFAULT", origin="WEBSITE", biddable=True)
    off = CampaignGoal(campaign_id="1", category="PURCHASE", origin="WEBSITE", biddable=False)
    state = a_state(
        an_action(primary_for_goal=True), campaigns=[a_campaign(goal_level="CAMPAIGN")], campaign_goals=(own, off)
    )
    assert counted(with_goal(state, "DEFAULT", biddable=False)) == ["200"]


def test_goals_of_its_own_say_nothing_while_the_campaign_follows_the_account() -> None:
    own = CampaignGoal(campaign_id="1", category="PURCHASE", origin="WEBSITE", biddable=False)
    state = a_state(campaigns=[a_campaign(goal_level="CUSTOMER")], campaign_goals=(own,))
    assert counted(state) == [MACRO_ID]


def test_goals_of_another_campaign_say_nothing() -> None:
    other = CampaignGoal(campaign_id="2", category="PURCHASE", origin="WEBSITE", biddable=True)
    state = a_state(campaigns=[a_campaign(goal_level="CAMPAIGN")], campaign_goals=(other,))
    assert counted(state) == []


def test_a_custom_goal_counts_its_actions_whether_primary_or_not() -> None:
    state = a_state(
        an_action(), campaigns=[a_campaign(custom_goal_id="7")], custom_goals=(a_custom_goal("200"), a_custom_goal())
    )
    assert counted(state) == ["200"]


def test_a_custom_goal_beats_the_campaigns_own_goals() -> None:
    own = CampaignGoal(campaign_id="1", category="PURCHASE", origin="WEBSITE", biddable=True)
    state = a_state(
        an_action(),
        campaigns=[a_campaign(custom_goal_id="7", goal_level="CAMPAIGN")],
        campaign_goals=(own,),
        custom_goals=(a_custom_goal("200"),),
    )
    assert counted(state) == ["200"]


def test_a_removed_custom_goal_leaves_the_campaign_to_the_accounts_goals() -> None:
    state = a_state(
        an_action(),
        campaigns=[a_campaign(custom_goal_id="7")],
        custom_goals=(a_custom_goal("200", status="REMOVED"),),
    )
    assert counted(state) == [MACRO_ID]


def test_campaigns_that_bid_on_an_action_are_the_smart_ones_that_count_it() -> None:
    state = a_state(
        an_action(primary_for_goal=True),
        campaigns=[a_campaign("1"), a_campaign("2", strategy="MANUAL_CPC"), a_campaign("3", custom_goal_id="7")],
        custom_goals=(a_custom_goal(MACRO_ID),),
    )
    assert [c.id for c in campaigns_bidding_on(state, "200")] == ["1"]
    assert [c.id for c in campaigns_bidding_on(state, MACRO_ID)] == ["1", "3"]


def test_a_custom_goal_holds_an_action_only_when_a_smart_campaign_uses_it() -> None:
    goals = (
        a_custom_goal("200", goal_id="7"),
        a_custom_goal("200", goal_id="8"),
        a_custom_goal("200", goal_id="9", status="REMOVED"),
        a_custom_goal(MACRO_ID, goal_id="10"),
    )
    campaigns = [
        a_campaign("1", custom_goal_id="7"),
        a_campaign("2", custom_goal_id="8", strategy="MANUAL_CPC"),
        a_campaign("3", custom_goal_id="9"),
        a_campaign("4", custom_goal_id="10"),
    ]
    state = a_state(an_action(), campaigns=campaigns, custom_goals=goals)
    assert custom_goals_holding(state, "200") == ("Goal 7",)
