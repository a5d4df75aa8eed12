"""Plans to take a change back: a rollback is a plan like any other, reviewed and applied as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from adsync.changelog import current_snapshot, done_changes, net_rollback, past_of, rollback_changes
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.change import Change
from adsync.model.log import Past
from adsync.model.plan import Plan
from adsync.model.pulled import Snapshot
from adsync.plan import make_plan
from adsync.plan.guard import not_ours
from adsync.ports import Clock, State
from adsync.pull import read_history


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """A stored plan that takes entries back. left: why some of them stay. Without a plan nothing is to be done."""

    account: Account
    plan: Plan | None
    left: tuple[str, ...] = ()


def plan_rollback(entry_id: int, accounts: Sequence[Account], state: State, clock: Clock) -> Rollback:
    """Takes one entry of the change log back.

    Raises UsageError for an unknown entry, CannotBeUndone, and Refused when a guard says no.
    """
    entry = state.ledger.entry(entry_id)
    if entry is None:
        raise UsageError(f"The change log has no entry {entry_id}.", next_step="See them with: adsync log")
    account = _account(entry.customer_id, accounts, f"Entry {entry_id}")
    return _planned(account, _copied(account, state), rollback_changes(entry), (), state, clock)


def plan_rollback_of_plan(plan_id: str, accounts: Sequence[Account], state: State, clock: Clock) -> Rollback:
    """Takes back what was made of a plan, of a rollback's as well. Raises UsageError and Refused."""
    plan = state.ledger.plan(plan_id)
    if plan is None:
        raise UsageError(f"There is no plan {plan_id}.", next_step="See what was made of plans with: adsync log")
    account = _account(plan.customer_id, accounts, f"Plan {plan_id}")
    entries = state.ledger.entries([account.customer_id])
    made = [entry for entry in entries if entry.change_name.rpartition("/")[0] == plan_id]
    if not made:
        raise UsageError(f"Nothing was made of plan {plan_id} yet.", "There is nothing to take back.")
    return _planned(account, _copied(account, state), *net_rollback(made), state, clock)


def plan_rollback_to(day: date, account: Account, state: State, clock: Clock) -> Rollback:
    """Takes back what adsync has changed after a day of the account's own time. Raises Refused."""
    snapshot = _copied(account, state)
    zone = snapshot.state.customer.time_zone
    entries = state.ledger.entries([account.customer_id])
    later = [entry for entry in entries if business_date(entry.opened_at, zone) > day]
    return _planned(account, snapshot, *net_rollback(later), state, clock)


def _account(customer_id: str, accounts: Sequence[Account], what: str) -> Account:
    for account in accounts:
        if account.customer_id == customer_id:
            return account
    raise UsageError(f"{what} is of account {customer_id}, which is not in the config.")


def _copied(account: Account, state: State) -> Snapshot:
    snapshot = current_snapshot(account, state)
    if snapshot is None:
        raise UsageError(f"Nothing is known of {account.name} yet.", next_step="Copy it: adsync pull")
    return snapshot


def _planned(
    account: Account, snapshot: Snapshot, changes: tuple[Change, ...], left: tuple[str, ...], state: State, clock: Clock
) -> Rollback:
    """Made against the settings as last copied; earlier rollbacks that were not carried out yet stay in the plan."""
    if not changes:
        return Rollback(account=account, plan=None, left=left)
    night = snapshot.state.as_of
    history = read_history(account, snapshot.state, state.numbers, night)
    past = past_of(state.ledger.entries([account.customer_id]), snapshot.state.customer.time_zone)
    plan = make_plan(
        account,
        snapshot.state,
        _with_earlier_rollbacks(changes, account, state, snapshot, past),
        past,
        now=clock.now(),
        number=state.ledger.next_plan_number(account.name, night),
        recent=history.recent,
        origin="rollback",
    )
    state.ledger.store_plan(plan)
    return Rollback(account=account, plan=plan, left=left)


def _with_earlier_rollbacks(
    changes: tuple[Change, ...], account: Account, state: State, snapshot: Snapshot, past: Past
) -> tuple[Change, ...]:
    """These changes, and those of the newest rollback plan that are still to be done and still adsync's to do."""
    earlier = state.ledger.newest_plan(account.customer_id, "rollback")
    done = done_changes(account, state)
    settled = done.union(earlier.edited if earlier is not None else ())
    pending = [p.change for name, p in earlier.numbered() if name not in settled] if earlier is not None else []
    same = {(change.kind, change.object_id, change.verb) for change in changes}
    # What has left adsync's hands since is dropped: the new rollback must not fail for it.
    kept = [
        c
        for c in pending
        if (c.kind, c.object_id, c.verb) not in same and not_ours(c, account, snapshot.state, past) is None
    ]
    return (*changes, *kept)
