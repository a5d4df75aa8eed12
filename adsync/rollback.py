"""Plans to take a change back: a rollback is a plan like any other, reviewed and applied as such."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from adsync.changelog import net_rollback, rollback_changes, targets_before
from adsync.errors import Refused, UsageError
from adsync.groups import known_group
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.change import Change, Fields
from adsync.model.decision import Verb
from adsync.model.figures import number_of
from adsync.model.group import Group, origin_of, purposes
from adsync.model.log import ChangeLogEntry
from adsync.model.plan import ROLLBACK
from adsync.model.pulled import Snapshot
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
    zone = snapshot.state.customer.time_zone
    changes = rollback_changes(entry)
    group = _moved_together(entry, account, state, zone)
    if group is None:
        return _planned([entry], changes, (), account, snapshot, state, clock)
    if len(purposes([m.change for m in group.members])) > 1:
        raise Refused(
            f"Entry {entry_id} cannot be taken back alone.",
            "It was made together with other changes, and with steps of fixed targets that make way for all of them.",
            next_step=f"Take all of it back: adsync rollback --plan {origin_of(group.name)}",
        )
    made = _made_of([group], state.ledger.entries([account.customer_id]), entry.origin)
    steps = sum(each.change.verb is Verb.TARGET for each in made)
    with_it = (
        f"Entry {entry_id} was made together with {'a step' if steps == 1 else f'{steps} steps'} of fixed targets: they go back "
        "with it, to where they stood before.",
    )
    changes, left = net_rollback(made)
    return _planned(made, changes, (*with_it, *left), account, snapshot, state, clock)


def _moved_together(entry: ChangeLogEntry, account: Account, state: State, zone: str) -> Group | None:
    """The group that an entry is of, where it has moved targets; None for a step of a target itself."""
    plan = state.ledger.plan(entry.change_name.rpartition("/")[0])
    name = next((p.group for p in plan.changes if p.change.hash == entry.change.hash), "") if plan is not None else ""
    group = known_group(account, state, name, zone) if name else None
    if group is None or entry.change.verb is Verb.TARGET:
        return None
    return group if any(m.change.verb is Verb.TARGET and m.change.hash in group.done for m in group.members) else None


def _made_of(groups: Sequence[Group], entries: Sequence[ChangeLogEntry], origin: str) -> list[ChangeLogEntry]:
    """What was made of groups, on whichever night. origin: of their plan; changes of rollbacks may have the same hashes."""
    since = {change_hash: group.planned_on for group in groups for change_hash in group.done}
    return [
        entry
        for entry in entries
        if entry.origin == origin
        and entry.change.hash in since
        and entry.opened_at.date() >= since[entry.change.hash] - timedelta(days=1)
    ]


def _planned(
    made: Sequence[ChangeLogEntry],
    changes: tuple[Change, ...],
    left: tuple[str, ...],
    account: Account,
    snapshot: Snapshot,
    state: State,
    clock: Clock,
    *,
    anew: bool = False,
) -> Asked:
    """made: what is taken back, oldest first. anew: as in `plan_asked`."""
    zone = snapshot.state.customer.time_zone
    stood = _stood_before(made, changes, account, state, zone)
    return plan_asked(account, snapshot, changes, state, clock, ROLLBACK, left, stood, anew=anew)


def _stood_before(
    made: Sequence[ChangeLogEntry], changes: Sequence[Change], account: Account, state: State, zone: str
) -> dict[tuple[str, str], Fields]:
    """Where fixed targets belong when what is taken back counts no more, or again: where they stood before it was made.

    None are known of what takes a rollback back: that one left targets to what counted then, so they are to follow anew.
    """
    about = {(c.kind, c.object_id) for c in changes if c.verb is not Verb.TARGET}
    first = next((e for e in made if e.outcome.is_done and (e.change.kind, e.change.object_id) in about), None)
    if first is None or first.origin == ROLLBACK:
        return {}
    then = state.numbers.settings_at(account.customer_id, first.opened_at)
    return targets_before(then, state.ledger.entries([account.customer_id]), first.opened_at, zone)


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
    grouped = {entry.id for entry in _made_of([g for g in known if g is not None], entries, plan.origin)}
    made = [entry for entry in entries if entry.change_name.rpartition("/")[0] == plan_id or entry.id in grouped]
    if not made:
        raise UsageError(f"Nothing was made of plan {plan_id} yet.", "There is nothing to take back.")
    changes, left = net_rollback(made)
    other_nights = sum(entry.change_name.rpartition("/")[0] != plan_id and entry.outcome.is_done for entry in made)
    if other_nights:
        beside = number_of(other_nights, "change")
        left = (f"A group goes back as a whole: so does what was made of it on other nights, {beside}.", *left)
    return _planned(made, changes, left, account, snapshot, state, clock)


def plan_rollback_to(day: date, account: Account, state: State, clock: Clock) -> Asked:
    """Takes back what adsync has changed after a day of the account's own time. Raises Refused."""
    snapshot = copied(account, state)
    zone = snapshot.state.customer.time_zone
    entries = state.ledger.entries([account.customer_id])
    later = [entry for entry in entries if business_date(entry.opened_at, zone) > day]
    changes, left = net_rollback(later)
    # The state of that day is wished for, and not what else was once asked for.
    return _planned(later, changes, left, account, snapshot, state, clock, anew=True)


def _account(customer_id: str, accounts: Sequence[Account], what: str) -> Account:
    for account in accounts:
        if account.customer_id == customer_id:
            return account
    raise UsageError(f"{what} is of account {customer_id}, which is not in the config.")
