"""Which of two events visitors do first."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import numpy as np

from adsync.events.engine import Engine, Table
from adsync.events.plain import day_of
from adsync.model.activity import DAY_MICROS, Ints
from adsync.model.funnel import Order

BEGUN = 0.05
"""Share of an event's rows by which its tag is there for good: a test of it lies before."""


def came_first(engine: Engine, events: Table, code: Mapping[str, int]) -> dict[tuple[str, str], Order]:
    """By two of these events, in what order visitors did them for the first time. events: known ones.

    Of visitors whose first event is of a time when both were sent: who came before a tag was there did its event earlier than
    the log can tell.
    """
    name = {place: known for known, place in code.items()}
    asked = events.filter(events.code.isin(sorted(name)))
    since = _begun(engine, asked)
    if not since:
        return {}
    begun = events.group_by("visitor").agg(begun=events["at"].min())
    firsts = asked.group_by(["visitor", "code"]).agg(at=asked["at"].min()).join(begun, "visitor")
    each = [(place, ibis.literal(at, "int64")) for place, at in since.items()]
    firsts = firsts.filter(firsts.begun >= firsts.code.cases(*each, else_=0)).drop("begun")
    # Kept: it stands on both sides of the join, and would be worked out for each.
    firsts = engine.keep("first_times", firsts)
    other = firsts.view()
    both = firsts.join(other, [firsts.visitor == other.visitor, firsts.code != other.code], rname="{name}_other")
    earlier = (both["at"] < both.at_other).sum().cast("int64")
    rows = engine.numbers(both.group_by(["code", "code_other"]).agg(earlier=earlier, both=both.count()))
    engine.forget("first_times")
    pairs = zip(rows["code"], rows["code_other"], rows["earlier"], rows["both"], strict=True)
    return {(name[int(one)], name[int(other)]): Order(earlier=int(n), both=int(m)) for one, other, n, m in pairs}


def _begun(engine: Engine, asked: Table) -> dict[int, int]:
    """Of each event the start of the day on which its tag is there for good, in microseconds since 1970; 0 where it is there as
    soon as all of them together, or not much later."""
    rows = engine.numbers(asked.group_by("code", day=day_of(asked["at"])).agg(n=asked.count()).order_by("day"))
    if not len(rows["day"]):
        return {}
    soon = _day_of_begin(rows["day"], rows["n"]) + BEGUN * (rows["day"][-1] - rows["day"][0])
    found = {}
    for code in np.unique(rows["code"]):
        mine = rows["code"] == code
        day = _day_of_begin(rows["day"][mine], rows["n"][mine])
        found[int(code)] = day * DAY_MICROS if day > soon else 0
    return found


def _day_of_begin(days: Ints, counts: Ints) -> int:
    """days: in order."""
    so_far = np.cumsum(counts)
    return int(days[np.searchsorted(so_far, BEGUN * so_far[-1])])
