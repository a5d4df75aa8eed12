"""What is known about one candidate, and how sure one can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adsync.model.window import Window


class Verdict(StrEnum):
    """What the evidence says about a candidate."""

    GOOD = "good"
    TOO_EARLY = "too_early"
    TOO_RARE = "too_rare"
    AFTER_MACRO = "after_macro"
    DUPLICATE = "duplicate"
    NOT_BETTER = "not_better"
    NOT_ENOUGH = "not_enough"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the range it lies in at the stated level."""

    point: float
    low: float
    high: float

    @property
    def leaves_all_open(self) -> bool:
        """Of a ratio: that a tenth as many and ten times as many are both inside. Its point is of no use then."""
        return self.low < 0.1 and self.high > 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that is shown as "why" about one candidate.

    share: P(macro within the horizon | micro), 0-1. without: the same for visitors who did not do the micro.
    lift: share / without. coverage: the share of macros that passed the micro first.
    q_value: one-sided test of share > without, corrected over all candidates (Benjamini-Hochberg).
    monthly: users who do it in 30 days. grade: "A" for single events, "B" for funnel reports; cannot_know says what that
    leaves open, raised_by what would tell more. comparable: False where nothing could be compared; without, lift and
    difference say nothing then. weaker: what the lower grade says of the same candidate.
    """

    event_name: str
    window: Window
    horizon_days: int
    entered: int
    completed: int
    visitors: int
    buyers: int
    share: Interval
    without: Interval
    lift: Interval
    difference: Interval
    coverage: float
    q_value: float
    monthly: float
    verdict: Verdict
    reason: str
    grade: str = "B"
    cannot_know: str = ""
    raised_by: str = ""
    comparable: bool = True
    weaker: Evidence | None = None

    @property
    def announces(self) -> float:
        """At least so many macros in 30 days beyond what would follow anyway: of those who entered, not of all who come back."""
        if not self.comparable:
            return 0.0
        return 30.0 * self.entered / len(self.window) * max(self.difference.low, 0.0)
