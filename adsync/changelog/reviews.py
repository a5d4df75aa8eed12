"""Outcome reviews beside the changes that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from adsync.model.group import origin_of
from adsync.model.log import ChangeLogEntry
from adsync.model.outcome_review import DISTURBING, OutcomeReview, ReviewedChange, taken_back
from adsync.model.plan import PlannedChange
from adsync.ports import State


def reviewed_changes(state: State, customer_ids: Sequence[str] = ()) -> tuple[ReviewedChange, ...]:
    """Every review, oldest first; of all accounts when none is named. What was taken back the change log tells."""
    known = state.reviews.known(customer_ids)
    if not known:
        return ()
    entries = state.ledger.entries(customer_ids)
    by_id = {entry.id: entry for entry in entries}
    return tuple(
        ReviewedChange(
            review=review,
            entry=entry,
            concluded=found,
            taken_back=taken_back(entry, entries),
            steps=_steps(review, entry, state) if found is None else (),
        )
        for review, found in known
        if (entry := by_id.get(review.entry_id)) is not None
    )


def _steps(review: OutcomeReview, entry: ChangeLogEntry, state: State) -> tuple[date, ...]:
    """The days inside the windows on which the change's own group moves something else: as first planned before the change, and
    as planned when it was made after it."""
    name = entry.change_name.rpartition("/")[0]
    group = next((p.group for p in _changes(state, name) if p.change.hash == entry.change.hash), "")
    if not group:
        return ()
    before = [
        day for day in _days(state, origin_of(group), group, entry) if review.before.first <= day < review.changed_on
    ]
    after = [day for day in _days(state, name, group, entry) if review.changed_on < day <= review.after.last]
    return (*before, *after)


def _changes(state: State, plan_id: str) -> tuple[PlannedChange, ...]:
    plan = state.ledger.plan(plan_id)
    return plan.changes if plan is not None else ()


def _days(state: State, plan_id: str, group: str, entry: ChangeLogEntry) -> list[date]:
    moving = [p for p in _changes(state, plan_id) if p.group == group and p.change.verb.value in DISTURBING]
    others = [p for p in moving if p.change.hash != entry.change.hash]
    return sorted({p.not_before for p in others if p.not_before is not None})
