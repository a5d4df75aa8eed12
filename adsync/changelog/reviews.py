"""Outcome reviews beside the changes that they are about."""

from __future__ import annotations

from collections.abc import Sequence

from adsync.model.outcome_review import ReviewedChange, taken_back
from adsync.ports import State


def reviewed_changes(state: State, customer_ids: Sequence[str] = ()) -> tuple[ReviewedChange, ...]:
    """Every review, oldest first; of all accounts when none is named. What was taken back the change log tells."""
    known = state.reviews.known(customer_ids)
    if not known:
        return ()
    entries = state.ledger.entries(customer_ids)
    by_id = {entry.id: entry for entry in entries}
    return tuple(
        ReviewedChange(review=review, entry=entry, concluded=found, taken_back=taken_back(entry, entries))
        for review, found in known
        if (entry := by_id.get(review.entry_id)) is not None
    )
