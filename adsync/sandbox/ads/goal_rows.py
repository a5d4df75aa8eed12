"""The four resources that say which goals campaigns bid on, as rows."""

from __future__ import annotations

from collections.abc import Iterator

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.inventory import Inventory
from adsync.sandbox.ads.protocol import Row
from adsync.sandbox.ads.tracking import CustomGoal


def customer_goals(inventory: Inventory) -> Iterator[Row]:
    """A client under cross-account tracking sees those of the account that owns its actions."""
    account = inventory.tracked
    assert account is not None
    for (category, origin), biddable in account.goals.items():
        yield {
            "customer_conversion_goal.resource_name": f"{inventory.me}/customerConversionGoals/{category}~{origin}",
            "customer_conversion_goal.category": category,
            "customer_conversion_goal.origin": origin,
            "customer_conversion_goal.biddable": biddable,
        }


def campaign_goals(inventory: Inventory) -> Iterator[Row]:
    account = inventory.account
    assert account is not None
    for campaign in account.campaigns:
        row = inventory.campaign(campaign)
        for (category, origin), biddable in account.campaign_goals(campaign).items():
            name = f"{inventory.me}/campaignConversionGoals/{campaign.id}~{category}~{origin}"
            yield {
                **row,
                "campaign_conversion_goal.resource_name": name,
                "campaign_conversion_goal.campaign": row["campaign.resource_name"],
                "campaign_conversion_goal.category": category,
                "campaign_conversion_goal.origin": origin,
                "campaign_conversion_goal.biddable": biddable,
            }


def goal_configs(inventory: Inventory) -> Iterator[Row]:
    account = inventory.account
    assert account is not None
    for campaign in account.campaigns:
        row = inventory.campaign(campaign)
        row["conversion_goal_campaign_config.resource_name"] = (
            f"{inventory.me}/conversionGoalCampaignConfigs/{campaign.id}"
        )
        row["conversion_goal_campaign_config.campaign"] = row["campaign.resource_name"]
        row["conversion_goal_campaign_config.goal_config_level"] = campaign.goal_level
        goal = account.custom_goals.get(campaign.custom_goal) if campaign.custom_goal is not None else None
        if goal is not None:
            row |= _custom_goal(account, goal)
            row["conversion_goal_campaign_config.custom_conversion_goal"] = row["custom_conversion_goal.resource_name"]
        yield row


def custom_goals(inventory: Inventory) -> Iterator[Row]:
    account = inventory.tracked
    assert account is not None
    return (_custom_goal(account, goal) for goal in account.custom_goals.values())


def _custom_goal(account: AdsAccount, goal: CustomGoal) -> Row:
    owner = f"customers/{account.owner_id}"
    return {
        "custom_conversion_goal.resource_name": f"{owner}/customConversionGoals/{goal.id}",
        "custom_conversion_goal.id": goal.id,
        "custom_conversion_goal.name": goal.name,
        "custom_conversion_goal.conversion_actions": [f"{owner}/conversionActions/{action}" for action in goal.actions],
        "custom_conversion_goal.status": goal.status,
    }
