"""Funnels counted in the engine: how far visitors came in a period, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis

from adsync.events.engine import Column, Engine, Table
from adsync.events.plain import micros
from adsync.model.activity import SECOND_MICROS
from adsync.model.dropoff import CART, Carts
from adsync.model.funnel import FunnelCount, FunnelQuestion
from adsync.model.segment import EVERYBODY, Segment

ROOM = 64
"""More than there are codes of a dimension: a time and a code fit into one whole number, which sorts by time."""


def at_first(column: Column, at: Column) -> Column:
    """A dimension's code at the earliest time at which it is known; 0 where it never is."""
    return ((at * ROOM + column).min(where=column != 0) % ROOM).fill_null(0)


def reached(
    engine: Engine,
    events: Table,
    question: FunnelQuestion,
    code: Mapping[str, int],
    labels: Mapping[str, Sequence[str]],
) -> tuple[FunnelCount, ...]:
    """How far all visitors came, and those of each segment. Their first event that says so tells which segment."""
    inside = events.filter((events["at"] >= micros(question.first)) & (events["at"] <= micros(question.last)))
    macro = question.steps[-1]
    carts = {"filled": inside["at"].min(where=inside.code == code[CART])} if CART in code and macro != CART else {}
    found = inside.group_by("visitor").agg(
        t0=inside["at"].min(),
        ended=inside["at"].max(where=inside.code == code[macro]),
        **carts,
        **{name: at_first(inside[name], inside["at"]) for name in labels},
    )
    found = engine.keep("reached_0", found)
    for number, step in enumerate(question.steps, start=1):
        before = f"t{number - 1}"
        done = inside.filter(inside.code == code[step]).select("visitor", "at")
        arrived = done.join(found.select("visitor", before), "visitor")
        arrived = arrived.filter(arrived["at"] >= arrived[before])
        arrived = arrived.group_by("visitor").agg(**{f"t{number}": arrived["at"].min()})
        found = engine.keep(f"reached_{number}", found.left_join(arrived, "visitor").drop("visitor_right"))
        engine.forget(f"reached_{number - 1}")
    counts = _counted(engine, found, len(question.steps))
    for dimension, names in labels.items():
        counts += _counted(engine, found, len(question.steps), dimension, names)
    engine.forget(f"reached_{len(question.steps)}")
    return tuple(counts)


def _counted(
    engine: Engine, found: Table, steps: int, dimension: str = "", names: Sequence[str] = ()
) -> list[FunnelCount]:
    columns = {f"n{k}": found[f"t{k}"].count() for k in range(steps + 1)}
    columns |= {f"m{k}": (found[f"t{k}"] - found[f"t{k - 1}"]).median().cast("float64") for k in range(1, steps + 1)}
    columns["ended"] = found.ended.count()
    if has_carts := "filled" in found.columns:
        columns |= {
            "filled": found.filled.count(),
            "ordered": (found.ended >= found.filled).sum().fill_null(0).cast("int64"),
        }
    grouped = found.mutate(segment=found[dimension] if dimension else ibis.literal(0, "int64")).group_by("segment")
    rows = engine.numbers(grouped.agg(**columns).order_by("segment"))
    return [
        FunnelCount(
            segment=Segment(dimension, names[int(rows["segment"][i])]) if dimension else EVERYBODY,
            reached=tuple(int(rows[f"n{k}"][i]) for k in range(steps + 1)),
            median_seconds=(
                None,
                *(float(rows[f"m{k}"][i]) / SECOND_MICROS if rows[f"n{k}"][i] else None for k in range(1, steps + 1)),
            ),
            in_any_order=int(rows["ended"][i]),
            carts=Carts(filled=int(rows["filled"][i]), ordered=int(rows["ordered"][i])) if has_carts else None,
        )
        for i in range(len(rows["segment"]))
    ]
