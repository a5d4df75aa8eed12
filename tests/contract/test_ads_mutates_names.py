"""How changes to the sandbox's Google Ads name things: ids, temporary ids, masks and names, by the official client."""

from __future__ import annotations

from inspect import signature
from typing import Any

import pytest
from google.ads.googleads.v26.services.services.google_ads_service import GoogleAdsServiceClient

from adsync.sandbox.ads.methods import MUTABLE
from tests.contract.changes import (
    BRAND,
    BUDGET,
    GENERIC,
    MACRO,
    Changing,
    Operation,
    a_tag,
    change_action,
    change_campaign,
    change_config,
    create,
    name_of,
    refusal,
    remove,
    update,
)
from tests.contract.clients import paths

PURCHASE = "PURCHASE~WEBSITE"
CUSTOMER_GOAL = name_of("customerConversionGoals", PURCHASE)
CAMPAIGN_GOAL = name_of("campaignConversionGoals", f"{BRAND}~{PURCHASE}")

# Temporary names -----------------------------------------------------------------------------------------------------


def test_a_later_operation_names_what_an_earlier_one_makes(ads: Changing) -> None:
    goal, action = name_of("customConversionGoals", -2), name_of("conversionActions", -1)
    made = ads.make(
        a_tag(resource_name=action),
        create("custom_conversion_goal", resource_name=goal, name="Both", conversion_actions=[action]),
        change_config(BRAND, "custom_conversion_goal", custom_conversion_goal=goal),
        create(
            "bidding_strategy",
            resource_name=name_of("biddingStrategies", -3),
            name="Shared",
            target_cpa={"target_cpa_micros": 10_000},
        ),
        change_campaign(GENERIC, "bidding_strategy", bidding_strategy=name_of("biddingStrategies", -3)),
    )
    assert not any("-" in name for name in made), "results carry the real ids"
    tag, custom = (int(name.rpartition("/")[2]) for name in made[:2])
    assert ads.account.custom_goals[custom].actions == [tag]
    assert ads.account.campaigns[0].custom_goal == custom
    assert ads.account.campaigns[1].portfolio == int(made[3].rpartition("/")[2])


TEMPORARY = name_of("conversionActions", -1)


def _goal_of(action: int) -> Operation:
    return create("custom_conversion_goal", name="One", conversion_actions=[name_of("conversionActions", action)])


@pytest.mark.parametrize(
    ("operations", "codes"),
    [
        (
            [a_tag("A", resource_name=TEMPORARY), a_tag("B", resource_name=TEMPORARY)],
            ["new_resource_creation_error.DUPLICATE_TEMP_IDS"],
        ),
        (
            [a_tag("A", resource_name=name_of("conversionActions", -1)),
             create("custom_conversion_goal", resource_name=name_of("customConversionGoals", -1), name="G",
                    conversion_actions=[name_of("conversionActions", MACRO)])],
            ["new_resource_creation_error.DUPLICATE_TEMP_IDS"],
        ),
        ([_goal_of(-1), a_tag("A", resource_name=name_of("conversionActions", -1))], ["mutate_error.RESOURCE_NOT_FOUND"]),
        (
            [a_tag("", resource_name=name_of("conversionActions", -1)), _goal_of(-1)],
            ["field_error.REQUIRED", "new_resource_creation_error.TEMP_ID_RESOURCE_HAD_ERRORS"],
        ),
        ([a_tag("A", id=5)], ["new_resource_creation_error.CANNOT_SET_ID_FOR_CREATE"]),
        ([a_tag("A", resource_name=name_of("conversionActions", 5))], ["request_error.RESOURCE_NAME_MALFORMED"]),
        ([a_tag("A", resource_name=name_of("campaigns", -1))], ["request_error.RESOURCE_NAME_MALFORMED"]),
        ([a_tag("A", resource_name="newsletter")], ["request_error.RESOURCE_NAME_MALFORMED"]),
        ([a_tag("A", resource_name=name_of("conversionActions", -1, "1000000009"))], ["mutate_error.RESOURCE_NOT_FOUND"]),
        ([a_tag("A", resource_name=name_of("conversionActions", -(2**63) - 1))], ["request_error.BAD_RESOURCE_ID"]),
        ([_goal_of(-(2**63) - 1)], ["request_error.RESOURCE_NAME_MALFORMED"]),
        (
            [create("bidding_strategy", resource_name=name_of("biddingStrategies", -1), name="S",
                    target_roas={"target_roas": 2.0}), _goal_of(-1)],
            ["custom_conversion_goal_error.INVALID_CONVERSION_ACTION"],
        ),
    ],
    ids=[
        "twice", "twice over two kinds", "before it is made", "what could not be made", "an id", "a positive name",
        "of another collection", "no name", "of another customer", "an id beyond 64 bits", "a reference beyond them",
        "a reference to another kind",
    ],
)  # fmt: skip
def test_a_temporary_name_that_does_not_fit_is_refused(
    ads: Changing, operations: list[Operation], codes: list[str]
) -> None:
    assert [code for code, _ in ads.refused(*operations)] == codes


def test_custom_goals_may_not_know_temporary_names(ads: Changing) -> None:
    ads.estate.switches.set("temporary_names_in_custom_goals", "refused")
    operations = [a_tag("A", resource_name=name_of("conversionActions", -1)), _goal_of(-1)]
    assert ads.refused(*operations) == [
        ("custom_conversion_goal_error.INVALID_CONVERSION_ACTION", ["create", "conversion_actions"])
    ]


# Names and masks -----------------------------------------------------------------------------------------------------


NAME = ["update", "resource_name"]


@pytest.mark.parametrize(
    ("operation", "code", "where"),
    [
        (update("campaign", "", ["name"], name="x"), "request_error.RESOURCE_NAME_MISSING", NAME),
        (update("campaign", "campaigns/1", ["name"], name="x"), "request_error.RESOURCE_NAME_MALFORMED", NAME),
        (
            update("campaign", name_of("conversionActions", MACRO), ["name"], name="x"),
            "request_error.RESOURCE_NAME_MALFORMED",
            NAME,
        ),
        (
            update("campaign", name_of("campaigns", BRAND, customer="1000000009"), ["name"], name="x"),
            "mutate_error.RESOURCE_NOT_FOUND",
            NAME,
        ),
        (change_campaign(BRAND, "nonsense"), "field_mask_error.FIELD_NOT_FOUND", ["update", "nonsense"]),
        (
            change_campaign(BRAND, "target_cpa.nonsense"),
            "field_mask_error.FIELD_NOT_FOUND",
            ["update", "target_cpa", "nonsense"],
        ),
        (change_campaign(BRAND, "name.x"), "field_mask_error.FIELD_NOT_FOUND", ["update", "name", "x"]),
        (change_campaign(BRAND, "target_cpa"), "field_mask_error.FIELD_HAS_SUBFIELDS", ["update", "target_cpa"]),
        (
            change_campaign(BRAND, "final_url_suffix"),
            "mutate_error.MUTATE_NOT_ALLOWED",
            ["update", "final_url_suffix"],
        ),
        (
            {"campaign_budget_operation": {"create": {"name": "x", "amount_micros": 10_000}}},
            "mutate_error.MUTATE_NOT_ALLOWED",
            [],
        ),
        (remove("campaign", name_of("campaigns", BRAND)), "mutate_error.MUTATE_NOT_ALLOWED", []),
        ({"campaign_operation": {}}, "request_error.OPERATION_REQUIRED", []),
    ],
)
def test_a_wrong_name_or_mask_is_refused(ads: Changing, operation: Operation, code: str, where: list[str]) -> None:
    assert ads.refused(operation) == [(code, where)]


@pytest.mark.parametrize("kind", MUTABLE)
def test_a_malformed_name_is_told_what_it_should_look_like(ads: Changing, kind: str) -> None:
    form = getattr(GoogleAdsServiceClient, f"{kind}_path")
    expected = form(*(f"{{{name}}}" for name in signature(form).parameters))
    failure = refusal(lambda: ads.by_general_service(update(kind, "foo/1", ["name"])))
    assert failure.errors[0].message == f"Resource name 'foo/1' is malformed: expected '{expected}'."


def test_the_malformed_name_of_another_resource_is_told_the_same(ads: Changing) -> None:
    operation = create("custom_conversion_goal", name="x", conversion_actions=["foo/1"])
    (error,) = refusal(lambda: ads.by_general_service(operation)).errors
    assert error.message.endswith("'customers/{customer_id}/conversionActions/{conversion_action_id}'.")


@pytest.mark.parametrize("kind", ["conversion_action", "custom_conversion_goal", "bidding_strategy"])
def test_a_create_has_no_mask(ads: Changing, kind: str) -> None:
    operation = {f"{kind}_operation": {"create": {"name": "x"}, "update_mask": {"paths": ["name"]}}}
    assert ads.refused(operation) == [("field_mask_error.FIELD_MASK_NOT_ALLOWED", ["update_mask"])]


BEYOND_64_BITS = 2**63
NO_IDS = ["x", "²", "٢٠٠٠٠٠٠١", "020000001", "+5", f"{BEYOND_64_BITS}", f"-{BEYOND_64_BITS + 1}", "9" * 5000]
"""The last of them is too long even for Python's int()."""
COLLECTIONS = {
    "conversion_action": "conversionActions",
    "custom_conversion_goal": "customConversionGoals",
    "conversion_goal_campaign_config": "conversionGoalCampaignConfigs",
    "campaign": "campaigns",
    "campaign_budget": "campaignBudgets",
    "bidding_strategy": "biddingStrategies",
}


UPDATED: dict[str, Operation] = {
    "conversion_action": change_action(MACRO, name="x"),
    "customer_conversion_goal": update("customer_conversion_goal", CUSTOMER_GOAL, [], biddable=False),
    "campaign_conversion_goal": update("campaign_conversion_goal", CAMPAIGN_GOAL, [], biddable=False),
    "conversion_goal_campaign_config": change_config(BRAND, goal_config_level="CAMPAIGN"),
    "campaign": change_campaign(BRAND, name="x"),
    "campaign_budget": update("campaign_budget", name_of("campaignBudgets", BUDGET), [], name="x"),
}


def _named(name: str) -> dict[str, Operation]:
    """Everything that has a name, with this one."""
    action = [name_of("conversionActions", MACRO)]
    return {
        "a new action": a_tag(name),
        "an action": change_action(MACRO, "name", name=name),
        "a campaign": change_campaign(BRAND, "name", name=name),
        "a budget": update("campaign_budget", name_of("campaignBudgets", BUDGET), ["name"], name=name),
        "a strategy": create("bidding_strategy", name=name, target_cpa={"target_cpa_micros": 10_000}),
        "a custom goal": create("custom_conversion_goal", name=name, conversion_actions=action),
    }


@pytest.mark.parametrize("what", _named(""))
def test_a_name_is_readable_and_not_too_long(ads: Changing, what: str) -> None:
    verb = "create" if what in ("a new action", "a strategy", "a custom goal") else "update"
    for name in ("\0", "null\0", "two\nlines", "\rback", "\x1b[31mred", "\x7f", "next\x85line"):
        assert ads.refused(_named(name)[what]) == [("string_format_error.ILLEGAL_CHARS", [verb, "name"])], repr(name)
    assert ads.refused(_named(" \n ")[what]) == [("field_error.REQUIRED", [verb, "name"])]
    assert ads.refused(_named("x" * 256)[what]) == [("string_length_error.TOO_LONG", [verb, "name"])]
    ads.make(_named("Größe \u202e \U0001f680 <b> ' \" \\")[what])


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_an_id_is_a_number_of_64_bits(ads: Changing, kind: str) -> None:
    field = "goal_config_level" if kind == "conversion_goal_campaign_config" else "name"
    value = "CAMPAIGN" if field == "goal_config_level" else "x"
    for text in NO_IDS:
        operation = update(kind, name_of(COLLECTIONS[kind], text), [field], **{field: value})
        assert ads.refused(operation) == [("request_error.BAD_RESOURCE_ID", NAME)], text[:30]
    for number in (BEYOND_64_BITS - 1, -BEYOND_64_BITS, 0):
        operation = update(kind, name_of(COLLECTIONS[kind], number), [field], **{field: value})
        assert ads.refused(operation) == [("mutate_error.RESOURCE_NOT_FOUND", NAME)], number


@pytest.mark.parametrize("kind", ["campaign_conversion_goal", "customer_conversion_goal"])
def test_a_goals_name_holds_a_category_and_an_origin(ads: Changing, kind: str) -> None:
    collection, before = {
        "campaign_conversion_goal": ("campaignConversionGoals", f"{BRAND}~"),
        "customer_conversion_goal": ("customerConversionGoals", ""),
    }[kind]
    for pair in ("PURCHASE", "PURCHASE~", "UNKNOWN~WEBSITE", "PURCHASE~MOON", "PURCHASE~WEBSITE~1", "5"):
        operation = update(kind, name_of(collection, before + pair), ["biddable"], biddable=True)
        assert ads.refused(operation) == [("request_error.BAD_RESOURCE_ID", NAME)], pair


@pytest.mark.parametrize("kind", UPDATED)
@pytest.mark.parametrize("wishes", [{}, {"validate_only": True}], ids=["made", "validated"])
def test_an_update_names_what_it_changes(ads: Changing, kind: str, wishes: dict[str, Any]) -> None:
    empty = [("field_mask_error.FIELD_MASK_MISSING", ["update_mask"])]
    assert ads.refused(UPDATED[kind], **wishes) == empty, "the mask is there and names nothing"
    absent = {operation: {"update": parts["update"]} for operation, parts in UPDATED[kind].items()}
    assert ads.refused(absent, **wishes) == empty
    failure = refusal(lambda: ads.by_own_service(UPDATED[kind], **wishes))
    assert [paths(error) for error in failure.errors] == [["operations[0]", "update_mask"]]


def test_what_the_sandbox_does_not_play_is_named(ads: Changing) -> None:
    failure = refusal(
        lambda: ads.by_general_service(change_campaign(BRAND, "final_url_suffix", final_url_suffix="a=b"))
    )
    assert "final_url_suffix" in failure.errors[0].message
