"""Whether what a candidate announces has changed lately; docs/statistics.md, "Scores over time and by segment"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import fdtrc, xlogy

from adsync.model.activity import Floats
from adsync.model.figures import percent, short
from adsync.model.stability import Drift, Span, Turn, Week
from adsync.score.intervals import benjamini_hochberg
from adsync.score.weekly import span_of

NEWEST, FEWEST_BEFORE = 4, 4
"""Whole weeks that are held against those before, and how many of these there must be."""

WARM_UP = 2
"""The log's first weeks, left out where enough others are there: who had come before is new in them, and surer to buy."""

FEWEST_CONVERTED = 10
"""So many must have converted before, and as many be expected now, and as many not to: fewer show no change of 30 %."""

FALSE_ALARMS = 0.01
"""Of the alarms, so many may be false. Stricter than elsewhere: the question is asked again every week."""

FALL = RISE = 0.30
"""What is certain need not matter: a p that moved by less is steady."""


def drifts(weeks: Mapping[str, Sequence[Week]]) -> dict[str, Drift]:
    """By candidate; without those that cannot be judged yet. q-values are of all that can (Benjamini-Hochberg)."""
    judged = {name: parts for name, own in weeks.items() if (parts := _parts(own)) is not None}
    q_values = benjamini_hochberg([chance(before, now) for before, now in judged.values()])
    return {
        name: _drift(name, span_of(before), span_of(now), q)
        for (name, (before, now)), q in zip(judged.items(), q_values, strict=True)
    }


def chance(before: Sequence[Week], now: Sequence[Week]) -> float:
    """Two-sided p-value that p is the same now: analysis of deviance of a quasi-binomial model.

    The deviance that two shares take away, by how much more the weeks of either part differ from each other than visitors
    who decide alone would make them (Pearson's chi-squared by its degrees of freedom, at least 1): F of 1 and these.
    """
    (n0, x0), (n1, x1) = _counts(before), _counts(now)
    totals = [(n0.sum(), x0.sum()), (n1.sum(), x1.sum())]
    gain = 2 * (
        sum(_log_likelihood(x, n) for n, x in totals) - _log_likelihood(x0.sum() + x1.sum(), n0.sum() + n1.sum())
    )
    degrees = int((n0 > 0).sum() + (n1 > 0).sum()) - 2
    scatter = _scatter(n0, x0) + _scatter(n1, x1)
    return float(fdtrc(1, degrees, max(gain, 0.0) / max(1.0, scatter / degrees)))


def _parts(weeks: Sequence[Week]) -> tuple[Sequence[Week], Sequence[Week]] | None:
    whole = [week for week in weeks if week.whole]
    before, now = whole[:-NEWEST], whole[-NEWEST:]
    before = before[max(0, min(WARM_UP, len(before) - FEWEST_BEFORE)) :]
    if sum(week.exposed > 0 for week in before) < FEWEST_BEFORE:
        return None
    one, other = span_of(before), span_of(now)
    expected = other.exposed * one.p.point
    fewest = min(one.converted, one.exposed - one.converted, expected, other.exposed - expected)
    return (before, now) if fewest >= FEWEST_CONVERTED else None


def _counts(weeks: Sequence[Week]) -> tuple[Floats, Floats]:
    return np.array([float(week.exposed) for week in weeks]), np.array([float(week.converted) for week in weeks])


def _log_likelihood(x: float, n: float) -> float:
    return float(xlogy(x, x) + xlogy(n - x, n - x) - xlogy(n, n))


def _scatter(n: Floats, x: Floats) -> float:
    share = x.sum() / n.sum()
    if not 0 < share < 1:
        return 0.0
    n, x = n[n > 0], x[n > 0]
    return float(((x - n * share) ** 2 / (n * share * (1 - share))).sum())


def _drift(name: str, before: Span, now: Span, q: float) -> Drift:
    ratio = now.p.point / before.p.point
    turn = Turn.STEADY
    if q <= FALSE_ALARMS and ratio < 1 - FALL:
        turn = Turn.FALLS
    elif q <= FALSE_ALARMS and ratio > 1 + RISE:
        turn = Turn.RISES
    return Drift(now=now, before=before, q=q, turn=turn, because=_because(name, before, now, turn))


def _because(name: str, before: Span, now: Span, turn: Turn) -> str:
    said = (
        f"{percent(now.p.point)} of {now.exposed:,} in the {NEWEST} weeks up to {now.last}, "
        f"{percent(before.p.point)} of {before.exposed:,} before (since {before.first})."
    )
    if turn is Turn.STEADY:
        return f"{short(name)} announces about what it did: {said}"
    told = f"{short(name)} announces {'less' if turn is Turn.FALLS else 'more'} than before: {said}"
    if now.lift is None or before.lift is None:
        return told
    lifts = f"now {now.lift:.1f}, {before.lift:.1f} before"
    moved = now.lift / before.lift if before.lift > 0 else 1.0
    falls = turn is Turn.FALLS
    fall, fell = ("fall", "fell") if falls else ("rise", "rose")
    if moved < 1 - FALL if falls else moved > 1 + RISE:
        return f"{told} Its lift {fell} as well, {lifts}."
    shown = round(now.lift, 1) - round(before.lift, 1)
    if shown < 0 if falls else shown > 0:
        return f"{told} Its lift {fell} less, {lifts}: equally active visitors changed as well."
    return f"{told} Its lift did not {fall}, {lifts}: equally active visitors changed as much or more."
