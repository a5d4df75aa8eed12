"""The ways of visitors as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from adsync.model.channel import ChannelReport
from adsync.model.figures import short
from adsync.model.funnel import FunnelReport
from adsync.render.channels import TOUCHES, channel_facts, macro_rows, micro_rows
from adsync.render.charts import funnel_chart
from adsync.render.funnel import (
    STEP_COLUMNS,
    difference_lines,
    facts,
    incident_lines,
    place_of,
    segment_rows,
    step_cells,
)
from adsync.render.incident_chart import incident_chart
from adsync.render.report import drawn, engine_or_error
from adsync.render.touch_chart import MACRO, touch_chart

Table = tuple[str, tuple[Sequence[str], Sequence[Sequence[str]]]]
"""A heading, the columns, and the rows."""

Finding = tuple[str, Sequence[str], Sequence[Any]]
"""A heading, sentences, and charts."""

MOST_CHARTS = 6
"""Of micro-conversions on one page."""


def funnel_html(report: FunnelReport) -> str:
    """The page. Every foreign word is escaped by the template engine.

    Raises UsageError where the extra `report` is not installed.
    """
    engine = engine_or_error()
    tables: list[Table] = [("Steps", (STEP_COLUMNS, [step_cells(step) for step in report.steps]))]
    if report.segments:
        tables.append((f"By {report.by}", segment_rows(report)))
    page: str = engine.get_template("journeys.html").render(
        title=f"The way to {short(report.macro)}",
        facts=facts(report),
        lead=report.drop_off.advice,
        charts=[drawn(partial(funnel_chart, report.drop_off, _days_of(report)))],
        tables=tables,
        findings=[
            (
                "Incidents",
                incident_lines(report),
                [drawn(partial(incident_chart, found, place_of(found, report))) for found in report.incidents],
            ),
            ("What is different", difference_lines(report), []),
        ],
    )
    return page


def _days_of(report: FunnelReport) -> str:
    first, last = report.period
    return f"Visitors, {first} to {last}"


def channels_html(report: ChannelReport) -> str:
    """The page of channels; as above."""
    engine = engine_or_error()
    page: str = engine.get_template("journeys.html").render(
        title=f"What each {report.by} brings",
        facts=channel_facts(report),
        lead="",
        charts=[drawn(partial(touch_chart, report, MACRO))],
        tables=[(report.total.macro.title, macro_rows(report)), ("Micro-conversions", micro_rows(report))],
        findings=[_micro_charts(report), ("How to read it", [TOUCHES], [])],
    )
    return page


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
