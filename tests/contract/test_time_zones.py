"""Nights over the protocols where clocks are put forward and back: each business date is judged once, as itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from adsync.judging import judge
from adsync.model.decision import LastChange, Verb
from adsync.model.log import Outcome
from adsync.model.pulled import Report
from adsync.nightly import run_night
from adsync.sandbox.scenarios import SCENARIOS, STARVED_SHOP
from adsync.wiring import Wiring
from tests.builders import a_change, an_entry
from tests.clock_changes import CLOCK_CHANGES, ClockChange, local_runs, utc_runs
from tests.sandboxes import LocalSandbox, local_sandbox

DAYS_BEFORE, NIGHTS = 3, 11
FIXED_UTC = {"Pacific/Auckland": (time(14), -1), "America/Los_Angeles": (time(5), 1)}
"""An hour at which UTC is on another date, and how many days that is away from the account's."""


def set_clock(sandbox: LocalSandbox, moment: datetime) -> None:
    """To any moment: the sandbox's own control goes forward by whole days."""
    estate = sandbox.running.estate
    with estate.lock:
        estate.now = int(moment.timestamp())
        for account in estate.accounts.values():
            account.settle(estate.now)
        estate.changed()


@pytest.fixture
def shop(tmp_path: Path, change: ClockChange, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSandbox]:
    """A shop of sixty purchases a month in that zone: every check shows the demand."""
    scenario = replace(
        STARVED_SHOP, name="abroad", time_zone=change.zone, property_time_zone=change.zone, volume=((0, 60.0),),
        starts_on=change.on - timedelta(days=DAYS_BEFORE + 2), history_days=140, future_days=60,
    )  # fmt: skip
    monkeypatch.setitem(SCENARIOS, scenario.name, scenario)
    with local_sandbox(tmp_path, scenario.name) as sandbox:
        yield sandbox


def moments(change: ClockChange, schedule: str) -> list[datetime]:
    first = change.on - timedelta(days=DAYS_BEFORE)
    if schedule == "02:30 local":
        return list(local_runs(change.zone, first, NIGHTS))
    at, away = FIXED_UTC[change.zone]
    return list(utc_runs(first + timedelta(days=away), NIGHTS, at))


@pytest.mark.parametrize("schedule", ["02:30 local", pytest.param("fixed UTC hour", marks=pytest.mark.slow)])
@pytest.mark.parametrize("change", CLOCK_CHANGES, ids=str)
def test_each_business_date_is_judged_once_and_a_check_counts_once_in_seven_of_them(
    shop: LocalSandbox, change: ClockChange, schedule: str
) -> None:
    first = change.on - timedelta(days=DAYS_BEFORE)
    wiring = shop.wiring()
    account = wiring.settings.accounts[0]
    judged: list[date] = []
    for moment in moments(change, schedule):
        set_clock(shop, moment)
        night = run_night(account, wiring.ports(account)).pulled.as_of
        judged.append(night)
        [counters] = wiring.state.memory.counters(account.customer_id).values()
        second = night >= first + timedelta(days=7)
        assert counters.checked_on == (first + timedelta(days=7) if second else first)
        assert (counters.above, counters.below) == (2 if second else 1, 0)
        newest = wiring.state.numbers.newest_copies(account.customer_id, date.max)[Report.CONVERSIONS]
        assert (newest.as_of, newest.window.last) == (night, night - timedelta(days=1))
    assert sorted(set(judged)) == [first + timedelta(days=n) for n in range(NIGHTS)], "none is left out"
    hour_comes_twice = change == CLOCK_CHANGES[0] and schedule == "02:30 local"
    assert judged == sorted([*set(judged), *([change.on] if hour_comes_twice else [])])


@pytest.mark.parametrize("change", CLOCK_CHANGES, ids=str)
def test_what_is_changed_and_what_holds_that_night_has_its_date(shop: LocalSandbox, change: ClockChange) -> None:
    wiring = shop.wiring()
    account = wiring.settings.accounts[0]
    nameless = replace(account, macro=replace(account.macro, actions=("Sales of yore",)))
    for moment in local_runs(change.zone, change.on - timedelta(days=1), 3):
        set_clock(shop, moment)
        held = run_night(nameless, wiring.ports(nameless))
        assert {hold.code: hold.since for hold in held.decisions.demand.holds}["macro_missing"] == held.pulled.as_of
        demoted(wiring, account.customer_id, moment + timedelta(minutes=40))
        past = judge(account, wiring.state, held.pulled.as_of, held.pulled.snapshot).past
        assert past.last_change == LastChange(on=held.pulled.as_of, direction="down")
    lasting = wiring.state.holds.known([account.customer_id])
    assert [known.hold.since for known in lasting if known.hold.code == "macro_missing"] == [
        change.on - timedelta(days=1)
    ], "it began on the first of these nights"


def demoted(wiring: Wiring, customer_id: str, at: datetime) -> None:
    """Lets the change log say that a helper was retired at that moment."""
    entry = an_entry(
        0, a_change(Verb.DEMOTE, customer_id=customer_id), customer_id=customer_id, outcome=Outcome.SENT, opened_at=at,
        closed_at=None,
    )  # fmt: skip
    wiring.state.ledger.close_entry(wiring.state.ledger.open_entry(entry), Outcome.APPLIED, at)
