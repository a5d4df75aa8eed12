"""Turns a yes or no into approvals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from adsync.model.plan import APPROVAL_DAYS, Approval, PlannedChange
from adsync.review.choose import Named

REFUSAL_DAYS = 28
"""A refused change is not asked about again for four weeks."""


def verdicts(chosen: Sequence[Named], *, approved: bool, by: str, now: datetime) -> tuple[Approval, ...]:
    """One approval or refusal for each change, pinned to its hash.

    The days of an approval begin with the change's own day, where it has one in a calendar.
    """
    return tuple(
        Approval(
            change_hash=planned.change.hash,
            customer_id=planned.change.customer_id,
            change_name=name,
            approved=approved,
            by=by,
            at=now,
            until=_until(planned, now) if approved else now + timedelta(days=REFUSAL_DAYS),
        )
        for name, planned in chosen
    )


def _until(planned: PlannedChange, now: datetime) -> datetime:
    """The end of the seventh day after the change's own, where it has one that is still to come."""
    until = now + timedelta(days=APPROVAL_DAYS)
    if planned.not_before is None:
        return until
    return max(until, datetime.combine(planned.not_before, time(), tzinfo=UTC) + timedelta(days=APPROVAL_DAYS + 1))
