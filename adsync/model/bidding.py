"""Which actions a campaign bids on: Google's three-way rule (reference: goals overview in the Google Ads API docs)."""

from __future__ import annotations

from adsync.model.ads import AccountState, Campaign, ConversionAction, CustomGoal


def counting_actions(state: AccountState, campaign: Campaign) -> tuple[ConversionAction, ...]:
    """The actions in this campaign's "Conversions" column, which Smart Bidding learns from.

    A custom goal beats the campaign's own goals, those beat the account's; only the last two look at
    `primary_for_goal`, and an app campaign that has selected actions at none of them. What is not ENABLED counts nowhere.
    """
    enabled = [a for a in state.actions if a.status == "ENABLED"]
    custom = custom_goal_of(state, campaign)
    if custom is not None:
        return tuple(a for a in enabled if a.id in custom.action_ids)
    if campaign.selected_actions:
        return tuple(a for a in enabled if a.id in campaign.selected_actions)
    biddable = biddable_goals(state, campaign)
    return tuple(a for a in enabled if a.primary_for_goal and a.goal in biddable)


def custom_goal_of(state: AccountState, campaign: Campaign) -> CustomGoal | None:
    """The custom goal that a campaign bids on; None where none is in use."""
    return next((g for g in state.custom_goals if g.id == campaign.custom_goal_id and g.status == "ENABLED"), None)


def biddable_goals(state: AccountState, campaign: Campaign) -> frozenset[tuple[str, str]]:
    """The (category, origin) pairs that a campaign bids on where it has no custom goal: its own, or the account's."""
    if campaign.goal_level == "CAMPAIGN":
        own = (g for g in state.campaign_goals if g.campaign_id == campaign.id)
        return frozenset((g.category, g.origin) for g in own if g.biddable)
    return account_goals(state)


def goals_by_campaign(state: AccountState) -> dict[str, frozenset[tuple[str, str]]]:
    """`biddable_goals` of all campaigns in one go: a large account has tens of thousands of campaign goals."""
    own: dict[str, set[tuple[str, str]]] = {}
    for g in state.campaign_goals:
        if g.biddable:
            own.setdefault(g.campaign_id, set()).add((g.category, g.origin))
    usual = account_goals(state)
    return {c.id: frozenset(own.get(c.id, ())) if c.goal_level == "CAMPAIGN" else usual for c in state.campaigns}


def account_goals(state: AccountState) -> frozenset[tuple[str, str]]:
    """The pairs that campaigns bid on by default."""
    return frozenset((g.category, g.origin) for g in state.goals if g.biddable)


def campaigns_bidding_on(state: AccountState, action_id: str) -> tuple[Campaign, ...]:
    """The Smart Bidding campaigns that learn from this action now, or will when they are resumed."""
    return tuple(c for c in state.campaigns if c.may_bid and any(a.id == action_id for a in counting_actions(state, c)))


def campaigns_selecting(state: AccountState, action_id: str) -> tuple[str, ...]:
    """Names of the app campaigns that bid on this action even when it is secondary, because they have selected it."""
    return tuple(c.name for c in state.campaigns if c.may_bid and action_id in c.selected_actions)


def custom_goals_holding(state: AccountState, action_id: str) -> tuple[str, ...]:
    """Names of the custom goals, used by a Smart Bidding campaign, that bid on this action even when it is secondary."""
    used = {c.custom_goal_id for c in state.campaigns if c.may_bid}
    return tuple(
        g.name for g in state.custom_goals if g.id in used and g.status == "ENABLED" and action_id in g.action_ids
    )
