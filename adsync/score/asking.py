"""Whether a log can be asked what a person asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from adsync.errors import UsageError
from adsync.model.exposure import LogSummary
from adsync.score.candidates import nearest


def as_of_in(log: LogSummary, day: date | None) -> datetime:
    """The end of that day, or the log's last event."""
    if day is None:
        return log.last
    if day < log.first.date():
        raise UsageError(f"--as-of {day} lies before the log's first event, on {log.first.date()}.")
    return min(datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1), log.last)


def in_log(name: str, log: LogSummary, option: str) -> None:
    """Raises UsageError where the log has no such event, and says which look like it."""
    if name in log.names:
        return
    known: Sequence[str] = sorted(log.names, key=lambda n: -log.names[n])
    like = nearest(name, known)
    hint = f"Did you mean {' or '.join(like)}?" if like else f"Its most frequent events: {', '.join(known[:8])}."
    raise UsageError(f"The log has no event {name} ({option}).", hint)
