"""How strategies and their targets are spelled in Google's messages, in campaigns and in portfolio strategies alike."""

from __future__ import annotations

from typing import Any, Protocol

from adsync.sandbox.ads.checks import check_range
from adsync.sandbox.ads.currencies import billable_unit_micros
from adsync.sandbox.ads.operations import Operation

_CPA, _ROAS = "target_cpa_micros", "target_roas"
TARGETS = {
    "TARGET_CPA": f"target_cpa.{_CPA}",
    "TARGET_ROAS": f"target_roas.{_ROAS}",
    "MAXIMIZE_CONVERSIONS": f"maximize_conversions.{_CPA}",
    "MAXIMIZE_CONVERSION_VALUE": f"maximize_conversion_value.{_ROAS}",
}
"""The field that holds each strategy's target."""

_MAY_BE_NONE = {"MAXIMIZE_CONVERSIONS", "MAXIMIZE_CONVERSION_VALUE"}
_HIGHEST_CPA = 10**15
_LOWEST_ROAS, _HIGHEST_ROAS = 0.01, 1000.0


class Bids(Protocol):
    """A campaign or a portfolio strategy."""

    target_cpa_micros: int
    target_roas: float


def targets(bids: Any) -> dict[str, int | float]:
    """The field of its target, if its strategy has one, and the target; a target of 0 is none."""
    strategy = getattr(bids, "strategy", None) or bids.type
    path = TARGETS.get(strategy)
    return {} if path is None else {path: getattr(bids, path.partition(".")[2])}


def strategy_of(operation: Operation, currency: str) -> str | None:
    """The strategy that an operation's fields speak of, with a target that fits it; None when they speak of none.

    currency: of the account. Raises AdsRefusal for two strategies at once, or a target that is out of range or smaller
    than money can be divided.
    """
    named = [strategy for strategy, path in TARGETS.items() if operation.names(path)]
    if operation.verb == "create" and not named:
        named = [s for s, path in TARGETS.items() if operation.wanted.HasField(path.partition(".")[0])]
    if not named:
        return None
    path = TARGETS[named[0]]
    if len(named) > 1:
        raise operation.refuse(
            "mutate_error", "INCONSISTENT_FIELD_VALUES", "Only one bidding strategy can be set.", path
        )
    if operation.value(path) != 0 or named[0] not in _MAY_BE_NONE:
        low, high = (1, _HIGHEST_CPA) if path.endswith(_CPA) else (_LOWEST_ROAS, _HIGHEST_ROAS)
        check_range(operation, path, low, high)
    if path.endswith(_CPA):
        _check_billable(operation, path, billable_unit_micros(currency))
    return named[0]


def _check_billable(operation: Operation, path: str, unit: int) -> None:
    amount = operation.value(path)
    if amount % unit:
        raise operation.refuse(
            "currency_error",
            "VALUE_NOT_MULTIPLE_OF_BILLABLE_UNIT",
            f"Bid must be a multiple of billable unit, which is {unit} micros.",
            path,
            trigger=str(amount),
        )


def take_target(bids: Bids, operation: Operation, strategy: str) -> None:
    """Gives a campaign or portfolio strategy the operation's target, and forgets one of another kind."""
    path = TARGETS[strategy]
    bids.target_cpa_micros = operation.value(path) if path.endswith(_CPA) else 0
    bids.target_roas = operation.value(path) if path.endswith(_ROAS) else 0.0
