"""What an event log says about the way to the main conversion, from the question to the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import ceil

from adsync.choosing import micros_of, named_events, steps_of
from adsync.errors import UsageError
from adsync.model.channel import ChannelReport, TouchQuestion
from adsync.model.figures import number_of
from adsync.model.funnel import VISITORS, FunnelCount, FunnelQuestion, FunnelReport, FunnelStep, SegmentFunnel
from adsync.model.page import Ways
from adsync.model.segment import EVERYBODY, Segment
from adsync.ports import EventLog
from adsync.score.asking import has
from adsync.score.campaign_names import channels_with_names, with_campaign_names
from adsync.score.channels import channel_rows, total_of
from adsync.score.funnel import TIMES_THE_WAY, differences, drop_off_in, funnel_steps, way_seconds
from adsync.score.incidents import could_tell, incidents
from adsync.score.macro import alone, last_of, named_otherwise, repeats_on_the_way
from adsync.score.period import period_end
from adsync.score.titles import titles_of

HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a person wants to know. steps: empty for the usual ones. by: "" for no table of segments. days: of the period."""

    macro: str
    steps: tuple[str, ...] = ()
    by: str = ""
    as_of: date | None = None
    days: int = 28


def funnel_of(log: EventLog, asked: Journey, step: Callable[[str], None] = lambda _: None) -> FunnelReport:
    """Raises UsageError for events or a dimension that the log does not have."""
    summary = log.summary
    named = named_events(summary, asked.macro, asked.steps, "--steps")
    if VISITORS in (*named, asked.macro):
        raise UsageError(
            f"An event named {VISITORS} cannot be a step.",
            "The line of all visitors is called so.",
            next_step="Rename it in the log.",
        )
    has(asked.by, summary)
    last, growing = period_end(summary, asked.as_of, asked.days, log.names_until, asked.macro)
    of_macro, tells = _on_macro(log, asked.macro, last)
    steps, watched, notes = (named, named, ()) if named else steps_of(log, asked.macro, last)
    first = period_start(last, asked.days)
    step("Counting how far visitors came")
    now = log.funnel(FunnelQuestion(steps=steps, first=first, last=last))
    earlier = first - timedelta(days=asked.days)
    before: tuple[FunnelCount, ...] = ()
    if summary.first.date() <= earlier.date():
        step("Counting the period before")
        before = log.funnel(FunnelQuestion(steps=steps, first=earlier, last=first - timedelta(microseconds=1)))
    step("Looking for incidents in all days")
    titles = titles_of((*steps, *watched))
    was = {count.segment: count for count in before}
    everybody = _everybody(now, steps)
    slow = _on_slow(log, FunnelQuestion(steps=steps, first=first, last=last), everybody, titles)
    empty = _on_nobody(everybody.reached[0], first, last)
    days = log.step_days(FunnelQuestion(steps=watched, first=summary.first, last=last))
    shown = [(name, titles[name]) for name in (VISITORS, *steps)]
    tables = {count.segment: funnel_steps(shown, count, was.get(count.segment)) for count in now}
    whole = tables.get(EVERYBODY) or funnel_steps(shown, everybody, None)
    lost = drop_off_in(whole, everybody.carts, everybody.in_any_order)
    return FunnelReport(
        macro=asked.macro,
        log=replace(summary, notes=(*summary.notes, *growing, *of_macro, *notes, *empty, *slow)),
        as_of=last,
        period=(max(first, summary.first).date(), last.date()),
        compared_with=(earlier.date(), first.date() - timedelta(days=1)) if before else None,
        steps=whole,
        titles=titles,
        drop_off=lost if tells else replace(lost, advice=""),
        by=asked.by,
        segments=_segments(tables, asked.by),
        differences=differences(steps, now, before),
        incidents=incidents(days),
        in_any_order=everybody.in_any_order,
        carts=everybody.carts,
        could_tell=could_tell(days),
    )


def channels_of(log: EventLog, asked: Journey, step: Callable[[str], None] = lambda _: None) -> ChannelReport:
    """What each channel or campaign brings; asked.steps are the micros. Raises UsageError as above."""
    summary = log.summary
    named = named_events(summary, asked.macro, asked.steps, "--micros")
    has(asked.by, summary, ("campaign", "channel"), "Such a log needs a column channel or campaign_id.")
    last, growing = period_end(summary, asked.as_of, asked.days, log.names_until, asked.macro)
    of_macro, _ = _on_macro(log, asked.macro, last)
    events, notes = (named, ()) if named else micros_of(log, asked.macro, last)
    first = period_start(last, asked.days)
    step("Counting touches")
    question = TouchQuestion(events=events, dimension=asked.by, first=first, last=last, lookback_days=asked.days)
    titles = titles_of(events)
    rows = channel_rows(log.touches(question), [(name, titles[name]) for name in events])
    total = total_of(rows)
    empty = _on_nobody(total.visitors, first, last)
    return ChannelReport(
        macro=asked.macro,
        by=asked.by,
        log=replace(summary, notes=(*summary.notes, *growing, *of_macro, *notes, *empty)),
        as_of=last,
        period=(max(first, summary.first).date(), last.date()),
        lookback_days=asked.days,
        rows=rows,
        total=total,
    )


def ways_of(log: EventLog, macro: str, as_of: date | None, campaigns: Mapping[str, str]) -> Ways:
    """Both, by what the log knows of its visitors. campaigns: their names by id. Raises UsageError as above."""
    known = [name for name in ("device", "channel", "campaign") if name in log.summary.labels]
    touched = [name for name in known if name != "device"]
    funnel = funnel_of(log, Journey(macro=macro, by=known[0] if known else "", as_of=as_of))
    channels = channels_of(log, Journey(macro=macro, by=touched[0], as_of=as_of)) if touched else None
    return Ways(
        funnel=with_campaign_names(funnel, campaigns),
        channels=channels_with_names(channels, campaigns) if channels else None,
    )


def _segments(tables: dict[Segment, tuple[FunnelStep, ...]], by: str) -> tuple[SegmentFunnel, ...]:
    found = [SegmentFunnel(segment=s, steps=steps) for s, steps in tables.items() if by and s.dimension == by]
    return tuple(sorted(found, key=lambda f: (-f.steps[0].visitors, f.segment.value)))


def _everybody(counts: Sequence[FunnelCount], steps: Sequence[str]) -> FunnelCount:
    nobody = (0,) * (len(steps) + 1)
    none = FunnelCount(segment=EVERYBODY, reached=nobody, median_seconds=(None,) * len(nobody))
    return next((count for count in counts if count.segment == EVERYBODY), none)


def _on_macro(log: EventLog, macro: str, last: datetime) -> tuple[tuple[str, ...], bool]:
    """Notes on the macro; and whether it tells anything of the checkout.

    It does not where nobody could buy any more, nor where who buys is somebody else by his id.
    """
    first, known, buyers = log.summary.first, log.names_until(last), log.buyers(macro, last)
    otherwise = named_otherwise(macro, log.names_until, first, last)
    apart = tuple(alone(macro, buyers.count, buyers.others)) if sum(known.values()) > known[macro] else ()
    again = repeats_on_the_way(macro, known[macro], buyers)
    return (*otherwise, *apart, *again), not apart and not last_of(macro, log.names_until, first, last)


def _on_nobody(visitors: int, first: datetime, last: datetime) -> tuple[str, ...]:
    """That a period lies in a hole of the log: what nobody recorded looks like what nobody did."""
    if visitors:
        return ()
    return (
        f"The log has no events from {first.date()} to {last.date()}, so that everything counted is 0. Name another last day "
        "(--as-of), or more days before it (--days).",
    )


def _on_slow(
    log: EventLog, asked: FunnelQuestion, everybody: FunnelCount, titles: Mapping[str, str]
) -> tuple[str, ...]:
    """That the period is short for what visitors take their time for; the whole log tells how much."""
    way, start = way_seconds(everybody), log.summary.first
    days = (asked.last.date() - asked.first.date()).days + 1
    # Of slow ways a short period sees the fast ones alone.
    if way is not None and way * 2 * TIMES_THE_WAY <= days * DAY:
        return ()
    if start < asked.first:
        way = way_seconds(_everybody(log.funnel(replace(asked, first=start)), asked.steps))
    if way is None or way * TIMES_THE_WAY <= days * DAY:
        return ()
    took = number_of(round(way / DAY), "day") if way >= DAY else number_of(round(way / HOUR), "hour")
    begin = titles[asked.steps[0]] if len(asked.steps) > 1 else "the first visit"
    wanted, there = ceil(way * TIMES_THE_WAY / DAY), (asked.last.date() - start.date()).days + 1
    longer = (
        f"--days {wanted} counts more of them" if wanted <= there else f"the whole log has {number_of(there, 'day')}"
    )
    return (
        f"From {begin} to {titles[asked.steps[-1]]} visitors take about {took}, and counted are {number_of(days, 'day')}: who "
        "began late has had no time to go on, and who ended early began before them. So the shares are too low; "
        f"{longer}.",
    )


def period_start(last: datetime, days: int) -> datetime:
    """Midnight at which the period of so many days begins that ends with this moment's day."""
    return datetime.combine(last.date() - timedelta(days=days - 1), time(), last.tzinfo)
