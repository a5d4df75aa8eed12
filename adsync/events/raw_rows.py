"""Rows as they are read, before they are coded: what is counted of them, and why some are left out."""

from __future__ import annotations

from datetime import datetime

import ibis

from adsync.events.engine import Column, Engine, Table
from adsync.events.ids import NO_SESSION, TAKEN
from adsync.events.plain import EARLIEST, micros
from adsync.model.activity import DAY_MICROS, SECOND_MICROS

MINUTE_MICROS = 60 * SECOND_MICROS
HOUR_MICROS = 60 * MINUTE_MICROS


def rows_by_name(
    engine: Engine, rows: Table, name: Column, of_nobody: Column | None = None
) -> tuple[dict[str, int], int]:
    """How many rows each event has, as they are written; and how many rows in all have an id that stands for nobody."""
    nobody = ibis.literal(0, "int64") if of_nobody is None else of_nobody.sum()
    counted = engine.numbers(rows.group_by(name=name).agg(n=rows.count(), nobody=nobody))
    by_name = zip(counted["name"], counted["n"], strict=True)
    return {name: int(n) for name, n in by_name if name}, int(counted["nobody"].sum())


FAULTS = ("no_visitor", "no_time", "past", "no_name", "future")
"""Why a row is left out; the first that holds is the one that is counted."""


def fault_of_row(raw: Table, now: datetime) -> Column:
    """Of FAULTS the first that a row has; null where it can be used. now: what lies after it has not happened."""
    return ibis.cases(
        (~raw.has_visitor, "no_visitor"),
        (raw["at"].isnull(), "no_time"),
        (raw["at"] < micros(EARLIEST), "past"),
        (raw.name.isnull(), "no_name"),
        (raw["at"] > micros(now), "future"),
    )


def row_counts(raw: Table, now: datetime, macro: str | None) -> Table:
    """All that a log is asked before it is worked through, in one pass over its rows. macro: None where none is asked about."""
    fault = fault_of_row(raw, now)
    of_macro = raw["at"].notnull() & (raw.name == macro if macro is not None else raw.name.isnull())
    # Midnights of every time zone among them.
    is_quarter = raw["at"] % (15 * MINUTE_MICROS) == 0
    return raw.agg(
        rows=raw.count(),
        no_session=(fault.isnull() & ~raw.has_session).sum(),
        zero_session=(fault.isnull() & raw.is_session_0).sum(),
        meant_none=(fault.isnull() & raw[NO_SESSION].notnull()).sum() if NO_SESSION in raw.columns else ibis.literal(0),
        taken=raw[TAKEN].count() if TAKEN in raw.columns else ibis.literal(0),
        earliest=raw["at"].min(),
        latest=raw["at"].max(),
        timed=raw["at"].count(),
        midnight=(raw["at"] % DAY_MICROS == 0).sum(),
        macro_timed=of_macro.sum(),
        whole_quarter=is_quarter.sum(),
        macro_quarter=(of_macro & is_quarter).sum(),
        whole_hour=(raw["at"] % HOUR_MICROS == 0).sum(),
        # Not of exports: theirs are of their own making, and what is alike there has the same parameters.
        whole_minute=ibis.literal(0) if "sent" in raw.columns else (raw["at"] % MINUTE_MICROS == 0).sum(),
        currencies=raw.currency.count() if "currency" in raw.columns else ibis.literal(0),
        unread_values=raw.unread_value.sum() if "unread_value" in raw.columns else ibis.literal(0),
        **{reason: (fault == reason).sum() for reason in FAULTS},
    )


def faulty_rows(engine: Engine, raw: Table, now: datetime) -> dict[str, dict[str, int]]:
    """Of each event the rows that are left out, by reason."""
    found = raw.select("name", reason=fault_of_row(raw, now)).filter(ibis._.reason.notnull() & ibis._.name.notnull())
    counted = engine.numbers(found.group_by(["name", "reason"]).agg(n=ibis._.count()).order_by(["name", "reason"]))
    faulty: dict[str, dict[str, int]] = {}
    for name, reason, n in zip(counted["name"], counted["reason"], counted["n"], strict=True):
        faulty.setdefault(name, {})[reason] = int(n)
    return faulty


def words_taken(engine: Engine, rows: Table, column: str) -> dict[str, int]:
    """Rows by the word in the place of an id, the most frequent first. column: of such words."""
    counted = rows.filter(rows[column].notnull()).group_by(word=column).agg(n=ibis._.count())
    found = engine.numbers(counted.order_by([ibis.desc("n"), "word"]))
    return {word: int(n) for word, n in zip(found["word"], found["n"], strict=True)}


def currencies_of(engine: Engine, good: Table, macro: str | None) -> list[str]:
    """Those of the macro's values, which alone are used, the most frequent first; without a macro those of all values."""
    if "value" not in good.columns:
        return []
    is_used = good.currency.notnull() & good.value.notnull()
    if macro is not None:
        is_used &= good.name == macro
    counted = good.filter(is_used).group_by("currency").agg(n=ibis._.count())
    return [str(c) for c in engine.numbers(counted.order_by([ibis.desc("n"), "currency"]))["currency"]]
