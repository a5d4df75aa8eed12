"""Which candidates visitors did together: with flags of yes and no, a log collapses to counts of patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import numpy as np

from adsync.events.engine import Column, Engine, Table
from adsync.events.plain import Visitors, matured, spans
from adsync.model.activity import SECOND_MICROS
from adsync.model.exposure import GROUPS, Question
from adsync.model.patterns import DEAREST, LANDMARKS, LandmarkTable, MacroValue, Segment, Unions

FIRST_LABEL = 2
"""Codes below stand for unknown and for rarer ones."""


def first_of_each(engine: Engine, visitors: Visitors, codes: Sequence[int], months: int) -> Table:
    """A row for each visitor: when he came first, when he did each of these first, their pattern in each month, and the macro."""
    firsts = visitors.firsts
    each = {f"did_{place}": firsts["at"].min(where=firsts.code == code) for place, code in enumerate(codes)}
    bit = firsts.code.cases(*((code, ibis.literal(1 << n, "int64")) for n, code in enumerate(codes)), else_=0)
    each |= {f"in_{n}": bit.sum(where=(firsts.months & (1 << n)) != 0) for n in range(months)}
    wide = firsts.group_by("visitor").agg(begun=firsts["at"].min(), **each)
    return engine.keep("wide", wide.left_join(visitors.buyers, "visitor").drop("visitor_right"))


def landmark_table(engine: Engine, question: Question, names: Sequence[str], wide: Table) -> LandmarkTable:
    """What visitors had done by each landmark after their first event, and whether the macro followed.

    Only visitors who had not done the macro by then, and whose horizon after it is over. newer: the later half of the
    first visits, on which what the older half teaches is tried.
    """
    span, last = spans(question)["long"], matured(question)["long"]
    middle = engine.totals(wide.filter(wide.begun <= last).agg(middle=wide.begun.median().floor().cast("int64")))[
        "middle"
    ]
    parts = []
    for place, seconds in enumerate(LANDMARKS):
        rows = wide.mutate(landmark_at=wide.begun + seconds * SECOND_MICROS)
        rows = rows.filter((rows.landmark_at <= last) & (rows.macro_at.isnull() | (rows.macro_at > rows.landmark_at)))
        bought = (rows.macro_at <= rows.landmark_at + span).fill_null(False)
        parts.append(
            rows.select(
                landmark=ibis.literal(place, "int64"),
                newer=(rows.begun > middle).cast("int64"),
                group=(rows.visitor % GROUPS).cast("int64"),
                pattern=_pattern([rows[f"did_{n}"] <= rows.landmark_at for n in range(len(names))]),
                bought=bought.cast("int64"),
            )
        )
    stacked = ibis.union(*parts)
    keys = ["landmark", "newer", "group", "pattern"]
    counted = stacked.group_by(keys).agg(visitors=ibis._.count(), bought=ibis._.bought.sum().cast("int64"))
    rows = engine.numbers(counted.order_by(keys))
    return LandmarkTable(names=tuple(names), **{name: column.astype(np.int64) for name, column in rows.items()})


def unions(engine: Engine, names: Sequence[str], wide: Table, months: int) -> Unions:
    """How many visitors did each combination of candidates and no other of them in one month, in all months."""
    of_month = [wide.select(pattern=wide[f"in_{n}"].fill_null(0).cast("int64")) for n in range(months)]
    each = of_month[0] if months == 1 else ibis.union(*of_month)
    did = each.filter(each.pattern != 0)
    rows = engine.numbers(did.group_by("pattern").agg(visitors=did.count()).order_by("pattern"))
    return Unions(
        names=tuple(names), pattern=rows["pattern"].astype(np.int64), visitors=rows["visitors"].astype(np.int64)
    )


def segments(
    engine: Engine, new: Table, bits: Mapping[str, int], labels: Sequence[str]
) -> dict[str, tuple[Segment, ...]]:
    """First occurrences of each candidate by campaign. new: moments at which candidates are, by their bits."""
    # Campaigns of which the log knows none, and rare ones, are no segment that bidding tells apart.
    firsts = new.filter((new.campaign >= FIRST_LABEL) & (new.campaign < len(labels)))
    sums = firsts.group_by(["campaign", "new"]).agg(
        exposed=firsts.weight.sum().cast("int64"), bought=firsts.bought.sum().cast("int64")
    )
    rows = engine.numbers(sums)
    each = {}
    for name, bit in bits.items():
        # One moment may be the first of several candidates.
        mine = (rows["new"] & bit) != 0
        exposed, bought = (
            np.bincount(rows["campaign"][mine], weights=rows[column][mine], minlength=len(labels))
            for column in ("exposed", "bought")
        )
        each[name] = tuple(
            Segment(label=label, exposed=float(n), bought=float(x))
            for label, n, x in zip(labels, exposed, bought, strict=True)
            if n
        )
    return each


def macro_value(engine: Engine, events: Table, macro: int) -> MacroValue:
    """Of the macros that have a value; the dearest hundredth counts as its cheapest: one of them must not make the mean."""
    values = events.filter((events.code == macro) & ~events.value.isnan())
    odd = engine.totals(values.agg(low=(values.value <= 0).sum(), high=(values.value > DEAREST).sum()))
    known = values.filter((values.value > 0) & (values.value <= DEAREST))
    rows = engine.numbers(known.agg(highest=known.value.quantile(0.99), n=known.count()))
    mean = None
    if rows["n"][0]:
        capped = ibis.least(known.value, float(rows["highest"][0]))
        mean = float(engine.numbers(known.agg(mean=capped.mean()))["mean"][0])
    return MacroValue(mean=mean, too_low=odd["low"], too_high=odd["high"])


def _pattern(did: Sequence[Column]) -> Column:
    pattern = ibis.literal(0, "int64")
    for place, done in enumerate(did):
        pattern = pattern + done.fill_null(False).ifelse(1 << place, 0)
    return pattern.cast("int64")
