"""Which of an export's day tables are read, and those as one table of the few columns that are needed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
from ibis.backends.sql.datatypes import DuckDBType

from adsync.errors import UsageError
from adsync.events.bigquery_engine import BigQueryEngine, Warehouse
from adsync.events.engine import Table
from adsync.events.export import EDGE, NDJSON_COLUMNS, is_export
from adsync.events.source import Source
from adsync.model.dataset import Dataset

_DAY = re.compile(r"events_(\d{4})(\d\d)(\d\d)")
_NAMED = 10
"""Missing days that are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days of a log. edges: the day before and the day after, for what began or ended on the other side of midnight."""

    first: date
    last: date
    days: tuple[date, ...]
    edges: tuple[date, ...]
    missing: tuple[date, ...]


def period_of(tables: Sequence[str], dataset: Dataset, as_of: date | None, count: int) -> Period:
    """The last so many days up to a date, or to the newest table. Raises UsageError where the dataset has none of them."""
    known = _days_of(tables, dataset)
    last = known[-1] if as_of is None else min(as_of, known[-1])
    first = max(last - timedelta(days=count - 1), known[0])
    wanted = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days = [day for day in wanted if day in known]
    if not days:
        raise UsageError(
            f"The dataset {dataset} has no daily table from {last - timedelta(days=count - 1)} to {last}.",
            f"Its tables go from {known[0]} to {known[-1]}.",
            next_step="Choose other days with --as-of and --read-days.",
        )
    around = (first - timedelta(days=1), last + timedelta(days=1))
    return Period(
        first=first,
        last=last,
        days=tuple(days),
        edges=tuple(day for day in around if day in known),
        missing=tuple(day for day in wanted if day not in known),
    )


def read_days(engine: BigQueryEngine, warehouse: Warehouse, dataset: Dataset, as_of: date | None, count: int) -> Source:
    """The chosen day tables as one; nothing is read yet. Raises UsageError, naming what is the reason."""
    period = period_of(warehouse.day_tables(), dataset, as_of, count)
    names = {day: f"events_{day:%Y%m%d}" for day in sorted((*period.days, *period.edges))}
    columns = warehouse.columns(tuple(names.values()))
    for name, found in columns.items():
        if not is_export(tuple(found)):
            raise UsageError(
                f"The table {dataset}.{name} is no table of GA4's export.",
                f"Its columns are {', '.join(list(found)[:12])}.",
                next_step="Name the dataset that GA4 exports to, such as bigquery://PROJECT/analytics_371001234.",
            )
    kinds = {name: {c: ibis.dtype(t) for c, t in found.items()} for name, found in columns.items()}
    if len({table["event_params"] for table in kinds.values()}) > 1:
        raise UsageError(
            f"The day tables of {dataset} do not fit together.",
            "Their column event_params has not the same fields everywhere.",
            next_step="Read days before or after the change, with --as-of and --read-days.",
        )
    wanted = _wanted(kinds)
    parts = []
    for day, name in names.items():
        table = ibis.table(kinds[name], name=name, catalog=dataset.project, database=dataset.name)
        parts.append(_projected(table, wanted, is_edge=day in period.edges))
    rows = engine.stack("days", parts)

    def extracted(facts: Table) -> Table:
        engine.check(facts, f"{len(names)} daily tables of {dataset}, {min(names)} to {max(names)}")
        return whole_sessions(engine.keep("facts", facts))

    return Source(
        rows=rows,
        form="GA4 export",
        files=len(names),
        notes=tuple(_notes(period)),
        extracted=extracted,
        unit="day table",
    )


def whole_sessions(facts: Table) -> Table:
    """The period's events, and of the days around it those of sessions that reach into the period."""
    inside = facts.filter(~facts[EDGE])
    reaching = inside.filter(inside.who.notnull() & inside.session.notnull()).select("who", "session").distinct()
    around = facts.filter(facts[EDGE]).semi_join(reaching, ["who", "session"])
    return inside.union(around).drop(EDGE)


def _days_of(tables: Sequence[str], dataset: Dataset) -> list[date]:
    """Days that have a daily table, in order. Raises UsageError where there is none."""
    found = []
    for name in tables:
        if parts := _DAY.fullmatch(name):
            try:
                found.append(date(*map(int, parts.groups())))
            except ValueError:  # a table of somebody's own
                continue
    if found:
        return sorted(found)
    if any(name.startswith(("events_intraday_", "events_fresh_")) for name in tables):
        raise UsageError(
            f"The dataset {dataset} has tables of unfinished days only (events_intraday_, events_fresh_).",
            "They lack what is known later, and are gone or rewritten the next day.",
            next_step="Switch on the daily export in GA4: Admin > BigQuery links.",
        )
    shown = f"Its tables are {', '.join(sorted(tables)[:8])}." if tables else "It has no tables."
    raise UsageError(
        f"The dataset {dataset} is no GA4 export: no table of it is named events_YYYYMMDD.",
        shown,
        next_step="Name the dataset that GA4 exports to, such as bigquery://PROJECT/analytics_371001234.",
    )


def _notes(period: Period) -> list[str]:
    notes = []
    if period.missing:
        named = ", ".join(str(day) for day in period.missing[:_NAMED])
        more = f" and {len(period.missing) - _NAMED} more" if len(period.missing) > _NAMED else ""
        count = len(period.missing)
        days = "1 day has" if count == 1 else f"{count} days have"
        notes.append(f"{days} no table in the dataset: {named}{more}. What happened then is not in the log.")
    return notes


def _wanted(kinds: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The needed columns that any of the tables has, and of records the needed fields: the export grew over the years."""
    found = {}
    for name, written in NDJSON_COLUMNS.items():
        has = [columns[name] for columns in kinds.values() if name in columns]
        kind = _common(DuckDBType.from_string(written), has)
        if kind is not None:
            found[name] = kind
    return found


def _common(needed: Any, has: Sequence[Any]) -> Any | None:
    """The part of a type that any of these has; None where none does."""
    if not needed.is_struct():
        return needed if has else None
    fields = {}
    for name, kind in needed.items():
        part = _common(kind, [one[name] for one in has if one.is_struct() and name in one.names])
        if part is not None:
            fields[name] = part
    return ibis.expr.datatypes.Struct(fields) if fields else None


def _projected(table: Table, wanted: Mapping[str, Any], *, is_edge: bool) -> Table:
    """Only the needed columns, and of records the needed fields: BigQuery bills each field by itself."""
    return table.select(
        **{name: _as(table[name] if name in table.columns else None, kind) for name, kind in wanted.items()},
        **{EDGE: ibis.literal(is_edge)},
    )


def _as(column: Any, kind: Any) -> Any:
    if kind.is_struct():
        inside = column is not None and column.type().is_struct()
        fields = {
            name: _as(column[name] if inside and name in column.type().names else None, part)
            for name, part in kind.items()
        }
        return ibis.struct(fields)
    if column is None:
        return ibis.null(kind)
    # Parameters are taken as they are, a list of records.
    return column if column.type() == kind or kind.is_array() else column.try_cast(kind)
