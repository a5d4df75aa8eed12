"""What scores were over time and what they are by segment, as people read it, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from adsync.model.evidence import Verdict
from adsync.model.figures import number_of, percent, short
from adsync.model.score import Score, ScoreReport
from adsync.model.stability import Drift, Promoted, Segments, Span, Turn, Week
from adsync.render.journeys import between, interval
from adsync.render.rows import Rows
from adsync.render.terminal import text

NAMED = 8
"""Alarms that are told; JSON has them all."""


def drift_lines(report: ScoreReport) -> Iterator[str]:
    """One sentence for each candidate that announces less or more than before, and how many were asked."""
    judged = [s.drift for s in report.scores if s.drift is not None]
    moved = [d for d in judged if d.turn is not Turn.STEADY]
    yield from (d.because for d in moved[:NAMED])
    if len(moved) > NAMED:
        yield f"{len(moved) - NAMED} more announce less or more than before; --json has them."
    # Below a table that says "not enough" of every candidate, a sentence of those with enough weeks would contradict it.
    if moved or any(s.drift is not None and s.verdict is not Verdict.NOT_ENOUGH for s in report.scores):
        found = "" if moved else "None announces less or more than before. "
        yield (
            f"{found}Asked of {number_of(len(judged), 'candidate')} with enough weeks and conversions; said is only what moved "
            "by 30 % and is hardly chance, however many are asked (q of 1 %, Benjamini-Hochberg)."
        )
    yield from (s.promoted.because for s in report.scores if s.promoted is not None)


def segment_lines(report: ScoreReport) -> Iterator[RenderableType]:
    """Good candidates by segment, all of them where none is good; and where segments differ beyond chance."""
    found = [(s, s.by) for s in report.scores if s.by is not None]
    if not found:
        return
    by = found[0][1].dimension
    if not any(of.segments for _, of in found):
        yield text(f"Nobody is counted yet, so that nothing can be split by {by}.")
        return
    shown = [(s, of) for s, of in found if s.verdict is Verdict.GOOD] or found
    table = Rows("Event", by.capitalize(), "Visitors", "p", "95 %", "Lift")
    for score, of in shown:
        for segment in of.segments:
            lift = f"{segment.lift:.2f}" if segment.lift is not None else ""
            cells = (short(score.event), short(segment.label), f"{segment.exposed:,}", percent(segment.p.point))
            table.add_row(*(text(cell) for cell in (*cells, between(segment.p), lift)))
    yield table
    yield text("")
    compared = [s.event for s, of in found if of.q is not None]
    differ = [short(s.event) for s, of in found if of.differ]
    told = (
        f"p differs by {by} beyond chance: {', '.join(differ)}." if differ else f"No p differs by {by} beyond chance."
    )
    tests = (
        f"Asked of {number_of(len(compared), 'candidate')} with two such segments or more; corrected for asking often (q of 5 %, "
        "Benjamini-Hochberg)."
    )
    yield text(f"{told} {tests} Figures are drawn towards the candidate's own as far as chance may have moved them.")


def _week(week: Week) -> dict[str, Any]:
    return {
        "first": week.first,
        "whole": week.whole,
        "exposed": week.exposed,
        "converted": week.converted,
        "p": interval(week.p),
        "expected": week.expected,
        "lift": week.lift,
    }


def _drift(found: Drift | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "turn": found.turn.value,
        "q": found.q,
        "now": {**_span(found.now), "lift": found.now.lift},
        "before": {**_span(found.before), "lift": found.before.lift},
        "because": found.because,
    }


def _promoted(found: Promoted | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "on": found.on,
        "before": {**_span(found.before), "volume_30d": found.volume_before},
        "after": {**_span(found.after), "volume_30d": found.volume_after},
        "difference": interval(found.difference),
        "because": found.because,
    }


def _by(found: Segments | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "dimension": found.dimension,
        "q": found.q,
        "differ": found.differ,
        "segments": [
            {
                "segment": s.label,
                "exposed": s.exposed,
                "converted": s.converted,
                "p": interval(s.p),
                "lift": s.lift,
            }
            for s in found.segments
        ],
    }


def over_time_and_by_segment(s: Score) -> dict[str, Any]:
    """A candidate's fields; null where there is too little, or nobody asked."""
    return {
        "weeks": [_week(week) for week in s.weeks],
        "drift": _drift(s.drift),
        "promoted": _promoted(s.promoted),
        "by": _by(s.by),
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "first": span.first,
        "last": span.last,
        "exposed": span.exposed,
        "converted": span.converted,
        "p": interval(span.p),
    }
