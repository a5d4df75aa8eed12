"""Which nights of a history can be replayed."""

from __future__ import annotations

from datetime import date, timedelta

from adsync.decide.weeks import EVIDENCE_WEEKS
from adsync.errors import UsageError
from adsync.model.window import Window

LOOK_BACK_DAYS = 7 * EVIDENCE_WEEKS
"""The rule looks back this far, so the first night needs as many days before it."""


def nights_to_replay(known_from: date, newest: date, first: date | None = None, last: date | None = None) -> Window:
    """The nights from ``first`` to ``last``; by default, all of which the evidence reaches back to no unknown time.

    newest: the last night that can be replayed. Raises UsageError where that is none, or not one of those asked for.
    """
    earliest = known_from + timedelta(days=LOOK_BACK_DAYS)
    if earliest > newest:
        raise UsageError(
            f"There are too few days to replay: {max((newest - known_from).days, 0)}.",
            f"The rule looks back {EVIDENCE_WEEKS} weeks: at least {LOOK_BACK_DAYS} days must be known before its first night.",
            next_step="Add older days.",
        )
    if first is not None and not earliest <= first <= newest:
        raise _outside("first", first, earliest, newest, known_from)
    start = first or earliest
    if last is not None and not start <= last <= newest:
        raise _outside("last", last, start, newest, known_from)
    return Window(start, last or newest)


def _outside(option: str, found: date, earliest: date, newest: date, known_from: date) -> UsageError:
    return UsageError(
        f"--{option} {found} cannot be replayed.",
        f"Nights from {earliest} to {newest} can be: days are known from {known_from} on, and the rule looks back "
        f"{EVIDENCE_WEEKS} weeks.",
    )
