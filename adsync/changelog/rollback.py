"""Taking entries back: a rollback is a plan of inverse changes, reviewed and applied like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adsync.errors import CannotBeUndone
from adsync.model.change import STANDS_FOR, Change
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry, Outcome, by_minute
from adsync.model.verb_words import doing

_FLAG = frozenset({Verb.PROMOTE, Verb.RESTORE, Verb.DEMOTE})
_STATUS = frozenset({Verb.ENABLE, Verb.HIDE})


def rollback_changes(entry: ChangeLogEntry) -> tuple[Change, ...]:
    """The changes that take an entry back.

    Raises CannotBeUndone when it changed nothing, its outcome is open, or Google offers no way back.
    """
    if entry.outcome.is_open:
        raise CannotBeUndone(
            f"Entry {entry.id} cannot be undone yet.",
            "It is not known whether Google made the change.",
            next_step=f"adsync settles it from {by_minute(entry.readable_from)} on: adsync sync",
        )
    if not entry.outcome.is_done:
        raise CannotBeUndone(f"Entry {entry.id} cannot be undone.", f"It {entry.outcome}: nothing was changed.")
    if entry.outcome is Outcome.ALREADY:
        raise CannotBeUndone(
            f"Entry {entry.id} cannot be undone.",
            "It was so already: somebody else had done it, and adsync changed nothing.",
        )
    because = f"Takes back entry {entry.id} of {entry.opened_at:%Y-%m-%d}: {doing(entry.change)}."
    return (replace(entry.change.inverse(), because=because),)


def net_rollback(entries: Sequence[ChangeLogEntry]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The changes that take several entries of one account back, and why some of them stay.

    entries: oldest first. What was moved several times goes in one step to where it was before the first of them; what
    stands there again is left alone. Changes of one object that set different fields stay apart.
    """
    found: dict[tuple[str, str, frozenset[str]], Change] = {}
    left: list[str] = []
    for entry in reversed(entries):
        if not entry.outcome.is_open and entry.outcome is not Outcome.APPLIED:
            continue  # it changed nothing
        try:
            (back,) = rollback_changes(entry)
        except CannotBeUndone as error:
            left.append(str(error))
            continue
        key = (back.kind, back.object_id, frozenset(dict(back.after or back.before or ())))
        found[key] = _joined(found[key], back) if key in found else back
    return tuple(change for change in found.values() if _moves(change)), tuple(reversed(left))


def _moves(change: Change) -> bool:
    """Whether something is otherwise afterwards; of an adoption only who looks after the action."""
    before, after = dict(change.before or ()), dict(change.after or ())
    if change.is_kept_here:
        return before[STANDS_FOR] != after[STANDS_FOR]
    return change.before != change.after


def _joined(newer: Change, older: Change) -> Change:
    """One change that does the work of two: from where the newer one begins to where the older one ends."""
    both = replace(older, before=newer.before, because=f"{newer.because} {older.because}")
    wanted = dict(both.after or ())
    if older.verb in _FLAG:
        return replace(both, verb=Verb.RESTORE if wanted["primary_for_goal"] else Verb.DEMOTE)
    if older.is_kept_here:
        return replace(both, verb=Verb.ADOPT if wanted[STANDS_FOR] else Verb.RELEASE)
    if older.verb in _STATUS:
        return replace(both, verb=Verb.ENABLE if wanted["status"] == "ENABLED" else Verb.HIDE)
    return both
