"""What channels bring as people read it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from adsync.model.channel import ChannelReport, ChannelRow, Credit
from adsync.model.figures import number_of, percent, short
from adsync.render.funnel import NOBODY
from adsync.render.journeys import between, counted_days, interval, log_document, log_facts
from adsync.render.rows import Rows
from adsync.render.terminal import text

TOUCHES = (
    "First and last touch tell who was there, not who caused it: whether a channel brings sales that would not come without it, "
    "only an experiment shows."
)


def channel_lines(report: ChannelReport) -> Iterator[RenderableType]:
    """The log, the main conversion by channel, then each micro-conversion."""
    for fact in channel_facts(report):
        yield text(fact)
    for columns, rows in (macro_rows(report), micro_rows(report)):
        if not rows:
            continue
        yield text("")
        table = Rows(*columns)
        for row in rows:
            table.add_row(*(text(cell) for cell in row))
        yield table
    yield text("")
    yield text(TOUCHES)


def channel_facts(report: ChannelReport) -> list[str]:
    """What was read, and which days were counted."""
    return [
        *log_facts(report.log),
        f"{counted_days(*report.period)}; touches up to {number_of(report.lookback_days, 'day')} before.",
    ]


def macro_rows(report: ChannelReport) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of the main conversion, without those of nobody at all."""
    columns = (
        report.by.capitalize(), "Visitors", report.total.macro.title, "Per visitor", "95 %", "First touch", "Last touch",
        "Only first", "Only last",
    )  # fmt: skip
    shown = [(name, row) for name, row in _all(report) if row.visitors or row.macro.is_any or row is report.total]
    return columns, [(name, f"{row.visitors:,}", *_cells(row.macro)) for name, row in shown]


def micro_rows(report: ChannelReport) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of the micro-conversions, one after the other; without those of whom nobody did it."""
    columns = (
        "Micro", report.by.capitalize(), "Did it", "Per visitor", "95 %", "First touch", "Last touch",
        "Only first", "Only last",
    )  # fmt: skip
    rows = []
    for n, credit in enumerate(report.total.credits[:-1]):
        shown = [(name, row) for name, row in _all(report) if row.credits[n].is_any or row is report.total]
        rows += [(credit.title, name, *_cells(row.credits[n])) for name, row in shown]
    return columns, rows


def _all(report: ChannelReport) -> list[tuple[str, ChannelRow]]:
    """Rows by the name that is shown, the total last. A channel that is itself called so stands in double quotes."""
    total = report.total
    rows = [(f'"{row.name}"' if row.name == total.name else short(row.name), row) for row in report.rows]
    return [*rows, (total.name, total)]


def _cells(c: Credit) -> tuple[str, ...]:
    """Without a share where there were no visitors to have one."""
    is_known = c.rate != NOBODY
    return (
        f"{c.did:,}",
        percent(c.rate.point) if is_known else "",
        between(c.rate) if is_known else "",
        f"{c.first:,}",
        f"{c.last:,}",
        f"{c.only_first:,}",
        f"{c.only_last:,}",
    )


def channels_document(report: ChannelReport) -> dict[str, Any]:
    """The same as plain values; the keys are stable."""
    first, last = report.period
    return {
        "macro": report.macro,
        "by": report.by,
        "as_of": report.as_of,
        "period": {"first": first, "last": last},
        "lookback_days": report.lookback_days,
        "rows": [_row(row) for row in report.rows],
        "total": _row(report.total),
        "log": log_document(report.log),
    }


def _row(row: ChannelRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "visitors": row.visitors,
        "events": [
            {
                "event": c.event,
                "title": c.title,
                "did": c.did,
                "rate": interval(c.rate),
                "first_touch": c.first,
                "last_touch": c.last,
                "only_first": c.only_first,
                "only_last": c.only_last,
            }
            for c in row.credits
        ],
    }
