"""Runs of days on which a step of the funnel let through far fewer visitors than usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adsync.model.activity import Ints
from adsync.model.segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepDays:
    """Day by day from `first` on: visitors of a segment who did one step, and those of them who did the next within 24 hours."""

    segment: Segment
    before_step: str
    step: str
    first: date
    entered: Ints
    went_on: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDay:
    """One day of the step that is told of."""

    day: date
    entered: int
    went_on: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One run of days.

    first_between, last_between: where its ends may lie as well. lasting: it reaches the last day that can be judged.
    visitors, share: of the run; usual: the share of the days around it. visitors_after: of those after it, 0 where they are
    another incident's. chance: at most this share of logs without any
    incident show such a run somewhere. days: those of the run and around it.
    """

    segment: Segment
    before_step: str
    step: str
    first: date
    last: date
    first_between: tuple[date, date]
    last_between: tuple[date, date]
    lasting: bool
    visitors: int
    share: float
    usual: float
    visitors_after: int
    chance: float
    days: tuple[StepDay, ...]
