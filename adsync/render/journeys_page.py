"""The ways of visitors as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

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
from adsync.render.touch_chart import touch_chart

Table = tuple[str, tuple[Sequence[str], Sequence[Sequence[str]]]]
"""A heading, the columns, and the rows."""


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
        charts=[drawn(partial(funnel_chart, report.drop_off))],
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


def channels_html(report: ChannelReport) -> str:
    """The page of channels; as above."""
    engine = engine_or_error()
    page: str = engine.get_template("journeys.html").render(
        title=f"What each {report.by} brings",
        facts=channel_facts(report),
        lead="",
        charts=[drawn(partial(touch_chart, report))],
        tables=[(report.total.macro.title, macro_rows(report)), ("Micro-conversions", micro_rows(report))],
        findings=[("How to read it", [TOUCHES], [])],
    )
    return page
