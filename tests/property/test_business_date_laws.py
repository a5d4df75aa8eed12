"""Laws of the business date: however clocks change, no night is judged as another day and no check counts twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.changelog import past_of
from adsync.decide.demand import evaluate
from adsync.model.business_date import business_date
from adsync.model.decision import Counters, Helper, Series, Verb
from adsync.model.log import ChangeLogEntry
from adsync.model.policy import Policy
from tests.builders import a_change, a_helper, a_steady_series, an_entry
from tests.clock_changes import CLOCK_CHANGES, ClockChange, local_runs, utc_runs

LAWS = settings(max_examples=60)
DAYS_BEFORE, DAYS = 10, 45

changes = st.sampled_from(CLOCK_CHANGES)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@dataclass
class Nights:
    """Nights of a shop that never has too few sales, judged by the rule as a scheduler calls it.

    checks: the dates on which evidence was weighed, and how often a check was counted. retired: the dates.
    """

    zone: str
    policy: Policy = field(default_factory=Policy)
    helpers: tuple[Helper, ...] = ()
    dates: list[date] = field(default_factory=list)
    checks: list[date] = field(default_factory=list)
    counted: int = 0
    retired: list[date] = field(default_factory=list)
    _counters: Counters = field(default_factory=Counters)
    _entries: list[ChangeLogEntry] = field(default_factory=list)

    def run(self, moment: datetime) -> None:
        today = business_date(moment, self.zone)
        self.dates.append(today)
        series = Series(macro=a_steady_series(60, last=today - timedelta(days=1)), last_day=today - timedelta(days=1))
        last_change = past_of(self._entries, self.zone).last_change
        before = self._counters
        decision, self._counters = evaluate(self.policy, before, self.helpers, last_change, series, (), today)
        if self._counters.checked_on != before.checked_on:
            self.checks.append(today)
        self.counted += max(0, self._counters.above - before.above)
        for action_id in decision.action_ids if decision.verdict == "demote" else ():
            closed = moment + timedelta(minutes=3)
            change = a_change(Verb.DEMOTE, object_id=action_id)
            self._entries.append(an_entry(len(self._entries) + 1, change, opened_at=moment, closed_at=closed))
            self.helpers = tuple(replace(h, primary=h.primary and h.action_id != action_id) for h in self.helpers)
            self.retired.append(today)


def first_of(change: ClockChange, days_before: int = DAYS_BEFORE) -> date:
    return change.on - timedelta(days=days_before)


@pytest.mark.parametrize("change", CLOCK_CHANGES, ids=str)
def test_the_days_of_these_tests_have_23_or_25_hours(change: ClockChange) -> None:
    hours = Counter(
        business_date(datetime.combine(change.on - timedelta(days=1), time(), UTC) + timedelta(hours=n), change.zone)
        for n in range(72)
    )
    assert hours[change.on] == change.hours


@LAWS
@given(changes, times)
def test_a_job_by_the_wall_clock_meets_every_business_date_and_each_as_itself(change: ClockChange, at: time) -> None:
    runs = list(local_runs(change.zone, first_of(change), DAYS, at))
    dates = [business_date(moment, change.zone) for moment in runs]
    assert dates == sorted(dates)
    assert list(dict.fromkeys(dates)) == [first_of(change) + timedelta(days=n) for n in range(DAYS)]
    assert len(runs) - DAYS == sum(n - 1 for n in Counter(dates).values()) <= (change.hours == 25)


@LAWS
@given(changes, times)
def test_a_job_by_utc_leaves_out_or_repeats_a_date_only_where_it_runs_around_midnight(
    change: ClockChange, at: time
) -> None:
    runs = list(utc_runs(first_of(change), DAYS, at))
    dates = [business_date(moment, change.zone) for moment in runs]
    odd = [(a, b) for a, b in pairwise(dates) if b != a + timedelta(days=1)]
    assert all(b == a + timedelta(days=2 if change.hours == 23 else 0) for a, b in odd)
    around_midnight = {moment.astimezone(ZoneInfo(change.zone)).hour in (23, 0) for moment in runs} == {True}
    assert len(odd) == around_midnight


@LAWS
@given(changes, times, st.booleans(), st.integers(1, DAYS_BEFORE))
def test_a_check_counts_once_and_none_comes_early(
    change: ClockChange, at: time, by_the_wall: bool, days_before: int
) -> None:
    first = first_of(change, days_before)
    nights = Nights(zone=change.zone)
    for moment in local_runs(change.zone, first, DAYS, at) if by_the_wall else utc_runs(first, DAYS, at):
        nights.run(moment)
        nights.run(moment + timedelta(seconds=40))  # a person runs it once more by hand
    assert nights.counted == len(nights.checks) == len(set(nights.checks))
    gaps = [(b - a).days for a, b in pairwise(nights.checks)]
    # On the one date that a job around midnight leaves out there is no check either: it comes the night after.
    assert set(gaps) <= ({7} if by_the_wall else {7, 8}) and gaps.count(8) <= 1
    assert (nights.dates[-1] - nights.checks[-1]).days < 7


@LAWS
@given(changes, times, st.booleans(), st.integers(0, 13))
def test_a_pause_between_changes_is_of_business_days(
    change: ClockChange, at: time, by_the_wall: bool, days_before: int
) -> None:
    first = first_of(change, days_before)
    helpers = (a_helper("200", worth=0.1), a_helper("201", worth=0.2, event_name="begin_checkout"))
    nights = Nights(zone=change.zone, policy=Policy(demote_checks=1, stage_gap_days=14), helpers=helpers)
    runs = local_runs(change.zone, first, DAYS, at) if by_the_wall else utc_runs(first, DAYS, at)
    for moment in runs:
        nights.run(moment)
    assert len(nights.retired) == 2
    # A change that is closed after midnight is of the day on which it was closed.
    assert (nights.retired[1] - nights.retired[0]).days in range(14, 23)
    if by_the_wall and at < time(23, 57):
        assert (nights.retired[1] - nights.retired[0]).days == 14
