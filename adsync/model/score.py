"""What an event log says about each candidate, and how sure one can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from adsync.model.evidence import Interval, Verdict
from adsync.model.exposure import LogSummary
from adsync.model.patterns import Gain
from adsync.model.selection import Selection, Worth
from adsync.model.stability import Drift, Promoted, Segments, Week

MINIMUM_LIFT = 1.2
"""The lower end of the interval must lie above it, over one day or over the horizon: what is certain need not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One candidate.

    exposed: visitors who did it before the macro and long enough ago. converted: those of them who did the macro within the
    horizon. p: P(macro within the horizon | candidate), time-ordered, not adjusted; what a value is made of. lift, lift_day,
    risk_difference: beside equally active visitors, over the horizon and over one day; what the verdict is made of. None
    where too little can be compared, and where no candidate of the log can be judged. naive_lift: of users who ever did it
    over those who never did; None where none of these did the macro. q: of the test that the lift is above 1, corrected for
    all candidates (Benjamini-Hochberg). coverage: share of buyers who did it before. overlap: share of the exposed for whom
    there was something to compare with. volume_30d: visitors who do it in a month of 30 days, again or for the
    first time, the mean of the log's months. announces: at least so many macros in 30 days beyond what activity explains.
    weeks: of first times, the oldest first. drift: None where there are too few to judge. promoted, by: where that was
    asked.
    """

    event: str
    exposed: int
    converted: int
    p: Interval
    lift: Interval | None
    lift_day: Interval | None
    risk_difference: Interval | None
    naive_lift: float | None
    q: float
    coverage: float
    overlap: float
    volume_30d: float
    announces: float
    grade: str
    verdict: Verdict
    because: str
    helps_up_to: float | None = None
    weeks: tuple[Week, ...] = ()
    drift: Drift | None = None
    promoted: Promoted | None = None
    by: Segments | None = None

    @property
    def cannot_tell(self) -> bool:
        """Not shown to be better, and not shown to be no better: the interval leaves room for a lift that matters."""
        return self.verdict is Verdict.NOT_BETTER and self.lift is not None and self.lift.high > MINIMUM_LIFT


def is_ranked(scores: Iterable[Score]) -> bool:
    """Whether one of them at least can be judged. Of none that can, a lift would be read as a ranking."""
    return any(s.verdict not in (Verdict.NOT_ENOUGH, Verdict.DUPLICATE, Verdict.AFTER_MACRO) for s in scores)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReport:
    """All candidates, the best first.

    visitors, buyers: known by `as_of`; the log may go on. volume_30d: buyers in 30 days. mature_until: visitors who did a
    candidate later are not counted: they have had no time yet. compared_with: the everyday events; left_out: event names
    that are no candidates, with the reason. gains: what good candidates add to each other, in the order in which they do.
    selection: which of them to bid on. worths: what each is worth, the surest first.
    """

    macro: str
    level: float
    horizon_days: int
    as_of: datetime
    mature_until: date
    log: LogSummary
    visitors: int
    buyers: int
    volume_30d: float
    base_share: Interval
    scores: tuple[Score, ...]
    compared_with: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    gains: tuple[Gain, ...] = ()
    selection: Selection | None = None
    worths: tuple[Worth, ...] = ()
