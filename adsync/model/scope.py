"""Which campaigns learn from the same conversions: the parts of an account that are decided each by itself.

A helper is primary or secondary for the whole account, and bidding learns apart wherever goals or strategies differ.
What becomes of several answers: docs/statistics.md, "Scopes".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from adsync.model.ads import VALUE_BIDDING, AccountState, Campaign, kinds_of_bidding
from adsync.model.bidding import account_goals, custom_goal_of, goals_by_campaign
from adsync.model.figures import listed

Goal = tuple[str, str]


class ScopeKind(StrEnum):
    """What is decided as one. GOALS: campaigns with the same biddable goals and kind of strategy."""

    GOALS = "goals"
    ACCOUNT = "account"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Campaigns that are decided as one.

    key: the same from night to night. bidding, resting: those of them that bid now, and those that are paused: they will
    bid again, maybe tomorrow. campaigns: ids of those whose macros are its volume, which is what bidding has learnt from,
    paused ones among them; None for all that the account has or had.
    removed_too: whether what campaigns sold that are not there any more is its volume as well.
    goals: through which an action reaches them; None for all.
    """

    key: str
    on_value: bool
    bidding: tuple[Campaign, ...] = ()
    resting: tuple[Campaign, ...] = ()
    campaigns: frozenset[str] | None = None
    removed_too: bool = False
    goals: frozenset[Goal] | None = None

    @property
    def name(self) -> str:
        """Its campaigns, for people: "Brand", "Generic" and 3 more."""
        return listed([f'"{campaign.name}"' for campaign in self.bidding or self.resting]) or "the account"

    def reaches(self, goal: Goal) -> bool:
        """Whether an action of this goal would be bid on here, were it primary."""
        return self.goals is None or goal in self.goals


def scopes_of(state: AccountState, kind: ScopeKind, macro_goals: Collection[Goal]) -> tuple[Scope, ...]:
    """The scopes of an account, at least one. macro_goals: of the macro actions.

    Campaigns that bid on a custom goal or a selection of their own, or not on the macro at all, are in none: what is primary
    does not reach them, or there is nothing to hand over to. Where that leaves nobody who bids, the account is one scope.
    """
    smart = [campaign for campaign in state.campaigns if campaign.has_smart_strategy]
    whole = Scope(
        key="account",
        on_value=any(kinds_of_bidding(state.campaigns)),
        bidding=state.smart_campaigns(),
        resting=tuple(campaign for campaign in smart if not campaign.bids_on_conversions),
    )
    if kind is ScopeKind.ACCOUNT:
        return (whole,)
    # Google keeps a goal for every pair that there ever was; one without an action tells nobody apart.
    in_use = {action.goal for action in state.actions if action.status == "ENABLED"}
    goals = {campaign_id: found & in_use for campaign_id, found in goals_by_campaign(state).items()}
    usual = account_goals(state) & in_use
    groups: dict[str, list[Campaign]] = {}
    for campaign in smart:
        if custom_goal_of(state, campaign) is None and not campaign.selected_actions:
            groups.setdefault(_key(campaign, kind, goals[campaign.id], usual), []).append(campaign)
    found = [_scope(key, members, goals) for key, members in sorted(groups.items())]
    kept = [scope for scope in found if any(map(scope.reaches, macro_goals))]
    awake = [scope for scope in kept if scope.bidding]
    if len(awake) == 1:
        return tuple(_alone(state, scope) if scope.bidding else scope for scope in kept)
    return tuple(kept) if awake else (whole,)


def _key(campaign: Campaign, kind: ScopeKind, goals: frozenset[Goal], usual: frozenset[Goal]) -> str:
    if campaign.portfolio_id:
        return f"portfolio {campaign.portfolio_id}"
    if kind is ScopeKind.CAMPAIGN:
        return f"campaign {campaign.id}"
    bids_for = "value" if campaign.strategy in VALUE_BIDDING else "conversions"
    return bids_for if goals == usual else f"{bids_for} on {' '.join('/'.join(goal) for goal in sorted(goals))}"


def _scope(key: str, members: Sequence[Campaign], goals: Mapping[str, frozenset[Goal]]) -> Scope:
    return Scope(
        key=key,
        on_value=any(campaign.strategy in VALUE_BIDDING for campaign in members),
        bidding=tuple(campaign for campaign in members if campaign.bids_on_conversions),
        resting=tuple(campaign for campaign in members if not campaign.bids_on_conversions),
        campaigns=frozenset(campaign.id for campaign in members),
        goals=frozenset().union(*(goals[campaign.id] for campaign in members)),
    )


def _alone(state: AccountState, scope: Scope) -> Scope:
    """The only scope that bids: who was removed since has sold for it."""
    everybody = all(campaign.id in (scope.campaigns or ()) for campaign in state.campaigns)
    return replace(scope, campaigns=None if everybody else scope.campaigns, removed_too=True)
