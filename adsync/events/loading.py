"""Rows into the engine: brought to one form, and what cannot be used counted with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adsync.errors import UsageError
from adsync.events.coding import LogFacts, coded
from adsync.events.engine import Engine, Table
from adsync.events.export import from_export
from adsync.events.flat import from_flat
from adsync.events.hashing import hashed, without_names
from adsync.events.ids import NO_SESSION, TAKEN, by_account, is_of_nobody, known_ids, of_somebody
from adsync.events.log import LoadedLog
from adsync.events.raw_rows import (
    FAULTS,
    currencies_of,
    fault_of_row,
    faulty_rows,
    row_counts,
    rows_by_name,
    words_taken,
)
from adsync.events.remarks import are_cut, cut_to, on_days_of, on_nobody, on_rows, on_sessions
from adsync.events.sessions import LONG_SESSIONS, longer_than_a_day
from adsync.events.source import Source
from adsync.events.times import check_times, of_another_unit
from adsync.model.condition import Condition


def load(
    engine: Engine,
    source: Source,
    now: datetime,
    macro: str | None = None,
    conditions: Sequence[Condition] = (),
    look: Callable[[Mapping[str, int]], None] | None = None,
) -> LoadedLog:
    """The events of a source, cleaned. Raises UsageError.

    now: what lies after it has not happened. macro: of this event, what repeats an order of the visitor is left out.
    conditions: that will be asked about. look: is shown how many rows each event has before they are worked through, and
    raises where an event is missing that the question names: a slip of the pen need not wait for the whole log.
    """
    if source.by_column:
        # Asked once: to hold every row of each pass against the words takes longer than to look whether there are any.
        name = source.rows.event_name.cast("string")
        names, nobody = rows_by_name(engine, source.rows, name, is_of_nobody(source.rows))
        raw = _raw(replace(source, rows=known_ids(source.rows)) if nobody else source, conditions)
    else:
        raw = engine.keep("raw", _raw(replace(source, rows=known_ids(source.rows)), conditions))
        names = rows_by_name(engine, raw, raw.name)[0] if look else {}
    if look:
        look(names)
    counts = engine.totals(row_counts(raw, now, macro))
    if not counts["rows"]:
        raise UsageError("The event files hold no events.", "They have columns, and not one row.")
    check_times(engine, source, counts, now)
    rightful = counts["rows"] - sum(counts[reason] for reason in FAULTS)
    good = raw.filter(fault_of_row(raw, now).isnull())
    lacking = counts["no_session"]
    no_session = words_taken(engine, good, NO_SESSION) if counts["meant_none"] else {}
    if counts["zero_session"] and _zero_is_none(engine, good, counts["zero_session"]):
        good = good.mutate(session=good.is_session_0.ifelse(None, good.session))
        lacking, no_session = lacking + counts["zero_session"], {"0": counts["zero_session"], **no_session}
    if lacking == rightful:
        good = good.drop("session")
    excluded = {reason: counts[reason] for reason in FAULTS}
    known = currencies_of(engine, good, macro) if counts["currencies"] else []
    units = of_another_unit(engine, source, counts, now)
    taken = words_taken(engine, raw, TAKEN) if counts["taken"] else {}
    notes = (
        *source.notes,
        *on_nobody(taken),
        *on_rows(counts, known),
        *on_days_of(macro, counts),
        *units,
    )
    if len(known) > 1:
        good = good.drop("value")
    facts = LogFacts(
        rows=counts["rows"],
        source=source,
        excluded=excluded,
        notes=notes,
        currency=known[0] if len(known) == 1 else "",
        read_at=now,
        cut_to=cut_to(counts),
        lacking=lacking,
        on_sessions=on_sessions(lacking, rightful, no_session),
        are_cut=are_cut(counts),
        faulty=faulty_rows(engine, raw, now) if rightful < counts["rows"] else {},
    )
    return coded(engine, good, facts, macro, conditions)


def _zero_is_none(engine: Engine, good: Table, rows: int) -> bool:
    """Whether 0 is what the log writes where it knows no session, not the number of a visitor's first."""
    return longer_than_a_day(engine, good.filter(good.is_session_0), rows) > LONG_SESSIONS


def _raw(source: Source, conditions: Sequence[Condition]) -> Table:
    """The columns that every form of log is brought to. No visitor, session or order id stays as it is written."""
    is_export = source.form == "GA4 export"
    rows = _spelt(from_export(source.rows, conditions) if is_export else from_flat(source.rows, conditions))
    if source.extracted:
        rows = source.extracted(without_names(rows))
    return hashed(by_account(rows))


def _spelt(rows: Table) -> Table:
    """With order ids and currencies as they are meant: those of nothing are null, and "eur " is EUR."""
    meant = {}
    if "order_id" in rows.columns:
        meant["order_id"] = of_somebody(rows.order_id)
    if "currency" in rows.columns:
        meant["currency"] = of_somebody(rows.currency.strip().upper())
    return rows.mutate(**meant)
