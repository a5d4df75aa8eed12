"""Files into the engine: read, cleaned, and everything that is left out counted with its reason."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import ibis

from adsync.errors import UsageError
from adsync.events.engine import Column, Engine, Table
from adsync.events.export import NDJSON_COLUMNS, from_export, is_export
from adsync.events.files import FORMS, EventFiles, Kind
from adsync.events.flat import WANTED, from_flat, is_flat
from adsync.events.log import LoadedLog
from adsync.events.plain import micros
from adsync.model.activity import DAY_MICROS, MOST_CAMPAIGNS
from adsync.model.condition import Condition
from adsync.model.exposure import LogSummary

MOST_EVENTS_OF_A_VISITOR = 10_000
"""Who does more is a machine: a person who came every day for a year and looked at 27 pages each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFacts:
    """What is known of the rows before they are coded."""

    rows: int
    files: int
    form: str
    excluded: Mapping[str, int]


EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)
"""Google Analytics is as old. An earlier time is one in seconds or milliseconds."""


def load(engine: Engine, files: EventFiles, now: datetime, conditions: Sequence[Condition] = ()) -> LoadedLog:
    """The events of files, cleaned. now: what lies after it has not happened. conditions: that will be asked about.

    Raises UsageError.
    """
    rows = _read(engine, files)
    form = "GA4 export" if is_export(tuple(rows.columns)) else "flat log"
    try:
        raw = _hashed(from_export(rows, conditions) if form == "GA4 export" else from_flat(rows, conditions))
        # Parquet reads single columns; text is read once.
        raw = raw if files.kind is Kind.PARQUET else engine.keep("raw", raw)
    except duckdb.Error as error:
        raise UsageError("The event files cannot be read.", _first_line(error), next_step=FORMS) from None
    counts = engine.totals(_counts(raw, now))
    if not counts["rows"]:
        raise UsageError("The event files hold no events.", "They have columns, and not one row.")
    _times_are_micros(counts)
    has_sessions = counts["with_session"] > 0
    good = raw.filter(_fault(raw, now).isnull())
    if has_sessions:
        good = good.filter(good.session.notnull())
    excluded = {
        **{reason: counts[reason] for reason in FAULTS},
        "no_session": counts["no_session"] if has_sessions else 0,
    }
    facts = LogFacts(rows=counts["rows"], files=len(files.paths), form=form, excluded=excluded)
    return _coded(engine, good, facts, conditions, first=counts["first"], has_sessions=has_sessions)


def _read(engine: Engine, files: EventFiles) -> Table:
    """All files as one table; a file that cannot be read is named."""
    columns: dict[Path, tuple[str, ...]] = {}
    for path in files.paths:
        try:
            columns[path] = tuple(_table(engine, files.kind, [path]).columns)
        except (duckdb.Error, UnicodeError) as error:
            raise UsageError(
                f"{path} cannot be read as {files.kind}.",
                _first_line(error),
                next_step="Export it again, or leave it out.",
            ) from None
        if not is_export(columns[path]) and not is_flat(columns[path]):
            shown = ", ".join(columns[path][:12])
            raise UsageError(f"{path} is no event log: its columns are {shown}.", next_step=f"{FORMS} {WANTED}")
    if len({is_export(known) for known in columns.values()}) > 1:
        raise UsageError(
            "Some of these files are GA4 exports and some are flat logs.", next_step="Score one kind at a time."
        )
    try:
        return _table(engine, files.kind, files.paths)
    except duckdb.Error as error:
        raise UsageError("The event files do not fit together.", _first_line(error)) from None


def _table(engine: Engine, kind: Kind, paths: Sequence[Path]) -> Table:
    # Literal paths: a bracket in a name is a bracket.
    names = [glob.escape(str(path)) for path in paths]
    if kind is Kind.PARQUET:
        return engine.connection.read_parquet(names, union_by_name=True)
    if kind is Kind.CSV:
        return engine.connection.read_csv(names, all_varchar=True, header=True, union_by_name=True)
    return engine.connection.read_json(names, columns=NDJSON_COLUMNS, format="newline_delimited")


def _hashed(rows: Table) -> Table:
    """No visitor, session or order id stays as it is written."""
    session = rows.session if rows.session.type().is_integer() else _hash(rows.session.cast("string"))
    return rows.mutate(visitor=_hash(rows.who), session=session.cast("int64"), order=_hash(rows.order_id)).drop(
        "who", "order_id"
    )


def _hash(text: Column) -> Column:
    """60 bits of MD5, a whole number: the same on every engine."""
    return (ibis.literal("0x") + text.hexdigest("md5").substr(0, 15)).cast("int64")


FAULTS = ("no_visitor", "no_time", "no_name", "future")
"""Why a row is left out; the first that holds is the one that is counted."""


def _fault(raw: Table, now: datetime) -> Column:
    return ibis.cases(
        (raw.visitor.isnull(), "no_visitor"),
        (raw["at"].isnull() | (raw["at"] <= 0), "no_time"),
        (raw.name.isnull(), "no_name"),
        (raw["at"] > micros(now), "future"),
    )


def _counts(raw: Table, now: datetime) -> Table:
    fault = _fault(raw, now)
    return raw.agg(
        rows=raw.count(),
        with_session=raw.session.count(),
        no_session=(fault.isnull() & raw.session.isnull()).sum(),
        first=raw["at"].min(where=fault.isnull()),
        latest=raw["at"].max(),
        early=(raw["at"] < micros(EARLIEST)).sum(),
        timed=raw["at"].count(),
        **{reason: (fault == reason).sum() for reason in FAULTS},
    )


def _times_are_micros(counts: Mapping[str, int]) -> None:
    if not counts["timed"]:
        raise UsageError("No event has a time that can be read.", next_step=WANTED)
    latest = counts["latest"]
    if latest >= micros(EARLIEST) or latest <= 0:
        return
    for unit, factor in (("milliseconds", 1_000), ("seconds", 1_000_000)):
        if micros(EARLIEST) <= latest * factor:
            raise UsageError(
                f"The times of these events look like {unit}: the latest is {latest}.",
                "Microseconds since 1970 are wanted, or ISO 8601.",
                next_step=f"Multiply event_timestamp by {factor:,}.",
            )
    raise UsageError(f"The latest event is from {_shown(latest)}.", "Microseconds since 1970 are wanted, or ISO 8601.")


def _count(engine: Engine, table: Table) -> int:
    return engine.totals(table.agg(n=table.count()))["n"]


def _coded(
    engine: Engine,
    good: Table,
    facts: LogFacts,
    conditions: Sequence[Condition],
    first: int,
    *,
    has_sessions: bool,
) -> LoadedLog:
    """Names, campaigns and devices become small numbers; events that stand twice or come from machines are left out."""
    names = sorted(engine.numbers(good.select("name").distinct())["name"].tolist())
    if not names:
        left = ", ".join(f"{n:,} {reason}" for reason, n in facts.excluded.items() if n)
        raise UsageError("Of these events none can be used.", f"Left out were: {left}.", next_step=WANTED)
    campaigns, devices = (
        _most_frequent(engine, good, "campaign", MOST_CAMPAIGNS),
        _most_frequent(engine, good, "device", 6),
    )
    codes = ibis.memtable({"name": names, "code": list(range(len(names)))})
    joined = good.join(codes, "name")
    coded = joined.select(
        "visitor",
        "session",
        "at",
        "order",
        "value",
        "hits",
        code=joined.code.cast("int16"),
        campaign=_code_of(joined.campaign, campaigns),
        device=_code_of(joined.device, devices),
        week=((joined["at"] - first) // (7 * DAY_MICROS)).cast("int16"),
    )
    events = engine.keep("events", coded.distinct())
    engine.forget("raw")
    excluded = dict(facts.excluded)
    excluded["duplicate"] = facts.rows - sum(excluded.values()) - _count(engine, events)
    busy = events.group_by("visitor").agg(n=ibis._.count())
    machines = busy.filter(busy.n > MOST_EVENTS_OF_A_VISITOR)
    excluded["machine"] = engine.totals(machines.agg(n=machines.n.sum()))["n"]
    if excluded["machine"]:
        events = engine.keep("people", events.anti_join(machines, "visitor"))
    named = engine.numbers(events.group_by("code").agg(n=ibis._.count()))
    count = dict(zip(named["code"].tolist(), named["n"].tolist(), strict=True))
    span = engine.totals(
        events.agg(first=events["at"].min(), last=events["at"].max(), visitors=events.visitor.nunique())
    )
    summary = LogSummary(
        rows=facts.rows,
        names={name: count.get(code, 0) for code, name in enumerate(names)},
        excluded=excluded,
        visitors=span["visitors"],
        first=_moment(span["first"]),
        last=_moment(span["last"]),
        files=facts.files,
        form=facts.form,
    )
    return LoadedLog(engine, events, summary, conditions, has_sessions=has_sessions)


def _most_frequent(engine: Engine, once: Table, column: str, most: int) -> list[str]:
    counted = once.filter(once[column].notnull()).group_by(column).agg(n=ibis._.count())
    return list(engine.numbers(counted.order_by([ibis.desc("n"), column]).limit(most))[column])


def _code_of(column: Column, known: Sequence[str]) -> Column:
    """0 for unknown, 1 for rarer ones, and a number of its own for each that is frequent."""
    if not known:
        return ibis.literal(0, "int16")
    each = [(name, place) for place, name in enumerate(known, start=2)]
    return column.cases(*each, else_=column.isnull().ifelse(0, 1)).cast("int16")


def _moment(at: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def _shown(at: int) -> str:
    return _moment(at).date().isoformat() if at > -62_000_000_000_000_000 else "long ago"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].strip()
