"""Sessions from ads, from GA4's answer to the note that fewer of them come of as many clicks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from adsync.decide.ratio import AD_SESSIONS
from adsync.model.analytics import SiteDay
from adsync.model.decision import Hold
from adsync.model.pulled import Report
from adsync.model.window import Window
from adsync.nightly import NightReport, run_night
from adsync.sandbox.scenarios import SCENARIOS
from tests.contract.clients import CUSTOMER, PROPERTY
from tests.sandboxes import LocalSandbox, local_sandbox

DAYS = Window(date(2026, 2, 9), date(2026, 2, 20))
BANNER = SCENARIOS["broken-banner"].banners[0]


def asked(sandbox: LocalSandbox, customer_id: str = CUSTOMER) -> tuple[SiteDay, ...]:
    wiring = sandbox.wiring()
    report = wiring.ports(wiring.settings.accounts[0]).analytics.site_report(DAYS, customer_id)
    wiring.database.close()
    return report.days


def test_sessions_from_ads_are_those_that_a_click_of_somebody_who_agreed_has_opened(
    shared_sandbox: LocalSandbox,
) -> None:
    estate = shared_sandbox.running.estate
    log = estate.properties[PROPERTY].log
    heard = log.measured & (log.arrival <= estate.now)
    for day in asked(shared_sandbox):
        here = heard & (log.day == int(f"{day.date:%Y%m%d}"))
        assert day.sessions == len(np.unique(log.session[here]))
        assert day.ad_sessions == len(np.unique(log.session[here & (log.session_click >= 0)])) > 0


def test_sessions_of_another_accounts_ads_are_not_among_them(shared_sandbox: LocalSandbox) -> None:
    assert {day.ad_sessions for day in asked(shared_sandbox, "1999999999")} == {0}


@pytest.mark.parametrize(("switch", "position"), [("ga4_thresholding", "10"), ("ga4_sampling", "50")])
def test_where_ga4_does_not_tell_all_of_them_they_are_unknown_and_not_none(
    sandbox: LocalSandbox, switch: str, position: str
) -> None:
    sandbox.control.turn(switch, position)
    days = asked(sandbox)
    assert [day.date for day in days] == list(DAYS) and {day.ad_sessions for day in days} == {None}
    assert all(day.sessions > 10 for day in days), "of the whole site there are enough"


# A consent banner that fails -----------------------------------------------------------------------------------------


@dataclass
class Shop:
    """Nights of the shop whose banner fails, counted from the clock's first day."""

    sandbox: LocalSandbox
    day: int = 0

    def night(self, day: int, **policy: float) -> NightReport:
        if day > self.day:
            self.sandbox.control.advance(day - self.day)
        self.day = day
        wiring = self.sandbox.wiring()
        account = wiring.settings.accounts[0]
        found = run_night(
            replace(account, policy=replace(account.policy, **policy)),  # type: ignore[arg-type]
            wiring.ports(account),
            apply=False,
        )
        wiring.database.close()
        return found


def noted(night: NightReport) -> list[Hold]:
    return [note for note in night.decisions.demand.notes if note.code == AD_SESSIONS]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with local_sandbox(tmp_path, "broken-banner") as sandbox:
        yield Shop(sandbox)


def test_a_banner_that_fails_is_noted_and_no_more_once_it_is_mended(shop: Shop) -> None:
    before = [shop.night(day) for day in (0, 7, 14, BANNER.day)]
    assert [noted(night) for night in before] == [[]] * len(before)
    # The newest two days of GA4 are not believed yet.
    (note,) = noted(shop.night(BANNER.day + 10))
    began = SCENARIOS["broken-banner"].starts_on + timedelta(days=BANNER.day)
    assert abs((note.since - began).days) <= 3, note.saw
    assert note.note and not note.returns_too
    assert "fewer sessions from ads for each ad click" in note.saw and "consent banner" in note.todo
    mended = SCENARIOS["broken-banner"].banners[1].day
    assert noted(shop.night(mended + 14)) == []


def test_the_note_changes_nothing_of_what_is_decided(shop: Shop) -> None:
    shop.night(0)
    said, silent = shop.night(BANNER.day + 10), shop.night(BANNER.day + 10, ad_sessions_fall=0.9)
    assert noted(said) and not noted(silent)
    assert [(p.change.verb, p.change.object_id) for p in said.plan.changes] == [
        (p.change.verb, p.change.object_id) for p in silent.plan.changes
    ]
    one, other = said.decisions.demand, silent.decisions.demand
    assert (one.verdict, one.holds) == (other.verdict, other.holds)
    assert one.reason.startswith(f"{other.reason} Worth a look: Since about")


def test_nights_that_were_copied_before_ga4_was_asked_say_nothing_of_it(shop: Shop) -> None:
    shop.night(0)
    wiring = shop.sandbox.wiring()
    account = wiring.settings.accounts[0]
    numbers = wiring.ports(account).state.numbers
    copied = numbers.newest_copies(account.customer_id, date.max)[Report.SITE]
    assert numbers.ad_session_series(account.customer_id, copied.window, copied.as_of).total(copied.window)[1] == 400
    with wiring.database.writing() as connection:
        connection.exec_driver_sql("UPDATE site_day SET ad_sessions = NULL")
    assert numbers.ad_session_series(account.customer_id, copied.window, copied.as_of).total(copied.window) == (0, 0)
    wiring.database.close()
    assert noted(shop.night(BANNER.day + 10)) == []
