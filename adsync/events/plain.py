"""Counts of visitors that need no model: first times, who did what before and after the macro, and who is looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import numpy as np

from adsync.events.engine import Column, Engine, Later, Table
from adsync.model.activity import DAY_MICROS, HORIZONS, SECOND_MICROS, Ints
from adsync.model.exposure import MONTH_DAYS, TOO_CLOSE_SECONDS, Exposed, Following, Question, whole_months

TOO_CLOSE = TOO_CLOSE_SECONDS * SECOND_MICROS

EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)
"""Google Analytics is as old. An earlier time is one in seconds or milliseconds."""

MONTH = MONTH_DAYS * DAY_MICROS

_MOST_DAYS = 1_000_000
"""More than there are between 1970 and any moment of a log."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """A question's tables of visitors.

    firsts: when each did each event first, and in which months. buyers: when each did the macro first. weights: those who
    are looked at.
    """

    firsts: Table
    buyers: Table
    weights: Table


def first_times(events: Table, month_ends: Sequence[int]) -> Table:
    """When each visitor did each event first, and in which months."""
    return events.group_by(["visitor", "code"]).agg(at=events["at"].min(), months=months(events["at"], month_ends))


def months(at: Column, month_ends: Sequence[int]) -> Column:
    """Over rows of one visitor: bit n is set for the n-th month back."""
    # The branches of a case, the newest first, take a fifth of the time of a division.
    each = [(at > end - MONTH, ibis.literal(1 << n, "int64")) for n, end in enumerate(month_ends)]
    return ibis.cases(*each, else_=ibis.literal(0, "int64")).bit_or()


def months_back(first: datetime, last: datetime) -> tuple[int, ...]:
    """The end of each month from the last moment back, in microseconds since 1970; the newest first."""
    return tuple(micros(last) - n * MONTH for n in range(whole_months(first, last)))


def first_macros(firsts: Table, macro: int) -> Table:
    """When each buyer did the macro first."""
    return firsts.filter(firsts.code == macro).select("visitor", macro_at="at")


def with_conditions(firsts: Table, marks: Table | None) -> Table:
    """First times of events and of conditions in one table, which knows them apart by their codes."""
    return firsts if marks is None else firsts.union(marks.select(*firsts.columns))


def marked(marks: Table, bit_of: Mapping[int, int]) -> Table:
    """The bits of the conditions, by visitor and time."""
    bits = marks.code.cases(*((code, ibis.literal(one, "int64")) for code, one in bit_of.items()), else_=0)
    return marks.group_by(["visitor", "at"]).agg(marked=bits.sum().cast("int64"))


def weights(engine: Engine, events: Table, firsts: Table, buyers: Table, enough: int, rare: int) -> Table:
    """The visitors who are looked at: when each did the macro first, and the number of visitors for whom he stands.

    All of them in a small log. In a large one all buyers, all who did something rare, and of the others one in so many,
    by their hash: no draw, the same ones on every engine.
    """
    of_buyers = engine.totals(events.semi_join(buyers, "visitor").agg(events=ibis._.count()))["events"]
    total = engine.totals(events.agg(events=events.count()))["events"] - of_buyers
    one_in = max(1, -(-total // enough))
    joined = firsts.left_join(buyers, "visitor").drop("visitor_right")
    if one_in == 1:
        return joined.select("visitor", "macro_at").distinct().mutate(weight=ibis.literal(1, "int64"))
    did = engine.numbers(firsts.group_by("code").agg(visitors=firsts.count()))
    rarely = did["code"][did["visitors"] < rare].tolist()
    joined = joined.mutate(sure=joined.code.isin([-1, *rarely]) | joined.macro_at.notnull())
    joined = joined.filter(joined.sure | ((joined.visitor >> 8) % one_in == 0))
    chosen = joined.group_by("visitor").agg(sure=joined.sure.max(), macro_at=joined.macro_at.max())
    return chosen.select("visitor", "macro_at", weight=chosen.sure.ifelse(1, one_in).cast("int64"))


def daily_counts(
    engine: Engine, question: Question, codes: Collection[int], visitors: Visitors, months: int
) -> Later[dict[str, Ints]]:
    """First times of events and conditions by code and day: all, those before the macro, and what followed them.

    months: of which it is counted who did it in each of them.
    """
    span, ripe_until = spans(question), matured(question)
    firsts = visitors.firsts.filter(visitors.firsts.code.isin(sorted(codes)))
    firsts = firsts.mutate(day=day_of(firsts["at"]))
    keys = ["code", "day"]
    # Buyers are few, and all that takes work is of them.
    of_all = {f"ripe_{h}": firsts.count(where=firsts["at"] <= ripe_until[h]) for h in HORIZONS}
    of_all |= {f"month_{n}": firsts.count(where=(firsts.months & (1 << n)) != 0) for n in range(months)}
    everybody = engine.later(firsts.group_by(keys).agg(did=firsts.count(), **of_all).order_by(keys))
    joined = firsts.join(visitors.buyers, "visitor")
    joined = joined.mutate(left=joined.macro_at - joined["at"])
    is_after = joined.left <= TOO_CLOSE
    of_buyers = {
        "did_and_bought": joined.count(),
        "after": joined.count(where=is_after),
        "around": joined.count(where=joined.left.abs() <= TOO_CLOSE),
        "passed": joined.count(where=~is_after & (joined.left <= span["long"])),
    }
    for horizon in HORIZONS:
        ripe = joined["at"] <= ripe_until[horizon]
        of_buyers[f"after_{horizon}"] = joined.count(where=is_after & ripe)
        of_buyers[f"x_{horizon}"] = joined.count(where=~is_after & ripe & (joined.left <= span[horizon]))
    bought = engine.later(joined.group_by(keys).agg(**of_buyers))

    def found() -> dict[str, Ints]:
        daily = {name: column.astype(np.int64) for name, column in everybody().items()}
        rows = {name: column.astype(np.int64) for name, column in bought().items()}
        place = np.searchsorted(_key(daily), _key(rows))
        for name in of_buyers:
            daily[name] = np.zeros(len(daily["code"]), np.int64)
            daily[name][place] = rows[name]
        for horizon in HORIZONS:
            daily[f"n_{horizon}"] = daily[f"ripe_{horizon}"] - daily[f"after_{horizon}"]
        daily["months"] = np.sum([daily[f"month_{n}"] for n in range(months)], axis=0)
        return daily

    return found


def _key(rows: Mapping[str, Ints]) -> Ints:
    """One number that sorts by code and day."""
    return rows["code"] * _MOST_DAYS + rows["day"]


def followed(code: Mapping[str, int], daily: Mapping[str, Ints]) -> dict[str, Following]:
    """How visitors who did each of these relate to the macro."""

    def following(place: int) -> Following:
        of = {name: int(column[daily["code"] == place].sum()) for name, column in daily.items()}
        return Following(
            did=of["did"],
            months=of["months"],
            did_and_bought=of["did_and_bought"],
            after=of["after"],
            around=of["around"],
            passed=of["passed"],
            exposed={h: Exposed(visitors=of[f"n_{h}"], bought=of[f"x_{h}"]) for h in HORIZONS},
        )

    return {name: following(place) for name, place in code.items()}


def together(engine: Engine, visitors: Visitors, code: Mapping[str, int]) -> Later[dict[tuple[str, str], int]]:
    """Visitors whose first times of two events lie close together, by the two names in the order of the alphabet.

    Of a large log as many as those who are looked at stand for.
    """
    firsts = visitors.firsts
    asked = firsts.filter(firsts.code.isin(list(code.values()))).select("visitor", "code", "at")
    # Kept: it stands on both sides of the join, and would be worked out for each.
    chosen = engine.keep("chosen", asked.join(visitors.weights, "visitor"))
    other = chosen.view()
    both = chosen.join(other, [chosen.visitor == other.visitor, chosen.code < other.code], rname="{name}_other")
    both = both.filter((both["at"] - both.at_other).abs() <= TOO_CLOSE)
    counted = engine.later(both.group_by(["code", "code_other"]).agg(visitors=both.weight.sum().cast("int64")))
    engine.forget("chosen")
    name = {place: known for known, place in code.items()}

    def found() -> dict[tuple[str, str], int]:
        rows = counted()
        return {
            tuple(sorted((name[int(a)], name[int(b)]))): int(n)  # type: ignore[misc]
            for a, b, n in zip(rows["code"], rows["code_other"], rows["visitors"], strict=True)
        }

    return found


def spans(question: Question) -> dict[str, int]:
    """How long each horizon is, in microseconds."""
    return {"day": DAY_MICROS, "long": question.horizon_days * DAY_MICROS}


def matured(question: Question) -> dict[str, int]:
    """The last moment after which each horizon is over, in microseconds since 1970."""
    last = micros(question.as_of) - question.settling_days * DAY_MICROS
    return {horizon: last - span for horizon, span in spans(question).items()}


def day_of(at: Column) -> Column:
    """A moment's day in UTC, counted from 1970. Without whole-number division, which Ibis does by way of floats."""
    return ((at - at % DAY_MICROS) / DAY_MICROS).cast("int32")


def micros(moment: datetime) -> int:
    """Microseconds since 1970, as logs count."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
