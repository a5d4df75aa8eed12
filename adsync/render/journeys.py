"""Figures of visitors' ways as people read them, in the terminal and on pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from adsync.model.evidence import Interval
from adsync.model.exposure import LogSummary
from adsync.model.figures import number_of, percent
from adsync.model.left_out import left_out_words

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def log_read(log: LogSummary) -> str:
    """What was read."""
    return (
        f"{log.form}, {number_of(log.files, log.unit)}: {number_of(log.rows, 'event')} of {number_of(log.visitors, 'visitor')}, "
        f"{days_from_to(log.first.date(), log.last.date())} (UTC)."
    )


def days_from_to(first: date, last: date) -> str:
    """Days without a gap: "2026-06-01 to 2026-06-28", or the only one."""
    return f"{first}" if first == last else f"{first} to {last}"


def counted_days(first: date, last: date) -> str:
    """The days of a period, which are not the visitors' own."""
    return f"Counted: {days_from_to(first, last)}, {'the day' if first == last else 'days'} of UTC"


def log_facts(log: LogSummary) -> list[str]:
    """What was read, and what was left out of it."""
    return [log_read(log), *left_out_lines(log), *log.notes]


def left_out_lines(log: LogSummary) -> list[str]:
    """What was left out in one line, the most first; none where all was used."""
    most_first = dict(sorted(log.excluded.items(), key=lambda item: -item[1]))
    words = "; ".join(left_out_words(most_first))
    return [f"Left out: {words}."] if words else []


def log_document(log: LogSummary) -> dict[str, Any]:
    """What was read, as plain values."""
    return {
        "form": log.form,
        "files": log.files,
        "events": log.rows,
        "used": log.used,
        "visitors": log.visitors,
        "first": log.first,
        "last": log.last,
        "excluded": dict(log.excluded),
        "notes": log.notes,
    }


def lasted(seconds: float | None) -> str:
    """A time between two steps: "34 s", "12 min", "3.4 h", "2.1 days"; "" where nobody took it."""
    if seconds is None:
        return ""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h" if seconds < DAY else f"{seconds / DAY:.1f} days"


def between(found: Interval) -> str:
    """The ends of an interval of a share."""
    return f"{percent(found.low)} to {percent(found.high)}"


def spanning(found: Interval) -> str:
    """The same where room is short: "41 to 57 %"."""
    low, high = percent(found.low), percent(found.high)
    return f"{low.removesuffix(' %')} to {high}"


def interval(found: Interval | None) -> dict[str, float] | None:
    """The same as plain values."""
    return None if found is None else {"point": found.point, "low": found.low, "high": found.high}
