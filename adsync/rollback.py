"""Plans to take a change back: a rollback is a plan like any other, reviewed and applied as such."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from adsync.changelog import net_rollback, rollback_changes
from adsync.errors import UsageError
from adsync.groups import known_group
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.decision import Verb
from adsync.model.group import origin_of
from adsync.model.log import ChangeLogEntry
from adsync.model.plan import ROLLBACK
from adsync.planning import Asked, copied, plan_asked
from adsync.ports import Clock, State


def plan_rollback(entry_id: int, accounts: Sequence[Account], state: State, clock: Clock) -> Asked:
    """Takes one entry of the change log back.

    Raises UsageError for an unknown entry, CannotBeUndone, and Refused when a guard says no.
    """
    entry = state.ledger.entry(entry_id)
    if entry is None:
        raise UsageError(f"The change log has no entry {entry_id}.", next_step="See them with: adsync log")
    account = _account(entry.customer_id, accounts, f"Entry {entry_id}")
    snapshot = copied(account, state)
    left = _left_of_group(entry, account, state, snapshot.state.customer.time_zone)
    return plan_asked(account, snapshot, rollback_changes(entry), state, clock, ROLLBACK, left)


def _left_of_group(entry: ChangeLogEntry, account: Account, state: State, zone: str) -> tuple[str, ...]:
    """What taking one entry back does not restore: the targets that were moved together with it."""
    plan = state.ledger.plan(entry.change_name.rpartition("/")[0])
    name = next((p.group for p in plan.changes if p.change.hash == entry.change.hash), "") if plan is not None else ""
    group = known_group(account, state, name, zone) if name else None
    if group is None or entry.change.verb is Verb.TARGET:
        return ()
    moved = sum(m.change.verb is Verb.TARGET and m.change.hash in group.done for m in group.members)
    if not moved:
        return ()
    return (
        f"Entry {entry.id} was made together with {'a step' if moved == 1 else f'{moved} steps'} of fixed targets, which are not "
        "taken back here: where a campaign's target has to follow, steps from where it stands now are worked out anew. To go "
        f"back to the targets of before as well:  adsync rollback --plan {origin_of(name)}",
    )


def plan_rollback_of_plan(plan_id: str, accounts: Sequence[Account], state: State, clock: Clock) -> Asked:
    """Takes back what was made of a plan, of a rollback's as well, and all that was made of its groups on later nights.

    Raises UsageError and Refused.
    """
    plan = state.ledger.plan(plan_id)
    if plan is None:
        raise UsageError(f"There is no plan {plan_id}.", next_step="See what was made of plans with: adsync log")
    account = _account(plan.customer_id, accounts, f"Plan {plan_id}")
    entries = state.ledger.entries([account.customer_id])
    snapshot = copied(account, state)
    known = [
        known_group(account, state, name, snapshot.state.customer.time_zone)
        for name in dict.fromkeys(p.group for p in plan.changes if p.group)
    ]
    grouped = {change_hash: group.planned_on for group in known if group is not None for change_hash in group.done}
    made = [
        entry
        for entry in entries
        if entry.change_name.rpartition("/")[0] == plan_id
        or (
            entry.origin == plan.origin
            and entry.change.hash in grouped
            and entry.opened_at.date() >= grouped[entry.change.hash] - timedelta(days=1)
        )
    ]
    if not made:
        raise UsageError(f"Nothing was made of plan {plan_id} yet.", "There is nothing to take back.")
    changes, left = net_rollback(made)
    return plan_asked(account, snapshot, changes, state, clock, ROLLBACK, left)


def plan_rollback_to(day: date, account: Account, state: State, clock: Clock) -> Asked:
    """Takes back what adsync has changed after a day of the account's own time. Raises Refused."""
    snapshot = copied(account, state)
    zone = snapshot.state.customer.time_zone
    entries = state.ledger.entries([account.customer_id])
    later = [entry for entry in entries if business_date(entry.opened_at, zone) > day]
    changes, left = net_rollback(later)
    return plan_asked(account, snapshot, changes, state, clock, ROLLBACK, left)


def _account(customer_id: str, accounts: Sequence[Account], what: str) -> Account:
    for account in accounts:
        if account.customer_id == customer_id:
            return account
    raise UsageError(f"{what} is of account {customer_id}, which is not in the config.")
