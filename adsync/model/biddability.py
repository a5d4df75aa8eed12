"""Which conversion actions each campaign's bidding learns from, and why or why not: the rule of `bidding`, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adsync.model.ads import AccountState, Campaign, ConversionAction
from adsync.model.bidding import custom_goal_of, goals_by_campaign


class Why(StrEnum):
    """Why an action counts for a campaign; the first five say why it does not."""

    NOT_ENABLED = "not_enabled"
    NOT_IN_CUSTOM_GOAL = "not_in_custom_goal"
    NOT_SELECTED = "not_selected"
    SECONDARY = "secondary"
    GOAL_OFF = "goal_off"
    CUSTOM_GOAL = "custom_goal"
    SELECTED = "selected"
    ACCOUNT_GOAL = "account_goal"
    CAMPAIGN_GOAL = "campaign_goal"


COUNTING = frozenset({Why.CUSTOM_GOAL, Why.SELECTED, Why.ACCOUNT_GOAL, Why.CAMPAIGN_GOAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One action for one campaign. detail: the custom goal's name; the goal's level where the goal is off."""

    why: Why
    detail: str = ""

    @property
    def counts(self) -> bool:
        return self.why in COUNTING


@dataclass(frozen=True, slots=True, kw_only=True)
class Biddable:
    """An action for some campaigns, now and once all open changes are made."""

    action: ConversionAction
    now: Cell
    after: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeCampaigns:
    """Campaigns for which every action counts alike, for the same reasons."""

    campaigns: tuple[Campaign, ...]
    actions: tuple[Biddable, ...]


def matrix(state: AccountState, after: AccountState, *, everything: bool = False) -> tuple[AlikeCampaigns, ...]:
    """All campaigns that Smart Bidding steers, those that run first, with each action that matters.

    after: the same account with its open changes made. everything: actions that are not enabled and campaigns that are
    paused as well.
    """
    goals, goals_after = _Goals.of(state), _Goals.of(after)
    actions = [a for a in after.actions if a.status != "REMOVED" or state.action(a.id) != a]
    if not everything:
        actions = [a for a in actions if a.status == "ENABLED" or state.action(a.id) != a]
    alike: dict[tuple[Biddable, ...], list[Campaign]] = {}
    for campaign in state.campaigns:
        if campaign.bids_on_conversions or (everything and campaign.has_smart_strategy):
            column = tuple(
                Biddable(
                    action=action,
                    now=goals.cell(campaign, state.action(action.id)),
                    after=goals_after.cell(campaign, action),
                )
                for action in actions
            )
            alike.setdefault(column, []).append(campaign)
    groups = [AlikeCampaigns(campaigns=tuple(each), actions=column) for column, each in alike.items()]
    return tuple(
        sorted(groups, key=lambda g: (not g.campaigns[0].bids_on_conversions, -len(g.campaigns), g.campaigns[0].id))
    )


def cell(state: AccountState, campaign: Campaign, action: ConversionAction) -> Cell:
    """Whether an action counts for a campaign that bids, and why."""
    return _Goals.of(state).cell(campaign, action)


@dataclass(frozen=True, slots=True)
class _Goals:
    """An account's goals, looked up once for all campaigns: a large one has tens of thousands."""

    state: AccountState
    biddable: Mapping[str, frozenset[tuple[str, str]]]

    @classmethod
    def of(cls, state: AccountState) -> _Goals:
        return cls(state, goals_by_campaign(state))

    def cell(self, campaign: Campaign, action: ConversionAction | None) -> Cell:
        if action is None or action.status != "ENABLED":
            return Cell(why=Why.NOT_ENABLED, detail=action.status if action is not None else "")
        custom = custom_goal_of(self.state, campaign)
        if custom is not None:
            inside = action.id in custom.action_ids
            return Cell(why=Why.CUSTOM_GOAL if inside else Why.NOT_IN_CUSTOM_GOAL, detail=custom.name)
        if campaign.selected_actions:
            return Cell(why=Why.SELECTED if action.id in campaign.selected_actions else Why.NOT_SELECTED)
        if not action.primary_for_goal:
            return Cell(why=Why.SECONDARY)
        has_own = campaign.goal_level == "CAMPAIGN"
        if action.goal not in self.biddable[campaign.id]:
            return Cell(why=Why.GOAL_OFF, detail="campaign" if has_own else "account")
        return Cell(why=Why.CAMPAIGN_GOAL if has_own else Why.ACCOUNT_GOAL)
