"""The nights on which clocks are put forward or back, and when a scheduler runs on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """A day of 23 or 25 hours in an account's time zone."""

    zone: str
    on: date
    hours: int

    def __str__(self) -> str:
        return f"{self.zone} {self.on}"


CLOCK_CHANGES = (
    ClockChange(zone="Pacific/Auckland", on=date(2026, 4, 5), hours=25),
    ClockChange(zone="Pacific/Auckland", on=date(2026, 9, 27), hours=23),
    ClockChange(zone="America/Los_Angeles", on=date(2026, 3, 8), hours=23),
    ClockChange(zone="America/Los_Angeles", on=date(2026, 11, 1), hours=25),
)


def local_runs(zone: str, first: date, days: int, at: time = time(2, 30)) -> Iterator[datetime]:
    """Once a day by the wall clock; where that hour comes twice, twice, and where it is left out, right after it."""
    for number in range(days):
        wall = datetime.combine(first + timedelta(days=number), at, ZoneInfo(zone))
        moments = {wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)}
        comes = {moment for moment in moments if moment.astimezone(ZoneInfo(zone)).time() == at}
        yield from sorted(comes) or [max(moments)]


def utc_runs(first: date, days: int, at: time) -> Iterator[datetime]:
    """Once in 24 hours, whatever the wall clocks say."""
    for number in range(days):
        yield datetime.combine(first + timedelta(days=number), at, UTC)
