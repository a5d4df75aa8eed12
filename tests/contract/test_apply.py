"""Carrying out a plan against the sandbox: what is sent, when it is written down, and what is made of no answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from adsync import applying, nightly
from adsync.apply import AccountAllowance, Applied, Countdown, apply_plan
from adsync.changelog import past_of, rollback_changes
from adsync.errors import (
    CannotBeUndone,
    GoogleRefused,
    GoogleUnavailable,
    NotAllDone,
    OutcomeUnknown,
    QuotaExhausted,
    TryAgainLater,
)
from adsync.model.account import Account, Macro
from adsync.model.ads import ConversionAction
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from adsync.model.limits import ChangeLimits, Month
from adsync.model.log import ChangeLogEntry, Outcome, by_minute
from adsync.model.plan import Approval, Consent, Plan, PlannedChange
from adsync.model.pulled import Snapshot
from adsync.ports import Analytics, Ports, Receipt, Writer
from adsync.render.unsettled import unsettled_lines
from adsync.state.ledger import SqlLedger
from tests.builders import a_candidate, a_change, a_mark, a_plan, an_entry
from tests.sandboxes import LocalSandbox

MACRO, MIRROR = "700000001", "700000002"
HIDDEN = fields(status="HIDDEN", primary_for_goal=False)
ENABLED = fields(status="ENABLED", primary_for_goal=False)


@dataclass
class WatchingWriter:
    """Passes changes on, and looks at the ledger at the very moment at which each is sent."""

    inner: Writer
    look: Callable[[], tuple[ChangeLogEntry, ...]]
    sent: list[Change] = field(default_factory=list)
    seen: list[tuple[ChangeLogEntry, ...]] = field(default_factory=list)
    instead: BaseException | None = None
    first: Writer | None = None

    @property
    def operations(self) -> int:
        return len(self.sent)

    def send(self, change: Change, *, validate_only: bool = False) -> Receipt:
        self.sent.append(change)
        self.seen.append(self.look())
        if self.instead is not None:
            raise self.instead
        if self.first is not None:
            self.first.send(change)
        return self.inner.send(change, validate_only=validate_only)


@dataclass
class Night:
    """One account of a sandbox, ready to have plans applied."""

    sandbox: LocalSandbox
    account: Account
    ports: Ports
    writer: WatchingWriter

    @property
    def now(self) -> datetime:
        return self.ports.clock.now()

    @property
    def entries(self) -> tuple[ChangeLogEntry, ...]:
        return self.ports.state.ledger.entries([self.account.customer_id])

    def approve(self, *changes: Change, approved: bool = True) -> None:
        """A person's word on each, for a week."""
        words = [
            Approval(
                change_hash=change.hash,
                customer_id=self.account.customer_id,
                change_name="x",
                approved=approved,
                by="erika",
                at=self.now,
                until=self.now + timedelta(days=7),
            )
            for change in changes
        ]
        self.ports.state.ledger.approve(words)

    def plan(self, *changes: Change | PlannedChange, number: int = 1) -> Plan:
        plan = a_plan(*changes, id=f"shop-2026-03-02-{number}", customer_id=self.account.customer_id)
        return replace(plan, made_on=self.now.date(), made_at=self.now)

    def apply(self, plan: Plan, *, dry: bool = False) -> Applied:
        """As a night applies it: approvals, past and what was done before are read from the state."""
        return apply_plan(
            plan,
            self.account,
            lambda: self.ports.state.ledger.approvals(self.account.customer_id),
            past_of(self.entries, "Europe/Berlin"),
            done=frozenset(e.change_name for e in self.entries if e.outcome.is_done),
            ads=self.ports.ads,
            analytics=self.ports.analytics,
            writer=self.writer,
            ledger=self.ports.state.ledger,
            clock=self.ports.clock,
            timeout_seconds=20,
            allowance=AccountAllowance(
                limits=self.account.limits,
                month=Month.of(self.entries, self.now, "Europe/Berlin"),
                run=self.ports.changes,
            ),
            dry=dry,
        )

    def adopted(self, *action_ids: str) -> None:
        """As if adsync had enabled these itself, and none of them were the main conversion."""
        ledger = self.ports.state.ledger
        for number, action_id in enumerate(action_ids, start=1):
            change = self.enabling(object_id=action_id, before=fields(status="UNKNOWN", primary_for_goal=False))
            entry = an_entry(
                number, change, customer_id=self.account.customer_id, change_name=f"shop-2026-01-01-1/{number}"
            )
            ledger.close_entry(ledger.open_entry(entry), Outcome.APPLIED, self.now)
        self.account = replace(self.account, macro=Macro(event_name="purchase", actions=("Another",)))

    def trusted(self) -> None:
        """As if a person had applied a plan here before, and the mirror that is tried were a candidate's."""
        self.account = replace(self.account, candidates=(*self.account.candidates, a_candidate("purchase_mirror")))
        entry = an_entry(1, self.marking("scroll"), customer_id=self.account.customer_id, approved_by="erika")
        ledger = self.ports.state.ledger
        ledger.close_entry(ledger.open_entry(entry), Outcome.APPLIED, self.now)

    def action(self, action_id: str) -> ConversionAction:
        return next(a for a in self.ports.ads.actions() if a.id == action_id)

    def pass_seconds(self, seconds: int) -> None:
        self.sandbox.running.estate.now += seconds

    def calls(self, name: str) -> int:
        counted = self.sandbox.control.status()["calls"]
        return sum(count for call, count in counted.items() if call.endswith(name))

    # Changes ---------------------------------------------------------------------------------------------------------

    def enabling(self, **different: object) -> Change:
        values = {"customer_id": self.account.customer_id, "object_id": MIRROR, "before": HIDDEN, "after": ENABLED}
        return a_change(Verb.ENABLE, **{**values, "event_name": "purchase_mirror", **different})

    def creating(self, name: str = "adsync: Newsletter") -> Change:
        after = fields(
            name=name,
            type="WEBPAGE",
            category="SIGNUP",
            counting_type="ONE_PER_CLICK",
            status="ENABLED",
            primary_for_goal=False,
        )
        values = {"customer_id": self.account.customer_id, "object_id": name, "title": name, "event_name": "sign_up"}
        return a_change(Verb.CREATE, before=None, after=after, **values)

    def marking(self, event_name: str = "add_to_cart") -> Change:
        return a_mark(self.account, event_name)


@pytest.fixture
def night(sandbox: LocalSandbox) -> Iterator[Night]:
    account = sandbox.settings.accounts[0]
    wiring = sandbox.wiring()
    ports = wiring.ports(account)
    # The ledger is read through a connection of its own: what it sees is what a crash would leave behind.
    other = SqlLedger(sandbox.wiring().database)
    writer = WatchingWriter(ports.writer, lambda: other.entries([account.customer_id]))
    yield Night(sandbox, account, ports, writer)
    wiring.database.close()


def outcomes(applied: Applied) -> list[Outcome | None]:
    return [result.outcome for result in applied.results]


# What is sent --------------------------------------------------------------------------------------------------------


def test_an_approved_change_is_written_down_sent_once_read_back_and_closed(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [Outcome.APPLIED] and applied.exit_code == 0
    (at_the_call,) = night.writer.seen
    assert [(e.change, e.outcome, e.approved_by) for e in at_the_call] == [(change, Outcome.SENT, "erika")]
    assert at_the_call[0].deadline == at_the_call[0].opened_at + timedelta(seconds=20)
    (entry,) = night.entries
    assert (entry.outcome, entry.closed_at) == (Outcome.APPLIED, night.now)
    assert len(entry.request_id) > 10 and entry.change_name == "shop-2026-03-02-1/1"
    assert night.calls("MutateConversionActions") == 1
    assert (night.action(MIRROR).status, night.action(MIRROR).primary_for_goal) == ("ENABLED", False)


@pytest.mark.parametrize(
    ("consent", "word"),
    [
        (Consent.REVIEW, None),
        (Consent.REVIEW, {"approved": False}),
        (Consent.AUTO, {"approved": False}),
        (Consent.PROPOSAL, {"approved": True}),
    ],
    ids=["not reviewed", "refused", "refused although automatic", "a proposal although approved"],
)
def test_what_nobody_allowed_is_not_sent(night: Night, consent: Consent, word: dict[str, bool] | None) -> None:
    change = night.enabling()
    if word is not None:
        night.approve(change, **word)
    applied = night.apply(night.plan(PlannedChange(change=change, consent=consent, consent_because="Because.")))
    assert outcomes(applied) == [None] and not applied.results[0].allowed
    assert applied.results[0].note and applied.exit_code == 0
    assert night.writer.sent == [] and night.entries == ()
    assert night.calls("MutateConversionActions") == 0


def test_an_approval_holds_for_its_seven_days_and_not_longer(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    night.sandbox.control.advance(8)
    late = night.apply(night.plan(change))
    assert outcomes(late) == [None] and "The approval by erika held until 2026-03-09" in late.results[0].note
    assert night.writer.sent == []
    night.approve(change)
    night.sandbox.control.advance(7)
    assert outcomes(night.apply(night.plan(change))) == [Outcome.APPLIED]


def test_what_became_of_changes_stands_in_the_order_of_the_plan(night: Night) -> None:
    first, second = night.marking("add_to_cart"), night.marking("generate_lead")
    night.approve(first)
    applied = night.apply(night.plan(first, second))
    assert [r.change for r in applied.results] == [first, second] and outcomes(applied) == [Outcome.APPLIED, None]


def test_a_no_that_is_said_while_a_run_is_at_work_is_heeded(night: Night) -> None:
    first, second = night.marking(), night.enabling()
    night.approve(first, second)
    look = night.writer.look

    def no_to_the_second() -> tuple[ChangeLogEntry, ...]:
        night.approve(second, approved=False)
        return look()

    night.writer.look = no_to_the_second
    marked, enabled = night.apply(night.plan(first, second)).results
    assert (marked.outcome, enabled.outcome, enabled.note) == (Outcome.APPLIED, None, "Refused by erika.")
    assert night.writer.sent == [first]


def test_an_approval_is_for_exactly_one_change(night: Night) -> None:
    night.approve(night.enabling(before=fields(status="REMOVED", primary_for_goal=False)))
    night.approve(night.enabling(after=fields(status="ENABLED", primary_for_goal=True)))
    night.approve(night.enabling(object_id=MACRO))
    assert outcomes(night.apply(night.plan(night.enabling()))) == [None]
    assert night.writer.sent == []


def test_an_automatic_change_needs_no_word(night: Night) -> None:
    night.trusted()
    change = night.enabling()
    applied = night.apply(night.plan(PlannedChange(change=change, consent=Consent.AUTO)))
    assert outcomes(applied) == [Outcome.APPLIED]
    assert night.entries[-1].approved_by == ""


@pytest.mark.parametrize("kinds", [frozenset(), frozenset({"demote"})])
def test_what_was_automatic_when_it_was_planned_must_be_so_still(night: Night, kinds: frozenset[str]) -> None:
    night.trusted()
    night.account = replace(night.account, auto=kinds)
    applied = night.apply(night.plan(PlannedChange(change=night.enabling(), consent=Consent.AUTO)))
    assert outcomes(applied) == [None] and "Changes of the kind enable wait for a person" in applied.results[0].note
    assert night.writer.sent == []


def test_an_old_plan_runs_nothing_by_itself(night: Night) -> None:
    night.trusted()
    plan = night.plan(PlannedChange(change=night.enabling(), consent=Consent.AUTO))
    night.sandbox.control.advance(8)
    applied = night.apply(plan)
    assert outcomes(applied) == [None] and "make a fresh one" in applied.results[0].note
    assert night.writer.sent == []


def test_what_was_agreed_to_or_planned_while_a_clock_ran_ahead_is_not_sent(night: Night) -> None:
    night.trusted()
    agreed, planned = night.enabling(), night.marking("scroll")
    now = night.now
    night.pass_seconds(200 * 86_400)
    night.approve(agreed)
    plan = night.plan(agreed, PlannedChange(change=planned, consent=Consent.AUTO), number=2)
    night.sandbox.running.estate.now = int(now.timestamp())
    applied = night.apply(plan)
    assert outcomes(applied) == [None, None] and night.writer.sent == []
    assert "is of 2026-09-18, when a clock ran ahead: review it again" in applied.results[0].note
    assert "The plan is of 2026-09-18, when a clock ran ahead: make a fresh one" in applied.results[1].note


def test_what_was_done_before_is_not_done_again(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    plan = night.plan(change)
    night.apply(plan)
    night.approve(change)
    assert night.apply(plan).results == ()
    assert len(night.writer.sent) == 1


# Not too many at once ------------------------------------------------------------------------------------------------


EVENTS = ("scroll", "view_item", "sign_up", "add_to_cart")


def test_what_is_over_the_limit_of_a_run_is_left_for_the_next_one_and_is_no_trouble(night: Night) -> None:
    night.account = replace(night.account, limits=ChangeLimits(changes_per_run=3))
    marks = [night.marking(name) for name in EVENTS]
    night.approve(*marks)
    first = night.apply(night.plan(*marks))
    assert outcomes(first) == [*[Outcome.APPLIED] * 3, Outcome.SKIPPED] and first.exit_code == 0
    assert first.results[3].note == (
        "Left for a later run: limits.changes_per_run of this account allows 3 changes in one."
    )
    assert len(night.entries) == 3
    assert outcomes(night.apply(night.plan(*marks))) == [Outcome.APPLIED]


def test_a_limit_of_one_is_said_of_one_change() -> None:
    month = Month(first=date(2026, 3, 1), made=0)
    own = AccountAllowance(limits=ChangeLimits(changes_per_run=1), month=month, run=Countdown(9))
    assert own.take("night") == "" and own.take("night").endswith("of this account allows 1 change in one.")
    shared = AccountAllowance(limits=ChangeLimits(), month=month, run=Countdown(1))
    assert shared.take("night") == "" and shared.take("night").endswith("allows 1 change over all accounts in one.")


def test_what_google_refuses_or_was_so_already_uses_nothing_up(night: Night) -> None:
    night.account = replace(night.account, limits=ChangeLimits(changes_per_run=1, changes_per_month=1))
    taken = night.creating("Purchase (web)")
    values = {**dict(taken.after or ()), "name": "Purchase (web)"}
    refused = replace(taken, object_id="x", after=fields(**values))
    changes = (refused, night.marking("purchase_twice"), night.marking("scroll"))
    night.approve(*changes)
    night.ports.writer.send(changes[1])
    assert outcomes(night.apply(night.plan(*changes))) == [Outcome.REFUSED, Outcome.ALREADY, Outcome.APPLIED]


def test_what_may_have_been_made_is_used_up(night: Night) -> None:
    night.account = replace(night.account, limits=ChangeLimits(changes_per_month=1))
    night.sandbox.control.fault("createKeyEvent", "lost")
    marks = [night.marking(name) for name in EVENTS[:2]]
    night.approve(*marks)
    assert outcomes(night.apply(night.plan(*marks))) == [Outcome.UNKNOWN]
    assert outcomes(night.apply(night.plan(marks[1], number=2))) == [Outcome.SKIPPED]


def test_a_months_limit_goes_by_the_accounts_own_calendar_and_says_when_it_goes_on(night: Night) -> None:
    night.account = replace(night.account, limits=ChangeLimits(changes_per_month=2))
    marks = [night.marking(name) for name in EVENTS]
    night.approve(*marks)
    first = night.apply(night.plan(*marks))
    assert outcomes(first) == [Outcome.APPLIED, Outcome.APPLIED, Outcome.SKIPPED, Outcome.SKIPPED]
    assert first.results[2].note == (
        "Left for 2026-04-01 or later: 2 changes were made in March 2026, and limits.changes_per_month of this account "
        f"allows 2. The yes of erika holds until {night.now + timedelta(days=7):%Y-%m-%d} only: it is to be reviewed again then."
    )
    # The 31st, 23:30 in Berlin, and half an hour later.
    night.sandbox.running.estate.now = int(datetime(2026, 3, 31, 21, 30, tzinfo=UTC).timestamp())
    night.approve(*marks)
    assert outcomes(night.apply(night.plan(*marks))) == [Outcome.SKIPPED] * 2
    night.pass_seconds(1800)
    assert outcomes(night.apply(night.plan(*marks))) == [Outcome.APPLIED] * 2


def test_a_rollback_is_made_beyond_a_months_limit_and_says_so(night: Night) -> None:
    night.account = replace(night.account, limits=ChangeLimits(changes_per_month=1))
    mark = night.marking("scroll")
    night.approve(mark)
    night.apply(night.plan(mark))
    back = rollback_changes(night.entries[-1])
    night.approve(*back)
    plan = replace(night.plan(*back, number=2), origin="rollback")
    applied = night.apply(plan)
    assert outcomes(applied) == [Outcome.APPLIED]
    assert applied.results[0].note == (
        "Made although limits.changes_per_month is 1 and 1 change was made in March 2026: it does not hold rollbacks back."
    )
    assert Month.of(night.entries, night.now, "Europe/Berlin").made == 1


def test_eight_threads_take_no_more_than_there_is() -> None:
    changes = Countdown(100)

    def take(_: int) -> int:
        return sum(changes.take() for _ in range(200))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 100
        list(pool.map(lambda _: changes.give_back(), range(7)))
        assert sum(pool.map(take, range(8))) == 7


def test_what_another_account_gives_back_does_not_let_later_changes_pass_earlier_ones() -> None:
    shared = Countdown(1)
    month = Month(first=date(2026, 3, 1), made=0)
    one, other = (AccountAllowance(limits=ChangeLimits(), month=month, run=shared) for _ in range(2))
    assert one.take("night") == "" and "over all accounts" in other.take("night")
    one.give_back("night")
    assert "over all accounts" in other.take("night")
    assert one.take("night") == ""


# What has moved meanwhile --------------------------------------------------------------------------------------------


def test_a_change_whose_object_has_moved_is_not_applied(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    night.ports.writer.send(night.enabling(before=HIDDEN, after=fields(status="ENABLED", primary_for_goal=True)))
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [None] and applied.results[0].allowed
    assert applied.results[0].note == (
        "Not applied: it has changed since the plan was made. action optimization: planned from Secondary to Secondary, "
        "now Primary; status: planned from hidden to enabled, now enabled. Make a fresh plan: adsync plan"
    )
    flag, status = applied.results[0].moved
    assert (flag.name, flag.before, flag.wanted, flag.now) == ("primary_for_goal", False, False, True)
    assert (status.name, status.before, status.wanted, status.now) == ("status", "HIDDEN", "ENABLED", "ENABLED")
    assert applied.exit_code == NotAllDone.exit_code
    assert night.writer.sent == [] and night.entries == ()


def test_what_is_so_already_is_recorded_without_a_call(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    night.ports.writer.send(change)
    before = night.calls("MutateConversionActions")
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [Outcome.ALREADY] and applied.exit_code == 0
    assert night.writer.sent == [] and night.calls("MutateConversionActions") == before
    assert night.entries[0].outcome is Outcome.ALREADY


def test_what_somebody_else_has_done_stays_theirs_when_the_machine_stops_while_it_is_written_down(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = night.enabling()
    night.approve(change)
    night.ports.writer.send(change)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping, suppress(KeyboardInterrupt):
        stopping.setattr(SqlLedger, "close_entry", stop)
        night.apply(night.plan(change))
    night.pass_seconds(3600)
    applying.settle(night.account, night.ports)
    assert [e.outcome for e in night.entries] == [Outcome.ALREADY]
    assert past_of(night.entries, "UTC").managed == frozenset()


def test_a_change_that_would_leave_bidding_without_a_signal_is_stopped_at_the_last_moment(night: Night) -> None:
    night.adopted(MACRO)
    demotion = a_change(Verb.DEMOTE, customer_id=night.account.customer_id, object_id=MACRO, title="Purchase (web)")
    night.approve(demotion)
    applied = night.apply(night.plan(demotion))
    assert outcomes(applied) == [None] and "no conversion left to learn from" in applied.results[0].note
    assert night.writer.sent == [] and night.action(MACRO).primary_for_goal


def test_what_has_become_the_main_conversion_since_is_left_alone(night: Night) -> None:
    night.adopted(MACRO, MIRROR)
    night.account = replace(night.account, macro=Macro(event_name="sign_up", actions=(night.action(MIRROR).name,)))
    change = night.enabling()
    night.approve(change)
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [None] and "is the main conversion" in applied.results[0].note
    assert night.writer.sent == [] and night.action(MIRROR).status == "HIDDEN"


def test_what_adsync_did_not_make_is_left_alone_whoever_approved_it(night: Night) -> None:
    promotion = a_change(Verb.PROMOTE, customer_id=night.account.customer_id, object_id=MIRROR)
    night.approve(promotion)
    applied = night.apply(night.plan(promotion))
    assert outcomes(applied) == [None] and "was not made by adsync" in applied.results[0].note
    assert night.writer.sent == []


def test_a_change_that_does_not_read_back_stays_open(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    night.writer.inner = _Deaf()
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [Outcome.UNKNOWN] and "reading back shows otherwise" in applied.results[0].note
    assert applied.exit_code == NotAllDone.exit_code
    assert night.entries[0].outcome.is_open


class _Deaf:
    """Says yes and does nothing, as Google does to a mask that was sent empty."""

    operations = 0

    def send(self, change: Change, *, validate_only: bool = False) -> Receipt:
        return Receipt(object_id=change.object_id, request_id="abc")


# Creating ------------------------------------------------------------------------------------------------------------


def test_a_created_action_is_secondary_in_the_create_call_itself(night: Night) -> None:
    change = night.creating()
    night.approve(change)
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [Outcome.APPLIED]
    estate = night.sandbox.running.estate
    made = estate.accounts[night.account.customer_id].named("adsync: Newsletter")
    assert made is not None
    assert [(flags.status, flags.primary) for flags in made.history] == [("ENABLED", False)], "it never was primary"
    assert night.calls("MutateConversionActions") == 1
    assert night.entries[0].change.object_id == str(made.id), "the log names what was made"
    assert "Put this tag on the page" in applied.results[0].note and "send_to" in applied.results[0].note


def test_a_name_that_is_taken_by_something_else_is_drift_and_nothing_is_created(night: Night) -> None:
    change = night.creating("Purchase (web)")
    night.approve(change)
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [None]
    assert "category: planned from nothing to SIGNUP, now PURCHASE" in applied.results[0].note
    assert night.writer.sent == []


def test_a_key_event_is_made_and_read_back(night: Night) -> None:
    change = night.marking()
    night.approve(change)
    assert outcomes(night.apply(night.plan(change))) == [Outcome.APPLIED]
    assert {k.event_name: k.counting_method for k in night.ports.analytics.key_events()} == {
        "purchase": "ONCE_PER_EVENT",
        "add_to_cart": "ONCE_PER_SESSION",
    }


def test_a_key_event_that_somebody_else_marks_a_moment_before_is_theirs(night: Night) -> None:
    night.approve(night.marking())
    night.writer.first = night.writer.inner
    (result,) = night.apply(night.plan(night.marking())).results
    assert result.outcome is Outcome.ALREADY and "Somebody else had marked it" in result.note
    (entry,) = night.entries
    with pytest.raises(CannotBeUndone, match="somebody else had done it"):
        rollback_changes(entry)


def test_changes_are_applied_in_the_plans_order_and_later_ones_see_earlier_ones(night: Night) -> None:
    promotion = a_change(
        Verb.PROMOTE,
        customer_id=night.account.customer_id,
        object_id=MIRROR,
        before=fields(primary_for_goal=False),
        after=fields(primary_for_goal=True),
    )
    demotion = a_change(Verb.DEMOTE, customer_id=night.account.customer_id, object_id=MACRO)
    night.adopted(MACRO, MIRROR)
    changes = (night.enabling(), promotion, demotion)
    night.approve(*changes)
    # Alone the demotion would be stopped: it would leave nothing to learn from.
    assert outcomes(night.apply(night.plan(*changes))) == [Outcome.APPLIED] * 3
    assert [change.verb for change in night.writer.sent] == [Verb.ENABLE, Verb.PROMOTE, Verb.DEMOTE]


def test_what_was_enabled_just_now_may_be_bid_on_by_the_same_plan(night: Night) -> None:
    night.adopted(MACRO)
    before, after = fields(primary_for_goal=False), fields(primary_for_goal=True)
    back = replace(night.enabling(before=before, after=after), verb=Verb.RESTORE)
    night.approve(night.enabling(), back)
    assert outcomes(night.apply(night.plan(night.enabling(), back))) == [Outcome.APPLIED] * 2
    assert night.action(MIRROR).primary_for_goal


@pytest.mark.parametrize("verb", [Verb.ENABLE, Verb.CREATE, Verb.KEY_EVENT])
def test_taking_a_change_back_leaves_the_account_as_it_was(night: Night, verb: Verb) -> None:
    def account() -> tuple[object, object]:
        actions = {(a.name, a.status, a.primary_for_goal) for a in night.ports.ads.actions() if a.status != "REMOVED"}
        return actions, set(night.ports.analytics.key_events())

    before = account()
    change = {c.verb: c for c in (night.enabling(), night.creating(), night.marking())}[verb]
    night.approve(change)
    assert outcomes(night.apply(night.plan(change))) == [Outcome.APPLIED]
    assert account() != before
    back = rollback_changes(night.entries[-1])
    night.approve(*back)
    assert outcomes(night.apply(night.plan(*back, number=2))) == [Outcome.APPLIED]
    assert account() == before


def test_a_value_is_written_read_back_and_taken_back(night: Night) -> None:
    night.adopted(MIRROR)
    was = night.action(MIRROR)
    change = a_change(
        Verb.VALUE,
        customer_id=night.account.customer_id,
        object_id=MIRROR,
        before=fields(default_value=was.default_value, always_use_default_value=False),
        after=fields(default_value=12.5, always_use_default_value=True),
    )
    night.approve(change)
    assert outcomes(night.apply(night.plan(change))) == [Outcome.APPLIED]
    now = night.action(MIRROR)
    assert now == replace(was, default_value=12.5, always_use_default_value=True)
    back = rollback_changes(night.entries[-1])
    night.approve(*back)
    assert outcomes(night.apply(night.plan(*back, number=2))) == [Outcome.APPLIED]
    assert night.action(MIRROR) == was


# Trouble -------------------------------------------------------------------------------------------------------------


def test_a_refusal_closes_its_change_and_the_next_one_goes_on(night: Night) -> None:
    impossible = a_change(
        Verb.UPDATE,
        customer_id=night.account.customer_id,
        object_id=MIRROR,
        before=fields(counting_type="MANY_PER_CLICK"),
        after=fields(counting_type="ONE_PER_CLICK"),
    )
    night.adopted(MIRROR)
    night.approve(impossible, night.marking())
    applied = night.apply(night.plan(impossible, night.marking()))
    assert outcomes(applied) == [Outcome.REFUSED, Outcome.APPLIED]
    assert applied.exit_code == NotAllDone.exit_code and applied.stopped_by is None
    (failed,) = (e for e in night.entries if e.outcome is Outcome.REFUSED)
    assert "IMMUTABLE_FIELD" in failed.note and failed.request_id in failed.note and failed.request_id


@pytest.mark.parametrize(
    ("kind", "outcome", "error"),
    [("quota", Outcome.FAILED, QuotaExhausted), ("lost", Outcome.UNKNOWN, OutcomeUnknown)],
)
def test_an_error_that_would_meet_the_next_change_too_stops_the_plan(
    night: Night, kind: str, outcome: Outcome, error: type[Exception]
) -> None:
    changes = (night.enabling(), night.marking())
    night.approve(*changes)
    night.sandbox.control.fault("MutateConversionActions", kind)
    applied = night.apply(night.plan(*changes))
    assert outcomes(applied) == [outcome]
    assert isinstance(applied.stopped_by, error)
    assert [change.verb for change in night.writer.sent] == [Verb.ENABLE]
    assert applied.exit_code == (TryAgainLater.exit_code if kind == "quota" else OutcomeUnknown.exit_code)


def test_an_unknown_outcome_keeps_googles_request_id(night: Night) -> None:
    night.approve(night.enabling())
    night.sandbox.control.fault("MutateConversionActions", "internal")
    night.apply(night.plan(night.enabling()))
    (entry,) = night.entries
    assert entry.outcome is Outcome.UNKNOWN and len(entry.request_id) > 10


class SilentOnce:
    """GA4 that lists key events, and then does not."""

    def __init__(self, analytics: Any) -> None:
        self._analytics, self.asked = analytics, 0

    def key_events(self) -> Any:
        self.asked += 1
        if self.asked == 2:
            raise GoogleUnavailable("GA4 does not answer.")
        return self._analytics.key_events()


@dataclass
class Denying:
    """Has the change made, and says no."""

    inner: Writer
    operations = 0

    def send(self, change: Change, *, validate_only: bool = False) -> Receipt:
        self.inner.send(change, validate_only=validate_only)
        raise GoogleRefused("GA4 said 400.")


def test_a_no_that_cannot_be_checked_is_no_answer_and_is_read_back_later(night: Night) -> None:
    change = night.marking()
    night.approve(change)
    real = night.ports
    night.ports = replace(real, analytics=cast("Analytics", SilentOnce(real.analytics)))
    night.writer.inner = Denying(night.writer.inner)
    applied = night.apply(night.plan(change))
    assert applied.stopped_by is not None and [e.outcome for e in night.entries] == [Outcome.UNKNOWN]
    night.pass_seconds(20 + 16 * 60)
    applying.settle(night.account, real)
    assert [e.outcome for e in night.entries] == [Outcome.APPLIED]


def test_a_machine_that_stops_during_the_call_leaves_an_open_entry(night: Night) -> None:
    night.approve(night.enabling())
    night.writer.instead = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        night.apply(night.plan(night.enabling()))
    (entry,) = night.entries
    assert (entry.outcome, entry.closed_at) == (Outcome.SENT, None)


@pytest.mark.parametrize(
    ("kind", "settled"),
    [("lost", Outcome.APPLIED), ("unavailable", Outcome.FAILED)],
    ids=["Google had made it", "Google had not made it"],
)
def test_an_unknown_outcome_is_settled_by_reading_after_the_deadline_and_never_sent_twice(
    night: Night, kind: str, settled: Outcome
) -> None:
    change = night.enabling()
    night.approve(change)
    plan = night.plan(change)
    night.sandbox.control.fault("MutateConversionActions", kind)
    night.apply(plan)
    ports = replace(night.ports, writer=night.writer)
    # The sandbox's clock stands: the deadline has not passed.
    assert applying.settle(night.account, ports) == ()
    assert night.entries[0].outcome is Outcome.UNKNOWN
    again = night.apply(plan)
    assert len(night.writer.sent) == 1, "while the outcome is open, nothing is sent"
    assert outcomes(again) == [None] and "no known outcome yet" in again.results[0].note
    assert len(night.entries) == 1, "whatever the object looks like by now: it is the first entry's to settle"
    night.pass_seconds(20 + 15 * 60 - 1)
    assert applying.settle(night.account, ports) == (), "Google may finish a call after its deadline"
    night.pass_seconds(1)
    closed = applying.settle(night.account, ports)
    assert [outcome for _, outcome in closed] == [settled]
    assert night.entries[0].outcome is settled and night.entries[0].closed_at == night.now
    assert len(night.writer.sent) == 1
    assert applying.settle(night.account, ports) == ()


def test_a_look_from_before_that_moment_settles_nothing(night: Night) -> None:
    night.approve(night.enabling())
    night.sandbox.control.fault("MutateConversionActions", "unavailable")
    night.apply(night.plan(night.enabling()))
    ports, ads = replace(night.ports, writer=night.writer), night.ports.ads
    state = ads.account_state(ads.customer(), night.now.date())
    early = Snapshot(taken_at=night.now, state=state, key_events=night.ports.analytics.key_events())
    night.sandbox.control.advance(1)
    assert applying.settle(night.account, ports, early) == ()
    assert night.entries[0].outcome is Outcome.UNKNOWN
    assert [outcome for _, outcome in applying.settle(night.account, ports)] == [Outcome.FAILED]


def test_a_change_that_google_had_not_made_may_be_sent_again_once_that_is_known(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    plan = night.plan(change)
    night.sandbox.control.fault("MutateConversionActions", "unavailable")
    night.apply(plan)
    night.sandbox.control.advance(1)
    applying.settle(night.account, night.ports)
    assert outcomes(night.apply(plan)) == [Outcome.APPLIED]
    assert [e.outcome for e in night.entries] == [Outcome.FAILED, Outcome.APPLIED]
    assert night.calls("MutateConversionActions") == 2


def test_an_object_that_somebody_else_moved_meanwhile_is_settled_as_drifted(night: Night) -> None:
    change = night.enabling()
    night.approve(change)
    night.sandbox.control.fault("MutateConversionActions", "lost")
    night.apply(night.plan(change))
    elsewhere = fields(status="ENABLED", primary_for_goal=True)
    night.ports.writer.send(night.enabling(before=HIDDEN, after=elsewhere))
    night.sandbox.control.advance(1)
    applying.settle(night.account, night.ports)
    assert night.entries[0].outcome is Outcome.DRIFTED
    assert "action optimization: planned from Secondary to Secondary, now Primary" in night.entries[0].note


def test_what_was_created_without_an_answer_is_found_by_its_name(night: Night) -> None:
    change = night.creating()
    night.approve(change)
    night.sandbox.control.fault("MutateConversionActions", "lost")
    night.apply(night.plan(change))
    night.sandbox.control.advance(1)
    applying.settle(night.account, night.ports)
    (entry,) = night.entries
    assert entry.outcome is Outcome.APPLIED
    assert night.action(entry.change.object_id).name == "adsync: Newsletter"


def test_an_action_that_google_made_after_all_is_taken_on_when_its_name_is_refused(night: Night) -> None:
    change = night.creating()
    night.approve(change)
    night.sandbox.control.fault("MutateConversionActions", "unavailable")
    night.apply(night.plan(change))
    night.pass_seconds(16 * 60)
    assert [outcome for _, outcome in applying.settle(night.account, night.ports)] == [Outcome.FAILED]
    night.writer.first = (
        night.ports.writer
    )  # what was sent first gets through at last, a moment before it is sent again
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [Outcome.APPLIED] and "taken on under its name" in applied.results[0].note
    assert "Put this tag on the page" in applied.results[0].note
    (made,) = (a for a in night.ports.ads.actions() if a.name == "adsync: Newsletter")
    assert night.entries[-1].change.object_id == made.id
    assert made.id in past_of(night.entries, "Europe/Berlin").managed


def test_an_action_that_google_made_after_all_is_taken_on_when_it_is_there_before_it_is_sent_again(
    night: Night,
) -> None:
    change = night.creating()
    night.approve(change)
    night.sandbox.control.fault("MutateConversionActions", "unavailable")
    night.apply(night.plan(change))
    night.pass_seconds(16 * 60)
    applying.settle(night.account, night.ports)
    night.ports.writer.send(change)
    assert outcomes(night.apply(night.plan(change))) == [Outcome.APPLIED]
    assert len(night.writer.sent) == 1
    assert night.entries[-1].change.object_id in past_of(night.entries, "Europe/Berlin").managed


def test_somebody_elses_action_of_the_same_name_is_not_taken_on(night: Night) -> None:
    change = night.creating()
    night.approve(change)
    night.writer.first = night.ports.writer
    applied = night.apply(night.plan(change))
    assert outcomes(applied) == [Outcome.REFUSED] and "DUPLICATE_NAME" in applied.results[0].note
    assert past_of(night.entries, "Europe/Berlin").managed == frozenset()


def test_what_may_have_been_created_is_not_asked_for_under_another_name(night: Night) -> None:
    night.sandbox.control.fault("MutateConversionActions", "lost")
    night.approve(night.creating())
    night.apply(night.plan(night.creating()))
    renamed = night.creating("micro: Newsletter")
    night.approve(renamed)
    applied = night.apply(night.plan(renamed, number=2))
    assert outcomes(applied) == [None] and "may have been created under another name" in applied.results[0].note
    assert len(night.writer.sent) == 1


def test_an_unsettled_change_holds_only_what_is_about_the_same_object(night: Night) -> None:
    night.adopted(MIRROR)
    night.writer.inner = _Deaf()
    promotion = a_change(
        Verb.PROMOTE,
        customer_id=night.account.customer_id,
        object_id=MIRROR,
        before=fields(primary_for_goal=False),
        after=fields(primary_for_goal=True),
    )
    night.approve(night.enabling(), promotion)
    applied = night.apply(night.plan(night.enabling(), promotion))
    assert outcomes(applied) == [Outcome.UNKNOWN, None]
    assert "read back first from 2026-03-02 04:16 UTC on" in applied.results[1].note
    night.writer.inner = night.ports.writer
    night.approve(night.marking())
    assert outcomes(night.apply(night.plan(night.marking(), number=2))) == [Outcome.APPLIED]


@pytest.mark.slow
def test_a_night_before_that_moment_leaves_it_open_and_goes_on_with_everything_else(night: Night) -> None:
    ports = night.ports
    planned = nightly.run_night(night.account, ports, apply=False).plan
    marks = {p.change.object_id for p in planned.changes if p.change.verb is Verb.KEY_EVENT}
    night.approve(night.marking("scroll"), *(p.change for p in planned.changes))
    night.sandbox.control.fault("createKeyEvent", "lost")
    night.apply(night.plan(night.marking("scroll"), number=9))
    (entry,) = night.entries
    again = nightly.run_night(night.account, ports)
    assert again.settled == () and again.applied is not None
    assert {r.change.object_id for r in again.applied.done} == marks - {"scroll"} != set()
    assert again.applied.unsettled == (entry,) and again.applied.exit_code == NotAllDone.exit_code
    (line,) = unsettled_lines(again.applied.unsettled)
    assert f"waits until {by_minute(entry.deadline + timedelta(minutes=15))} to be read back" in line
    night.pass_seconds(20 * 60)
    later = nightly.run_night(night.account, ports)
    assert [outcome for _, outcome in later.settled] == [Outcome.APPLIED]
    assert later.applied is not None and later.applied.unsettled == () and later.applied.exit_code == 0


def test_nothing_is_asked_of_google_when_nothing_may_be_applied(night: Night) -> None:
    before = night.sandbox.control.status()["calls"]
    night.apply(night.plan(night.enabling()))
    applying.settle(night.account, night.ports)
    assert night.sandbox.control.status()["calls"] == before


# Looking first -------------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_google_would_say_and_changes_nothing(night: Night) -> None:
    impossible = replace(
        night.creating(),
        object_id="x",
        after=fields(**{**dict(night.creating().after or ()), "name": "Purchase (web)"}),
    )
    night.approve(night.enabling(), night.marking(), impossible)
    plan = night.plan(night.enabling(), night.marking(), impossible, night.creating())
    found = night.apply(plan, dry=True)
    assert {r.name.rpartition("/")[2]: r.outcome for r in found.results} == {
        "1": Outcome.VALID, "2": Outcome.VALID, "3": Outcome.FAILED, "4": None,
    }  # fmt: skip
    assert "DUPLICATE_NAME" in next(r.note for r in found.results if r.outcome is Outcome.FAILED)
    assert night.entries == ()
    assert night.action(MIRROR).status == "HIDDEN" and len(night.ports.analytics.key_events()) == 1


def test_a_dry_run_tells_what_adsync_itself_would_leave(night: Night) -> None:
    night.approve(night.enabling(), night.marking())
    plan = night.plan(night.enabling(), night.marking())
    night.account = replace(night.account, limits=ChangeLimits(changes_per_run=1))
    first, second = night.apply(plan, dry=True).results
    assert first.outcome is Outcome.VALID and second.outcome is Outcome.SKIPPED and "changes_per_run" in second.note
    night.account = replace(night.account, macro=Macro(event_name="purchase_mirror", actions=("Another",)))
    protected = night.apply(night.plan(night.enabling()), dry=True).results[0]
    assert protected.outcome is None and "is the main conversion" in protected.note
    assert night.entries == ()


def test_what_follows_in_a_dry_run_is_looked_at_as_if_it_were_done(night: Night) -> None:
    change = night.enabling()
    back = change.inverse()
    night.approve(change, back)
    found = night.apply(night.plan(change, back), dry=True)
    assert outcomes(found) == [Outcome.VALID, Outcome.VALID] and night.action(MIRROR).status == "HIDDEN"
