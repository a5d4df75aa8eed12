"""What simulated years show of the rule: how often it was wrong, how soon it acted, and how sure these figures are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

Should = Literal["stay", "retire", "return", "either"]
"""What a person who knows the truth would want of helpers: stay; go for good; go and return; it is a close call."""


@dataclass(frozen=True, slots=True)
class Share:
    """Part of the accounts (0-1), and its Monte-Carlo standard error."""

    point: float
    error: float

    @classmethod
    def of(cls, hits: int, among: int) -> Share:
        """Raises ValueError when there are none."""
        if among < 1:
            raise ValueError("A share of no accounts is not known.")
        # Where all accounts agree, a plain error would claim certainty: two more of each say how little is known.
        kept = (hits + 2) / (among + 4)
        return cls(hits / among, sqrt(kept * (1 - kept) / (among + 4)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedKind:
    """Figures of one kind of account. wrong: what its truth forbids; None where it is a close call.

    first_retirement: the median night of the first retirement. back_after: median nights from the day on which too few
    sales were left, or from the last retirement where that day is not known, to the return. changes: a year.
    """

    name: str
    title: str
    should: Should
    accounts: int
    wrong: Share | None
    retired: Share
    returned: Share
    first_retirement: float | None
    back_after: float | None
    changes: float
    changes_error: float
