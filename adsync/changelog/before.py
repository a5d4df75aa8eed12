"""Where fixed targets stood at an earlier moment: where a rollback has to leave those that it moves by itself or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from adsync.model.ads import AccountState
from adsync.model.business_date import business_date
from adsync.model.change import Fields, fields
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry
from adsync.model.target import targets_of


def targets_before(
    copied: AccountState | None, entries: Iterable[ChangeLogEntry], moment: datetime, zone: str
) -> dict[tuple[str, str], Fields]:
    """Every fixed target as it stood right before a moment, by the kind and id of what holds it.

    copied: the newest copy until then. entries: the account's, oldest first. What adsync itself moved tells more than a copy:
    right before a step its target stood where the step begins.
    """
    targets = targets_of(copied.campaigns) if copied is not None else {}
    stood = {key: fields(**{target.field: target.value}) for key, target in targets.items()}
    seen_later: set[tuple[str, str]] = set()
    for entry in entries:
        change = entry.change
        key = change.kind, change.object_id
        if change.verb is not Verb.TARGET or not entry.outcome.is_done or key in seen_later:
            continue
        if entry.opened_at >= moment:
            stood[key] = change.before or ()
            seen_later.add(key)
        elif copied is None or business_date(entry.opened_at, zone) >= copied.as_of:
            stood[key] = change.after or ()
    return stood
