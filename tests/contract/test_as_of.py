"""Looking back: status and report of an earlier day show what its evening showed, and say what nobody can tell any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.model.change import Change, fields
from adsync.model.decision import Hold, Verb
from adsync.model.log import Outcome
from adsync.model.overview import CHECKS, Overview
from adsync.model.target import targets_of
from adsync.nightly import run_night
from adsync.overview import overview, waiting_for_person
from adsync.ports import Ports
from adsync.pull import pull_account
from adsync.render.report import report_html
from adsync.reporting import page_of
from adsync.review import verdicts
from tests.builders import a_change, a_mark, an_entry
from tests.sandboxes import LocalSandbox, local_sandbox

FOREIGN = "somebody has changed what campaigns bid on"


def test_an_earlier_day_stands_as_its_own_evening_showed_it(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    evenings: list[Overview] = []
    pages = []
    for number in range(3):
        run_night(account, ports)
        if number == 1:
            waits = waiting_for_person(account, ports.state, ports.clock.now())
            ports.state.ledger.approve(verdicts(waits, approved=True, by="ann", now=ports.clock.now()))
        evenings.append(overview(account, ports.state, ports.clock))
        pages.append(page_of(account, ports.state, ports.clock))
        sandbox.control.advance(1)
    # The words agree with what comes later only where they differ from day to day.
    assert [bool(each.todo) for each in evenings] == [True, False, False]
    sandbox.control.advance(10)
    run_night(account, ports)
    for then, page in zip(evenings, pages, strict=True):
        assert then.as_of is not None
        seen = overview(account, ports.state, ports.clock, as_of=then.as_of)
        assert seen == replace(then, next_check=None, not_known=CHECKS) and seen.next_check_words == ""
        again = page_of(account, ports.state, ports.clock, as_of=then.as_of)
        assert (again.entries, again.pending, again.reviews) == (page.entries, page.pending, page.reviews)
        assert CHECKS in report_html([again])
    assert CHECKS not in report_html([page_of(account, ports.state, ports.clock)])


def test_the_age_of_the_numbers_is_that_of_the_day(sandbox: LocalSandbox) -> None:
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    night = run_night(account, ports, apply=False).pulled.as_of
    waits = waiting_for_person(account, ports.state, ports.clock.now())
    ports.state.ledger.approve(verdicts(waits, approved=False, by="ann", now=ports.clock.now()))
    sandbox.control.advance(6)
    assert "6 days old" in overview(account, ports.state, ports.clock).todo
    assert overview(account, ports.state, ports.clock, as_of=night).todo == ""
    # Of a day without a night the newest one spoke on its evening as well, and what was to be done then is past.
    stood = overview(account, ports.state, ports.clock, as_of=night).stands
    for days, todo in ((1, ""), (2, "The numbers were 2 days old then.")):
        later = overview(account, ports.state, ports.clock, as_of=night + timedelta(days=days))
        assert (later.stands, later.as_of, later.todo) == (stood, night, todo)


def test_a_hold_is_known_from_its_first_day_until_the_moment_that_ends_it(sandbox: LocalSandbox) -> None:
    wiring = sandbox.wiring()
    holds, now, customer_id = wiring.state.holds, sandbox.control.now(), sandbox.settings.accounts[0].customer_id
    day = now.date()
    holds.see(customer_id, [Hold(code="tag", since=day, saw="nothing", todo="look")], day)
    (known,) = holds.known([customer_id])
    assert holds.clear(known.id, now + timedelta(days=2), "ann", "seen to")
    assert holds.known([customer_id]) == ()
    assert holds.as_known(day - timedelta(days=1), now).known([customer_id], lasting=False) == ()
    (then,) = holds.as_known(day + timedelta(days=1), now + timedelta(days=1)).known([customer_id])
    assert then == known and holds.as_known(day, now).cleared(customer_id) == frozenset()
    later = holds.as_known(day + timedelta(days=2), now + timedelta(days=2))
    assert later.known([customer_id]) == () and later.cleared(customer_id) == {(known.hold.name, day)}


def test_a_change_is_open_until_its_outcome_was_known(sandbox: LocalSandbox) -> None:
    ledger, now = sandbox.wiring().state.ledger, sandbox.control.now()
    customer_id = sandbox.settings.accounts[0].customer_id
    change = a_change(customer_id=customer_id)
    entry = an_entry(change=change, customer_id=customer_id, outcome=Outcome.SENT, opened_at=now, closed_at=None)
    number = ledger.open_entry(entry)
    ledger.close_entry(number, Outcome.APPLIED, now + timedelta(hours=1))
    assert ledger.as_known(now - timedelta(hours=1)).entries() == ()
    for only_open in (False, True):
        (then,) = ledger.as_known(now + timedelta(minutes=1)).entries([customer_id], only_open=only_open)
        assert (then.id, then.outcome, then.closed_at) == (number, Outcome.SENT, None)
    later = ledger.as_known(now + timedelta(hours=1))
    assert [e.outcome for e in later.entries()] == [Outcome.APPLIED] and later.entries(only_open=True) == ()


@pytest.fixture
def fixed(tmp_path: Path) -> Iterator[LocalSandbox]:
    with local_sandbox(tmp_path, "fixed-target") as sandbox:
        yield sandbox


def made(ports: Ports, change: Change) -> None:
    """Sent to Google, and in the log, as of now."""
    now, ledger = ports.clock.now(), ports.state.ledger
    ports.writer.send(change)
    sent = an_entry(
        change=change, customer_id=change.customer_id, outcome=Outcome.SENT, opened_at=now, deadline=now, closed_at=None
    )
    ledger.close_entry(ledger.open_entry(sent), Outcome.APPLIED, now)


def test_a_target_that_adsync_moves_is_no_foreign_edit_on_the_day_of_the_step(fixed: LocalSandbox) -> None:
    account = fixed.settings.accounts[0]
    ports = fixed.wiring().ports(account)
    ports.writer.send(a_mark(account))
    fixed.control.advance(1)
    helper = next(a for a in ports.ads.actions() if a.name.endswith("add_to_cart"))
    about = {"customer_id": account.customer_id, "object_id": helper.id}
    recording = fields(status="ENABLED", primary_for_goal=False)
    made(ports, a_change(Verb.ENABLE, **about, before=fields(status=helper.status), after=recording))
    pull_account(account, ports)
    made(ports, a_change(Verb.PROMOTE, **about))
    fixed.control.advance(1)
    night = pull_account(account, ports).as_of
    target = next(t for t in targets_of(ports.ads.campaigns()).values() if t.campaigns[0].name == "Brand")
    step = Change(
        customer_id=account.customer_id,
        kind=target.kind,
        object_id=target.object_id,
        title=target.title,
        verb=Verb.TARGET,
        before=fields(**{target.field: target.value}),
        after=fields(**{target.field: 23_000_000.0}),
    )
    made(ports, step)
    assert FOREIGN not in overview(account, ports.state, ports.clock, as_of=night).stands
    fixed.control.advance(3)
    ports.writer.send(replace(step, before=step.after, after=fields(**{target.field: 29_000_000.0})))
    pull_account(account, ports)
    assert FOREIGN not in overview(account, ports.state, ports.clock, as_of=night).stands
    assert FOREIGN in overview(account, ports.state, ports.clock).stands, "that was not adsync"
