"""What an account's own numbers say about its candidates: the tiers below a log of single events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adsync.model.evidence import Interval, Verdict
from adsync.model.log_scores import LogScores


@dataclass(frozen=True, slots=True, kw_only=True)
class PartShare:
    """One device or channel. p: the share that converted, drawn towards that of all the more, the fewer visitors there are."""

    segment: str
    exposed: int
    converted: int
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A candidate apart by device or by channel. q: of the test that all have one chance. differ: they surely do not."""

    by: str
    q: float
    differ: bool
    shares: tuple[PartShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierScore:
    """One candidate in one grade. What a grade cannot tell is None, and `cannot_know` says why.

    exposed, converted: visitors who did it, and those of them who did the macro after it. p: the second over the first.
    lift, risk_difference: beside the visitors who did not do it. q: of the test behind the verdict, corrected for all
    candidates of the grade. coverage: share of macros that passed it first. volume_30d: how many do it in 30 days.
    announces: at least so many macros in 30 days beyond those of other visitors; what candidates are sorted by.
    raised_by: what data would say more. moves_with: by how many percent macros of a click change with one percent of it.
    parts: by device and channel. helps_up_to: macros of a device or channel below which bidding learns better from it than
    from the macro itself; None where no limit was seen. cannot_tell: not shown to be better, nor to be no better.
    """

    event: str
    exposed: int | None
    converted: int | None
    p: Interval | None
    lift: Interval | None
    risk_difference: Interval | None
    q: float | None
    coverage: float | None
    volume_30d: float | None
    announces: float | None
    grade: str
    verdict: Verdict
    because: str
    cannot_know: str
    raised_by: str
    moves_with: Interval | None = None
    parts: tuple[Parts, ...] = ()
    helps_up_to: float | None = None
    cannot_tell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """Candidates of which a grade was not worked out, and why."""

    grade: str
    events: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountScores:
    """One account's candidates, as known on a night; of each grade the best first, where a ranking means anything.

    as_of: None before the first pull. first, last: the days that GA4's funnels looked at; visitors, buyers: all of them in
    these days. unasked: what a grade was not worked out for. log: where grade A speaks of a candidate, whose visitors and
    buyers GA4's funnels count apart.
    """

    account: str
    macro: str
    as_of: date | None
    first: date | None = None
    last: date | None = None
    horizon_days: int | None = None
    visitors: int | None = None
    buyers: int | None = None
    scores: tuple[TierScore, ...] = ()
    unasked: tuple[Unasked, ...] = ()
    notes: tuple[str, ...] = ()
    log: LogScores | None = None
