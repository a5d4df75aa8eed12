"""Changes to conversion actions: checked whole, then made whole, as Google does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adsync.sandbox.ads.account import Action, AdsAccount, Flags
from adsync.sandbox.ads.errors import AdsRefusal, Fault

CREATABLE = {"WEBPAGE", "UPLOAD_CLICKS", "UPLOAD_CALLS", "AD_CALL", "WEBSITE_CALL"}
_READ_ONLY = {
    "resource_name",
    "id",
    "type",
    "type_",
    "origin",
    "owner_customer",
    "tag_snippets",
    "google_analytics_4_settings",
}
_WRITABLE = {
    "name",
    "status",
    "category",
    "primary_for_goal",
    "counting_type",
    "click_through_lookback_window_days",
    "view_through_lookback_window_days",
    "value_settings.default_value",
}
# GA4 owns how often a key event counts; writing it from the Ads side is refused in practice.
_OWNED_BY_GA4 = {"counting_type", "include_in_conversions_metric"}

Commit = Callable[[], str]
"""Makes the change and returns the resource name."""


def prepare(account: AdsAccount, operations: Sequence[Any], now: int) -> list[Commit | Fault]:
    """For each operation either what carries it out, or the error that forbids it; nothing is changed yet."""
    prepared: list[Commit | Fault] = []
    touched: set[str] = set()
    for index, operation in enumerate(operations):
        try:
            prepared.append(_prepare(account, operation, index, touched, now))
        except AdsRefusal as refusal:
            prepared.append(refusal.faults[0])
    return prepared


def _prepare(account: AdsAccount, operation: Any, index: int, touched: set[str], now: int) -> Commit:
    kind = operation.WhichOneof("operation")
    if kind is None:
        raise _fault(index, "request_error", "OPERATION_REQUIRED", "An operation is required.")
    if kind == "create":
        if operation.update_mask.paths:
            raise _fault(
                index, "field_mask_error", "FIELD_MASK_NOT_ALLOWED", "The field mask is not allowed on create."
            )
        return _create(account, operation.create, index, touched, now)
    name = operation.remove if kind == "remove" else operation.update.resource_name
    action = _find(account, name, index)
    if name in touched:
        raise _fault(
            index, "mutate_error", "ID_EXISTS_IN_MULTIPLE_MUTATES", "The resource is changed twice in one request."
        )
    touched.add(name)
    if kind == "remove":
        return lambda: _set_flags(account, action, now, status="REMOVED")
    return _update(account, action, operation, index, now)


def _create(account: AdsAccount, wanted: Any, index: int, touched: set[str], now: int) -> Commit:
    kind, category = _enum(wanted, "type_"), _enum(wanted, "category")
    if not wanted.name:
        raise _fault(index, "field_error", "REQUIRED", "The required field was not present.", "create.name")
    if kind not in CREATABLE:
        raise _fault(
            index,
            "conversion_action_error",
            "CREATION_NOT_SUPPORTED",
            "Conversion actions of this type cannot be created.",
            "create.type",
        )
    if account.named(wanted.name) or wanted.name in touched:
        raise _duplicate(index, wanted.name, "create.name")
    touched.add(wanted.name)

    def commit() -> str:
        action = Action(
            id=account.take_id(),
            name=wanted.name,
            type=kind,
            category="DEFAULT" if category == "UNSPECIFIED" else category,
            counting_type="MANY_PER_CLICK" if wanted.counting_type == 0 else _enum(wanted, "counting_type"),
            fires_on="",
            default_value=wanted.value_settings.default_value,
            # Left out, it is primary.
            history=[Flags(now, "ENABLED", wanted.primary_for_goal if wanted.HasField("primary_for_goal") else True)],
        )
        account.add(action)
        if account.counts_now(action):
            account.learning_since = now
        return _resource_name(account, action)

    return commit


def _update(account: AdsAccount, action: Action, operation: Any, index: int, now: int) -> Commit:
    wanted, named = operation.update, [path.replace("type_", "type") for path in operation.update_mask.paths]
    # Masks by the client library's helper name it in every update; Google lets that pass.
    paths = [path for path in named if path != "resource_name"]
    if not named:
        raise _fault(
            index, "field_mask_error", "FIELD_MASK_MISSING", "The field mask must be provided for update operations."
        )
    for path in paths:
        _check_path(action, path, index)
    if "name" in paths and wanted.name != action.name and account.named(wanted.name):
        raise _duplicate(index, wanted.name, "update.name")

    def commit() -> str:
        for path in paths:
            match path:
                case "name":
                    action.name = wanted.name
                case "category":
                    action.category = _enum(wanted, "category")
                    account.add(action)
                case "counting_type":
                    action.counting_type = _enum(wanted, "counting_type")
                case "click_through_lookback_window_days":
                    action.click_window_days = wanted.click_through_lookback_window_days
                case "view_through_lookback_window_days":
                    action.view_window_days = wanted.view_through_lookback_window_days
                case "value_settings.default_value":
                    action.default_value = wanted.value_settings.default_value
        return _set_flags(
            account,
            action,
            now,
            status=_enum(wanted, "status") if "status" in paths else None,
            primary=wanted.primary_for_goal if "primary_for_goal" in paths else None,
        )

    return commit


def _set_flags(
    account: AdsAccount, action: Action, now: int, *, status: str | None = None, primary: bool | None = None
) -> str:
    counted = account.counts_now(action)
    action.set(now, status=status, primary=primary)
    if account.counts_now(action) != counted:
        account.learning_since = now
    account.revision += 1
    return _resource_name(account, action)


def _check_path(action: Action, path: str, index: int) -> None:
    if path in _READ_ONLY or path.split(".")[0] in _READ_ONLY or (action.is_mirror and path in _OWNED_BY_GA4):
        raise _fault(index, "field_error", "IMMUTABLE_FIELD", "The field cannot be changed.", f"update.{path}")
    if path == "value_settings":
        raise _fault(
            index,
            "field_mask_error",
            "FIELD_HAS_SUBFIELDS",
            "The mask names a message with subfields.",
            f"update.{path}",
        )
    if path == "include_in_conversions_metric":
        raise _fault(index, "field_error", "IMMUTABLE_FIELD", "The field cannot be changed.", f"update.{path}")
    if path not in _WRITABLE:
        raise _fault(
            index, "field_mask_error", "FIELD_NOT_FOUND", "The field mask contains an unknown field.", f"update.{path}"
        )


def _find(account: AdsAccount, resource_name: str, index: int) -> Action:
    prefix = f"customers/{account.customer_id}/conversionActions/"
    number = resource_name.removeprefix(prefix)
    action = account.actions.get(int(number)) if resource_name.startswith(prefix) and number.isdigit() else None
    if action is None or action.now.status == "REMOVED":
        raise _fault(index, "mutate_error", "RESOURCE_NOT_FOUND", "Resource was not found.")
    return action


def _resource_name(account: AdsAccount, action: Action) -> str:
    return f"customers/{account.customer_id}/conversionActions/{action.id}"


def _enum(message: Any, name: str) -> str:
    field = message.DESCRIPTOR.fields_by_name[name]
    return str(field.enum_type.values_by_number[getattr(message, name)].name)


def _duplicate(index: int, name: str, field: str) -> AdsRefusal:
    return _fault(
        index,
        "conversion_action_error",
        "DUPLICATE_NAME",
        "The specified conversion action name already exists.",
        field,
        trigger=name,
    )


def _fault(index: int, category: str, name: str, message: str, field: str = "", trigger: str = "") -> AdsRefusal:
    return AdsRefusal(
        Fault(category=category, name=name, message=message, operation=index, field=field, trigger=trigger)
    )
