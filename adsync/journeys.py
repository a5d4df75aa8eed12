"""What an event log says about the way to the main conversion, from the question to the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import ceil

from adsync.catalog import CATALOGUE, entry
from adsync.errors import UsageError
from adsync.model.channel import ChannelReport, TouchQuestion
from adsync.model.exposure import LogSummary
from adsync.model.figures import capital, enumerated, number_of
from adsync.model.funnel import VISITORS, FunnelCount, FunnelQuestion, FunnelReport, FunnelStep, SegmentFunnel
from adsync.model.lead_up import LEAD_UP_HOURS
from adsync.model.segment import EVERYBODY, Segment
from adsync.ports import EventLog
from adsync.score.asking import event_in_log, has, settled_in
from adsync.score.candidates import BEGINNINGS
from adsync.score.channels import channel_rows, total_of
from adsync.score.funnel import TIMES_THE_WAY, differences, drop_off_in, funnel_steps, way_seconds
from adsync.score.incidents import could_tell, incidents
from adsync.score.steps import ENOUGH_BUYERS, parts_of_macro, steps_in

HOUR, DAY = 3_600, 86_400

FEW_STEPS = 3
"""Where the catalogue knows fewer of a log's events as steps, others are looked for."""


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
    named = _named(summary, asked, "--steps")
    if VISITORS in (*named, asked.macro):
        raise UsageError(
            f"An event named {VISITORS} cannot be a step.",
            "The line of all visitors is called so.",
            next_step="Rename it in the log.",
        )
    has(asked.by, summary)
    last, growing = settled_in(summary, asked.as_of)
    steps, watched, notes = (named, named, ()) if named else _steps(log, asked.macro, last)
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
    everybody = _everybody(now, steps)
    slow = _on_slow(log, FunnelQuestion(steps=steps, first=first, last=last), everybody, asked.days)
    days = log.step_days(FunnelQuestion(steps=watched, first=summary.first, last=last))
    tables = {count.segment: funnel_steps(titles, count, was.get(count.segment)) for count in now}
    whole = tables.get(EVERYBODY) or funnel_steps(titles, everybody, None)
    return FunnelReport(
        macro=asked.macro,
        log=replace(summary, notes=(*summary.notes, *growing, *notes, *slow)),
        as_of=last,
        period=(max(first, summary.first).date(), last.date()),
        compared_with=(earlier.date(), first.date() - timedelta(days=1)) if before else None,
        steps=whole,
        titles={VISITORS: "Visitors", **{name: title_of(name) for name in (*steps, *watched)}},
        drop_off=drop_off_in(whole, everybody.carts, everybody.in_any_order),
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
    named = _named(summary, asked, "--micros")
    has(asked.by, summary, ("campaign", "channel"), "Such a log needs a column channel or campaign_id.")
    last, growing = settled_in(summary, asked.as_of)
    events, notes = (named, ()) if named else _micros(log, asked.macro, last)
    first = period_start(last, asked.days)
    step("Counting touches")
    question = TouchQuestion(events=events, dimension=asked.by, first=first, last=last, lookback_days=asked.days)
    rows = channel_rows(log.touches(question), [(name, title_of(name)) for name in events])
    return ChannelReport(
        macro=asked.macro,
        by=asked.by,
        log=replace(summary, notes=(*summary.notes, *growing, *notes)),
        as_of=last,
        period=(max(first, summary.first).date(), last.date()),
        lookback_days=asked.days,
        rows=rows,
        total=total_of(rows),
    )


def _segments(tables: dict[Segment, tuple[FunnelStep, ...]], by: str) -> tuple[SegmentFunnel, ...]:
    found = [SegmentFunnel(segment=s, steps=steps) for s, steps in tables.items() if by and s.dimension == by]
    return tuple(sorted(found, key=lambda f: (-f.steps[0].visitors, f.segment.value)))


def _everybody(counts: Sequence[FunnelCount], steps: Sequence[str]) -> FunnelCount:
    nobody = (0,) * (len(steps) + 1)
    none = FunnelCount(segment=EVERYBODY, reached=nobody, median_seconds=(None,) * len(nobody))
    return next((count for count in counts if count.segment == EVERYBODY), none)


def _on_slow(log: EventLog, asked: FunnelQuestion, everybody: FunnelCount, days: int) -> tuple[str, ...]:
    """That the period is short for what visitors take their time for; the whole log tells how much."""
    way, start = way_seconds(everybody), log.summary.first
    # Of slow ways a short period sees the fast ones alone.
    if way is not None and way * 2 * TIMES_THE_WAY <= days * DAY:
        return ()
    if start < asked.first:
        way = way_seconds(_everybody(log.funnel(replace(asked, first=start)), asked.steps))
    if way is None or way * TIMES_THE_WAY <= days * DAY:
        return ()
    took = number_of(round(way / DAY), "day") if way >= DAY else number_of(round(way / HOUR), "hour")
    begin = title_of(asked.steps[0]) if len(asked.steps) > 1 else "the first visit"
    wanted, there = ceil(way * TIMES_THE_WAY / DAY), (asked.last.date() - start.date()).days + 1
    longer = (
        f"--days {wanted} counts most of them" if wanted <= there else f"the whole log has {number_of(there, 'day')}"
    )
    return (
        f"From {begin} to {title_of(asked.steps[-1])} visitors take about {took}, and counted are {number_of(days, 'day')}: who "
        "began late has had no time to go on, and who ended early began before them. So the shares are too low; "
        f"{longer}.",
    )


def _named(log: LogSummary, asked: Journey, option: str) -> tuple[str, ...]:
    """The steps that the person names, in order, the macro last; empty where none is named."""
    event_in_log(asked.macro, log.names, "--macro")
    for name in asked.steps:
        event_in_log(name, log.names, option)
    if asked.macro in asked.steps[:-1]:
        raise UsageError(f"{asked.macro} is the main conversion, and so the last step.", f"Leave it out of {option}.")
    named = tuple(name for name in asked.steps if name != asked.macro)
    if len(set(named)) < len(named):
        raise UsageError(f"An event is named twice in {option}.", "Its first time is what counts.")
    return (*named, asked.macro) if asked.steps else ()


def _steps(log: EventLog, macro: str, last: datetime) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Steps of the funnel, and those between which incidents are looked for, the macro last of both; and a note on them.

    Those that the catalogue knows. Where they are few, incidents show between events that buyers do on their way as well; a
    visitor need not do each of these, so that they make the funnel only where the catalogue knows none.
    """
    usual = _of_catalogue(log.summary, macro)
    if len(usual) >= FEW_STEPS:
        return (*usual, macro), (*usual, macro), ()
    watched, found, notes = _with_found(log, macro, last, usual, "--steps")
    those = "it" if len(found) == 1 else "them"
    used = f"incidents are looked for before and after {those}" if usual else f"the funnel is made of {those}"
    return (
        (*(usual or watched), macro),
        (*watched, macro),
        (*_on_found(found, macro, f"{used}; --steps names others"), *notes),
    )


def _micros(log: EventLog, macro: str, last: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The catalogue's steps, or where it knows none those that are found, the macro last; and a note on them."""
    if usual := _of_catalogue(log.summary, macro):
        return (*usual, macro), ()
    micros, found, notes = _with_found(log, macro, last, (), "--micros")
    those = "it is" if len(found) == 1 else "they are"
    return (*micros, macro), (*_on_found(found, macro, f"{those} counted here; --micros names others"), *notes)


def _of_catalogue(log: LogSummary, macro: str) -> tuple[str, ...]:
    """Early to late. An event that only machines or strays did is nobody's step."""
    known = [e for e in CATALOGUE if e.on_path and log.names.get(e.event_name) and e.event_name != macro]
    return tuple(e.event_name for e in sorted(known, key=lambda e: e.depth))


def _with_found(
    log: EventLog, macro: str, last: datetime, usual: tuple[str, ...], option: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """These steps and those that the catalogue does not know and most buyers take; these others alone; and a note."""
    names, no_steps = log.summary.names, (macro, VISITORS, *BEGINNINGS)
    others = [name for name in names if names[name] and name not in no_steps]
    unknown = [name for name in others if not entry(name)]
    before = log.lead_up(macro, last)
    twins = parts_of_macro(before, unknown, log.summary.visitors)
    steps = steps_in(before, usual, [name for name in unknown if name not in twins])
    none = _on_none(macro, before.buyers, option) if others and not steps else ()
    return steps, tuple(name for name in steps if name not in usual), (*none, *_on_twins(twins, macro))


def _on_found(found: Sequence[str], macro: str, used: str) -> tuple[str, ...]:
    if not found:
        return ()
    is_or_are, those = ("is", "it") if len(found) == 1 else ("are", "them")
    return (
        f"Unknown to the catalogue {is_or_are} {enumerated(found)}, but half or more of the visitors who did {macro} did {those} "
        f"in the {LEAD_UP_HOURS} hours before, twice as often as on other days or more. So {used}.",
    )


def _on_twins(twins: Sequence[str], macro: str) -> tuple[str, ...]:
    if not twins:
        return ()
    is_or_are = "is" if len(twins) == 1 else "are"
    return (
        f"Left out {is_or_are} {enumerated(twins)}: {macro} by another name, for nearly all who did one did the other.",
    )


def _on_none(macro: str, buyers: int, option: str) -> tuple[str, ...]:
    """What was looked for where no step was found, and how to name some."""
    if buyers >= ENOUGH_BUYERS:
        looked = (
            f"nor was any other one done by half or more of those who did {macro} in the {LEAD_UP_HOURS} hours before, twice as "
            "often as on other days"
        )
    else:
        looked = (
            f"and {number_of(buyers, 'visitor')} who did {macro} are too few to find others by what they did before "
            f"({ENOUGH_BUYERS} are needed)"
        )
    return (
        f"The catalogue knows none of the log's events as a step on the way to {macro}, {looked}. Name the steps, early to late: "
        f"{option} EVENT,EVENT",
    )


def title_of(event: str) -> str:
    """What the catalogue calls an event; its own name where it knows none, with spaces for underscores."""
    known = entry(event)
    return known.title if known else capital(event.replace("_", " "))


def period_start(last: datetime, days: int) -> datetime:
    """Midnight at which the period of so many days begins that ends with this moment's day."""
    return datetime.combine(last.date() - timedelta(days=days - 1), time(), last.tzinfo)
