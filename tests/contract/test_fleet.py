"""Many accounts at once against one sandbox: trouble stays where it is, the budget holds, and two runs never meet."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from adsync import applying, nightly
from adsync.decide.demand import standing
from adsync.errors import AccessDenied, AdsyncError, GoogleUnavailable, Locked, QuotaExhausted, StateError
from adsync.fleet import FleetReport, run_fleet
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.change import fields
from adsync.model.decision import Conclusion, Counters, DemandDecision, Verb, next_check
from adsync.model.log import Outcome
from adsync.model.plan import Consent, PlannedChange
from adsync.model.policy import Policy
from adsync.model.pulled import Report
from adsync.operations import READS_PER_NIGHT
from adsync.ports import Ports
from adsync.pull import pull_account
from adsync.review import verdicts
from adsync.state.runs import SqlRuns
from adsync.wiring import Wiring
from tests.builders import a_change, a_mark, a_plan, a_steady_series, what_is_read
from tests.sandboxes import LocalSandbox, local_sandbox


@pytest.fixture
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """A manager with three shops."""
    with local_sandbox(tmp_path_factory.mktemp("fleet"), accounts=3) as sandbox:
        yield sandbox


def wiring_of(sandbox: LocalSandbox, *, broken: str = "", **limits: Any) -> Wiring:
    """adsync for all accounts of the sandbox. broken: the account that names a property which is not its own."""
    settings = sandbox.settings
    accounts = tuple(replace(a, property_id="399999999") if a.name == broken else a for a in settings.accounts)
    changed = settings.limits.model_copy(update={"first_wait_seconds": 0.01, **limits})
    return Wiring(replace(settings, accounts=accounts, limits=changed))


def pull_all(wiring: Wiring) -> FleetReport[Any]:
    return run_fleet(wiring.settings.accounts, wiring, "pull", pull_account)


def look_at_all(wiring: Wiring) -> FleetReport[Any]:
    """One call to each of Google's products for every account: quicker than a pull."""
    return run_fleet(
        wiring.settings.accounts, wiring, "pull", lambda _, p: (p.ads.customer().name, p.analytics.key_events())
    )


def named(report: FleetReport[Any]) -> dict[str, str]:
    """Each account and what became of it."""
    return {
        o.account.name: "done" if o.result is not None else type(o.error).__name__ if o.error else "left out"
        for o in report.outcomes
    }


def rows(sandbox: LocalSandbox, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(sandbox.directory / "adsync.db") as connection:
        return list(connection.execute(query))


# Trouble -------------------------------------------------------------------------------------------------------------


def test_one_broken_account_does_not_stop_the_others(three: LocalSandbox) -> None:
    wiring = wiring_of(three, broken="shop-2")
    report = pull_all(wiring)
    assert named(report) == {"shop-1": "done", "shop-2": "AccessDenied", "shop-3": "done"}
    assert report.exit_code == 5
    assert "399999999" in str(report.outcomes[1].error)
    night = three.control.now().date()
    numbers = wiring.state.numbers
    pulled = [numbers.newest_copies(a.customer_id, night) for a in wiring.settings.accounts]
    assert Report.EVENTS in pulled[0] and Report.EVENTS not in pulled[1] and Report.EVENTS in pulled[2]


@pytest.mark.parametrize("damage", ["plan SET document = '-'", "approval SET until = '-'", "memory SET counters = '-'"])
def test_what_is_damaged_of_one_account_does_not_stop_the_others(three: LocalSandbox, damage: str) -> None:
    wiring = wiring_of(three)
    for account in wiring.settings.accounts:
        change = a_change(customer_id=account.customer_id)
        wiring.state.ledger.store_plan(a_plan(change, id=f"{account.name}-1", customer_id=account.customer_id))
        planned = PlannedChange(change=change, consent=Consent.REVIEW)
        wiring.state.ledger.approve(verdicts([("x", planned)], approved=True, by="ann", now=wiring.clock.now()))
        wiring.state.memory.remember(account.customer_id, {}, CONCLUSION)
    rows(three, f"UPDATE {damage} WHERE customer_id = '{wiring.settings.accounts[1].customer_id}'")

    def read_all(account: Account, ports: Ports) -> object:
        state = ports.state
        read = (state.ledger.newest_plan, state.ledger.approvals, state.memory.counters)
        return [each(account.customer_id) for each in read]

    report = run_fleet(wiring.settings.accounts, wiring, "apply", read_all)
    assert named(report) == {"shop-1": "done", "shop-2": "Unreadable", "shop-3": "done"}
    assert damage.partition(" ")[0] in str(report.outcomes[1].error)


def test_what_became_of_each_account_is_in_the_run_record(three: LocalSandbox) -> None:
    report = pull_all(wiring_of(three, broken="shop-2"))
    records = rows(three, "select customer_id, outcome, operations, error from account_run order by customer_id")
    assert [(c, outcome) for c, outcome, _, _ in records] == [
        ("1000000001", "done"),
        ("1000000002", "failed"),
        ("1000000003", "done"),
    ]
    assert [operations for _, _, operations, _ in records] == [o.operations for o in report.outcomes]
    assert "AccessDenied" in records[1][3]
    ((command, outcome, operations),) = rows(three, "select command, outcome, operations from run")
    assert (command, outcome, operations) == ("pull", "troubled", report.operations)


def test_a_defect_of_adsync_in_one_account_is_told_and_stays_there(three: LocalSandbox) -> None:
    wiring = wiring_of(three)

    def work(account: Account, ports: Ports) -> str:
        if account.name == "shop-1":
            raise ZeroDivisionError("division by zero")
        return ports.ads.customer().name

    report = run_fleet(wiring.settings.accounts, wiring, "pull", work)
    assert [o.result for o in report.outcomes] == [None, "Sandbox shop 2", "Sandbox shop 3"]
    error = report.outcomes[0].error
    assert error is not None and "defect of adsync: ZeroDivisionError" in str(error)
    assert report.exit_code == 5


def test_a_google_that_is_down_for_one_account_is_up_for_the_next(three: LocalSandbox) -> None:
    wiring = wiring_of(three, threads=1, attempts=2)
    three.control.fault("listKeyEvents", "unavailable", times=2)
    report = look_at_all(wiring)
    assert named(report) == {"shop-1": "GoogleUnavailable", "shop-2": "done", "shop-3": "done"}
    assert named(look_at_all(wiring)) == {"shop-1": "done", "shop-2": "done", "shop-3": "done"}


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ((None, None, None), 0),
        ((AccessDenied("x"), None, None), 5),
        ((GoogleUnavailable("x"), QuotaExhausted("x"), GoogleUnavailable("x")), 6),
        ((GoogleUnavailable("x"), AccessDenied("x"), GoogleUnavailable("x")), 1),
        ((AccessDenied("x"), AccessDenied("x"), AccessDenied("x")), 1),
    ],
)
def test_the_exit_code_says_whether_trying_again_may_help(
    three: LocalSandbox, errors: tuple[AdsyncError | None, ...], code: int
) -> None:
    wiring = wiring_of(three)
    by_name = dict(zip([a.name for a in wiring.settings.accounts], errors, strict=True))

    def work(account: Account, _: Ports) -> str:
        error = by_name[account.name]
        if error is not None:
            raise error
        return "fine"

    assert run_fleet(wiring.settings.accounts, wiring, "pull", work).exit_code == code


def test_outcomes_stand_in_the_order_of_the_config_whoever_is_done_first(three: LocalSandbox) -> None:
    wiring = wiring_of(three)
    together = threading.Barrier(3)
    turn = {name: threading.Event() for name in ("shop-1", "shop-2", "shop-3")}
    turn["shop-3"].set()
    finished: list[str] = []

    def work(account: Account, _: Ports) -> str:
        together.wait(timeout=20)  # all three are at work at once
        turn[account.name].wait(timeout=20)
        return account.name

    def one_more(account: Account) -> None:
        finished.append(account.name)
        if account.name != "shop-1":
            turn[f"shop-{int(account.name[-1]) - 1}"].set()

    report = run_fleet(wiring.settings.accounts, wiring, "pull", work, finished=one_more)
    assert finished == ["shop-3", "shop-2", "shop-1"]
    assert [o.result for o in report.outcomes] == ["shop-1", "shop-2", "shop-3"]


def test_a_thread_keeps_its_ga4_client_for_all_properties_and_shares_it_with_no_other_thread(
    three: LocalSandbox,
) -> None:
    wiring = wiring_of(three, threads=3)
    together = threading.Barrier(3)

    def clients_of(properties: list[str]) -> set[int]:
        found = {id(wiring.analytics("default", each)._data) for each in properties}
        together.wait(timeout=20)  # a thread that has ended may give its place in memory away
        return found

    properties = [a.property_id for a in wiring.settings.accounts]
    with ThreadPoolExecutor(3) as pool:
        each = list(pool.map(clients_of, [properties] * 3))
    assert [len(found) for found in each] == [1, 1, 1]
    assert len(set.union(*each)) == 3


# The budget ----------------------------------------------------------------------------------------------------------


def test_a_plain_night_uses_the_operations_that_were_foreseen(three: LocalSandbox) -> None:
    wiring = wiring_of(three)
    report = run_fleet(wiring.settings.accounts, wiring, "sync", nightly.run_night)
    assert named(report) == {"shop-1": "done", "shop-2": "done", "shop-3": "done"}
    assert [o.operations for o in report.outcomes] == [READS_PER_NIGHT] * 3
    assert report.operations == report.operations_planned == 3 * READS_PER_NIGHT
    calls = three.control.status()["calls"]
    assert sum(count for name, count in calls.items() if name.startswith("ads ")) == report.operations


def test_the_budget_leaves_accounts_out_and_says_so(three: LocalSandbox) -> None:
    wiring = wiring_of(three, operations_per_day=2 * READS_PER_NIGHT + 5)
    report = pull_all(wiring)
    assert named(report) == {"shop-1": "done", "shop-2": "done", "shop-3": "left out"}
    assert report.exit_code == 5 and report.operations_planned == 3 * READS_PER_NIGHT
    assert "budget" in report.outcomes[2].skipped and "27 were left" in report.outcomes[2].skipped
    assert wiring.state.numbers.newest_copies("1000000003", three.control.now().date()) == {}


def test_the_budget_is_of_the_last_24_hours(three: LocalSandbox) -> None:
    wiring = wiring_of(three, operations_per_day=3 * READS_PER_NIGHT)
    assert pull_all(wiring).exit_code == 0
    before = three.control.status()["calls"]
    spent = pull_all(wiring)
    assert set(named(spent).values()) == {"left out"}
    assert (spent.exit_code, spent.operations_left) == (6, 0), "tomorrow it will work"
    assert three.control.status()["calls"] == before
    three.control.advance(1)
    assert pull_all(wiring).exit_code == 0


def test_accounts_whose_evidence_is_due_come_first(three: LocalSandbox) -> None:
    wiring = wiring_of(three)
    first, *_ = wiring.settings.accounts
    run_fleet([first], wiring, "sync", nightly.run_night)
    three.control.advance(2)
    tight = wiring_of(three, operations_per_day=2 * READS_PER_NIGHT)
    assert named(pull_all(tight)) == {"shop-1": "left out", "shop-2": "done", "shop-3": "done"}


def test_a_check_is_due_by_the_days_of_the_account_and_not_by_those_of_utc(three: LocalSandbox) -> None:
    wiring = wiring_of(three)
    assert pull_all(wiring).exit_code == 0
    three.control.advance(10)
    now = wiring.clock.now()
    late = datetime.combine(now.date(), time(23, 30), UTC)
    three.running.estate.now += int((late - now).total_seconds())
    begun = late.date() + timedelta(days=1)
    assert business_date(wiring.clock.now(), "Europe/Berlin") == begun, "in Berlin the day of the check has begun"
    for account in wiring.settings.accounts:
        checked_on = begun - timedelta(days=7 if account.name == "shop-3" else 6)
        counters = {"account": Counters(checked_on=checked_on)}
        wiring.state.memory.remember(account.customer_id, counters, CONCLUSION)
    tight = wiring_of(three, operations_per_day=READS_PER_NIGHT)
    assert named(pull_all(tight)) == {"shop-1": "left out", "shop-2": "left out", "shop-3": "done"}


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """A manager with twelve shops."""
    with local_sandbox(tmp_path_factory.mktemp("twelve"), accounts=12) as sandbox:
        yield sandbox


DEMAND = DemandDecision(verdict="keep", weighed=standing(Policy(), what_is_read(a_steady_series(30))))
CONCLUSION = Conclusion(as_of=date(2026, 3, 2), settings="f", demand=DEMAND)


class Nights:
    """A fleet whose budget reaches for four accounts a day; each run costs what a night is foreseen to."""

    def __init__(self, sandbox: LocalSandbox, folder: Path) -> None:
        self.sandbox = sandbox
        limits = sandbox.settings.limits.model_copy(update={"operations_per_day": 4 * READS_PER_NIGHT})
        self.wiring = Wiring(replace(sandbox.settings, limits=limits, state=f"sqlite:///{folder / 'fleet.db'}"))
        self.failing: frozenset[str] = frozenset()

    def run(self) -> FleetReport[Any]:
        """One run, a day after the one before."""
        self.sandbox.running.estate.now += 86_400

        def work(account: Account, ports: Ports) -> str:
            for _ in range(READS_PER_NIGHT):
                ports.ads.customer()
            if account.name in self.failing:
                raise AccessDenied("No access.")
            memory = ports.state.memory
            counters = memory.counters(account.customer_id)
            if next_check(counters, 7) <= ports.clock.now().date():
                counters = {"conversions": Counters(checked_on=ports.clock.now().date())}
            memory.remember(account.customer_id, counters, CONCLUSION)
            return account.name

        return run_fleet(self.wiring.settings.accounts, self.wiring, "sync", work)

    def served(self) -> list[int]:
        """The numbers of the shops that the next run works on."""
        return [int(o.account.name[5:]) for o in self.run().outcomes if not o.skipped]


def test_a_tight_budget_serves_everybody_in_turn_and_those_due_first(twelve: LocalSandbox, tmp_path: Path) -> None:
    nights = Nights(twelve, tmp_path)
    assert [nights.served() for _ in range(3)] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
    # Nobody is due for a week: those that have waited longest come first.
    assert [nights.served() for _ in range(4)] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [1, 2, 3, 4]]
    # On the eighth night the first four are due again, although the second four have waited longer.
    assert nights.served() == [1, 2, 3, 4]


def test_accounts_that_fail_every_night_keep_nobody_waiting_for_ever(twelve: LocalSandbox, tmp_path: Path) -> None:
    nights = Nights(twelve, tmp_path)
    nights.failing = frozenset(f"shop-{number}" for number in range(1, 7))
    served = [number for _ in range(3) for number in nights.served()]
    assert sorted(served) == list(range(1, 13))


def test_those_left_out_are_told_when_their_turn_is(twelve: LocalSandbox, tmp_path: Path) -> None:
    nights = Nights(twelve, tmp_path)
    report = nights.run()
    today = nights.wiring.clock.now().date()
    told = {int(o.account.name[5:]): o.skipped for o in report.outcomes if o.skipped}
    assert sorted(told) == list(range(5, 13))
    assert f"its turn is on {today + timedelta(days=1)}, the next one." in told[5]
    assert f"its turn is on {today + timedelta(days=2)}." in told[9]


def test_a_budget_that_never_reaches_says_so(three: LocalSandbox) -> None:
    report = pull_all(wiring_of(three, operations_per_day=READS_PER_NIGHT - 1))
    assert all("Not even a whole day's budget does" in o.skipped for o in report.outcomes)


def test_repeated_calls_cannot_use_more_than_the_budget(three: LocalSandbox) -> None:
    wiring = wiring_of(three, operations_per_day=3 * READS_PER_NIGHT, threads=1, attempts=2)
    # Every call is made twice, and so costs two operations.
    three.control.faults([{"call": "SearchStream", "kind": "UNAVAILABLE", "after": n} for n in range(0, 60, 2)])
    report = run_fleet(wiring.settings.accounts, wiring, "sync", nightly.run_night)
    assert report.operations == 3 * READS_PER_NIGHT
    used = sum(n for name, n in three.control.status()["calls"].items() if name.startswith("ads "))
    assert used == report.operations
    stopped = [o.error for o in report.outcomes if isinstance(o.error, QuotaExhausted)]
    assert stopped and "adsync's own operations budget" in str(stopped[-1])


def test_the_last_operation_is_not_for_sending(three: LocalSandbox) -> None:
    wiring = wiring_of(three)
    account = wiring.settings.accounts[0]
    for left in (1, 2):
        ports = wiring.ports(account, wiring.budget(left))
        change = a_change(
            Verb.ENABLE,
            customer_id=account.customer_id,
            object_id="700000002",
            before=fields(status="HIDDEN", primary_for_goal=False),
            after=fields(status="ENABLED", primary_for_goal=False),
        )
        if left == 1:
            with pytest.raises(QuotaExhausted):
                ports.writer.send(change)
        else:
            ports.writer.send(change)
            assert ports.ads.actions(), "what was sent can be read back"


def test_a_run_makes_no_more_changes_over_all_accounts_than_it_may(three: LocalSandbox) -> None:
    wiring = wiring_of(three, threads=3, changes_per_run=4)
    for account in wiring.settings.accounts:
        marks = [a_mark(account, event) for event in ("scroll", "view_item", "sign_up")]
        now = wiring.clock.now()
        plan = a_plan(*marks, id=f"{account.name}-{now:%Y-%m-%d}-1", customer_id=account.customer_id)
        wiring.state.ledger.store_plan(replace(plan, account=account.name, made_at=now))
        wiring.state.ledger.approve(verdicts(plan.numbered(), approved=True, by="ann", now=now))
    made, codes = [], []
    for _ in range(3):
        report = run_fleet(wiring.settings.accounts, wiring, "apply", applying.apply_open_plans)
        applied = [o.result for o in report.outcomes if o.result is not None]
        made.append(sum(len(one.done) for one in applied))
        codes += [one.exit_code for one in applied]
        left = [r.note for one in applied for r in one.results if r.outcome is Outcome.SKIPPED]
        words = "Left for a later run: limits.changes_per_run allows 4 changes over all accounts in one."
        assert set(left) <= {words} and len(left) == 9 - sum(made)
    assert made == [4, 4, 1] and set(codes) == {0}


# The lease -----------------------------------------------------------------------------------------------------------


def test_a_second_run_is_refused_while_the_first_is_at_work(three: LocalSandbox) -> None:
    wiring = wiring_of(three)
    before = three.control.status()["calls"]
    everybody = [account.customer_id for account in wiring.settings.accounts]
    with wiring.runs.leases(everybody, wiring.clock.now()), pytest.raises(Locked) as caught:
        look_at_all(wiring)
    assert caught.value.exit_code == 6
    assert three.control.status()["calls"] == before
    assert rows(three, "select * from run") == []
    assert look_at_all(wiring).exit_code == 0


def test_accounts_at_which_another_run_is_at_work_are_left_to_it_with_the_operations_that_it_will_use(
    three: LocalSandbox,
) -> None:
    wiring = wiring_of(three)
    whole = look_at_all(wiring)
    second = wiring.settings.accounts[1]
    with wiring.runs.leases([second.customer_id], wiring.clock.now()):
        report = look_at_all(wiring)
    assert [type(outcome.error) for outcome in report.outcomes] == [type(None), Locked, type(None)]
    assert report.exit_code == 5 and report.outcomes[0].result is not None
    assert report.operations_left < whole.operations_left - whole.operations
    assert look_at_all(wiring).exit_code == 0


def test_an_account_that_is_done_is_free_while_the_others_are_worked_on(three: LocalSandbox) -> None:
    wiring = wiring_of(three, threads=1)
    free: list[bool] = []

    def work(account: Account, _: Ports) -> None:
        first = wiring.settings.accounts[0].customer_id
        with wiring.runs.leases([], wiring.clock.now()) as held:
            free.append(first not in held)

    assert run_fleet(wiring.settings.accounts, wiring, "look", work).exit_code == 0
    assert sorted(free) == [False, True, True]


def test_what_was_done_is_told_although_it_can_no_longer_be_written_down(
    three: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StateError("The disk is full.")

    wiring = wiring_of(three)
    for name in ("note", "end", "release"):
        monkeypatch.setattr(SqlRuns, name, full)
    report = look_at_all(wiring)
    assert all(outcome.result is not None and "disk is full" in str(outcome.error) for outcome in report.outcomes)


def test_an_interrupted_run_gives_its_lease_back_and_has_counted_what_it_used(three: LocalSandbox) -> None:
    wiring = wiring_of(three, threads=1)

    def work(account: Account, ports: Ports) -> str:
        ports.ads.customer()
        if account.name == "shop-2":
            raise KeyboardInterrupt
        return account.name

    with pytest.raises(KeyboardInterrupt):
        run_fleet(wiring.settings.accounts, wiring, "pull", work)
    assert rows(three, "select * from lease") == []
    assert wiring.runs.operations_since(wiring.clock.now() - timedelta(hours=1)) >= 1
    assert look_at_all(wiring).exit_code == 0
