"""Conversion actions that a manager owns for two shops: who is named, who has to agree, and where changes are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adsync.applying import apply_open_plans
from adsync.cli import plan, sync
from adsync.doctor import Grade, examine
from adsync.fleet import run_fleet
from adsync.model.account import Account
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.log import Outcome
from adsync.model.overview import Urgency
from adsync.model.plan import Consent
from adsync.model.sharing import CrossAccount
from adsync.nightly import run_night
from adsync.overview import obstacles, overview, waiting_for_person
from adsync.ports import Ports
from adsync.render.plan_words import bundle_row
from adsync.render.terminal import log_cells, status_table
from adsync.review import verdicts
from adsync.rollback import plan_rollback
from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.campaigns import Portfolio
from adsync.sandbox.estate import MANAGER_ID
from tests.builders import a_candidate
from tests.sandboxes import LocalSandbox, local_sandbox

SHOP, OTHER = "1000000001", "1000000002"
BOTH = CrossAccount(owner_id=MANAGER_ID, client_ids=(SHOP, OTHER))
TAGGED = replace(a_candidate(), route="tag")
TAG_NAME = "adsync: add_to_cart"
TO_AGREE = (
    "To agree, name the clients under one account of the config: "
    "cross_account: {owner: 999-000-0001, clients: [100-000-0001, 100-000-0002]}."
)
NAMED = '"Sandbox shop" (100-000-0001) and "Sandbox shop 2" (100-000-0002)'


@pytest.fixture
def two(tmp_path: Path) -> Iterator[LocalSandbox]:
    """Two shops under a manager, each with conversion actions of its own."""
    with local_sandbox(tmp_path / "sandbox", accounts=2) as running:
        yield running


def accounts_of(sandbox: LocalSandbox) -> tuple[AdsAccount, AdsAccount]:
    estate = sandbox.running.estate
    return estate.accounts[SHOP], estate.accounts[OTHER]


def hand_over(sandbox: LocalSandbox) -> None:
    """The manager owns the shop's conversion actions from now on."""
    shop, _ = accounts_of(sandbox)
    shop.tracking.customer_id = MANAGER_ID


def join(sandbox: LocalSandbox) -> None:
    """The other shop uses them as well."""
    shop, other = accounts_of(sandbox)
    other.tracking = shop.tracking
    other.recount()


def approve_all(account: Account, ports: Ports) -> None:
    newest = ports.state.ledger.newest_plan(account.customer_id)
    assert newest is not None
    ports.state.ledger.approve(verdicts(newest.numbered(), approved=True, by="ann", now=ports.clock.now()))


def test_without_an_agreement_every_account_is_named_and_nothing_can_be_approved(two: LocalSandbox) -> None:
    hand_over(two)
    join(two)
    wiring = two.wiring()
    account = wiring.settings.accounts[0]
    ports = wiring.ports(account)
    night = run_night(account, ports, apply=False)
    (planned,) = night.plan.changes
    assert planned.consent is Consent.PROPOSAL and NAMED in planned.consent_because
    page = plan._page(night)
    assert NAMED in page.above[1] and [row.consent_because for row in page.rows] == ["See above."]
    seen = overview(account, ports.state, ports.clock)
    assert NAMED in seen.cross_account and (seen.blocked, seen.urgency, seen.todo) == ("", Urgency.HELD, TO_AGREE)
    shown = "".join(cell.plain for row in status_table([seen])._rows for cell in row)
    assert NAMED in shown and shown.count(TO_AGREE) == 1
    [said] = [f for f in examine(wiring, (account,)) if f.check == "cross-account"]
    assert (said.grade, said.remedy) == (Grade.PROBLEM, TO_AGREE)
    wiring.database.close()


def test_what_nobody_has_agreed_to_stands_once_in_holds_with_what_to_do(two: LocalSandbox) -> None:
    hand_over(two)
    wiring = two.wiring()
    first = wiring.settings.accounts[0]
    policy = replace(first.policy, funnel_days=200)  # in 90 days too few begin a checkout
    account = replace(first, policy=policy, candidates=(a_candidate(), a_candidate("begin_checkout")))
    ports = wiring.ports(account)
    names = [name for name, _ in run_night(account, ports, apply=False).plan.numbered()]
    (found,) = obstacles(account, ports.state)
    assert len(names) == 2 and found.change_name == ", ".join(names)
    assert found.saw.startswith("2 changes are only proposed. Its conversion actions belong to account 999-000-0001")
    assert found.todo.startswith("To agree, name the clients") and found.todo not in found.saw
    wiring.database.close()


def test_once_another_account_decides_nobody_is_asked_to_agree_a_second_time(two: LocalSandbox) -> None:
    hand_over(two)
    join(two)
    wiring = two.wiring()
    account = wiring.settings.accounts[0]
    ports = wiring.ports(account)
    (before,) = run_night(account, ports, apply=False).plan.changes
    assert TO_AGREE in before.consent_because
    left = replace(account, decided_by="boots")
    # The config has been edited, and no night has passed: what the stored plan says is over.
    (found,) = obstacles(left, ports.state)
    assert "boots decides about them" in found.saw and (found.todo, TO_AGREE in found.saw) == (
        "Nothing to do here.",
        False,
    )
    night = run_night(left, ports, apply=False)
    assert [row.consent_because for row in plan._page(night).rows] == ["See above."] and not night.news
    assert overview(left, ports.state, ports.clock).todo == ""
    assert run_night(left, ports, apply=False).plan.id == night.plan.id
    wiring.database.close()


def test_a_client_that_joins_after_the_approval_voids_it_until_it_is_named(
    two: LocalSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_over(two)
    wiring = two.wiring()
    alone = CrossAccount(owner_id=MANAGER_ID, client_ids=(SHOP,))
    account = replace(wiring.settings.accounts[0], candidates=(TAGGED,), cross_account=alone)
    ports = wiring.ports(account)
    (planned,) = run_night(account, ports, apply=False).plan.changes
    assert (planned.change.sent_to, [c.customer_id for c in planned.clients]) == (MANAGER_ID, [SHOP])
    approve_all(account, ports)
    join(two)
    todo = "Add 100-000-0002 to cross_account.clients, or remove cross_account."
    assert [r.note for r in apply_open_plans(account, ports).results] == [
        'Not applied: "Sandbox shop 2" (100-000-0002) uses the conversion actions of account 999-000-0001 as well, and the '
        f"config does not agree to that: nothing is changed. {todo}"
    ]
    assert not ports.state.ledger.entries([SHOP])
    void = run_night(account, ports, apply=False)
    sync._print(void)
    assert void.agreement_is_void and todo in " ".join(capsys.readouterr().out.split())
    assert overview(account, ports.state, ports.clock).todo == todo
    # Named, it is one of those that the change meets, and what it costs to ask about it is foreseen.
    agreed = replace(account, cross_account=BOTH)
    report = run_fleet([agreed], wiring, "sync", run_night)
    assert report.operations == report.operations_planned - 2, "what waits was foreseen as well"
    night = report.outcomes[0].result
    assert night is not None and night.applied is not None and not night.agreement_is_void
    assert [r.note for r in night.applied.results] == [
        'Waits for review. When ann agreed to it, it did not meet "Sandbox shop 2" (100-000-0002). Make a fresh plan and review '
        "it there: adsync plan"
    ]
    assert waiting_for_person(agreed, ports.state, ports.clock.now()) == night.plan.numbered()
    approve_all(agreed, ports)
    assert f"Made at account 999-000-0001, it meets every account that uses its actions: {NAMED}" in (
        bundle_row(night.plan.numbered(), {}).beside
    )
    assert [r.outcome for r in apply_open_plans(agreed, ports).results] == [Outcome.APPLIED]
    (entry,) = ports.state.ledger.entries([SHOP])
    assert entry.note.startswith(f"It met {NAMED}. Put this tag")
    assert log_cells(entry, {})[4].plain == f"{TAG_NAME}\nat account 999-000-0001"
    assert [a.name for a in accounts_of(two)[0].actions.values() if a.has_tag] == ["Purchase (web)", TAG_NAME]
    assert "Changes are made at account 999-000-0001" in overview(agreed, ports.state, ports.clock).cross_account
    wiring.database.close()


def test_a_client_that_joins_between_two_changes_voids_the_second(
    two: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over(two)
    wiring = two.wiring()
    alone = CrossAccount(owner_id=MANAGER_ID, client_ids=(SHOP,))
    tagged = (TAGGED, replace(a_candidate("begin_checkout"), route="tag"))
    first_of_all = wiring.settings.accounts[0]
    policy = replace(first_of_all.policy, funnel_days=180)
    account = replace(first_of_all, candidates=tagged, cross_account=alone, policy=policy)
    ports = wiring.ports(account)
    assert len(run_night(account, ports, apply=False).plan.changes) == 2
    approve_all(account, ports)
    send = type(ports.writer).send

    def and_then_joins(self: Any, change: Change, **how: bool) -> Any:
        receipt = send(self, change, **how)
        join(two)
        return receipt

    monkeypatch.setattr(type(ports.writer), "send", and_then_joins)
    first, second = apply_open_plans(account, ports).results
    assert (first.outcome, second.outcome) == (Outcome.APPLIED, None)
    assert '"Sandbox shop 2" (100-000-0002) uses the conversion actions' in second.note
    wiring.database.close()


@pytest.mark.slow
def test_a_promotion_shows_what_both_shops_bid_on_after_it_and_is_taken_back_at_the_owner(two: LocalSandbox) -> None:
    hand_over(two)
    join(two)
    shop, other = accounts_of(two)
    wiring = two.wiring()
    account = replace(wiring.settings.accounts[0], cross_account=BOTH)
    ports = wiring.ports(account)
    for _ in range(14):
        changes = run_night(account, ports, apply=False).plan.changes
        if [p for p in changes if p.change.verb is Verb.PROMOTE]:
            break
        approve_all(account, ports)
        apply_open_plans(account, ports)
        # The other shop's visitors are counted by what Google makes of its own key events.
        other.property.key_events = list(shop.property.key_events)
        two.control.advance(3)
    (planned,) = changes
    effects = {(e.client, e.campaign): e for e in planned.effects}
    other_shop = '"Sandbox shop 2" (100-000-0002)'
    assert set(effects) == {(whose, name) for whose in ("", other_shop) for name in ("Brand", "Generic")}
    assert all(e.after > e.before > 0 for e in effects.values())
    approve_all(account, ports)
    (promoted,) = apply_open_plans(account, ports).done
    helper = int(promoted.change.object_id)
    for each in (shop, other):
        assert {action for _, action in each.counted_pairs} == {700_000_001, helper}
    # Back: sent to the owner as well.
    (entry,) = [e for e in ports.state.ledger.entries([SHOP]) if e.change.verb is Verb.PROMOTE]
    asked = plan_rollback(entry.id, [account], ports.state, ports.clock)
    assert asked.plan is not None
    ports.state.ledger.approve(verdicts(asked.plan.numbered(), approved=True, by="ann", now=ports.clock.now()))
    assert [r.change.sent_to for r in apply_open_plans(account, ports).done] == [MANAGER_ID]
    assert not any(action == helper for each in (shop, other) for _, action in each.counted_pairs)
    wiring.database.close()


def test_the_target_of_a_portfolio_that_the_manager_shares_is_seen_and_left_to_the_manager(
    sandbox: LocalSandbox,
) -> None:
    shop = sandbox.running.estate.accounts[SHOP]
    shared = Portfolio(id=50_000_009, name="All shops", type="TARGET_CPA", target_cpa_micros=9_000_000)
    shop.portfolios.append(shared)
    shop.campaigns[0].portfolio = shared.id
    wiring = sandbox.wiring()
    ports = wiring.ports(wiring.settings.accounts[0])
    own, beside = ports.ads.campaigns()
    shared.owner_id = MANAGER_ID
    assert ports.ads.campaigns() == (replace(own, portfolio_owner_id=MANAGER_ID), beside)
    assert (own.target_cpa_micros, own.portfolio_owner_id, beside.portfolio_id) == (9_000_000, "", "")
    wiring.database.close()
