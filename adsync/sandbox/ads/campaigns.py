"""What an account advertises with: campaigns, their budgets and ad groups, strategies, and what bidding leaves out."""

from __future__ import annotations

from dataclasses import dataclass, field

from adsync.sandbox.ads.tracking import Pair


@dataclass(slots=True, kw_only=True)
class Budget:
    """A campaign budget. amount_micros: account currency a day."""

    id: int
    name: str
    amount_micros: int


@dataclass(slots=True, kw_only=True)
class Portfolio:
    """A bidding strategy that several campaigns share. type: such as TARGET_CPA; a target of 0 is none.

    owner_id: the manager whose it is, where it is not the account's own.
    """

    id: int
    name: str
    type: str
    target_cpa_micros: int = 0
    target_roas: float = 0.0
    status: str = "ENABLED"
    owner_id: str = ""


@dataclass(slots=True, kw_only=True)
class AdGroup:
    """An ad group. Every click of its campaign belongs to the campaign's first one."""

    id: int
    campaign_id: int
    name: str
    status: str = "ENABLED"


@dataclass(slots=True, kw_only=True)
class Campaign:
    """A campaign as the account holds it. A target of 0 is none; portfolio: id of the strategy that it shares.

    goals: biddable by pair, heard only at goal_level CAMPAIGN. custom_goal: id of the one in use.
    learning: when bidding last began to learn, by the reason's name in BiddingStrategySystemStatus.
    served: from which moments on it was shown, or was not; before the first of them it was.
    """

    id: int
    name: str
    strategy: str
    budget_id: int
    target_cpa_micros: int = 0
    target_roas: float = 0.0
    portfolio: int | None = None
    status: str = "ENABLED"
    channel_type: str = "SEARCH"
    goals: dict[Pair, bool] = field(default_factory=dict)
    goal_level: str = "CUSTOMER"
    custom_goal: int | None = None
    learning: dict[str, int] = field(default_factory=dict)
    served: list[tuple[int, bool]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Exclusion:
    """Clicks that bidding is told not to learn from.

    start, end: "2026-03-02 00:00:00" in the account's time zone, the end outside. scope: CUSTOMER, or CAMPAIGN with the
    ids of those it is about.
    """

    id: int
    name: str
    scope: str
    start: str
    end: str
    description: str = ""
    campaigns: list[int] = field(default_factory=list)
    status: str = "ENABLED"
