"""Rows of the resources that the sandbox serves: what they hold, how numbers divide, and that they add up."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from adsync.sandbox.ads.account import AdsAccount, Edit
from adsync.sandbox.ads.campaigns import Portfolio
from adsync.sandbox.ads.tracking import CustomGoal
from tests.contract.clients import CUSTOMER, search
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

MONTH = "segments.date BETWEEN '2025-12-01' AND '2025-12-31'"
SPAN = "segments.date BETWEEN '2025-07-01' AND '2025-12-31'"
CONVERSIONS = "metrics.conversions, metrics.all_conversions, metrics.conversions_value, metrics.all_conversions_value"


def account_of(sandbox: LocalSandbox) -> AdsAccount:
    return sandbox.running.estate.accounts[CUSTOMER]


def today_of(sandbox: LocalSandbox) -> date:
    return sandbox.running.estate.date_time.date()


def total(rows: list[Any], metric: str) -> float:
    return float(sum(getattr(row.metrics, metric) for row in rows))


# Implicit names ------------------------------------------------------------------------------------------------------


def test_resource_names_come_along_with_what_is_selected(shared_sandbox: LocalSandbox) -> None:
    row = search(shared_sandbox, "SELECT ad_group.id, campaign.id FROM ad_group LIMIT 1")[0]
    assert row.ad_group.resource_name == f"customers/{CUSTOMER}/adGroups/{row.ad_group.id}"
    assert row.campaign.resource_name == f"customers/{CUSTOMER}/campaigns/{row.campaign.id}"
    assert not row._pb.HasField("customer")


def test_resource_names_stay_away_when_asked_to(shared_sandbox: LocalSandbox) -> None:
    row = search(
        shared_sandbox,
        "select campaign.id, customer.resource_name from campaign limit 1 parameters OMIT_UNSELECTED_RESOURCE_NAMES=TRUE",
    )[0]
    assert row.campaign.id and not row.campaign.resource_name
    assert row.customer.resource_name == f"customers/{CUSTOMER}"


# Things and what is attributed to them -------------------------------------------------------------------------------


def test_a_campaign_brings_its_budget_and_its_portfolio(sandbox: LocalSandbox) -> None:
    account = account_of(sandbox)
    account.portfolios.append(Portfolio(id=77, name="All of them", type="TARGET_ROAS", target_roas=3.5))
    account.campaigns[0].portfolio = 77
    first, second = search(
        sandbox,
        "SELECT campaign.name, campaign.bidding_strategy, campaign.bidding_strategy_type, campaign.target_cpa.target_cpa_micros,"
        " campaign_budget.amount_micros, bidding_strategy.name, bidding_strategy.target_roas.target_roas,"
        " bidding_strategy.campaign_count FROM campaign ORDER BY campaign.id",
    )
    assert first.campaign.bidding_strategy == f"customers/{CUSTOMER}/biddingStrategies/77"
    assert (first.campaign.bidding_strategy_type.name, first.bidding_strategy.name) == ("TARGET_ROAS", "All of them")
    assert (first.bidding_strategy.target_roas.target_roas, first.bidding_strategy.campaign_count) == (3.5, 1)
    assert not second._pb.HasField("bidding_strategy") and not second.campaign.bidding_strategy
    assert {first.campaign_budget.amount_micros, second.campaign_budget.amount_micros} == {40_000_000}
    assert [r.bidding_strategy.id for r in search(sandbox, "SELECT bidding_strategy.id FROM bidding_strategy")] == [77]


def test_a_campaign_tells_what_the_world_knows_of_it(sandbox: LocalSandbox) -> None:
    account = account_of(sandbox)
    account.portfolios.append(Portfolio(id=77, name="All of them", type="TARGET_ROAS", target_roas=3.5))
    account.campaigns[0].portfolio = 77
    account.campaigns[1].strategy, account.campaigns[1].target_cpa_micros = "TARGET_CPA", 4_000_000
    first, second = search(
        sandbox,
        "SELECT campaign.start_date_time, campaign.end_date_time, campaign.base_campaign, campaign.serving_status, "
        "campaign.network_settings.target_google_search, campaign.network_settings.target_content_network, "
        "campaign.contains_eu_political_advertising, campaign.accessible_bidding_strategy, accessible_bidding_strategy.name, "
        "accessible_bidding_strategy.target_roas.target_roas, accessible_bidding_strategy.owner_customer_id, "
        "campaign.ad_serving_optimization_status, campaign.advertising_channel_type FROM campaign ORDER BY campaign.id",
    )
    clicks = f"SELECT segments.date FROM campaign WHERE segments.date BETWEEN '2000-01-01' AND '{today_of(sandbox)}'"
    began = min(row.segments.date for row in search(sandbox, clicks))
    for campaign in (first.campaign, second.campaign):
        assert campaign.start_date_time == f"{began} 00:00:00" and not campaign.end_date_time
        assert campaign.base_campaign == campaign.resource_name
        assert campaign.network_settings.target_google_search and not campaign.network_settings.target_content_network
        assert campaign.contains_eu_political_advertising.name == "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING"
        assert campaign.ad_serving_optimization_status.name == "OPTIMIZE"
        assert (campaign.serving_status.name, campaign.advertising_channel_type.name) == ("SERVING", "SEARCH")
    shared = first.accessible_bidding_strategy
    assert (shared.name, shared.target_roas.target_roas, shared.owner_customer_id) == (
        "All of them",
        3.5,
        int(CUSTOMER),
    )
    assert first.campaign.accessible_bidding_strategy == f"customers/{CUSTOMER}/accessibleBiddingStrategies/77"
    assert not second._pb.HasField("accessible_bidding_strategy")
    early = "SELECT campaign.id FROM campaign WHERE campaign.start_date_time < '{}'"
    assert [len(search(sandbox, early.format(day))) for day in (began, today_of(sandbox))] == [0, 2]
    groups = search(
        sandbox,
        "SELECT ad_group.base_ad_group, ad_group.effective_target_cpa_micros, ad_group.effective_target_cpa_source, "
        "ad_group.effective_target_roas, ad_group.effective_target_roas_source FROM ad_group ORDER BY campaign.id",
    )
    by_roas, by_cpa = (row.ad_group for row in groups)
    assert by_roas.base_ad_group == by_roas.resource_name
    assert (by_roas.effective_target_roas, by_roas.effective_target_roas_source.name) == (
        3.5,
        "CAMPAIGN_BIDDING_STRATEGY",
    )
    assert (by_cpa.effective_target_cpa_micros, by_cpa.effective_target_cpa_source.name) == (
        4_000_000,
        "CAMPAIGN_BIDDING_STRATEGY",
    )
    assert not by_roas.effective_target_cpa_micros and not by_cpa.effective_target_roas


def test_a_budget_shows_the_campaigns_that_use_it(sandbox: LocalSandbox) -> None:
    account = account_of(sandbox)
    account.campaigns[1].budget_id = account.campaigns[0].budget_id
    alone = search(
        sandbox, "SELECT campaign_budget.id, campaign_budget.explicitly_shared, metrics.clicks FROM campaign_budget"
    )
    assert [(row.campaign_budget.explicitly_shared, row.metrics.clicks > 0) for row in alone] == [
        (True, True),
        (False, False),
    ]
    each = search(sandbox, "SELECT campaign_budget.id, campaign.id, metrics.clicks FROM campaign_budget")
    assert len(each) == 2 and len({row.campaign_budget.id for row in each}) == 1
    assert total(each, "clicks") == total(alone, "clicks")


def test_a_campaign_that_left_the_accounts_goals_has_its_own(sandbox: LocalSandbox) -> None:
    account = account_of(sandbox)
    account.goals[("PURCHASE", "WEBSITE")] = True
    campaign = account.campaigns[0]
    campaign.goal_level, campaign.goals = "CAMPAIGN", {("PURCHASE", "WEBSITE"): False}

    def biddable() -> dict[int, bool]:
        rows = search(
            sandbox,
            "SELECT campaign.id, campaign_conversion_goal.biddable FROM campaign_conversion_goal "
            "WHERE campaign_conversion_goal.category = 'PURCHASE'",
        )
        return {row.campaign.id: row.campaign_conversion_goal.biddable for row in rows}

    assert biddable() == {account.campaigns[0].id: False, account.campaigns[1].id: True}
    campaign.goal_level = "CUSTOMER"
    assert biddable() == {account.campaigns[0].id: True, account.campaigns[1].id: True}


def test_a_custom_goal_is_shown_and_so_is_the_campaign_that_uses_it(sandbox: LocalSandbox) -> None:
    account = account_of(sandbox)
    (action,) = account.actions.keys() - {a for a in account.actions if account.actions[a].is_mirror}
    account.custom_goals[55] = CustomGoal(id=55, name="Only sales", actions=[action])
    account.campaigns[0].custom_goal, account.campaigns[0].goal_level = 55, "CAMPAIGN"
    listed = f"customers/{CUSTOMER}/conversionActions/{action}"
    (goal,) = search(
        sandbox,
        "SELECT custom_conversion_goal.name, custom_conversion_goal.conversion_actions FROM custom_conversion_goal "
        f"WHERE custom_conversion_goal.conversion_actions CONTAINS ANY ('{listed}', 'other')",
    )
    assert list(goal.custom_conversion_goal.conversion_actions) == [listed]
    config = search(
        sandbox,
        "SELECT conversion_goal_campaign_config.goal_config_level, custom_conversion_goal.name, "
        "conversion_goal_campaign_config.custom_conversion_goal FROM conversion_goal_campaign_config ORDER BY campaign.id",
    )
    assert [row.custom_conversion_goal.name for row in config] == ["Only sales", ""]
    assert config[0].conversion_goal_campaign_config.custom_conversion_goal == goal.custom_conversion_goal.resource_name
    assert [row.conversion_goal_campaign_config.goal_config_level.name for row in config] == ["CAMPAIGN", "CUSTOMER"]


def test_a_client_under_cross_account_tracking_names_the_account_that_owns_its_actions(sandbox: LocalSandbox) -> None:
    account_of(sandbox).tracking.customer_id = "9990000001"
    (row,) = search(
        sandbox,
        "SELECT customer.conversion_tracking_setting.google_ads_conversion_customer, "
        "customer.conversion_tracking_setting.conversion_tracking_status FROM customer",
    )
    setting = row.customer.conversion_tracking_setting
    assert setting.google_ads_conversion_customer == "customers/9990000001"
    assert setting.conversion_tracking_status.name == "CONVERSION_TRACKING_MANAGED_BY_THIS_MANAGER"
    query = "SELECT conversion_action.id, conversion_action.owner_customer FROM conversion_action"
    seen, owned = (search(sandbox, query, customer=customer) for customer in (CUSTOMER, "9990000001"))
    assert [r.conversion_action.owner_customer for r in seen] == ["customers/9990000001"] * len(seen) and seen
    assert [r.conversion_action.id for r in owned] == [r.conversion_action.id for r in seen]


def test_edits_are_told_as_change_events_the_latest_first(sandbox: LocalSandbox) -> None:
    account, now = account_of(sandbox), sandbox.running.estate.now
    campaign = account.campaigns[0]
    name = f"customers/{CUSTOMER}/campaigns/{campaign.id}"
    for hours, cpa in ((30, 5_000_000), (2, 6_000_000)):
        account.edits.append(
            Edit(
                at=now - hours * 3600,
                resource="CAMPAIGN",
                resource_name=name,
                operation="UPDATE",
                user="ann@example.com",
                client="GOOGLE_ADS_WEB_CLIENT",
                old={"campaign.target_cpa.target_cpa_micros": cpa - 1_000_000},
                new={"campaign.target_cpa.target_cpa_micros": cpa},
            )
        )
    rows = search(
        sandbox,
        "SELECT change_event.change_date_time, change_event.changed_fields, change_event.old_resource, change_event.user_email,"
        " change_event.new_resource, change_event.client_type, change_event.campaign, campaign.name FROM change_event"
        " WHERE change_event.change_date_time DURING LAST_14_DAYS ORDER BY change_event.change_date_time LIMIT 10",
    )
    assert len(rows) == 1, "today is not among the last 14 days"
    event = rows[0].change_event
    assert list(event.changed_fields.paths) == ["target_cpa.target_cpa_micros"]
    assert event.old_resource.campaign.target_cpa.target_cpa_micros == 4_000_000
    assert event.new_resource.campaign.target_cpa.target_cpa_micros == 5_000_000
    assert (event.campaign, event.user_email, event.client_type.name) == (
        name,
        "ann@example.com",
        "GOOGLE_ADS_WEB_CLIENT",
    )
    assert rows[0].campaign.name == campaign.name
    everything = search(
        sandbox,
        "SELECT change_event.change_date_time FROM change_event WHERE change_event.change_date_time <= "
        f"'{today_of(sandbox)}' AND change_event.change_date_time >= '{today_of(sandbox) - timedelta(days=5)}' LIMIT 10",
    )
    moments = [row.change_event.change_date_time for row in everything]
    assert len(moments) == 2 and moments == sorted(moments, reverse=True)


# Numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ["customer", "campaign", "ad_group", "campaign_budget"])
def test_every_resource_adds_up_to_the_same(shared_sandbox: LocalSandbox, resource: str) -> None:
    metrics = f"metrics.clicks, metrics.cost_micros, metrics.impressions, {CONVERSIONS}"
    found = search(shared_sandbox, f"SELECT {metrics} FROM {resource} WHERE {SPAN}")
    by_customer = search(shared_sandbox, f"SELECT {metrics} FROM customer WHERE {SPAN}")
    assert len(by_customer) == 1 and by_customer[0].metrics.clicks > 100 and by_customer[0].metrics.all_conversions > 5
    for metric in ("clicks", "cost_micros", "impressions", "conversions", "all_conversions", "all_conversions_value"):
        assert total(found, metric) == pytest.approx(total(by_customer, metric))


@pytest.mark.parametrize(
    "segment",
    [
        "segments.date",
        "segments.week",
        "segments.month",
        "segments.quarter",
        "segments.year",
        "segments.day_of_week",
        "segments.month_of_year",
        "segments.ad_network_type",
        "segments.click_type",
        "segments.device",
        "segments.device, segments.week",
        "segments.date, segments.day_of_week, segments.ad_network_type",
    ],
)
def test_segments_divide_traffic_and_lose_nothing(shared_sandbox: LocalSandbox, segment: str) -> None:
    metrics = "metrics.clicks, metrics.impressions, metrics.all_conversions"
    whole = search(shared_sandbox, f"SELECT {metrics} FROM customer WHERE {SPAN}")
    parts = search(shared_sandbox, f"SELECT {segment}, {metrics} FROM customer WHERE {SPAN}")
    assert total(parts, "clicks") == total(whole, "clicks")
    assert total(parts, "impressions") == total(whole, "impressions")
    assert total(parts, "all_conversions") == pytest.approx(total(whole, "all_conversions"))
    seen = Counter(str(row.segments) for row in parts)
    assert set(seen.values()) == {1}, "each combination has one row"


@pytest.mark.parametrize(
    "segment",
    [
        "segments.conversion_action, segments.conversion_action_name, segments.conversion_action_category",
        "segments.conversion_lag_bucket",
        "segments.conversion_or_adjustment_lag_bucket",
        "segments.external_conversion_source",
        "segments.conversion_adjustment",
        "segments.device",
        "segments.conversion_action, segments.device",
        "segments.date, segments.conversion_action, segments.conversion_lag_bucket",
    ],
)
@pytest.mark.parametrize("suffix", ["", "_by_conversion_date"])
def test_segments_divide_conversions_and_lose_nothing(shared_sandbox: LocalSandbox, segment: str, suffix: str) -> None:
    metric = f"all_conversions{suffix}"
    whole = search(shared_sandbox, f"SELECT metrics.{metric} FROM customer WHERE {SPAN}")
    parts = search(shared_sandbox, f"SELECT {segment}, metrics.{metric} FROM customer WHERE {SPAN}")
    assert total(parts, metric) == pytest.approx(total(whole, metric)) and total(whole, metric) > 5
    assert all(getattr(row.metrics, metric) > 0 for row in parts), "rows of zeros are left out"


def test_a_segments_values_are_googles(shared_sandbox: LocalSandbox) -> None:
    row = search(
        shared_sandbox,
        "SELECT segments.date, segments.week, segments.month, segments.quarter, segments.year, segments.day_of_week, "
        "segments.month_of_year, metrics.clicks FROM customer WHERE segments.date = '2025-12-03'",
    )[0].segments
    assert (row.date, row.week, row.month, row.quarter) == ("2025-12-03", "2025-12-01", "2025-12-01", "2025-10-01")
    assert (row.year, row.day_of_week.name, row.month_of_year.name) == (2025, "WEDNESDAY", "DECEMBER")
    conversion = search(
        shared_sandbox,
        "SELECT segments.conversion_action, segments.conversion_action_name, segments.conversion_action_category, "
        f"segments.external_conversion_source, metrics.all_conversions FROM customer WHERE {SPAN}",
    )[0].segments
    assert conversion.conversion_action.startswith(f"customers/{CUSTOMER}/conversionActions/")
    assert conversion.conversion_action_name == "Purchase (web)"
    assert conversion.conversion_action_category.name == "PURCHASE"
    assert conversion.external_conversion_source.name == "WEBPAGE"


def test_clicks_are_on_the_worlds_devices(shared_sandbox: LocalSandbox) -> None:
    rows = search(
        shared_sandbox,
        f"SELECT segments.device, metrics.clicks FROM customer WHERE {SPAN} ORDER BY metrics.clicks DESC",
    )
    assert {row.segments.device.name for row in rows} == {"MOBILE", "DESKTOP", "TABLET"}
    assert rows[-1].segments.device.name == "TABLET"
    phones = search(
        shared_sandbox,
        f"SELECT segments.device, metrics.clicks FROM customer WHERE {SPAN} AND segments.device = 'MOBILE'",
    )
    assert [row.metrics.clicks for row in phones] == [
        row.metrics.clicks for row in rows if row.segments.device.name == "MOBILE"
    ]


def test_some_campaigns_and_some_days_are_clicked_more_often_than_others(shared_sandbox: LocalSandbox) -> None:
    asked = "metrics.ctr, metrics.clicks, metrics.impressions"
    brand, generic = search(shared_sandbox, f"SELECT campaign.name, {asked} FROM campaign WHERE {SPAN}")
    assert brand.campaign.name == "Brand" and 0.08 < brand.metrics.ctr < 0.2
    assert 0.02 < generic.metrics.ctr < 0.07
    days = search(
        shared_sandbox, f"SELECT segments.date, {asked} FROM campaign WHERE {MONTH} AND campaign.id = 20000002"
    )
    assert len({round(row.metrics.ctr, 4) for row in days}) > 20
    assert all(row.metrics.impressions > row.metrics.clicks for row in days)


def test_ratios_follow_from_the_sums(shared_sandbox: LocalSandbox) -> None:
    for row in search(
        shared_sandbox,
        "SELECT metrics.clicks, metrics.impressions, metrics.cost_micros, metrics.ctr, metrics.average_cpc, "
        "metrics.cost_per_conversion, metrics.conversions, metrics.conversions_from_interactions_rate, "
        "metrics.value_per_conversion, metrics.conversions_value, metrics.average_cpm, "
        f"metrics.video_trueview_views, metrics.search_impression_share FROM campaign WHERE {SPAN}",
    ):
        found = row.metrics
        assert found.ctr == pytest.approx(found.clicks / found.impressions)
        assert found.average_cpc == pytest.approx(found.cost_micros / found.clicks)
        assert found.average_cpm == pytest.approx(1000 * found.cost_micros / found.impressions)
        assert found.cost_per_conversion == pytest.approx(found.cost_micros / found.conversions)
        assert found.conversions_from_interactions_rate == pytest.approx(found.conversions / found.clicks)
        assert found.value_per_conversion == pytest.approx(found.conversions_value / found.conversions)
        assert (found.video_trueview_views, found.search_impression_share) == (0, 0)


def test_things_without_numbers_stay_unless_they_are_divided(shared_sandbox: LocalSandbox) -> None:
    before = "segments.date = '2019-01-01'"
    rows = search(shared_sandbox, f"SELECT campaign.id, metrics.clicks, metrics.ctr FROM campaign WHERE {before}")
    assert [(row.metrics.clicks, row.metrics.ctr) for row in rows] == [(0, 0.0), (0, 0.0)]
    assert (
        search(shared_sandbox, f"SELECT campaign.id, segments.date, metrics.clicks FROM campaign WHERE {before}") == []
    )


def test_metrics_and_segments_filter_and_sort(shared_sandbox: LocalSandbox) -> None:
    rows = search(
        shared_sandbox,
        f"SELECT segments.date, metrics.clicks FROM customer WHERE {MONTH} AND metrics.clicks > 10 "
        "ORDER BY metrics.clicks DESC, segments.date LIMIT 5",
    )
    clicks = [row.metrics.clicks for row in rows]
    assert clicks == sorted(clicks, reverse=True) and len(clicks) == 5 and min(clicks) > 10
    sundays = search(
        shared_sandbox,
        f"SELECT segments.date, segments.day_of_week, metrics.clicks FROM customer WHERE {MONTH} "
        "AND segments.day_of_week = 'SUNDAY'",
    )
    assert [row.segments.date[-2:] for row in sundays] == ["07", "14", "21", "28"]
    without_cost = search(
        shared_sandbox, f"SELECT campaign.id FROM campaign WHERE {MONTH} AND metrics.cost_micros > 900000000000"
    )
    assert without_cost == []


@pytest.mark.parametrize(
    ("condition", "first", "last"),
    [
        ("segments.week = '2025-12-08'", "2025-12-08", "2025-12-14"),
        ("segments.month = '2025-11-01'", "2025-11-01", "2025-11-30"),
        ("segments.quarter BETWEEN '2025-07-01' AND '2025-10-01'", "2025-07-01", "2025-12-31"),
        ("segments.year = 2025 AND segments.date >= '2025-12-20'", "2025-12-20", "2025-12-31"),
        ("segments.date > '2025-12-03' AND segments.date < '2025-12-06'", "2025-12-04", "2025-12-05"),
        ("segments.date IN ('2025-12-03', '2025-12-04')", "2025-12-03", "2025-12-04"),
        ("segments.week IN ('2025-12-01') AND segments.month <= '2025-12-01'", "2025-12-01", "2025-12-07"),
    ],
)
def test_periods_bound_the_days(shared_sandbox: LocalSandbox, condition: str, first: str, last: str) -> None:
    rows = search(
        shared_sandbox, f"SELECT segments.date, metrics.clicks FROM customer WHERE {condition} ORDER BY segments.date"
    )
    assert (rows[0].segments.date, rows[-1].segments.date) == (first, last)
    undivided = search(shared_sandbox, f"SELECT metrics.clicks FROM customer WHERE {condition}")
    assert total(rows, "clicks") == undivided[0].metrics.clicks


def test_date_functions_follow_the_accounts_clock(shared_sandbox: LocalSandbox) -> None:
    today = today_of(shared_sandbox)
    rows = search(
        shared_sandbox,
        "SELECT segments.date, metrics.clicks FROM customer WHERE segments.date DURING LAST_7_DAYS ORDER BY segments.date",
    )
    assert [row.segments.date for row in rows] == [(today - timedelta(days=n)).isoformat() for n in range(7, 0, -1)]


def test_days_are_those_of_the_accounts_time_zone(sandbox: LocalSandbox) -> None:
    account, now = account_of(sandbox), sandbox.running.estate.now
    assert now % 86_400 == 4 * 3600, "04:00 UTC is still yesterday in Los Angeles"
    account.time_zone = "America/Los_Angeles"
    account.edits.append(
        Edit(
            at=now - 3600,
            resource="CAMPAIGN",
            resource_name=f"customers/{CUSTOMER}/campaigns/{account.campaigns[0].id}",
            operation="UPDATE",
            user="ann@example.com",
            client="GOOGLE_ADS_API",
            old={},
            new={"campaign.name": "New"},
        )
    )
    (row,) = search(
        sandbox,
        "SELECT change_event.change_date_time FROM change_event WHERE change_event.change_date_time DURING TODAY LIMIT 1",
    )
    assert row.change_event.change_date_time.startswith((today_of(sandbox) - timedelta(days=1)).isoformat())


def test_conversion_actions_tell_their_totals_and_when_they_were_last_heard_of(shared_sandbox: LocalSandbox) -> None:
    rows = search(
        shared_sandbox,
        "SELECT conversion_action.id, metrics.all_conversions, metrics.all_conversions_value, "
        "metrics.conversion_last_received_request_date_time, metrics.conversion_last_conversion_date "
        f"FROM conversion_action WHERE {SPAN} AND conversion_action.status = 'ENABLED'",
    )
    whole = search(shared_sandbox, f"SELECT metrics.all_conversions FROM customer WHERE {SPAN}")
    assert total(rows, "all_conversions") == pytest.approx(whole[0].metrics.all_conversions)
    heard = rows[0].metrics
    assert heard.conversion_last_received_request_date_time.startswith(heard.conversion_last_conversion_date)
    assert heard.conversion_last_conversion_date >= "2025-12-31"


# Text ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("campaign.name LIKE 'br%'", ["Brand"]),
        ("campaign.name NOT LIKE '%RAN%'", ["Generic"]),
        ("campaign.name LIKE 'Bran_'", ["Brand"]),
        ("campaign.name LIKE 'Bran[_]'", []),
        ("campaign.name REGEXP_MATCH '(?i)b.*d'", ["Brand"]),
        ("campaign.name REGEXP_MATCH 'b.*d'", []),
        ("campaign.name NOT REGEXP_MATCH 'Br.*'", ["Generic"]),
        ('campaign.name = "Brand"', ["Brand"]),
        ("campaign.name = 'brand'", []),
        ("campaign.id BETWEEN '20000001' AND '20000001'", ["Brand"]),
        ("campaign.status IN ('PAUSED', 'ENABLED')", ["Brand", "Generic"]),
        ("campaign.labels IS NULL", ["Brand", "Generic"]),
        ("campaign.labels CONTAINS NONE ('a', 'b')", ["Brand", "Generic"]),
        ("campaign.labels CONTAINS ALL ('a')", []),
        ("campaign.bidding_strategy IS NOT NULL", []),
        ("campaign.campaign_budget IS NOT NULL", ["Brand", "Generic"]),
        ("customer.manager = false", ["Brand", "Generic"]),
    ],
)
def test_operators_let_through_what_they_say(shared_sandbox: LocalSandbox, condition: str, found: list[str]) -> None:
    query = f"SELECT campaign.name FROM campaign WHERE {condition} ORDER BY campaign.name ASC"
    assert [row.campaign.name for row in search(shared_sandbox, query)] == found
