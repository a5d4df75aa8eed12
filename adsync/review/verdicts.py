"""Turns a yes or no into approvals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from adsync.model.plan import APPROVAL_DAYS, Approval
from adsync.review.choose import Named

REFUSAL_DAYS = 28
"""A refused change is not asked about again for four weeks."""


def verdicts(chosen: Sequence[Named], *, approved: bool, by: str, now: datetime) -> tuple[Approval, ...]:
    """One approval or refusal for each change, pinned to its hash."""
    until = now + timedelta(days=APPROVAL_DAYS if approved else REFUSAL_DAYS)
    return tuple(
        Approval(
            change_hash=planned.change.hash,
            customer_id=planned.change.customer_id,
            change_name=name,
            approved=approved,
            by=by,
            at=now,
            until=until,
        )
        for name, planned in chosen
    )
