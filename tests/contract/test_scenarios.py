"""Each scenario shows what it is named for, and a first night of adsync gets through all of them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from adsync.nightly import run_night
from adsync.sandbox.building import clients_of
from adsync.sandbox.drawing import make_world
from adsync.sandbox.scenarios import SCENARIOS, Scenario
from adsync.sandbox.serve import build_estate
from adsync.sandbox.stored import Recipe
from adsync.sandbox.traffic import busier
from adsync.sandbox.truth import truth_of
from adsync.sandbox.world import Bools, Log, World, local_days, midnight
from tests.sandboxes import local_sandbox

RICH = ("black-friday", "tag-outage", "double-tag", "fading", "fixed-target", "saas-trial", "lead-gen")


@cache
def world(name: str, seed: int = 7) -> World:
    return make_world(SCENARIOS[name], seed)


def days(scenario: Scenario, log: Log, first: int, last: int) -> Bools:
    """Which events lie on these days, counted from the clock's first, in the account's time zone."""
    zone = ZoneInfo(scenario.time_zone)
    begins = midnight(scenario.starts_on + timedelta(days=first), zone)
    ends = midnight(scenario.starts_on + timedelta(days=last + 1), zone)
    return (log.time >= begins) & (log.time < ends)


def macros(name: str, first: int, last: int) -> int:
    """Macros that Ads can attribute on these days."""
    log = world(name).log
    mine = (log.name == log.code(SCENARIOS[name].macro)) & (log.click >= 0)
    return int(np.sum(mine & days(SCENARIOS[name], log, first, last)))


@pytest.mark.parametrize("name", [name for name in sorted(SCENARIOS) if name != "agency"])
def test_a_first_night_gets_through(name: str, tmp_path: Path) -> None:
    with local_sandbox(tmp_path, name) as sandbox:
        account = sandbox.settings.accounts[0]
        night = run_night(account, sandbox.wiring().ports(account), apply=False)
    assert night.applied is None
    if name == "double-tag":
        holds = night.decisions.demand.holds
        assert {hold.code for hold in holds} == {"orders_repeated", "double_count"} and not night.plan.changes
    else:
        assert night.plan.changes, "there is something to set up"


def test_a_first_night_gets_through_for_each_client_of_the_agency(tmp_path: Path) -> None:
    with local_sandbox(tmp_path, "agency") as sandbox:
        wiring = sandbox.wiring()
        assert len({a.name for a in sandbox.settings.accounts}) == 12
        for account in sandbox.settings.accounts[::4]:
            assert run_night(account, wiring.ports(account), apply=False).applied is None


def test_the_agency_has_twelve_clients_in_three_time_zones() -> None:
    clients = clients_of(Recipe(scenario="agency"))
    assert len(clients) == 12
    assert {c.time_zone for c in clients} == {"Pacific/Auckland", "Europe/Berlin", "America/Los_Angeles"}
    assert {c.business for c in clients} == {"shop", "saas", "leads"}
    assert [c.owner for c in clients].count("manager") == 2
    more = build_estate("agency", 7, accounts=13)
    assert len({a.name for a in more.accounts.values()}) == 13


@pytest.mark.parametrize("name", sorted(RICH))
def test_a_site_sells_through_ads_about_what_its_scenario_says(name: str) -> None:
    scenario = SCENARIOS[name]
    knots = scenario.volume
    offsets = np.arange(-400, 360)
    expected = np.interp(offsets, [k[0] for k in knots], [k[1] for k in knots]) / 30
    for season in scenario.seasons:
        expected[(offsets >= season.first) & (offsets <= season.last)] *= season.traffic * season.quality
    found = macros(name, -400, 359)
    # Redesigns and the ends of chances lie within a quarter; a scenario that misses its volume by more tells another story.
    assert 0.75 < found / expected.sum() < 1.25, f"{found} instead of {expected.sum():.0f}"


def test_in_an_outage_no_macro_is_heard_of_while_clicks_go_on() -> None:
    scenario, found = SCENARIOS["tag-outage"], world("tag-outage")
    log, macro = found.log, found.log.name == found.log.code("purchase")
    for outage in scenario.outages:
        inside = days(scenario, log, outage.first, outage.last)
        heard = log.tagged if outage.product == "ads" else log.measured
        assert np.sum(macro & inside) > 8 and not np.any(macro & inside & heard)
        assert np.sum(log.measured & inside & ~macro) > 1000
        assert np.sum((found.clicks.time >= log.time[inside][0]) & (found.clicks.time <= log.time[inside][-1])) > 200
    dark = [days(scenario, log, o.first, o.last) for o in scenario.outages if o.product == "ads"]
    assert np.array_equal(macro & ~log.tagged, macro & np.any(dark, axis=0))


def test_google_ads_reports_no_purchase_of_a_silent_tag_and_all_of_the_days_around_it() -> None:
    estate = build_estate("tag-outage", 7)
    account, statistics = estate.accounts["1000000001"], estate.statistics["1000000001"]
    estate.advance(60)
    tag = next(a for a in account.actions.values() if a.name == "Purchase (web)")
    by_day = Counter(statistics.conversions(tag).conversion_day.tolist())
    scenario = SCENARIOS["tag-outage"]

    def on(offset: int) -> int:
        return by_day[int(f"{scenario.starts_on + timedelta(days=offset):%Y%m%d}")]

    assert [on(offset) for offset in range(30, 39)] == [0] * 9
    assert sum(on(offset) for offset in range(21, 30)) > 8 and sum(on(offset) for offset in range(39, 48)) > 8


def test_while_a_banner_fails_people_buy_as_before_and_google_hears_of_fewer() -> None:
    scenario, log = SCENARIOS["broken-banner"], world("broken-banner").log
    failed, mended = (banner.day for banner in scenario.banners)
    macro = log.name == log.code("purchase")

    def heard(first: int, last: int) -> tuple[int, float, float]:
        """Purchases, and the shares of them of which GA4 and Google Ads hear."""
        here = macro & days(scenario, log, first, last)
        total = int(np.sum(here))
        return total, np.sum(here & log.measured) / total, np.sum(here & (log.click >= 0)) / total

    usual = scenario.ads_consent + (1 - scenario.ads_consent) * scenario.analytics_consent
    failing = (
        scenario.banners[0].ads_consent + (1 - scenario.banners[0].ads_consent) * scenario.banners[0].analytics_consent
    )
    # Who came before keeps to what they have said, and some of them buy days later.
    before, meanwhile, after = heard(-100, failed - 1), heard(failed + 10, mended - 1), heard(mended + 10, 300)
    assert [share for _, share, _ in (before, meanwhile, after)] == pytest.approx([usual, failing, usual], abs=0.1)
    assert meanwhile[2] < 0.65 * before[2] and after[2] == pytest.approx(before[2], abs=0.1)
    assert meanwhile[0] / (mended - failed - 10) == pytest.approx(before[0] / (failed + 100), rel=0.25)


def test_a_double_tag_counts_each_purchase_once_more_but_for_what_ga4_does_not_hear() -> None:
    estate = build_estate("double-tag", 7)
    account, statistics = estate.accounts["1000000001"], estate.statistics["1000000001"]
    tag, mirror = sorted(account.actions.values(), key=lambda a: a.is_mirror)
    assert account.counts_now(tag) and account.counts_now(mirror)
    by_tag, by_mirror = (len(statistics.conversions(a).value) for a in (tag, mirror))
    assert 0.95 < by_mirror / by_tag <= 1


def test_a_fading_shop_rises_and_sinks_again() -> None:
    assert macros("fading", -300, -150) / 151 * 30 < 20
    assert macros("fading", -60, 100) / 161 * 30 > 48
    assert macros("fading", 180, 380) / 201 * 30 < 15


def test_black_friday_stands_out_in_both_years() -> None:
    for first, last in ((-316, -309), (48, 55)):
        usual = macros("black-friday", first - 60, first - 5) / 56
        assert macros("black-friday", first, last) / 8 > 2.3 * usual
    friday = SCENARIOS["black-friday"].starts_on + timedelta(days=53)
    assert friday == date(2026, 11, 27)


def test_campaigns_with_fixed_targets_hold_them_themselves_or_by_their_portfolio() -> None:
    account = build_estate("fixed-target", 7).accounts["1000000001"]
    own = {c.name: (c.target_cpa_micros, c.target_roas) for c in account.campaigns if c.portfolio is None}
    assert own == {"Brand": (18_000_000, 0.0), "Shopping": (0, 3.5)}
    (shared,) = account.portfolios
    members = [c for c in account.campaigns if c.portfolio == shared.id]
    assert len(members) == 2 and shared.target_cpa_micros == 32_000_000
    assert all(c.target_cpa_micros == 0 and c.strategy == shared.type == "TARGET_CPA" for c in members)


def test_a_redesign_moves_the_rate_of_its_step_from_its_day_on() -> None:
    scenario, log = SCENARIOS["lead-gen"], world("lead-gen").log
    (redesign,) = scenario.redesigns

    def rate(first: int, last: int) -> float:
        on = days(scenario, log, first, last)
        return float(
            np.sum(on & (log.name == log.code("generate_lead"))) / np.sum(on & (log.name == log.code("form_start")))
        )

    assert rate(redesign.day, 350) / rate(-400, redesign.day - 1) == pytest.approx(redesign.factor, rel=0.12)


def test_bots_do_absurdly_much_and_never_buy() -> None:
    log = world("black-friday").log
    events = np.bincount(log.visitor)
    busiest = np.argsort(events)[-20:]
    assert events[busiest].min() > 20 * np.median(events)
    bought = np.unique(log.visitor[log.name == log.code("purchase")])
    assert not np.isin(busiest, bought).any()


def test_visitors_come_back_by_other_channels_and_hits_arrive_late() -> None:
    log = world("saas-trial").log
    sessions = np.bincount(np.unique(np.stack([log.visitor, log.session]), axis=1)[0])
    assert 0.25 < np.mean(sessions > 1) < 0.6
    late = (log.arrival - log.time) > 24 * 3600
    assert 0.02 < np.mean(late) < 0.08


@pytest.mark.parametrize("name", sorted(RICH))
def test_what_follows_an_event_is_what_its_truth_says(name: str) -> None:
    """The observed share of its doers whom the macro followed is the chance that the scenario gave these visitors."""
    truth = truth_of(SCENARIOS[name], 7, world(name).log)
    verdicts = Counter(event["verdict"] for event in truth["events"].values())
    assert set(verdicts) == {"announces", "only_busy", "nothing", "after_macro", "duplicate"}
    for event, facts in truth["events"].items():
        if "risk_if_done" not in facts or not facts["visitors"] or facts["verdict"] == "duplicate":
            continue
        observed, expected = facts["followed"] / facts["visitors"], facts["risk_if_done"]
        noise = 4 * np.sqrt(max(expected * (1 - expected), 1e-4) / facts["visitors"])
        # Who arrives at the world's end has no time to go on, and some do a thing only after their macro.
        assert abs(observed - expected) < noise + 0.12 * expected, event
        assert facts["risk_if_not"] - 1e-9 <= facts["risk_before"] <= facts["risk_if_done"] + 1e-9
        if facts["verdict"] in ("only_busy", "nothing"):
            assert facts["risk_ratio"] == pytest.approx(1)


def test_doing_what_announces_the_macro_is_followed_by_it_more_often_than_not_doing_it() -> None:
    """Among visitors of one campaign who are about equally active, so that nothing else differs."""
    scenario = SCENARIOS["lead-gen"]
    log = make_world(busier(scenario, 600), 3).log
    truth = truth_of(busier(scenario, 600), 3, log)["events"]
    bought = np.zeros(log.visitor.max() + 1, bool)
    bought[log.visitor[log.name == log.code(scenario.macro)]] = True

    def ratio(event: str) -> float:
        did = np.zeros(len(bought), bool)
        did[log.visitor[log.name == log.code(event)]] = True
        pages = np.bincount(log.visitor[log.name == log.code("page_view")], minlength=len(bought))
        few = (pages >= 1) & (pages <= 3)
        return float(bought[few & did].mean() / bought[few & ~did].mean())

    assert ratio("file_download") > 1.6 < truth["file_download"]["risk_ratio"]
    assert ratio("click_phone") == pytest.approx(1, abs=0.35)


def test_a_busier_site_has_the_sessions_asked_for_and_sells_as_much() -> None:
    scenario = SCENARIOS["starved-shop"]
    busy = make_world(busier(scenario, 200), 7).log
    length = scenario.history_days + scenario.future_days
    assert len(np.unique(busy.session)) / length == pytest.approx(200, rel=0.05)
    sold = [
        int(np.sum((log.name == log.code("purchase")) & (log.click >= 0))) for log in (busy, world("starved-shop").log)
    ]
    assert sold[0] == pytest.approx(sold[1], rel=0.25)


@pytest.mark.parametrize("name", ["tag-outage", "saas-trial"])
def test_reports_by_click_date_only_ever_add_up_and_end_after_ninety_days(name: str) -> None:
    estate = build_estate(name, 7)
    statistics = estate.statistics["1000000001"]
    account = estate.accounts["1000000001"]
    tag = min(account.actions)
    found = statistics.conversions(account.actions[tag])
    day = found.click_day
    before = np.zeros(0)
    cells = np.unique(day)
    for weeks in range(0, 30, 3):
        now = estate.now + weeks * 7 * 86_400
        seen = found.visible_at <= now
        counts = np.array([np.sum(seen & (day == cell)) for cell in cells[:60]])
        assert not len(before) or np.all(counts >= before)
        before = counts
        old = local_days(np.array([now - 91 * 86_400]), account.time_zone)[0]
        assert not np.any(~seen & (day < old)), "what has not come in ninety days does not come"


def test_ads_ga4_and_the_log_agree_on_how_much_was_sold() -> None:
    estate = build_estate("fixed-target", 7)
    account, log = estate.accounts["1000000001"], estate.properties["300000001"].log
    bought = log.name == log.code("purchase")
    tag = account.actions[min(account.actions)]
    assert len(estate.statistics["1000000001"].conversions(tag).value) == np.sum(bought & (log.click >= 0))
    window = (date(2025, 6, 1), date(2026, 1, 31))
    seen = account.property.seen(*window, estate.now)
    on = (log.day >= 20250601) & (log.day <= 20260131) & log.measured & (log.arrival <= estate.now)
    assert np.array_equal(np.sort(seen), np.flatnonzero(on))
