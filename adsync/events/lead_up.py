"""What those do who do the macro: in the hours before the first time, and at all; and how usual it is on any day of a visitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis

from adsync.events.engine import Engine, Table
from adsync.events.plain import TOO_CLOSE, day_of, months
from adsync.model.activity import HOUR_MICROS, SECOND_MICROS
from adsync.model.lead_up import LEAD_UP_HOURS, Buyers, Done, LeadUp


def lead_up(engine: Engine, events: Table, macro: int, code: Mapping[str, int]) -> LeadUp:
    """events: those that are known. code: of each event name. What is done within ten seconds of the macro is part of it."""
    days = engine.keep("active", events.select("visitor", "code", day=day_of(events["at"])).distinct())
    on_days = engine.numbers(days.group_by("code").agg(n=days.count()))
    all_days = engine.totals(days.select("visitor", "day").distinct().agg(n=ibis._.count()))["n"]
    engine.forget("active")
    bought = events.filter(events.code == macro).group_by("visitor").agg(macro_at=ibis._["at"].min())
    joined = events.filter(events.code != macro).join(bought, "visitor")
    joined = joined.select("visitor", "code", lead=joined.macro_at - joined["at"])
    joined = joined.filter((joined.lead > TOO_CLOSE) & (joined.lead <= LEAD_UP_HOURS * HOUR_MICROS))
    # An hour at most: a step of one visit is not earlier than another because somebody came twice that day.
    longest = joined.group_by(["visitor", "code"]).agg(lead=ibis.least(joined.lead.max(), HOUR_MICROS))
    rows = engine.numbers(longest.group_by("code").agg(n=longest.count(), lead=longest.lead.sum().cast("int64")))
    before = {int(c): (int(n), float(lead)) for c, n, lead in zip(rows["code"], rows["n"], rows["lead"], strict=True)}
    usual = dict(zip(on_days["code"].tolist(), on_days["n"].tolist(), strict=True))
    found = {}
    for name, place in code.items():
        if place != macro:
            n, lead = before.get(place, (0, 0.0))
            found[name] = Done(days=usual.get(place, 0), buyers=n, lead_seconds=lead / SECOND_MICROS / n if n else 0.0)
    return LeadUp(days=all_days, buyers=engine.totals(bought.agg(n=bought.count()))["n"], by_name=found)


def buyers(engine: Engine, events: Table, macro: int, month_ends: Sequence[int]) -> Buyers:
    """events: those that are known."""
    did = events.filter(events.code == macro)
    each = did.group_by("visitor").agg(months=months(did["at"], month_ends))
    in_month = {f"month_{n}": (each.months & (1 << n) != 0).sum() for n in range(len(month_ends))}
    found = engine.totals(each.agg(count=each.count(), **in_month))
    others = events.filter(events.code != macro).semi_join(did, "visitor")
    return Buyers(
        count=found["count"],
        months=sum(found[name] for name in in_month),
        others=engine.totals(others.agg(n=others.visitor.nunique()))["n"],
    )
