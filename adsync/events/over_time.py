"""First times of all candidates by day and by kind of visitor, and what activity expects of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from adsync.events.counting import NANO
from adsync.events.engine import Column, Engine, Table
from adsync.events.plain import TOO_CLOSE, Visitors, day_of, matured, spans
from adsync.model.activity import Floats, Ints
from adsync.model.exposure import STRATA, Question
from adsync.model.stability import History, SegmentCount

FIRST_MONDAY = 4
"""Days from 1970-01-01, a Thursday, to the first Monday."""


def monday_of(at: Column) -> Column:
    """The first day of a moment's week, in days since 1970."""
    day = day_of(at)
    return (day - (day - FIRST_MONDAY) % 7).cast("int32")


def first_times(question: Question, codes: Mapping[str, int], visitors: Visitors) -> Table:
    """Of every candidate. exposed: 1 where it was before the macro and long enough ago; bought: 1 where that followed then."""
    firsts = visitors.firsts.filter(visitors.firsts.code.isin(list(codes.values())))
    asked = firsts.left_join(visitors.buyers, "visitor").drop("visitor_right")
    left = asked.macro_at - asked["at"]
    exposed = (left.isnull() | (left > TOO_CLOSE)) & (asked["at"] <= matured(question)["long"])
    bought = exposed & (left <= spans(question)["long"]).fill_null(False)
    return asked.select(
        "visitor", "code", "at", exposed=exposed.cast("int64"), bought=bought.fill_null(False).cast("int64")
    )


def histories(
    engine: Engine, daily: Mapping[str, Ints], codes: Mapping[str, int], bits: Mapping[str, int], new: Table
) -> dict[str, History]:
    """Every candidate, day by day. daily: counts of first times. new: mature moments at which candidates are, by their bits."""
    weekly = new.group_by(["stratum", "new", monday_of(new["at"]).name("monday")])
    weeks = engine.numbers(weekly.agg(nano=new.nano.sum().cast("int64")))
    found = {}
    for name, code in codes.items():
        mine = daily["code"] == code
        found[name] = History(
            day=daily["day"][mine],
            did=daily["did"][mine],
            exposed=daily["n_long"][mine],
            bought=daily["x_long"][mine],
            expected=_by_stratum(weeks, "monday", bits[name]),
        )
    return found


def segment_counts(
    engine: Engine,
    asked: Table,
    codes: Mapping[str, int],
    bits: Mapping[str, int],
    rated: Table,
    label_of: Table,
    labels: Sequence[str],
) -> dict[str, tuple[SegmentCount, ...]]:
    """Every candidate by a dimension.

    asked: first times. rated: mature moments at which a candidate is new. label_of: visitor, time and label of each event.
    A visitor belongs to what the log says of the microsecond in which he did the candidate first.
    """
    asked = engine.keep("asked", asked.filter(asked.exposed == 1))
    rated = engine.keep("rated_firsts", rated)
    moments = asked.select("visitor", "at").union(rated.select("visitor", "at"))
    there = label_of.semi_join(moments, ["visitor", "at"])
    known = engine.keep("labels", there.group_by(["visitor", "at"]).agg(label=there.label.max()))

    def labelled(rows: Table) -> Table:
        joined = rows.left_join(known, ["visitor", "at"])
        return joined.mutate(label=joined.label.fill_null(0).cast("int64"))

    asked, rated = labelled(asked), labelled(rated)
    counts = engine.numbers(
        asked.group_by(["code", "label"]).agg(exposed=asked.count(), bought=asked.bought.sum().cast("int64"))
    )
    sums = engine.numbers(rated.group_by(["label", "stratum", "new"]).agg(nano=rated.nano.sum().cast("int64")))
    engine.forget("asked", "rated_firsts", "labels")
    return {
        name: _segments(
            {
                int(label): (int(n), int(x))
                for own, label, n, x in zip(
                    counts["code"], counts["label"], counts["exposed"], counts["bought"], strict=True
                )
                if own == code
            },
            _by_stratum(sums, "label", bits[name]),
            labels,
        )
        for name, code in codes.items()
    }


def _by_stratum(rows: Mapping[str, np.ndarray], by: str, bit: int) -> dict[int, Floats]:
    """What is expected of a candidate's first times. One moment may be the first of several candidates."""
    mine = (rows["new"] & bit) != 0
    found = {}
    for key in np.unique(rows[by][mine]):
        where = mine & (rows[by] == key)
        # Whole numbers: the order of adding does not matter.
        sums = np.zeros(STRATA, np.int64)
        np.add.at(sums, rows["stratum"][where].astype(np.int64), rows["nano"][where].astype(np.int64))
        found[int(key)] = sums / NANO
    return found


def _segments(
    counts: Mapping[int, tuple[int, int]], expected: Mapping[int, Floats], labels: Sequence[str]
) -> tuple[SegmentCount, ...]:
    """By label."""
    return tuple(
        SegmentCount(
            label=labels[place],
            exposed=counts.get(place, (0, 0))[0],
            bought=counts.get(place, (0, 0))[1],
            expected=expected.get(place, np.zeros(STRATA)),
        )
        for place in sorted({*counts, *expected})
    )
