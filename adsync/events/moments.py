"""From events to moments: what was known of the visitor's activity, and which candidates had been done.

Windows and sums that every engine with SQL has; bits are added up, each at the one time that counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import ibis

from adsync.events.engine import Column, Table
from adsync.events.plain import EARLIEST, day_of, micros
from adsync.model.activity import (
    DAY_MICROS,
    DAYS_SINCE_FIRST,
    EVENTS_BEFORE,
    HOUR_MICROS,
    HOURS_AWAY,
    MARGINS,
    NAMES_SEEN,
    POSITIONS,
    SECOND_MICROS,
    SECONDS_ON_SITE,
    SESSION_NUMBERS,
    SESSIONS_A_DAY,
)
from adsync.model.exposure import GROUPS, TOO_CLOSE_SECONDS

SUM_BITS = 62
"""Of a whole number that is a sum."""

_TIES = 4_096
"""More than there are pairs of a campaign and a device."""


def in_order(events: Table) -> Column:
    """One whole number that sorts events by time, and those of one microsecond by all that is known of them but the name."""
    return (events["at"] - micros(EARLIEST)) * _TIES + events.campaign * 16 + events.device


def before_macro(events: Table, macro: int, parts: Collection[int]) -> Table:
    """All events but the macro that are no part of it and not after it. macro_at: when the visitor did it first, if ever.

    parts: codes of events that are known to be parts of it, however long before it they come.
    """
    is_before = events.macro_at.isnull() | (events.macro_at - events["at"] > TOO_CLOSE_SECONDS * SECOND_MICROS)
    return events.filter(~events.code.isin([macro, *sorted(parts)]) & is_before).drop("macro_at")


def in_sessions(events: Table, bit_of: Mapping[int, int], marks: Table | None = None, *, names: int) -> Table:
    """Each event with its place in its session.

    visit: a number of visitor and session. repeat: 1 for the first of its name there. position, names_seen: events and
    names before it, at an earlier microsecond: of those that share one, no order is known. own: bits of the candidate that it
    is and of the conditions that are fulfilled in its microsecond; bit: of the candidate the first time in the session, and of
    conditions that it carries. seen: bits of the candidates that the session had before.
    bit_of: a candidate's bit by its name's code. marks: visitor, time and bits of conditions, each of them once for a visitor.
    names: how many there are at most in a session.
    """
    # One column to sort by instead of two: halves the work. Visitors are 60 random bits, so that none meet.
    found = events.mutate(visit=events.visitor ^ events.session, place=in_order(events)).drop("session")
    found = found.mutate(repeat=ibis.row_number().over(ibis.window(group_by=["visit", "code"], order_by="place")) + 1)
    is_new = found.repeat == 1
    bit = ibis.literal(0, "int64")
    if bit_of:
        bit = found.code.cases(*((code, ibis.literal(one, "int64")) for code, one in bit_of.items()), else_=bit)
    found = found.mutate(fresh=is_new.cast("int64"), own=bit, bit=is_new.ifelse(bit, 0).cast("int64"))
    if marks is not None:
        found = _marked(found, marks)
    bits = len(bit_of)
    return _so_far(found, bits, is_one=names.bit_length() + bits <= SUM_BITS).drop("place", "fresh")


def _so_far(found: Table, bits: int, *, is_one: bool) -> Table:
    """With what the session had at earlier microseconds. is_one: names and bits fit into one sum, which takes half the time."""
    earlier = ibis.range_window(group_by="visit", order_by="at", preceding=(None, 1))
    position = ibis.rank().over(ibis.window(group_by="visit", order_by="at"))
    if is_one:
        sums = found.mutate(position=position, both=_summed(found.fresh << bits | found.bit, earlier))
        return sums.mutate(names_seen=sums.both >> bits, seen=sums.both & ((1 << bits) - 1)).drop("both")
    return found.mutate(position=position, names_seen=_summed(found.fresh, earlier), seen=_summed(found.bit, earlier))


def _summed(column: Column, window: Any) -> Column:
    return column.sum().over(window).fill_null(0).cast("int64")


def _marked(found: Table, marks: Table) -> Table:
    """Of the events in whose microsecond a condition was fulfilled one carries its bit, for bits are added up, and all own it.

    Which one it is no name decides. A repeat that would not count carries it without a name of its own (code -1): which
    of several it is would else be seen in what events of that name are followed by.
    """
    joined = found.left_join(marks, ["visitor", "at"]).drop("visitor_right", "at_right")
    joined = joined.mutate(marked=joined.marked.fill_null(0), thinned=~_counts(joined.repeat))
    alike = ibis.window(group_by=["visitor", "at"], order_by=["thinned", "place", "repeat", "visit"])
    joined = joined.mutate(mark=(ibis.row_number().over(alike) == 0).ifelse(joined.marked, 0))
    return joined.mutate(
        code=(joined.thinned & (joined.mark != 0)).ifelse(-1, joined.code).cast(found.code.type()),
        bit=joined.bit + joined.mark,
        own=joined.own | joined.marked,
    ).drop("marked", "thinned", "mark")


def _counts(repeat: Column) -> Column:
    """Whether a repeat is compared: the 1st, 2nd, 4th, 8th ... of its name in a session."""
    return (repeat & (repeat - 1)) == 0


def visits(inside: Table, weights: Table, bits: Sequence[int]) -> Table:
    """The sessions of each visitor: when each began, the how manieth it was, and what had been done in those before.

    With the classes of activity that a whole session has, and what is known of the visitor: his weight, and when he did the
    macro.
    """
    each = inside.group_by(["visitor", "visit"]).agg(
        start=inside["at"].min(), bits=inside.bit.sum().cast("int64"), events=inside.count()
    )
    in_turn = ibis.window(group_by="visitor", order_by=["start", "visit"])
    so_far = ibis.cumulative_window(group_by="visitor", order_by=["start", "visit"])
    each = each.mutate(
        number=ibis.row_number().over(in_turn) + 1,
        away=(each.start - each.start.lag(1).over(in_turn)).fill_null(-1),
        events_before=each.events.sum().over(so_far) - each.events,
    )
    firsts = each.group_by("visitor").agg(
        first=each.start.min(), **{f"first_{one}": each.number.min(where=(each.bits & one) != 0) for one in bits}
    )
    joined = each.join(firsts, "visitor").join(weights, "visitor")
    earlier = ibis.literal(0, "int64")
    for one in bits:
        earlier = earlier + (joined[f"first_{one}"] < joined.number).ifelse(one, 0)
    known = ("start", "number", "first", "macro_at", "weight")
    classes = {
        "session_number": class_of(joined.number, SESSION_NUMBERS),
        "away": class_of(joined.away, [hours * HOUR_MICROS for hours in HOURS_AWAY]),
        "events_before": class_of(joined.events_before, EVENTS_BEFORE),
    }
    classes = {name: of.cast("int16") for name, of in classes.items()}
    return joined.select("visit", *known, earlier=earlier.cast("int64"), **classes)


def moments(inside: Table, visited: Table, begun: int) -> Table:
    """One row for each event that is compared: classes of activity, bits, and the time that is left until the macro.

    Of repeats of a name in a session only the 1st, 2nd, 4th, 8th ... count, so that a heartbeat weighs little.
    begun: when the log's first week begins. new: bits of the candidate that is done here for the first time ever. done: bits
    of what was done by now, here included.
    """
    joined = inside.join(visited, "visit")
    joined = joined.mutate(
        left=joined.macro_at - joined["at"],
        new=joined.bit & ~joined.earlier,
        done=joined.own | joined.earlier | joined.seen,
        since_start=joined["at"] - joined.start,
        since_first=joined["at"] - joined["first"],
    )
    kept = joined.filter(_counts(joined.repeat) | (joined.new != 0))
    return kept.select(
        "visitor",
        "code",
        "left",
        "at",
        "new",
        "done",
        "weight",
        group=(kept.visitor % GROUPS).cast("int16"),
        **_classes(kept, begun),
    )


def _classes(t: Table, begun: int) -> dict[str, Column]:
    # Ibis divides whole numbers by way of floats.
    days = t.since_first / DAY_MICROS
    found: dict[str, Any] = {
        "names_seen": ibis.least(t.names_seen, NAMES_SEEN),
        "position": class_of(t.position, POSITIONS),
        "on_site": class_of(t.since_start, [s * SECOND_MICROS for s in SECONDS_ON_SITE]),
        "session_number": t.session_number,
        "age": class_of(t.since_first, [d * DAY_MICROS for d in DAYS_SINCE_FIRST]),
        "pace": class_of(t.number / (1 + days), SESSIONS_A_DAY),
        "campaign": t.campaign,
        "device": t.device,
        "quarter": class_of(t["at"] % DAY_MICROS, [hours * HOUR_MICROS for hours in (6, 12, 18)]),
        "weekday": class_of(t["at"] % (7 * DAY_MICROS), [n * DAY_MICROS for n in range(1, 7)]),
        "week": (t["at"] - begun) // (7 * DAY_MICROS),
        "day": day_of(t["at"]) - begun // DAY_MICROS,
        "away": t.away,
        "events_before": t.events_before,
    }
    return {name: found[name].cast("int16") for name in MARGINS}


def class_of(value: Column, cuts: Sequence[float]) -> Column:
    """0 below the first cut, 1 from it on, and so forth."""
    each = [(value < cut, place) for place, cut in enumerate(cuts)]
    return ibis.cases(*each, else_=len(cuts)) if each else ibis.literal(0, "int8")
