"""Changes to campaigns and their budgets."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.ads.bidding_fields import TARGETS, strategy_of, take_target
from adsync.sandbox.ads.campaigns import Budget, Campaign
from adsync.sandbox.ads.checks import check_unique_name
from adsync.sandbox.ads.consequences import budget_fields, campaign_fields
from adsync.sandbox.ads.currencies import billable_unit_micros
from adsync.sandbox.ads.operations import Kind, Mutation, Operation, not_found

_HIGHEST_BUDGET_MICROS = 10**15


def _update_campaign(mutation: Mutation, operation: Operation) -> str:
    campaign = mutation.campaign(operation, mutation.number(operation))
    if campaign.status == "REMOVED":
        raise operation.refuse(
            "context_error", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", "The campaign has been removed."
        )
    name = _campaign_name(mutation, operation, campaign) if operation.names("name") else campaign.name
    if operation.names("status") and operation.value("status") == "REMOVED":
        raise operation.refuse(
            "request_error", "INVALID_ENUM_VALUE", "Enum value 'REMOVED' cannot be used.", "status", trigger="REMOVED"
        )
    strategy = strategy_of(operation, mutation.account.currency)
    portfolio = _portfolio(mutation, operation) if operation.names("bidding_strategy") else None
    if strategy and portfolio is not None:
        raise operation.refuse(
            "mutate_error",
            "INCONSISTENT_FIELD_VALUES",
            "A campaign bids by a portfolio strategy or by one of its own.",
            "bidding_strategy",
        )
    campaign.name = name
    if operation.names("status"):
        campaign.status = operation.value("status")
        campaign.served.append((mutation.now, campaign.status == "ENABLED"))
    if strategy:
        campaign.strategy, campaign.portfolio = strategy, None
        take_target(campaign, operation, strategy)
    if portfolio is not None:
        shared = next(p for p in mutation.account.portfolios if p.id == portfolio)
        campaign.strategy, campaign.portfolio = shared.type, shared.id
        campaign.target_cpa_micros, campaign.target_roas = 0, 0.0
    return operation.name


def _campaign_name(mutation: Mutation, operation: Operation, me: Campaign) -> str:
    return check_unique_name(
        operation,
        (c.name for c in mutation.account.campaigns if c is not me and c.status != "REMOVED"),
        "campaign_error",
        "DUPLICATE_CAMPAIGN_NAME",
        "The campaign name already exists.",
    )


def _portfolio(mutation: Mutation, operation: Operation) -> int:
    """The id of the wanted portfolio strategy."""
    path = "bidding_strategy"
    name = operation.value(path)
    if not name:
        raise operation.refuse(
            "field_error", "FIELD_CANNOT_BE_CLEARED", "Give the campaign a strategy of its own instead.", path
        )
    number = mutation.reference(operation, name, mutation.customer_id, "biddingStrategies", path)
    found = (p for p in mutation.account.portfolios if p.id == number and p.status != "REMOVED")
    portfolio = next(found, None)
    if portfolio is None:
        raise operation.refuse("mutate_error", "RESOURCE_NOT_FOUND", "Resource was not found.", path, trigger=name)
    return portfolio.id


def _view_campaign(mutation: Mutation, name: str) -> dict[str, Any]:
    campaign = next(c for c in mutation.account.campaigns if name.endswith(f"/{c.id}"))
    found = campaign_fields(f"customers/{mutation.customer_id}", campaign)
    found.pop("campaign.bidding_strategy_type")
    return {path.removeprefix("campaign."): value for path, value in found.items()}


def _update_budget(mutation: Mutation, operation: Operation) -> str:
    number = mutation.number(operation)
    budget = next((b for b in mutation.account.budgets if b.id == number), None)
    if budget is None:
        raise not_found(operation)
    name = _budget_name(mutation, operation, budget) if operation.names("name") else budget.name
    if operation.names("amount_micros"):
        _check_amount(operation, billable_unit_micros(mutation.account.currency))
        budget.amount_micros = operation.value("amount_micros")
    budget.name = name
    return operation.name


def _budget_name(mutation: Mutation, operation: Operation, me: Budget) -> str:
    return check_unique_name(
        operation,
        (budget.name for budget in mutation.account.budgets if budget is not me),
        "campaign_budget_error",
        "DUPLICATE_NAME",
        "A budget with this name exists.",
    )


def _check_amount(operation: Operation, unit: int) -> None:
    amount = operation.value("amount_micros")
    if amount < 0:
        error, message = "NEGATIVE_MONEY_AMOUNT", "A budget cannot be negative."
    elif amount % unit:
        error, message = "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT", f"Not a multiple of {unit} micros."
    elif amount > _HIGHEST_BUDGET_MICROS:
        error, message = "MONEY_AMOUNT_TOO_LARGE", "A budget is at most a thousand million."
    elif amount == 0:
        error, message = "BUDGET_BELOW_PER_DAY_MINIMUM", "A budget is more than nothing."
    else:
        return
    raise operation.refuse("campaign_budget_error", error, message, "amount_micros", trigger=str(amount))


def _view_budget(mutation: Mutation, name: str) -> dict[str, Any]:
    budget = next(b for b in mutation.account.budgets if name.endswith(f"/{b.id}"))
    return {path.removeprefix("campaign_budget."): value for path, value in budget_fields(budget).items()}


CAMPAIGNS = Kind(
    singular="campaign",
    collection="campaigns",
    played=frozenset({"name", "status", "bidding_strategy", *TARGETS.values()}),
    fixed=frozenset(
        {
            "id",
            "primary_status",
            "primary_status_reasons",
            "serving_status",
            "bidding_strategy_system_status",
            "bidding_strategy_type",
            "accessible_bidding_strategy",
            "advertising_channel_type",
            "advertising_channel_sub_type",
            "labels",
            "experiment_type",
            "base_campaign",
            "optimization_score",
            "hotel_setting",
            "hotel_property_asset_set",
            "listing_type",
            "missing_eu_political_advertising_declaration",
            "aca_migration_date_time",
            "broad_match_migration_date_time",
        }
    ),
    view=_view_campaign,
    update=_update_campaign,
)
BUDGETS = Kind(
    singular="campaign_budget",
    collection="campaignBudgets",
    played=frozenset({"name", "amount_micros"}),
    fixed=frozenset(
        {
            "id",
            "status",
            "period",
            "type",
            "reference_count",
            "has_recommended_budget",
            "recommended_budget_amount_micros",
            "recommended_budget_estimated_change_weekly_clicks",
            "recommended_budget_estimated_change_weekly_cost_micros",
            "recommended_budget_estimated_change_weekly_interactions",
            "recommended_budget_estimated_change_weekly_views",
        }
    ),
    view=_view_budget,
    update=_update_budget,
)
