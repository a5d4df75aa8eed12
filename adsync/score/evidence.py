"""Evidence of grade B: GA4's own funnels, one per candidate, against all other visitors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adsync.model.account import Account
from adsync.model.analytics import BASELINE_EVENT, Funnel
from adsync.model.evidence import Evidence, Interval, Verdict
from adsync.model.figures import converts, percent, plural, times
from adsync.score.intervals import benjamini_hochberg, lift, p_greater, risk_difference, wilson

MINIMUM_ENTERED, MINIMUM_COMPLETED, MINIMUM_OTHERS = 100, 10, 1

CANNOT_KNOW = (
    "From GA4's funnels: an association in all traffic. Visitors who do more of everything do more of this and convert more, "
    "so part of the lift is mere activity; visitors who converted first count among the others; shares measured on "
    "all channels need not hold for visitors from ads; GA4 does not say whether small groups were left out."
)


@dataclass(frozen=True, slots=True)
class _Table:
    """Users who did the micro and converted after it (x1 of n1), and all the others (x0 of n0)."""

    x1: int
    n1: int
    x0: int
    n0: int


def score_candidates(account: Account, funnels: Sequence[Funnel], fault: str = "") -> tuple[Evidence, ...]:
    """Evidence for every candidate that has a funnel beside the baseline's, in the account's order.

    fault: why the funnels are not whole; numbers of which something is missing are shown and decide nothing.
    """
    by_event = {f.event_name: f for f in funnels}
    baseline = by_event.get(BASELINE_EVENT)
    if baseline is None:
        return ()
    scored = [by_event[c.event_name] for c in account.candidates if c.event_name in by_event]
    tables = [_table(f, baseline) for f in scored]
    q_values = benjamini_hochberg([p_greater(t.x1, t.n1, t.x0, t.n0) for t in tables])
    return tuple(
        _evidence(account, funnel, baseline, table, q, fault)
        for funnel, table, q in zip(scored, tables, q_values, strict=True)
    )


def _table(funnel: Funnel, baseline: Funnel) -> _Table:
    # GA4 counts each funnel by itself; at low volume the parts may exceed the whole by a few.
    others = max(baseline.entered - funnel.entered, 0)
    return _Table(funnel.completed, funnel.entered, min(max(baseline.completed - funnel.completed, 0), others), others)


def _evidence(
    account: Account, funnel: Funnel, baseline: Funnel, table: _Table, q_value: float, fault: str
) -> Evidence:
    share = wilson(table.x1, table.n1)
    ratio = lift(table.x1, table.n1, table.x0, table.n0)
    verdict, reason = _verdict(account, funnel, table, share, ratio, q_value)
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
        cannot_know=CANNOT_KNOW,
    )


def _verdict(
    account: Account, funnel: Funnel, table: _Table, share: Interval, ratio: Interval, q_value: float
) -> tuple[Verdict, str]:
    policy, macro = account.policy, account.macro.event_name
    if funnel.sampled_share is not None:
        return (
            Verdict.UNKNOWN,
            f"GA4 read only {percent(funnel.sampled_share)} of the events: sampled numbers decide nothing.",
        )
    lacking = []
    if table.n1 < MINIMUM_ENTERED:
        lacking.append(f"{table.n1} visitors did it, {MINIMUM_ENTERED} are needed")
    if table.x1 < MINIMUM_COMPLETED:
        lacking.append(f"{table.x1} converted after it, {MINIMUM_COMPLETED} are needed")
    if table.x0 < MINIMUM_OTHERS:
        lacking.append("nobody converted without it, so there is nothing to compare with")
    if lacking:
        return Verdict.NOT_ENOUGH, "; ".join(lacking) + "."
    if q_value >= policy.false_discovery_rate or ratio.low <= policy.minimum_lift:
        return Verdict.NOT_BETTER, (
            f"{times(ratio.point)} as likely, but the 95 % interval begins at {ratio.low:.1f}; "
            f"{policy.minimum_lift:.1f} is asked."
        )
    if share.high < policy.minimum_share:
        return Verdict.TOO_EARLY, (
            f"it does announce {plural(macro)} ({times(ratio.point)} as likely), but only {percent(share.point)} go on to "
            f"{converts(macro)}; "
            f"{percent(policy.minimum_share)} are asked where bidding counts conversions."
        )
    return Verdict.GOOD, (
        f"{percent(share.point)} go on to {converts(macro)}, {times(ratio.point)} the share of other visitors."
    )
