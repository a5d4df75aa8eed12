"""When helpers are retired and when they come back: the one rule that every night calls.

`evaluate` takes values and returns values: no clock, no I/O. Nothing dated after `today` changes its answer.
The rule and the figures behind its constants stand in docs/statistics.md, "Is the volume sustainably high?".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.decide.gates import Thermometer, fast_lane, gates
from adsync.decide.posterior import (
    capped,
    chance_at_least,
    chance_at_most,
    chance_it_fell,
    dispersion,
    largest_insufficient,
    smallest_sufficient,
    weekly_median,
)
from adsync.decide.weeks import Weeks
from adsync.model.decision import Counters, DemandDecision, Helper, Hold, LastChange, Series, Standing
from adsync.model.policy import Policy
from adsync.model.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What `evaluate` was asked, for the steps that need most of it."""

    policy: Policy
    helpers: Sequence[Helper]
    last_change: LastChange | None
    series: Series
    holds: Sequence[Hold]
    today: date

    @property
    def primary(self) -> list[Helper]:
        """Helpers that are bid on, the least valuable first."""
        return sorted((h for h in self.helpers if h.primary), key=lambda h: (h.worth, h.event_name))

    @property
    def resting(self) -> list[Helper]:
        """Helpers that a person once promoted and that are secondary now."""
        return [h for h in self.helpers if h.trusted and not h.primary]

    @property
    def stands_still(self) -> bool:
        """Whether nothing at all may change: neither down nor up."""
        return any(hold.returns_too for hold in self.holds)

    @property
    def days_since_change(self) -> int | None:
        return None if self.last_change is None else (self.today - self.last_change.on).days

    def changed_within(self, days: int) -> bool:
        since = self.days_since_change
        return since is not None and since < days

    def returned_within(self, days: int) -> bool:
        """Whether helpers came back so lately, whatever was changed since."""
        returned = self.last_change.newest_return if self.last_change is not None else None
        return returned is not None and (self.today - returned).days < days


def evaluate(
    policy: Policy,
    counters: Counters,
    helpers: Sequence[Helper],
    last_change: LastChange | None,
    series: Series,
    holds: Sequence[Hold],
    today: date,
) -> tuple[DemandDecision, Counters]:
    """Tonight's decision for one scope, and the counters to keep.

    Evidence is weighed once in `policy.check_every_days`; on the nights in between the verdict of the last check
    stands, unless it was made by another policy. A second run of the same day weighs again without counting twice. A night
    that was missed counts nothing, and neither does a look at a day before the last check. What is dated after ``today``
    is not looked at.
    """
    if last_change is not None and last_change.on > today:
        last_change = None
    case = _Case(policy=policy, helpers=helpers, last_change=last_change, series=series, holds=holds, today=today)
    if counters.checked_on is not None and today < counters.checked_on:
        # A look at an earlier day: a check of it would be counted on top of those that came after it.
        return _decision("keep", None, case), counters
    counters = _lasting(_after_change(counters, last_change), policy, today)
    if not weighs(policy, counters, today):
        return _decision(counters.standing, None, case), counters
    now = standing(policy, series)
    counters = _counted(counters, now, case)
    return _decision(counters.standing, now, case), counters


def weighs(policy: Policy, counters: Counters, today: date) -> bool:
    """Whether evidence is weighed on this day, or again; on all others the series is not read."""
    checked_on = counters.checked_on
    return checked_on is None or today == checked_on or (today - checked_on).days >= policy.check_every_days


def standing(policy: Policy, series: Series) -> Standing:
    """Where the volume stands against the demand line and the return line, as of the series' last usable day."""
    weeks_up, weeks_down = policy.demand_weeks, policy.return_weeks
    raw = Weeks.of(series.macro, series.last_day, policy.evidence_weeks)
    weeks = raw.without(series.set_aside, series.macro, series.last_day) if series.set_aside else raw
    counts, usable = weeks.counts[:weeks_up], weeks.days[:weeks_up]
    phi = dispersion(raw.counts[:weeks_up], policy)
    tamed = capped(counts, usable, weekly_median(counts, usable), policy.week_cap, phi)
    thermometer = Thermometer.of(series, policy)
    counted, days = weeks.total(1, weeks_up, tamed)
    recent, recent_days = weeks.total(1, weeks_down)
    under_demand = chance_at_most(recent, recent_days, policy.demand, phi)
    return Standing(
        last_day=series.last_day,
        demand=policy.demand,
        counted=counted,
        needed=smallest_sufficient(days, policy.demand, phi, policy.demote_confidence) if days else 0,
        effective_days=days,
        dispersion=phi,
        above_chance=chance_at_least(counted, days, policy.demand, phi),
        recent=recent,
        recent_days=recent_days,
        return_line=policy.return_per_30_days,
        returns_at=largest_insufficient(recent_days, policy.return_per_30_days, phi, policy.return_confidence),
        below_chance=chance_at_most(recent, recent_days, policy.return_per_30_days, phi),
        starved=_enough(policy, recent_days, weeks_down) and under_demand >= policy.return_confidence,
        weekly=tuple(reversed(counts)),
        gates=gates(policy, series, weeks, tamed, phi, thermometer),
        fast_lane=fast_lane(policy, weeks, phi, thermometer),
        cut_weeks=sum(kept < there for kept, there in zip(tamed, counts, strict=False)),
    )


def _after_change(counters: Counters, last_change: LastChange | None) -> Counters:
    """A change that was applied since the last check starts the count anew; one that was only decided does not."""
    if last_change is None or counters.checked_on is None or last_change.on < counters.checked_on:
        return counters
    return replace(counters, above=0, below=0, before_above=0, before_below=0, standing="keep")


def _lasting(counters: Counters, policy: Policy, today: date) -> Counters:
    """Checks in a row are forgotten once nothing of their evidence is left, and a verdict with the policy that made it."""
    if counters.checked_on is not None and not counters.is_recent(today, policy.demand_weeks):
        return Counters()
    if counters.standing != "keep" and counters.policy not in ("", policy.fingerprint):
        return replace(counters, standing="keep")
    return counters


def _counted(counters: Counters, now: Standing, case: _Case) -> Counters:
    """The counters after today's check. What a hold forbids is not counted either: neither for nor against."""
    repeated = counters.checked_on == case.today
    above, below = (counters.before_above, counters.before_below) if repeated else (counters.above, counters.below)
    checked = replace(counters, checked_on=case.today, before_above=above, before_below=below)
    if not case.holds:
        above = above + 1 if _level_holds(case.policy, now) else 0
    if not case.stands_still:
        below = below + 1 if _return_holds(now, case) else 0
    verdict = _verdict(now, case, above, below)
    return replace(checked, above=above, below=below, standing=verdict, policy=case.policy.fingerprint)


def _enough(policy: Policy, days: float, weeks: int) -> bool:
    return days >= policy.minimum_usable * 7 * weeks


def _level_holds(policy: Policy, now: Standing) -> bool:
    return now.above_chance >= policy.demote_confidence and _enough(policy, now.effective_days, policy.demand_weeks)


def _return_holds(now: Standing, case: _Case) -> bool:
    policy = case.policy
    if not _enough(policy, now.recent_days, policy.return_weeks):
        return False
    return now.below_chance >= policy.return_confidence or _retirement_hurt(now, case)


def _retirement_hurt(now: Standing, case: _Case) -> bool:
    """Did the volume clearly fall after the last retirement, and under what had been shown?"""
    policy, last, since = case.policy, case.last_change, case.days_since_change
    if last is None or since is None or last.direction != "down":
        return False
    if not policy.rollback_from_day <= since <= policy.rollback_to_day:
        return False
    days = 7 * policy.demand_weeks
    before, _ = case.series.macro.total(Window.ending(last.on - timedelta(days=1), days=days))
    fell = chance_it_fell(now.recent, now.recent_days, before, days, now.dispersion)
    low = chance_at_most(now.recent, now.recent_days, now.demand, now.dispersion)
    return fell >= policy.rollback_fell and low >= policy.rollback_confidence


def _verdict(now: Standing, case: _Case, above: int, below: int) -> str:
    policy = case.policy
    if case.stands_still:
        return "hold"
    if case.resting and below >= policy.return_checks and not case.changed_within(policy.return_gap_days):
        return "restore"
    if case.holds:
        return "hold"
    down = case.last_change is not None and case.last_change.direction == "down"
    gap = policy.stage_gap_days if down else policy.return_gap_days
    shown = above >= policy.demote_checks or now.fast_lane
    steady = all(passed for _, passed, _ in now.gates)
    if case.primary and shown and steady and not case.changed_within(gap):
        return "demote"
    return "keep"


def _decision(verdict: str, now: Standing | None, case: _Case) -> DemandDecision:
    """now: what was weighed tonight; None where it was not a night to weigh."""
    automatic = True
    whom: tuple[str, ...] = ()
    if case.stands_still or (case.holds and verdict != "restore"):
        verdict = "hold"
    elif verdict == "demote" and case.primary:
        # One at a time, the least valuable first: each step can be looked at before the next.
        whom = (case.primary[0].action_id,)
        automatic = not case.returned_within(case.policy.cycle_days)
    elif verdict == "restore" and case.resting:
        # All at once: a missing signal is urgent.
        whom = tuple(h.action_id for h in case.resting)
    else:
        verdict = "keep"
    return DemandDecision(
        verdict=verdict,
        weighed=now,
        action_ids=whom,
        automatic=automatic,
        checked=now is not None,
        holds=tuple(case.holds),
        policy=case.policy,
    )
