"""A candidate's score over time and by kind of visitor: what is counted, and what is concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from adsync.model.activity import Floats, Ints
from adsync.model.evidence import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The first times of a candidate, counted by day; row i of the first four belongs together.

    day: days since 1970, UTC, ascending. did: visitors. exposed, bought: those of them who did it before the macro and long
    enough ago, and those whom the macro followed within the horizon. expected: by the first day of each week, how many
    of its exposed activity alone expects to go on; by stratum, before it is held against others.
    """

    day: Ints
    did: Ints
    exposed: Ints
    bought: Ints
    expected: Mapping[int, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The first times of one week, Monday to Sunday, UTC.

    whole: all of its days lie in the log and have had the horizon to go on. expected: how many would have converted as
    equally active others do over the whole log. lift: converted over expected; None where nothing was expected.
    """

    first: date
    whole: bool
    exposed: int
    converted: int
    p: Interval
    expected: float
    lift: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Several days together. lift: None where nothing was expected or nothing was held against it."""

    first: date
    last: date
    exposed: int
    converted: int
    p: Interval
    lift: float | None = None


class Turn(StrEnum):
    """Where p went."""

    FALLS = "falls"
    RISES = "rises"
    STEADY = "steady"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The newest whole weeks beside those before. q: of the test that p is the same, corrected over all candidates."""

    now: Span
    before: Span
    q: float
    turn: Turn
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """Before a date and from it on. difference: of p, after less before; None where either is unknown.

    volume_before, volume_after: visitors who did it first, in 30 days, mature or not.
    """

    on: date
    before: Span
    after: Span
    difference: Interval | None
    volume_before: float
    volume_after: float
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCount:
    """The first times of a candidate by visitors of one kind. expected: by stratum, as in History."""

    label: str
    exposed: int
    bought: int
    expected: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentScore:
    """Visitors of one kind. p, lift: drawn towards the candidate's own as far as the kinds may differ by chance alone."""

    label: str
    exposed: int
    converted: int
    p: Interval
    lift: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """A candidate by campaign, channel or device, the largest first.

    q: of the test that p is the same in all that are named and large enough, corrected over all candidates; None where there
    are not two of them.
    """

    dimension: str
    segments: tuple[SegmentScore, ...]
    q: float | None
    differ: bool | None
