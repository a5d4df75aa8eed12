"""Plans to bring a helper back to how adsync left it, where somebody else has switched it and a hold says so."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from adsync.changelog import done_changes, past_of, targets_before
from adsync.errors import Refused
from adsync.model.account import Account
from adsync.model.change import ACTION
from adsync.model.group import bundled
from adsync.model.holds import KnownHold
from adsync.model.plan import ASKED, Plan
from adsync.plan.restoring import restoring
from adsync.planning import Asked, copied, drop, plan_asked
from adsync.ports import Clock, State


def plan_restoring(known: KnownHold, account: Account, state: State, clock: Clock) -> Asked:
    """The plan that undoes what a hold is about; none where it stands as it was left by now.

    Raises Refused for a hold about something else, CannotBeUndone for what was removed, and Refused when a guard says no.
    """
    if not known.restorable:
        raise Refused(
            f"Hold {known.id} is about nothing that adsync could put back: {known.hold.saw}",
            "It puts back conversion actions of its own that were switched by hand.",
            next_step=known.todo,
        )
    snapshot = copied(account, state)
    zone = snapshot.state.customer.time_zone
    entries = state.ledger.entries([account.customer_id])
    past = past_of(entries, zone)
    left = next((each for each in past.left if each.action_id == known.hold.about), None)
    action = snapshot.state.action(known.hold.about)
    changes = (
        restoring(account, action, left, snapshot.state.owner_id) if left is not None and action is not None else ()
    )
    # Fixed targets belong where they stood before the night that found it switched.
    found = datetime.combine(known.seen_on, time.min, ZoneInfo(zone))
    then = state.numbers.settings_at(account.customer_id, found)
    stood = targets_before(then, entries, found, zone)
    return plan_asked(account, snapshot, changes, state, clock, ASKED, stood=stood)


def drop_restoring(known: KnownHold, account: Account, state: State, clock: Clock) -> tuple[Plan, Plan] | None:
    """Takes out of the open plan what would undo what a hold is about: the plan as it was, and what is left of it.

    None where nothing of the kind waits. It is not refused: the same change may be right for another reason later.
    """
    plan = state.ledger.newest_plan(account.customer_id, ASKED)
    if plan is None or not known.restorable:
        return None
    done = done_changes(account, state)
    waiting = bundled((name, p) for name, p in plan.numbered() if name not in done and not p.change.is_kept_here)
    stale = [b for b in waiting if any((p.change.kind, p.change.object_id) == (ACTION, known.hold.about) for _, p in b)]
    if not stale:
        return None
    return plan, drop(plan, {*done, *(name for bundle in stale for name, _ in bundle)}, state, clock)
