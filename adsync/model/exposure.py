"""Counted tables of an event log: what leaves the engine where the events live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from adsync.model.activity import Floats, Ints

GROUPS = 40
"""Visitors are dealt to this many groups by their hash; intervals come from leaving out one after the other."""

POSITION_CLASSES = (2, 4, 7, 13)
QUANTILES = 8
STRATA = (len(POSITION_CLASSES) + 1) * QUANTILES
"""Moments are compared with moments of the same class of position and of like expectation.

A stratum's number is its class of position times QUANTILES plus its quantile.
"""

TOO_CLOSE_SECONDS = 10
"""What happens this shortly before the macro is part of it."""

MONTH_DAYS = 30
MOST_MONTHS = 62
"""Five years: as many bits as a whole number has. What is older is not asked how often it comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a log.

    candidates: names of events. horizon_days: of the long horizon. as_of: the log is complete up to this moment, UTC.
    settling_days: the last days before it, in which late events may be missing.
    """

    macro: str
    candidates: tuple[str, ...]
    horizon_days: int
    as_of: datetime
    settling_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """What a log holds, before any question.

    names: events by name; excluded: rows by the reason for which they are left out; first, last: of the rows that count.
    lost: of each event none of whose rows counts these rows by reason; it stands among the names with 0, or not at all.
    lively_until: the newest day on which there was a tenth of what there is on a usual day: a stray event, or one of a wrong
    clock, makes no old log young. settling_days: the last days, in which events may be missing yet.
    cut_to: "day" or "hour" where its times are no finer, so that nobody knows what came first within one; else "".
    notes: what a person should know of how it was read. currency: of values; "" where it is unknown or there are several.
    labels: of device, channel and campaign, by the code that stands for each; without those of which the log says nothing.
    """

    rows: int
    names: Mapping[str, int]
    excluded: Mapping[str, int]
    visitors: int
    first: datetime
    last: datetime
    files: int
    form: str
    lively_until: date = date.max
    settling_days: int = 0
    cut_to: str = ""
    unit: str = "file"
    notes: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    currency: str = ""
    lost: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """The rows that count: all rows less those that are left out."""
        return sum(self.names.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """Visitors who did a candidate long enough ago and before the macro, and those of them who bought within the horizon."""

    visitors: int
    bought: int


def whole_months(first: datetime, last: datetime) -> int:
    """How many months of 30 days end at the last moment and begin after the first, or a day before at most; one at least."""
    return max(1, min((last - first + timedelta(days=1)) // timedelta(days=MONTH_DAYS), MOST_MONTHS))


def month_days(first: datetime, last: datetime) -> float:
    """How many days of a log these months have."""
    return max(1.0, min((last - first) / timedelta(days=1), float(MONTH_DAYS * whole_months(first, last))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How visitors who ever did a candidate relate to the macro, in plain counts of visitors.

    did: who did it at all. months: the same, each once for every month in which he did it; of months see `Plain`.
    did_and_bought: of these, who did the macro at any time. after: whose first time was after their first macro, or within
    10 seconds before it. around: whose first time was within 10 seconds of it. passed: buyers who did it before the macro,
    within the long horizon. exposed: by horizon.
    """

    did: int
    months: int
    did_and_bought: int
    after: int
    around: int
    passed: int
    exposed: Mapping[str, Exposed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequent:
    """How visitors who do one of the log's most frequent events, candidates or not, relate to the macro.

    visitors, buyers: in the log, up to the moment of the question.
    """

    visitors: int
    buyers: int
    following: Mapping[str, Following]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Counts of visitors that need no model.

    visitors, buyers: in the log, up to the moment of the question. buyer_months: buyers, each once for every month in which
    he did the macro; a month is 30 days, the newest ends at the moment of the question. together: by two candidates' names
    in the order of the alphabet, visitors whose first times of both lie within 10 seconds.
    """

    visitors: int
    buyers: int
    buyer_months: int
    by_candidate: Mapping[str, Following]
    together: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Moments, those that the macro followed, and those expected, by stratum and group of visitors: (STRATA, GROUPS)."""

    moments: Ints
    bought: Ints
    expected: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSums:
    """The sums of each event name, for the choice of those that others are compared with."""

    names: Sequence[str]
    sums: Sequence[Sums]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """First occurrences of a candidate, and the moments of visitors who had not done it yet."""

    exposed: Sums
    others: Sums
