"""What the state database promises: as-of reading, whole transactions, a private file, leases, and faults in clear words."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adsync.errors import GoogleUnavailable, Locked, StateError
from adsync.model.analytics import EventCount, EventReport, FunnelPart, OrderIds, Quality, SiteDay, SiteReport
from adsync.model.change import fields
from adsync.model.decision import Conclusion, Counters, DemandDecision, Hold, Standing, Verb
from adsync.model.freeze import Freeze
from adsync.model.log import Outcome
from adsync.model.plan import Approval, CampaignEffect, Consent, PlannedChange
from adsync.model.policy import Policy
from adsync.model.pulled import Coverage, Report
from adsync.model.volume import ActionDay, CampaignDay
from adsync.model.window import Window
from adsync.ports import Axis
from adsync.pull import pull_account
from adsync.state import coverages
from adsync.state import numbers as numbers_module
from adsync.state.database import Database
from adsync.state.holds import SqlHolds
from adsync.state.ledger import SqlLedger
from adsync.state.memory import SqlMemory
from adsync.state.numbers import SqlNumbers
from adsync.state.runs import EVERYTHING, AccountRun, SqlRuns, holder
from tests.builders import a_change, a_funnel, a_plan, a_snapshot, a_state, an_action, an_entry
from tests.sandboxes import LocalSandbox

SHOP = "1234567890"
DAY = date(2026, 5, 20)
FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT = (date(2026, 6, n) for n in (1, 2, 3))
DAYS = Window(date(2026, 5, 18), date(2026, 5, 22))
NOW = datetime(2026, 6, 1, 4, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "adsync.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def numbers(database: Database) -> SqlNumbers:
    return SqlNumbers(database)


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


@pytest.fixture
def runs(database: Database) -> SqlRuns:
    return SqlRuns(database)


def covering(report: Report, as_of: date, window: Window = DAYS, *, whole: bool = True) -> Coverage:
    fault = "" if whole else "sampled: 40 % of the events were read"
    return Coverage(report=report, as_of=as_of, window=window, pulled_at=NOW, whole=whole, fault=fault)


def events(**users: int) -> EventReport:
    """Users of an event on `DAY`, by its name; each fired twice."""
    counts = [EventCount(date=DAY, event_name=n, events=2 * u, sessions=u, users=u) for n, u in users.items()]
    return EventReport(window=DAYS, counts=tuple(counts), quality=Quality())


def a_day(conversions: float = 1.0, **different: Any) -> ActionDay:
    values = {"date": DAY, "campaign_id": "1", "action_id": "100", "value": 0.0, "all_value": 0.0}
    return ActionDay(**{**values, "conversions": conversions, "all_conversions": conversions, **different})


def users(numbers: SqlNumbers, as_of: date, event: str = "purchase", day: date = DAY) -> float | None:
    return numbers.user_series(SHOP, [event], DAYS, as_of)[event].at(day)


def everything(path: Path) -> dict[str, list[Any]]:
    """All rows of all tables."""
    with sqlite3.connect(path) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        return {table: sorted(connection.execute(f"select * from {table}"), key=repr) for table in tables}


# As of a night -------------------------------------------------------------------------------------------------------


def test_a_number_that_grew_later_does_not_change_what_an_earlier_night_knew(numbers: SqlNumbers) -> None:
    numbers.store_events(SHOP, events(purchase=5), covering(Report.EVENTS, FIRST_NIGHT))
    numbers.store_events(SHOP, events(purchase=7), covering(Report.EVENTS, SECOND_NIGHT))
    assert users(numbers, FIRST_NIGHT) == 5
    assert users(numbers, SECOND_NIGHT) == users(numbers, THIRD_NIGHT) == 7


def test_before_the_first_copy_nothing_is_known(numbers: SqlNumbers) -> None:
    numbers.store_events(SHOP, events(purchase=5), covering(Report.EVENTS, SECOND_NIGHT))
    assert users(numbers, FIRST_NIGHT) is None


def test_conversions_clicks_and_cost_are_read_as_of_a_night(numbers: SqlNumbers) -> None:
    for night, count in ((FIRST_NIGHT, 1.5), (SECOND_NIGHT, 2.5)):
        numbers.store_conversions(SHOP, Axis.CLICK, [a_day(count)], covering(Report.CLICKS, night))
        numbers.store_conversions(SHOP, Axis.CONVERSION, [a_day(10 * count)], covering(Report.CONVERSIONS, night))
        cost = round(count * 1_000_000)
        days = [CampaignDay(date=DAY, campaign_id="1", cost_micros=cost, clicks=round(10 * count), impressions=9)]
        numbers.store_campaign_days(SHOP, days, covering(Report.COST, night))

    def seen(as_of: date) -> tuple[float | None, ...]:
        by_axis = [numbers.conversion_series(SHOP, ["100"], axis, DAYS, as_of)["100"].at(DAY) for axis in Axis]
        clicks, cost = numbers.click_series(SHOP, DAYS, as_of), numbers.cost_series(SHOP, DAYS, as_of)
        return (*by_axis, clicks.at(DAY), cost.at(DAY))

    assert seen(FIRST_NIGHT) == (15.0, 1.5, 15.0, 1.5)
    assert seen(SECOND_NIGHT) == (25.0, 2.5, 25.0, 2.5)
    assert [d.all_conversions for d in numbers.campaign_conversions(SHOP, DAYS, FIRST_NIGHT)] == [15.0]


def test_macros_and_cost_of_each_campaign_are_read_as_of_a_night(numbers: SqlNumbers) -> None:
    other = DAY + timedelta(days=1)
    for night, count in ((FIRST_NIGHT, 1.5), (SECOND_NIGHT, 2.5)):
        found = [a_day(count), a_day(1.0, date=other), a_day(4.0, action_id="101"), a_day(9.0, action_id="200")]
        numbers.store_conversions(SHOP, Axis.CONVERSION, found, covering(Report.CONVERSIONS, night))
        spent = [
            CampaignDay(date=day, campaign_id=campaign, cost_micros=round(10 * count), clicks=1, impressions=9)
            for day, campaign in ((DAY, "1"), (other, "1"), (DAY, "2"))
        ]
        numbers.store_campaign_days(SHOP, spent, covering(Report.COST, night))

    def seen(as_of: date) -> list[tuple[str, float, int]]:
        volumes = numbers.campaign_volumes(SHOP, ["100", "101"], DAYS, as_of)
        return [(v.campaign_id, v.conversions, v.cost_micros) for v in volumes]

    assert seen(FIRST_NIGHT) == [("1", 6.5, 30), ("2", 0.0, 15)]
    assert seen(SECOND_NIGHT) == [("1", 7.5, 50), ("2", 0.0, 25)]


def test_campaigns_of_one_action_add_up(numbers: SqlNumbers) -> None:
    days = [a_day(1.25), a_day(2.5, campaign_id="2"), a_day(9.0, action_id="200")]
    numbers.store_conversions(SHOP, Axis.CONVERSION, days, covering(Report.CONVERSIONS, FIRST_NIGHT))
    series = numbers.conversion_series(SHOP, ["100", "200", "300"], Axis.CONVERSION, DAYS, FIRST_NIGHT)
    assert [series[action].at(DAY) for action in ("100", "200", "300")] == [3.75, 9.0, 0.0]


def test_groups_of_campaigns_have_series_of_their_own(numbers: SqlNumbers) -> None:
    found = [
        a_day(1.25),
        a_day(2.5, campaign_id="2"),
        a_day(4.0, campaign_id="2", action_id="101"),
        a_day(8.0, campaign_id="3"),
        a_day(16.0, campaign_id="4"),
        a_day(9.0, action_id="200"),
    ]
    numbers.store_conversions(SHOP, Axis.CONVERSION, found, covering(Report.CONVERSIONS, FIRST_NIGHT))
    numbers.store_conversions(SHOP, Axis.CONVERSION, found[1:], covering(Report.CONVERSIONS, SECOND_NIGHT))
    groups = {"1": "one", "2": "one", "3": "two", "4": ""}

    def seen(as_of: date, others: str = "") -> list[tuple[str, float | None]]:
        series = numbers.grouped_series(SHOP, ["100", "101"], Axis.CONVERSION, DAYS, as_of, groups, others)
        return [(name, each.at(DAY)) for name, each in sorted(series.items())]

    assert seen(FIRST_NIGHT) == [("one", 7.75), ("two", 8.0)]
    assert seen(SECOND_NIGHT) == [("one", 6.5), ("two", 8.0)]
    groups = {"2": "", "3": "two"}
    assert seen(FIRST_NIGHT, "two") == [("two", 25.25)]
    assert seen(FIRST_NIGHT - timedelta(days=1), "two") == [("two", None)]


def test_what_conversions_are_worth_is_read_as_of_a_night(numbers: SqlNumbers) -> None:
    for night, worth in ((FIRST_NIGHT, 40.0), (SECOND_NIGHT, 55.5)):
        days = [a_day(1.0, all_value=worth), a_day(1.0, campaign_id="2", all_value=2.0), a_day(1.0, action_id="200")]
        numbers.store_conversions(SHOP, Axis.CONVERSION, days, covering(Report.CONVERSIONS, night))

    def seen(as_of: date) -> float | None:
        return numbers.value_series(SHOP, ["100"], Axis.CONVERSION, DAYS, as_of)["100"].at(DAY)

    assert (seen(FIRST_NIGHT), seen(SECOND_NIGHT)) == (42.0, 57.5)


def test_funnels_are_those_of_the_newest_night_that_took_them(numbers: SqlNumbers) -> None:
    first, second = [a_funnel(entered=10, completed=2)], [a_funnel(entered=20, completed=4), a_funnel("scroll")]
    numbers.store_funnels(SHOP, first, covering(Report.FUNNELS, FIRST_NIGHT))
    numbers.store_funnels(SHOP, second, covering(Report.FUNNELS, THIRD_NIGHT))
    assert numbers.funnels(SHOP, SECOND_NIGHT) == tuple(first)
    assert set(numbers.funnels(SHOP, THIRD_NIGHT)) == set(second)


def test_parts_are_those_of_the_night_whose_funnels_are_the_newest(numbers: SqlNumbers) -> None:
    def parts(entered: int) -> list[FunnelPart]:
        return [FunnelPart(event_name="scroll", by="device", segment="tv", entered=entered, completed=1)]

    for night in (FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT):
        numbers.store_funnels(SHOP, [a_funnel("scroll")], covering(Report.FUNNELS, night))
    for night, entered in ((FIRST_NIGHT, 7), (SECOND_NIGHT, 8), (SECOND_NIGHT, 9)):
        numbers.store_funnel_parts(SHOP, parts(entered), covering(Report.FUNNEL_PARTS, night))
    assert numbers.funnel_parts(SHOP, FIRST_NIGHT) == tuple(parts(7))
    assert numbers.funnel_parts(SHOP, SECOND_NIGHT) == tuple(parts(9))
    assert numbers.funnel_parts(SHOP, THIRD_NIGHT) == (), "the newest night asked for none"


def test_orders_are_read_back_for_more_than_a_year(numbers: SqlNumbers) -> None:
    nights = [SECOND_NIGHT - timedelta(days=n) for n in reversed(range(400))]
    found = OrderIds(window=DAYS, events=12, orders=10, repeated=2, without_id=0)
    for night in nights:
        numbers.store_orders(SHOP, found, covering(Report.EVENTS, night))
    assert [night for night, _ in numbers.orders(SHOP, SECOND_NIGHT)] == nights


def test_a_snapshot_is_the_newest_known_on_its_night_and_says_when_it_was_last_seen(numbers: SqlNumbers) -> None:
    def taken(as_of: date, *actions: Any) -> Any:
        return replace(a_snapshot(a_state(*actions, as_of=as_of)), taken_at=NOW)

    numbers.store_snapshot(SHOP, taken(FIRST_NIGHT), covering(Report.ACCOUNT, FIRST_NIGHT))
    unchanged = replace(covering(Report.ACCOUNT, SECOND_NIGHT), pulled_at=NOW + timedelta(days=1))
    numbers.store_snapshot(SHOP, taken(SECOND_NIGHT), unchanged)
    numbers.store_snapshot(SHOP, taken(THIRD_NIGHT, an_action()), covering(Report.ACCOUNT, THIRD_NIGHT))
    second, third = numbers.snapshot(SHOP, SECOND_NIGHT), numbers.snapshot(SHOP)
    assert second is not None and third is not None
    assert (len(second.state.actions), len(third.state.actions)) == (1, 2)
    assert (second.state.as_of, second.taken_at) == (SECOND_NIGHT, NOW + timedelta(days=1))
    assert numbers.snapshot(SHOP, FIRST_NIGHT - timedelta(days=1)) is None


def test_settings_of_a_moment_are_known_however_often_its_night_was_copied(numbers: SqlNumbers) -> None:
    def copied(as_of: date, hours: float, actions: int) -> None:
        moment = NOW + timedelta(hours=hours)
        state = a_state(*(an_action(id=f"{n}") for n in range(actions)), as_of=as_of)
        coverage = replace(covering(Report.ACCOUNT, as_of), pulled_at=moment)
        numbers.store_snapshot(SHOP, replace(a_snapshot(state), taken_at=moment), coverage)

    def known(hours: float) -> int:
        state = numbers.settings_at(SHOP, NOW + timedelta(hours=hours))
        assert state is not None
        return len(state.actions)

    assert numbers.settings_at(SHOP, NOW) is None
    copied(FIRST_NIGHT, 0, 1)
    base = known(0) - 1
    copied(FIRST_NIGHT, 4, 2)
    copied(FIRST_NIGHT, 6, 2)
    copied(FIRST_NIGHT, 8, 3)
    copied(SECOND_NIGHT, 24, 3)
    copied(SECOND_NIGHT, 30, 1)
    found = [known(hours) - base for hours in (0, 3, 5, 7, 9, 25, 31)]
    assert found == [1, 1, 2, 2, 3, 3, 1]
    assert numbers.settings_at("9999999999", NOW) is None
    newest = numbers.snapshot(SHOP, FIRST_NIGHT)
    assert newest is not None and (len(newest.state.actions) - base, newest.earlier) == (3, ())


def test_accounts_do_not_see_each_others_numbers(numbers: SqlNumbers) -> None:
    numbers.store_events("9999999999", events(purchase=5), covering(Report.EVENTS, FIRST_NIGHT))
    assert users(numbers, FIRST_NIGHT) is None


# Sessions from ads ---------------------------------------------------------------------------------------------------


def a_site(*days: SiteDay) -> SiteReport:
    return SiteReport(window=DAYS, days=days, quality=Quality())


def from_ads(numbers: SqlNumbers, as_of: date, day: date = DAY) -> float | None:
    return numbers.ad_session_series(SHOP, DAYS, as_of).at(day)


def test_sessions_from_ads_of_which_google_did_not_tell_are_unknown_and_a_day_without_sessions_has_none(
    numbers: SqlNumbers,
) -> None:
    for night, told in ((FIRST_NIGHT, None), (SECOND_NIGHT, 0), (THIRD_NIGHT, 4)):
        site = a_site(SiteDay(date=DAY, sessions=9, users=8, ad_sessions=told))
        numbers.store_site(SHOP, site, covering(Report.SITE, night))
    nights = (FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT)
    assert [from_ads(numbers, night) for night in nights] == [None, 0, 4]
    assert from_ads(numbers, FIRST_NIGHT - timedelta(days=1)) is None, "nothing was copied yet"
    assert from_ads(numbers, THIRD_NIGHT, DAYS.first) == 0, "the site had no sessions"
    numbers.store_site(SHOP, a_site(), covering(Report.SITE, THIRD_NIGHT + timedelta(days=1)))
    assert from_ads(numbers, THIRD_NIGHT + timedelta(days=1)) == 0, "the day has vanished"


def test_sessions_from_ads_of_a_copy_that_was_not_whole_are_unknown(numbers: SqlNumbers) -> None:
    site = a_site(SiteDay(date=DAY, sessions=9, users=8, ad_sessions=4))
    numbers.store_site(SHOP, site, covering(Report.SITE, FIRST_NIGHT, whole=False))
    assert from_ads(numbers, FIRST_NIGHT) is None


# Pulling again -------------------------------------------------------------------------------------------------------


def _a_whole_night(numbers: SqlNumbers, night: date, count: int) -> None:
    numbers.store_events(SHOP, events(purchase=count, scroll=50), covering(Report.EVENTS, night))
    site = SiteReport(
        window=DAYS, days=(SiteDay(date=DAY, sessions=count, users=count, ad_sessions=count),), quality=Quality()
    )
    numbers.store_site(SHOP, site, covering(Report.SITE, night))
    for axis, report in ((Axis.CONVERSION, Report.CONVERSIONS), (Axis.CLICK, Report.CLICKS)):
        numbers.store_conversions(SHOP, axis, [a_day(float(count))], covering(report, night))
    numbers.store_funnels(SHOP, [a_funnel()], covering(Report.FUNNELS, night))
    numbers.store_snapshot(SHOP, a_snapshot(a_state(as_of=night)), covering(Report.ACCOUNT, night))


def test_pulling_a_night_twice_equals_pulling_it_once(numbers: SqlNumbers, path: Path) -> None:
    _a_whole_night(numbers, FIRST_NIGHT, 5)
    _a_whole_night(numbers, SECOND_NIGHT, 7)
    once = everything(path)
    _a_whole_night(numbers, SECOND_NIGHT, 7)
    assert everything(path) == once


def test_the_second_pull_of_a_night_replaces_the_first(numbers: SqlNumbers, path: Path) -> None:
    _a_whole_night(numbers, FIRST_NIGHT, 5)
    _a_whole_night(numbers, SECOND_NIGHT, 7)
    _a_whole_night(numbers, SECOND_NIGHT, 5)
    assert users(numbers, SECOND_NIGHT) == 5
    assert len(everything(path)["event_count"]) == 2, "what is as on the night before is not stored again"


def test_a_number_is_stored_again_only_when_it_changed(numbers: SqlNumbers, path: Path) -> None:
    for night in (FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT):
        numbers.store_events(SHOP, events(purchase=5, scroll=50), covering(Report.EVENTS, night))
    assert len(everything(path)["event_count"]) == 2
    assert len(everything(path)["coverage"]) == 3


def test_a_row_that_vanishes_at_google_vanishes_and_may_come_back(numbers: SqlNumbers) -> None:
    for night, report in (
        (FIRST_NIGHT, events(purchase=5, scroll=50)),
        (SECOND_NIGHT, events(scroll=50)),
        (THIRD_NIGHT, events(purchase=6, scroll=50)),
    ):
        numbers.store_events(SHOP, report, covering(Report.EVENTS, night))
    assert [users(numbers, night) for night in (FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT)] == [5, 0, 6]
    numbers.store_conversions(SHOP, Axis.CONVERSION, [a_day()], covering(Report.CONVERSIONS, FIRST_NIGHT))
    numbers.store_conversions(SHOP, Axis.CONVERSION, [], covering(Report.CONVERSIONS, SECOND_NIGHT))
    assert numbers.campaign_conversions(SHOP, DAYS, SECOND_NIGHT) == ()
    assert len(numbers.campaign_conversions(SHOP, DAYS, FIRST_NIGHT)) == 1


def test_days_outside_tonights_window_stay_as_they_were(numbers: SqlNumbers) -> None:
    numbers.store_events(SHOP, events(purchase=5), covering(Report.EVENTS, FIRST_NIGHT))
    later = Window(DAYS.last, DAYS.last)
    nothing = EventReport(window=later, counts=(), quality=Quality())
    numbers.store_events(SHOP, nothing, covering(Report.EVENTS, SECOND_NIGHT, later))
    assert users(numbers, SECOND_NIGHT) == 5


def test_the_other_axis_is_left_alone(numbers: SqlNumbers) -> None:
    numbers.store_conversions(SHOP, Axis.CONVERSION, [a_day(3.0)], covering(Report.CONVERSIONS, FIRST_NIGHT))
    numbers.store_conversions(SHOP, Axis.CLICK, [], covering(Report.CLICKS, FIRST_NIGHT))
    series = numbers.conversion_series(SHOP, ["100"], Axis.CONVERSION, DAYS, FIRST_NIGHT)
    assert series["100"].at(DAY) == 3.0


# Absent is not zero --------------------------------------------------------------------------------------------------


def test_a_covered_day_without_a_row_is_zero_and_an_uncovered_one_is_unknown(numbers: SqlNumbers) -> None:
    covered = Window(DAYS.first, DAY)
    numbers.store_events(SHOP, events(purchase=5), covering(Report.EVENTS, FIRST_NIGHT, covered))
    values = numbers.user_series(SHOP, ["purchase"], DAYS, FIRST_NIGHT)["purchase"].values
    assert values == (0.0, 0.0, 5.0, None, None)


@pytest.mark.parametrize("whole_first", [True, False])
def test_the_newest_copy_of_a_day_says_whether_it_is_usable(numbers: SqlNumbers, whole_first: bool) -> None:
    numbers.store_events(SHOP, events(purchase=5), covering(Report.EVENTS, FIRST_NIGHT, whole=whole_first))
    numbers.store_events(SHOP, events(purchase=5), covering(Report.EVENTS, SECOND_NIGHT, whole=not whole_first))
    usable, unusable = (FIRST_NIGHT, SECOND_NIGHT) if whole_first else (SECOND_NIGHT, FIRST_NIGHT)
    assert (users(numbers, usable), users(numbers, unusable)) == (5, None)


def test_coverage_tells_what_was_copied_when_and_what_was_wrong(numbers: SqlNumbers) -> None:
    copies = [covering(Report.EVENTS, SECOND_NIGHT, whole=False), covering(Report.EVENTS, FIRST_NIGHT)]
    for copy in copies:
        numbers.store_events(SHOP, events(purchase=5), copy)
    assert numbers.coverage(SHOP, Report.EVENTS, SECOND_NIGHT) == tuple(reversed(copies))
    assert numbers.coverage(SHOP, Report.EVENTS, FIRST_NIGHT) == (copies[1],)
    assert numbers.coverage(SHOP, Report.SITE, SECOND_NIGHT) == ()
    assert numbers.newest_copies(SHOP, SECOND_NIGHT) == {Report.EVENTS: copies[0]}
    assert numbers.newest_copies(SHOP, SECOND_NIGHT - timedelta(days=1)) == {Report.EVENTS: copies[1]}
    assert numbers.newest_copies(SHOP, FIRST_NIGHT - timedelta(days=1)) == {}
    site = covering(Report.SITE, FIRST_NIGHT)
    numbers.store_site(SHOP, SiteReport(window=site.window, days=(), quality=Quality()), site)
    assert numbers.newest_copies(SHOP, SECOND_NIGHT) == {Report.EVENTS: copies[0], Report.SITE: site}
    assert numbers.newest_copies("9999999999", SECOND_NIGHT) == {}


def test_a_report_is_stored_with_its_coverage_or_not_at_all(
    numbers: SqlNumbers, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise OSError("power cut")

    before = everything(path)
    # Once between the coverage and the numbers, once between the numbers and the coverage.
    monkeypatch.setattr(numbers_module, "latest", power_cut)
    with pytest.raises(OSError, match="power cut"):
        numbers.store_events(SHOP, events(purchase=5), covering(Report.EVENTS, FIRST_NIGHT))
    monkeypatch.setattr(coverages, "note", power_cut)
    with pytest.raises(OSError, match="power cut"):
        numbers.store_funnels(SHOP, [a_funnel()], covering(Report.FUNNELS, FIRST_NIGHT))
    assert everything(path) == before


# A night that was interrupted ----------------------------------------------------------------------------------------


def test_an_unfinished_pull_is_completed_and_a_finished_one_repeated(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    sandbox.control.fault("runReport", "unavailable", times=50)
    with pytest.raises(GoogleUnavailable):
        pull_account(account, ports)
    night = sandbox.control.now().date()
    ads = {Report.ACCOUNT, Report.CONVERSIONS, Report.CLICKS, Report.COST}
    assert set(ports.state.numbers.newest_copies(account.customer_id, night)) == ads
    sandbox.control.fault("", "none")
    completed = pull_account(account, ports)
    assert set(completed.reports) == {Report.ACCOUNT, Report.EVENTS, Report.SITE, Report.ORDERS, Report.FUNNELS}
    repeated = pull_account(account, ports)
    assert set(repeated.reports) >= ads | {Report.EVENTS, Report.SITE}


def test_pulling_a_real_night_twice_changes_no_number(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    path = sandbox.directory / "adsync.db"
    pull_account(account, ports)
    sandbox.control.advance(1)
    pull_account(account, ports)
    once = everything(path)
    pull_account(account, ports)
    assert everything(path) == once


# Plans, approvals, change log ----------------------------------------------------------------------------------------


def test_a_plan_comes_back_equal(ledger: SqlLedger) -> None:
    effect = CampaignEffect(campaign_id="1", campaign="Brand", strategy="TARGET_CPA", before=8.0, after=12.5)
    tagged = a_change(Verb.CREATE, object_id="Größe <b>", before=None, after=fields(name="Größe <b>", count=1.5))
    plan = a_plan(
        a_change(because="18 % go on", numbers=(("share", 0.18), ("users", 41), ("word", "many"))),
        PlannedChange(change=tagged, consent=Consent.PROPOSAL, consent_because="Fixed target.", effects=(effect,)),
        made_at=NOW,
    )
    ledger.store_plan(plan)
    found = ledger.plan(plan.id)
    assert found == plan
    assert found is not None and [p.change.hash for p in found.changes] == [p.change.hash for p in plan.changes]
    assert ledger.plan("shop-2026-06-01-9") is None


def test_the_newest_plan_is_found_by_origin(ledger: SqlLedger) -> None:
    for number, origin, at in ((9, "night", NOW), (10, "night", NOW), (11, "rollback", NOW - timedelta(days=1))):
        ledger.store_plan(a_plan(a_change(), id=f"shop-2026-06-01-{number}", origin=origin, made_at=at))
    found = [ledger.newest_plan(SHOP, origin) for origin in ("night", "rollback", "")]
    assert [plan.id for plan in found if plan] == [
        "shop-2026-06-01-10",
        "shop-2026-06-01-11",
        "shop-2026-06-01-10",
    ]
    assert ledger.newest_plan("9999999999") is None
    assert ledger.next_plan_number("shop", date(2026, 6, 1)) == 12
    assert ledger.next_plan_number("shop", date(2026, 6, 2)) == 1


def test_what_is_stored_after_a_plan_of_a_clock_that_ran_ahead_is_newer_than_that(ledger: SqlLedger) -> None:
    ledger.store_plan(a_plan(a_change(), id="shop-2026-12-27-1", made_at=NOW + timedelta(days=200)))
    for number in (9, 10):
        plan = a_plan(a_change(), id=f"shop-2026-06-01-{number}", made_at=NOW + timedelta(days=number))
        ledger.store_plan(plan)
        assert ledger.newest_plan(SHOP, "night") == plan


def an_approval(change: Any = None, **different: Any) -> Approval:
    values = {
        "change_hash": (change or a_change()).hash,
        "customer_id": SHOP,
        "change_name": "shop-2026-06-01-1/1",
        "approved": True,
        "by": "erika",
        "at": NOW,
        "until": NOW + timedelta(days=7),
    }
    return Approval(**{**values, **different})


def test_the_newest_word_on_a_change_counts(ledger: SqlLedger) -> None:
    yes, no = an_approval(), an_approval(approved=False, by="max", at=NOW + timedelta(hours=1))
    ledger.approve([yes, no])
    assert dict(ledger.approvals(SHOP)) == {yes.change_hash: no}
    ledger.approve([replace(yes, at=NOW + timedelta(hours=2))])
    assert ledger.approvals(SHOP)[yes.change_hash].approved
    assert ledger.approvals("9999999999") == {}
    ledger.approve([])


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_approval_is_used_up_by_the_change_it_allowed_and_by_nothing_less(
    ledger: SqlLedger, outcome: Outcome
) -> None:
    word = an_approval()
    ledger.approve([word])
    entry_id = ledger.open_entry(an_entry(outcome=Outcome.SENT, opened_at=NOW + timedelta(minutes=1), closed_at=None))
    assert word.change_hash in ledger.approvals(SHOP), "sent is not done"
    ledger.close_entry(entry_id, outcome, NOW + timedelta(minutes=2))
    used_up = outcome.is_done or outcome is Outcome.REFUSED
    assert (word.change_hash in ledger.approvals(SHOP)) is not used_up
    ledger.approve([replace(word, at=NOW + timedelta(minutes=3))])
    assert word.change_hash in ledger.approvals(SHOP), "a new word is a new word"


def test_a_word_said_after_an_attempt_of_the_same_second_allows_another_one(ledger: SqlLedger) -> None:
    """A sandbox's clock stands still between two commands."""
    word = an_approval()
    for _ in range(2):
        ledger.approve([word])
        assert ledger.approvals(SHOP) == {word.change_hash: word}
        entry_id = ledger.open_entry(an_entry(outcome=Outcome.SENT, opened_at=word.at, closed_at=None))
        ledger.close_entry(entry_id, Outcome.REFUSED, word.at)
        assert ledger.approvals(SHOP) == {}


def test_an_entry_comes_back_equal_and_closes_with_what_became_of_it(ledger: SqlLedger) -> None:
    entry = an_entry(
        outcome=Outcome.SENT, opened_at=NOW, deadline=NOW + timedelta(minutes=1), closed_at=None, approved_by="erika"
    )
    entry_id = ledger.open_entry(entry)
    assert ledger.entry(entry_id) == replace(entry, id=entry_id)
    ledger.close_entry(entry_id, Outcome.UNKNOWN, NOW + timedelta(minutes=1), request_id="abc", note="no answer")
    (unknown,) = ledger.entries(only_open=True)
    assert (unknown.outcome, unknown.closed_at, unknown.request_id) == (Outcome.UNKNOWN, None, "abc")
    closed_at = NOW + timedelta(minutes=2)
    ledger.close_entry(entry_id, Outcome.APPLIED, closed_at, note="settled", object_id="777")
    found = ledger.entry(entry_id)
    assert found is not None
    assert (found.outcome, found.closed_at, found.note) == (Outcome.APPLIED, closed_at, "settled")
    assert (found.request_id, found.change.object_id) == ("abc", "777")
    assert ledger.entries(only_open=True) == ()


def test_entries_are_found_by_account_and_moment_oldest_first(ledger: SqlLedger) -> None:
    for customer_id, hours in ((SHOP, 0), ("9999999999", 1), (SHOP, 2)):
        ledger.open_entry(an_entry(customer_id=customer_id, opened_at=NOW + timedelta(hours=hours)))
    assert [e.id for e in ledger.entries()] == [1, 2, 3]
    assert [e.id for e in ledger.entries([SHOP])] == [1, 3]
    assert [e.id for e in ledger.entries(since=NOW + timedelta(hours=1))] == [2, 3]
    with pytest.raises(StateError, match="no entry 99"):
        ledger.close_entry(99, Outcome.APPLIED, NOW)
    assert ledger.entry(99) is None


def test_a_document_that_cannot_be_read_is_an_error_in_clear_words(ledger: SqlLedger, path: Path) -> None:
    ledger.store_plan(a_plan(a_change()))
    with sqlite3.connect(path) as connection:
        connection.execute("update plan set document = '{\"id\": 3}'")
    with pytest.raises(StateError, match="holds a Plan that cannot be read"):
        ledger.newest_plan(SHOP)


def test_what_decisions_remember_comes_back_equal(database: Database) -> None:
    memory = SqlMemory(database)
    assert memory.counters(SHOP) == {} and memory.conclusion(SHOP) is None
    standing = Standing(
        last_day=DAY,
        demand=30.0,
        counted=104.0,
        needed=101.0,
        effective_days=84.0,
        dispersion=1.1,
        above_chance=0.97,
        recent=36.0,
        recent_days=28.0,
        return_line=20.0,
        returns_at=14.0,
        below_chance=0.01,
        starved=False,
        weekly=(8.0, 9.5),
        gates=(("trend", True, "steady"),),
    )
    demand = DemandDecision(
        verdict="hold",
        weighed=standing,
        action_ids=("200",),
        holds=(Hold(code="tag", since=DAY, saw="nothing", todo="look"),),
        policy=Policy(demand_per_30_days=50, freezes=(Freeze(days=Window(DAY, DAY), why="sale", every_year=True),)),
        line="The demand line is 50 a month.",
    )
    conclusion = Conclusion(as_of=FIRST_NIGHT, settings="f" * 64, demand=demand)
    counters = {
        "conversions": Counters(checked_on=FIRST_NIGHT, above=2, before_above=1, standing="hold"),
        "portfolio 7": Counters(checked_on=FIRST_NIGHT, below=1),
    }
    memory.remember(SHOP, {"conversions": Counters(below=1)}, conclusion)
    memory.remember(SHOP, counters, conclusion)
    assert (memory.counters(SHOP), memory.conclusion(SHOP)) == (counters, conclusion)
    assert memory.counters("9999999999") == {}


# Runs and the lease --------------------------------------------------------------------------------------------------


def test_operations_of_a_run_that_was_killed_are_counted(runs: SqlRuns) -> None:
    run = runs.begin("sync", NOW, 20)
    runs.note(run, AccountRun(customer_id=SHOP, as_of=FIRST_NIGHT, outcome="done", operations=10))
    error: dict[str, object] = {"error": "GoogleUnavailable", "what": "x"}
    runs.note(run, AccountRun(customer_id="2", as_of=None, outcome="failed", operations=3, error=error))
    assert runs.operations_since(NOW - timedelta(hours=24)) == 13
    assert runs.operations_since(NOW) == 0


@contextmanager
def lease(runs: SqlRuns, name: str, now: datetime) -> Iterator[None]:
    with runs.leases([name], now) as held:
        if name in held:
            raise held[name]
        yield


def test_a_second_holder_is_refused_and_told_who_holds_it(runs: SqlRuns) -> None:
    with lease(runs, SHOP, NOW):
        with pytest.raises(Locked, match=f"process {os.getpid()}") as caught, lease(runs, SHOP, NOW):
            pytest.fail("two hold the lease")
        assert caught.value.exit_code == 6
        with lease(runs, "another", NOW):
            pass
    with lease(runs, SHOP, NOW):
        pass


def test_of_eight_that_ask_at_once_one_gets_the_lease_and_the_others_are_told_why(runs: SqlRuns) -> None:
    ready, over = threading.Barrier(8), threading.Barrier(8)

    def ask(_: int) -> str:
        ready.wait(timeout=20)
        try:
            with lease(runs, SHOP, NOW):
                over.wait(timeout=20)
                return "got it"
        except Locked as error:
            over.wait(timeout=20)
            return error.what

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(ask, range(8)))
    assert answers == ["Another adsync is at work on this account."] * 7 + ["got it"]


def test_of_several_leases_those_that_are_free_are_had_and_given_back_one_by_one(runs: SqlRuns) -> None:
    with runs.leases(["a", "b"], NOW) as none, runs.leases(["b", "c"], NOW) as held:
        assert (list(none), list(held)) == ([], ["a", "b"])
        runs.release(["a"])
        with runs.leases(["a", "c"], NOW) as left:
            assert list(left) == ["b", "c"]
    with runs.leases(["a", "b", "c"], NOW) as held:
        assert not held


def test_an_earlier_version_at_work_holds_all_accounts(runs: SqlRuns) -> None:
    with runs.leases([EVERYTHING], NOW), runs.leases(["a", "b"], NOW) as held:
        assert {*held} == {EVERYTHING, "a", "b"}
    with runs.leases(["a", "b"], NOW) as held:
        assert not held


def test_a_lease_is_given_back_when_its_block_raises(runs: SqlRuns) -> None:
    with pytest.raises(ValueError, match="oops"), lease(runs, SHOP, NOW):
        raise ValueError("oops")
    with lease(runs, SHOP, NOW):
        pass


def test_the_lease_of_a_process_that_died_is_taken_over(runs: SqlRuns, path: Path) -> None:
    program = (
        "import os, sys\n"
        "from datetime import datetime\n"
        "from adsync.state.database import Database\n"
        "from adsync.state.runs import SqlRuns\n"
        "with SqlRuns(Database(sys.argv[1])).leases(['1234567890'], datetime.fromisoformat(sys.argv[2])):\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, f"sqlite:///{path}", NOW.isoformat()], timeout=60)
    assert done.returncode == 9
    assert len(everything(path)["lease"]) == 1
    with lease(runs, SHOP, NOW + timedelta(minutes=1)):
        (row,) = everything(path)["lease"]
        assert row[1] == holder()
    assert everything(path)["lease"] == []


@pytest.mark.parametrize(
    "name",
    [
        "elsewhere.example process 1 (1)",
        "somebody else",
        f"{socket.gethostname()} pid:[1] process 1 (1)",  # a container of the same name
    ],
)
def test_a_holder_that_cannot_be_asked_is_believed_for_six_hours(runs: SqlRuns, path: Path, name: str) -> None:
    with lease(runs, SHOP, NOW), sqlite3.connect(path) as connection:
        connection.execute("update lease set holder = ?", [name])
    with pytest.raises(Locked), lease(runs, SHOP, NOW + timedelta(hours=5, minutes=59)):
        pytest.fail("the lease of another machine was taken")
    with lease(runs, SHOP, NOW + timedelta(hours=6)):
        pass


def test_a_process_of_this_machine_that_lives_keeps_its_lease_however_long_it_takes(runs: SqlRuns) -> None:
    with lease(runs, SHOP, NOW), pytest.raises(Locked), lease(runs, SHOP, NOW + timedelta(days=30)):
        pytest.fail("the lease of a living process was taken")


def test_a_process_id_that_was_used_again_holds_nothing(runs: SqlRuns, path: Path) -> None:
    with lease(runs, SHOP, NOW), sqlite3.connect(path) as connection:
        connection.execute("update lease set holder = ?", [holder().replace(" (", " (1")])
    with lease(runs, SHOP, NOW), sqlite3.connect(path) as connection:
        assert connection.execute("select holder from lease").fetchall() == [(holder(),)]


# The file ------------------------------------------------------------------------------------------------------------


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_the_file_and_what_sqlite_puts_beside_it_are_private(path: Path) -> None:
    with umask(0):
        database = Database(f"sqlite:///{path}")
        SqlLedger(database).store_plan(a_plan(a_change()))
        beside = {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()}
        database.close()
    assert beside.pop("adsync.db") == 0o600
    assert beside == {"adsync.db-wal": 0o600, "adsync.db-shm": 0o600}


@pytest.mark.parametrize("folder", ["what?", "100%20", "a#b", "Größe & co", "a&mode=ro"])
def test_a_folder_may_be_called_what_it_likes(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "adsync.db"
    Database(f"sqlite:///{path}").close()
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    assert "plan" in everything(path)


def test_what_was_stored_is_there_after_opening_again(path: Path) -> None:
    plan = a_plan(a_change())
    for _ in range(2):
        database = Database(f"sqlite:///{path}")
        if SqlLedger(database).plan(plan.id) is None:
            SqlLedger(database).store_plan(plan)
        database.close()
    assert SqlLedger(Database(f"sqlite:///{path}")).plan(plan.id) == plan


def test_a_database_of_a_newer_adsync_is_refused_and_left_alone(path: Path) -> None:
    Database(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    before = everything(path)
    with pytest.raises(StateError, match=r"does not know \(9999\).*newer adsync has written it.*Install the newer"):
        Database(f"sqlite:///{path}")
    assert everything(path) == before


def test_somebody_elses_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("create table recipes (name text)")
    with pytest.raises(StateError, match="not adsync's"):
        Database(f"sqlite:///{path}")
    assert set(everything(path)) == {"recipes"}


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 500)


def _torn_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_not_a_database, _torn_pages])
def test_a_damaged_file_is_told_as_such(path: Path, damage: Callable[[Path], None]) -> None:
    Database(f"sqlite:///{path}").close()
    damage(path)
    with pytest.raises(StateError, match=r"damaged.*Restore it from a backup") as caught:
        Database(f"sqlite:///{path}")
    assert str(path) in str(caught.value)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; root's own are closed."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


@contextmanager
def nobody() -> Iterator[None]:
    """Without root's rights, where the test has them: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_pulled(open_folder: Path) -> None:
    Database(f"sqlite:///{open_folder / 'other.db'}").close()
    open_folder.chmod(0o555)
    with nobody(), pytest.raises(StateError, match=r"cannot be made.*Permission denied") as caught:
        Database(f"sqlite:///{open_folder / 'adsync.db'}")
    assert str(open_folder / "adsync.db") in str(caught.value)


def test_a_database_that_may_only_be_read_is_told_as_such(open_folder: Path) -> None:
    path = open_folder / "adsync.db"
    Database(f"sqlite:///{path}").close()
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with nobody(), pytest.raises(StateError, match=r"cannot be written\. SQLite says: .*\. Check the owner and mode"):
        Database(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["postgresql://localhost/adsync", "sqlite://", "adsync.db"])
def test_a_url_that_is_not_understood_is_told(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StateError, match="not understood"):
        Database(url)
    assert list(tmp_path.iterdir()) == []


# Many at once --------------------------------------------------------------------------------------------------------


def test_eight_threads_writing_at_once_lose_nothing(database: Database, path: Path) -> None:
    numbers, ledger, runs = SqlNumbers(database), SqlLedger(database), SqlRuns(database)
    run = runs.begin("sync", NOW, 0)

    def one(number: int) -> Sequence[int]:
        customer_id = f"{number:010}"
        made = []
        for round_number in range(10):
            night = FIRST_NIGHT + timedelta(days=round_number)
            report = events(purchase=100 * number + round_number + 1)
            numbers.store_events(customer_id, report, covering(Report.EVENTS, night))
            runs.note(
                run,
                AccountRun(customer_id=f"{customer_id}/{round_number}", as_of=night, outcome="done", operations=1),
            )
            made.append(ledger.open_entry(an_entry(customer_id=customer_id)))
        return made

    with ThreadPoolExecutor(8) as pool:
        ids = [entry for made in pool.map(one, range(8)) for entry in made]
    assert sorted(ids) == list(range(1, 81))
    stored = everything(path)
    assert [len(stored[table]) for table in ("event_count", "coverage", "change_log")] == [80, 80, 80]
    assert runs.operations_since(NOW - timedelta(days=1)) == 80
    for number in range(8):
        series = numbers.user_series(f"{number:010}", ["purchase"], DAYS, FIRST_NIGHT + timedelta(days=4))
        assert series["purchase"].at(DAY) == 100 * number + 5


# Holds ---------------------------------------------------------------------------------------------------------------


def a_hold(code: str, since: date = DAY, saw: str = "nothing") -> Hold:
    return Hold(code=code, since=since, saw=saw, todo="look")


@pytest.fixture
def holds(tmp_path: Path) -> SqlHolds:
    return SqlHolds(Database(f"sqlite:///{tmp_path / 'holds.db'}"))


def test_a_hold_keeps_its_number_while_it_lasts_and_ends_when_it_is_not_seen(holds: SqlHolds) -> None:
    holds.see(SHOP, [a_hold("stale", FIRST_NIGHT), a_hold("outage")], FIRST_NIGHT)
    holds.see(SHOP, [a_hold("stale", SECOND_NIGHT, "still nothing"), a_hold("ratio")], SECOND_NIGHT)
    lasting = holds.known([SHOP])
    assert [(k.id, k.hold.code, k.hold.since, k.hold.saw) for k in lasting] == [
        (1, "stale", FIRST_NIGHT, "still nothing"),
        (3, "ratio", DAY, "nothing"),
    ]
    [ended] = [k for k in holds.known([SHOP], lasting=False) if k.id == 2]
    assert (ended.ended_on, ended.seen_on, ended.lasts) == (SECOND_NIGHT, FIRST_NIGHT, False)
    assert holds.known(["another"]) == ()


def test_the_same_night_again_changes_nothing_and_a_new_episode_is_a_new_hold(holds: SqlHolds) -> None:
    for _ in range(2):
        holds.see(
            SHOP, [a_hold("outage"), a_hold("macro_missing", saw="a"), a_hold("macro_missing", saw="b")], FIRST_NIGHT
        )
    assert [(k.id, k.hold.saw) for k in holds.known()] == [(1, "nothing"), (2, "a"), (3, "b")]
    holds.see(SHOP, [a_hold("outage", SECOND_NIGHT)], SECOND_NIGHT)
    assert [(k.id, k.hold.since) for k in holds.known()] == [(4, SECOND_NIGHT)]


def test_what_a_person_has_ended_is_known_with_its_reason(holds: SqlHolds) -> None:
    holds.see(SHOP, [a_hold("ratio")], FIRST_NIGHT)
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    holds.clear(1, moment, "ann", "a real sale")
    assert holds.cleared(SHOP) == {("ratio", DAY)} and holds.cleared("another") == frozenset()
    assert holds.known() == ()
    [known] = holds.known(lasting=False)
    assert (known.cleared_at, known.cleared_by, known.reason, known.lasts) == (moment, "ann", "a real sale", False)


def test_a_hold_that_is_ended_by_name_keeps_its_number_whatever_it_is_seen_to_begin_with(holds: SqlHolds) -> None:
    nights = (FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT)
    for night in nights[:2]:
        holds.see(SHOP, [replace(a_hold("double_count", night), detail="1+2")], night)
    assert [(k.id, k.hold.since, k.clearable) for k in holds.known([SHOP])] == [(1, FIRST_NIGHT, True)]
    holds.clear(1, NOW, "ann", "two kinds of sale")
    holds.see(SHOP, [replace(a_hold("double_count", THIRD_NIGHT), detail="1+2")], THIRD_NIGHT)
    assert holds.known([SHOP]) == ()


def test_a_switch_by_hand_that_a_hold_had_asked_for_names_that_hold(holds: SqlHolds) -> None:
    asked = replace(a_hold("refused", FIRST_NIGHT), about="200", detail="promote")
    switch = replace(a_hold("drift", SECOND_NIGHT), about="200", detail="primary_for_goal=True", seen_begin=True)
    others = [replace(switch, about="201"), replace(switch, detail="primary_for_goal=False")]
    holds.see(SHOP, [asked], FIRST_NIGHT)
    holds.see(SHOP, [switch, *others], SECOND_NIGHT)
    assert [(k.id, k.asked_by) for k in holds.known([SHOP])] == [(2, 1), (3, None), (4, None)]
    told = holds.known([SHOP])[0].todo
    assert told.startswith("Hold 1 had asked for just this: end this hold") and "--clear 2" in told
    assert "--restore" not in told


def test_the_first_word_on_a_hold_stands_and_a_night_under_way_does_not_bring_it_back(holds: SqlHolds) -> None:
    holds.see(SHOP, [a_hold("ratio"), a_hold("outage")], FIRST_NIGHT)
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert holds.clear(1, moment, "ann", "a real sale") is True
    assert holds.clear(1, moment, "bob", "another reason") is False
    assert holds.clear(99, moment, "bob", "there is none") is False
    holds.see(SHOP, [a_hold("ratio"), a_hold("silence")], SECOND_NIGHT)
    assert [(k.id, k.hold.code) for k in holds.known([SHOP])] == [(3, "silence")]
    assert [(k.cleared_by, k.reason) for k in holds.known(lasting=False) if k.id == 1] == [("ann", "a real sale")]
    assert holds.clear(2, moment, "bob", "it has ended by itself") is False
