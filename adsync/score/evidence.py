"""Evidence of grade B: GA4's own funnels, one per candidate, against all other visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from math import ceil

from adsync.model.account import Account
from adsync.model.analytics import BASELINE_EVENT, Funnel
from adsync.model.evidence import Evidence, Interval, Verdict
from adsync.model.figures import converts, number_of, percent, plural, times
from adsync.model.grade import B
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.score.intervals import benjamini_hochberg, lift, p_greater, risk_difference, wilson
from adsync.score.pace import not_enough_yet
from adsync.score.told_apart import told_apart
from adsync.score.use import share_and_use

MINIMUM_ENTERED, MINIMUM_COMPLETED, MINIMUM_OTHERS = 100, 10, 1
MINIMUM_RANKED = 30
"""Macros of all visitors, under which the intervals of two candidates overlap unless one is some three times the other."""

LONGEST_FUNNEL_DAYS = 365


@dataclass(frozen=True, slots=True)
class _Table:
    """Users who did the micro and converted after it (x1 of n1), and all the others (x0 of n0)."""

    x1: int
    n1: int
    x0: int
    n0: int


def score_candidates(
    account: Account, funnels: Sequence[Funnel], fault: str = "", users: Mapping[str, DailySeries] | None = None
) -> tuple[Evidence, ...]:
    """Evidence for every candidate that has a funnel beside the baseline's, in the account's order.

    fault: why the funnels are not whole; numbers of which something is missing are shown and decide nothing.
    users: who did each event by day, which tells since when there are any, and with it at what pace they come.
    """
    by_event = {f.event_name: f for f in funnels}
    baseline = by_event.get(BASELINE_EVENT)
    if baseline is None:
        return ()
    scored = [by_event[c.event_name] for c in account.candidates if c.event_name in by_event]
    tables = [_table(f, baseline) for f in scored]
    q_values = benjamini_hochberg([p_greater(t.x1, t.n1, t.x0, t.n0) for t in tables])
    since = _first_day(users or {})
    return tuple(
        _evidence(account, funnel, baseline, table, q, fault, since)
        for funnel, table, q in zip(scored, tables, q_values, strict=True)
    )


def _table(funnel: Funnel, baseline: Funnel) -> _Table:
    # GA4 counts each funnel by itself; at low volume the parts may exceed the whole by a few.
    others = max(baseline.entered - funnel.entered, 0)
    return _Table(funnel.completed, funnel.entered, min(max(baseline.completed - funnel.completed, 0), others), others)


def _evidence(
    account: Account, funnel: Funnel, baseline: Funnel, table: _Table, q_value: float, fault: str, since: date | None
) -> Evidence:
    share = wilson(table.x1, table.n1)
    ratio = lift(table.x1, table.n1, table.x0, table.n0)
    verdict, reason = _verdict(account, funnel, table, share, ratio, q_value, since)
    if fault and verdict is not Verdict.UNKNOWN:
        verdict, reason = Verdict.UNKNOWN, f"GA4's numbers are {fault}; such numbers decide nothing."
    return Evidence(
        event_name=funnel.event_name,
        window=funnel.window,
        horizon_days=funnel.horizon_days,
        entered=funnel.entered,
        completed=funnel.completed,
        visitors=baseline.entered,
        buyers=baseline.completed,
        share=share,
        without=wilson(table.x0, table.n0),
        lift=ratio,
        difference=risk_difference(table.x1, table.n1, table.x0, table.n0),
        coverage=table.x1 / baseline.completed if baseline.completed else 0.0,
        q_value=q_value,
        monthly=30.0 * funnel.entered / len(funnel.window),
        verdict=verdict,
        reason=reason,
        grade=B.name,
        cannot_know=B.cannot_know,
        comparable=table.x0 >= MINIMUM_OTHERS,
    )


def _verdict(
    account: Account,
    funnel: Funnel,
    table: _Table,
    share: Interval,
    ratio: Interval,
    q_value: float,
    since: date | None,
) -> tuple[Verdict, str]:
    policy, macro = account.policy, account.macro.event_name
    if funnel.sampled_share is not None:
        return (
            Verdict.UNKNOWN,
            f"GA4 read only {percent(funnel.sampled_share)} of the events: sampled numbers decide nothing.",
        )
    if lacking := _lacking(table, funnel.window, since):
        return Verdict.NOT_ENOUGH, lacking
    if q_value >= policy.false_discovery_rate or ratio.low <= policy.minimum_lift:
        return Verdict.NOT_BETTER, _not_better(ratio, policy.minimum_lift, q_value)
    if share.high < policy.minimum_share:
        return Verdict.TOO_EARLY, (
            f"it does announce {plural(macro)} ({times(ratio.point)} as likely), but only {percent(share.point)} go on to "
            f"{converts(macro)}; "
            f"{percent(policy.minimum_share)} are asked where bidding counts conversions."
        )
    shown, use = share_and_use(share.point, policy.minimum_share)
    return Verdict.GOOD, f"{shown} go on to {converts(macro)}, {times(ratio.point)} the share of other visitors.{use}"


def _not_better(ratio: Interval, asked: float, q_value: float) -> str:
    if ratio.low > asked:
        return (
            f"Cannot be told apart from chance: of so many candidates one looks as good by chance (q = {q_value:.2f})."
        )
    said = told_apart(ratio, asked, "other visitors")
    return (
        f"{said}: {ratio.point:.1f} times as likely, 95 % {ratio.low:.1f} to {ratio.high:.1f}; more than "
        f"{asked:.1f} is asked of its lower end."
    )


def too_few_to_rank(macro: str, baseline: Funnel, users: Mapping[str, DailySeries]) -> str:
    """Why no candidate stands above another, and about how long that lasts at this pace; "" where one may."""
    window = baseline.window
    days = _days_of_traffic(window, _first_day(users))
    counted = ((baseline.completed, MINIMUM_RANKED, f"{baseline.completed} {plural(macro)}"),)
    return not_enough_yet(counted, days / 7, partial(_beyond, window, days))


def _days_of_traffic(window: Window, since: date | None) -> int:
    first = max(window.first, min(since, window.last)) if since is not None else window.first
    return len(Window(first, window.last))


def _lacking(table: _Table, window: Window, since: date | None) -> str:
    """What there is too little of, and about how long it takes at this pace; "" where there is enough."""
    days = _days_of_traffic(window, since)
    counted = (
        (table.n1, MINIMUM_ENTERED, f"{number_of(table.n1, 'visitor')} did it"),
        (table.x1, MINIMUM_COMPLETED, f"{table.x1} converted after it"),
    )
    if lacking := not_enough_yet(counted, days / 7, partial(_beyond, window, days)):
        return lacking
    if table.x0 < MINIMUM_OTHERS:
        return "Nobody converted without it, so there is nothing to compare with."
    return ""


def _beyond(window: Window, days: int, more_weeks: float) -> str:
    """What it takes besides waiting: a funnel looks back so many days and no further, however long there is traffic."""
    needed = ceil(days + 7 * more_weeks)
    if needed <= len(window):
        return ""
    if needed > LONGEST_FUNNEL_DAYS:
        return f", and GA4's funnels look back {LONGEST_FUNNEL_DAYS} days at most: only a log of single events reaches further"
    return f" than the {len(window)} days that GA4's funnels look at (funnel_days: {needed})"


def _first_day(users: Mapping[str, DailySeries]) -> date | None:
    """The first day on which anybody is known to have done anything."""
    found = (
        series.first + timedelta(days=n) for series in users.values() for n, count in enumerate(series.values) if count
    )
    return min(found, default=None)
