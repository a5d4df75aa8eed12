"""Which campaigns are decided as one."""

from __future__ import annotations

from adsync.model.ads import Campaign, CampaignGoal, ConversionGoal, CustomGoal
from adsync.model.scope import Scope, ScopeKind, scopes_of
from tests.builders import MACRO_ID, a_campaign, a_state, an_action

PURCHASE, CART = ("PURCHASE", "WEBSITE"), ("ADD_TO_CART", "WEBSITE")
CAMPAIGNS = (
    a_campaign("1", name="Brand"),
    a_campaign("2", name="Generic", strategy="TARGET_CPA"),
    a_campaign("3", name="Shopping", strategy="TARGET_ROAS"),
)


def scopes(*campaigns: Campaign, kind: ScopeKind = ScopeKind.GOALS, **different: object) -> list[Scope]:
    state = a_state(an_action(category="ADD_TO_CART"), campaigns=campaigns, **different)
    return list(scopes_of(state, kind, {PURCHASE}))


def shown(found: list[Scope]) -> list[tuple[str, str, bool]]:
    return [(scope.key, scope.name, scope.on_value) for scope in found]


def test_campaigns_that_bid_for_value_learn_apart() -> None:
    assert shown(scopes(*CAMPAIGNS)) == [
        ("conversions", '"Brand" and "Generic"', False),
        ("value", '"Shopping"', True),
    ]


def test_a_portfolio_is_one_scope_by_itself() -> None:
    together = [a_campaign(str(n), name=f"Search {n}", portfolio_id="9", strategy="TARGET_CPA") for n in (4, 5)]
    found = scopes(*CAMPAIGNS, *together)
    assert ("portfolio 9", '"Search 4" and "Search 5"', False) in shown(found)
    assert len(found) == 3


def test_a_campaign_with_goals_of_its_own_learns_apart_unless_they_are_the_accounts() -> None:
    own = a_campaign("2", name="Own goals", goal_level="CAMPAIGN")

    def keys(cart: bool) -> list[str]:
        goals = [
            CampaignGoal(campaign_id="2", category=c, origin=o, biddable=biddable)
            for (c, o), biddable in ((PURCHASE, True), (CART, cart))
        ]
        return [scope.key for scope in scopes(CAMPAIGNS[0], own, campaign_goals=tuple(goals))]

    assert keys(cart=True) == ["conversions"]
    assert keys(cart=False) == ["conversions", "conversions on PURCHASE/WEBSITE"]


def test_a_goal_without_an_action_tells_nobody_apart() -> None:
    empty = ("SIGNUP", "WEBSITE")
    own = a_campaign("2", goal_level="CAMPAIGN")
    goals = tuple(ConversionGoal(category=c, origin=o, biddable=True) for c, o in (PURCHASE, CART, empty))
    of_campaign = tuple(CampaignGoal(campaign_id="2", category=c, origin=o, biddable=True) for c, o in (PURCHASE, CART))
    assert len(scopes(CAMPAIGNS[0], own, goals=goals, campaign_goals=of_campaign)) == 1


def test_what_bids_on_a_custom_goal_is_not_reached() -> None:
    custom = CustomGoal(id="7", name="Orders", status="ENABLED", action_ids=(MACRO_ID,))
    [scope] = scopes(CAMPAIGNS[0], a_campaign("2", custom_goal_id="7"), custom_goals=(custom,))
    assert list(scope.campaigns or ()) == ["1"] and scope.removed_too


def test_what_does_not_bid_on_the_macro_is_in_no_scope() -> None:
    other = a_campaign("2", goal_level="CAMPAIGN")
    only_carts = (CampaignGoal(campaign_id="2", category="ADD_TO_CART", origin="WEBSITE", biddable=True),)
    [scope] = scopes(CAMPAIGNS[0], other, campaign_goals=only_carts)
    assert list(scope.campaigns or ()) == ["1"]


def test_a_paused_campaign_has_taught_what_its_scope_knows() -> None:
    [scope] = scopes(CAMPAIGNS[0], a_campaign("2", status="PAUSED"))
    assert scope.campaigns is None and [c.id for c in scope.bidding] == ["1"]


def test_manual_campaigns_sell_and_teach_nobody() -> None:
    [scope] = scopes(CAMPAIGNS[0], a_campaign("2", strategy="MANUAL_CPC"))
    assert list(scope.campaigns or ()) == ["1"] and scope.removed_too


def test_where_nobody_bids_by_itself_the_account_is_one() -> None:
    assert shown(scopes(a_campaign("2", strategy="MANUAL_CPC"))) == [("account", "the account", False)]
    assert shown(scopes()) == [("account", "the account", False)]


def test_on_request_each_campaign_is_alone_or_all_are_one() -> None:
    assert shown(scopes(*CAMPAIGNS, kind=ScopeKind.CAMPAIGN)) == [
        ("campaign 1", '"Brand"', False),
        ("campaign 2", '"Generic"', False),
        ("campaign 3", '"Shopping"', True),
    ]
    assert shown(scopes(*CAMPAIGNS, kind=ScopeKind.ACCOUNT)) == [("account", '"Brand", "Generic" and "Shopping"', True)]
