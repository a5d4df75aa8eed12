"""What good candidates are worth together: what each adds, where each stops helping, which to bid on, and for how much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from adsync.model.evidence import Verdict
from adsync.model.exposure import month_days
from adsync.model.figures import number_of, percent, short
from adsync.model.patterns import MacroValue, Together, Unions
from adsync.model.policy import Policy
from adsync.model.score import Score, ScoreReport
from adsync.model.selection import Selection
from adsync.model.value import fair_weight
from adsync.score.fidelity import helps_up_to, spread
from adsync.score.incremental import gains
from adsync.score.selection import select
from adsync.score.values import worths

MOST_TOGETHER = 12
"""Candidates whose combinations are counted: 4,096 patterns."""


def with_selection(
    report: ScoreReport, together: Together, policy: Policy, to_bid_on: Collection[str] | None = None
) -> ScoreReport:
    """The same report with what is known of its good candidates together.

    to_bid_on: the only ones that may be selected; all where None.
    """
    asked = set(together.unions.names)
    scores = tuple(
        replace(s, helps_up_to=helps_up_to(s.p.point, spread(together.segments.get(s.event, ()))))
        if s.event in asked
        else s
        for s in report.scores
    )
    good = [s for s in scores if s.event in asked and s.verdict is Verdict.GOOD]
    eligible = [s for s in good if to_bid_on is None or s.event in to_bid_on]
    selection = _selection(report, eligible, together.unions, policy)
    chosen = [s for s in good if s.event in selection.events]
    if any(s.p.point < policy.minimum_share for s in chosen):
        floor = f"{percent(policy.minimum_share)} must go on to {short(report.macro)} where bidding counts conversions"
        selection = replace(selection, because=f"{selection.because} For bidding to values only: {floor}.")
    weight = fair_weight([s.coverage for s in chosen])
    return replace(
        report,
        scores=scores,
        gains=gains(together.landmarks),
        selection=selection,
        worths=worths(good, together.value.mean, weight),
        notes=(*report.notes, *_on_values(report.macro, together.value)),
    )


def _on_values(macro: str, value: MacroValue) -> list[str]:
    """What is said of values that are not used."""
    notes = []
    if value.too_low:
        are, refunds = ("is", "a refund?") if value.too_low == 1 else ("are", "refunds?")
        named = number_of(value.too_low, f"{short(macro)} value")
        notes.append(f"{named} {are} 0 or below ({refunds}) and not used in the mean.")
    if value.too_high:
        is_or_are = "is" if value.too_high == 1 else "are"
        notes.append(
            f"{number_of(value.too_high, f'{short(macro)} value')} {is_or_are} no amount of money and not used in the mean."
        )
    return notes


def without_good(report: ScoreReport, policy: Policy) -> ScoreReport:
    """The same report, of which no candidate is good, with whether the macro needs one."""
    nobody = np.zeros(0, np.int64)
    return replace(report, selection=_selection(report, (), Unions(names=(), pattern=nobody, visitors=nobody), policy))


def after_the_last(report: ScoreReport, day: date) -> ScoreReport:
    """The same report where the macro stopped on a day: nothing is chosen or worth anything until it is known why, and that
    all announce less says nothing of them."""
    chosen = report.selection
    if chosen is not None:
        since = f"No {short(report.macro)} has come since {day}: find out why first."
        chosen = replace(chosen, events=(), volume=report.volume_30d, reached=False, because=since)
    return replace(report, selection=chosen, worths=(), scores=tuple(replace(s, drift=None) for s in report.scores))


def _selection(report: ScoreReport, good: Sequence[Score], unions: Unions, policy: Policy) -> Selection:
    days = month_days(report.log.first, report.as_of)
    return select(good, unions, report.macro, report.volume_30d, policy.demand, days)
