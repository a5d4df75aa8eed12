"""Nights on which Google says outright what is wrong: a key event that is off, a tag that is silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.admin_v1beta import types as admin

from adsync.cli import run
from adsync.model.account import Account, Macro
from adsync.model.decision import Hold, Verb
from adsync.model.overview import Urgency
from adsync.model.plan import Consent
from adsync.nightly import NightReport, run_night
from adsync.overview import obstacles, overview
from adsync.ports import Ports
from adsync.review import choose, verdicts
from tests.contract.changes import BRAND, BUDGET, Changing, change_action, change_campaign, name_of, update
from tests.contract.clients import CUSTOMER, EDIT_SCOPE, PROPERTY, ga4_client
from tests.sandboxes import LocalSandbox, local_sandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


@dataclass
class Shop:
    """A shop, its nights, and the people who change something at Google by hand."""

    sandbox: LocalSandbox

    @property
    def account(self) -> Account:
        return self.sandbox.settings.accounts[0]

    @property
    def ports(self) -> Ports:
        return self.sandbox.wiring().ports(self.account)

    @property
    def by_hand(self) -> Changing:
        return Changing(self.sandbox)

    def night(self, *, days: int = 1, account: Account | None = None) -> NightReport:
        """The next night; a person then says yes to whatever waits for one, and the night after applies it."""
        if days:
            self.sandbox.control.advance(days)
        ports = self.ports
        report = run_night(account or self.account, ports)
        assert report.applied is not None and report.applied.stopped_by is None
        if waiting := sorted({p.change.verb.value for p in report.plan.changes}):
            chosen = choose(report.plan.numbered(), waiting)
            ports.state.ledger.approve(verdicts(chosen, approved=True, by="ann", now=ports.clock.now()))
        return report

    def action(self, event: str) -> Any:
        actions = self.sandbox.running.estate.accounts[CUSTOMER].actions.values()
        return next(a for a in actions if a.is_mirror and a.fires_on == event)

    def _admin(self) -> AnalyticsAdminServiceClient:
        client: AnalyticsAdminServiceClient = ga4_client(self.sandbox, AnalyticsAdminServiceClient, EDIT_SCOPE)
        return client

    def unmark(self, event: str) -> None:
        found = self._admin().list_key_events(parent=f"properties/{PROPERTY}")
        self._admin().delete_key_event(name=next(k.name for k in found if k.event_name == event))

    def mark(self, event: str) -> None:
        wanted = admin.KeyEvent(event_name=event, counting_method="ONCE_PER_EVENT")
        self._admin().create_key_event(parent=f"properties/{PROPERTY}", key_event=wanted)


@pytest.fixture
def leads(tmp_path: Path) -> Iterator[Shop]:
    with local_sandbox(tmp_path, "lead-gen") as sandbox:
        yield Shop(sandbox)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop of which adsync observes some helpers."""
    with local_sandbox(tmp_path) as sandbox:
        made = Shop(sandbox)
        made.night(days=0)
        for _ in range(3):
            made.night()
        yield made


def of(report: NightReport, code: str) -> list[Hold]:
    demand = report.decisions.demand
    return [hold for hold in (*demand.holds, *demand.helper_holds) if hold.code == code]


def known(shop: Shop, code: str) -> list[Hold]:
    return [k.hold for k in shop.ports.state.holds.known([shop.account.customer_id]) if k.hold.code == code]


def test_a_macro_that_ga4_no_longer_counts_holds_until_it_is_marked_again(leads: Shop) -> None:
    event = leads.account.macro.event_name
    mirror = leads.action(event)
    leads.by_hand.make(change_action(mirror.id, "status", "primary_for_goal", status="ENABLED", primary_for_goal=True))
    imported = Account(
        name="leads",
        customer_id=CUSTOMER,
        property_id=PROPERTY,
        login_customer_id=leads.account.login_customer_id,
        macro=Macro(event_name=event, actions=(str(mirror.id),)),
        candidates=leads.account.candidates,
    )
    assert not of(leads.night(account=imported), "key_event_off")
    leads.unmark(event)
    (hold,) = of(leads.night(account=imported), "key_event_off")
    assert mirror.name in hold.saw and "key event" in hold.todo and hold.returns_too
    leads.mark(event)
    assert not of(leads.night(account=imported), "key_event_off")


def test_a_macro_with_a_tag_of_its_own_needs_no_key_event(leads: Shop) -> None:
    leads.unmark(leads.account.macro.event_name)
    assert not of(leads.night(), "key_event_off")


def test_a_helper_that_ga4_no_longer_counts_stops_for_itself_and_is_said(shop: Shop) -> None:
    off = next(d for d in shop.night().decisions.each if d.because.startswith("Observed."))
    shop.unmark(off.event_name)
    report = shop.night()
    (hold,) = of(report, "helper_off")
    assert (hold.about, report.decisions.demand.verdict) == (off.action_id, "keep")
    because = {d.event_name: d.because for d in report.decisions.each}
    assert "no key event" in because[off.event_name]
    assert hold.saw in report.decisions.demand.reason
    assert known(shop, "helper_off") == [hold]
    shop.mark(off.event_name)
    assert not of(shop.night(), "helper_off") and not known(shop, "helper_off")


def test_the_last_request_of_a_tag_is_kept_of_each_night(shop: Shop) -> None:
    numbers, customer = shop.ports.state.numbers, shop.account.customer_id
    tonight = shop.sandbox.control.now().date()
    [(last, night)] = {
        (a.last_request, s.state.as_of)
        for s in [numbers.snapshot(customer)]
        if s is not None
        for a in s.state.actions
        if a.is_web_tag
    }
    assert night == tonight and last < f"{tonight}~" and last
    shop.night(days=7)
    (newer,) = {a.last_request for a in numbers.snapshot(customer).state.actions if a.is_web_tag}  # type: ignore[union-attr]
    (older,) = {a.last_request for a in numbers.snapshot(customer, tonight).state.actions if a.is_web_tag}  # type: ignore[union-attr]
    assert newer > older == last


# What somebody changes by hand ---------------------------------------------------------------------------------------


def helper(shop: Shop) -> Any:
    """The action of the first helper that adsync observes."""
    event = next(d.event_name for d in shop.night().decisions.each if d.because.startswith("Observed."))
    return shop.action(event)


def test_a_helper_that_somebody_flips_stays_flipped_until_a_person_lets_it_go_on(shop: Shop) -> None:
    action = helper(shop)
    shop.by_hand.make(change_action(action.id, "primary_for_goal", primary_for_goal=True))
    report = shop.night()
    (hold,) = of(report, "drift")
    assert (hold.about, "now it is primary" in hold.saw) == (str(action.id), True)
    assert report.decisions.demand.holds == () and hold.saw in report.decisions.demand.reason
    for _ in range(2):
        shop.night(days=7)
        assert shop.action(action.fires_on).now.primary
    (remembered,) = shop.ports.state.holds.known([shop.account.customer_id])
    assert remembered.clearable and remembered.hold.since == hold.since
    assert "now it is primary" in overview(shop.account, shop.ports.state, shop.ports.clock).stands
    shop.ports.state.holds.clear(remembered.id, shop.sandbox.control.now(), "ann", "it was me")
    assert "now it is primary" not in overview(shop.account, shop.ports.state, shop.ports.clock).stands
    assert not of(shop.night(), "drift") and not known(shop, "drift")


def test_a_helper_that_somebody_puts_away_is_not_brought_back(shop: Shop) -> None:
    action = helper(shop)
    shop.by_hand.make(change_action(action.id, "status", status="HIDDEN"))
    for _ in range(2):
        report = shop.night()
        assert [p.change.verb for p in report.plan.changes if p.change.object_id == str(action.id)] == []
        assert shop.action(action.fires_on).now.status == "HIDDEN" and len(of(report, "drift")) == 1
    shop.by_hand.make(change_action(action.id, "status", status="ENABLED"))
    assert not of(shop.night(), "drift"), "as adsync left it"


# Bidding that is learning --------------------------------------------------------------------------------------------


def test_what_waits_for_bidding_to_settle_is_said_in_the_status(shop: Shop) -> None:
    shop.sandbox.control.advance(40)
    shop.by_hand.make(
        update("campaign_budget", name_of("campaignBudgets", BUDGET), ["amount_micros"], amount_micros=90_000_000)
    )
    report = shop.night(days=0)
    (planned,) = (p for p in report.plan.changes if p.change.verb is Verb.PROMOTE)
    assert planned.consent is Consent.PROPOSAL
    seen = overview(shop.account, shop.ports.state, shop.ports.clock)
    assert planned.change.title in seen.blocked and "its budget was changed" in seen.blocked
    assert "when Google says that bidding has settled" in seen.blocked
    assert obstacles(shop.account, shop.ports.state)[0].saw == seen.blocked
    assert seen.todo == "nothing to approve; one change is only proposed: adsync plan --account shop"
    assert seen.urgency is Urgency.FINE, "time settles it"


def test_what_waits_for_bidding_to_settle_is_listed_by_holds_and_nobody_can_end_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def holds(*options: str) -> str:
        capsys.readouterr()
        assert run(["--config", str(shop.sandbox.directory / "adsync.yaml"), "holds", *options]) == 0
        return capsys.readouterr().out

    monkeypatch.setenv("ADSYNC_CLOCK_URL", shop.sandbox.running.running.url)
    monkeypatch.setenv("COLUMNS", "300")
    assert "Nothing is held." in holds() and json.loads(holds("--json"))["blocked"] == []
    shop.sandbox.control.advance(40)
    shop.by_hand.make(
        update("campaign_budget", name_of("campaignBudgets", BUDGET), ["amount_micros"], amount_micros=90_000_000)
    )
    report = shop.night(days=0)
    document = json.loads(holds("--json"))
    (found,) = document["blocked"]
    assert document["data"] == [] and found["change_name"] == f"{report.plan.id}/1"
    assert found["since"] == str(report.plan.made_on) and "still learning from an earlier change" in found["saw"]
    listed = holds()
    assert "still learning" in listed and "No word ends this" in listed and "--clear" not in listed


# Goals and targets that somebody else has changed ----------------------------------------------------------------------


def set_a_target(shop: Shop, units: int) -> None:
    path = "maximize_conversions.target_cpa_micros"
    shop.by_hand.make(change_campaign(BRAND, path, maximize_conversions={"target_cpa_micros": units * 1_000_000}))


def test_a_target_that_somebody_sets_while_a_helper_is_bid_on_is_asked_about(shop: Shop) -> None:
    shop.night(days=40)
    report = shop.night()
    assert report.applied is not None and [r.change.verb for r in report.applied.done] == [Verb.PROMOTE]
    shop.night(days=7)
    set_a_target(shop, 20)
    report = shop.night()
    (hold,) = of(report, "settings")
    assert '"Brand": target CPA none > 20.00' in hold.saw and not hold.returns_too
    (remembered,) = (k for k in shop.ports.state.holds.known() if k.hold.code == "settings")
    assert remembered.clearable
    shop.ports.state.holds.clear(remembered.id, shop.sandbox.control.now(), "ann", "agreed")
    assert not of(shop.night(), "settings")


def test_a_target_that_is_set_on_the_day_of_our_change_is_asked_about_that_day_and_later(shop: Shop) -> None:
    """The second copy of a night takes the place of the first; what it was before our change is known nevertheless."""
    shop.night(days=40)
    shop.night()
    set_a_target(shop, 20)
    for days in (0, 0, 1):
        (hold,) = of(shop.night(days=days), "settings")
        assert '"Brand": target CPA none > 20.00' in hold.saw
