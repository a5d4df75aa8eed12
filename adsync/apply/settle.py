"""Finds out what became of changes whose outcome is open: by reading, never by sending again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adsync.apply.objects import Found, Look
from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.log import NOT_THERE, ChangeLogEntry, Outcome
from adsync.ports import Clock, Ledger

_SETTLED = {
    Found.AFTER: (Outcome.APPLIED, "Settled by reading: Google had made it."),
    Found.BEFORE: (Outcome.FAILED, NOT_THERE),
    Found.ELSEWHERE: (Outcome.DRIFTED, "Settled by reading: neither as before nor as wanted"),
}


def settle_open_entries(
    entries: Sequence[ChangeLogEntry], look: Look, looked_at: datetime, ledger: Ledger, clock: Clock
) -> tuple[tuple[ChangeLogEntry, Outcome], ...]:
    """Closes every open entry that could be read back when the look began; the others stay open."""
    settled = []
    for entry in entries:
        if not entry.outcome.is_open or looked_at < entry.readable_from:
            continue
        found = look.stands(entry.change)
        outcome, note = _SETTLED[found]
        if entry.change.is_kept_here:
            outcome, note = Outcome.FAILED, "Settled: the run ended before it was written down."
        elif found is Found.ELSEWHERE:
            note = f"{note}. {look.describe(entry.change)}"
        ledger.close_entry(entry.id, outcome, clock.now(), note=note, object_id=made_id(entry.change, look))
        settled.append((entry, outcome))
    return tuple(settled)


def made_id(change: Change, look: Look) -> str:
    """The id of what a create has made; "" for every other change."""
    action = look.action(change) if change.verb is Verb.CREATE else None
    return action.id if action is not None else ""
