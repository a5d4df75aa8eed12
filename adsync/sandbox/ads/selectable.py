"""Which resources are served, and what may be selected FROM each."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

ATTRIBUTED: dict[str, tuple[str, ...]] = {
    "ad_group": ("accessible_bidding_strategy", "bidding_strategy", "campaign", "customer"),
    "bidding_data_exclusion": ("customer",),
    "bidding_strategy": ("customer",),
    "campaign": ("accessible_bidding_strategy", "bidding_strategy", "campaign_budget", "campaign_group", "customer"),
    "campaign_budget": ("campaign", "customer"),
    "campaign_conversion_goal": ("campaign", "customer"),
    "change_event": ("ad_group", "asset", "campaign", "customer"),
    "conversion_action": ("customer",),
    "conversion_goal_campaign_config": ("campaign", "custom_conversion_goal", "customer"),
    "custom_conversion_goal": ("customer",),
    "customer": (),
    "customer_client": ("customer",),
    "customer_conversion_goal": ("customer",),
}
"""The resources that are served in FROM, each with those whose fields may be selected beside its own."""

CORE_DATES = ("segments.date", "segments.week", "segments.month", "segments.quarter", "segments.year")
"""May be filtered without being selected; selected, they need a finite range of days."""

ACTION_SEGMENTS = frozenset(
    {
        "segments.conversion_action",
        "segments.conversion_action_category",
        "segments.conversion_action_name",
    }
)
CONVERSION_SEGMENTS = ACTION_SEGMENTS | {
    "segments.conversion_adjustment",
    "segments.conversion_attribution_event_type",
    "segments.conversion_lag_bucket",
    "segments.conversion_or_adjustment_lag_bucket",
    "segments.conversion_value_rule_primary_dimension",
    "segments.external_conversion_source",
}
"""They divide conversions, so that nothing goes with them that an ad earned or cost before one happened."""

_KINDS = "all_|cross_device_|current_model_attributed_|platform_comparable_"
_OF_CONVERSIONS = re.compile(
    rf"metrics\.((view_through_|{_KINDS}|value_per_({_KINDS})?)?conversions?(_value)?(_micros)?(_by_conversion_date)?"
    r"|(all_)?new_customer_lifetime_value)"
)


def is_of_conversions(metric: str) -> bool:
    """Can Google divide this metric by conversion action? Cost, traffic and rates over them it cannot."""
    return _OF_CONVERSIONS.fullmatch(metric) is not None


@cache
def statistics_from(resource: str) -> frozenset[str]:
    """The metrics and segments that may be selected FROM a resource, by Google's field tables."""
    return frozenset(name for name, takers in _table().items() if resource in takers)


@cache
def _table() -> dict[str, frozenset[str]]:
    text = resources.files("adsync.sandbox.ads").joinpath("selectable.txt").read_text(encoding="utf-8")
    lines = (line.split(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: frozenset(takers.split()) for name, takers in lines}
