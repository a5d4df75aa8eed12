"""Changes to portfolio bidding strategies."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.ads.bidding_fields import TARGETS, strategy_of, take_target, targets
from adsync.sandbox.ads.campaigns import Portfolio
from adsync.sandbox.ads.checks import check_unique_name
from adsync.sandbox.ads.operations import Kind, Mutation, Operation, not_found


def _create(mutation: Mutation, operation: Operation) -> str:
    account = mutation.account
    name = _checked_name(mutation, operation, None)
    strategy = strategy_of(operation, account.currency)
    if strategy is None:
        raise operation.refuse("field_error", "REQUIRED", "A bidding strategy needs a scheme.", "scheme")
    portfolio = Portfolio(id=account.take_id(), name=name, type=strategy)
    take_target(portfolio, operation, strategy)
    account.portfolios.append(portfolio)
    return mutation.resource_name("biddingStrategies", portfolio.id)


def _update(mutation: Mutation, operation: Operation) -> str:
    portfolio = _find(mutation, operation)
    strategy = strategy_of(operation, mutation.account.currency)
    if strategy not in (None, portfolio.type):
        raise operation.refuse(
            "bidding_strategy_error",
            "CANNOT_CHANGE_BIDDING_STRATEGY_TYPE",
            "The type of a bidding strategy cannot be changed after creation.",
            TARGETS[strategy],
        )
    name = _checked_name(mutation, operation, portfolio) if operation.names("name") else portfolio.name
    portfolio.name = name
    if strategy:
        take_target(portfolio, operation, strategy)
    return operation.name


def _remove(mutation: Mutation, operation: Operation) -> str:
    portfolio = _find(mutation, operation)
    if any(c.portfolio == portfolio.id and c.status != "REMOVED" for c in mutation.account.campaigns):
        raise operation.refuse(
            "bidding_strategy_error",
            "CANNOT_REMOVE_ASSOCIATED_STRATEGY",
            "The bidding strategy cannot be removed while campaigns use it.",
        )
    portfolio.status = "REMOVED"
    return operation.name


def _find(mutation: Mutation, operation: Operation) -> Portfolio:
    number = mutation.number(operation)
    found = (p for p in mutation.account.portfolios if p.id == number and p.status != "REMOVED" and not p.owner_id)
    portfolio = next(found, None)
    if portfolio is None:
        raise not_found(operation)
    return portfolio


def _checked_name(mutation: Mutation, operation: Operation, me: Portfolio | None) -> str:
    return check_unique_name(
        operation,
        (p.name for p in mutation.account.portfolios if p is not me and p.status != "REMOVED"),
        "bidding_strategy_error",
        "DUPLICATE_NAME",
        "A bidding strategy with this name exists.",
    )


def _view(mutation: Mutation, name: str) -> dict[str, Any]:
    portfolio = next(p for p in mutation.account.portfolios if name.endswith(f"/{p.id}"))
    return {"name": portfolio.name, **targets(portfolio)}


STRATEGIES = Kind(
    singular="bidding_strategy",
    collection="biddingStrategies",
    played=frozenset({"name", *TARGETS.values()}),
    fixed=frozenset(
        {"id", "status", "type", "effective_currency_code", "campaign_count", "non_removed_campaign_count"}
    ),
    view=_view,
    create=_create,
    update=_update,
    remove=_remove,
)
