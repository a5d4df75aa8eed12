"""What an event log says about the way to the main conversion, from the question to the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from adsync.catalog import CATALOGUE, entry
from adsync.errors import UsageError
from adsync.model.channel import ChannelReport, TouchQuestion
from adsync.model.exposure import LogSummary
from adsync.model.funnel import VISITORS, FunnelCount, FunnelQuestion, FunnelReport, FunnelStep, SegmentFunnel
from adsync.model.segment import EVERYBODY, Segment
from adsync.ports import EventLog
from adsync.score.asking import has, in_log, settled_in
from adsync.score.channels import channel_rows, total_of
from adsync.score.funnel import differences, drop_off_in, funnel_steps
from adsync.score.incidents import could_tell, incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a person wants to know. steps: empty for the catalogue's. by: "" for no table of segments. days: of the period."""

    macro: str
    steps: tuple[str, ...] = ()
    by: str = ""
    as_of: date | None = None
    days: int = 28


def funnel_of(log: EventLog, asked: Journey, step: Callable[[str], None] = lambda _: None) -> FunnelReport:
    """Raises UsageError for events or a dimension that the log does not have."""
    summary = log.summary
    steps = _steps(summary, asked)
    has(asked.by, summary)
    last, growing = settled_in(summary, asked.as_of)
    first = period_start(last, asked.days)
    step("Counting how far visitors came")
    now = log.funnel(FunnelQuestion(steps=steps, first=first, last=last))
    earlier = first - timedelta(days=asked.days)
    before: tuple[FunnelCount, ...] = ()
    if summary.first.date() <= earlier.date():
        step("Counting the period before")
        before = log.funnel(FunnelQuestion(steps=steps, first=earlier, last=first - timedelta(microseconds=1)))
    step("Looking for incidents in all days")
    titles = [(VISITORS, "Visitors"), *((name, title_of(name)) for name in steps)]
    was = {count.segment: count for count in before}
    in_any_order = next((count.in_any_order for count in now if count.segment == EVERYBODY), 0)
    days = log.step_days(FunnelQuestion(steps=steps, first=summary.first, last=last))
    tables = {count.segment: funnel_steps(titles, count, was.get(count.segment)) for count in now}
    whole = tables.get(EVERYBODY) or funnel_steps(titles, _nobody(len(titles)), None)
    return FunnelReport(
        macro=asked.macro,
        log=replace(summary, notes=(*summary.notes, *growing)),
        as_of=last,
        period=(first.date(), last.date()),
        compared_with=(earlier.date(), first.date() - timedelta(days=1)) if before else None,
        steps=whole,
        drop_off=drop_off_in(whole),
        by=asked.by,
        segments=_segments(tables, asked.by),
        differences=differences(steps, now, before),
        incidents=incidents(days),
        in_any_order=in_any_order,
        could_tell=could_tell(days),
    )


def channels_of(log: EventLog, asked: Journey, step: Callable[[str], None] = lambda _: None) -> ChannelReport:
    """What each channel or campaign brings; asked.steps are the micros. Raises UsageError as above."""
    summary = log.summary
    events = _steps(summary, asked, "--micros")
    has(asked.by, summary, ("campaign", "channel"), "Such a log needs a column channel or campaign_id.")
    last, growing = settled_in(summary, asked.as_of)
    first = period_start(last, asked.days)
    step("Counting touches")
    question = TouchQuestion(events=events, dimension=asked.by, first=first, last=last, lookback_days=asked.days)
    rows = channel_rows(log.touches(question), [(name, title_of(name)) for name in events])
    return ChannelReport(
        macro=asked.macro,
        by=asked.by,
        log=replace(summary, notes=(*summary.notes, *growing)),
        as_of=last,
        period=(first.date(), last.date()),
        lookback_days=asked.days,
        rows=rows,
        total=total_of(rows),
    )


def _segments(tables: dict[Segment, tuple[FunnelStep, ...]], by: str) -> tuple[SegmentFunnel, ...]:
    found = [SegmentFunnel(segment=s, steps=steps) for s, steps in tables.items() if by and s.dimension == by]
    return tuple(sorted(found, key=lambda f: (-f.steps[0].visitors, f.segment.value)))


def _nobody(steps: int) -> FunnelCount:
    return FunnelCount(segment=EVERYBODY, reached=(0,) * steps, median_seconds=(None,) * steps)


def _steps(log: LogSummary, asked: Journey, option: str = "--steps") -> tuple[str, ...]:
    """The steps in order, the macro last."""
    in_log(asked.macro, log.names, "--macro")
    for name in asked.steps:
        in_log(name, log.names, option)
    if asked.macro in asked.steps[:-1]:
        raise UsageError(f"{asked.macro} is the main conversion, and so the last step.", f"Leave it out of {option}.")
    named = tuple(name for name in asked.steps if name != asked.macro)
    if len(set(named)) < len(named):
        raise UsageError(f"An event is named twice in {option}.", "Its first time is what counts.")
    if named:
        return (*named, asked.macro)
    usual = sorted((e for e in CATALOGUE if e.on_path and e.event_name in log.names), key=lambda e: e.depth)
    return (*(e.event_name for e in usual if e.event_name != asked.macro), asked.macro)


def title_of(event: str) -> str:
    """What the catalogue calls an event; its own name where it knows none."""
    known = entry(event)
    return known.title if known else event.replace("_", " ").capitalize()


def period_start(last: datetime, days: int) -> datetime:
    """Midnight at which the period of so many days begins that ends with this moment's day."""
    return datetime.combine(last.date() - timedelta(days=days - 1), time(), last.tzinfo)
