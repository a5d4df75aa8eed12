"""What an account's own numbers say about its candidates, as people read it and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType

from adsync.model.evidence import Verdict
from adsync.model.figures import converts, listed, number_of, percent, plural, short
from adsync.model.grade import A
from adsync.model.log_scores import LogScores
from adsync.model.tier import AccountScores, TierScore
from adsync.render.journeys import interval
from adsync.render.rows import Rows
from adsync.render.score import shown_lift, verdict_words
from adsync.render.terminal import text

LEVEL = 0.95

SOURCES = {
    "A": "from a log of single events",
    "B": "from GA4's funnels",
    "C": "from daily numbers of campaigns; it ranks, and decides nothing",
}


def account_lines(found: AccountScores) -> Iterator[RenderableType]:
    """What was looked at, then grade by grade a table, a reason for each candidate, and what the grade cannot know."""
    yield text(f"{found.account}: {_looked_at(found)}".rstrip())
    for note in found.notes:
        yield text(note)
    for grade in sorted({score.grade for score in found.scores}):
        yield text("")
        if grade == A.name and found.log is not None:
            yield text(_log_looked_at(found.macro, found.log))
        yield from _of_grade(found.macro, grade, [score for score in found.scores if score.grade == grade])
    if found.unasked:
        yield text("")
    for unasked in found.unasked:
        names = listed([short(event) for event in unasked.events])
        yield text(f"Grade {unasked.grade} says nothing of {names}. {unasked.because}")


def _looked_at(found: AccountScores) -> str:
    if found.visitors is None or found.buyers is None:
        return ""
    # Beside a log the two are easily taken for one.
    counted = "GA4's funnels count " if found.log is not None else ""
    return (
        f"{counted}{number_of(found.visitors, 'visitor')} from {found.first} to {found.last}, as known on {found.as_of}; "
        f"{found.buyers:,} of them did {short(found.macro)}."
    )


def _log_looked_at(macro: str, log: LogScores) -> str:
    within = number_of(log.horizon_days, "day")
    return (
        f"The log counts {number_of(log.visitors, 'visitor')} from {log.first} to {log.last}; {log.buyers:,} of them did "
        f"{short(macro)}. Within {within}; counted until {log.mature_until}."
    )


def _of_grade(macro: str, grade: str, scores: Sequence[TierScore]) -> Iterator[RenderableType]:
    yield text(f"Grade {grade}, {SOURCES[grade]}")
    if all(score.exposed is None for score in scores):
        table = Rows("Event", "Moves with it", "95 %", "In 30 days", "Verdict")
        cells = [_cells_of_rates(score) for score in scores]
    else:
        table = Rows("Event", "Visitors", f"then {converts(macro)}", "p", "Lift", "95 %", "In 30 days", "Verdict")
        cells = [_cells(score) for score in scores]
    for row in cells:
        table.add_row(*map(text, row))
    yield table
    for score in scores:
        yield text(f"{short(score.event)}: {score.because}")
    yield from map(text, _by_parts(macro, scores))
    yield from map(text, dict.fromkeys(score.cannot_know for score in scores if score.cannot_know))
    yield from map(text, _raised_by(scores))


def _raised_by(scores: Sequence[TierScore]) -> Iterator[str]:
    """What data would say more, each once; with the candidates that it is about, unless it is about all of them."""
    for words in dict.fromkeys(score.raised_by for score in scores if score.raised_by):
        about = [short(score.event) for score in scores if score.raised_by == words]
        yield words if len(about) == len(scores) else f"{listed(about)}: {words}"


def _by_parts(macro: str, scores: Sequence[TierScore]) -> Iterator[str]:
    """By device and by channel: the shares, whether they differ, and up to where a candidate helps."""
    for score in scores:
        for parts in score.parts:
            shares = [f"{short(s.segment)} {percent(s.p)} of {s.exposed:,}" for s in parts.shares]
            said = f"they differ beyond chance (q = {parts.q:.3f})" if parts.differ else "no more than chance explains"
            yield f"{short(score.event)} by {parts.by}: {', '.join(shares)}; {said}."
    if limited := [s for s in scores if s.helps_up_to is not None and s.verdict is Verdict.GOOD]:
        named = ", ".join(f"{short(s.event)} {s.helps_up_to:,.0f}" for s in limited)
        yield f"Of help to a device or channel until it has so many {plural(macro)}: {named}."


def _cells(score: TierScore) -> tuple[str, ...]:
    lift = shown_lift(score.lift)
    return (
        short(score.event),
        "" if score.exposed is None else f"{score.exposed:,}",
        "" if score.converted is None else f"{score.converted:,}",
        percent(score.p.point) if score.p and score.exposed else "",
        f"{lift.point:.1f}" if lift else "",
        f"{lift.low:.1f}-{lift.high:.1f}" if lift else "",
        "" if score.volume_30d is None else f"{score.volume_30d:,.0f}",
        verdict_words(score),
    )


def _cells_of_rates(score: TierScore) -> tuple[str, ...]:
    moves = score.moves_with
    return (
        short(score.event),
        f"{moves.point:.2f}" if moves else "",
        f"{moves.low:.2f} to {moves.high:.2f}" if moves else "",
        "" if score.volume_30d is None else f"{score.volume_30d:,.0f}",
        verdict_words(score),
    )


def account_document(found: AccountScores) -> dict[str, Any]:
    """The same as plain values; the keys are stable, and those of `score --events` where they mean the same."""
    return {
        "account": found.account,
        "level": LEVEL,
        "base": {
            "macro": found.macro,
            "visitors": found.visitors,
            "buyers": found.buyers,
            "first": found.first,
            "last": found.last,
            "as_of": found.as_of,
            "horizon_days": found.horizon_days,
        },
        "log": None
        if found.log is None
        else {
            "visitors": found.log.visitors,
            "buyers": found.log.buyers,
            "first": found.log.first,
            "last": found.log.last,
            "mature_until": found.log.mature_until,
            "horizon_days": found.log.horizon_days,
        },
        "unasked": [{"grade": u.grade, "events": u.events, "because": u.because} for u in found.unasked],
        "notes": found.notes,
        "candidates": [_candidate(score) for score in found.scores],
    }


def _candidate(s: TierScore) -> dict[str, Any]:
    return {
        "event": s.event,
        "exposed": s.exposed,
        "converted": s.converted,
        "p": interval(s.p),
        "risk_difference": interval(s.risk_difference),
        "lift": interval(s.lift),
        "q": s.q,
        "coverage": s.coverage,
        "volume_30d": s.volume_30d,
        "announces": s.announces,
        "helps_up_to": s.helps_up_to,
        "parts": [
            {
                "by": parts.by,
                "q": parts.q,
                "differ": parts.differ,
                "shares": [
                    {"segment": p.segment, "exposed": p.exposed, "converted": p.converted, "p": p.p}
                    for p in parts.shares
                ],
            }
            for parts in s.parts
        ],
        "moves_with": interval(s.moves_with),
        "grade": s.grade,
        "verdict": s.verdict.value,
        "because": s.because,
        "cannot_know": s.cannot_know,
        "raised_by": s.raised_by,
    }
