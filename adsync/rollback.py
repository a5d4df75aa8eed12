"""Plans to take a change back: a rollback is a plan like any other, reviewed and applied as such."""

from __future__ import annotations

from collections.abc import Sequence

from adsync.changelog import current_snapshot, done_changes, past_of, rollback_changes
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.change import Change
from adsync.model.log import Past
from adsync.model.plan import Plan
from adsync.model.pulled import Snapshot
from adsync.plan import make_plan
from adsync.plan.guard import not_ours
from adsync.ports import Clock, State
from adsync.pull import read_history


def plan_rollback(entry_id: int, accounts: Sequence[Account], state: State, clock: Clock) -> tuple[Account, Plan]:
    """The stored plan that takes an entry of the change log back, made against the settings as last copied.

    Earlier rollbacks that were not carried out yet stay in it.

    Raises UsageError for an unknown entry, Refused when a guard says no.
    """
    entry = state.ledger.entry(entry_id)
    if entry is None:
        raise UsageError(f"The change log has no entry {entry_id}.", next_step="See them with: adsync log")
    account = next((a for a in accounts if a.customer_id == entry.customer_id), None)
    snapshot = current_snapshot(account, state) if account is not None else None
    if account is None or snapshot is None:
        raise UsageError(f"Entry {entry_id} is of account {entry.customer_id}, which is not in the config.")
    night = snapshot.state.as_of
    history = read_history(account, snapshot.state, state.numbers, night)
    past = past_of(state.ledger.entries([account.customer_id]), snapshot.state.customer.time_zone)
    plan = make_plan(
        account,
        snapshot.state,
        _with_earlier_rollbacks(rollback_changes(entry), account, state, snapshot, past),
        past,
        now=clock.now(),
        number=state.ledger.next_plan_number(account.name, night),
        recent=history.recent,
        origin="rollback",
    )
    state.ledger.store_plan(plan)
    return account, plan


def _with_earlier_rollbacks(
    changes: tuple[Change, ...], account: Account, state: State, snapshot: Snapshot, past: Past
) -> tuple[Change, ...]:
    """These changes, and those of the newest rollback plan that are still to be done and still adsync's to do."""
    earlier = state.ledger.newest_plan(account.customer_id, "rollback")
    done = done_changes(account, state)
    pending = [p.change for name, p in earlier.numbered() if name not in done] if earlier is not None else []
    same = {change.hash for change in changes}
    # What has left adsync's hands since is dropped: the new rollback must not fail for it.
    kept = [c for c in pending if c.hash not in same and not_ours(c, account, snapshot.state, past) is None]
    return (*changes, *kept)
