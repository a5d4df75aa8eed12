"""Whether a log can be asked what a person asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from adsync.errors import UsageError
from adsync.model.condition import Condition, condition, is_written_like_one
from adsync.model.exposure import LogSummary
from adsync.model.figures import enumerated, number_of, short
from adsync.model.left_out import left_out_words
from adsync.score.candidates import nearest
from adsync.score.macro import KnownUntil

SOME_VISITS = 30
"""Events of the kind that the log has most of, from which on a period has visits, however few beside those before."""

_RECORDS = {
    "campaign": "session_traffic_source_last_click, in older ones in collected_traffic_source",
    "channel": "session_traffic_source_last_click, in older ones in source and medium",
    "device": "device.category",
}
"""Where a GA4 export names each dimension."""


def as_of_in(log: LogSummary, day: date | None) -> datetime:
    """The end of that day, or the log's last event."""
    if day is None:
        return log.last
    if day < log.first.date():
        raise UsageError(f"--as-of {day} lies before the log's first event, on {log.first.date()}.")
    return min(datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1), log.last)


def beyond(log: LogSummary, day: date | None) -> tuple[str, ...]:
    """That the log ends before the day that is asked about: nobody knows what would be different then."""
    if day is None or day <= log.last.date():
        return ()
    return (f"The log ends on {log.last.date()}: --as-of {day} is answered as of that day.",)


def settled_in(log: LogSummary, day: date | None) -> tuple[datetime, tuple[str, ...]]:
    """The end of that day, or of the last one that grows no more; and what to say of days that may still grow."""
    last, days = as_of_in(log, day), log.settling_days
    settled = datetime.combine(log.last.date() - timedelta(days=days - 1), time(), UTC) - timedelta(microseconds=1)
    if not days or last <= settled:
        return last, beyond(log, day)
    rewritten = f"Google goes on rewriting the last {days} days of an export"
    if day is None and settled >= log.first:
        return settled, (f"{rewritten}: counted is until {settled.date()}. With --as-of {last.date()} all of it.",)
    which = f"the days after {settled.date()}" if settled >= log.first else "all days of this one"
    return last, (*beyond(log, day), f"{rewritten}: {which} may still grow.")


def period_end(
    log: LogSummary, day: date | None, days: int, known_until: KnownUntil, macro: str
) -> tuple[datetime, tuple[str, ...]]:
    """The same for a period of so many days, which ends earlier where hardly anything happens in the last ones.

    Contracts that go on after a site's log are no visits: nobody would be there of whom a funnel could tell. Where there is
    none before, neither. The event that the log has most of tells how many visits there are.
    """
    last, notes = settled_in(log, day)
    begun = last.date() - timedelta(days=days)
    if day is not None or log.lively_until > begun:
        return last, notes
    lively, now, before = as_of_in(log, log.lively_until), known_until(last), known_until(as_of_in(log, begun))
    most = max(now, key=lambda name: now[name])
    if now[most] - before[most] >= SOME_VISITS or not known_until(lively)[macro]:
        return last, notes
    return lively, (
        f"After {log.lively_until} the log has hardly any events: counted is until then. With --as-of {last.date()} the last "
        f"{number_of(days, 'day')}.",
    )


Lost = Mapping[str, Mapping[str, int]]
"""Of events of which all rows are left out, these rows by reason."""

_NONE_LOST: Lost = {}


def event_in_log(name: str, names: Mapping[str, int], option: str, lost: Lost = _NONE_LOST) -> None:
    """The same as `in_log`, where a condition is refused as one: only --candidates of `adsync score` takes them."""
    event = re.split(r"[\[*]", name)[0].strip().strip('"')
    if name not in names and event != name and event in names:
        raise UsageError(
            f"{option} takes an event, and {short(name)} is a condition.",
            "Only candidates may be conditions: what visitors are to reach needs an event of its own.",
            next_step="Let the site send one, or let GA4 make one (Admin, Events, Create event). "
            f"Else: {option} '{short(event)}'",
        )
    in_log(name, names, option, lost)


def candidate_in_log(candidate: Condition, names: Mapping[str, int], lost: Lost = _NONE_LOST) -> None:
    """Raises UsageError where the log lacks the event of a candidate, or where it is neither an event nor a condition."""
    if not candidate.event or names.get(candidate.event):
        return
    if candidate.is_an_event and is_written_like_one(candidate.event):
        condition(candidate.event)
    in_log(candidate.event, names, "--candidates", lost)


def in_log(name: str, names: Mapping[str, int], option: str, lost: Lost = _NONE_LOST) -> None:
    """Raises UsageError where the log has no such event, and says which look like it. names: each with its number of events."""
    if names.get(name):
        return
    if name in lost:
        raise UsageError(
            f"Of the event {short(name)} no row can be used ({option}).",
            f"Left out were {enumerated(left_out_words(lost[name]))}.",
            next_step="Mend these rows where they are written, or name another event.",
        )
    if not name:
        raise UsageError(f"{option} names no event.", next_step=f"Say which, such as: {option} purchase")
    known: Sequence[str] = sorted((n for n in names if names[n]), key=lambda n: -names[n])
    like = nearest(name, known)
    hint = (
        f"Did you mean {' or '.join(map(short, like))}?"
        if like
        else f"Its most frequent events: {', '.join(map(short, known[:8]))}."
    )
    raise UsageError(f"The log has no event {short(name)} ({option}).", hint)


def has(
    dimension: str,
    log: LogSummary,
    among: Sequence[str] = ("campaign", "channel", "device"),
    without_any: str = "Leave --by out.",
) -> None:
    """Raises UsageError where a log says nothing of a dimension by which it is to be split.

    among: the dimensions that may be asked for. without_any: what to do where a flat log knows none of them; nobody adds
    columns to Google's export.
    """
    if dimension and dimension not in log.labels:
        known = [name for name in among if name in log.labels]
        if log.form == "GA4 export":
            without_any = (
                f"In a GA4 export it stands in {_RECORDS[dimension]}: export that as well, or add days that name one."
            )
        raise UsageError(
            f"The log says nothing of the {dimension} of its events (--by {dimension}).",
            next_step=f"It can be split by {', '.join(known)}." if known else without_any,
        )
