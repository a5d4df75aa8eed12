"""What can be changed about conversion goals in the sandbox's Google Ads, by the official client."""

from __future__ import annotations

import pytest

from adsync.sandbox.ads.tracking import Action, Flags
from tests.contract.changes import (
    BRAND,
    GENERIC,
    MACRO,
    MIRROR,
    Changing,
    Operation,
    a_tag,
    change_action,
    change_config,
    create,
    name_of,
    remove,
    update,
)
from tests.contract.clients import search

PURCHASE = ("PURCHASE", "WEBSITE")
SIGNUP = ("SIGNUP", "WEBSITE")
NOT_FOUND = ("mutate_error.RESOURCE_NOT_FOUND", ["update", "resource_name"])


def customer_goal(pair: tuple[str, str], biddable: bool) -> Operation:
    name = name_of("customerConversionGoals", "~".join(pair))
    return update("customer_conversion_goal", name, ["biddable"], biddable=biddable)


def campaign_goal(campaign: int, pair: tuple[str, str], biddable: bool) -> Operation:
    name = name_of("campaignConversionGoals", "~".join([str(campaign), *pair]))
    return update("campaign_conversion_goal", name, ["biddable"], biddable=biddable)


def custom_goal(*actions: int, name: str = "Custom") -> Operation:
    listed = [name_of("conversionActions", action) for action in actions]
    return create("custom_conversion_goal", name=name, conversion_actions=listed)


def change_custom_goal(goal: int, *mask: str, **fields: object) -> Operation:
    return update("custom_conversion_goal", name_of("customConversionGoals", goal), mask, **fields)


def use(campaign: int, goal: int | None) -> Operation:
    name = "" if goal is None else name_of("customConversionGoals", goal)
    return change_config(campaign, "custom_conversion_goal", custom_conversion_goal=name)


# How goals come into being -------------------------------------------------------------------------------------------


def test_a_new_pair_becomes_a_goal_of_the_customer_and_of_each_detached_campaign(ads: Changing) -> None:
    ads.make(campaign_goal(BRAND, PURCHASE, True))
    ads.make(a_tag())
    assert ads.account.goals == {PURCHASE: True, SIGNUP: True}
    assert ads.account.campaigns[0].goals == {PURCHASE: True, SIGNUP: True}
    assert ads.account.campaign_goals(ads.account.campaigns[1]) == ads.account.goals


@pytest.mark.parametrize("biddable", [True, False])
def test_a_new_goal_is_biddable_only_if_all_others_of_its_category_are(ads: Changing, biddable: bool) -> None:
    ads.make(a_tag("Call", type_="AD_CALL", category="CONTACT"))
    ads.make(customer_goal(("CONTACT", "CALL_FROM_ADS"), biddable))
    ads.make(a_tag("Form", category="CONTACT"))
    assert ads.account.goals[("CONTACT", "WEBSITE")] is biddable


def test_goals_cannot_be_made_or_removed(ads: Changing) -> None:
    missing = customer_goal(("DOWNLOAD", "WEBSITE"), True)
    assert ads.refused(missing) == [NOT_FOUND]
    assert ads.refused(campaign_goal(BRAND, SIGNUP, True)) == [NOT_FOUND]
    assert ads.refused(campaign_goal(1, PURCHASE, True)) == [NOT_FOUND]


@pytest.mark.parametrize("path", ["category", "origin"])
def test_the_key_of_a_goal_cannot_be_changed(ads: Changing, path: str) -> None:
    value = {"category": "SIGNUP", "origin": "APP"}[path]
    name = name_of("customerConversionGoals", "~".join(PURCHASE))
    operation = update("customer_conversion_goal", name, [path], **{path: value})
    assert ads.refused(operation) == [("field_error.IMMUTABLE_FIELD", ["update", path])]


# Which goals a campaign follows --------------------------------------------------------------------------------------


def test_the_mask_alone_says_that_a_goal_is_not_biddable(ads: Changing) -> None:
    ads.make(customer_goal(PURCHASE, False))
    query = "SELECT customer_conversion_goal.biddable FROM customer_conversion_goal"
    assert [row.customer_conversion_goal.biddable for row in search(ads.sandbox, query)] == [False]
    assert ads.account.counted_pairs == frozenset()


@pytest.mark.parametrize("biddable", [True, False])
def test_changing_a_campaigns_goal_detaches_the_campaign(ads: Changing, biddable: bool) -> None:
    ads.make(campaign_goal(BRAND, PURCHASE, biddable))
    assert [campaign.goal_level for campaign in ads.account.campaigns] == ["CAMPAIGN", "CUSTOMER"]
    ads.make(customer_goal(PURCHASE, False))
    assert ads.account.counted_pairs == ({(BRAND, MACRO)} if biddable else frozenset())
    ads.make(change_config(BRAND, "goal_config_level", goal_config_level="CUSTOMER"))
    assert ads.account.counted_pairs == frozenset(), "it inherits the customer's goals again"
    ads.make(customer_goal(PURCHASE, True))
    assert ads.account.counted_pairs == {(BRAND, MACRO), (GENERIC, MACRO)}


def test_a_custom_goal_bids_on_its_actions_primary_or_not(ads: Changing) -> None:
    tag = ads.make_one(a_tag())
    goal = ads.make_one(custom_goal(tag))
    ads.make(use(BRAND, goal))
    assert ads.account.campaigns[0].goal_level == "CAMPAIGN"
    assert ads.account.counted_pairs == {(BRAND, tag), (GENERIC, MACRO)}
    ads.make(change_custom_goal(goal, "conversion_actions", conversion_actions=[name_of("conversionActions", MACRO)]))
    assert ads.account.counted_pairs == {(BRAND, MACRO), (GENERIC, MACRO)}
    ads.make(customer_goal(PURCHASE, False), change_action(MACRO, "primary_for_goal", primary_for_goal=False))
    assert ads.account.counted_pairs == {(BRAND, MACRO)}
    ads.make(change_config(BRAND, "goal_config_level", goal_config_level="CUSTOMER"))
    assert ads.account.counted_pairs == frozenset()
    assert ads.account.campaigns[0].custom_goal is None


def test_a_custom_goal_that_is_put_aside_leaves_the_campaign_detached(ads: Changing) -> None:
    goal = ads.make_one(custom_goal(MACRO))
    ads.make(use(BRAND, goal))
    ads.make(use(BRAND, None))
    campaign = ads.account.campaigns[0]
    assert (campaign.custom_goal, campaign.goal_level, campaign.goals) == (None, "CAMPAIGN", {PURCHASE: True})


def test_an_action_that_no_longer_records_does_not_count_in_a_custom_goal(ads: Changing) -> None:
    tag = ads.make_one(a_tag())
    ads.make(use(BRAND, ads.make_one(custom_goal(tag))))
    ads.make(change_action(tag, "status", status="HIDDEN"))
    assert ads.account.counted_pairs == {(GENERIC, MACRO)}


# Refused -------------------------------------------------------------------------------------------------------------


def test_a_campaign_cannot_inherit_and_use_a_custom_goal(ads: Changing) -> None:
    goal = name_of("customConversionGoals", ads.make_one(custom_goal(MACRO)))
    both = change_config(
        BRAND,
        "goal_config_level",
        "custom_conversion_goal",
        goal_config_level="CUSTOMER",
        custom_conversion_goal=goal,
    )
    assert ads.refused(both) == [("mutate_error.INCONSISTENT_FIELD_VALUES", ["update", "goal_config_level"])]


def test_a_campaign_of_its_own_goals_needs_one(ads: Changing) -> None:
    code = "conversion_goal_campaign_config_error.EMPTY_CONVERSION_GOALS"
    assert ads.refused(use(BRAND, ads.make_one(custom_goal()))) == [(code, [])]
    ads.make(customer_goal(PURCHASE, False))
    level = change_config(BRAND, "goal_config_level", goal_config_level="CAMPAIGN")
    assert ads.refused(level) == [(code, [])]


def test_a_campaign_for_an_app_has_no_such_goals(ads: Changing) -> None:
    ads.account.campaigns[0].channel_type = "MULTI_CHANNEL"
    level = change_config(BRAND, "goal_config_level", goal_config_level="CAMPAIGN")
    assert ads.refused(level) == [("conversion_goal_campaign_config_error.CAMPAIGN_CANNOT_USE_UNIFIED_GOALS", [])]


def test_a_custom_goal_that_is_not_there_cannot_be_used(ads: Changing) -> None:
    where = ["update", "custom_conversion_goal"]
    assert ads.refused(use(BRAND, 5)) == [("mutate_error.RESOURCE_NOT_FOUND", where)]
    removed = ads.make_one(custom_goal(MACRO))
    ads.make(remove("custom_conversion_goal", name_of("customConversionGoals", removed)))
    assert ads.refused(use(BRAND, removed)) == [("mutate_error.RESOURCE_NOT_FOUND", where)]


ERROR = "custom_conversion_goal_error"


@pytest.mark.parametrize(
    ("operation", "code", "where"),
    [
        (custom_goal(5), f"{ERROR}.INVALID_CONVERSION_ACTION", ["create", "conversion_actions"]),
        (custom_goal(MIRROR), f"{ERROR}.CONVERSION_ACTION_NOT_ENABLED", ["create", "conversion_actions"]),
        (custom_goal(MACRO, name="There"), f"{ERROR}.CUSTOM_GOAL_DUPLICATE_NAME", ["create", "name"]),
        (custom_goal(MACRO, MACRO), f"{ERROR}.DUPLICATE_CONVERSION_ACTION_LIST", ["create", "conversion_actions"]),
        (
            create(
                "custom_conversion_goal",
                name="x",
                conversion_actions=[name_of("conversionActions", MACRO, "1000000002")],
            ),
            f"{ERROR}.INVALID_CONVERSION_ACTION",
            ["create", "conversion_actions"],
        ),
        (custom_goal(name=""), "field_error.REQUIRED", ["create", "name"]),
        (custom_goal(name="x" * 256), "string_length_error.TOO_LONG", ["create", "name"]),
        (
            create("custom_conversion_goal", name="x", conversion_actions=["5"]),
            "request_error.RESOURCE_NAME_MALFORMED",
            ["create", "conversion_actions"],
        ),
        (
            create("custom_conversion_goal", name="x", status="REMOVED"),
            "request_error.INVALID_ENUM_VALUE",
            ["create", "status"],
        ),
        (change_custom_goal(5, "name", name="x"), *NOT_FOUND),
        (change_custom_goal(5, "id", id=6), "field_error.IMMUTABLE_FIELD", ["update", "id"]),
    ],
)
def test_a_custom_goal_that_google_refuses_is_refused(
    ads: Changing, operation: Operation, code: str, where: list[str]
) -> None:
    ads.make(custom_goal(MACRO, name="There"))
    assert ads.refused(operation) == [(code, where)]


def test_an_action_that_can_never_bid_fits_no_custom_goal(ads: Changing) -> None:
    store = Action(
        id=5,
        name="Store",
        type="STORE_SALES_DIRECT_UPLOAD",
        category="STORE_SALE",
        origin="STORE",
        counting_type="MANY_PER_CLICK",
        fires_on="",
        history=[Flags(ads.estate.now, "ENABLED", True)],
    )
    ads.account.add(store)
    assert not ads.account.goals[("STORE_SALE", "STORE")], "such goals are not bid on by default"
    code = f"{ERROR}.NON_BIDDABLE_CONVERSION_ACTION_NOT_ELIGIBLE_FOR_CUSTOM_GOAL"
    assert ads.refused(custom_goal(5)) == [(code, ["create", "conversion_actions"])]
    ads.make(customer_goal(("STORE_SALE", "STORE"), True))
    assert 5 not in {action for _, action in ads.account.counted_pairs}


@pytest.mark.parametrize("way", ["remove", "status"])
def test_a_custom_goal_in_use_cannot_be_removed(ads: Changing, way: str) -> None:
    goal = ads.make_one(custom_goal(MACRO))
    ads.make(use(BRAND, goal))
    by_name = remove("custom_conversion_goal", name_of("customConversionGoals", goal))
    operation = by_name if way == "remove" else change_custom_goal(goal, "status", status="REMOVED")
    code = f"{ERROR}.CANNOT_REMOVE_LINKED_CUSTOM_CONVERSION_GOAL"
    assert ads.refused(operation) == [(code, [])]
    ads.make(use(BRAND, None))
    ads.make(operation)
    assert ads.account.custom_goals[goal].status == "REMOVED"
    where = ["remove"] if way == "remove" else ["update", "resource_name"]
    assert ads.refused(operation) == [("mutate_error.RESOURCE_NOT_FOUND", where)]
    ads.make(custom_goal(MACRO, name="Custom"))
