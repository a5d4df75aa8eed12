"""What has become of an account's settings between two days, and who made each difference: adsync or somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from adsync.changelog import left_by_adsync, with_changes
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.decision import Verb
from adsync.model.difference import THERE, Difference, Moved, differences, is_decided_on
from adsync.model.goal import goal_title
from adsync.model.log import ChangeLogEntry
from adsync.model.pulled import SettingsCopy, Stretch, stretches
from adsync.model.target import holder
from adsync.ports import State


def moved_between(account: Account, state: State, first: date, last: date) -> tuple[Moved, ...]:
    """Every difference between two copies that follow each other, from the newest copy of the first night on, oldest first.

    Raises UsageError where there is no copy to begin with.
    """
    copies = state.numbers.settings_copies(account.customer_id, first, last)
    if not copies:
        raise UsageError(
            f"The settings of {account.name} were not copied yet by {last}.",
            next_step="Every night copies them: adsync sync",
        )
    return tuple(moved for moved, _ in _moved(account, state, copies))


def outside(account: Account, state: State, since: datetime) -> tuple[Moved, ...]:
    """What others have changed of what adsync decides on, as found by copies since a moment, oldest first.

    Budgets, and what came with something else, such as the goal of a new category, are left out: moved_between has them.
    """
    # A night's date may lie a day before the moment at which it was copied; the copy before that is what it is held against.
    first = max(since.date(), date.min + timedelta(days=2)) - timedelta(days=2)
    copies = state.numbers.settings_copies(account.customer_id, first, date.max)
    return tuple(
        moved
        for moved, now in _moved(account, state, copies)
        if moved.until >= since and moved.entry_id is None and is_decided_on(moved.difference, now)
    )


def not_copied_yet(account: Account, state: State, last: date) -> tuple[ChangeLogEntry, ...]:
    """What adsync has changed since the newest copy, where that is of this day or an earlier one: the next copy shows it."""
    copied = state.numbers.snapshot(account.customer_id)
    if copied is None or copied.state.as_of > last:
        return ()
    entries = state.ledger.entries([account.customer_id], since=copied.taken_at)
    return tuple(entry for entry in entries if with_changes(copied, [entry]) != copied)


def _moved(account: Account, state: State, copies: Sequence[SettingsCopy]) -> Iterator[tuple[Moved, AccountState]]:
    """Each difference between two copies that follow each other, with the newer one's settings."""
    entries = state.ledger.entries([account.customer_id]) if copies else ()
    # What is kept here only, such as an adoption, moves nothing at Google.
    sent = [e for e in entries if e.outcome.is_done and not e.change.is_kept_here]
    for stretch in stretches(copies):
        overruled = dict(_overruled(stretch, sent))
        for difference in differences(stretch.before, stretch.now):
            if _place(difference) not in overruled:
                yield _told(difference, stretch, sent), stretch.now.state
        for pair in overruled.values():
            for moved in pair:
                yield moved, stretch.now.state


def _overruled(
    stretch: Stretch, entries: Sequence[ChangeLogEntry]
) -> Iterator[tuple[tuple[str, str, str], tuple[Moved, Moved]]]:
    """What adsync has changed and others have changed again before the next copy, which shows neither of the two."""
    left = left_by_adsync(stretch, entries)
    ours = {_place(d): d for d in differences(stretch.before, left)}
    for theirs in differences(left, stretch.now) if ours else ():
        made = _made(ours[place], stretch, entries) if (place := _place(theirs)) in ours else None
        if made is not None:
            moment = made.closed_at or made.opened_at
            yield (
                place,
                (
                    Moved(difference=ours[place], after=made.opened_at, until=moment, entry_id=made.id),
                    Moved(difference=theirs, after=moment, until=stretch.until),
                ),
            )


def _place(difference: Difference) -> tuple[str, str, str]:
    return difference.kind, difference.object_id, difference.field


def _made(difference: Difference, stretch: Stretch, entries: Sequence[ChangeLogEntry]) -> ChangeLogEntry | None:
    """The entry that made a difference."""
    holders = {c.id: holder(c) for c in stretch.now.state.campaigns}
    return next(
        (
            e
            for e in reversed(entries)
            if stretch.after <= e.opened_at <= stretch.until
            and (_is_about(e, difference) or _moved_target(e, difference, holders))
        ),
        None,
    )


def _told(difference: Difference, stretch: Stretch, entries: Sequence[ChangeLogEntry]) -> Moved:
    made = _made(difference, stretch, entries)
    led = _led_to(difference, stretch.before.state, stretch.now.state) if made is None else ()
    before = [e for e in entries if e.opened_at <= stretch.until]
    first = next((e for e in reversed(before) if any(_brought(e, a) for a in led)), None)
    return Moved(
        difference=difference,
        after=stretch.after,
        until=stretch.until,
        entry_id=made.id if made is not None else None,
        follows=first.id if first is not None else None,
    )


def _led_to(difference: Difference, before: AccountState, now: AccountState) -> tuple[ConversionAction, ...]:
    """The new actions with which a difference came: an action that is there by itself, a goal by the first action in it."""
    if difference.field != THERE or not difference.after:
        return ()
    came = (a for a in now.actions if before.action(a.id) is None)
    match difference.kind:
        case "conversion_action":
            return tuple(a for a in came if a.id == difference.object_id)
        case "goal" | "campaign_goal":
            return tuple(a for a in came if difference.object_id.endswith(goal_title(a.goal)))
        case _:
            return ()


def _brought(entry: ChangeLogEntry, action: ConversionAction) -> bool:
    """Whether an action is there because of an entry: made by it, or by Google from the key event that it marked."""
    change = entry.change
    if change.verb is Verb.CREATE:
        return action.name == change.title
    is_mirror = (action.ga4_property_id, action.ga4_event_name) == (change.property_id, change.event_name)
    return change.verb is Verb.KEY_EVENT and is_mirror


def _moved_target(entry: ChangeLogEntry, difference: Difference, holders: Mapping[str, tuple[str, str]]) -> bool:
    """Whether an entry moved just this target. holders: of each campaign's target, by the campaign's id."""
    change = entry.change
    if change.verb is not Verb.TARGET or difference.kind != "campaign":
        return False
    moved = {field.rpartition(".")[2]: value for field, value in change.after or ()}
    mine = holders.get(difference.object_id) == (change.kind, change.object_id)
    return mine and moved.get(difference.field) == difference.after


def _is_about(entry: ChangeLogEntry, difference: Difference) -> bool:
    """Whether an entry set just this. What was created goes by its title: its id was Google's to give."""
    change = entry.change
    named = difference.object_id == change.object_id or difference.title == change.title
    if change.kind != difference.kind or not named:
        return False
    if difference.field == THERE:
        came, went = change.before is None, change.after is None
        return came if difference.after else went
    if change.after is None:
        return difference.field == "status" and difference.after == "REMOVED"
    return dict(change.after).get(difference.field) == difference.after
