"""Resource names such as `customers/1234567890/campaigns/5`, and the ids in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"customers/(\d{10})/([a-zA-Z]+)/([^/]+)", re.ASCII)
_NUMBER = re.compile(r"0|-?[1-9]\d{0,18}", re.ASCII)
_MOST = 2**63
# The last part of a name, by its collection, as Google writes it.
_KEYS = {
    "biddingDataExclusions": "{seasonality_event_id}",
    "biddingStrategies": "{bidding_strategy_id}",
    "campaignBudgets": "{campaign_budget_id}",
    "campaignConversionGoals": "{campaign_id}~{category}~{source}",
    "campaigns": "{campaign_id}",
    "conversionActions": "{conversion_action_id}",
    "conversionGoalCampaignConfigs": "{campaign_id}",
    "customConversionGoals": "{goal_id}",
    "customerConversionGoals": "{category}~{source}",
}


@dataclass(frozen=True, slots=True)
class ResourceName:
    """The parts of a name. key: an id, or several parts that `~` joins."""

    customer: str
    collection: str
    key: str


def parsed(text: str) -> ResourceName | None:
    """The parts of a resource name; None for what is none."""
    found = _NAME.fullmatch(text)
    return ResourceName(*found.groups()) if found else None


def malformed(text: str, collection: str) -> str:
    """What Google says of a text that is not the name of one of these."""
    expected = f"customers/{{customer_id}}/{collection}/{_KEYS[collection]}"
    return f"Resource name '{text}' is malformed: expected '{expected}'."


def id_of(text: str) -> int | None:
    """The id that a part of a name spells, negative for a temporary one; None for what is no whole number of 64 bits."""
    number = int(text) if _NUMBER.fullmatch(text) else _MOST
    return number if -_MOST <= number < _MOST else None
