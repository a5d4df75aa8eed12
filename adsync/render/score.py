"""A log's scores as people read them, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType

from adsync.model.evidence import Interval, Verdict
from adsync.model.exposure import LogSummary
from adsync.model.figures import converts, enumerated, listed, number_of, percent, plural, short
from adsync.model.grade import A
from adsync.model.score import Score, ScoreReport, is_ranked
from adsync.model.selection import Selection
from adsync.model.tier import TierScore
from adsync.render.journeys import interval, left_out_lines, log_read
from adsync.render.rows import Rows
from adsync.render.stability import drift_lines, over_time_and_by_segment, segment_lines
from adsync.render.terminal import text

VERDICTS = {
    Verdict.GOOD: "good",
    Verdict.TOO_EARLY: "too early",
    Verdict.TOO_RARE: "too rare",
    Verdict.AFTER_MACRO: "after it",
    Verdict.DUPLICATE: "duplicate",
    Verdict.NOT_BETTER: "not better",
    Verdict.NOT_ENOUGH: "not enough",
    Verdict.UNKNOWN: "unknown",
}

CANNOT_TELL = "cannot tell"

NAMED = 8

KNOWS = "Grade A, from single events: what came before what, beside equally active visitors who had not done it yet."
TAGS = {"campaign": "campaigns", "device": "devices"}
"""What activity would be judged by as well."""


def verdict_words(score: Score | TierScore) -> str:
    """A verdict as people read it: of one code, "no better" is another thing than that nobody can tell."""
    return CANNOT_TELL if score.cannot_tell else VERDICTS[score.verdict]


def shown_lift(lift: Interval | None) -> Interval | None:
    """The lift as tables have it: none of which anything may be true. `--json` has it all the same."""
    return None if lift is None or lift.leaves_all_open else lift


def score_lines(report: ScoreReport) -> Iterator[RenderableType]:
    """The log, the table, and a reason for each."""
    log, macro = report.log, report.macro
    yield text(f"{log_read(log)} {_bought(report)}")
    yield from map(text, left_out_lines(log))
    if report.mature_until > log.first.date():
        within = number_of(report.horizon_days, "day")
        settling = (
            f"; and Google goes on rewriting an export's last {log.settling_days} days" if log.settling_days else ""
        )
        yield text(
            f"Within {within}; counted until {report.mature_until}, so that everybody has had the time{settling}."
        )
    for note in (*log.notes, *report.notes):
        yield text(note)
    yield text("")
    table = Rows("Event", "Visitors", f"then {converts(macro)}", "p", "Lift", "95 %", "Naive", "In 30 days", "Verdict")
    ranked = is_ranked(report.scores)
    for score in report.scores:
        table.add_row(*(text(cell) for cell in _cells(score, ranked=ranked)))
    yield table
    yield text("")
    for score in report.scores:
        yield text(f"{short(score.event)}: {score.because}")
    yield from map(text, _left_out(report.left_out))
    if over_time := [*drift_lines(report)]:
        yield text("")
        yield from map(text, over_time)
    if by_segment := [*segment_lines(report)]:
        yield text("")
        yield from by_segment
    if report.scores:
        yield text("")
        yield text(f"Beyond what activity explains they announce in 30 days, at least: {_announced(report)}.")
        for line in _together(report):
            yield text(line)
        yield from map(text, _how_to_read(report))
        yield text(f"Grade {A.name}. {A.cannot_know} {_raised_by(log)}")


def _raised_by(log: LogSummary) -> str:
    """What data would say more."""
    lacking = [words for dimension, words in TAGS.items() if dimension not in log.labels]
    tags = f" With {' and '.join(lacking)} in the log activity would be judged by them as well." if lacking else ""
    return f"{A.raised_by}{tags}"


def _bought(report: ScoreReport) -> str:
    """How many did the macro; where the log goes on after the day that is asked about, of those who were known then."""
    share = percent(report.base_share.point)
    if report.as_of == report.log.last:
        return f"{report.buyers:,} did {short(report.macro)} ({share})."
    return f"By {report.as_of.date()} {report.buyers:,} of {report.visitors:,} did {short(report.macro)} ({share})."


def _together(report: ScoreReport) -> Iterator[str]:
    """What good candidates add to each other, which to bid on, what they are worth, and where each stops helping."""
    if report.gains:
        told = {gain.event for gain in report.gains}
        first, *rest = report.gains
        words = [f"{short(first.event)} {first.added:.1f}"]
        words += [
            f"{short(g.event)} adds {g.added:.1f} to those before it (known by itself {g.alone:.1f})" for g in rest
        ]
        if silent := [short(s.event) for s in report.scores if s.verdict is Verdict.GOOD and s.event not in told]:
            words.append(f"{listed(silent)} nothing certain")
        yield (
            f"How much they tell of who will {converts(report.macro)}, taken together: {', '.join(words)}. Only for "
            "comparing them: twice the number tells twice as much."
        )
    chosen = report.selection
    if chosen is not None:
        macro = short(report.macro)
        named = listed([*map(short, chosen.events)]) or (macro if chosen.reached else f"nothing yet; {macro}")
        together = f" with those who {converts(report.macro)}" if chosen.events else ""
        counted = f"{chosen.volume:,.0f} in 30 days{together}, from ads or not"
        yield f"To bid on: {named}, {counted}; {chosen.need:,.0f} are needed. {chosen.because}"
    if worths := [w for w in report.worths if w.value]:
        currency = f" {report.log.currency}" if report.log.currency else ""
        # Where the macro is bid on alone, a value sent for a helper besides would count the same sale twice.
        aside = "" if chosen is None or chosen.events else ", for information only, as no helper is needed"
        yield f"Worth{aside}: {', '.join(f'{short(w.event)} {w.value:g}{currency}' for w in worths)}."
    if limited := [s for s in report.scores if s.helps_up_to is not None]:
        named = ", ".join(f"{short(s.event)} {s.helps_up_to:,.0f}" for s in limited)
        yield f"Of help to a campaign until it has so many {plural(report.macro)}: {named}."


def _how_to_read(report: ScoreReport) -> Iterator[str]:
    """What this very table needs said of its columns."""
    if any(s.lift and s.verdict in (Verdict.GOOD, Verdict.NOT_BETTER) for s in report.scores):
        yield (
            "Lift holds those who do it beside others at moments of like activity who had not done it yet. Some of these do it "
            f"later: who never does it may {converts(report.macro)} far more rarely than the lift says."
        )
    if any("within a day" in s.because for s in report.scores):
        yield (
            f'Lift in the table is of the {number_of(report.horizon_days, "day")} after it, "within a day" of the one day after '
            "it: said is the surer of the two."
        )
    if any(s.naive_lift is None and s.coverage > 0 for s in report.scores):
        yield f"Naive is empty where nobody did {short(report.macro)} without it: no ratio can be taken to nobody."


def _left_out(left_out: Sequence[tuple[str, str]]) -> Iterator[str]:
    """One line for each reason; of many names the first, the rest as a number. JSON has them all."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in left_out:
        by_reason.setdefault(reason, []).append(short(name))
    for reason, names in by_reason.items():
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        yield f"{', '.join(names[:NAMED])}{more}: no candidate, {reason}."


def _announced(report: ScoreReport) -> str:
    good = [s for s in report.scores if s.verdict is Verdict.GOOD]
    macro = plural(report.macro).removesuffix("s")
    told = [f"{short(s.event)} {number_of(round(s.announces), macro)}" for s in good if round(s.announces)]
    unsure = [short(s.event) for s in good if not round(s.announces)]
    if told and unsure:
        told.append(f"{enumerated(unsure)} no number that is certain")
    # What is announced is of the horizon, and a verdict goes by the surer of horizon and day.
    by_day = [short(s.event) for s in good if s.lift_day and (s.lift is None or s.lift.low <= 1)]
    so_far = f"; {enumerated(by_day)} {_is(by_day)} good by what follows within a day" if by_day else ""
    return (", ".join(told) or "nothing that is certain") + so_far


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _cells(score: Score, *, ranked: bool) -> tuple[str, ...]:
    lift = shown_lift(score.lift) if ranked else None
    return (
        short(score.event),
        f"{score.exposed:,}",
        f"{score.converted:,}",
        percent(score.p.point),
        f"{lift.point:.2f}" if lift else "",
        f"{lift.low:.2f}-{lift.high:.2f}" if lift else "",
        f"{score.naive_lift:.1f}" if score.naive_lift is not None else "",
        f"{score.volume_30d:,.0f}",
        verdict_words(score),
    )


def score_document(report: ScoreReport) -> dict[str, Any]:
    """The same as plain values; the keys are stable."""
    log = report.log
    return {
        "level": report.level,
        "base": {
            "macro": report.macro,
            "visitors": report.visitors,
            "buyers": report.buyers,
            "volume_30d": report.volume_30d,
            "share": interval(report.base_share),
            "events": log.rows,
            "used": log.used,
            "first": log.first,
            "last": log.last,
            "as_of": report.as_of,
            "mature_until": report.mature_until,
            "horizon_days": report.horizon_days,
            "form": log.form,
            "files": log.files,
            "compared_with": report.compared_with,
        },
        "excluded": dict(log.excluded),
        "left_out": dict(report.left_out),
        "gains": [{"event": g.event, "added": g.added, "error": g.error, "alone": g.alone} for g in report.gains],
        "selection": _selection(report.selection),
        "worths": [{"event": w.event, "share": w.share, "value": w.value} for w in report.worths],
        "currency": log.currency or None,
        "knows": KNOWS,
        "cannot_know": A.cannot_know,
        "raised_by": _raised_by(log),
        "notes": (*report.log.notes, *report.notes),
        "candidates": [_candidate(score) for score in report.scores],
    }


def _candidate(s: Score) -> dict[str, Any]:
    return {
        "event": s.event,
        "exposed": s.exposed,
        "converted": s.converted,
        "p": interval(s.p),
        "risk_difference": interval(s.risk_difference),
        "lift": interval(s.lift),
        "lift_day": interval(s.lift_day),
        "naive_lift": s.naive_lift,
        "q": s.q,
        "coverage": s.coverage,
        "overlap": s.overlap,
        "volume_30d": s.volume_30d,
        "announces": s.announces,
        "helps_up_to": s.helps_up_to,
        "grade": s.grade,
        "verdict": s.verdict.value,
        "because": s.because,
        **over_time_and_by_segment(s),
    }


def _selection(found: Selection | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "events": found.events,
        "need": found.need,
        "volume": found.volume,
        "reached": found.reached,
        "because": found.because,
    }
