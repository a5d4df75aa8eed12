"""Which days belong to a log, and which to somebody's wrong clock; all of it from the number of events on each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIVELY = 0.1
"""Share of a usual day's events from which on a day belongs to the log rather than to somebody's wrong clock."""

GAP_DAYS = 60
"""So many days in a row without any event are a hole in the log."""

ASTRAY = 0.01
"""Share of all events below which what lies beyond a hole is no part of the log."""

HOLES_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days, counted from 1970, between two holes of a log, and their events."""

    first: int
    last: int
    events: int


def stretches(days: NDArray[Any], counts: NDArray[Any]) -> list[Stretch]:
    """In order of time. days: since 1970, each of them with some of its events."""
    each, events = _by_day(days, counts)
    holes = np.flatnonzero(np.diff(each) > GAP_DAYS) + 1
    return [
        Stretch(first=int(some[0]), last=int(some[-1]), events=int(n.sum()))
        for some, n in zip(np.split(each, holes), np.split(events, holes), strict=True)
    ]


def body_of(found: Sequence[Stretch]) -> list[Stretch]:
    """Those that are the log: large ones, and the largest."""
    enough = ASTRAY * sum(stretch.events for stretch in found)
    largest = max(found, key=lambda stretch: stretch.events)
    return [stretch for stretch in found if stretch.events >= enough or stretch is largest]


def on_holes(body: Sequence[Stretch]) -> tuple[str, ...]:
    """A note on each hole between parts of the log; of many on the first few."""
    notes = [
        f"No events from {_date(before.last + 1)} to {_date(after.first - 1)}: figures per 30 days count these days as well."
        for before, after in pairwise(body)
    ]
    more = len(notes) - HOLES_NAMED
    return (*notes[:HOLES_NAMED], *([f"So they do in {more} more such stretches of days."] if more > 0 else []))


def lively_until(days: NDArray[Any], counts: NDArray[Any]) -> date:
    """The newest day with a tenth of what a usual day has. days: since 1970, each of them with some of its events."""
    each, events = _by_day(days, counts)
    return _date(int(each[events >= np.median(events) * LIVELY].max()))


def _by_day(days: NDArray[Any], counts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    each, place = np.unique(days, return_inverse=True)
    return each, np.bincount(place, weights=counts)


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)
