"""What has become of an account's settings between two days, and who made each difference: adsync or somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.difference import THERE, Difference, Moved, differences
from adsync.model.log import ChangeLogEntry
from adsync.model.pulled import SettingsCopy
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
    entries = [e for e in state.ledger.entries([account.customer_id]) if e.outcome.is_done]
    return tuple(
        _told(difference, before, now, entries)
        for before, now in pairwise(copies)
        for difference in differences(before.snapshot, now.snapshot)
    )


def _told(difference: Difference, before: SettingsCopy, now: SettingsCopy, entries: Sequence[ChangeLogEntry]) -> Moved:
    after, until = now.unchanged_until or before.snapshot.taken_at, now.snapshot.taken_at
    made = next((e for e in reversed(entries) if after <= e.opened_at <= until and _is_about(e, difference)), None)
    return Moved(difference=difference, after=after, until=until, entry_id=made.id if made is not None else None)


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
