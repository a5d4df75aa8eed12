"""A report with what its scores were over time, and what they are by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from adsync.model.activity import Floats
from adsync.model.score import ScoreReport
from adsync.model.stability import History, SegmentCount
from adsync.score.drift import drifts
from adsync.score.promoted import promoted
from adsync.score.segments import by_segment
from adsync.score.weekly import weeks_of


def with_history(
    report: ScoreReport, histories: Mapping[str, History], ratios: Mapping[str, Floats], since: Mapping[str, date]
) -> ScoreReport:
    """The same report with the weeks of each candidate, its drift, and what it did before and after its promotion.

    ratios: of whom each candidate is compared with, by stratum. since: when candidates were promoted.
    """
    first, mature, last = report.log.first.date(), report.mature_until, report.as_of.date()
    weeks = {s.event: weeks_of(histories[s.event], ratios[s.event], first, mature) for s in report.scores}
    drift = drifts(weeks)
    scores = tuple(
        replace(
            s,
            weeks=weeks[s.event],
            drift=drift.get(s.event),
            promoted=promoted(s.event, since[s.event], histories[s.event], first, mature, last, report.horizon_days)
            if s.event in since
            else None,
        )
        for s in report.scores
    )
    return replace(report, scores=scores)


def with_segments(
    report: ScoreReport, dimension: str, counts: Mapping[str, Sequence[SegmentCount]], ratios: Mapping[str, Floats]
) -> ScoreReport:
    """The same report with each candidate by campaign, channel or device."""
    found = by_segment(dimension, counts, ratios)
    return replace(report, scores=tuple(replace(s, by=found[s.event]) for s in report.scores))
