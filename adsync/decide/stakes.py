"""What is at stake where: the cost of the campaigns that an action reaches, by the scope in which they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from adsync.model.ads import AccountState, Campaign
from adsync.model.bidding import custom_goal_of, goals_by_campaign
from adsync.model.scope import Goal, Scope
from adsync.model.volume import CampaignVolume


@dataclass(frozen=True, slots=True)
class _Stake:
    """One campaign. cost: in the weeks that decide. scope: the key of its own; "" for none. goals: it bids on; None for all."""

    campaign: Campaign
    cost: float
    scope: str
    goals: frozenset[Goal] | None


@dataclass(frozen=True, slots=True)
class Stakes:
    """scopes: those that bid now, and those that only rest and have cost something in the weeks that decide."""

    state: AccountState
    scopes: tuple[Scope, ...]
    stakes: tuple[_Stake, ...]

    @classmethod
    def of(cls, state: AccountState, scopes: Sequence[Scope], volumes: Iterable[CampaignVolume]) -> Stakes:
        """Where nothing was spent, every campaign that bids counts the same."""
        cost = {volume.campaign_id: float(volume.cost_micros) for volume in volumes}
        scope_of = {campaign.id: scope for scope in scopes for campaign in (*scope.bidding, *scope.resting)}
        goals = goals_by_campaign(state)
        stakes = []
        for campaign in state.campaigns:
            scope = scope_of.get(campaign.id)
            # What bids on a custom goal does so whatever is primary.
            if scope is not None or (campaign.has_smart_strategy and custom_goal_of(state, campaign) is None):
                reached = None if scope is not None and scope.goals is None else goals[campaign.id]
                stakes.append(_Stake(campaign, cost.get(campaign.id, 0.0), scope.key if scope else "", reached))
        if not any(stake.cost for stake in stakes):
            stakes = [_Stake(s.campaign, float(s.campaign.bids_on_conversions), s.scope, s.goals) for s in stakes]
        spent = {stake.scope for stake in stakes if stake.cost}
        kept = tuple(scope for scope in scopes if scope.bidding or scope.key in spent)
        return cls(state, kept or tuple(scopes), tuple(stakes))

    def spend(self, key: str) -> float:
        """A scope's share of what all scopes cost, 0-1."""
        whole = sum(stake.cost for stake in self.stakes if stake.scope)
        own = sum(stake.cost for stake in self.stakes if stake.scope == key)
        return own / whole if whole else 1 / len(self.scopes)

    def share(self, action_id: str, keys: Collection[str]) -> float:
        """Of what the campaigns cost that an action reaches, the share of those in these scopes, 0-1."""
        reached = self._reached(action_id)
        whole = sum(stake.cost for stake in reached)
        own = sum(stake.cost for stake in reached if stake.scope in keys)
        return own / whole if whole else float(bool(keys))

    def others(self, action_id: str, keys: Collection[str]) -> list[str]:
        """The names of the other campaigns that an action reaches, in quotes, those that cost most first."""
        others = [s for s in self._reached(action_id) if s.scope not in keys and s.cost]
        return [f'"{s.campaign.name}"' for s in sorted(others, key=lambda s: (-s.cost, s.campaign.name))]

    def _reached(self, action_id: str) -> list[_Stake]:
        action = self.state.action(action_id)
        if action is None:
            return []
        return [stake for stake in self.stakes if stake.goals is None or action.goal in stake.goals]
