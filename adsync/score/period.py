"""Until when a log is counted: the day that a person names, the last one that grows no more, the last one with visits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from adsync.errors import UsageError
from adsync.model.exposure import LogSummary
from adsync.model.figures import number_of

OF_VISITS = 0.1
"""Share of all events from which on a name tells of visits: contracts have less."""

SOME_VISITS, LIVELY = 30, 0.1
"""Such events from which on a period has visits, and their share of those of another below which it has hardly any beside it."""

WEEK_DAYS = 7
"""At least so many days tell whether anybody comes: a Sunday is no end."""


KnownUntil = Callable[[datetime], Mapping[str, int]]
"""Events by name up to a moment, 0 for those that came later."""


def end_of(day: date) -> datetime:
    """The last microsecond of a day in UTC."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1)


def days_from(first: date, last: date) -> list[date]:
    """All of them, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def as_of_in(log: LogSummary, day: date | None) -> datetime:
    """The end of that day, or the log's last event."""
    if day is None:
        return log.last
    if day < log.first.date():
        raise UsageError(f"--as-of {day} lies before the log's first event, on {log.first.date()}.")
    return min(end_of(day), log.last)


def beyond(log: LogSummary, day: date | None) -> tuple[str, ...]:
    """That the log ends before the day that is asked about: nobody knows what would be different then."""
    if day is None or day <= log.last.date():
        return ()
    return (f"The log ends on {log.last.date()}: --as-of {day} is answered as of that day.",)


def settled_in(log: LogSummary, day: date | None) -> tuple[datetime, tuple[str, ...]]:
    """The end of that day, or of the last one that grows no more; and what to say of days that may still grow."""
    last, days = as_of_in(log, day), log.settling_days
    settled = end_of(log.last.date() - timedelta(days=days))
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
    """The same for a period of so many days, which ends earlier where hardly anybody comes in the last ones.

    Contracts that go on after a site's log are no visits: nobody would be there of whom a funnel could tell. Where there is
    none before, neither.
    """
    last, notes = settled_in(log, day)
    if day is not None:
        return last, notes
    visited = as_of_in(log, _visited_until(log, last.date(), days, known_until, macro))
    if visited >= last or not known_until(visited)[macro]:
        return last, notes
    return visited, (
        f"After {visited.date()} the log has hardly any visits: counted is until then. With --as-of {last.date()} the last "
        f"{number_of(days, 'day')}.",
    )


def _visited_until(log: LogSummary, last: date, days: int, known_until: KnownUntil, macro: str) -> date:
    """The last day itself, unless hardly anybody comes in so many days before it, and many did in as many before another one."""
    first, known = log.first.date(), known_until(end_of(last))
    of_visits = [name for name in known if name != macro and known[name] >= OF_VISITS * sum(known.values())]

    def visits(until: date) -> int:
        so_far = known_until(end_of(until)) if until >= first else {}
        return sum(so_far.get(name, 0) for name in of_visits)

    def in_period(end: date) -> int:
        return visits(end) - visits(end - timedelta(days=max(days, WEEK_DAYS)))

    end, few = last, in_period(last)
    while in_period(end) < SOME_VISITS < visits(end):
        each = days_from(first, end)
        end = each[bisect_left(each, visits(end) - SOME_VISITS, key=visits)]
    if few >= SOME_VISITS or in_period(end) < max(SOME_VISITS, few / LIVELY):
        return last
    # Those thirty may have been the visits of some days.
    some = LIVELY * in_period(end) / max(days, WEEK_DAYS)
    while ahead := [
        day
        for day in days_from(end, end + timedelta(days=WEEK_DAYS))[1:]
        if visits(day) - visits(day - timedelta(days=1)) >= some
    ]:
        end = ahead[-1]
    return min(end, last)
