"""Finds runs of days on which a step let through far fewer visitors than usual; docs/statistics.md, "Funnels and incidents"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil, exp

import numpy as np
from scipy.special import betaln, gammaln, logsumexp, xlogy

from adsync.model.activity import Floats, Ints
from adsync.model.incident import Incident, StepDay, StepDays

AROUND_DAYS = 56
"""Before a run and after it: eight of each weekday."""

LONGEST = 60
"""Days of the runs by which an incident is noticed: so much of what lasts longer stands out. How long it is shows then."""

ENOUGH, ENOUGH_AROUND = 20, 40
"""Visitors of a run, and of the days around it, from which on it is looked at."""

FAR_BELOW = 0.8
"""Of the usual share: what is closer to it is no incident, however sure."""

FALSE_ALARMS = 0.05
"""At most this share of logs without any incident may be said to have one."""

BY_CHANCE_BEFORE = 0.01
"""At most so likely must a run be beside the days before it alone: its first day was looked for where these are best."""

LIKELY = 3.0
"""First and last days whose log-likelihood is lower by no more than this may be the true ones. Measured: docs/statistics.md."""

MOST = 5
"""Incidents of one step."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Days start to end (excluded) of a series, between what they may lie as well, and the chance of seeing so few."""

    series: StepDays
    start: int
    end: int
    starts: tuple[int, int]
    ends: tuple[int, int]
    x1: int
    n1: int
    usual: float
    chance: float


def incidents(table: Sequence[StepDays]) -> tuple[Incident, ...]:
    """The incidents of all steps and segments, by their first day. Of each, who shows it most clearly is named."""
    looked_at = sum(int(_runs(days)[0].sum()) for days in table)
    found: list[Incident] = []
    for pair in dict.fromkeys((days.before_step, days.step) for days in table):
        left = [days for days in table if (days.before_step, days.step) == pair]
        for _ in range(MOST):
            run = min((run for run in map(_worst, left) if run), key=lambda run: run.chance, default=None)
            if run is None or run.chance * looked_at > FALSE_ALARMS:
                break
            run = _at_full_length(run)
            if _has_fallen(run):
                found.append(_incident(run, table, looked_at))
            left = [_without(days, run.start, run.end) for days in left]
    return tuple(sorted(found, key=lambda i: (i.first, i.step, i.segment.name)))


def could_tell(table: Sequence[StepDays]) -> bool:
    """Whether any run of days has visitors enough, and as many around it, to be judged at all."""
    return any(bool(_runs(days)[0].any()) for days in table)


def _runs(days: StepDays, longest: int = LONGEST) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """By first day and length: whether the run is looked at, its visitors and those who went on, and those of the days around."""
    total = len(days.entered)
    start, length = np.arange(total)[:, None], np.arange(1, min(longest, total) + 1)[None, :]
    end = np.minimum(start + length, total)
    before, after = np.maximum(start - AROUND_DAYS, 0), np.minimum(end + AROUND_DAYS, total)

    def sums(values: Ints) -> tuple[Floats, Floats]:
        so_far = np.concatenate([[0], np.cumsum(values)]).astype(float)
        inside = so_far[end] - so_far[start]
        return inside, so_far[after] - so_far[before] - inside

    (n1, n0), (x1, x0) = sums(days.entered), sums(days.went_on)
    someone = days.entered > 0
    asked = (start + length <= total) & someone[start] & someone[end - 1] & (n1 >= ENOUGH) & (n0 >= ENOUGH_AROUND)
    return asked, n1, x1, n0, x0


def _at_full_length(noticed: _Run) -> _Run:
    """The run of any length that it is a part of, as sure as that part.

    The days around a part of a long one are as low as the part itself: its ends would be made up, and so would what is usual.
    """
    whole = _worst(noticed.series, len(noticed.series.entered), noticed)
    return replace(whole, chance=noticed.chance) if whole else noticed


def _has_fallen(run: _Run) -> bool:
    """Whether the days before it were better, by more than chance explains by itself.

    What is low beside the days after it alone, or from the first day on, has risen; and of a log that begins low the first days
    are those that happened to be better.
    """
    before = slice(max(0, run.start - AROUND_DAYS), run.start)
    n, x = int(run.series.entered[before].sum()), int(run.series.went_on[before].sum())
    if n < ENOUGH or run.x1 * n >= FAR_BELOW * x * run.n1:
        return False
    spread = _spread(run.series, run.start, run.end, run.usual)
    return _so_few(float(run.x1), float(run.n1), float(x), float(n), spread) <= BY_CHANCE_BEFORE


def _worst(days: StepDays, longest: int = LONGEST, meeting: _Run | None = None) -> _Run | None:
    """The run that the days around it explain least. meeting: only of those that have a day in common with this one."""
    asked, n1, x1, n0, x0 = _runs(days, longest)
    asked = asked & (x1 * n0 < FAR_BELOW * x0 * n1)
    if meeting:
        first, lengths = np.arange(asked.shape[0])[:, None], np.arange(1, asked.shape[1] + 1)[None, :]
        asked = asked & (first < meeting.end) & (first + lengths > meeting.start)
    if not asked.any():
        return None
    gain = np.where(asked, _log_likelihood(x1, n1) + _log_likelihood(x0, n0) - _log_likelihood(x1 + x0, n1 + n0), -1.0)
    start, place = np.unravel_index(int(gain.argmax()), gain.shape)
    at = int(start), int(place)
    end = at[0] + at[1] + 1
    spread = _spread(days, at[0], end, x0[at] / n0[at])
    starts, lengths = np.nonzero(gain >= gain[at] - LIKELY)
    ends = starts + lengths + 1
    meets = (starts < end) & (ends > at[0])
    return _Run(
        series=days,
        start=at[0],
        end=end,
        starts=(int(starts[meets].min()), int(starts[meets].max())),
        ends=(int(ends[meets].min()), int(ends[meets].max())),
        x1=int(x1[at]),
        n1=int(n1[at]),
        usual=float(x0[at] / n0[at]),
        chance=_so_few(float(x1[at]), float(n1[at]), float(x0[at]), float(n0[at]), spread),
    )


def _log_likelihood(x: Floats, n: Floats) -> Floats:
    found: Floats = xlogy(x, x) + xlogy(n - x, n - x) - xlogy(n, n)
    return found


def _spread(days: StepDays, start: int, end: int, share: float) -> float:
    """How much more the days around differ from each other than visitors who decide alone would make them; at least 1."""
    around = [*range(max(0, start - AROUND_DAYS), start), *range(end, min(len(days.entered), end + AROUND_DAYS))]
    n, x = days.entered[around].astype(float), days.went_on[around].astype(float)
    n, x = n[n > 0], x[n > 0]
    if len(n) < 2 or not 0 < share < 1:
        return 1.0
    return max(1.0, float(((x - n * share) ** 2 / (n * share * (1 - share))).sum() / (len(n) - 1)))


def _so_few(x1: float, n1: float, x0: float, n0: float, spread: float) -> float:
    """P(at most x1 of n1) where the share is only known from x0 of n0: beta-binomial, with every count divided by the spread."""
    visitors, most = ceil(n1 / spread), ceil(x1 / spread)
    a, b = x0 / spread + 0.5, (n0 - x0) / spread + 0.5
    k = np.arange(most + 1)
    log_choose = gammaln(visitors + 1) - gammaln(k + 1) - gammaln(visitors - k + 1)
    return exp(min(0.0, float(logsumexp(log_choose + betaln(k + a, visitors - k + b) - betaln(a, b)))))


def _without(days: StepDays, start: int, end: int) -> StepDays:
    """The series without a run that has been told of: it is neither usual nor told of twice."""
    entered, went_on = days.entered.copy(), days.went_on.copy()
    entered[start:end], went_on[start:end] = 0, 0
    return replace(days, entered=entered, went_on=went_on)


def _incident(run: _Run, table: Sequence[StepDays], looked_at: int) -> Incident:
    told = run.series
    counted = next(
        days
        for days in table
        if (days.segment, days.before_step, days.step) == (told.segment, told.before_step, told.step)
    )
    shown = range(max(0, run.start - AROUND_DAYS), min(len(counted.entered), run.end + AROUND_DAYS))
    judged = np.flatnonzero(counted.entered)
    return Incident(
        segment=told.segment,
        before_step=told.before_step,
        step=told.step,
        first=told.first + timedelta(days=run.start),
        last=told.first + timedelta(days=run.end - 1),
        first_between=(told.first + timedelta(days=run.starts[0]), told.first + timedelta(days=run.starts[1])),
        last_between=(told.first + timedelta(days=run.ends[0] - 1), told.first + timedelta(days=run.ends[1] - 1)),
        lasting=run.end - 1 >= int(judged[-1]),
        visitors=run.n1,
        share=run.x1 / run.n1,
        usual=run.usual,
        visitors_after=int(told.entered[run.end : run.end + AROUND_DAYS].sum()),
        chance=min(1.0, run.chance * looked_at),
        days=tuple(
            StepDay(
                day=told.first + timedelta(days=n), entered=int(counted.entered[n]), went_on=int(counted.went_on[n])
            )
            for n in shown
        ),
    )
