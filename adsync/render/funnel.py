"""The funnel of an event log as people read it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from adsync.model.evidence import Interval
from adsync.model.figures import listed, number_of, percent, points, short
from adsync.model.funnel import VISITORS, Difference, FunnelReport, FunnelStep
from adsync.model.incident import Incident
from adsync.model.segment import EVERYBODY, Segment
from adsync.render.journeys import (
    between,
    counted_days,
    days_from_to,
    interval,
    lasted,
    log_document,
    log_facts,
    spanning,
)
from adsync.render.rows import Rows
from adsync.render.terminal import text

NOBODY = Interval(0.0, 0.0, 1.0)
STEP_COLUMNS = ("Step", "Visitors", "Go on", "95 %", "Before", "Median time")


HOW_TO_READ = (
    "First what moves most visitors: the difference times those who came so far. q: of all that are as sure as this one, so "
    "large a share may be mere chance; only what has a q of 0.05 at most is said."
)


SMALLEST_Q = 0.001
"""That is written out: below, how sure it is does not matter any more."""

BY_DAY = "An incident's visitors are counted day by day: who comes on two of its days counts twice."


def funnel_lines(report: FunnelReport) -> Iterator[RenderableType]:
    """The log, the steps, where most are lost, what is different, and incidents."""
    for fact in facts(report):
        yield text(fact)
    yield text("")
    table = Rows(*STEP_COLUMNS)
    for step in report.steps:
        table.add_row(*(text(cell) for cell in step_cells(step)))
    yield table
    if order := out_of_order(report):
        yield text(order)
    if report.drop_off.advice:
        yield text("")
        yield text(report.drop_off.advice)
    if report.segments:
        yield text("")
        columns, rows = segment_rows(report)
        split = Rows(*columns, first_lines=True)
        for row in rows:
            split.add_row(*(Text("\n").join([text(line) for line in cell.split("\n")]) for cell in row))
        yield split
    yield text("")
    for sentence in difference_lines(report):
        yield text(sentence)
    yield text("")
    yield text(f"Incidents, {days_from_to(report.log.first.date(), report.as_of.date())}", "bold")
    for sentence in incident_lines(report):
        yield text(sentence)


def out_of_order(report: FunnelReport) -> str:
    """How many did the macro without having come through all steps in this order; "" for few of them."""
    through = report.steps[-1].visitors
    if report.in_any_order <= through:
        return ""
    others = report.in_any_order - through
    whole = f'{number_of(report.in_any_order, "visitor")} did "{report.titles[report.macro]}" in these days'
    some = "" if others == report.in_any_order else f"; {others:,} of them"
    return f"{whole}{some} without all of these steps, in this order, before it."


def facts(report: FunnelReport) -> list[str]:
    """What was read, and which days were counted."""
    held = report.compared_with
    against = f"; before: {days_from_to(*held)}." if held else "; the log does not reach back to the period before."
    return [*log_facts(report.log), f"{counted_days(*report.period)}{against}"]


def step_cells(step: FunnelStep) -> tuple[str, ...]:
    """One row of the table of steps; without a share for all visitors, and where nobody was at the step before."""
    is_known = step.event != VISITORS and step.went_on != NOBODY
    before = "" if step.event == VISITORS or step.before is None else percent(step.before)
    own = short(step.event)
    return (
        step.title if step.event == VISITORS or step.title.lower() == own.lower() else f"{step.title} ({own})",
        f"{step.visitors:,}",
        percent(step.went_on.point) if is_known else "",
        between(step.went_on) if is_known else "",
        before,
        lasted(step.median_seconds),
    )


def segment_rows(report: FunnelReport) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of the table of segments: visitors, the share that goes on to each step, and who came through all.

    Below a share stands its interval, beside it how many visitors came to the step.
    """
    steps = report.steps[1:]
    columns = (report.by.capitalize(), "Visitors", *(step.title for step in steps), "All steps")
    rows = [
        (
            short(found.segment.value),
            f"{found.steps[0].visitors:,}",
            *(
                f"{percent(step.went_on.point)} ({step.visitors:,})\n{spanning(step.went_on)}"
                if before.visitors
                else ""
                for before, step in pairwise(found.steps)
            ),
            percent(found.steps[-1].visitors / found.steps[0].visitors) if found.steps[0].visitors else "",
        )
        for found in report.segments
    ]
    return columns, rows


def difference_lines(report: FunnelReport) -> list[str]:
    """A sentence for each; one that says so where there is none."""
    if not report.differences:
        others = "the period before or from the other visitors" if report.compared_with else "the other visitors"
        return [f"No step differs from {others} by more than chance explains."]
    likewise = {id(d): [other for other in report.differences if _is_part_of(other, d)] for d in report.differences}
    parts = {id(part) for found in likewise.values() for part in found}
    said = (f"{_sentence(d, report)}{_likewise(likewise[id(d)])}" for d in report.differences if id(d) not in parts)
    return [*said, HOW_TO_READ]


def _is_part_of(d: Difference, whole: Difference) -> bool:
    """Whether a segment has moved as all visitors have, as far as anybody can tell."""
    if whole.segment != EVERYBODY or d.segment == EVERYBODY:
        return False
    is_same = (d.against, d.before_step, d.step) == (whole.against, whole.before_step, whole.step)
    return is_same and d.difference.low <= whole.difference.high and whole.difference.low <= d.difference.high


def _likewise(parts: Sequence[Difference]) -> str:
    """Of whom that is true as well, with a space before it; "" for nobody. JSON has their figures."""
    named = listed([f"{part.segment.dimension} {short(part.segment.value)}" for part in parts])
    return f" The same by themselves: {named}." if named else ""


def incident_lines(report: FunnelReport) -> list[str]:
    """A sentence for each; one that says so where there is none."""
    if not report.could_tell:
        return ["The log is too short, or holds too few visitors, for an incident to show."]
    if not report.incidents:
        return ["No run of days stands out: nothing in the log looks like an incident."]
    return [*(_incident(found, report) for found in report.incidents), BY_DAY]


def place_of(i: Incident, report: FunnelReport) -> str:
    """Whose incident it is, and at which step."""
    return f'{_kind(i.segment)}, between "{report.titles[i.before_step]}" and "{report.titles[i.step]}"'


def _incident(i: Incident, report: FunnelReport) -> str:
    days = f"{'on' if i.first == i.last else 'from'} {days_from_to(i.first, i.last)}"
    if i.lasting:
        days = f"from {i.first} on, and not over yet"
    first, last = i.first_between, i.last_between
    ends = [f"it began between {first[0]} and {first[1]}"] if first[0] < first[1] else []
    ends += [f"ended between {last[0]} and {last[1]}"] if last[0] < last[1] and i.visitors_after else []
    unsure = f" ({' and '.join(ends)})" if ends else ""
    rarely = next((f"fewer than 1 in {often:,} logs" for often in (10_000, 1_000) if i.chance < 1 / often), "")
    chance = rarely or f"about {percent(i.chance)} of logs"
    return (
        f"{place_of(i, report)}, {days}{unsure}: {percent(i.share)} of {i.visitors:,} visitors go on in "
        f"these days, {percent(i.usual)} before{_afterwards(i, report)}. By chance {chance} show such a run."
    )


def _afterwards(i: Incident, report: FunnelReport) -> str:
    """Whether it was as usual after it, too: nobody knows of what is not over, or went over into another incident."""
    if i.visitors_after:
        return " and after"
    of_it = [other for other in report.incidents if (other.before_step, other.step) == (i.before_step, i.step)]
    return "; what followed is told below" if any(other.first > i.last for other in of_it) else ""


def _kind(segment: Segment) -> str:
    written = f"{segment.dimension} {short(segment.value)}".strip() or segment.name
    return written[:1].upper() + written[1:]


def _sentence(d: Difference, report: FunnelReport) -> str:
    title = report.titles
    return (
        f'{_kind(d.segment)}, from "{title[d.before_step]}" to "{title[d.step]}": {percent(d.share)} go on, '
        f"{percent(d.usual)} in {d.against} ({points(d.difference.point)}, 95 % {points(d.difference.low)} to "
        f"{points(d.difference.high)}; {_q(d.q)})."
    ).replace("in the others", "of the others")


def _q(value: float) -> str:
    return f"q {value:.2g}" if value >= SMALLEST_Q else f"q under {SMALLEST_Q}"


def funnel_document(report: FunnelReport) -> dict[str, Any]:
    """The same as plain values; the keys are stable."""
    return {
        "macro": report.macro,
        "as_of": report.as_of,
        "period": _days(report.period),
        "compared_with": _days(report.compared_with),
        "steps": [_step(step) for step in report.steps],
        "in_any_order": report.in_any_order,
        "carts": report.carts and {"filled": report.carts.filled, "ordered": report.carts.ordered},
        "advice": report.drop_off.advice,
        "by": report.by,
        "segments": [
            {"segment": found.segment.value, "steps": [_step(step) for step in found.steps]}
            for found in report.segments
        ],
        "differences": [_difference(d) for d in report.differences],
        "incidents": [_incident_document(i) for i in report.incidents],
        "log": log_document(report.log),
    }


def _days(period: tuple[Any, Any] | None) -> dict[str, Any] | None:
    return None if period is None else {"first": period[0], "last": period[1]}


def _step(step: FunnelStep) -> dict[str, Any]:
    return {
        "event": step.event,
        "title": step.title,
        "visitors": step.visitors,
        "went_on": interval(step.went_on),
        "before": step.before,
        "median_seconds": step.median_seconds,
    }


def _difference(d: Difference) -> dict[str, Any]:
    return {
        "dimension": d.segment.dimension,
        "segment": d.segment.value,
        "against": d.against,
        "from": d.before_step,
        "to": d.step,
        "share": d.share,
        "usual": d.usual,
        "visitors": d.visitors,
        "difference": interval(d.difference),
        "q": d.q,
    }


def _incident_document(i: Incident) -> dict[str, Any]:
    return {
        "dimension": i.segment.dimension,
        "segment": i.segment.value,
        "from": i.before_step,
        "to": i.step,
        "first": i.first,
        "last": i.last,
        "first_between": _days(i.first_between),
        "last_between": _days(i.last_between),
        "lasting": i.lasting,
        "visitors": i.visitors,
        "share": i.share,
        "usual": i.usual,
        "visitors_after": i.visitors_after,
        "chance": i.chance,
    }
