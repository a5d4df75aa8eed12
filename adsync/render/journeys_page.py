"""The ways of visitors as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from adsync.model.channel import ChannelReport
from adsync.model.figures import short
from adsync.model.funnel import FunnelReport
from adsync.render.channels import TOUCHES, channel_facts, macro_rows, micro_rows
from adsync.render.charts import funnel_chart
from adsync.render.engine import drawn, engine_or_error
from adsync.render.funnel import (
    STEP_COLUMNS,
    difference_lines,
    facts,
    incident_lines,
    out_of_order,
    place_of,
    segment_rows,
    step_cells,
)
from adsync.render.incident_chart import incident_chart
from adsync.render.touch_chart import MACRO, touch_chart

Table = tuple[str, tuple[Sequence[str], Sequence[Sequence[str]]]]
"""A heading, the columns, and the rows."""

Finding = tuple[str, Sequence[str], Sequence[Any]]
"""A heading, sentences, and charts."""

MOST_CHARTS = 6
"""Of micro-conversions on one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What stands under one title, on a page of its own or in the report.

    lead: the one thing to know; below: what the charts leave out; "" for none.
    """

    title: str
    facts: Sequence[str]
    lead: str
    charts: Sequence[Any]
    below: str
    findings: Sequence[Finding]
    tables: Sequence[Table]


def funnel_html(report: FunnelReport) -> str:
    """The page. Every foreign word is escaped by the template engine.

    Raises UsageError where the extra `report` is not installed.
    """
    return _page(funnel_part(report))


def channels_html(report: ChannelReport) -> str:
    """The page of channels; as above."""
    return _page(channels_part(report))


def _page(part: Part) -> str:
    page: str = engine_or_error().get_template("journeys.html").render(part=part)
    return page


def funnel_part(report: FunnelReport) -> Part:
    """The funnel, its incidents and what is different, with their charts and tables."""
    first, last = report.period
    tables: list[Table] = [("Steps", (STEP_COLUMNS, [step_cells(step) for step in report.steps]))]
    if report.segments:
        tables.append((f"By {report.by}", segment_rows(report)))
    incidents = [drawn(partial(incident_chart, found, place_of(found, report))) for found in report.incidents]
    return Part(
        title=f"The way to {short(report.macro)}",
        facts=facts(report),
        lead=report.drop_off.advice,
        charts=[drawn(partial(funnel_chart, report.drop_off, f"Visitors, {first} to {last}"))],
        below=out_of_order(report),
        findings=[
            ("Incidents", incident_lines(report), incidents),
            ("What is different", difference_lines(report), []),
        ],
        tables=tables,
    )


def channels_part(report: ChannelReport) -> Part:
    """First and last touch of the main conversion and of micro-conversions; as above."""
    return Part(
        title=f"What each {report.by} brings",
        facts=channel_facts(report),
        lead="",
        charts=[drawn(partial(touch_chart, report, MACRO))],
        below="",
        findings=[_micro_charts(report), ("How to read it", [TOUCHES], [])],
        tables=[(report.total.macro.title, macro_rows(report)), ("Micro-conversions", micro_rows(report))],
    )


def _micro_charts(report: ChannelReport) -> Finding:
    """As that of the main conversion, in the order of the table."""
    micros = report.total.credits[:MACRO]
    most = sorted(range(len(micros)), key=lambda place: (-micros[place].did, place))[:MOST_CHARTS]
    left = len(micros) - len(most)
    said = [f"Drawn are the {MOST_CHARTS} that most visitors did; the table below has {left} more."] if left else []
    if not micros:
        said = ["No micro-conversion is known."]
    return (
        "Micro-conversions by first and last touch",
        said,
        [drawn(partial(touch_chart, report, place)) for place in sorted(most)],
    )
