"""What there is too little of to judge a candidate, and how long it takes at the present pace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from adsync.model.figures import number_of

LONGEST_WEEKS = 260
"""Five years: of what takes longer nobody wants to know how many."""

Counted = Sequence[tuple[int, int, str]]
"""How many there are, how many are needed, and what there is in words."""


def not_enough_yet(counted: Counted, weeks: float, beyond: Callable[[float], str] = lambda _: "") -> str:
    """What is lacking and about how many more weeks it takes; "" where there is enough.

    weeks: in which so many were counted. beyond: what is to be said behind the number of weeks.
    """
    lacking = [f"{told}, {need} are needed" for have, need, told in counted if have < need]
    if not lacking:
        return ""
    longest = max(need * weeks / have - weeks if have else inf for have, need, _ in counted if have < need)
    return f"Not enough yet: {'; '.join(lacking)}.{wait(longest, beyond=beyond)}"


def wait(more_weeks: float, said: str = "about", beyond: Callable[[float], str] = lambda _: "") -> str:
    """A sentence on how long it takes, with a space before it; "" where there is no pace, or nothing to wait for."""
    if 0 < more_weeks < LONGEST_WEEKS:
        return f" At this pace {said} {number_of(max(1, round(more_weeks)), 'more week')}{beyond(more_weeks)}."
    if LONGEST_WEEKS <= more_weeks < inf:
        return " At this pace it takes more than five years."
    return ""


def longest_horizon(days: float) -> int:
    """The longest one that so many days can answer: two thirds of them are there to begin in."""
    return int(days // 3)
