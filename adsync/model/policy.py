"""The numbers by which helpers are judged, retired and brought back; docs/statistics.md says where each comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from adsync.model.window import Window

DEMAND_COUNTS, DEMAND_VALUES = 30.0, 50.0
"""Macro conversions in 30 days that bidding needs to learn from: by count (target CPA, maximize conversions), by value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Thresholds of one account.

    demand_per_30_days: macro conversions a month that must be shown to retire a helper; None: by bidding strategy.
    return_per_30_days: the volume under which helpers come back.
    demote_confidence, return_confidence: how sure one must be of either (0-1).
    *_checks: weekly checks in a row. *_days: calendar days.
    freezes: declared seasons, sales and migrations: nothing changes inside, and their days are no evidence.
    minimum_share: the lowest P(macro | micro) a primary helper may have where bidding counts conversions, not value.
    """

    demand_per_30_days: float | None = None
    return_per_30_days: float = 20.0
    demote_confidence: float = 0.95
    return_confidence: float = 0.80
    demote_checks: int = 3
    return_checks: int = 2
    check_every_days: int = 7
    stage_gap_days: int = 14
    return_gap_days: int = 28
    cycle_days: int = 365
    minimum_share: float = 0.20
    minimum_lift: float = 1.5
    false_discovery_rate: float = 0.05
    observe_at_most: int = 12
    observe_days_before_promotion: int = 28
    funnel_days: int = 90
    funnel_horizon_days: int = 30
    freezes: tuple[Window, ...] = ()

    @property
    def demand(self) -> float:
        """The demand line per 30 days; that of conversion bidding where none is configured or derived."""
        return DEMAND_COUNTS if self.demand_per_30_days is None else self.demand_per_30_days

    def freeze_on(self, day: date) -> Window | None:
        """The declared season in which a day lies."""
        return next((freeze for freeze in self.freezes if day in freeze), None)

    def for_bidding(self, *, on_value: bool) -> Policy:
        """This policy with the demand line that fits how campaigns bid, unless one is configured."""
        if self.demand_per_30_days is not None:
            return self
        return replace(self, demand_per_30_days=DEMAND_VALUES if on_value else DEMAND_COUNTS)


APPROVAL_KINDS = ("key_event", "create", "enable", "update", "demote", "restore", "promote")
"""Kinds of change that the config may set to `auto` or `review`."""

DEFAULT_AUTO = frozenset({"create", "enable", "demote", "restore"})
"""What runs without asking once a person has applied a plan for the account."""
