"""What can be changed about conversion actions in the sandbox's Google Ads, by the official client."""

from __future__ import annotations

from typing import Any

import pytest

from adsync.sandbox.ads.tracking import Action, Flags
from tests.contract.changes import (
    MACRO,
    MIRROR,
    Changing,
    Operation,
    a_tag,
    change_action,
    create,
    name_of,
    refusal,
    remove,
)
from tests.contract.clients import error_codes

CLICK, VIEW = "click_through_lookback_window_days", "view_through_lookback_window_days"
MODEL = "attribution_model_settings.attribution_model"
REMOVED_TAG = 1


def an_action(ads: Changing, kind: str, status: str = "ENABLED") -> int:
    """An action of a type that cannot be created."""
    account = ads.account
    action = Action(
        id=account.take_id(),
        name=kind,
        type=kind,
        category="DEFAULT",
        counting_type="MANY_PER_CLICK",
        fires_on="",
        history=[Flags(ads.estate.now, status, False)],
    )
    account.add(action)
    return action.id


# Made ----------------------------------------------------------------------------------------------------------------


def test_what_a_new_action_leaves_out_has_googles_defaults(ads: Changing) -> None:
    made = ads.make_action(create("conversion_action", name="Silent", type_="WEBPAGE"))
    assert (made.now.status, made.now.primary) == ("ENABLED", True)
    assert (made.category, made.counting_type, made.origin) == ("DEFAULT", "MANY_PER_CLICK", "WEBSITE")
    assert (made.click_window_days, made.view_window_days) == (30, 1)
    assert (made.default_value, made.currency, made.always_use_default_value) == (0.0, "", False)


def test_a_new_action_is_what_the_call_says(ads: Changing) -> None:
    fields: dict[str, Any] = {
        "status": "HIDDEN",
        "counting_type": "ONE_PER_CLICK",
        CLICK: 60,
        VIEW: 7,
        "value_settings": {"default_value": 2.5, "default_currency_code": "USD", "always_use_default_value": True},
    }
    made = ads.make_action(a_tag("Newsletter", **fields))
    assert (made.now.status, made.now.primary, made.category) == ("HIDDEN", False, "SIGNUP")
    assert (made.counting_type, made.click_window_days, made.view_window_days) == ("ONE_PER_CLICK", 60, 7)
    assert (made.default_value, made.currency, made.always_use_default_value) == (2.5, "USD", True)


@pytest.mark.parametrize(
    ("kind", "origin"),
    [
        ("WEBPAGE", "WEBSITE"),
        ("UPLOAD_CLICKS", "WEBSITE"),
        ("UPLOAD_CALLS", "CALL_FROM_ADS"),
        ("AD_CALL", "CALL_FROM_ADS"),
        ("WEBSITE_CALL", "WEBSITE"),
        ("GOOGLE_PLAY_DOWNLOAD", "APP"),
        ("GOOGLE_PLAY_IN_APP_PURCHASE", "APP"),
    ],
)
def test_these_types_can_be_created_and_have_their_origin(ads: Changing, kind: str, origin: str) -> None:
    made = ads.make_action(create("conversion_action", name="New", type_=kind))
    assert (made.type, made.origin) == (kind, origin)
    assert (made.category, origin) in ads.account.goals


@pytest.mark.parametrize(
    "kind",
    [
        "GOOGLE_ANALYTICS_4_CUSTOM",
        "GOOGLE_ANALYTICS_4_PURCHASE",
        "FIREBASE_ANDROID_CUSTOM",
        "STORE_VISITS",
        "LEAD_FORM_SUBMIT",
        "WEBPAGE_CODELESS",
        "UNIVERSAL_ANALYTICS_GOAL",
        "SALESFORCE",
    ],
)
def test_other_types_cannot_be_created(ads: Changing, kind: str) -> None:
    assert ads.refused(create("conversion_action", name="New", type_=kind)) == [
        ("conversion_action_error.CREATION_NOT_SUPPORTED", ["create", "type"])
    ]


def test_each_mutable_field_of_a_tag_can_be_changed(ads: Changing) -> None:
    ads.estate.switches.set("data_driven_on_new_actions", "accepted")
    fields: dict[str, Any] = {
        "name": "Sale",
        "category": "SUBSCRIBE_PAID",
        "counting_type": "ONE_PER_CLICK",
        CLICK: 90,
        VIEW: 30,
        "value_settings": {"default_value": 3.0, "default_currency_code": "CHF", "always_use_default_value": True},
        "attribution_model_settings": {"attribution_model": "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN"},
        "status": "HIDDEN",
        "primary_for_goal": False,
    }
    values = [f"value_settings.{name}" for name in fields["value_settings"]]
    plain = [path for path in fields if not path.endswith("_settings")]
    ads.make(change_action(MACRO, *plain, *values, MODEL, **fields))
    action = ads.account.actions[MACRO]
    assert (action.name, action.category, action.counting_type) == ("Sale", "SUBSCRIBE_PAID", "ONE_PER_CLICK")
    assert (action.click_window_days, action.view_window_days) == (90, 30)
    assert (action.default_value, action.currency, action.always_use_default_value) == (3.0, "CHF", True)
    assert (action.now.status, action.now.primary) == ("HIDDEN", False)
    assert action.attribution_model == "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN"
    assert ("SUBSCRIBE_PAID", "WEBSITE") in ads.account.goals, "the action has moved to another goal"


# Refused -------------------------------------------------------------------------------------------------------------


def _value(**settings: Any) -> dict[str, Any]:
    return {"value_settings": settings}


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        (CLICK, {CLICK: 0}, "range_error.TOO_LOW"),
        (CLICK, {CLICK: 91}, "range_error.TOO_HIGH"),
        (VIEW, {VIEW: 0}, "range_error.TOO_LOW"),
        (VIEW, {VIEW: 31}, "range_error.TOO_HIGH"),
        ("phone_call_duration_seconds", {"phone_call_duration_seconds": -1}, "range_error.TOO_LOW"),
        ("phone_call_duration_seconds", {"phone_call_duration_seconds": 10_001}, "range_error.TOO_HIGH"),
        ("value_settings.default_value", _value(default_value=-0.01), "range_error.TOO_LOW"),
        ("value_settings.default_value", _value(default_value=-1e308), "range_error.TOO_LOW"),
        ("value_settings.default_value", _value(default_value=1e308), "range_error.TOO_HIGH"),
        ("value_settings.default_value", _value(default_value=float("inf")), "range_error.TOO_HIGH"),
        ("value_settings.default_value", _value(default_value=-float("inf")), "range_error.TOO_LOW"),
        ("value_settings.default_value", _value(default_value=float("nan")), "range_error.TOO_HIGH"),
        (
            "value_settings.default_currency_code",
            _value(default_currency_code="XXX"),
            "currency_code_error.UNSUPPORTED",
        ),
        ("name", {"name": "x" * 256}, "string_length_error.TOO_LONG"),
        ("name", {"name": "  "}, "field_error.REQUIRED"),
        ("name", {"name": "Sandbox shop (web) purchase"}, "conversion_action_error.DUPLICATE_NAME"),
        ("category", {"category": "UNKNOWN"}, "request_error.INVALID_ENUM_VALUE"),
        ("category", {"category": 999}, "request_error.INVALID_ENUM_VALUE"),
        ("counting_type", {"counting_type": "UNKNOWN"}, "request_error.INVALID_ENUM_VALUE"),
        (
            MODEL,
            {"attribution_model_settings": {"attribution_model": "GOOGLE_SEARCH_ATTRIBUTION_LINEAR"}},
            "conversion_action_error.CANNOT_SET_RULE_BASED_ATTRIBUTION_MODELS",
        ),
        ("origin", {"origin": "WEBSITE"}, "field_error.IMMUTABLE_FIELD"),
        ("include_in_conversions_metric", {"include_in_conversions_metric": True}, "field_error.IMMUTABLE_FIELD"),
        ("owner_customer", {"owner_customer": "customers/1"}, "field_error.IMMUTABLE_FIELD"),
    ],
)
def test_a_value_that_google_refuses_is_refused_on_create_and_on_update(
    ads: Changing, path: str, fields: dict[str, Any], code: str
) -> None:
    new = a_tag(fields.get("name", "New"), **{key: value for key, value in fields.items() if key != "name"})
    assert ads.refused(new) == [(code, ["create", *path.split(".")])]
    assert ads.refused(change_action(MACRO, path, **fields)) == [(code, ["update", *path.split(".")])]


@pytest.mark.parametrize(
    ("operation", "code", "where"),
    [
        (change_action(MACRO, "status"), "request_error.INVALID_ENUM_VALUE", "update.status"),
        (change_action(MACRO, "type", type_="UPLOAD_CLICKS"), "field_error.IMMUTABLE_FIELD", "update.type"),
        (change_action(MACRO, "id", id=5), "field_error.IMMUTABLE_FIELD", "update.id"),
        (change_action(MACRO, "tag_snippets"), "field_error.IMMUTABLE_FIELD", "update.tag_snippets"),
        (
            change_action(MACRO, "firebase_settings.event_name"),
            "field_error.IMMUTABLE_FIELD",
            "update.firebase_settings.event_name",
        ),
        (
            change_action(MIRROR, "counting_type", counting_type="ONE_PER_CLICK"),
            "field_error.IMMUTABLE_FIELD",
            "update.counting_type",
        ),
        (
            change_action(MIRROR, "include_in_conversions_metric"),
            "field_error.IMMUTABLE_FIELD",
            "update.include_in_conversions_metric",
        ),
        (a_tag(status="REMOVED"), "request_error.INVALID_ENUM_VALUE", "create.status"),
        (create("conversion_action", type_="WEBPAGE"), "field_error.REQUIRED", "create.name"),
    ],
)
def test_a_change_that_google_refuses_is_refused(ads: Changing, operation: Operation, code: str, where: str) -> None:
    assert ads.refused(operation) == [(code, where.split("."))]


def test_a_name_can_be_kept_and_two_new_ones_cannot_be_the_same(ads: Changing) -> None:
    ads.make(change_action(MACRO, "name", "category", name="Purchase (web)", category="PURCHASE"))
    assert ads.refused(a_tag("Twin"), a_tag("Twin")) == [("conversion_action_error.DUPLICATE_NAME", ["create", "name"])]
    failure = refusal(lambda: ads.by_own_service(a_tag("Purchase (web)")))
    assert failure.errors[0].trigger.string_value == "Purchase (web)"


def test_a_young_action_has_no_data_driven_model(ads: Changing) -> None:
    model = {"attribution_model_settings": {"attribution_model": "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN"}}
    young = ads.make_one(a_tag())
    code = "conversion_action_error.DATA_DRIVEN_MODEL_UNKNOWN"
    assert ads.refused(a_tag("Other", **model)) == [(code, ["create", *MODEL.split(".")])]
    assert ads.refused(change_action(young, MODEL, **model)) == [(code, ["update", *MODEL.split(".")])]
    ads.make(change_action(MACRO, MODEL, **model))
    ads.estate.switches.set("data_driven_on_new_actions", "accepted")
    ads.make(change_action(young, MODEL, **model))


def test_calls_have_no_view_through_window_and_only_their_default_value(ads: Changing) -> None:
    fields: dict[str, Any] = {"type_": "AD_CALL", "category": "PHONE_CALL_LEAD"}
    wrong = {**fields, "value_settings": {"always_use_default_value": False}}
    assert ads.refused(a_tag("Call", **fields, **{VIEW: 1})) == [("field_error.VALUE_MUST_BE_UNSET", ["create", VIEW])]
    assert ads.refused(a_tag("Call", **wrong)) == [
        ("field_error.INVALID_VALUE", ["create", "value_settings", "always_use_default_value"])
    ]
    made = ads.make_action(a_tag("Call", **fields, phone_call_duration_seconds=60))
    assert (made.always_use_default_value, made.phone_call_duration_seconds) == (True, 60)
    ads.estate.switches.set("call_rules", "none")
    ads.make(a_tag("Other call", **wrong, **{VIEW: 1}))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("WEBPAGE_CODELESS", "mutate_error.MUTATE_NOT_ALLOWED"),
        ("STORE_VISITS", "conversion_action_error.UPDATE_NOT_SUPPORTED"),
    ],
)
def test_actions_that_google_makes_cannot_be_updated(ads: Changing, kind: str, code: str) -> None:
    action = an_action(ads, kind)
    assert ads.refused(change_action(action, "name", name="x")) == [(code, [])]


# Open points ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switch", "path", "fields"),
    [
        ("mirror_primary_for_goal", "primary_for_goal", {"primary_for_goal": True}),
        ("mirror_category", "category", {"category": "SIGNUP"}),
        ("mirror_name", "name", {"name": "Mine"}),
        ("mirror_value_settings", "value_settings.default_value", _value(default_value=2.0)),
        ("mirror_value_settings", "value_settings.always_use_default_value", _value(always_use_default_value=True)),
        ("mirror_lookback_windows", CLICK, {CLICK: 60}),
        ("mirror_lookback_windows", VIEW, {VIEW: 2}),
        (
            "mirror_attribution_model",
            MODEL,
            {"attribution_model_settings": {"attribution_model": "GOOGLE_ADS_LAST_CLICK"}},
        ),
    ],
)
def test_what_may_change_on_a_mirror_is_a_switch(ads: Changing, switch: str, path: str, fields: dict[str, Any]) -> None:
    operation = change_action(MIRROR, path, **fields)
    ads.make(operation)
    ads.estate.switches.set(switch, "refused")
    assert ads.refused(operation) == [("field_error.IMMUTABLE_FIELD", ["update", *path.split(".")])]
    if "attribution" not in path:
        ads.make(change_action(MACRO, path, **fields | ({"name": "Yours"} if path == "name" else {})))


def test_a_mirror_is_enabled_and_hidden_whatever_the_switches_say(ads: Changing) -> None:
    for switch in ("primary_for_goal", "category", "name", "value_settings", "lookback_windows", "removal"):
        ads.estate.switches.set(f"mirror_{switch}", "refused")
    for status in ("ENABLED", "HIDDEN"):
        ads.make(change_action(MIRROR, "status", status=status))
        assert ads.account.actions[MIRROR].now.status == status


def test_whether_a_mirror_can_be_removed_is_a_switch(ads: Changing) -> None:
    by_status = change_action(MIRROR, "status", status="REMOVED")
    by_name = remove("conversion_action", name_of("conversionActions", MIRROR))
    ads.estate.switches.set("mirror_removal", "refused")
    assert ads.refused(by_status) == [("request_error.INVALID_ENUM_VALUE", ["update", "status"])]
    assert ads.refused(by_name) == [("mutate_error.MUTATE_NOT_ALLOWED", [])]
    ads.make(change_action(MACRO, "status", status="REMOVED"))
    ads.estate.switches.set("mirror_removal", "accepted")
    ads.make(by_status)
    assert ads.account.actions[MIRROR].now.status == "REMOVED"


def test_whether_the_name_of_a_removed_action_can_be_used_again_is_a_switch(ads: Changing) -> None:
    ads.make(remove("conversion_action", name_of("conversionActions", ads.make_one(a_tag()))))
    ads.estate.switches.set("removed_names", "kept")
    assert ads.refused(a_tag()) == [("conversion_action_error.DUPLICATE_NAME", ["create", "name"])]
    ads.estate.switches.set("removed_names", "reusable")
    ads.make(a_tag())


def test_whether_a_removed_action_comes_back_is_a_switch(ads: Changing) -> None:
    removed = ads.make_one(a_tag())
    ads.make(change_action(removed, "status", status="REMOVED"))
    back = change_action(removed, "status", status="ENABLED")
    assert ads.refused(back) == [("context_error.OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", [])]
    ads.estate.switches.set("removed_actions", "can_return")
    ads.make(back)
    assert ads.account.actions[removed].now.status == "ENABLED"


def test_an_action_without_a_type_lacks_something_required(ads: Changing) -> None:
    assert ads.refused(create("conversion_action", name="Typeless")) == [("field_error.REQUIRED", ["create", "type"])]


def test_the_longest_click_window_of_a_tag_is_a_switch(ads: Changing) -> None:
    ads.estate.switches.set("webpage_click_window", "30")
    assert ads.refused(change_action(MACRO, CLICK, **{CLICK: 31})) == [("range_error.TOO_HIGH", ["update", CLICK])]
    ads.make(a_tag("Upload", type_="UPLOAD_CLICKS", **{CLICK: 90}), change_action(MACRO, CLICK, **{CLICK: 30}))
    ads.estate.switches.set("webpage_click_window", "90")
    ads.make(change_action(MACRO, CLICK, **{CLICK: 90}))


def test_how_long_a_name_may_be_is_a_switch(ads: Changing) -> None:
    ads.make(a_tag("x" * 255))
    ads.estate.switches.set("action_name_limit", "100")
    assert ads.refused(a_tag("y" * 101)) == [("string_length_error.TOO_LONG", ["create", "name"])]


def test_how_many_actions_an_account_may_have_is_a_switch(ads: Changing) -> None:
    ads.estate.switches.set("action_limit", "100")
    room = 100 - len(ads.account.actions)
    ads.make(*(a_tag(f"Tag {n}") for n in range(room)))
    failure = refusal(lambda: ads.by_own_service(a_tag("One too many")))
    assert error_codes(failure) == ["resource_count_limit_exceeded_error.ACCOUNT_LIMIT"]
    details = failure.errors[0].details.resource_count_details
    assert (details.limit, details.existing_count) == (100, 100)
    assert details.limit_type.name == "CONVERSION_ACTIONS_PER_CUSTOMER"
    ads.estate.switches.set("action_limit", "none")
    ads.make(a_tag("One too many"))
