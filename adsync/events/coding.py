"""Clean rows into a log: all names become numbers, and what stands twice, or comes from machines or wrong clocks, is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

import ibis
from numpy.typing import NDArray

from adsync.errors import UsageError
from adsync.events.days import Stretch, body_of, lively_until, on_holes, on_strays
from adsync.events.engine import Column, Engine, Table
from adsync.events.export import settling_days
from adsync.events.flat import WANTED
from adsync.events.log import LoadedLog, events_by_name
from adsync.events.plain import day_of
from adsync.events.remarks import on_long_sessions, on_one_id
from adsync.events.sessions import LONG_SESSIONS, longer_than_a_day, sessions_around
from adsync.events.source import Source
from adsync.model.activity import DAY_MICROS, MOST_CAMPAIGNS, MOST_CHANNELS, MOST_NAMED, RARER, UNKNOWN
from adsync.model.condition import Condition
from adsync.model.exposure import LogSummary
from adsync.model.left_out import left_out_words

MOST_EVENTS_OF_A_VISITOR = 10_000
"""Who does more is a machine: a person who came every day for a year and looked at 27 pages each time."""

_ORDER = ("visitor", "order")
"""What tells orders apart: those of others may bear the same id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFacts:
    """What is known of the rows before they are coded.

    lacking: how many that count do not name their session; where none does, they have no such column. on_sessions: what is
    told of that.
    are_cut: whether all times are cut, if only to minutes. cut_to: as of a `LogSummary`. faulty: of each event the rows that are
    left out, by reason.
    """

    rows: int
    source: Source
    excluded: Mapping[str, int]
    notes: tuple[str, ...]
    currency: str
    read_at: datetime
    cut_to: str
    lacking: int
    on_sessions: tuple[str, ...]
    are_cut: bool
    faulty: Mapping[str, Mapping[str, int]]


def _count(engine: Engine, table: Table) -> int:
    return engine.totals(table.agg(n=table.count()))["n"]


def _nothing_left(excluded: Mapping[str, int], form: str) -> UsageError:
    why = f"Left out were {'; '.join(left_out_words(excluded))}."
    more_days = "Add days whose events have user_pseudo_id, event_name and event_timestamp."
    return UsageError("Of these events none can be used.", why, next_step=more_days if form == "GA4 export" else WANTED)


def coded(
    engine: Engine,
    good: Table,
    facts: LogFacts,
    macro: str | None,
    conditions: Sequence[Condition],
) -> LoadedLog:
    """Names, campaigns and devices become small numbers; events that stand twice or come from machines are left out."""
    codes = good.select("name").distinct()
    codes = engine.keep("codes", codes.mutate(code=ibis.row_number().over(ibis.window(order_by="name"))))
    names = engine.numbers(codes.select("name").order_by("name"))["name"].tolist()
    if not names:
        raise _nothing_left(facts.excluded, facts.source.form)
    most = {"campaign": MOST_CAMPAIGNS, "device": 6, "channel": MOST_CHANNELS}
    known = {name: _most_frequent(engine, good, name, limit) for name, limit in most.items() if name in good.columns}
    events = everything = engine.keep("events", _once(good.join(codes, "name"), known, are_cut=facts.are_cut))
    engine.forget("raw", "codes")
    excluded = dict(facts.excluded)
    excluded["duplicate"] = facts.rows - sum(excluded.values()) - _count(engine, events)
    events, people = _of_people(engine, events, excluded)
    visitors = people["people"]
    if not visitors:
        raise _nothing_left(excluded, facts.source.form)
    counted = _by_day(engine, events)
    body = body_of(counted["day"], counted["n"], counted["code"], [counted["one"], counted["other"]])
    excluded["astray"] = int(counted["n"].sum()) - sum(stretch.events for stretch in body)
    of_people = events_by_name(counted, names)
    of_strays = on_strays(counted["day"], counted["n"], counted["code"], body, names)
    if excluded["astray"]:
        events = events.filter(_inside(events["at"], body))
        visitors = engine.totals(events.agg(n=events.visitor.nunique()))["n"]
    if macro in names:
        # After the strays: where a clock years behind sends an order once more, that row would be the first, and then go itself.
        events = _once_an_order(engine, events, names.index(macro), excluded)
    if excluded["astray"] or excluded.get("duplicate_order"):
        counted = _by_day(engine, events)
    kept = events_by_name(counted, names)
    lost = _lost(engine, everything, facts, of_people, kept)
    events, of_sessions = _in_sessions(engine, events, facts, int(counted["n"].sum()))
    span = engine.totals(events.agg(first=events["at"].min(), last=events["at"].max()))
    last, is_export = _moment(span["last"]), facts.source.form == "GA4 export"
    summary = LogSummary(
        settling_days=settling_days(last, facts.read_at) if is_export else 0,
        lively_until=lively_until(counted["day"], counted["n"]),
        cut_to=facts.cut_to,
        rows=facts.rows,
        names=kept,
        excluded=excluded,
        lost=lost,
        visitors=visitors,
        first=_moment(span["first"]),
        last=last,
        files=facts.source.files,
        form=facts.source.form,
        unit=facts.source.unit,
        notes=(*facts.notes, *of_sessions, *on_one_id(people), *of_strays, *on_holes(counted["day"], counted["n"])),
        currency=facts.currency,
        labels={name: (UNKNOWN, RARER, *labels[:MOST_NAMED]) for name, labels in known.items() if labels},
    )
    return LoadedLog(engine, _whole(events), summary, counted, conditions, has_sessions="session" in events.columns)


def _once(joined: Table, known: Mapping[str, Sequence[str]], *, are_cut: bool) -> Table:
    """Events as they are kept, each of them once. known: labels by dimension. are_cut: whether times are cut to minutes.

    The rows are told apart by few narrow columns: that is what loading a log takes longest at, and most room for.
    """
    some = [name for name in ("session", "sent", "order", "value", "hits", "params") if name in joined.columns]
    labels = {name: _code_of(joined[name], labels) for name, labels in known.items() if labels}
    coded = joined.select("visitor", "at", *some, code=joined.code.cast("int32"), **labels)
    if "sent" in some:
        # What stands twice may have another place in its batch.
        once = coded.group_by([name for name in coded.columns if name != "at"]).agg(at=coded["at"].min())
    elif are_cut:
        # Somebody looks at three pages in a minute; only an order says of itself that it is the same one.
        is_order = coded.order.notnull() if "order" in some else ibis.literal(False)
        once = coded.filter(~is_order).union(coded.filter(is_order).distinct())
    else:
        once = coded.distinct()
    return once.drop(*(name for name in ("sent", "params") if name in some))


def _whole(events: Table) -> Table:
    """With what a log says in every row of which it knows nothing."""
    unknown = {name: ibis.literal(0, "int16") for name in ("campaign", "device", "channel")}
    unknown |= {"session": ibis.null("int64"), "order": ibis.null("int64"), "value": ibis.null("float64")}
    return events.mutate(**{name: column for name, column in unknown.items() if name not in events.columns})


def _inside(at: Column, body: Sequence[Stretch]) -> Column:
    each = [(at >= part.first * DAY_MICROS) & (at < (part.last + 1) * DAY_MICROS) for part in body]
    return reduce(or_, each)


def _by_day(engine: Engine, events: Table) -> dict[str, NDArray[Any]]:
    """How many events of each name there are on each day, in columns code, day and n; one and other: two of the visitors."""
    counted = events.group_by("code", day=day_of(events["at"]))
    return engine.numbers(counted.agg(n=ibis._.count(), one=events.visitor.min(), other=events.visitor.max()))


def _lost(
    engine: Engine, everything: Table, facts: LogFacts, of_people: Mapping[str, int], kept: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """Of events of which all rows are left out, these rows by reason.

    everything: with the rows of machines. of_people, kept: events by name in the order of their codes; without machines, and
    without strays as well.
    """
    found = {name: dict(reasons) for name, reasons in facts.faulty.items() if not kept.get(name)}
    if gone := [code for code, n in enumerate(kept.values()) if not n]:
        rows = engine.numbers(everything.filter(everything.code.isin(gone)).group_by("code").agg(n=ibis._.count()))
        for name, n in events_by_name(rows, list(kept)).items():
            if not kept[name]:
                found.setdefault(name, {}).update(machine=n - of_people[name], astray=of_people[name])
    return found


def _of_people(engine: Engine, events: Table, excluded: dict[str, int]) -> tuple[Table, dict[str, int]]:
    """Events without those of machines, which are counted in ``excluded``.

    Beside them the number of visitors (people), of their events, of the events of the one who has the most, and of the machine
    that has the most.
    """
    busy = events.group_by("visitor").agg(n=ibis._.count())
    is_machine = busy.n > MOST_EVENTS_OF_A_VISITOR
    found = engine.totals(
        busy.agg(
            machine=busy.n.sum(where=is_machine),
            people=(~is_machine).sum(),
            events=busy.n.sum(where=~is_machine),
            most=busy.n.max(where=~is_machine),
            most_of_machine=busy.n.max(where=is_machine),
        )
    )
    excluded["machine"] = found["machine"]
    if found["machine"]:
        events = engine.keep("people", events.anti_join(busy.filter(is_machine), "visitor"))
    return events, found


def _in_sessions(engine: Engine, events: Table, facts: LogFacts, rows: int) -> tuple[Table, tuple[str, ...]]:
    """Events each with its session, or none with any where the log does not know them; and what is told of that."""
    if "session" not in events.columns:
        return events, facts.on_sessions
    share = longer_than_a_day(engine, events, rows)
    if share > LONG_SESSIONS:
        return events.drop("session"), on_long_sessions(share)
    if facts.lacking:
        events = engine.keep("in_sessions", sessions_around(events))
        engine.forget("events", "once", "people")
    return events, facts.on_sessions


def _once_an_order(engine: Engine, events: Table, macro: int, excluded: dict[str, int]) -> Table:
    """Events without the macro's repeated orders, which are counted in ``excluded``."""
    orders = events.filter((events.code == macro) & events.order.notnull()) if "order" in events.columns else None
    if orders is None:
        excluded["duplicate_order"] = 0
        return events
    excluded["duplicate_order"] = _count(engine, orders) - _count(engine, orders.select(*_ORDER).distinct())
    if not excluded["duplicate_order"]:
        return events
    others = events.filter((events.code != macro) | events.order.isnull())
    return engine.keep("once", others.union(_first_of_each(orders).select(*others.columns)))


def _first_of_each(orders: Table) -> Table:
    """The first row of each visitor's order; of several at one moment the one that knows its session."""
    rest = [orders[name] for name in orders.columns if name not in (*_ORDER, "at", "session")]
    known = [orders.session.isnull(), orders.session] if "session" in orders.columns else []
    place = ibis.row_number().over(ibis.window(group_by=_ORDER, order_by=[orders["at"], *known, *rest]))
    return orders.mutate(place=place).filter(ibis._.place == 0)


def _most_frequent(engine: Engine, once: Table, column: str, most: int) -> list[str]:
    counted = once.filter(once[column].notin([UNKNOWN, RARER])).group_by(column).agg(n=ibis._.count())
    return list(engine.numbers(counted.order_by([ibis.desc("n"), column]).limit(most))[column])


def _code_of(column: Column, known: Sequence[str]) -> Column:
    """0 for unknown, 1 for rarer ones, and a number of its own for each that is frequent.

    A log may say so in the very words of ours: two rows of one name would be taken for one.
    """
    if len(known) <= MOST_NAMED:
        each = [(name, place) for place, name in enumerate(known, start=2)]
        return column.cases(*each, else_=(column.isnull() | (column == UNKNOWN)).ifelse(0, 1)).cast("int16")
    # Of many, the place in a list takes a fiftieth of the time of as many cases; what is not in it has -1 and is a rarer one.
    return ibis.array([UNKNOWN, RARER, *known]).index(column.fill_null(UNKNOWN)).abs().cast("int16")


def _moment(at: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
