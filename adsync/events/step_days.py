"""For each pair of neighbouring steps, day by day: who did the one, and who went on to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

import ibis
import numpy as np

from adsync.events.engine import Engine, Table
from adsync.events.funnel_counts import at_first
from adsync.events.plain import day_of, micros
from adsync.model.activity import DAY_MICROS, SECOND_MICROS
from adsync.model.funnel import VISITORS, FunnelQuestion
from adsync.model.incident import StepDays
from adsync.model.segment import EVERYBODY, Segment

EPOCH = date(1970, 1, 1)

SAME_VISIT_MICROS = 60 * 60 * SECOND_MICROS
"""So long before it the next step may lie: logs mix up what one visit sends, and a broken step does not heal by its order."""


def step_days(
    engine: Engine,
    events: Table,
    question: FunnelQuestion,
    code: Mapping[str, int],
    labels: Mapping[str, Sequence[str]],
) -> tuple[StepDays, ...]:
    """All visitors and each segment, for each pair. A visitor counts once a day, from the first time on that he did the step.

    Only who has had 24 hours to go on is counted, so that the last day looks like any other.
    """
    inside = events.filter((events["at"] >= micros(question.first)) & (events["at"] <= micros(question.last)))
    found: list[StepDays] = []
    for before, step in pairwise((VISITORS, *question.steps)):
        done = inside if before == VISITORS else inside.filter(inside.code == code[before])
        done = done.filter(done["at"] <= micros(question.last) - DAY_MICROS)
        done = done.mutate(day=day_of(done["at"]).cast("int64"))
        entered = done.group_by(["visitor", "day"]).agg(
            since=done["at"].min(), **{name: at_first(done[name], done["at"]) for name in labels}
        )
        entered = engine.keep("entered", entered)
        after = inside.filter(inside.code == code[step]).select("visitor", "at")
        came = entered.select("visitor", "day", "since").join(after, "visitor")
        came = came.filter((came["at"] >= came.since - SAME_VISIT_MICROS) & (came["at"] <= came.since + DAY_MICROS))
        came = came.select("visitor", "day").distinct().mutate(came=ibis.literal(1, "int64"))
        both = engine.keep("went_on", entered.left_join(came, ["visitor", "day"]))
        found += _of_segments(engine, both, question, before, step)
        for dimension, names in labels.items():
            found += _of_segments(engine, both, question, before, step, dimension, names)
    engine.forget("entered", "went_on")
    return tuple(found)


def _of_segments(
    engine: Engine,
    both: Table,
    question: FunnelQuestion,
    before: str,
    step: str,
    dimension: str = "",
    names: Sequence[str] = (),
) -> Iterator[StepDays]:
    first = question.first.date()
    days = (question.last.date() - first).days + 1
    keyed = both.mutate(segment=both[dimension] if dimension else ibis.literal(0, "int64"))
    rows = engine.numbers(keyed.group_by(["segment", "day"]).agg(entered=keyed.count(), went_on=keyed.came.count()))
    for number in sorted(set(rows["segment"].tolist())):
        where = rows["segment"] == number
        place = rows["day"][where].astype(np.int64) - (first - EPOCH) // timedelta(days=1)
        entered, went_on = np.zeros(days, np.int64), np.zeros(days, np.int64)
        entered[place], went_on[place] = rows["entered"][where], rows["went_on"][where]
        yield StepDays(
            segment=Segment(dimension, names[int(number)]) if dimension else EVERYBODY,
            before_step=before,
            step=step,
            first=first,
            entered=entered,
            went_on=went_on,
        )
