"""The account as it is now: as last copied from Google, with what adsync has changed there since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.analytics import KeyEvent
from adsync.model.change import KEY_EVENT, Change
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry
from adsync.model.pulled import Snapshot, Stretch
from adsync.plan.outcome import state_after
from adsync.ports import State


def current_snapshot(account: Account, state: State) -> Snapshot | None:
    """The newest copy of the account's settings and what the change log adds to it; None before the first pull.

    The copy itself stays as it was: what a night knew, it knew before it changed anything.
    """
    copied = state.numbers.snapshot(account.customer_id)
    if copied is None:
        return None
    return with_changes(copied, state.ledger.entries([account.customer_id]))


def with_changes(copied: Snapshot, entries: Iterable[ChangeLogEntry]) -> Snapshot:
    """A copy brought up to date. entries: oldest first; those that were closed before the copy was taken are in it."""
    now = copied
    for entry in entries:
        if entry.outcome.is_done and entry.closed_at is not None and entry.closed_at >= copied.taken_at:
            now = _after(now, entry.change)
    return now


def with_own_settings(then: AccountState, entries: Iterable[ChangeLogEntry], since: datetime) -> AccountState:
    """An earlier copy of the account with the targets and goals that adsync itself has moved since: nobody else did."""
    for entry in entries:
        if entry.change.verb in (Verb.TARGET, Verb.GOAL) and entry.outcome.is_done and entry.opened_at >= since:
            then = state_after(then, entry.change)
    return then


def left_by_adsync(stretch: Stretch, entries: Iterable[ChangeLogEntry]) -> Snapshot:
    """What the copy at the end of a stretch would have found, had nobody but adsync changed anything. entries: oldest first."""
    left = stretch.before
    for entry in entries:
        done_at = entry.closed_at or entry.opened_at
        if not entry.outcome.is_done or done_at < stretch.after or entry.opened_at > stretch.until:
            continue
        # A night changes things after it has copied them; on a clock that stands still that is the same moment.
        if done_at < stretch.until or _after(stretch.now, entry.change) == stretch.now:
            left = _after(left, entry.change)
    return left


def _after(now: Snapshot, change: Change) -> Snapshot:
    if change.is_kept_here:
        return now
    if change.kind == KEY_EVENT:
        return replace(now, key_events=_key_events_after(now, change))
    if change.verb is Verb.CREATE and any(a.id == change.object_id for a in now.state.actions):
        return now  # the copy was made at the same moment and has it
    return replace(now, state=state_after(now.state, change))


def _key_events_after(now: Snapshot, change: Change) -> tuple[KeyEvent, ...]:
    if change.after is None:
        return tuple(k for k in now.key_events if k.event_name != change.event_name)
    if any(k.event_name == change.event_name for k in now.key_events):
        return now.key_events
    method = str(dict(change.after)["counting_method"])
    # Its resource name is Google's to give; the next copy has it.
    marked = KeyEvent(resource_name="", event_name=change.event_name, counting_method=method, deletable=True)
    return (*now.key_events, marked)
