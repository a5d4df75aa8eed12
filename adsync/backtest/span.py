"""Which nights of a history can be replayed."""

from __future__ import annotations

from datetime import date, timedelta

from adsync.errors import UsageError
from adsync.model.policy import Policy
from adsync.model.window import Window


def nights_to_replay(
    policy: Policy, known_from: date, newest: date, first: date | None = None, last: date | None = None
) -> Window:
    """The nights from ``first`` to ``last``; by default, all of which the evidence reaches back to no unknown time.

    newest: the last night that can be replayed. Raises UsageError where that is none, or not one of those asked for.
    """
    weeks = policy.evidence_weeks
    earliest = known_from + timedelta(days=7 * weeks)
    if earliest > newest:
        raise UsageError(
            f"There are too few days to replay: {max((newest - known_from).days, 0)}.",
            f"The rule looks back {weeks} weeks: at least {7 * weeks} days must be known before its first night.",
            next_step="Add older days.",
        )
    if first is not None and not earliest <= first <= newest:
        raise _outside("first", first, Window(earliest, newest), known_from, weeks)
    start = first or earliest
    if last is not None and not start <= last <= newest:
        raise _outside("last", last, Window(start, newest), known_from, weeks)
    return Window(start, last or newest)


def _outside(option: str, found: date, allowed: Window, known_from: date, weeks: int) -> UsageError:
    return UsageError(
        f"--{option} {found} cannot be replayed.",
        f"Nights from {allowed.first} to {allowed.last} can be: days are known from {known_from} on, and the rule looks back "
        f"{weeks} weeks.",
    )
