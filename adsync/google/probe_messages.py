"""The requests with which `probe.py` and `capabilities.py` ask; every one of them only validates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.ads.googleads.v26.services.types.conversion_action_service import (
    ConversionActionOperation,
    MutateConversionActionsRequest,
)
from google.ads.googleads.v26.services.types.conversion_goal_campaign_config_service import (
    ConversionGoalCampaignConfigOperation,
    MutateConversionGoalCampaignConfigsRequest,
)
from google.ads.googleads.v26.services.types.customer_conversion_goal_service import (
    CustomerConversionGoalOperation,
    MutateCustomerConversionGoalsRequest,
)
from google.ads.googleads.v26.services.types.google_ads_service import MutateGoogleAdsRequest, MutateOperation

from adsync.model.ads import Campaign, ConversionGoal


def actions_request(customer_id: str, update: str, values: dict[str, Any]) -> Any:
    """One conversion action: made, or the one with the id ``update`` changed in these fields."""
    return MutateConversionActionsRequest(
        customer_id=customer_id, operations=[_action(customer_id, update, values)], validate_only=True
    )


def fields_request(customer_id: str, wanted: Sequence[tuple[str, dict[str, Any]]]) -> Any:
    """Several conversion actions by their ids, each changed in its fields; each is refused by itself."""
    return MutateConversionActionsRequest(
        customer_id=customer_id,
        operations=[_action(customer_id, action_id, values) for action_id, values in wanted],
        partial_failure=True,
        validate_only=True,
    )


def _action(customer_id: str, update: str, values: dict[str, Any]) -> Any:
    operation = ConversionActionOperation.pb()()
    if update:
        operation.update.resource_name = f"customers/{customer_id}/conversionActions/{update}"
        operation.update_mask.paths.extend(sorted(values))
    _fill(operation.update if update else operation.create, values)
    return ConversionActionOperation.wrap(operation)


def goals_request(customer_id: str, goal: ConversionGoal) -> Any:
    """A customer goal set to what it is."""
    operation = CustomerConversionGoalOperation.pb()()
    operation.update.resource_name = f"customers/{customer_id}/customerConversionGoals/{goal.category}~{goal.origin}"
    operation.update.biddable = goal.biddable
    operation.update_mask.paths.append("biddable")
    return MutateCustomerConversionGoalsRequest(
        customer_id=customer_id, operations=[CustomerConversionGoalOperation.wrap(operation)], validate_only=True
    )


def configs_request(customer_id: str, campaign: Campaign) -> Any:
    """A campaign's goal level set to what it is."""
    operation = ConversionGoalCampaignConfigOperation.pb()()
    operation.update.resource_name = f"customers/{customer_id}/conversionGoalCampaignConfigs/{campaign.id}"
    _fill(operation.update, {"goal_config_level": campaign.goal_level})
    operation.update_mask.paths.append("goal_config_level")
    return MutateConversionGoalCampaignConfigsRequest(
        customer_id=customer_id, operations=[ConversionGoalCampaignConfigOperation.wrap(operation)], validate_only=True
    )


def atomic_request(customer_id: str, action: dict[str, Any]) -> Any:
    """A conversion action under a temporary name, and a custom goal that lists it."""
    temporary = f"customers/{customer_id}/conversionActions/-1"
    making, listing = MutateOperation.pb()(), MutateOperation.pb()()
    made = making.conversion_action_operation.create
    made.resource_name = temporary
    _fill(made, action)
    goal = listing.custom_conversion_goal_operation.create
    goal.name = action["name"]
    goal.conversion_actions.append(temporary)
    _fill(goal, {"status": "ENABLED"})
    return MutateGoogleAdsRequest(
        customer_id=customer_id,
        mutate_operations=[MutateOperation.wrap(making), MutateOperation.wrap(listing)],
        validate_only=True,
    )


def _fill(message: Any, values: dict[str, Any]) -> None:
    """Sets fields by their paths; enums by name."""
    for path, value in values.items():
        *parents, last = path.split(".")
        target = message
        for parent in parents:
            target = getattr(target, parent)
        name = "type_" if last == "type" else last
        enum = target.DESCRIPTOR.fields_by_name[name].enum_type
        setattr(target, name, enum.values_by_name[value].number if enum is not None else value)
