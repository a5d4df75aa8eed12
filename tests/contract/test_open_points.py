"""Where nobody outside knows what Google does, adsync copes with either, and `adsync doctor --probe` finds out which."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsync import applying, judging, nightly
from adsync.cli import run
from adsync.doctor import examine
from adsync.model.account import Account
from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.log import Outcome
from adsync.model.plan import Consent, PlannedChange
from adsync.model.probe import Reaction
from adsync.model.pulled import NOT_SERVED, Report
from adsync.overview import overview
from adsync.ports import Ports
from adsync.probing import probe
from adsync.render.probe import probe_report, scrubbed
from adsync.sandbox.ads.tracking import Flags
from adsync.sandbox.switches import SWITCHES
from tests.builders import a_change, an_entry
from tests.contract.clients import CUSTOMER, MANAGER
from tests.contract.survival import approve
from tests.sandboxes import LocalSandbox

MIRROR = "700000002"


def switch(sandbox: LocalSandbox, name: str, choice: str) -> None:
    sandbox.running.estate.switches.set(name, choice)


def night_of(sandbox: LocalSandbox) -> tuple[Account, Ports]:
    account = sandbox.settings.accounts[0]
    return account, sandbox.wiring().ports(account)


# Conversions by their own date ---------------------------------------------------------------------------------------


def test_without_conversion_dates_a_night_counts_by_click_date_and_says_so(sandbox: LocalSandbox) -> None:
    switch(sandbox, "conversions_by_date_per_action", "refused")
    account, ports = night_of(sandbox)
    night = nightly.run_night(account, ports, apply=False)
    yesterday = night.pulled.as_of - timedelta(days=1)
    last_complete = yesterday - timedelta(days=30)
    assert night.decisions.demand.standing.last_day == last_complete
    assert f"Counted by click date and up to {last_complete}" in night.decisions.demand.reason
    assert night.decisions.demand.standing.effective_days == 84, "twelve weeks of complete days"
    assert not night.decisions.demand.holds
    seen = overview(account, ports.state, ports.clock)
    assert "Counted by click date" in seen.stands
    assert 'column "All conv.",' in seen.where


def test_by_click_date_no_day_is_used_whose_clicks_may_still_convert(sandbox: LocalSandbox) -> None:
    switch(sandbox, "conversions_by_date_per_action", "refused")
    account, ports = night_of(sandbox)
    nightly.run_night(account, ports, apply=False)
    judged = _judged(account, ports)
    macro = account.macro_actions(judged.snapshot.state)[0]
    series = judged.history.conversions[macro.id]
    newest = judged.history.complete_until
    assert newest is not None and series.at(newest) is not None
    assert all(series.at(newest + timedelta(days=n)) is None for n in range(1, macro.click_window_days + 1))
    assert series.total(_whole(series))[0] > 20
    assert {day.date for day in judged.history.recent} and max(d.date for d in judged.history.recent) <= newest


def test_when_google_answers_at_last_everything_is_copied_and_used(sandbox: LocalSandbox) -> None:
    account, ports = night_of(sandbox)
    switch(sandbox, "conversions_by_date_per_action", "refused")
    nightly.run_night(account, ports, apply=False)
    switch(sandbox, "conversions_by_date_per_action", "answered")
    sandbox.control.advance(1)
    night = nightly.run_night(account, ports, apply=False)
    assert "click date" not in night.decisions.demand.reason
    copy = ports.state.numbers.newest_copies(account.customer_id, night.pulled.as_of)[Report.CONVERSIONS]
    assert copy.whole and len(list(copy.window)) == 400


def test_a_night_that_google_refuses_keeps_what_was_known_before(sandbox: LocalSandbox) -> None:
    account, ports = night_of(sandbox)
    first = nightly.run_night(account, ports, apply=False)
    switch(sandbox, "conversions_by_date_per_action", "refused")
    sandbox.control.advance(1)
    second = nightly.run_night(account, ports, apply=False)
    copy = ports.state.numbers.newest_copies(account.customer_id, second.pulled.as_of)[Report.CONVERSIONS]
    assert (copy.whole, copy.fault) == (False, NOT_SERVED)
    before = judging.judge(account, ports.state, first.pulled.as_of, first.pulled.snapshot)
    assert before.decisions.demand.reason == first.decisions.demand.reason


def test_the_doctor_says_which_it_is(sandbox: LocalSandbox) -> None:
    wiring = sandbox.wiring()
    (found,) = (f for f in examine(wiring, wiring.settings.accounts) if f.check == "conversion dates")
    assert found.grade == "ok"
    switch(sandbox, "conversions_by_date_per_action", "refused")
    (found,) = (f for f in examine(wiring, wiring.settings.accounts) if f.check == "conversion dates")
    assert found.grade == "warning" and "counts by click date instead" in found.remedy


def _judged(account: Account, ports: Ports) -> judging.Judgement:
    snapshot = ports.state.numbers.snapshot(account.customer_id)
    assert snapshot is not None
    return judging.judge(account, ports.state, snapshot.state.as_of, snapshot)


def _whole(series: Any) -> Any:
    from adsync.model.window import Window

    return Window(series.first, series.last)


# Mirrors that do not move --------------------------------------------------------------------------------------------


def a_promotion(account: Account) -> Any:
    return a_change(
        Verb.PROMOTE,
        customer_id=account.customer_id,
        object_id=MIRROR,
        event_name="purchase_mirror",
        title="the mirror",
        before=fields(primary_for_goal=False),
        after=fields(primary_for_goal=True),
    )


def ready_to_promote(sandbox: LocalSandbox) -> tuple[Account, Ports, Any]:
    """An account with a plan whose only change is a promotion that is approved."""
    account = sandbox.settings.accounts[0]
    wiring = sandbox.wiring()
    ports = wiring.ports(account)
    hidden, enabled = (fields(status=status, primary_for_goal=False) for status in ("HIDDEN", "ENABLED"))
    enabling = a_change(
        Verb.ENABLE, customer_id=account.customer_id, object_id=MIRROR, event_name="x", before=hidden, after=enabled
    )
    ports.writer.send(enabling)
    entry = an_entry(
        1, enabling, customer_id=account.customer_id, change_name="shop-2026-01-01-1/1", approved_by="erika"
    )
    ports.state.ledger.close_entry(ports.state.ledger.open_entry(entry), Outcome.APPLIED, ports.clock.now())
    night = nightly.run_night(account, ports, apply=False)
    change = a_promotion(account)
    plan = replace(
        night.plan,
        id=f"{account.name}-{night.pulled.as_of}-9",
        made_at=ports.clock.now() + timedelta(seconds=1),
        changes=(PlannedChange(change=change, consent=Consent.REVIEW),),
    )
    ports.state.ledger.store_plan(plan)
    approve(wiring, account, change)
    return account, ports, change


def test_what_google_refuses_is_said_is_not_claimed_and_is_not_sent_again(sandbox: LocalSandbox) -> None:
    switch(sandbox, "mirror_primary_for_goal", "refused")
    account, ports, change = ready_to_promote(sandbox)
    before = _mutates(sandbox)
    applied = applying.apply_open_plans(account, ports)
    (result,) = applied.results
    assert result.outcome is Outcome.REFUSED and "Google Ads said no" in result.note
    assert applied.exit_code == 5
    assert not any(a.primary_for_goal for a in ports.ads.actions() if a.id == MIRROR)
    for _ in range(3):
        again = applying.apply_open_plans(account, ports)
        assert "Google refused exactly this on 2026-03-02" in again.results[0].note
    assert _mutates(sandbox) - before == 1, "never again without a new word"
    sandbox.running.estate.now += 60
    approve(sandbox.wiring(), account, change)
    switch(sandbox, "mirror_primary_for_goal", "accepted")
    assert applying.apply_open_plans(account, ports).results[0].outcome is Outcome.APPLIED


def _mutates(sandbox: LocalSandbox) -> int:
    return sum(n for name, n in sandbox.control.status()["calls"].items() if "Mutate" in name)


# The probe -----------------------------------------------------------------------------------------------------------


def probed(sandbox: LocalSandbox) -> dict[str, Reaction]:
    wiring = sandbox.wiring()
    (outcome,) = probe(wiring, wiring.settings.accounts)
    assert outcome.probe is not None, outcome.error
    return {f"{a.question.point} {a.question.asks}": a.reaction for a in outcome.probe.answers}


def remove_something(sandbox: LocalSandbox) -> None:
    """A removed action, to ask about."""
    estate = sandbox.running.estate
    account = next(iter(estate.accounts.values()))
    tag = next(a for a in account.actions.values() if a.type == "WEBPAGE")
    removed = replace(tag, id=account.take_id(), name="Old newsletter", history=[Flags(estate.now, "REMOVED", False)])
    account.add(removed)


# Switch, another of its positions, the question about it, and the reactions in both.
SEEN = [
    ("mirror_primary_for_goal", "refused", "primary_for_goal of a GA4", "accepted", "refused"),
    ("mirror_category", "refused", "category of a GA4", "accepted", "refused"),
    ("mirror_name", "refused", "name of a GA4", "accepted", "refused"),
    ("mirror_value_settings", "refused", "default_value of a GA4", "accepted", "refused"),
    ("webpage_click_window", "30", "window of 90 days", "accepted", "refused"),
    ("removed_names", "kept", "name of a removed one", "accepted", "refused"),
    ("removed_actions", "can_return", "removed action be enabled", "refused", "accepted"),
    ("goals_validate_only", "refused", "Does CustomerConversionGoalService", "accepted", "refused"),
    ("temporary_names_in_custom_goals", "refused", "lists? an action that the same", "accepted", "refused"),
    ("conversions_by_date_per_lag", "refused", "conversion_lag_bucket", "accepted", "refused"),
    ("conversions_by_date_per_action", "refused", "conversion_action FROM customer", "accepted", "refused"),
    ("conversions_by_date_per_action", "refused", "conversion_action FROM campaign", "accepted", "refused"),
    ("mirror_lookback_windows", "refused", "click_through_lookback_window_days of a GA4", "accepted", "refused"),
    ("mirror_attribution_model", "refused", "attribution_model of a GA4", "accepted", "refused"),
    ("mirror_removal", "refused", "GA4 conversion action be removed", "accepted", "refused"),
    ("data_driven_on_new_actions", "accepted", "new action have data-driven", "refused", "accepted"),
    ("call_rules", "none", "call action have a view-through", "refused", "accepted"),
    ("action_name_limit", "100", "name of an action have 255", "accepted", "refused"),
    ("duplicate_field", "answered", "select a field twice", "refused", "accepted"),
]
# Switch -> the question that is named and not asked.
UNASKED = {
    "action_limit": "How many conversion actions",
    "ga4_other_row": r"into \(other\)",
    "ga4_thresholding": "rows with few users",
    "ga4_sampling": "Does GA4 sample",
    "ga4_late_data": "How late is GA4",
    "ga4_funnel_headers": "metrics twice",
    "ga4_key_event_rate_scale": "up to 1 or up to 100",
    "ga4_sessions_by_event": "sessions of an event",
}


def test_the_probe_tells_of_every_switch(sandbox: LocalSandbox) -> None:
    found = probed(sandbox)
    # Asked of an account whose actions belong to another: see below.
    asked = {name for name, *_ in SEEN} | {"customer_goal_writer"}
    assert asked.isdisjoint(UNASKED) and asked | set(UNASKED) == set(SWITCHES)
    for name, asks in UNASKED.items():
        assert [r for question, r in found.items() if re.search(asks, question)] == [Reaction.NOT_ASKED], name


@pytest.mark.parametrize(("name", "choice", "asks", "default", "other"), SEEN)
def test_the_probe_sees_each_switch(
    sandbox: LocalSandbox, name: str, choice: str, asks: str, default: str, other: str
) -> None:
    remove_something(sandbox)

    def reaction() -> Reaction:
        (found,) = (r for question, r in probed(sandbox).items() if re.search(asks, question))
        return found

    assert reaction() == default
    switch(sandbox, name, choice)
    assert reaction() == other


def test_the_probe_changes_nothing_and_counts_what_it_asks(sandbox: LocalSandbox) -> None:
    remove_something(sandbox)
    wiring = sandbox.wiring()
    account = next(iter(sandbox.running.estate.accounts.values()))
    actions, revision = str(sorted(account.actions.items())), account.revision
    (outcome,) = probe(wiring, wiring.settings.accounts)
    assert outcome.probe is not None
    assert (str(sorted(account.actions.items())), account.revision) == (actions, revision)
    assert not (sandbox.directory / "adsync.db").exists(), "looking is free"
    calls = sandbox.control.status()["calls"]
    asked = sum(n for name, n in calls.items() if name.startswith("ads "))
    assert outcome.probe.operations == asked + 1, "a request with two operations counts two"


def test_the_probe_asks_nothing_that_would_need_what_is_not_there(sandbox: LocalSandbox) -> None:
    found = probed(sandbox)
    assert found["3 May a removed action be enabled again?"] is Reaction.NOT_ASKED
    assert found["4 How many conversion actions may an account have?"] is Reaction.NOT_ASKED
    assert {r for q, r in found.items() if q.startswith("9 ")} == {Reaction.NOT_ASKED}


def test_the_probe_asks_a_client_nothing_that_only_the_owner_of_its_actions_can_answer(sandbox: LocalSandbox) -> None:
    ads_account = sandbox.running.estate.accounts[CUSTOMER]
    ads_account.tracking.customer_id = MANAGER
    found = probed(sandbox)
    by_point: dict[str, set[Reaction]] = {}
    for question, reaction in found.items():
        by_point.setdefault(question.split()[0], set()).add(reaction)
    assert [point for point in ("1", "2", "3", "6", "11", "12", "13") if by_point[point] != {Reaction.NOT_ASKED}] == []
    assert by_point["9"] == {Reaction.ACCEPTED, Reaction.REFUSED}


def test_a_call_that_is_not_served_is_not_answered(sandbox: LocalSandbox) -> None:
    sandbox.control.fault("MutateCustomerConversionGoals", "UNIMPLEMENTED", times=50)
    found = probed(sandbox)
    assert found["5 Does CustomerConversionGoalService take validate_only?"] is Reaction.NOT_ANSWERED


def test_what_is_printed_tells_nothing_of_whose_account_it_is(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_something(sandbox)
    for name, choice in (("mirror_name", "refused"), ("removed_names", "kept"), ("goals_validate_only", "refused")):
        switch(sandbox, name, choice)
    wiring = sandbox.wiring()
    printed = probe_report([o.probe for o in probe(wiring, wiring.settings.accounts) if o.probe])
    assert "refused" in printed and "| 10 |" in printed
    assert not re.search(r"\d{5,}", printed), "no ids"
    for told in ("Sandbox shop", "Old newsletter", "Purchase (web)", "@"):
        assert told not in printed


def test_what_belongs_to_an_account_is_left_out() -> None:
    said = (
        'The name "Erika\'s shop" of customers/1234567890 (123-456-7890, erika@example.com) is taken: see https://x.y/z'
    )
    assert (
        scrubbed(said, ["Erika's shop"])
        == 'The name "<name>" of customers/<id> (<id>, <e-mail>) is taken: see <address>'
    )


def test_the_command_prints_it_and_says_what_failed(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _environment(sandbox, monkeypatch)
    assert run(["doctor", "--probe"]) == 0
    assert capsys.readouterr().out.startswith("Account 1, Google Ads API v26: ")
    assert run(["doctor", "--probe", "--json"]) == 0
    assert '"google": "accepted"' in capsys.readouterr().out
    sandbox.control.fault("SearchStream", "PERMISSION_DENIED")
    assert run(["doctor", "--probe"]) == 1
    assert "denied access" in capsys.readouterr().err


def _environment(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    where = sandbox.running.running
    for name, value in {
        "ADSYNC_CONFIG": sandbox.directory / "adsync.yaml",
        "ADSYNC_STATE": f"sqlite:///{sandbox.directory / 'adsync.db'}",
        "ADSYNC_ADS_ENDPOINT": f"localhost:{where.ads_port}",
        "ADSYNC_ADS_CA_FILE": sandbox.directory / "ca.pem",
        "ADSYNC_GA4_ENDPOINT": where.url,
        "ADSYNC_CLOCK_URL": where.url,
    }.items():
        monkeypatch.setenv(name, str(value))
