"""Many accounts at once: threads, one account's trouble kept from the others, an operations budget, leases, run records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

from adsync.errors import AdsyncError, TryAgainLater
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.decision import next_check
from adsync.operations import foreseen, of_a_night, questions, turns_of, within
from adsync.ports import Ports, RunAllowance
from adsync.state.cells import Unreadable
from adsync.state.runs import AccountRun
from adsync.wiring import Wiring

if TYPE_CHECKING:
    from adsync.google.budget import Budget

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOutcome(Generic[Result]):
    """What became of one account: a result, or the error that stopped it. skipped: it was not begun, and why."""

    account: Account
    result: Result | None = None
    error: AdsyncError | None = None
    skipped: str = ""
    operations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReport(Generic[Result]):
    """What became of all accounts, in the order of the config; and Google Ads operations, foreseen and used."""

    outcomes: tuple[AccountOutcome[Result], ...]
    operations_planned: int
    operations_left: int

    @property
    def operations(self) -> int:
        return sum(o.operations for o in self.outcomes)

    @property
    def troubled(self) -> tuple[AccountOutcome[Result], ...]:
        return tuple(o for o in self.outcomes if o.error is not None or o.skipped)

    @property
    def exit_code(self) -> int:
        """0 when every account is done, 5 when some are; else 6 when trying again may help, 1 when not."""
        troubled = self.troubled
        if not troubled:
            return 0
        if len(troubled) < len(self.outcomes):
            return 5
        if all(o.error is None or isinstance(o.error, TryAgainLater) for o in troubled):
            return 6
        return troubled[0].error.exit_code if len(troubled) == 1 and troubled[0].error else 1


def run_fleet(
    accounts: Sequence[Account],
    wiring: Wiring,
    command: str,
    work: Callable[[Account, Ports], Result],
    *,
    finished: Callable[[Account], None] = lambda _: None,
) -> FleetReport[Result]:
    """Does ``work`` for every account, several at a time, each under its lease, within the budget.

    Raises Locked when another run is at work on all of them. What one account raises stays with that account.
    """
    runs, now = wiring.runs, wiring.clock.now()
    with runs.leases([a.customer_id for a in accounts], now) as held:
        free = [a for a in accounts if a.customer_id not in held]
        if accounts and not free:
            raise held[accounts[0].customer_id]
        used = runs.operations_since(now - timedelta(hours=24))
        # What other runs are at work on has not been counted as used yet.
        used += sum(foreseen(a, wiring.state, now) for a in wiring.settings.accounts if a.customer_id in held)
        left = max(wiring.settings.limits.operations_per_day - used, 0)
        needs = {a.customer_id: foreseen(a, wiring.state, now) for a in free}
        ordered = _most_urgent_first(free, wiring, needs, now)
        needs = {a.customer_id: needs[a.customer_id] + questions(a, wiring.state, now) for a in free}
        chosen = within(ordered, needs, left)
        run_id = runs.begin(command, now, sum(needs[a.customer_id] for a in chosen))
        done = _work_on(chosen, wiring, work, run_id, finished, wiring.budget(left), wiring.changes())
        waiting = [a for a in ordered if a.customer_id not in done]
        turns = turns_of(waiting, needs, wiring.settings.limits.operations_per_day)
        done |= {i: AccountOutcome(account=a, error=held[i]) for a in accounts if (i := a.customer_id) in held}
        outcomes = tuple(
            done.get(a.customer_id) or _left_out(a, left, turns[a.customer_id], now.date()) for a in accounts
        )
        report = FleetReport(outcomes=outcomes, operations_planned=sum(needs.values()), operations_left=left)
        try:
            runs.end(run_id, "done" if report.exit_code == 0 else "troubled", wiring.clock.now())
        except AdsyncError as error:
            structlog.get_logger("adsync.fleet").warning("the run's end is not noted", error=str(error))
    return report


def _most_urgent_first(
    accounts: Sequence[Account], wiring: Wiring, needs: Mapping[str, int], now: datetime
) -> list[Account]:
    """In case the budget does not reach for all: accounts whose evidence is due for weighing, then those for which a
    person has approved changes, then those that have waited longest.

    Being due counts until a run has tried: one that fails every night must not keep the others waiting for ever.
    """
    served = wiring.runs.last_served()
    never = datetime.min.replace(tzinfo=UTC)

    def urgency(account: Account) -> tuple[bool, bool, datetime]:
        last = served.get(account.customer_id, never)
        try:
            check = next_check(wiring.state.memory.counters(account.customer_id), account.policy.check_every_days)
            zone = _time_zone(account, wiring) if check > date.min else "UTC"
        except Unreadable:
            return True, True, last  # its own turn says what is wrong
        due = check <= business_date(now, zone) and (last == never or business_date(last, zone) < check)
        return not due, needs[account.customer_id] <= of_a_night(account), last

    return sorted(accounts, key=urgency)


def _time_zone(account: Account, wiring: Wiring) -> str:
    """Checks are dated by the account's own days: in one zone tonight's has begun while it is still yesterday in another."""
    snapshot = wiring.state.numbers.snapshot(account.customer_id)
    return snapshot.state.customer.time_zone if snapshot is not None else "UTC"


def _left_out(account: Account, left: int, turn: int | None, today: date) -> AccountOutcome[Result]:
    why = f"The operations budget of the last 24 hours does not reach ({left} were left at the start)."
    if turn is None:
        then = "Not even a whole day's budget does: raise limits.operations_per_day in the config."
    else:
        on = today + timedelta(days=turn)
        then = f"With a run every day its turn is on {on}" + (", the next one." if turn == 1 else ".")
    return AccountOutcome(account=account, skipped=f"{why} {then}")


def _work_on(
    accounts: Sequence[Account],
    wiring: Wiring,
    work: Callable[[Account, Ports], Result],
    run_id: int,
    finished: Callable[[Account], None],
    budget: Budget,
    changes: RunAllowance,
) -> dict[str, AccountOutcome[Result]]:
    done: dict[str, AccountOutcome[Result]] = {}
    with ThreadPoolExecutor(max_workers=wiring.settings.limits.threads) as pool:
        waiting: set[Future[AccountOutcome[Result]]] = {
            pool.submit(_one, account, wiring, work, run_id, budget, changes) for account in accounts
        }
        try:
            while waiting:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    outcome = future.result()
                    done[outcome.account.customer_id] = outcome
                    finished(outcome.account)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return done


def _one(
    account: Account,
    wiring: Wiring,
    work: Callable[[Account, Ports], Result],
    run_id: int,
    budget: Budget,
    changes: RunAllowance,
) -> AccountOutcome[Result]:
    log = structlog.get_logger("adsync.fleet")
    result: Result | None = None
    error: AdsyncError | None = None
    operations = 0
    with structlog.contextvars.bound_contextvars(run=run_id, account=account.name):
        log.info("account begins")
        try:
            ports = wiring.ports(account, budget, changes)
            try:
                result = work(account, ports)
            finally:
                operations = ports.ads.operations + ports.validator.operations + ports.writer.operations
        except AdsyncError as raised:
            error = raised
            log.info("account stopped", error=str(raised))
        except Exception as raised:
            # A defect met in one account must not cost the others their night.
            log.exception("account stopped by a defect")
            error = AdsyncError(
                f"Account {account.name} stopped by a defect of adsync: {type(raised).__name__}: {raised}.",
                next_step="Please report it with the log lines above.",
            )
        outcome = AccountOutcome(account=account, result=result, error=error, operations=operations)
        try:
            _note(wiring, run_id, outcome)
        except AdsyncError as raised:
            # What was done is told all the same, this account's and the others'.
            log.warning("the account's end is not noted", error=str(raised))
            outcome = replace(outcome, error=error or raised)
        log.info("account ends", operations=operations)
    return outcome


def _note(wiring: Wiring, run_id: int, outcome: AccountOutcome[Result]) -> None:
    """Writes down what became of an account, and lets go of it: others need not wait for the rest of the run."""
    as_of: date | None = getattr(getattr(outcome.result, "pulled", outcome.result), "as_of", None)
    wiring.runs.note(
        run_id,
        AccountRun(
            customer_id=outcome.account.customer_id,
            as_of=as_of,
            outcome="failed" if outcome.error else "done",
            operations=outcome.operations,
            error=outcome.error.as_document() if outcome.error else None,
        ),
    )
    wiring.runs.release([outcome.account.customer_id])
