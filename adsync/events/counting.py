"""Counted tables: what is asked of moments and visitors, answered in sums that are whole numbers and so the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from adsync.events.engine import Column, Engine, Later, Numbers, Table
from adsync.events.moments import class_of
from adsync.model.activity import HORIZONS, MARGINS, ActivityModel, ActivityTable, Ints
from adsync.model.exposure import GROUPS, POSITION_CLASSES, QUANTILES, STRATA, Compared, NamedSums, Sums

NANO = 1e9
"""Expectations are added up in billionths, as integers: the order of adding does not matter then."""

MASKED_AT_ONCE = 8
"""Bits of candidates by which moments are grouped in one pass: at most 256 patterns. More take longer than a second pass."""


def bought_within(t: Table, micros: int) -> Column:
    """1 where the macro follows within that time."""
    return (t.left <= micros).fill_null(False).cast("int64")


def activity_rows(
    engine: Engine, moments: Table, spans: Mapping[str, int], matured: Mapping[str, int], enough: int
) -> Later[Numbers]:
    """Moments of a sample of visitors by all their classes.

    spans, matured: each horizon's length and last mature moment, in microseconds. enough: moments that are looked at.
    """
    is_buyers = moments.left.notnull()
    size = engine.totals(moments.agg(buyers=is_buyers.sum(), others=(~is_buyers).sum()))
    one_in = {kind: max(1, -(-2 * size[kind] // enough)) for kind in size}
    # Other bits of the hash than those that chose the visitors and their groups. Ibis divides by way of floats: not here.
    digits = moments.visitor >> 24
    step = is_buyers.ifelse(one_in["buyers"], one_in["others"])
    sample = moments.mutate(weight=moments.weight * step).filter(digits % step == 0)
    keys = [*MARGINS, "weight"]
    sums = {}
    for horizon in HORIZONS:
        ripe = sample["at"] <= matured[horizon]
        sums[f"n_{horizon}"] = ripe.cast("int64").sum().cast("int64")
        sums[f"y_{horizon}"] = bought_within(sample, spans[horizon]).sum(where=ripe).fill_null(0).cast("int64")
    return engine.later(sample.group_by(keys).agg(**sums).order_by(keys))


def activity_table(rows: Numbers) -> ActivityTable:
    """The same as the model reads it."""
    return ActivityTable(
        classes={name: rows[name].astype(np.int64) for name in MARGINS},
        weight=rows["weight"].astype(float),
        moments={h: rows[f"n_{h}"].astype(np.int64) for h in HORIZONS},
        bought={h: rows[f"y_{h}"].astype(np.int64) for h in HORIZONS},
    )


def expected(moments: Table, model: ActivityModel, span: int, matured: int) -> Table:
    """Moments after which a horizon is over, with their stratum, what is expected (in billionths) and what came of them, both
    weighted.

    span, matured: the horizon's length and last mature moment, in microseconds.
    """
    kept = ("visitor", "code", "group", "campaign", "at", "new", "done", "weight")
    ripe = moments.filter(moments["at"] <= matured)
    place = class_of(ripe.position, [first - 1 for first in POSITION_CLASSES])
    known = ripe.select(*kept, "left", place=place, share=_share(ripe, model))
    return known.select(
        *kept,
        stratum=(known.place * QUANTILES + class_of(known.share, model.cuts)).cast("int16"),
        nano=(known.share * NANO).round().cast("int64") * known.weight,
        bought=bought_within(known, span) * known.weight,
    )


def _share(moments: Table, model: ActivityModel) -> Column:
    # DuckDB takes a number by itself for a decimal, whose digits end where it is multiplied.
    share: Any = ibis.array([model.base])[0]
    for margin in MARGINS:
        factors = model.factors[margin]
        if any(factor != 1.0 for factor in factors):
            share = share * ibis.array(list(factors))[moments[margin]].fill_null(1.0)
    return share


def occurrences(rated: Table) -> Table:
    """The moments at which a candidate is new."""
    return rated.filter(rated.new != 0)


def named_sums(engine: Engine, rated: Table, names: Mapping[int, str]) -> NamedSums:
    """The sums of each of these event names, which are given by their codes."""
    rows = _summed(engine, rated.filter(rated.code.isin(list(names))), "code")()
    return NamedSums(names=tuple(names.values()), sums=[_sums(rows, rows["by"] == code) for code in names])


def compared(engine: Engine, rated: Table, pool: Sequence[int], bits: Sequence[int]) -> Later[list[Compared]]:
    """For each candidate's bit: first occurrences, and moments of the pool by visitors who had not done it yet."""
    firsts = _summed(engine, occurrences(rated), "new")
    usable = rated.filter(rated.code.isin(list(pool)))
    masked = [bits[start : start + MASKED_AT_ONCE] for start in range(0, len(bits), MASKED_AT_ONCE)]
    others = [_summed(engine, usable.mutate(of_these=usable.done & sum(some)), "of_these") for some in masked]

    def found() -> list[Compared]:
        of_new = firsts()
        return [
            Compared(exposed=_sums(of_new, of_new["by"] & one != 0), others=_sums(rows, rows["by"] & one == 0))
            for some, summed in zip(masked, others, strict=True)
            for rows in [summed()]
            for one in some
        ]

    return found


def _summed(engine: Engine, rated: Table, by: str) -> Later[dict[str, Ints]]:
    """By cell (a stratum and a group of visitors) and one column more."""
    amounts = {"moments": rated.weight, "bought": rated.bought, "nano": rated.nano}
    counted = engine.later(
        rated.group_by("stratum", "group", by=rated[by]).agg(
            **{name: amount.sum().cast("int64") for name, amount in amounts.items()}
        )
    )

    def found() -> dict[str, Ints]:
        rows = {name: column.astype(np.int64) for name, column in counted().items()}
        return rows | {"cell": rows["stratum"] * GROUPS + rows["group"]}

    return found


def _sums(rows: Mapping[str, Ints], where: NDArray[np.bool_]) -> Sums:
    def total(column: str) -> Ints:
        added = np.zeros(STRATA * GROUPS, np.int64)
        # To add nothing is faster than to leave rows out.
        np.add.at(added, rows["cell"], rows[column] * where)
        return added.reshape(STRATA, GROUPS)

    return Sums(moments=total("moments"), bought=total("bought"), expected=total("nano") / NANO)
