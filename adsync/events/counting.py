"""Counted tables: what is asked of moments and visitors, answered in sums that are whole numbers and so the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import numpy as np

from adsync.events.engine import Column, Engine, Table
from adsync.model.activity import HORIZONS, MARGINS, ActivityModel, ActivityTable
from adsync.model.exposure import GROUPS, POSITION_CLASSES, QUANTILES, STRATA, Compared, NamedSums, Sums

NANO = 1e9
"""Expectations are added up in billionths, as integers: the order of adding does not matter then."""

MASKED_AT_ONCE = 8
"""Bits of candidates by which moments are grouped in one pass: at most 256 patterns. More take longer than a second pass."""


def bought_within(t: Table, micros: int) -> Column:
    """1 where the macro follows within that time."""
    return (t.left <= micros).fill_null(False).cast("int64")


def activity_table(
    engine: Engine, moments: Table, spans: Mapping[str, int], matured: Mapping[str, int], enough: int
) -> ActivityTable:
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
    rows = engine.numbers(sample.group_by(keys).agg(**sums).order_by(keys))
    return ActivityTable(
        classes={name: rows[name].astype(np.int64) for name in MARGINS},
        weight=rows["weight"].astype(float),
        moments={h: rows[f"n_{h}"].astype(np.int64) for h in HORIZONS},
        bought={h: rows[f"y_{h}"].astype(np.int64) for h in HORIZONS},
    )


def expected(moments: Table, model: ActivityModel, horizon: str) -> Table:
    """Mature moments with what is expected of each (in billionths, weighted) and its stratum."""
    share: Any = ibis.literal(model.base[horizon])
    for margin in MARGINS:
        factors = model.factors[horizon][margin]
        if any(factor != 1.0 for factor in factors):
            share = share * ibis.array(list(factors))[moments[margin]].fill_null(1.0)
    rated = moments.mutate(share=share)
    quantile, place = ibis.literal(0, "int64"), ibis.literal(0, "int64")
    for cut in model.cuts[horizon]:
        quantile = quantile + (rated.share >= cut).cast("int64")
    for cut in POSITION_CLASSES:
        place = place + (rated.position >= cut - 1).cast("int64")
    return rated.mutate(
        stratum=(place * QUANTILES + quantile).cast("int16"),
        nano=(rated.share * NANO).round().cast("int64") * rated.weight,
    )


def named_sums(engine: Engine, rated: Table, names: Mapping[int, str]) -> NamedSums:
    """The sums of each of these event names, which are given by their codes."""
    rows = _summed(engine, rated.filter(rated.code.isin(list(names))), "code")
    return NamedSums(names=tuple(names.values()), sums=[_sums(rows, rows["code"] == code) for code in names])


def compared(engine: Engine, rated: Table, pool: Sequence[int], bits: Sequence[int]) -> list[Compared]:
    """For each candidate's bit: first occurrences, and moments of the pool by visitors who had not done it yet."""
    firsts = _summed(engine, rated.filter(rated.new != 0), "new")
    usable = rated.filter(rated.code.isin(list(pool)))
    found = []
    for start in range(0, len(bits), MASKED_AT_ONCE):
        some = bits[start : start + MASKED_AT_ONCE]
        masked = usable.mutate(pattern=usable.done & sum(some))
        rows = _summed(engine, masked, "pattern")
        found += [
            Compared(exposed=_sums(firsts, firsts["new"] & one != 0), others=_sums(rows, rows["pattern"] & one == 0))
            for one in some
        ]
    return found


def _summed(engine: Engine, rated: Table, by: str) -> dict[str, Any]:
    return engine.numbers(
        rated.group_by(["stratum", "group", by]).agg(
            moments=rated.weight.sum().cast("int64"),
            bought=(rated.bought * rated.weight).sum().cast("int64"),
            nano=rated.nano.sum().cast("int64"),
        )
    )


def _sums(rows: Mapping[str, Any], where: Any) -> Sums:
    cell = rows["stratum"][where].astype(np.int64) * GROUPS + rows["group"][where].astype(np.int64)

    def total(column: str) -> Any:
        added = np.zeros(STRATA * GROUPS, np.int64)
        np.add.at(added, cell, rows[column][where].astype(np.int64))
        return added.reshape(STRATA, GROUPS)

    return Sums(moments=total("moments"), bought=total("bought"), expected=total("nano") / NANO)
