"""What all changes to the sandbox's Google Ads have in common, by the official client."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import grpc
import pytest
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure

from adsync.sandbox.ads.account import AdsAccount
from tests.contract.changes import (
    BRAND,
    BUDGET,
    GENERIC,
    MACRO,
    MIRROR,
    Changing,
    Operation,
    a_tag,
    change_action,
    change_campaign,
    change_config,
    create,
    name_of,
    refusal,
    update,
)
from tests.contract.clients import CUSTOMER, MANAGER, ads_service, error_codes, paths, search

PURCHASE = "PURCHASE~WEBSITE"
CUSTOMER_GOAL = name_of("customerConversionGoals", PURCHASE)
CAMPAIGN_GOAL = name_of("campaignConversionGoals", f"{BRAND}~{PURCHASE}")

ONE_OF_EACH: dict[str, Operation] = {
    "conversion_action": change_action(MACRO, "name", name="Sale"),
    "customer_conversion_goal": update("customer_conversion_goal", CUSTOMER_GOAL, ["biddable"], biddable=False),
    "campaign_conversion_goal": update("campaign_conversion_goal", CAMPAIGN_GOAL, ["biddable"], biddable=False),
    "custom_conversion_goal": create(
        "custom_conversion_goal", name="Sales", conversion_actions=[name_of("conversionActions", MACRO)]
    ),
    "conversion_goal_campaign_config": change_config(BRAND, "goal_config_level", goal_config_level="CAMPAIGN"),
    "campaign": change_campaign(BRAND, "name", name="Brand (new)"),
    "campaign_budget": update("campaign_budget", name_of("campaignBudgets", BUDGET), ["name"], name="Money"),
    "bidding_strategy": create("bidding_strategy", name="Shared", target_cpa={"target_cpa_micros": 5_000_000}),
}
WITH_PARTIAL_FAILURE = ["conversion_action", "campaign", "campaign_budget", "bidding_strategy"]


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_each_kind_is_changed_by_its_own_service_as_by_the_general_one(ads: Changing, kind: str) -> None:
    revision = ads.account.revision
    own = ads.by_own_service(ONE_OF_EACH[kind])
    assert own.results[0].resource_name.startswith(f"customers/{CUSTOMER}/")
    assert ads.account.revision > revision
    again = (
        ads.by_own_service(ONE_OF_EACH[kind], validate_only=True) if "create" not in str(ONE_OF_EACH[kind]) else None
    )
    assert again is None or not again.results, "a request that only validates has no results"


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_a_validated_change_of_each_kind_is_not_made(ads: Changing, kind: str) -> None:
    before = repr((ads.account.tracking, ads.account.campaigns, ads.account.budgets, ads.account.portfolios))
    answers = [
        ads.by_own_service(ONE_OF_EACH[kind], validate_only=True).results,
        ads.by_general_service(ONE_OF_EACH[kind], validate_only=True).mutate_operation_responses,
    ]
    assert answers == [[], []]
    assert repr((ads.account.tracking, ads.account.campaigns, ads.account.budgets, ads.account.portfolios)) == before


@pytest.mark.parametrize("kind", ["customer_conversion_goal", "custom_conversion_goal"])
def test_goal_services_may_not_know_validate_only(ads: Changing, kind: str) -> None:
    ads.estate.switches.set("goals_validate_only", "refused")
    failure = refusal(lambda: ads.by_own_service(ONE_OF_EACH[kind], validate_only=True))
    assert error_codes(failure) == ["mutate_error.RESOURCE_DOES_NOT_SUPPORT_VALIDATE_ONLY"]
    assert ads.by_own_service(ONE_OF_EACH["conversion_action"], validate_only=True).results == []


# Several at once -----------------------------------------------------------------------------------------------------


def test_one_request_changes_several_kinds_whole_or_not_at_all(ads: Changing) -> None:
    mixed = [
        a_tag(),
        ONE_OF_EACH["customer_conversion_goal"],
        change_campaign(BRAND, "name", name="Brand (new)"),
    ]
    assert ads.refused(*mixed, change_action(MIRROR, "name", name="Purchase (web)")) == [
        ("conversion_action_error.DUPLICATE_NAME", ["update", "name"])
    ]
    names = ads.make(*mixed)
    assert [name.split("/")[2] for name in names] == ["conversionActions", "customerConversionGoals", "campaigns"]
    assert ads.account.named("Newsletter") and not ads.account.goals[("PURCHASE", "WEBSITE")]
    assert ads.account.campaigns[0].name == "Brand (new)"


def test_every_wrong_operation_is_told_with_its_place(ads: Changing) -> None:
    wrong = [a_tag(""), ONE_OF_EACH["campaign"], change_action(MACRO, name="x")]
    failure = refusal(lambda: ads.by_general_service(*wrong))
    assert error_codes(failure) == ["field_error.REQUIRED", "field_mask_error.FIELD_MASK_MISSING"]
    assert [paths(error) for error in failure.errors] == [
        ["mutate_operations[0]", "conversion_action_operation", "create", "name"],
        ["mutate_operations[2]", "conversion_action_operation", "update_mask"],
    ]


@pytest.mark.parametrize("kind", WITH_PARTIAL_FAILURE)
def test_with_partial_failure_the_good_operations_are_made(ads: Changing, kind: str) -> None:
    collections = {"conversion_action": "conversionActions", "campaign_budget": "campaignBudgets"}
    collection = collections.get(kind) or {"campaign": "campaigns", "bidding_strategy": "biddingStrategies"}[kind]
    wrong = update(kind, name_of(collection, 1), ["name"], name="x")
    answer = ads.by_own_service(wrong, ONE_OF_EACH[kind], partial_failure=True)
    failure = GoogleAdsFailure.deserialize(answer.partial_failure_error.details[0].value)
    assert answer.partial_failure_error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert error_codes(failure) == ["mutate_error.RESOURCE_NOT_FOUND"]
    assert [bool(result.resource_name) for result in answer.results] == [False, True]


def test_goals_cannot_be_changed_with_partial_failure(ads: Changing) -> None:
    answer = ads.by_general_service(
        ONE_OF_EACH["customer_conversion_goal"], ONE_OF_EACH["campaign"], partial_failure=True
    )
    failure = GoogleAdsFailure.deserialize(answer.partial_failure_error.details[0].value)
    assert error_codes(failure) == ["mutate_error.OPERATION_DOES_NOT_SUPPORT_PARTIAL_FAILURE"]
    assert ads.account.goals[("PURCHASE", "WEBSITE")] and ads.account.campaigns[0].name == "Brand (new)"


@pytest.mark.parametrize("kind", ["conversion_action", "campaign", "customer_conversion_goal"])
def test_one_resource_cannot_be_changed_twice_in_a_request(ads: Changing, kind: str) -> None:
    assert ads.refused(ONE_OF_EACH[kind], ONE_OF_EACH[kind]) == [("mutate_error.ID_EXISTS_IN_MULTIPLE_MUTATES", [])]


def test_a_request_holds_at_most_ten_thousand_operations(ads: Changing) -> None:
    many = [ONE_OF_EACH["campaign"]] * 10_001
    failure = refusal(lambda: ads.by_own_service(*many))
    assert error_codes(failure) == ["request_error.TOO_MANY_MUTATE_OPERATIONS"]


@pytest.mark.parametrize("wishes", [{}, {"validate_only": True}, {"partial_failure": True}])
def test_a_request_holds_at_least_one_operation(ads: Changing, wishes: dict[str, bool]) -> None:
    request = {"customer_id": CUSTOMER, **wishes}
    general, own = (ads_service(ads.sandbox, f"{name}Service") for name in ("GoogleAds", "Campaign"))
    for call, field in ((general.mutate, "mutate_operations"), (own.mutate_campaigns, "operations")):
        failure = refusal(lambda call=call: call(request=request, timeout=20))  # type: ignore[misc]
        assert error_codes(failure) == ["field_error.REQUIRED"]
        assert [paths(error) for error in failure.errors] == [[field]]


def test_two_requests_at_once_are_made_one_after_the_other(ads: Changing) -> None:
    def add(number: int) -> None:
        ads.make(*(a_tag(f"Tag {number}-{n}") for n in range(20)))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [action.name for action in ads.account.actions.values() if action.name.startswith("Tag")]
    assert len(names) == len(set(names)) == 80
    runs = [name.partition("-")[0] for name in names]
    assert sum(a != b for a, b in pairwise(runs)) == 3, "no request is interleaved with another"


# Answers -------------------------------------------------------------------------------------------------------------


def _mutable(ads: Changing, operation: Operation, singular: str) -> Any:
    answer = ads.by_own_service(operation, response_content_type="MUTABLE_RESOURCE")
    return getattr(answer.results[0], singular)


def test_an_answer_can_carry_the_mutable_fields(ads: Changing) -> None:
    action = _mutable(ads, change_action(MACRO, "name", name="Sale"), "conversion_action")
    assert (action.name, action.status.name, action.primary_for_goal) == ("Sale", "ENABLED", True)
    assert action.click_through_lookback_window_days == 30 and not action.id, "read-only fields are left out"
    goal = _mutable(ads, ONE_OF_EACH["custom_conversion_goal"], "custom_conversion_goal")
    assert goal.conversion_actions == [name_of("conversionActions", MACRO)] and goal.status.name == "ENABLED"
    config = _mutable(
        ads,
        change_config(BRAND, "custom_conversion_goal", custom_conversion_goal=goal.resource_name),
        "conversion_goal_campaign_config",
    )
    assert (config.goal_config_level.name, config.custom_conversion_goal) == ("CAMPAIGN", goal.resource_name)
    campaign = _mutable(
        ads,
        change_campaign(
            BRAND, "maximize_conversions.target_cpa_micros", maximize_conversions={"target_cpa_micros": 90_000}
        ),
        "campaign",
    )
    assert (campaign.name, campaign.maximize_conversions.target_cpa_micros) == ("Brand", 90_000)
    strategy = _mutable(ads, ONE_OF_EACH["bidding_strategy"], "bidding_strategy")
    assert (strategy.name, strategy.target_cpa.target_cpa_micros) == ("Shared", 5_000_000)
    assert _mutable(ads, ONE_OF_EACH["campaign_budget"], "campaign_budget").amount_micros == 40_000_000


def test_without_being_asked_an_answer_carries_names_only(ads: Changing) -> None:
    answer = ads.by_own_service(change_action(MACRO, "name", name="Sale"))
    assert answer.results[0].conversion_action.name == ""
    everything = ads.by_general_service(
        change_action(MACRO, "name", name="Sold"),
        ONE_OF_EACH["customer_conversion_goal"],
        response_content_type="MUTABLE_RESOURCE",
    ).mutate_operation_responses
    assert everything[0].conversion_action_result.conversion_action.name == "Sold"
    assert everything[1].customer_conversion_goal_result.resource_name == CUSTOMER_GOAL


# Accounts ------------------------------------------------------------------------------------------------------------


def test_an_account_without_the_eu_declaration_takes_no_change_at_all(ads: Changing) -> None:
    ads.sandbox.control.lack_declaration(CUSTOMER, missing=True)
    for operation in ONE_OF_EACH.values():
        assert ads.refused(operation) == [("mutate_error.EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED", [])]
    query = "SELECT campaign.missing_eu_political_advertising_declaration FROM campaign"
    assert {row.campaign.missing_eu_political_advertising_declaration for row in search(ads.sandbox, query)} == {True}
    ads.sandbox.control.lack_declaration(CUSTOMER, missing=False)
    ads.make(ONE_OF_EACH["campaign"])


def test_a_manager_without_actions_of_its_own_takes_no_change(ads: Changing) -> None:
    failure = refusal(lambda: ads.by_general_service(ONE_OF_EACH["campaign"], customer=MANAGER))
    assert error_codes(failure) == ["request_error.CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT"]


@pytest.fixture
def shared(ads: Changing) -> Changing:
    """The client's actions belong to its manager, as under cross-account tracking."""
    ads.account.tracking.customer_id = MANAGER
    return ads


def _at_manager(operation: str) -> Operation:
    goal = name_of("customerConversionGoals", PURCHASE, MANAGER)
    return {
        "action": update("conversion_action", name_of("conversionActions", MACRO, MANAGER), ["name"], name="Sale"),
        "goal": update("customer_conversion_goal", goal, ["biddable"], biddable=False),
        "custom": create(
            "custom_conversion_goal", name="Sales", conversion_actions=[name_of("conversionActions", MACRO, MANAGER)]
        ),
    }[operation]


@pytest.mark.parametrize("kind", ["conversion_action", "customer_conversion_goal", "custom_conversion_goal"])
def test_under_cross_account_tracking_a_client_changes_nothing_that_its_manager_owns(
    shared: Changing, kind: str
) -> None:
    failure = refusal(lambda: shared.by_own_service(ONE_OF_EACH[kind]))
    assert error_codes(failure) == ["mutate_error.MUTATE_NOT_ALLOWED"]
    assert f"customers/{MANAGER}" in failure.errors[0].message


def test_under_cross_account_tracking_the_owner_changes_them_for_its_clients(shared: Changing) -> None:
    account: AdsAccount = shared.account
    assert {campaign for campaign, _ in account.counted_pairs} == {BRAND, GENERIC}
    names = shared.make(_at_manager("action"), _at_manager("goal"), customer=MANAGER)
    assert account.actions[MACRO].name == "Sale" and names[0].startswith(f"customers/{MANAGER}/")
    assert not account.counted_pairs, "the client's campaigns inherit the owner's goals"
    custom = shared.make(_at_manager("custom"), customer=MANAGER)[0]
    shared.make(change_config(BRAND, "custom_conversion_goal", custom_conversion_goal=custom))
    assert account.counted_pairs == {(BRAND, MACRO)}
    campaign = update("campaign", name_of("campaigns", BRAND, MANAGER), ["name"], name="x")
    failure = refusal(lambda: shared.by_general_service(campaign, customer=MANAGER))
    assert error_codes(failure) == ["request_error.CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT"]


def test_a_custom_goal_of_another_account_fits_no_campaign(shared: Changing) -> None:
    custom = shared.make(_at_manager("custom"), customer=MANAGER)[0].replace(MANAGER, CUSTOMER)
    assert shared.refused(change_config(BRAND, "custom_conversion_goal", custom_conversion_goal=custom)) == [
        (
            "conversion_goal_campaign_config_error.CUSTOM_GOAL_DOES_NOT_BELONG_TO_GOOGLE_ADS_CONVERSION_CUSTOMER",
            ["update", "custom_conversion_goal"],
        )
    ]


def test_who_changes_customer_goals_under_cross_account_tracking_is_a_switch(shared: Changing) -> None:
    shared.estate.switches.set("customer_goal_writer", "client")
    shared.make(ONE_OF_EACH["customer_conversion_goal"])
    assert not shared.account.goals[("PURCHASE", "WEBSITE")]
    failure = refusal(lambda: shared.by_general_service(_at_manager("goal"), customer=MANAGER))
    assert error_codes(failure) == ["mutate_error.MUTATE_NOT_ALLOWED"]
