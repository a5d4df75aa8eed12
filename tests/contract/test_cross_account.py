"""Conversion actions that a manager owns for two shops: who is named, who has to agree, and where changes are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adsync.doctor import Grade, examine
from adsync.model.account import Account
from adsync.model.plan import Consent
from adsync.model.sharing import CrossAccount
from adsync.nightly import apply_open_plans, run_night
from adsync.overview import overview
from adsync.ports import Ports
from adsync.render.terminal import bundle_row, status_table
from adsync.review import verdicts
from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.estate import MANAGER_ID
from tests.sandboxes import LocalSandbox, local_sandbox

SHOP, OTHER = "1000000001", "1000000002"
BOTH = CrossAccount(owner_id=MANAGER_ID, client_ids=(SHOP, OTHER))
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
    plan = ports.state.ledger.newest_plan(account.customer_id)
    assert plan is not None
    ports.state.ledger.approve(verdicts(plan.numbered(), approved=True, by="ann", now=ports.clock.now()))


def test_changes_of_shared_actions_wait_for_an_agreement_and_are_made_at_their_owner(two: LocalSandbox) -> None:
    hand_over(two)
    join(two)
    wiring = two.wiring()
    account = wiring.settings.accounts[0]
    ports = wiring.ports(account)
    # Without an agreement everybody is named, and nothing can be approved.
    night = run_night(account, ports, apply=False)
    (planned,) = night.plan.changes
    assert planned.consent is Consent.PROPOSAL and NAMED in planned.consent_because
    seen = overview(account, ports.state, ports.clock)
    assert NAMED in seen.cross_account and (seen.blocked, seen.todo) == ("", "")
    assert NAMED in "".join(cell.plain for row in status_table([seen])._rows for cell in row)
    [said] = [f for f in examine(wiring, (account,)) if f.check == "cross-account"]
    assert (said.grade, said.remedy) == (
        Grade.PROBLEM,
        "To agree: cross_account: {owner: 999-000-0001, clients: [100-000-0001, 100-000-0002]}.",
    )
    # With one, the mirror is enabled at the owner.
    agreed = replace(account, cross_account=BOTH)
    for _ in range(2):
        night = run_night(agreed, ports, apply=False)
        approve_all(agreed, ports)
        if night.plan.changes[0].change.verb.value == "enable":
            break
        assert [r.outcome for r in apply_open_plans(agreed, ports).results]
        two.control.advance(2)
    named = night.plan.numbered()
    assert (named[0][1].change.sent_to, [c.customer_id for c in named[0][1].clients]) == (MANAGER_ID, [SHOP, OTHER])
    assert f"Made at account 999-000-0001, it meets every account that uses its actions: {NAMED}" in (
        bundle_row(named[:1], {}).beside
    )
    (result,) = apply_open_plans(agreed, ports).done
    shop = accounts_of(two)[0]
    assert shop.actions[int(result.change.object_id)].now.status == "ENABLED"
    assert (
        "Changes are made at account 999-000-0001 and meet" in overview(agreed, ports.state, ports.clock).cross_account
    )
    wiring.database.close()


def test_a_client_that_joins_after_the_approval_keeps_the_change_from_being_made(two: LocalSandbox) -> None:
    hand_over(two)
    wiring = two.wiring()
    account = replace(wiring.settings.accounts[0], cross_account=CrossAccount(owner_id=MANAGER_ID, client_ids=(SHOP,)))
    ports = wiring.ports(account)
    run_night(account, ports, apply=False)
    approve_all(account, ports)
    join(two)
    assert [r.note for r in apply_open_plans(account, ports).results] == [
        'Not applied: "Sandbox shop 2" (100-000-0002) uses the conversion actions of account 999-000-0001 as well, and the '
        "config does not agree to that: nothing is changed. Add 100-000-0002 to cross_account.clients, or remove "
        "cross_account."
    ]
    assert not ports.state.ledger.entries([SHOP])
    run_night(account, ports, apply=False)
    assert overview(account, ports.state, ports.clock).todo == (
        "Add 100-000-0002 to cross_account.clients, or remove cross_account."
    )
    wiring.database.close()
