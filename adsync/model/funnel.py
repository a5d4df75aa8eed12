"""A funnel over single events: what is asked, what is counted, what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from adsync.model.dropoff import Carts, DropOff
from adsync.model.evidence import Interval
from adsync.model.exposure import LogSummary
from adsync.model.incident import Incident
from adsync.model.segment import Segment

VISITORS = "(visitors)"
"""What stands for the first step: any event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Visitors who did two events (both), and those of them who did the one before the other for the first time (earlier)."""

    earlier: int
    both: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelQuestion:
    """Which events in which order, and between which moments, UTC, both included."""

    steps: tuple[str, ...]
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelCount:
    """How far the visitors of a segment came, in order.

    reached: visitors, then those of each step; never more than before. median_seconds: from the step before; None where
    nobody came. in_any_order: visitors who did the last step at all. carts: of the period, whatever the steps are; None where
    nothing in the log fills a cart, or that is the last step.
    """

    segment: Segment
    reached: tuple[int, ...]
    median_seconds: tuple[float | None, ...]
    in_any_order: int = 0
    carts: Carts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step of the funnel.

    went_on: the share of those at the step before who came here, with its 95 % interval. before: the same share in the
    period before; None where nobody could.
    """

    event: str
    title: str
    visitors: int
    went_on: Interval
    before: float | None
    median_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A step at which a share is another one than that which it is held against, by more than chance explains.

    against: "the period before", or "the others". share, usual: of those at the step before. difference: with its 95 % interval.
    q: of the test, corrected for everything that was compared.
    """

    segment: Segment
    against: str
    before_step: str
    step: str
    share: float
    usual: float
    visitors: int
    difference: Interval
    q: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFunnel:
    """The steps of one segment."""

    segment: Segment
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelReport:
    """The funnel of a period, where it loses most, and what has changed.

    period, compared_with: first and last day; compared_with is None where the log does not reach back that far.
    in_any_order: visitors who did the macro in the period, whatever they did before. carts: of all visitors. could_tell:
    whether there are days enough, and visitors on them, for an incident to show. titles: what the events of steps and
    incidents are called.
    """

    macro: str
    log: LogSummary
    as_of: datetime
    period: tuple[date, date]
    compared_with: tuple[date, date] | None
    steps: tuple[FunnelStep, ...]
    titles: Mapping[str, str]
    drop_off: DropOff
    by: str
    segments: tuple[SegmentFunnel, ...]
    differences: tuple[Difference, ...]
    incidents: tuple[Incident, ...]
    in_any_order: int = 0
    carts: Carts | None = None
    could_tell: bool = True
