"""Taking entries back: a rollback is a plan of inverse changes, reviewed and applied like any other."""

from __future__ import annotations

from dataclasses import replace

from adsync.errors import CannotBeUndone
from adsync.model.change import Change
from adsync.model.log import ChangeLogEntry, Outcome


def rollback_changes(entry: ChangeLogEntry) -> tuple[Change, ...]:
    """The changes that take an entry back.

    Raises CannotBeUndone when it changed nothing, its outcome is open, or Google offers no way back.
    """
    if entry.outcome.is_open:
        raise CannotBeUndone(
            f"Entry {entry.id} cannot be undone yet.",
            "It is not known whether Google made the change.",
            next_step="adsync settles it on the next run: adsync sync",
        )
    if not entry.outcome.is_done:
        raise CannotBeUndone(f"Entry {entry.id} cannot be undone.", f"It {entry.outcome}: nothing was changed.")
    if entry.outcome is Outcome.ALREADY:
        raise CannotBeUndone(
            f"Entry {entry.id} cannot be undone.",
            "It was so already: somebody else had done it, and adsync changed nothing.",
        )
    because = f"Takes back entry {entry.id} of {entry.opened_at:%Y-%m-%d}: {entry.change.verb} {entry.change.title}."
    return (replace(entry.change.inverse(), because=because),)
