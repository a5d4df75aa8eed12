"""What an interval of a lift says where its lower end is not above what is asked."""

from __future__ import annotations

from adsync.model.evidence import Interval


def told_apart(lift: Interval, asked: float, others: str) -> str:
    """How a candidate stands to others, of which nobody can say that its lift is surely above what is asked."""
    if lift.low > 1:
        return (
            f"More than {others}, but perhaps only a little"
            if lift.high > asked
            else f"Only a little more than {others}"
        )
    return f"Cannot be told apart from {others}" if lift.high > asked else f"No better than {others}"
