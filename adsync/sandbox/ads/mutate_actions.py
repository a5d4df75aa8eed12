"""Changes to conversion actions."""

from __future__ import annotations

from typing import Any

from adsync.sandbox.ads.action_rules import (
    CREATABLE,
    OWNED_BY_GA4,
    check_attribution,
    check_calls,
    check_currency,
    check_limit,
    check_mirror,
    check_windows,
)
from adsync.sandbox.ads.checks import check_range, check_unique_name, immutable
from adsync.sandbox.ads.operations import Kind, Mutation, Operation, not_found
from adsync.sandbox.ads.tracking import Action, Flags

_ORIGINS = {
    "AD_CALL": "CALL_FROM_ADS",
    "UPLOAD_CALLS": "CALL_FROM_ADS",
    "GOOGLE_PLAY_DOWNLOAD": "APP",
    "GOOGLE_PLAY_IN_APP_PURCHASE": "APP",
}
"""By type; what is not here happens on the website."""

_DEFAULTS = {"category": "DEFAULT", "counting_type": "MANY_PER_CLICK"}

_HIGHEST_VALUE = 1e12
"""Of one conversion, in units of its currency. Google's limit is not public."""

# Field path -> the attribute of Action that holds it, for the fields that are simply stored.
_STORED = {
    "name": "name",
    "category": "category",
    "counting_type": "counting_type",
    "click_through_lookback_window_days": "click_window_days",
    "view_through_lookback_window_days": "view_window_days",
    "value_settings.default_value": "default_value",
    "value_settings.default_currency_code": "currency",
    "value_settings.always_use_default_value": "always_use_default_value",
    "attribution_model_settings.attribution_model": "attribution_model",
    "phone_call_duration_seconds": "phone_call_duration_seconds",
    "app_id": "app_id",
}


def _create(mutation: Mutation, operation: Operation) -> str:
    kind = operation.value("type")
    if kind in ("UNSPECIFIED", "UNKNOWN"):
        raise operation.refuse("field_error", "REQUIRED", "The required field was not present.", "type")
    if kind not in CREATABLE:
        raise operation.refuse(
            "conversion_action_error",
            "CREATION_NOT_SUPPORTED",
            f"Conversion actions of type {kind} cannot be created through the API.",
            "type",
        )
    if operation.names("status") and operation.value("status") == "REMOVED":
        raise operation.refuse(
            "request_error", "INVALID_ENUM_VALUE", "A new action cannot be REMOVED.", "status", trigger="REMOVED"
        )
    _check_name(mutation, operation, None)
    _check_values(mutation, operation, kind, None)
    check_limit(mutation, operation)
    action = Action(
        id=mutation.tracking.take_id(),
        name="",
        type=kind,
        origin=_ORIGINS.get(kind, "WEBSITE"),
        category=_DEFAULTS["category"],
        counting_type=_DEFAULTS["counting_type"],
        fires_on="",
        always_use_default_value=kind in ("AD_CALL", "WEBSITE_CALL"),
        history=[
            Flags(
                mutation.now,
                operation.value("status") if operation.names("status") else "ENABLED",
                # Left out, it is primary.
                operation.value("primary_for_goal") if operation.names("primary_for_goal") else True,
            )
        ],
    )
    _store(action, operation)
    for account in mutation.accounts.values():
        account.hold(action)
    return mutation.resource_name("conversionActions", action.id)


def _update(mutation: Mutation, operation: Operation) -> str:
    action = _find(mutation, operation, returning=True)
    if action.type == "WEBPAGE_CODELESS":
        raise operation.refuse(
            "mutate_error", "MUTATE_NOT_ALLOWED", "Mutates are not allowed for actions made without code."
        )
    if action.type not in CREATABLE and not action.is_mirror:
        raise operation.refuse(
            "conversion_action_error", "UPDATE_NOT_SUPPORTED", f"Actions of type {action.type} are read-only."
        )
    for path in operation.paths:
        if action.is_mirror and path in OWNED_BY_GA4:
            raise immutable(operation, path)
        if action.is_mirror:
            check_mirror(mutation, operation, path)
    if "name" in operation.paths:
        _check_name(mutation, operation, action)
    _check_values(mutation, operation, action.type, action)
    _store(action, operation)
    action.set(
        mutation.now,
        status=operation.value("status") if operation.names("status") else None,
        primary=operation.value("primary_for_goal") if operation.names("primary_for_goal") else None,
    )
    for account in mutation.accounts.values():
        account.add_goal(action.pair)
    return operation.name


def _remove(mutation: Mutation, operation: Operation) -> str:
    action = _find(mutation, operation)
    if action.is_mirror and mutation.switches["mirror_removal"] == "refused":
        raise operation.refuse("mutate_error", "MUTATE_NOT_ALLOWED", "An action of Google Analytics cannot be removed.")
    action.set(mutation.now, status="REMOVED")
    return operation.name


def _store(action: Action, operation: Operation) -> None:
    for path, attribute in _STORED.items():
        if operation.names(path):
            setattr(action, attribute, operation.value(path))


def _find(mutation: Mutation, operation: Operation, *, returning: bool = False) -> Action:
    """The action. returning: a removed one may be found, where it may come back and the operation wants that."""
    action = mutation.tracking.actions.get(mutation.number(operation))
    if action is None:
        raise not_found(operation)
    if action.now.status == "REMOVED":
        comes_back = returning and mutation.switches["removed_actions"] == "can_return" and operation.names("status")
        if not comes_back:
            raise operation.refuse(
                "context_error", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", "The action has been removed."
            )
    return action


def _check_name(mutation: Mutation, operation: Operation, me: Action | None) -> None:
    kept = mutation.switches["removed_names"] == "kept"
    check_unique_name(
        operation,
        (a.name for a in mutation.tracking.actions.values() if a is not me and (kept or a.now.status != "REMOVED")),
        "conversion_action_error",
        "DUPLICATE_NAME",
        "The specified conversion action name already exists.",
        int(mutation.switches["action_name_limit"]),
    )


def _check_values(mutation: Mutation, operation: Operation, kind: str, action: Action | None) -> None:
    check_windows(mutation, operation, kind)
    check_calls(mutation, operation, kind)
    check_attribution(mutation, operation, action)
    check_currency(operation)
    if operation.names("value_settings.default_value"):
        check_range(operation, "value_settings.default_value", 0, _HIGHEST_VALUE)
    if operation.names("phone_call_duration_seconds"):
        check_range(operation, "phone_call_duration_seconds", 0, 10_000)


def _view(mutation: Mutation, name: str) -> dict[str, Any]:
    action = mutation.tracking.actions[int(name.rpartition("/")[2])]
    found = {path: getattr(action, attribute) for path, attribute in _STORED.items()}
    found |= {"status": action.now.status, "primary_for_goal": action.now.primary}
    return {path: value for path, value in found.items() if value is not None and value != ""}


ACTIONS = Kind(
    singular="conversion_action",
    collection="conversionActions",
    played=frozenset({*_STORED, "status", "primary_for_goal"}),
    fixed=frozenset(
        {
            "id",
            "type",
            "origin",
            "owner_customer",
            # Google's pages call it deprecated; live accounts answer that it cannot be written.
            "include_in_conversions_metric",
            "attribution_model_settings.data_driven_model_status",
            "tag_snippets",
            "mobile_app_vendor",
            "firebase_settings",
            "third_party_app_analytics_settings",
            "google_analytics_4_settings",
        }
    ),
    created=frozenset({"type"}),
    view=_view,
    create=_create,
    update=_update,
    remove=_remove,
    owned_by_tracking=True,
)
