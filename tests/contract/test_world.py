"""The sandbox's world: one seed is one world, and what Ads and GA4 report of it follows from the same visitors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import sqrt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from adsync.model.window import Window
from adsync.ports import Axis
from adsync.sandbox.drawing import make_world
from adsync.sandbox.scenarios import GROWING_SHOP, SCENARIOS, STARVED_SHOP, Scenario
from adsync.sandbox.serve import build_estate
from adsync.sandbox.world import Clicks, Log, World
from tests.sandboxes import LocalSandbox, local_sandbox

MACRO = "700000001"
DAY = 86_400
CLICKS = ("time", "campaign", "cost")
LOG = (
    "time",
    "arrival",
    "day",
    "name",
    "visitor",
    "session",
    "channel",
    "device",
    "value",
    "click",
    "click_before",
    "session_click",
    "measured",
    "agreed",
    "tagged",
)


@cache
def world(name: str, seed: int) -> World:
    return make_world(SCENARIOS[name], seed)


@pytest.fixture(scope="module")
def year_later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """A growing shop at the end of its world."""
    with local_sandbox(tmp_path_factory.mktemp("grown"), "growing-shop") as running:
        running.control.advance(390)
        yield running


def columns(part: Log | Clicks) -> dict[str, np.ndarray]:
    return {name: np.asarray(getattr(part, name)) for name in (LOG if isinstance(part, Log) else CLICKS)}


def same(one: World, other: World) -> bool:
    return all(
        np.array_equal(mine, columns(theirs)[name])
        for ours, theirs in ((one.log, other.log), (one.clicks, other.clicks))
        for name, mine in columns(ours).items()
    )


def within_noise(found: float, expected: float, sigmas: float = 4.0) -> bool:
    """Whether a Poisson count could be this far from its mean."""
    return abs(found - expected) <= sigmas * sqrt(expected)


# One seed, one world -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_one_seed_gives_one_world(name: str) -> None:
    assert same(world(name, 7), make_world(SCENARIOS[name], 7))


def test_another_seed_gives_another_world() -> None:
    one, other = world("starved-shop", 7), world("starved-shop", 8)
    assert not same(one, other)
    assert len(one.log.time) != len(other.log.time)


def test_each_account_of_a_sandbox_has_visitors_of_its_own() -> None:
    first, second = (shop.log for shop in build_estate("starved-shop", 7, accounts=2).properties.values())
    assert np.array_equal(first.time, world("starved-shop", 7).log.time)
    assert np.array_equal(second.time, world("starved-shop", 8).log.time)


def test_the_log_is_in_order_and_whole() -> None:
    log = world("starved-shop", 7).log
    assert len({len(column) for column in columns(log).values()}) == 1
    assert np.all(np.diff(log.time) >= 0)
    assert np.all(log.arrival > log.time) and np.all(log.arrival - log.time < 3 * DAY)
    assert set(np.unique(log.name)) == set(range(len(log.names))), "every event happens"
    assert np.all((log.value > 0) == (log.name == log.code("purchase")))


def test_a_session_is_one_visitors_and_starts_once() -> None:
    log = world("starved-shop", 7).log
    pairs = set(zip(log.session.tolist(), log.visitor.tolist(), strict=True))
    assert len(pairs) == len(np.unique(log.session))
    starts = Counter(log.session[log.name == log.code("session_start")].tolist())
    assert set(starts.values()) == {1} and len(starts) == len(pairs)


# How much it sells ---------------------------------------------------------------------------------------------------


def _purchases_from_ads(log: Log, scenario: Scenario, first: int, last: int) -> int:
    """Purchases that Ads can attribute, from day ``first`` to ``last`` counted from the clock's first."""
    start = datetime.combine(scenario.starts_on, datetime.min.time(), ZoneInfo(scenario.time_zone)).timestamp()
    bought = (log.name == log.code("purchase")) & (log.click >= 0)
    return int(np.sum(bought & (log.time >= start + first * DAY) & (log.time < start + last * DAY)))


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_the_starved_shop_sells_about_eight_times_a_month_through_ads(seed: int) -> None:
    log = world("starved-shop", seed).log
    found = _purchases_from_ads(log, STARVED_SHOP, -360, 360)
    assert within_noise(found, 8.0 * 720 / 30), f"{found / 24:.1f} a month"


@pytest.mark.parametrize("seed", [1, 7])
def test_the_growing_shop_goes_from_twelve_to_sixty_sales_a_month_through_ads(seed: int) -> None:
    log = world("growing-shop", seed).log
    before = _purchases_from_ads(log, GROWING_SHOP, -360, 56)
    rise = _purchases_from_ads(log, GROWING_SHOP, 56, 126)
    after = _purchases_from_ads(log, GROWING_SHOP, 130, 390)
    assert within_noise(before, 12.0 * 416 / 30), f"{before * 30 / 416:.1f} a month"
    assert within_noise(rise, 36.0 * 70 / 30), f"{rise * 30 / 70:.1f} a month"
    assert within_noise(after, 60.0 * 260 / 30), f"{after * 30 / 260:.1f} a month"


def test_ads_reports_those_sales_and_no_others(year_later: LocalSandbox) -> None:
    ports = year_later.wiring().ports(year_later.settings.accounts[0])
    log = year_later.running.estate.properties["300000001"].log
    bought = [
        datetime.fromtimestamp(int(at), ZoneInfo("Europe/Berlin")).date()
        for at in log.time[(log.name == log.code("purchase")) & (log.click >= 0)]
    ]
    window = Window.ending(year_later.control.now().date() - timedelta(days=1), days=800)
    found = [d for d in ports.ads.conversions(window, Axis.CONVERSION) if d.action_id == MACRO]
    by_day: Counter[date] = Counter()
    for day in found:
        by_day[day.date] += round(day.all_conversions)
    assert by_day == Counter(day for day in bought if day in window)
    assert sum(by_day.values()) > 700


# What each product sees ----------------------------------------------------------------------------------------------


def test_ga4_reports_days_of_the_property_and_ads_days_of_the_account() -> None:
    log = world("starved-shop", 7).log
    pacific = [
        int(f"{datetime.fromtimestamp(int(at), ZoneInfo('America/Los_Angeles')):%Y%m%d}") for at in log.time[::50]
    ]
    berlin = [int(f"{datetime.fromtimestamp(int(at), ZoneInfo('Europe/Berlin')):%Y%m%d}") for at in log.time[::50]]
    assert log.day[::50].tolist() == pacific
    moved = sum(a != b for a, b in zip(pacific, berlin, strict=True)) / len(pacific)
    assert 0.1 < moved < 0.6, "nine hours lie between them, and night hours are quiet"


def test_who_refuses_measuring_is_in_no_report_of_ga4_but_some_hits_of_the_others_are_lost_too() -> None:
    log, scenario = world("growing-shop", 7).log, GROWING_SHOP
    starts = log.name == log.code("session_start")
    visitors = len(np.unique(log.visitor[starts]))
    measured = np.unique(log.visitor[starts & log.measured])
    expected = scenario.ads_consent + (1 - scenario.ads_consent) * scenario.analytics_consent
    assert len(measured) / visitors == pytest.approx(expected, abs=0.005)
    others = ~starts & np.isin(log.visitor, measured)
    assert np.mean(log.measured[others]) == pytest.approx(0.98, abs=0.002)
    assert not np.any(log.measured & ~np.isin(log.visitor, measured))


def test_ads_sees_only_those_who_agree_to_ads_and_whoever_does_is_measured() -> None:
    log, clicks, scenario = world("growing-shop", 7).log, world("growing-shop", 7).clicks, GROWING_SHOP
    seen = log.click >= 0
    starts = log.name == log.code("session_start")
    assert np.all(log.measured[seen & starts])
    age = log.time[seen] - clicks.time[log.click[seen]]
    # A click is noted two seconds before its session starts.
    assert age.min() >= 0 and age.max() <= 30 * DAY
    opened = seen & starts & (log.time - clicks.time[np.maximum(log.click, 0)] == 2)
    landed = len(clicks.time) / 1.17
    assert np.sum(opened) / landed == pytest.approx(scenario.ads_consent, abs=0.02)


def test_some_paid_clicks_never_become_a_session() -> None:
    log, clicks = world("growing-shop", 7).log, world("growing-shop", 7).clicks
    starts = log.time[log.name == log.code("session_start")]
    reached = np.isin(clicks.time + 2, starts)
    assert 0.83 < np.mean(reached) < 0.90


def test_ga4_counts_more_purchases_than_ads_because_other_channels_sell_too(year_later: LocalSandbox) -> None:
    ports = year_later.wiring().ports(year_later.settings.accounts[0])
    window = Window.ending(year_later.control.now().date() - timedelta(days=4), days=180)
    ga4 = sum(c.events for c in ports.analytics.event_report(window, ["purchase"]).counts)
    ads = sum(d.all_conversions for d in ports.ads.conversions(window, Axis.CONVERSION) if d.action_id == MACRO)
    assert ads < ga4 < 3 * ads


def test_a_report_of_ga4_holds_only_what_was_measured_and_processed(shared_sandbox: LocalSandbox) -> None:
    estate = shared_sandbox.running.estate
    log = estate.properties["300000001"].log
    window = Window(date(2026, 2, 20), date(2026, 3, 1))
    ports = shared_sandbox.wiring().ports(shared_sandbox.settings.accounts[0])
    found = {(c.date, c.event_name): c.events for c in ports.analytics.event_report(window, log.names).counts}
    by_hand: Counter[tuple[date, str]] = Counter()
    unmeasured = unprocessed = 0
    for i in np.flatnonzero((log.day >= 20260220) & (log.day <= 20260301)):
        if not log.measured[i]:
            unmeasured += 1
        elif log.arrival[i] > estate.now:
            unprocessed += 1
        else:
            local = datetime.fromtimestamp(int(log.time[i]), UTC).astimezone(ZoneInfo("America/Los_Angeles"))
            by_hand[local.date(), log.names[log.name[i]]] += 1
    assert found == by_hand
    assert unmeasured > 100 and unprocessed > 100
