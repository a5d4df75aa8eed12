"""Fixed targets are moved, read back and taken back on the sandbox: of campaigns, and of portfolios for all their campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.apply import apply_plan
from adsync.apply.allowance import AccountAllowance
from adsync.applying import apply_open_plans
from adsync.changelog import done_changes, past_of
from adsync.differences import moved_between
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from adsync.model.limits import Month
from adsync.model.log import Outcome
from adsync.model.plan import Plan
from adsync.model.target import PORTFOLIO, Target, targets_of
from adsync.ports import Ports
from adsync.pull import pull_account
from adsync.review import verdicts
from adsync.rollback import plan_rollback
from tests.builders import a_plan
from tests.sandboxes import LocalSandbox, local_sandbox


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    with local_sandbox(Path(tmp_path_factory.mktemp("targets")), "fixed-target") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ports(shop: LocalSandbox) -> Iterator[Ports]:
    wiring = shop.wiring()
    ports = wiring.ports(shop.settings.accounts[0])
    pull_account(shop.settings.accounts[0], ports)
    yield ports
    wiring.database.close()


def found(ports: Ports) -> dict[str, Target]:
    """By the name of the first campaign that bids to it."""
    return {target.campaigns[0].name: target for target in targets_of(ports.ads.campaigns()).values()}


def moving(shop: LocalSandbox, target: Target, to: float) -> Change:
    return Change(
        customer_id=shop.settings.accounts[0].customer_id,
        kind=target.kind,
        object_id=target.object_id,
        title=target.title,
        verb=Verb.TARGET,
        before=fields(**{target.field: target.value}),
        after=fields(**{target.field: to}),
    )


def carried_out(shop: LocalSandbox, ports: Ports, change: Change, number: int) -> list[tuple[Outcome | None, str]]:
    account, now = shop.settings.accounts[0], ports.clock.now()
    plan: Plan = a_plan(change, id=f"shop-x-{number}", customer_id=account.customer_id, made_at=now, made_on=now.date())
    ports.state.ledger.store_plan(plan)
    ports.state.ledger.approve(verdicts(plan.numbered(), approved=True, by="ann", now=now))
    entries = ports.state.ledger.entries([account.customer_id])
    applied = apply_plan(
        plan,
        account,
        lambda: ports.state.ledger.approvals(account.customer_id),
        past_of(entries, "UTC"),
        done=done_changes(account, ports.state),
        ads=ports.ads,
        analytics=ports.analytics,
        writer=ports.writer,
        ledger=ports.state.ledger,
        clock=ports.clock,
        timeout_seconds=20,
        allowance=AccountAllowance(limits=account.limits, month=Month.of(entries, now, "UTC"), run=ports.changes),
    )
    assert applied.stopped_by is None
    return [(result.outcome, result.note) for result in applied.results]


@pytest.mark.parametrize(
    ("name", "to", "shared"), [("Brand", 20_500_000.0, 1), ("Shopping", 3.1, 1), ("Generic", 30_000_000.0, 2)]
)
def test_a_target_is_moved_read_back_and_taken_back(
    shop: LocalSandbox, ports: Ports, name: str, to: float, shared: int
) -> None:
    before = found(ports)
    target = before[name]
    assert len(target.campaigns) == shared and (target.kind == PORTFOLIO) == (shared > 1)
    number = len(ports.state.ledger.entries())
    change = moving(shop, target, to)
    assert ports.writer.send(change, validate_only=True) and found(ports) == before
    assert carried_out(shop, ports, change, number) == [(Outcome.APPLIED, "")]
    after = found(ports)
    assert {n for n in after if after[n].value != before[n].value} == {name}
    assert after[name].value == to
    (entry,) = [e for e in ports.state.ledger.entries() if e.change.hash == change.hash]
    assert entry.request_id

    back = plan_rollback(entry.id, shop.settings.accounts, ports.state, ports.clock).plan
    assert back is not None
    ports.state.ledger.approve(verdicts(back.numbered(), approved=True, by="ann", now=ports.clock.now()))
    assert apply_open_plans(shop.settings.accounts[0], ports).exit_code == 0
    assert found(ports) == before


def test_a_target_that_somebody_has_moved_is_left_alone(shop: LocalSandbox, ports: Ports) -> None:
    target = found(ports)["Brand"]
    change = moving(shop, target, 21_000_000.0)
    ports.writer.send(moving(shop, target, 19_000_000.0))
    try:
        ((outcome, note),) = carried_out(shop, ports, change, 100)
        assert outcome is None and "has changed since the plan was made" in note
    finally:
        moved = found(ports)["Brand"]
        ports.writer.send(moving(shop, moved, target.value))


def test_diff_knows_the_targets_that_adsync_has_moved_of_each_campaign_of_a_portfolio(
    shop: LocalSandbox, ports: Ports
) -> None:
    account = shop.settings.accounts[0]
    shop.control.advance(1)
    pull_account(account, ports)
    target = found(ports)["Generic"]
    change = moving(shop, target, 28_000_000.0)
    assert carried_out(shop, ports, change, 200) == [(Outcome.APPLIED, "")]
    shop.control.advance(1)
    night = pull_account(account, ports).as_of
    moved = moved_between(account, ports.state, night - timedelta(days=1), night)
    told = {m.difference.title: m.entry_id for m in moved if m.difference.field == "target_cpa_micros"}
    (entry,) = [e for e in ports.state.ledger.entries() if e.change.hash == change.hash]
    assert told == {"Generic": entry.id, "Competitors": entry.id}
