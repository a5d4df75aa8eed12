"""What good candidates are worth together: what each adds, where each stops helping, which to bid on, and for how much."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from adsync.model.evidence import Verdict
from adsync.model.patterns import Together
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.model.value import fair_weight
from adsync.score.fidelity import helps_up_to, spread
from adsync.score.incremental import gains
from adsync.score.selection import select
from adsync.score.values import worths

MOST_TOGETHER = 12
"""Candidates whose combinations are counted: 4,096 patterns."""


def with_selection(report: ScoreReport, together: Together, policy: Policy) -> ScoreReport:
    """The same report with what is known of its good candidates together."""
    asked = set(together.unions.names)
    scores = tuple(
        replace(s, helps_up_to=helps_up_to(s.p.point, spread(together.segments.get(s.event, ()))))
        if s.event in asked
        else s
        for s in report.scores
    )
    good = [s for s in scores if s.event in asked and s.verdict is Verdict.GOOD]
    days = max((report.as_of - report.log.first) / timedelta(days=1), 1.0)
    selection = select(good, together.unions, 30.0 * report.buyers / days, policy.demand, days)
    chosen = [s for s in good if s.event in selection.events]
    weight = fair_weight([s.coverage for s in chosen])
    return replace(
        report,
        scores=scores,
        gains=gains(together.landmarks),
        selection=selection,
        worths=worths(good, together.macro_value, weight),
    )
