"""Candidates that are more than an event: when each visitor first fulfilled a condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis

from adsync.events.engine import Column, Table
from adsync.events.plain import months
from adsync.events.sessions import sessions_by_pause
from adsync.model.activity import DAY_MICROS, SECOND_MICROS
from adsync.model.condition import Condition

CODES_FROM = 1 << 24
"""The codes of conditions, beyond those of event names."""

_PATH = r"^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)"


def hits(
    name: Column, conditions: Sequence[Condition], page: Column, parameter: Callable[[str], tuple[Column, Column]]
) -> Column:
    """Bit i where a row by itself is what condition i counts. parameter: of a key, its value as text and as a number."""
    found = ibis.literal(0, "int64")
    for place, condition in enumerate(conditions):
        if not condition.event:
            continue
        test = name == condition.event
        if condition.page:
            path = page.re_extract(_PATH, 1)
            test &= (path == "").ifelse("/", path).startswith(condition.page)
        if condition.parameter:
            as_text, as_number = parameter(condition.parameter)
            # NaN sorts above every number, and is none.
            if condition.at_least is None:
                test &= as_text == condition.equals
            else:
                test &= (as_number >= condition.at_least) & ~as_number.isnan()
        found = found + test.fill_null(False).ifelse(1 << place, 0)
    return found.cast("int64")


def first_fulfilled(
    events: Table, conditions: Sequence[Condition], month_ends: Sequence[int], *, has_sessions: bool
) -> Table | None:
    """Visitor, code of the condition, when it was fulfilled first and in which months; None without conditions.

    month_ends: as `adsync.events.plain.months_back` gives them.
    """
    if not conditions:
        return None
    if not has_sessions and any(c.seconds or (c.times > 1 and c.within_days is None) for c in conditions):
        events = sessions_by_pause(events)
    each = [_first(events, condition, place, month_ends) for place, condition in enumerate(conditions)]
    return each[0] if len(each) == 1 else ibis.union(*each)


def _first(events: Table, condition: Condition, number: int, month_ends: Sequence[int]) -> Table:
    if condition.seconds:
        start = events["at"].min().over(ibis.window(group_by=["visitor", "session"]))
        timed = events.mutate(start=start)
        fulfilled = timed.filter(timed["at"] - timed.start >= condition.seconds * SECOND_MICROS)
    else:
        fulfilled = events.filter((events.hits & (1 << number)) != 0)
        if condition.times > 1:
            fulfilled = _repeated(fulfilled, condition)
    firsts = fulfilled.group_by("visitor").agg(at=fulfilled["at"].min(), months=months(fulfilled["at"], month_ends))
    return firsts.mutate(code=ibis.literal(CODES_FROM + number, "int32"))


def _repeated(events: Table, condition: Condition) -> Table:
    """The rows at which it has happened often enough."""
    by = "visitor" if condition.within_days else ["visitor", "session"]
    earlier = events["at"].lag(condition.times - 1).over(ibis.window(group_by=by, order_by="at"))
    known = events.mutate(earlier=earlier)
    enough = known.earlier.notnull()
    if condition.within_days:
        enough &= known["at"] - known.earlier <= condition.within_days * DAY_MICROS
    return known.filter(enough)
