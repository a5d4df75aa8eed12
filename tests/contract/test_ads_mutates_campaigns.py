"""What can be changed about campaigns, budgets and portfolio strategies in the sandbox, by the official client."""

from __future__ import annotations

from datetime import datetime
from unittest import mock
from zoneinfo import ZoneInfo

import pytest

from tests.contract.changes import (
    BRAND,
    BUDGET,
    GENERIC,
    Changing,
    Operation,
    change_campaign,
    create,
    name_of,
    remove,
    update,
)
from tests.contract.clients import search

PATHS = {
    "TARGET_CPA": "target_cpa.target_cpa_micros",
    "TARGET_ROAS": "target_roas.target_roas",
    "MAXIMIZE_CONVERSIONS": "maximize_conversions.target_cpa_micros",
    "MAXIMIZE_CONVERSION_VALUE": "maximize_conversion_value.target_roas",
}


def bid(campaign: int, strategy: str, target: float) -> Operation:
    message, _, field = PATHS[strategy].partition(".")
    return change_campaign(campaign, PATHS[strategy], **{message: {field: target}})


def a_strategy(name: str = "Shared", strategy: str = "TARGET_CPA", target: float = 5_000_000) -> Operation:
    message, _, field = PATHS[strategy].partition(".")
    return create("bidding_strategy", name=name, **{message: {field: target}})


def change_strategy(strategy: int, *mask: str, **fields: object) -> Operation:
    return update("bidding_strategy", name_of("biddingStrategies", strategy), mask, **fields)


def change_budget(*mask: str, **fields: object) -> Operation:
    return update("campaign_budget", name_of("campaignBudgets", BUDGET), mask, **fields)


def use(campaign: int, strategy: int) -> Operation:
    name = name_of("biddingStrategies", strategy)
    return change_campaign(campaign, "bidding_strategy", bidding_strategy=name)


@pytest.mark.parametrize(
    ("strategy", "target", "cpa", "roas"),
    [
        ("TARGET_CPA", 12_340_000, 12_340_000, 0.0),
        ("TARGET_ROAS", 3.5, 0, 3.5),
        ("MAXIMIZE_CONVERSIONS", 12_340_000, 12_340_000, 0.0),
        ("MAXIMIZE_CONVERSIONS", 0, 0, 0.0),
        ("MAXIMIZE_CONVERSION_VALUE", 2.0, 0, 2.0),
        ("MAXIMIZE_CONVERSION_VALUE", 0.0, 0, 0.0),
    ],
)
def test_a_target_sets_the_strategy_it_belongs_to(
    ads: Changing, strategy: str, target: float, cpa: int, roas: float
) -> None:
    ads.make(bid(BRAND, strategy, target))
    campaign = ads.account.campaigns[0]
    assert (campaign.strategy, campaign.target_cpa_micros, campaign.target_roas) == (strategy, cpa, roas)
    portfolio = ads.make_one(a_strategy("P", strategy, target))
    made = next(p for p in ads.account.portfolios if p.id == portfolio)
    assert (made.type, made.target_cpa_micros, made.target_roas) == (strategy, cpa, roas)


def test_a_campaign_is_renamed_and_paused(ads: Changing) -> None:
    ads.make(change_campaign(BRAND, "name", "status", name="Brand (new)", status="PAUSED"))
    query = "SELECT campaign.name FROM campaign WHERE campaign.name = 'Brand (new)'"
    assert len(search(ads.sandbox, query)) == 1
    assert ads.account.campaigns[0].status == "PAUSED"


def test_campaigns_share_a_portfolio_and_leave_it(ads: Changing) -> None:
    shared = ads.make_one(a_strategy())
    ads.make(use(BRAND, shared), use(GENERIC, shared))
    assert [(c.strategy, c.portfolio) for c in ads.account.campaigns] == [("TARGET_CPA", shared)] * 2
    in_use = remove("bidding_strategy", name_of("biddingStrategies", shared))
    assert ads.refused(in_use) == [("bidding_strategy_error.CANNOT_REMOVE_ASSOCIATED_STRATEGY", [])]
    ads.make(bid(BRAND, "MAXIMIZE_CONVERSIONS", 0), bid(GENERIC, "TARGET_CPA", 1_000_000))
    assert [c.portfolio for c in ads.account.campaigns] == [None, None]
    ads.make(in_use)
    assert ads.refused(use(BRAND, shared)) == [("mutate_error.RESOURCE_NOT_FOUND", ["update", "bidding_strategy"])]
    assert ads.refused(change_strategy(shared, "name", name="x")) == [
        ("mutate_error.RESOURCE_NOT_FOUND", ["update", "resource_name"])
    ]
    ads.make(a_strategy())


def test_a_portfolio_strategy_gets_another_target_and_name_but_no_other_type(ads: Changing) -> None:
    shared = ads.make_one(a_strategy())
    target = {"target_cpa": {"target_cpa_micros": 7_000_000}}
    ads.make(change_strategy(shared, "name", "target_cpa.target_cpa_micros", name="Ours", **target))
    portfolio = ads.account.portfolios[-1]
    assert (portfolio.name, portfolio.target_cpa_micros) == ("Ours", 7_000_000)
    other = change_strategy(shared, "target_roas.target_roas", target_roas={"target_roas": 2.0})
    assert ads.refused(other) == [
        ("bidding_strategy_error.CANNOT_CHANGE_BIDDING_STRATEGY_TYPE", ["update", "target_roas", "target_roas"])
    ]


@pytest.mark.parametrize(
    ("operation", "code", "where"),
    [
        (bid(BRAND, "TARGET_CPA", 0), "range_error.TOO_LOW", "update.target_cpa.target_cpa_micros"),
        (bid(BRAND, "TARGET_CPA", -1), "range_error.TOO_LOW", "update.target_cpa.target_cpa_micros"),
        (bid(BRAND, "MAXIMIZE_CONVERSIONS", -1), "range_error.TOO_LOW", "update.maximize_conversions.target_cpa_micros"),
        (
            bid(BRAND, "TARGET_CPA", 5_005_000),
            "currency_error.VALUE_NOT_MULTIPLE_OF_BILLABLE_UNIT",
            "update.target_cpa.target_cpa_micros",
        ),
        (
            bid(BRAND, "MAXIMIZE_CONVERSIONS", 1),
            "currency_error.VALUE_NOT_MULTIPLE_OF_BILLABLE_UNIT",
            "update.maximize_conversions.target_cpa_micros",
        ),
        (
            a_strategy("x", "TARGET_CPA", 5_000_001),
            "currency_error.VALUE_NOT_MULTIPLE_OF_BILLABLE_UNIT",
            "create.target_cpa.target_cpa_micros",
        ),
        (bid(BRAND, "TARGET_ROAS", float("nan")), "range_error.TOO_HIGH", "update.target_roas.target_roas"),
        (bid(BRAND, "TARGET_ROAS", 0.001), "range_error.TOO_LOW", "update.target_roas.target_roas"),
        (bid(BRAND, "TARGET_ROAS", 1000.5), "range_error.TOO_HIGH", "update.target_roas.target_roas"),
        (
            change_campaign(
                BRAND,
                "target_cpa.target_cpa_micros",
                "bidding_strategy",
                bidding_strategy=name_of("biddingStrategies", 5),
            ),
            "range_error.TOO_LOW",
            "update.target_cpa.target_cpa_micros",
        ),
        (
            change_campaign(BRAND, PATHS["TARGET_CPA"], PATHS["TARGET_ROAS"], target_roas={"target_roas": 2.0}),
            "mutate_error.INCONSISTENT_FIELD_VALUES",
            "update.target_cpa.target_cpa_micros",
        ),
        (
            change_campaign(BRAND, "target_cpa.cpc_bid_ceiling_micros"),
            "mutate_error.MUTATE_NOT_ALLOWED",
            "update.target_cpa.cpc_bid_ceiling_micros",
        ),
        (change_campaign(BRAND, "name", name="Generic"), "campaign_error.DUPLICATE_CAMPAIGN_NAME", "update.name"),
        (change_campaign(BRAND, "name", name=""), "field_error.REQUIRED", "update.name"),
        (change_campaign(BRAND, "name", name="x" * 256), "string_length_error.TOO_LONG", "update.name"),
        (change_campaign(BRAND, "status", status="REMOVED"), "request_error.INVALID_ENUM_VALUE", "update.status"),
        (change_campaign(BRAND, "status"), "request_error.INVALID_ENUM_VALUE", "update.status"),
        (
            change_campaign(BRAND, "advertising_channel_type", advertising_channel_type="DISPLAY"),
            "field_error.IMMUTABLE_FIELD",
            "update.advertising_channel_type",
        ),
        (
            change_campaign(BRAND, "bidding_strategy_system_status"),
            "field_error.IMMUTABLE_FIELD",
            "update.bidding_strategy_system_status",
        ),
        (change_campaign(BRAND, "bidding_strategy"), "field_error.FIELD_CANNOT_BE_CLEARED", "update.bidding_strategy"),
        (use(BRAND, 5), "mutate_error.RESOURCE_NOT_FOUND", "update.bidding_strategy"),
        (change_budget("amount_micros", amount_micros=-1), "campaign_budget_error.NEGATIVE_MONEY_AMOUNT", "update.amount_micros"),
        (
            change_budget("amount_micros", amount_micros=10_001),
            "campaign_budget_error.NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT",
            "update.amount_micros",
        ),
        (
            change_budget("amount_micros", amount_micros=2**63 // 10_000 * 10_000),
            "campaign_budget_error.MONEY_AMOUNT_TOO_LARGE",
            "update.amount_micros",
        ),
        (change_budget("amount_micros"), "campaign_budget_error.BUDGET_BELOW_PER_DAY_MINIMUM", "update.amount_micros"),
        (change_budget("name", name="Generic budget"), "campaign_budget_error.DUPLICATE_NAME", "update.name"),
        (change_budget("reference_count"), "field_error.IMMUTABLE_FIELD", "update.reference_count"),
        (change_budget("delivery_method"), "mutate_error.MUTATE_NOT_ALLOWED", "update.delivery_method"),
        (create("bidding_strategy", name="x"), "field_error.REQUIRED", "create.scheme"),
        (create("bidding_strategy", target_roas={"target_roas": 2.0}), "field_error.REQUIRED", "create.name"),
        (
            create("bidding_strategy", name="x", target_spend={"cpc_bid_ceiling_micros": 5}),
            "mutate_error.MUTATE_NOT_ALLOWED",
            "create.target_spend.cpc_bid_ceiling_micros",
        ),
        (a_strategy("x", "TARGET_ROAS", 0.0), "range_error.TOO_LOW", "create.target_roas.target_roas"),
    ],
)  # fmt: skip
def test_a_change_that_google_refuses_is_refused(ads: Changing, operation: Operation, code: str, where: str) -> None:
    assert ads.refused(operation) == [(code, where.split("."))]


@pytest.mark.parametrize(("currency", "unit"), [("EUR", 10_000), ("HUF", 10_000), ("JPY", 1_000_000)])
def test_money_is_divided_as_far_as_its_currency(ads: Changing, currency: str, unit: int) -> None:
    with mock.patch.object(ads.account, "currency", currency):
        ads.make(bid(BRAND, "TARGET_CPA", 3 * unit), change_budget("amount_micros", amount_micros=3 * unit))
        for amount in (unit // 2, 7 * unit // 2):
            refused = ads.refused(
                bid(BRAND, "TARGET_CPA", amount), change_budget("amount_micros", amount_micros=amount)
            )
            assert [code for code, _ in refused] == [
                "currency_error.VALUE_NOT_MULTIPLE_OF_BILLABLE_UNIT",
                "campaign_budget_error.NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT",
            ]


def test_two_portfolio_strategies_have_two_names(ads: Changing) -> None:
    assert ads.refused(a_strategy(), a_strategy()) == [("bidding_strategy_error.DUPLICATE_NAME", ["create", "name"])]


def test_a_removed_campaign_cannot_be_changed(ads: Changing) -> None:
    ads.account.campaigns[0].status = "REMOVED"
    assert ads.refused(change_campaign(BRAND, "name", name="x")) == [
        ("context_error.OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", [])
    ]


# Change events -------------------------------------------------------------------------------------------------------


def test_campaigns_and_budgets_leave_change_events_with_both_sides(ads: Changing) -> None:
    ads.make(
        change_campaign(
            BRAND, "name", "target_cpa.target_cpa_micros", name="New", target_cpa={"target_cpa_micros": 50_000}
        ),
        change_campaign(GENERIC, "name", name="Generic"),
        change_budget("amount_micros", amount_micros=50_000_000),
    )
    campaign, budget = ads.account.edits
    assert (campaign.resource, campaign.resource_name) == ("CAMPAIGN", name_of("campaigns", BRAND))
    assert campaign.user.endswith(".iam.gserviceaccount.com")
    assert (campaign.at, campaign.operation, campaign.client) == (ads.estate.now, "UPDATE", "GOOGLE_ADS_API")
    assert campaign.old == {
        "campaign.name": "Brand",
        "campaign.bidding_strategy_type": "MAXIMIZE_CONVERSIONS",
        "campaign.maximize_conversions.target_cpa_micros": 0,
    }
    assert campaign.new == {
        "campaign.name": "New",
        "campaign.bidding_strategy_type": "TARGET_CPA",
        "campaign.target_cpa.target_cpa_micros": 50_000,
    }
    assert (budget.resource, budget.resource_name) == ("CAMPAIGN_BUDGET", name_of("campaignBudgets", BUDGET))
    assert (budget.old, budget.new) == (
        {"campaign_budget.amount_micros": 40_000_000},
        {"campaign_budget.amount_micros": 50_000_000},
    )


def test_an_edit_is_told_at_once_to_whoever_asks_for_the_time_until_now(ads: Changing) -> None:
    ads.make(change_campaign(BRAND, "name", name="New"))
    now = datetime.fromtimestamp(ads.estate.now, ZoneInfo(ads.account.time_zone)).strftime("%Y-%m-%d %H:%M:%S")
    today, field = now[:10], "change_event.change_date_time"
    for seen, condition in (
        (1, f"{field} >= '{today}' AND {field} <= '{now}'"),
        (1, f"{field} BETWEEN '{now}' AND '{now}.000000'"),
        (1, f"{field} BETWEEN '{today}' AND '{today}'"),
        (1, f"{field} DURING TODAY"),
        (1, f"{field} = '{now}'"),
        (0, f"{field} >= '{today}' AND {field} < '{now}'"),
        (0, f"{field} > '{now}' AND {field} <= '{today}'"),
    ):
        rows = search(ads.sandbox, f"SELECT {field} FROM change_event WHERE {condition} LIMIT 10")
        assert [row.change_event.change_date_time for row in rows] == [f"{now}.000000"] * seen, condition


def test_a_change_that_is_refused_or_only_validated_leaves_no_event(ads: Changing) -> None:
    rename = change_campaign(BRAND, "name", name="New")
    ads.by_own_service(rename, validate_only=True)
    ads.refused(rename, bid(GENERIC, "TARGET_CPA", 0))
    assert ads.account.edits == []
