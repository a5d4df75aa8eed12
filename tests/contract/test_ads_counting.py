"""What changes in the sandbox's Google Ads do to what it counts, and to what it says of bidding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from adsync.sandbox.ads.account import AdsAccount, Counting, join_tracking
from adsync.sandbox.ads.bidding import ENOUGH_CONVERSIONS, system_status
from adsync.sandbox.ads.campaigns import Budget, Campaign
from adsync.sandbox.ads.conversions import served_clicks
from adsync.sandbox.ads.statistics import LAG_BUCKETS, Statistics
from adsync.sandbox.ads.tracking import DATA_DRIVEN, Action, Tracking
from adsync.sandbox.coding import decoded, encoded
from tests.contract.changes import (
    BRAND,
    BUDGET,
    GENERIC,
    MACRO,
    Changing,
    a_tag,
    change_action,
    change_campaign,
    create,
    name_of,
    update,
)
from tests.contract.clients import CUSTOMER, search
from tests.sandboxes import LocalSandbox, local_sandbox

DAY = 86_400
EVER = (20_000_101, 20_991_231)
MODEL = "attribution_model_settings.attribution_model"


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """A shop with enough conversions to tell one rule from another."""
    with local_sandbox(tmp_path_factory.mktemp("grown"), "growing-shop") as running:
        running.control.advance(200)
        yield running


@pytest.fixture
def statistics(ads: Changing) -> Statistics:
    found: Statistics = ads.estate.statistics[CUSTOMER]
    return found


def advance(ads: Changing, days: int) -> None:
    """Moves the clock of the sandbox."""
    ads.estate.now += days * DAY


def totals(statistics: Statistics, now: int, *, by_conversion_date: bool) -> list[float]:
    """[counted, all, counted value, all value] of the macro over all days."""
    sums = statistics.conversion_sums(now, *EVER, by_conversion_date=by_conversion_date)
    rows = [row for (_, _, action, _), row in sums.items() if action == MACRO]
    return [sum(column) for column in zip(*rows, strict=True)]


def statuses(ads: Changing) -> dict[int, str]:
    query = "SELECT campaign.id, campaign.bidding_strategy_system_status FROM campaign"
    return {row.campaign.id: row.campaign.bidding_strategy_system_status.name for row in search(ads.sandbox, query)}


# History -------------------------------------------------------------------------------------------------------------


def test_conversions_count_by_what_was_in_force_in_each_campaign_when_they_happened(
    ads: Changing, statistics: Statistics
) -> None:
    goal = name_of("campaignConversionGoals", f"{BRAND}~PURCHASE~WEBSITE")
    off = ads.estate.now
    ads.make(update("campaign_conversion_goal", goal, ["biddable"], biddable=False))
    advance(ads, 30)
    on = ads.estate.now
    ads.make(update("campaign_conversion_goal", goal, ["biddable"], biddable=True))
    advance(ads, 30)
    found = statistics.conversions(ads.account.actions[MACRO])
    brand, away = found.campaign == 0, (found.converted_at >= off) & (found.converted_at < on)
    assert (brand & away).sum() > 5
    assert not found.counted[brand & away].any()
    assert found.counted[~(brand & away)].all()


def test_the_history_of_what_counts_is_added_to_and_never_rewritten(ads: Changing) -> None:
    before = list(ads.account.counting)
    for primary in (False, True, False):
        advance(ads, 1)
        ads.make(change_action(MACRO, "primary_for_goal", primary_for_goal=primary))
    after = ads.account.counting
    assert after[: len(before)] == before
    assert [bool(line.pairs) for line in after[len(before) :]] == [False, True, False]
    assert [line.since for line in after] == sorted({line.since for line in after})


def test_two_changes_at_one_moment_leave_one_line(ads: Changing) -> None:
    advance(ads, 1)
    before = list(ads.account.counting)
    ads.make(change_action(MACRO, "primary_for_goal", primary_for_goal=False))
    ads.make(change_action(MACRO, "primary_for_goal", primary_for_goal=True))
    assert ads.account.counting == before


def test_new_settings_apply_to_what_happens_later(ads: Changing, statistics: Statistics) -> None:
    advance(ads, 60)
    now = ads.estate.now
    before = statistics.conversions(ads.account.actions[MACRO])
    fields: dict[str, Any] = {
        "click_through_lookback_window_days": 1,
        "value_settings": {"default_value": 7.0, "always_use_default_value": True},
    }
    values = ["value_settings.default_value", "value_settings.always_use_default_value"]
    ads.make(change_action(MACRO, "click_through_lookback_window_days", *values, **fields))
    after = statistics.conversions(ads.account.actions[MACRO])
    old, new = before.converted_at < now, after.converted_at < now
    assert np.array_equal(before.value[old], after.value[new])
    assert (~new).sum() < (~old).sum(), "fewer conversions come within a day of the click"
    assert set(after.lag[~new]) == {2} and set(after.value[~new]) == {7.0}
    assert len(ads.account.actions[MACRO].past) == 1


def test_counting_once_per_click_drops_the_second_of_a_click_and_no_first(
    ads: Changing, statistics: Statistics
) -> None:
    tag = ads.make_one(a_tag())
    ads.estate.install_tag(CUSTOMER, tag, "page_view")
    advance(ads, 30)
    many = statistics.conversions(ads.account.actions[tag])
    ads.make(change_action(tag, "counting_type", counting_type="ONE_PER_CLICK"))
    advance(ads, 30)
    once = statistics.conversions(ads.account.actions[tag])
    changed = ads.estate.now - 30 * DAY
    before, after = (found.converted_at < changed for found in (many, once))
    assert before.sum() == after.sum(), "what happened before stays counted many times"
    assert 0 < (~after).sum() < (~before).sum()


# Shared credit -------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared_credit(ads: Changing) -> Changing:
    """The macro is attributed by the data-driven model from now on, and half a year passes."""
    model = {"attribution_model_settings": {"attribution_model": DATA_DRIVEN}}
    ads.make(change_action(MACRO, MODEL, **model))
    advance(ads, 180)
    return ads


def test_shared_credit_is_fractional_and_adds_up_to_whole_conversions(
    shared_credit: Changing, statistics: Statistics
) -> None:
    action = shared_credit.account.actions[MACRO]
    found = statistics.conversions(action)
    shared = found.credit < 1
    assert shared.sum() > 10
    log = shared_credit.account.property.log
    whole = (log.name == log.code("purchase")) & (log.click >= 0)
    assert found.credit.sum() == pytest.approx(whole.sum())
    assert (found.credit * found.value).sum() == pytest.approx(log.value[whole].sum())


def test_an_earlier_click_earns_its_share_on_its_own_day(shared_credit: Changing, statistics: Statistics) -> None:
    found = statistics.conversions(shared_credit.account.actions[MACRO])
    moments, firsts = np.unique(found.converted_at[found.credit < 1], return_inverse=True)
    days = [set(found.click_day[found.credit < 1][firsts == n]) for n in range(len(moments))]
    assert sum(len(d) > 1 for d in days) > 3, "the two clicks were on different days"
    now = shared_credit.estate.now
    by_click, by_conversion = (totals(statistics, now, by_conversion_date=axis) for axis in (False, True))
    assert by_click == pytest.approx(by_conversion), "both axes add up to the same"


def test_shared_credit_is_seen_up_to_fifteen_hours_later(shared_credit: Changing, statistics: Statistics) -> None:
    found = statistics.conversions(shared_credit.account.actions[MACRO])
    modelled = found.converted_at >= shared_credit.estate.now - 180 * DAY
    delay = (found.visible_at - found.converted_at) / 3600
    assert set(delay[~modelled]) == {2.0}
    assert 2 <= delay[modelled].min() < 6 and 12 < delay[modelled].max() < 17


# Days and lags -------------------------------------------------------------------------------------------------------


def test_a_conversion_lies_in_the_bucket_of_its_days_since_the_click(ads: Changing, statistics: Statistics) -> None:
    tag = ads.make_one(a_tag())
    ads.estate.install_tag(CUSTOMER, tag, "page_view")
    found = statistics.conversions(ads.account.actions[tag])
    assert {LAG_BUCKETS[number] for number in set(found.lag.tolist())} >= {
        "LESS_THAN_ONE_DAY",
        "ONE_TO_TWO_DAYS",
        "THIRTEEN_TO_FOURTEEN_DAYS",
        "FOURTEEN_TO_TWENTY_ONE_DAYS",
        "TWENTY_ONE_TO_THIRTY_DAYS",
    }
    log, clicks = ads.account.property.log, ads.account.clicks
    index = np.flatnonzero((log.name == log.code("page_view")) & (log.click >= 0) & (log.time >= ads.estate.now))
    days = (log.time[index] - clicks.time[log.click[index]]) // DAY
    names = np.array(["", "", *LAG_BUCKETS.values()])
    assert set(days[names[found.lag] == "THREE_TO_FOUR_DAYS"]) == {3}
    assert set(days[names[found.lag] == "FOURTEEN_TO_TWENTY_ONE_DAYS"]) == set(range(14, 21))


def test_days_are_those_of_the_accounts_own_time_zone(ads: Changing) -> None:
    account = ads.account
    days = {}
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        account.time_zone = zone
        found = Statistics(account).conversions(account.actions[MACRO])
        days[zone] = found.conversion_day.astype(int)
    account.time_zone = "Europe/Berlin"
    assert (days["Pacific/Auckland"] >= days["America/Los_Angeles"]).all()
    assert (days["Pacific/Auckland"] != days["America/Los_Angeles"]).mean() > 0.7


def test_by_click_date_the_past_grows_until_the_window_closes(ads: Changing, statistics: Statistics) -> None:
    def seen(day: np.datetime64, after: int) -> float:
        """Conversions of clicks up to a day, as reported some days after it."""
        number = int(str(day).replace("-", ""))
        at = int((day + 1).astype("datetime64[s]").astype(int)) + after * DAY
        sums = statistics.conversion_sums(at, EVER[0], number, by_conversion_date=False)
        return sum(row[1] for row in sums.values())

    today = np.datetime64(ads.estate.now, "s").astype("datetime64[D]")
    ends = [today - 7 * weeks for weeks in range(10, 20)]
    grown = [sum(seen(day, after) for day in ends) for after in (1, 7, 31, 60)]
    assert grown == sorted(grown) and grown[0] < grown[2] == grown[3]


def test_which_clicks_there_were_is_worked_out_once_until_a_campaign_rests(
    ads: Changing, statistics: Statistics
) -> None:
    ads.make(change_campaign(GENERIC, "status", status="PAUSED"))
    now = ads.estate.now + 30 * DAY
    ads.estate.now += 10 * DAY
    with mock.patch("adsync.sandbox.ads.statistics.served_clicks", wraps=served_clicks) as worked_out:
        before = statistics.traffic_sums(now, *EVER)
        for by_conversion_date in (True, False):
            statistics.conversion_sums(now, *EVER, by_conversion_date=by_conversion_date)
        assert worked_out.call_count == 1
        ads.make(change_campaign(GENERIC, "status", status="ENABLED"))
        after = statistics.traffic_sums(now, *EVER)
        assert worked_out.call_count == 2
    more = sum(clicks for clicks, _, _ in after.values()) - sum(clicks for clicks, _, _ in before.values())
    assert more > 10, "its later clicks are there again"


# State of bidding ----------------------------------------------------------------------------------------------------


def test_bidding_learns_in_the_campaigns_whose_conversions_changed(ads: Changing) -> None:
    goal = name_of("campaignConversionGoals", f"{GENERIC}~PURCHASE~WEBSITE")
    ads.make(a_tag(primary_for_goal=True))
    assert set(statuses(ads).values()) == {"LEARNING_CONVERSION_TYPE_CHANGE"}
    advance(ads, 5)
    ads.make(update("campaign_conversion_goal", goal, ["biddable"], biddable=False))
    found = statuses(ads)
    assert found[GENERIC] == "LEARNING_CONVERSION_TYPE_CHANGE" and found[BRAND] == "ENABLED"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("counting_type", {"counting_type": "ONE_PER_CLICK"}),
        ("click_through_lookback_window_days", {"click_through_lookback_window_days": 60}),
        ("value_settings.default_value", {"value_settings": {"default_value": 2.0}}),
        (MODEL, {"attribution_model_settings": {"attribution_model": DATA_DRIVEN}}),
    ],
)
def test_bidding_learns_when_a_counting_action_counts_differently(
    ads: Changing, path: str, fields: dict[str, Any]
) -> None:
    tag = ads.make_one(a_tag())
    ads.make(change_action(tag, "counting_type", counting_type="ONE_PER_CLICK"))
    assert set(statuses(ads).values()) == {"ENABLED"}, "the tag does not count"
    ads.make(change_action(MACRO, path, **fields))
    assert set(statuses(ads).values()) == {"LEARNING_CONVERSION_SETTING_CHANGE"}


def test_a_new_strategy_lets_bidding_learn_and_a_new_target_does_not(ads: Changing) -> None:
    ads.make(change_campaign(BRAND, "target_cpa.target_cpa_micros", target_cpa={"target_cpa_micros": 9_000_000}))
    assert statuses(ads)[BRAND] == "LEARNING_SETTING_CHANGE"
    advance(ads, 5)
    ads.make(change_campaign(BRAND, "target_cpa.target_cpa_micros", target_cpa={"target_cpa_micros": 8_000_000}))
    assert statuses(ads)[BRAND] == "ENABLED"
    strategy = ads.make(create("bidding_strategy", name="Shared", target_cpa={"target_cpa_micros": 10_000}))[0]
    ads.make(change_campaign(BRAND, "bidding_strategy", bidding_strategy=strategy))
    assert statuses(ads)[BRAND] == "LEARNING_SETTING_CHANGE"


def test_several_reasons_to_learn_are_one_status(ads: Changing) -> None:
    budget = update("campaign_budget", name_of("campaignBudgets", BUDGET), ["amount_micros"], amount_micros=10_000)
    ads.make(budget)
    assert statuses(ads)[BRAND] == "LEARNING_BUDGET_CHANGE"
    ads.make(a_tag(primary_for_goal=True))
    assert (statuses(ads)[BRAND], statuses(ads)[GENERIC]) == ("MULTIPLE_LEARNING", "LEARNING_CONVERSION_TYPE_CHANGE")
    advance(ads, 5)
    assert set(statuses(ads).values()) == {"ENABLED"}


def test_bidding_that_has_nothing_to_bid_on_is_misconfigured(ads: Changing) -> None:
    ads.make(change_action(MACRO, "primary_for_goal", primary_for_goal=False))
    assert set(statuses(ads).values()) == {"MISCONFIGURED_CONVERSION_TYPES"}
    ads.make(change_campaign(BRAND, "status", status="PAUSED"))
    assert statuses(ads)[BRAND] == "PAUSED", "a paused campaign does not bid"


def told(ads: Changing, resource: str = "campaign") -> dict[int, tuple[str, list[str]]]:
    """Primary status and reasons of each campaign, as rows of a resource tell them."""
    query = f"SELECT campaign.id, campaign.primary_status, campaign.primary_status_reasons FROM {resource}"
    return {
        row.campaign.id: (row.campaign.primary_status.name, [r.name for r in row.campaign.primary_status_reasons])
        for row in search(ads.sandbox, query)
    }


def test_a_campaigns_primary_status_says_how_its_bidding_goes(ads: Changing) -> None:
    assert set(statuses(ads).values()) == {"ENABLED"}
    assert told(ads) == dict.fromkeys(statuses(ads), ("ELIGIBLE", []))
    ads.make(a_tag(primary_for_goal=True), change_campaign(GENERIC, "status", status="PAUSED"))
    assert told(ads)[BRAND] == ("LEARNING", ["BIDDING_STRATEGY_LEARNING"])
    assert told(ads)[GENERIC] == ("PAUSED", ["CAMPAIGN_PAUSED"]) and statuses(ads)[GENERIC] == "PAUSED"
    budget = update("campaign_budget", name_of("campaignBudgets", BUDGET), ["amount_micros"], amount_micros=10_000)
    ads.make(budget)
    assert statuses(ads)[BRAND] == "MULTIPLE_LEARNING"
    assert told(ads)[BRAND] == ("LEARNING", ["BIDDING_STRATEGY_LEARNING"])
    ads.make(change_action(MACRO, "primary_for_goal", primary_for_goal=False))
    ads.make(change_action(ads.account.tracking.next_id - 1, "status", status="HIDDEN"))
    assert told(ads)[BRAND] == ("MISCONFIGURED", ["BIDDING_STRATEGY_MISCONFIGURED"])
    ads.account.campaigns[1].status = "REMOVED"
    assert told(ads)[GENERIC] == ("REMOVED", ["CAMPAIGN_REMOVED"])
    for resource in ("ad_group", "campaign_budget", "campaign_conversion_goal", "conversion_goal_campaign_config"):
        assert told(ads, resource) == told(ads), "attributed to others, a campaign says the same"


def test_a_campaign_with_few_conversions_says_that_it_is_limited(ads: Changing) -> None:
    ads.estate.now -= 190 * DAY
    assert set(statuses(ads).values()) == {"LIMITED_BY_DATA"}
    assert set(map(str, told(ads).values())) == {str(("LIMITED", ["BIDDING_STRATEGY_LIMITED"]))}
    query = "SELECT campaign.id FROM campaign WHERE campaign.primary_status = 'LIMITED'"
    contains = "SELECT campaign.id FROM campaign WHERE campaign.primary_status_reasons CONTAINS ANY ('{}')"
    assert len(search(ads.sandbox, query)) == len(statuses(ads))
    assert len(search(ads.sandbox, contains.format("BIDDING_STRATEGY_LIMITED"))) == len(statuses(ads))
    assert not search(ads.sandbox, contains.format("BIDDING_STRATEGY_LEARNING"))


def test_a_campaign_that_goes_on_learns_anew_and_a_shared_strategy_rests_with_its_last_campaign(ads: Changing) -> None:
    shared = ads.make(create("bidding_strategy", name="Shared", target_cpa={"target_cpa_micros": 10_000}))[0]
    ads.make(*(change_campaign(number, "bidding_strategy", bidding_strategy=shared) for number in (BRAND, GENERIC)))
    advance(ads, 5)
    ads.make(change_campaign(BRAND, "status", status="PAUSED"))
    assert (statuses(ads)[BRAND], statuses(ads)[GENERIC]) == ("ENABLED", "ENABLED"), "the strategy still bids"
    assert told(ads)[BRAND] == ("PAUSED", ["CAMPAIGN_PAUSED"])
    ads.make(change_campaign(GENERIC, "status", status="PAUSED"))
    assert (statuses(ads)[BRAND], statuses(ads)[GENERIC]) == ("PAUSED", "PAUSED")
    ads.make(change_campaign(GENERIC, "status", status="ENABLED"))
    assert statuses(ads)[GENERIC] == "LEARNING_NEW"
    assert told(ads)[GENERIC] == ("LEARNING", ["BIDDING_STRATEGY_LEARNING"])
    advance(ads, 5)
    assert statuses(ads)[GENERIC] == "ENABLED"


def test_an_ad_group_rests_with_its_campaign(ads: Changing) -> None:
    ads.make(change_campaign(BRAND, "status", status="PAUSED"))
    query = "SELECT campaign.id, ad_group.primary_status, ad_group.primary_status_reasons FROM ad_group"
    found = {row.campaign.id: row.ad_group for row in search(ads.sandbox, query)}
    assert [r.name for r in found[BRAND].primary_status_reasons] == ["CAMPAIGN_PAUSED"]
    assert (found[BRAND].primary_status.name, found[GENERIC].primary_status.name) == ("NOT_ELIGIBLE", "ELIGIBLE")
    assert not found[GENERIC].primary_status_reasons


def test_few_counted_conversions_limit_a_campaign_and_a_portfolio_adds_them_up(
    ads: Changing, statistics: Statistics
) -> None:
    lately = statistics.counted_lately(ads.estate.now)
    assert min(lately) >= ENOUGH_CONVERSIONS and set(statuses(ads).values()) == {"ENABLED"}
    ads.estate.now -= 190 * DAY
    early = statistics.counted_lately(ads.estate.now)
    assert 0 < max(early) < ENOUGH_CONVERSIONS
    assert set(statuses(ads).values()) == {"LIMITED_BY_DATA"}
    strategy = create(
        "bidding_strategy", resource_name=name_of("biddingStrategies", -1), name="All", target_roas={"target_roas": 1.0}
    )
    campaigns = [campaign.id for campaign in ads.account.campaigns]
    shared = name_of("biddingStrategies", -1)
    ads.make(strategy, *(change_campaign(number, "bidding_strategy", bidding_strategy=shared) for number in campaigns))
    ads.estate.now += 6 * DAY
    together = sum(statistics.counted_lately(ads.estate.now))
    expected = "ENABLED" if together >= ENOUGH_CONVERSIONS else "LIMITED_BY_DATA"
    assert {system_status(ads.account, c, ads.estate.now, statistics) for c in ads.account.campaigns} == {expected}


def test_a_paused_campaign_brings_no_clicks_and_none_of_their_conversions(
    ads: Changing, statistics: Statistics
) -> None:
    start = ads.estate.now
    ads.make(change_campaign(BRAND, "status", status="PAUSED"))
    ads.estate.now += 30 * DAY
    ads.make(change_campaign(BRAND, "status", status="ENABLED"))
    ads.estate.now += 30 * DAY
    index = next(n for n, campaign in enumerate(ads.account.campaigns) if campaign.id == BRAND)
    zone = ZoneInfo(ads.account.time_zone)

    def number(at: int) -> int:
        return int(f"{datetime.fromtimestamp(at, zone):%Y%m%d}")

    def clicked(first: int, last: int) -> set[int]:
        return {campaign for _, campaign in statistics.traffic_sums(ads.estate.now, number(first), number(last))}

    assert clicked(start + DAY, start + 29 * DAY) == set(range(len(ads.account.campaigns))) - {index}
    assert index in clicked(start + 31 * DAY, start + 59 * DAY) and index in clicked(start - 30 * DAY, start - DAY)
    sums = statistics.conversion_sums(
        ads.estate.now, number(start + DAY), number(start + 29 * DAY), by_conversion_date=False
    )
    assert sums and index not in {campaign for _, campaign, _, _ in sums}


# The account as data -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [Tracking, Action, Campaign, Budget, Counting])
def test_what_an_account_holds_can_be_saved_as_json_and_loaded(ads: Changing, part: type[Any]) -> None:
    ads.make(a_tag(), change_action(MACRO, "counting_type", counting_type="ONE_PER_CLICK"))
    goal = name_of("campaignConversionGoals", f"{BRAND}~PURCHASE~WEBSITE")
    ads.make(update("campaign_conversion_goal", goal, ["biddable"], biddable=False))
    account = ads.account
    values = {
        Tracking: [account.tracking],
        Action: list(account.actions.values()),
        Campaign: account.campaigns,
        Budget: account.budgets,
        Counting: account.counting,
    }[part]
    assert decoded(list[part], json.loads(json.dumps(encoded(values)))) == values  # type: ignore[valid-type]


def test_accounts_of_one_conversion_customer_share_it_again_after_loading() -> None:
    first, second, other = (Tracking(customer_id=owner) for owner in ("1", "1", "2"))
    accounts = [_account(name, tracking) for name, tracking in (("3", first), ("4", second), ("5", other))]
    join_tracking(accounts)
    assert accounts[0].tracking is accounts[1].tracking is first
    assert accounts[2].tracking is other
    assert [account.owns_tracking for account in (*accounts, _account("6", Tracking()))] == [False, False, False, True]


def _account(customer_id: str, tracking: Tracking) -> AdsAccount:
    return AdsAccount(
        customer_id=customer_id,
        name="",
        manager_id="1",
        time_zone="UTC",
        currency="EUR",
        clicks=None,  # type: ignore[arg-type]
        property=None,  # type: ignore[arg-type]
        campaigns=[],
        tracking=tracking,
    )
