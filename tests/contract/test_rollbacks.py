"""Whole plans and whole stretches of days are taken back, and that again, on the sandbox."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.applying import apply_open_plans
from adsync.changelog import pending_changes
from adsync.cli import run
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.log import Outcome
from adsync.model.plan import NIGHT, ROLLBACK, Consent, Plan, PlannedChange
from adsync.nightly import run_night
from adsync.planning import Asked
from adsync.ports import Ports
from adsync.pull import pull_account
from adsync.review import verdicts
from adsync.rollback import plan_rollback, plan_rollback_of_plan, plan_rollback_to
from tests.builders import a_change, a_plan
from tests.sandboxes import LocalSandbox, adsync_here, local_sandbox


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[LocalSandbox]:
    with local_sandbox(tmp_path, "growing-shop") as sandbox:
        yield sandbox


def agree_and_apply(account: Account, ports: Ports, plan: Plan) -> None:
    chosen = [(name, p) for name, p in plan.numbered() if p.consent is Consent.REVIEW]
    ports.state.ledger.approve(verdicts(chosen, approved=True, by="ann", now=ports.clock.now()))
    applied = apply_open_plans(account, ports)
    assert applied.exit_code == 0 and applied.stopped_by is None


def standing(ports: Ports) -> tuple[object, object]:
    actions = {(a.name, a.status, a.primary_for_goal) for a in ports.ads.actions() if a.status != "REMOVED"}
    return actions, {k.event_name for k in ports.analytics.key_events()}


def test_days_and_plans_are_taken_back_and_that_again(shop: LocalSandbox) -> None:
    account = shop.settings.accounts[0]
    ports = shop.wiring().ports(account)
    first = run_night(account, ports)
    day, before = first.pulled.as_of, standing(ports)
    agree_and_apply(account, ports, first.plan)
    shop.control.advance(1)
    second = run_night(account, ports)
    after = standing(ports)
    enabled = [r for r in (second.applied.results if second.applied else ()) if r.allowed]
    assert enabled and after != before

    marked = plan_rollback_to(day, account, ports.state, ports.clock)
    assert {p.change.verb.value for p in planned(marked).changes} == {"hide"}, "the first day itself stands"
    whole = plan_rollback_to(day - timedelta(days=1), account, ports.state, ports.clock)
    assert {p.change.verb.value for p in planned(whole).changes} == {"hide", "unmark"} and whole.left == ()
    agree_and_apply(account, ports, planned(whole))
    # Without its key event the mirror stays where Google has made it: hidden and secondary.
    assert standing(ports)[1] == before[1]
    assert {name: flags for name, *flags in standing(ports)[0]}.items() >= {n: f for n, *f in before[0]}.items()  # type: ignore[attr-defined]

    shop.control.advance(1)
    pull_account(account, ports)
    again = plan_rollback_of_plan(planned(whole).id, [account], ports.state, ports.clock)
    agree_and_apply(account, ports, planned(again))
    assert standing(ports) == after
    once_more = plan_rollback_of_plan(planned(whole).id, [account], ports.state, ports.clock)
    assert once_more.plan is None, "all of it is back already"

    # A rollback that still waits is not carried along with its opposite: the newest word is meant.
    stale = replace(planned(again), id=f"{planned(again).id}1", made_at=ports.clock.now())
    assert {p.change.verb.value for p in stale.changes} == {"enable", "key_event"}
    ports.state.ledger.store_plan(stale)
    hidden = planned(plan_rollback_to(day, account, ports.state, ports.clock))
    assert {p.change.verb.value for p in hidden.changes} == {"hide"}


def test_rollbacks_that_wait_are_named_and_those_refused_or_beside_a_wished_for_day_are_left_out(
    shop: LocalSandbox,
) -> None:
    account = shop.settings.accounts[0]
    ports = shop.wiring().ports(account)
    first = run_night(account, ports)
    agree_and_apply(account, ports, first.plan)
    one, other = (e.id for e in ports.state.ledger.entries([account.customer_id])[:2])

    def of(entry: int) -> Asked:
        return plan_rollback(entry, [account], ports.state, ports.clock)

    assert of(one).earlier == ()
    both = of(other)
    assert len(planned(both).changes) == 2 and len(both.earlier) == 1
    waiting = next(p for name, p in planned(both).numbered() if name in both.earlier)
    assert waiting.change.because.startswith(f"Takes back entry {one} ")

    def say(name: str, planned_change: PlannedChange, *, approved: bool) -> None:
        words = verdicts([(name, planned_change)], approved=approved, by="ann", now=ports.clock.now())
        ports.state.ledger.approve(words)

    say(both.earlier[0], waiting, approved=False)
    alone = of(other)
    (left,) = planned(alone).changes
    assert left.change.because.startswith(f"Takes back entry {other} ")

    shop.control.advance(1)
    run_night(account, ports)
    day = first.pulled.as_of
    wished = plan_rollback_to(day, account, ports.state, ports.clock)
    assert wished.earlier == () and {p.change.verb for p in planned(wished).changes} == {Verb.HIDE}


def test_what_a_person_takes_back_is_not_begun_again_by_the_night_that_takes_it_back(shop: LocalSandbox) -> None:
    account = shop.settings.accounts[0]
    ports = shop.wiring().ports(account)
    first = run_night(account, ports)
    agree_and_apply(account, ports, first.plan)
    marks = {p.change.object_id for p in first.plan.changes}
    back = planned(plan_rollback_of_plan(first.plan.id, [account], ports.state, ports.clock))
    ports.state.ledger.approve(verdicts(back.numbered(), approved=True, by="ann", now=ports.clock.now()))
    shop.control.advance(1)
    night = run_night(account, ports)
    assert night.applied is not None
    done = [(r.change.verb, r.outcome) for r in night.applied.results if r.outcome is not None]
    assert done == [(Verb.UNMARK, Outcome.APPLIED)] * len(marks)
    enabled = [p for p in night.plan.changes if p.change.verb is Verb.ENABLE]
    assert {p.change.event_name for p in enabled} == marks
    # Nor with a person's word: without their key events they would record nothing.
    ports.state.ledger.approve(verdicts(night.plan.numbered(), approved=True, by="ann", now=ports.clock.now()))
    results = apply_open_plans(account, ports).results
    assert {r.outcome for r in results} == {None} and all("no key event in GA4 any more" in r.note for r in results)


def planned(found: Asked) -> Plan:
    assert found.plan is not None
    return found.plan


def test_where_nothing_was_changed_nothing_is_planned(shop: LocalSandbox) -> None:
    account = shop.settings.accounts[0]
    ports = shop.wiring().ports(account)
    with pytest.raises(UsageError, match="Nothing is known"):
        plan_rollback_to(ports.clock.now().date(), account, ports.state, ports.clock)
    night = run_night(account, ports)
    assert plan_rollback_to(night.pulled.as_of, account, ports.state, ports.clock) == Asked(account=account, plan=None)
    with pytest.raises(UsageError, match=f"Nothing was made of plan {night.plan.id}"):
        plan_rollback_of_plan(night.plan.id, [account], ports.state, ports.clock)
    with pytest.raises(UsageError, match="There is no plan shop-1-1"):
        plan_rollback_of_plan("shop-1-1", [account], ports.state, ports.clock)
    with pytest.raises(UsageError, match="not in the config"):
        plan_rollback_of_plan(night.plan.id, [], ports.state, ports.clock)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "one of them"),
        (["--entry", "1", "--plan", "a-1"], "one of them"),
        (["--plan", "a-1", "--account", "shop"], "--account is for --to"),
        (["--to", "yesterday"], "no date"),
    ],
)
def test_wrong_usage_says_what_is_right(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rollback", *words]) == 2
    assert said in capsys.readouterr().err


def test_who_agrees_to_a_rollback_and_to_what_it_rules_out_is_told_so(shop: LocalSandbox) -> None:
    account = shop.settings.accounts[0]
    state = shop.wiring().ports(account).state
    pull_account(account, shop.wiring().ports(account))
    hidden, enabled = (fields(status=status, primary_for_goal=False) for status in ("HIDDEN", "ENABLED"))
    back, use = a_change(Verb.HIDE, before=enabled, after=hidden), a_change(Verb.PROMOTE)
    for name, origin, change in (("shop-2026-01-05-2", ROLLBACK, back), ("shop-2026-01-05-1", NIGHT, use)):
        own = replace(change, customer_id=account.customer_id)
        state.ledger.store_plan(a_plan(own, id=name, origin=origin, customer_id=account.customer_id))

    def review(*words: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "ADSYNC_STATE": f"sqlite:///{shop.directory / 'adsync.db'}",
            "ADSYNC_CLOCK_URL": shop.running.running.url,
        }
        return adsync_here("review", *words, cwd=shop.directory, variables=variables)

    told = review("--approve", "all")
    assert told.stdout == "2 approved. Carry it out:  adsync apply\n"
    assert "shop-2026-01-05-2/1 (Stop recording) and shop-2026-01-05-1/1 (Use for bidding) contradict" in told.stderr
    told = review("--approve", "shop-2026-01-05-1")
    assert "contradict" in told.stderr, "as long as both hold"
    review("--refuse", "shop-2026-01-05-1")
    assert review("--approve", "shop-2026-01-05-2").stderr == ""

    # A rollback that can only be proposed is dropped by a no to it; what a night proposes comes again.
    cannot = PlannedChange(change=replace(back, customer_id=account.customer_id), consent=Consent.PROPOSAL)
    for number, origin in ((3, ROLLBACK), (4, NIGHT)):
        plan_id = f"shop-2026-01-05-{number}"
        state.ledger.store_plan(a_plan(cannot, id=plan_id, origin=origin, customer_id=account.customer_id))
    assert review("--refuse", "all").stdout.startswith("All that is planned is only proposed; nothing was decided")
    assert review("--refuse", "shop-2026-01-05-4/1").returncode == 4
    dropped = review("--refuse", "shop-2026-01-05-3")
    assert dropped.stdout == "Plan shop-2026-01-05-3 is dropped: nothing of it could be applied.\n"
    assert {name for name, _ in pending_changes(account, state)} == {"shop-2026-01-05-4/1"}
