"""What Google Ads asks of a conversion action's fields, and what may be changed on GA4's mirrors."""

from __future__ import annotations

from adsync.sandbox.ads.checks import check_range, immutable
from adsync.sandbox.ads.currencies import SUPPORTED
from adsync.sandbox.ads.operations import Mutation, Operation
from adsync.sandbox.ads.tracking import DATA_DRIVEN, LAST_CLICK, Action

CREATABLE = frozenset(
    {
        "WEBPAGE",
        "UPLOAD_CLICKS",
        "UPLOAD_CALLS",
        "AD_CALL",
        "WEBSITE_CALL",
        "GOOGLE_PLAY_DOWNLOAD",
        "GOOGLE_PLAY_IN_APP_PURCHASE",
    }
)
CALLS = frozenset({"AD_CALL", "WEBSITE_CALL"})

OWNED_BY_GA4 = frozenset({"counting_type", "include_in_conversions_metric"})
"""GA4 decides how often a key event counts: writing it from the Ads side is refused in practice."""

_MIRROR_SWITCHES = {
    "primary_for_goal": "mirror_primary_for_goal",
    "category": "mirror_category",
    "name": "mirror_name",
    "value_settings.default_value": "mirror_value_settings",
    "value_settings.default_currency_code": "mirror_value_settings",
    "value_settings.always_use_default_value": "mirror_value_settings",
    "click_through_lookback_window_days": "mirror_lookback_windows",
    "view_through_lookback_window_days": "mirror_lookback_windows",
    "attribution_model_settings.attribution_model": "mirror_attribution_model",
}
_YOUNG = 30 * 86_400
"""An action has no attribution model of its own before it is that old, in seconds."""


def check_mirror(mutation: Mutation, operation: Operation, path: str) -> None:
    """Refuses what cannot be changed on an action that Google made from a key event."""
    switch = _MIRROR_SWITCHES.get(path)
    if switch is not None and mutation.switches[switch] == "refused":
        raise immutable(operation, path)
    removed = path == "status" and operation.value(path) == "REMOVED"
    if removed and mutation.switches["mirror_removal"] == "refused":
        raise operation.refuse(
            "request_error", "INVALID_ENUM_VALUE", "Enum value 'REMOVED' cannot be used.", path, trigger="REMOVED"
        )


def check_windows(mutation: Mutation, operation: Operation, kind: str) -> None:
    path = "click_through_lookback_window_days"
    if operation.names(path):
        short = kind == "WEBPAGE" and mutation.switches["webpage_click_window"] == "30"
        check_range(operation, path, 1, 30 if short else 90)
    path = "view_through_lookback_window_days"
    if operation.names(path) and not (kind in CALLS and mutation.switches["call_rules"] == "strict"):
        check_range(operation, path, 1, 30)


def check_calls(mutation: Mutation, operation: Operation, kind: str) -> None:
    """Calls have no views before them, and no value of their own."""
    if kind not in CALLS or mutation.switches["call_rules"] != "strict":
        return
    path = "view_through_lookback_window_days"
    if operation.names(path):
        raise operation.refuse("field_error", "VALUE_MUST_BE_UNSET", "Calls have no view-through conversions.", path)
    path = "value_settings.always_use_default_value"
    if operation.names(path) and not operation.value(path):
        raise operation.refuse("field_error", "INVALID_VALUE", "Calls always use the default value.", path)


def check_attribution(mutation: Mutation, operation: Operation, action: Action | None) -> None:
    path = "attribution_model_settings.attribution_model"
    if not operation.names(path):
        return
    model = operation.value(path)
    if model not in (LAST_CLICK, DATA_DRIVEN):
        raise operation.refuse(
            "conversion_action_error",
            "CANNOT_SET_RULE_BASED_ATTRIBUTION_MODELS",
            "Rule-based attribution models are deprecated and not allowed to be set by conversion action.",
            path,
            trigger=model,
        )
    young = action is None or mutation.now - action.history[0].since < _YOUNG
    if model == DATA_DRIVEN and young and mutation.switches["data_driven_on_new_actions"] == "refused":
        raise operation.refuse(
            "conversion_action_error",
            "DATA_DRIVEN_MODEL_UNKNOWN",
            "The data-driven model is unavailable or the conversion action was newly added.",
            path,
            trigger=model,
        )


def check_currency(operation: Operation) -> None:
    path = "value_settings.default_currency_code"
    if operation.names(path) and operation.value(path) not in SUPPORTED:
        raise operation.refuse(
            "currency_code_error",
            "UNSUPPORTED",
            "The currency code is not supported.",
            path,
            trigger=operation.value(path),
        )


def check_limit(mutation: Mutation, operation: Operation) -> None:
    """Refuses one action too many, where there is a limit."""
    limit = mutation.switches["action_limit"]
    if limit == "none":
        return
    existing = sum(action.now.status != "REMOVED" for action in mutation.tracking.actions.values())
    if existing >= int(limit):
        raise operation.refuse(
            "resource_count_limit_exceeded_error",
            "ACCOUNT_LIMIT",
            f"The account has {existing} conversion actions, and may have {limit}.",
            limit=int(limit),
            existing=existing,
        )
