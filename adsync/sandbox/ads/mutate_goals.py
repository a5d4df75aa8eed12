"""Changes to conversion goals: the customer's, the campaigns', custom ones, and which of them a campaign uses."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.campaigns import Campaign
from adsync.sandbox.ads.operations import Kind, Mutation, Operation, bad_part, not_found, number_in
from adsync.sandbox.ads.tracking import Pair

_PAIR = frozenset({"category", "origin"})
_NO_UNIFIED_GOALS = {"MULTI_CHANNEL", "LOCAL_SERVICES"}
"""Campaigns for apps, and for local services, choose what they bid on in other ways."""


def _update_customer_goal(mutation: Mutation, operation: Operation) -> str:
    pair = _pair(mutation, operation, mutation.key(operation))
    if operation.names("biddable"):
        mutation.tracking.goals[pair] = operation.value("biddable")
    return operation.name


def _view_customer_goal(mutation: Mutation, name: str) -> dict[str, Any]:
    category, _, origin = name.rpartition("/")[2].partition("~")
    return {"biddable": mutation.tracking.goals[(category, origin)]}


def _update_campaign_goal(mutation: Mutation, operation: Operation) -> str:
    """Detaches the campaign from the account's goals, even if the goal stays as it was."""
    number, _, rest = mutation.key(operation).partition("~")
    campaign = mutation.campaign(operation, number_in(operation, number))
    pair = _pair(mutation, operation, rest)
    _detach(mutation.account, campaign)
    if operation.names("biddable"):
        campaign.goals[pair] = operation.value("biddable")
    return operation.name


def _view_campaign_goal(mutation: Mutation, name: str) -> dict[str, Any]:
    number, category, origin = name.rpartition("/")[2].split("~")
    campaign = next(c for c in mutation.account.campaigns if str(c.id) == number)
    return {"biddable": mutation.account.campaign_goals(campaign)[(category, origin)]}


def _pair(mutation: Mutation, operation: Operation, text: str) -> Pair:
    category, _, origin = text.partition("~")
    for field, part in (("category", category), ("origin", origin)):
        constants = operation.wanted.DESCRIPTOR.fields_by_name[field].enum_type.values_by_name
        if part not in constants or part in ("UNSPECIFIED", "UNKNOWN"):
            raise bad_part(operation, part)
    if (category, origin) not in mutation.tracking.goals:
        raise not_found(operation)
    return (category, origin)


def _detach(account: AdsAccount, campaign: Campaign) -> None:
    """From now on the campaign's goals are its own, beginning as those it inherited."""
    campaign.goals = dict(account.campaign_goals(campaign))
    campaign.goal_level = "CAMPAIGN"


# Which goals a campaign uses -------------------------------------------------------------------------------------------


def _update_config(mutation: Mutation, operation: Operation) -> str:
    campaign = mutation.campaign(operation, mutation.number(operation))
    account = mutation.account
    level = operation.value("goal_config_level") if operation.names("goal_config_level") else campaign.goal_level
    custom = campaign.custom_goal
    if operation.names("custom_conversion_goal"):
        custom = _custom_goal(mutation, operation)
        if custom is not None:
            if operation.names("goal_config_level") and level == "CUSTOMER":
                raise operation.refuse(
                    "mutate_error",
                    "INCONSISTENT_FIELD_VALUES",
                    "A campaign with a custom goal does not inherit the customer's.",
                    "goal_config_level",
                )
            level = "CAMPAIGN"
    elif level == "CUSTOMER":
        custom = None
    _check_goals(operation, account, campaign, level, custom)
    if level == "CAMPAIGN":
        _detach(account, campaign)
    else:
        campaign.goals, campaign.goal_level = {}, "CUSTOMER"
    campaign.custom_goal = custom
    return operation.name


def _custom_goal(mutation: Mutation, operation: Operation) -> int | None:
    """The id of the wanted custom goal; None when the field is cleared."""
    path = "custom_conversion_goal"
    name = operation.value(path)
    if not name:
        return None
    owner = mutation.tracking.customer_id
    goal = mutation.reference(operation, name, owner, "customConversionGoals", path)
    if not name.startswith(f"customers/{owner}/"):
        raise operation.refuse(
            "conversion_goal_campaign_config_error",
            "CUSTOM_GOAL_DOES_NOT_BELONG_TO_GOOGLE_ADS_CONVERSION_CUSTOMER",
            "The custom goal does not belong to the campaign's conversion customer.",
            path,
            trigger=name,
        )
    found = mutation.tracking.custom_goals.get(goal) if goal is not None else None
    if found is None or found.status == "REMOVED":
        raise operation.refuse("mutate_error", "RESOURCE_NOT_FOUND", "Resource was not found.", path, trigger=name)
    return goal


def _check_goals(operation: Operation, account: AdsAccount, campaign: Campaign, level: str, custom: int | None) -> None:
    if level == "CUSTOMER":
        return
    if campaign.channel_type in _NO_UNIFIED_GOALS:
        raise operation.refuse(
            "conversion_goal_campaign_config_error",
            "CAMPAIGN_CANNOT_USE_UNIFIED_GOALS",
            "The campaign is not allowed to use unified goals.",
        )
    listed = account.custom_goals[custom].actions if custom is not None else None
    if not (any(account.campaign_goals(campaign).values()) if listed is None else listed):
        raise operation.refuse(
            "conversion_goal_campaign_config_error",
            "EMPTY_CONVERSION_GOALS",
            "The campaign is using campaign override goals but has no goals configured.",
        )


def _view_config(mutation: Mutation, name: str) -> dict[str, Any]:
    campaign = next(c for c in mutation.account.campaigns if str(c.id) == name.rpartition("/")[2])
    found: dict[str, Any] = {"goal_config_level": campaign.goal_level}
    if campaign.custom_goal is not None:
        owner = mutation.tracking.customer_id
        found["custom_conversion_goal"] = f"customers/{owner}/customConversionGoals/{campaign.custom_goal}"
    return found


CUSTOMER_GOALS = Kind(
    singular="customer_conversion_goal",
    collection="customerConversionGoals",
    played=frozenset({"biddable"}),
    fixed=_PAIR,
    view=_view_customer_goal,
    update=_update_customer_goal,
    is_goal=True,
    owned_by_tracking=True,
)
CAMPAIGN_GOALS = Kind(
    singular="campaign_conversion_goal",
    collection="campaignConversionGoals",
    played=frozenset({"biddable"}),
    fixed=_PAIR | {"campaign"},
    view=_view_campaign_goal,
    update=_update_campaign_goal,
    is_goal=True,
)
CONFIGS = Kind(
    singular="conversion_goal_campaign_config",
    collection="conversionGoalCampaignConfigs",
    played=frozenset({"goal_config_level", "custom_conversion_goal"}),
    fixed=frozenset({"campaign"}),
    view=_view_config,
    update=_update_config,
    is_goal=True,
)
