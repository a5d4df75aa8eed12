"""The numbers by which helpers are judged, retired and brought back; docs/statistics.md says how each is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache

from adsync.model.freeze import Freeze
from adsync.model.parameter import number, parameters, switch
from adsync.model.window import Window

DEMAND_COUNTS, DEMAND_VALUES = 30.0, 50.0
"""Macro conversions in 30 days that bidding needs to learn from: by count (target CPA, maximize conversions), by value."""

WEEKS_BEFORE_JUMP = 8
"""The weeks with which the fast lane compares."""


# Of each number: default, lowest, highest, unit, source, what it is for. Settings, docs/policy.md and config/ follow it.
@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Thresholds of one account. demand_per_30_days is None until it is known how campaigns bid: see `for_bidding`."""

    # The demand line: when helpers are retired.
    demand_per_30_days: float | None = number(
        None,
        5,
        1000,
        "main conversions in 30 days",
        "doc",
        "What must be shown to retire a helper; left out: 30, or 50 by value",
    )
    demote_confidence: float = number(
        0.95, 0.5, 0.999, "probability", "sim", "How sure one must be that the demand is met"
    )
    demand_weeks: int = number(12, 12, 26, "weeks", "sim", "How many newest weeks must show it")
    minimum_usable: float = number(
        0.6, 0.3, 1, "share of days", "judgement", "With fewer known days than this nothing is shown"
    )
    week_cap: float = number(
        2.0, 0.5, 10, "standard deviations", "sim", "A week counts up to so much above the median week"
    )
    dispersion_prior: float = number(
        1.2, 1, 4, "variance over mean", "judgement", "How lumpy weekly counts are taken to be before they are known"
    )
    dispersion_prior_weeks: float = number(
        8, 0, 52, "weeks", "judgement", "The weight of that against the weeks that are known"
    )
    dispersion_at_most: float = number(
        4.0, 1, 20, "variance over mean", "judgement", "Lumpier than this counts as this"
    )
    check_every_days: int = number(7, 7, 28, "days", "sim", "Evidence is weighed once in so many days")
    demote_checks: int = number(3, 1, 12, "checks in a row", "sim", "On how many the demand must be shown")
    # The gates: nothing may look as if it were falling on the day of a retirement.
    gate_macro: float = number(
        0.70, 0.5, 0.999, "probability", "sim", "Gate A: the main conversion fell; from here on nobody is retired"
    )
    gate_helper: float = number(0.80, 0.5, 0.999, "probability", "sim", "Gates B and C: the helper fell")
    gate_macro_joins: float = number(
        0.40, 0, 0.999, "probability", "sim", "Gates B and C: and the main conversion seems to fall with it"
    )
    gate_last_year: float = number(
        0.90, 0.5, 0.999, "probability", "sim", "Gate D: the volume fell after the same day of last year"
    )
    # The fast lane: a jump that the helper shares.
    fast_lane: bool = switch(
        True, "sim", "Whether a clear jump that the helper shares is enough, without checks in a row"
    )
    fast_weeks: int = number(6, 4, 10, "weeks", "sim", "How many newest weeks must show the jump")
    fast_confidence: float = number(
        0.92, 0.5, 0.999, "probability", "sim", "How sure one must be that the jump meets fast_times the demand"
    )
    fast_times: float = number(4 / 3, 1, 5, "times the demand", "sim", "What a jump must reach; left out: four thirds")
    # The return line: when helpers come back.
    return_per_30_days: float = number(
        20.0, 1, 1000, "main conversions in 30 days", "sim", "The volume under which helpers come back"
    )
    return_confidence: float = number(
        0.80, 0.5, 0.999, "probability", "sim", "How sure one must be that the volume is under it"
    )
    return_weeks: int = number(4, 3, 8, "weeks", "sim", "How many newest weeks are looked at")
    return_checks: int = number(2, 1, 12, "checks in a row", "sim", "On how many it must be shown")
    # The roll-back: the volume fell after a retirement.
    rollback_fell: float = number(
        0.99, 0.5, 0.999, "probability", "sim", "The volume fell against the weeks before the retirement"
    )
    rollback_confidence: float = number(0.80, 0.5, 0.999, "probability", "sim", "And is under the demand")
    rollback_from_day: int = number(
        29, 22, 120, "days after a retirement", "judgement", "From when on it is blamed for a fall"
    )
    rollback_to_day: int = number(112, 29, 365, "days after a retirement", "judgement", "And until when")
    # Pauses between changes.
    stage_gap_days: int = number(14, 7, 120, "days", "judgement", "Between two retirements, and two steps of a target")
    return_gap_days: int = number(28, 7, 120, "days", "judgement", "Between any other two changes")
    cycle_days: int = number(365, 28, 1000, "days", "sim", "After a return a person decides for so long")
    # Several campaigns: what one of them can do without, another may need.
    enough_of_spend: float = number(
        0.70, 0.5, 1, "share of spend", "judgement", "So much must lie where helpers are not needed before they go"
    )
    sustained_per_30_days: float = number(
        15.0, 5, 100, "main conversions in 30 days", "doc", "What a campaign must keep to learn without helpers"
    )
    sustained_confidence: float = number(0.80, 0.5, 0.999, "probability", "judgement", "How sure one must be of that")
    # The guards.
    outage_days: int = number(3, 2, 14, "days", "sim", "Days without a main conversion that may be an outage")
    outage_chance: float = number(
        0.002, 0.00001, 0.05, "probability", "sim", "How unlikely they must be at the rate before"
    )
    recording_expected: float = number(
        7.0, 2, 50, "main conversions a week", "judgement", "Where so many are usual, a week without any holds"
    )
    ratio_factor: float = number(
        1.4,
        1.1,
        5,
        "times",
        "sim",
        "A change of main conversions against helpers, GA4 or clicks that looks like a fault",
    )
    ratio_chance: float = number(0.002, 0.00001, 0.1, "probability", "sim", "How unlikely that must be by chance")
    ratio_hold_days: int = number(28, 7, 120, "days", "judgement", "How long nobody is retired after it")
    # The exact checks.
    order_days: int = number(28, 7, 90, "days", "judgement", "Over which orders are looked at for such that come twice")
    orders_at_most: int = number(
        10000, 100, 100000, "orders", "judgement", "With more of them in these days GA4 is not asked for each"
    )
    repeated_orders_named: float = number(
        0.02, 0, 0.5, "share of orders", "judgement", "So many that come more than once are worth a word"
    )
    repeated_orders_held: float = number(0.05, 0.001, 0.5, "share of orders", "judgement", "And so many hold")
    nameless_orders: float = number(
        0.05, 0, 1, "share of sales", "judgement", "More sales without a transaction id than this are worth a word"
    )
    tag_hours: int = number(24, 6, 336, "hours", "judgement", "A tag is not silent sooner than this")
    tag_gaps: float = number(6, 3, 20, "usual gaps", "judgement", "Nor before so many sales would have been expected")
    exclusion_lag_days: int = number(
        7, 0, 30, "days", "judgement", "So long the clicks of a data exclusion go on converting"
    )
    traffic_share: float = number(
        0.5, 0.1, 0.9, "share of the usual week", "judgement", "With fewer ad clicks, or less cost, nothing changes"
    )
    traffic_clicks: float = number(
        50.0,
        10,
        10000,
        "clicks a week",
        "judgement",
        "Fewer are usual: chance alone may halve them, and they are not asked",
    )
    traffic_hold_days: int = number(21, 7, 56, "days", "judgement", "For how long at most: then it is how things are")
    ad_sessions_fall: float = number(
        0.3,
        0.1,
        0.9,
        "share of the usual",
        "judgement",
        "A fall of GA4's sessions from ads for each click by more than this is worth a note",
    )
    spike_score: float = number(
        5.0, 3, 20, "standard deviations", "judgement", "So far from its weekday's median a day is worth a note"
    )
    value_zeros: float = number(
        0.1, 0.01, 0.9, "share of main conversions", "judgement", "More of them without a value are an anomaly"
    )
    value_same: float = number(
        0.95, 0.5, 1, "share of main conversions", "judgement", "More of them of exactly the same value are an anomaly"
    )
    value_shift: float = number(
        2.0, 1.2, 20, "times", "judgement", "A change of the usual value by more than this is an anomaly"
    )
    # Which helpers are observed and used.
    minimum_share: float = number(
        0.20,
        0,
        0.99,
        "share of visitors",
        "judgement",
        "The lowest chance of the main conversion after a helper where campaigns bid for conversions",
    )
    minimum_lift: float = number(
        1.5, 1, 100, "times", "judgement", "The lift that a helper must show at the lower end of its 95 % interval"
    )
    false_discovery_rate: float = number(
        0.05, 0.0001, 0.5, "share of findings", "judgement", "How many may be no better than chance"
    )
    observe_at_most: int = number(12, 1, 30, "helpers", "judgement", "How many are observed at most")
    observe_days_before_promotion: int = number(
        28, 14, 84, "days", "judgement", "How long a helper is observed before it may be used for bidding"
    )
    funnel_days: int = number(90, 28, 365, "days", "judgement", "What GA4's funnels look at")
    funnel_horizon_days: int = number(30, 1, 30, "days", "doc", "How long a visitor has to convert")
    # Declared seasons, sales and migrations: nothing changes inside, and their days are no evidence.
    freezes: tuple[Freeze, ...] = ()

    @property
    def demand(self) -> float:
        """The demand line per 30 days; that of conversion bidding where none is configured or derived."""
        return DEMAND_COUNTS if self.demand_per_30_days is None else self.demand_per_30_days

    @property
    def fingerprint(self) -> str:
        """Tells it from every other policy, today and tomorrow."""
        return _fingerprint(self)

    @property
    def highest_return_line(self) -> float:
        """Nearer to the demand line helpers would come and go."""
        return self.demand * 2 / 3

    @property
    def evidence_weeks(self) -> int:
        """How far back anything is weighed, last year's calendar aside."""
        return max(self.demand_weeks, self.fast_weeks + WEEKS_BEFORE_JUMP)

    def freeze_on(self, day: date) -> tuple[Freeze, Window] | None:
        """The declared season in which a day lies, and its days."""
        return next(self.frozen(Window(day, day)), None) if self.freezes else None

    def frozen(self, span: Window) -> Iterator[tuple[Freeze, Window]]:
        """The declared seasons that touch a span, each with its days."""
        return ((freeze, days) for freeze in self.freezes for days in freeze.touching(span))

    def for_bidding(self, *, on_value: bool) -> Policy:
        """This policy with the demand line that fits how campaigns bid, unless one is configured."""
        if self.demand_per_30_days is not None:
            return self
        return replace(self, demand_per_30_days=DEMAND_VALUES if on_value else DEMAND_COUNTS)


@lru_cache(maxsize=64)
def _fingerprint(policy: Policy) -> str:
    document = json.dumps(asdict(policy), default=str, sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()[:16]


PARAMETERS = tuple(parameters(Policy))
"""Every number of a policy, with its unit, range, source and purpose."""

DEFAULT_POLICY = Policy()

APPROVAL_KINDS = ("key_event", "create", "enable", "update", "demote", "restore", "promote", "value", "target")
"""Kinds of change that the config may set to `auto` or `review`."""

DEFAULT_AUTO = frozenset({"create", "enable", "demote", "restore"})
"""What runs without asking once a person has applied a plan for the account."""
