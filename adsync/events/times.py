"""Times of events: whether they can be right, and in which unit they are where they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import ibis

from adsync.errors import UsageError
from adsync.events.engine import Engine
from adsync.events.export import from_export
from adsync.events.flat import WANTED, from_flat
from adsync.events.plain import EARLIEST, micros
from adsync.events.source import Source

FILES_NAMED = 3
"""Files with a fault that are told; more are a number."""

LIKE_A_TIME = r"^[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}[0-9 :.,/TZAPM+-]{0,20}$|^[0-9]{8}T[0-9]{2,6}Z?$"


def check_times(engine: Engine, source: Source, counts: Mapping[str, int], now: datetime) -> None:
    """Raises UsageError where no time of a log can be right, with the unit that they are likely in.

    counts: how many rows have a time (timed), and the earliest and latest, in what should be microseconds.
    """
    if not counts["timed"]:
        raise UsageError("No event has a time that can be read.", _a_time(engine, source), next_step=_form_of(source))
    earliest, latest = counts["earliest"], counts["latest"]
    wanted = "Microseconds since 1970 are wanted, or ISO 8601 such as 2026-06-01T12:00:00Z."
    if _are_nanoseconds(earliest, now):
        raise UsageError(
            f"The times of these events look like nanoseconds: the earliest is {earliest}.",
            wanted,
            next_step="Divide event_timestamp by 1,000.",
        )
    if latest >= micros(EARLIEST):
        return
    if unit := _unit_of(latest):
        raise UsageError(
            f"The times of these events look like {unit[0]}: the latest is {latest}.",
            wanted,
            next_step=f"Multiply event_timestamp by {unit[1]:,}.",
        )
    if _is_a_day(latest):
        raise UsageError(
            f"The times of these events look like days: the latest is {latest}.",
            wanted,
            next_step="Write days with dashes in event_timestamp, or better each event's own moment.",
        )
    raise UsageError("All events are from before 2005.", wanted)


def _form_of(source: Source) -> str:
    if source.form != "GA4 export":
        return WANTED
    kind = source.rows.event_timestamp.type()
    return f"GA4 writes event_timestamp as whole microseconds since 1970; here its type is {kind}."


def _is_a_day(number: int) -> bool:
    """Whether a number is a date that is written without dashes, such as 20260601."""
    try:
        datetime.strptime(str(number), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    return number >= int(f"{EARLIEST:%Y%m%d}")


def _a_time(engine: Engine, source: Source) -> str:
    """How the times of a flat log are written. What does not look like a time may be anything, a visitor's id too."""
    written = source.rows.event_timestamp
    if source.form == "GA4 export" or not written.type().is_string():
        return ""
    some = engine.numbers(written.name("at").as_table().filter(ibis._["at"].re_search(LIKE_A_TIME)).limit(1))["at"]
    return f'One is written "{some[0]}".' if len(some) else "None of them looks like a time."


def of_another_unit(engine: Engine, source: Source, counts: Mapping[str, int], now: datetime) -> list[str]:
    """The files none of whose times can be right, while those of others are: each with the likely cause.

    counts: of all rows those before 2005 (past), and the latest time.
    """
    if not counts["past"] and not _are_nanoseconds(counts["latest"], now):
        return []
    told = []
    for name, rows in source.each():
        moment = (from_export(rows) if source.form == "GA4 export" else from_flat(rows)).select("at")["at"]
        past, future = moment < micros(EARLIEST), moment > micros(now)
        found = engine.totals(
            moment.as_table().agg(timed=moment.count(), past=past.sum(), future=future.sum(), latest=moment.max())
        )
        if found["timed"] and found["past"] == found["timed"]:
            told.append(f"{name}: {_likely_cause(found['latest'])}")
        elif found["timed"] and found["future"] == found["timed"] and _are_nanoseconds(found["latest"], now):
            told.append(f"{name}: {_none_used('nanoseconds', found['latest'])} Divide its event_timestamp by 1,000.")
    more = [f"{len(told) - FILES_NAMED} more files are like that."] if len(told) > FILES_NAMED else []
    return [*told[:FILES_NAMED], *more]


def _likely_cause(latest: int) -> str:
    unit = _unit_of(latest)
    if unit is None:
        return "all of its events are from before 2005, and none of them is used."
    name, factor = unit
    return f"{_none_used(name, latest)} Multiply its event_timestamp by {factor:,}."


def _none_used(unit: str, latest: int) -> str:
    return f"none of its events is used: their times look like {unit}, not microseconds (the latest is {latest})."


def _are_nanoseconds(time: int, now: datetime) -> bool:
    """Whether a time that lies ahead is one of now or before, in nanoseconds."""
    return time > micros(now) and micros(EARLIEST) <= time // 1_000 <= micros(now)


def _unit_of(latest: int) -> tuple[str, int] | None:
    """What times are in that end here, and how many microseconds one of them has; None where they are just early."""
    units = (("milliseconds", 1_000), ("seconds", 1_000_000))
    return next(((name, factor) for name, factor in units if micros(EARLIEST) <= latest * factor), None)
