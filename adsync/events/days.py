"""Which days belong to a log, and which to somebody's wrong clock; all of it from the number of events on each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adsync.model.figures import plural

LIVELY, OF_BUSY = 0.1, 0.03
"""Share of a usual day's events, and of a busy one's, from which on a day belongs to the log rather than to somebody's wrong
clock: most days may be those of a quiet season, or of a year with a few contracts each before the shop opened."""

GAP_DAYS = 60
"""So many days in a row without any event are a hole in the log."""

ASTRAY = 0.01
"""Share of all events below which what lies beyond a hole is no part of the log; beyond a pause the share of what is usual in as
many days."""

PAUSE_DAYS, LONGER = 10, 3
"""So many days in a row without any event, and so many times as many as the log has elsewhere, are no weekend, no holidays and no
slow beginning or end. A few events beyond are strays."""

QUIET = 0.002
"""Share of a busy day's events below which a day is as good as empty: of many wrong clocks a few events lie on every day."""

OWN, OWN_LEAST, OWN_DAYS, OWN_PAUSE = 0.1, 5, 7, 45
"""Share and number of an event's rows, days from the first to the last of them, and days at most from one to the next, with which
they are no strays: contracts are signed after a site's log has ended, and some firms sign them once a month."""

MUCH = OWN / 2
"""Share of an event's rows from which on it is named where they are strays: a row more, and they might be none."""

HOLES_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days, counted from 1970, between two holes of a log, and their events."""

    first: int
    last: int
    events: int


def body_of(
    days: NDArray[Any], counts: NDArray[Any], codes: NDArray[Any], someone: Sequence[NDArray[Any]]
) -> list[Stretch]:
    """The parts of a log between its holes: large ones, and the largest; each without strays at its ends.

    days: since 1970, each of them with its events of one code. someone: two columns with one of the visitors each, with two
    where there are several.
    """
    each, events = _by_day(days, counts)
    stirring = _stirring(events)
    found = _between_holes(each[stirring], events[stirring])
    sizes = [n.sum() for _, n in found]
    enough = min(ASTRAY * sum(sizes), max(sizes))
    large = [_without_strays(*some)[0] for some, size in zip(found, sizes, strict=True) if size >= enough]
    ends = [[int(part[0]), int(part[-1])] for part in large]
    # A few quiet days before or after are the log's own: it may begin in the evening or end in the night.
    if ends[0][0] - each[0] <= PAUSE_DAYS:
        ends[0][0] = int(each[0])
    if each[-1] - ends[-1][1] <= PAUSE_DAYS:
        ends[-1][1] = int(each[-1])
    ends[0][0] = -_own_until(-days, counts, codes, someone, -ends[0][0])
    ends[-1][1] = _own_until(days, counts, codes, someone, ends[-1][1])
    return [
        Stretch(first=first, last=last, events=int(events[(each >= first) & (each <= last)].sum()))
        for first, last in ends
    ]


def _own_until(
    days: NDArray[Any], counts: NDArray[Any], codes: NDArray[Any], someone: Sequence[NDArray[Any]], end: int
) -> int:
    """The last day, beyond a log's end, of events that have much of what there is of them there, and not of one
    visitor alone; the end where none has."""
    _, place = np.unique(codes, return_inverse=True)
    beyond, ever = days > end, np.bincount(place, counts)
    there, latest = np.bincount(place, counts * beyond), end
    for code in np.flatnonzero((there >= OWN_LEAST) & (there >= OWN * ever)):
        mine = beyond & (place == code)
        each, events = _by_day(days[mine], counts[mine])
        far = np.flatnonzero(np.diff(each, prepend=end) > np.where(each == each[0], GAP_DAYS, OWN_PAUSE))
        each, events = (each[: far[0]], events[: far[0]]) if len(far) else (each, events)
        if events.sum() < max(OWN_LEAST, OWN * ever[code]) or each[-1] - each[0] < OWN_DAYS:
            continue
        mine &= days <= each[-1]
        # One device with a wrong clock may do something rare again and again.
        if len(np.unique([column[mine] for column in someone])) > 1:
            latest = max(latest, int(each[-1]))
    return latest


def _stirring(events: NDArray[Any]) -> NDArray[Any]:
    """Which days are more than quiet; all of them where the quiet ones have more than a few of the events."""
    found = events >= QUIET * _busy(events)
    return found if events[~found].sum() < ASTRAY * events.sum() else np.ones(len(events), bool)


def _busy(events: NDArray[Any]) -> float:
    """The events of a busy day.

    A day weighs by the root of its events: neither many days with a stray each nor one with a machine's make it.
    """
    order = np.argsort(events)
    weight = np.cumsum(np.sqrt(events[order]))
    return float(events[order][np.searchsorted(weight, weight[-1] / 2)])


def _between_holes(each: NDArray[Any], events: NDArray[Any]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    holes = np.flatnonzero(np.diff(each) > GAP_DAYS) + 1
    return [*zip(np.split(each, holes), np.split(events, holes), strict=True)]


def _without_strays(each: NDArray[Any], events: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Days and their events from where the log begins to where it ends. Strays between its parts move neither, and stay."""
    each, events = _without_strays_after(each, events)
    mirrored = _without_strays_after(-each[::-1], events[::-1])
    return -mirrored[0][::-1], mirrored[1][::-1]


def _without_strays_after(each: NDArray[Any], events: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    most, usual, longest = _busiest(each, events)
    for place in range(most[-1] + 1, len(each)):
        pause = each[place] - each[place - 1] - 1
        as_usual = usual * (each[-1] - each[place - 1])
        few = events[place:].sum() < ASTRAY * min(as_usual, events.sum())
        if few and pause >= max(PAUSE_DAYS, LONGER * longest):
            return each[:place], events[:place]
        longest = max(longest, pause)
    return each, events


def _busiest(each: NDArray[Any], events: NDArray[Any]) -> tuple[NDArray[Any], float, int]:
    """The places of the days with the most events between two pauses; the events of a usual one; the longest pause in them.

    Days without events count: where the usual day is one, a single event is as much as there ever is. So it is where pauses
    are so usual that there is no such part with half of all events.
    """
    parts = np.split(np.arange(len(each)), np.flatnonzero(np.diff(each) > PAUSE_DAYS) + 1)
    most = max(parts, key=lambda part: events[part].sum())
    daily = np.zeros(each[most[-1]] - each[most[0]] + 1)
    daily[each[most] - each[most[0]]] = events[most]
    median = float(np.median(daily)) if events[most].sum() * 2 >= events.sum() else 0.0
    return most, max(median, OF_BUSY * _busy(daily)) if median else 0.0, int(np.diff(each[most]).max(initial=1)) - 1


def on_strays(
    days: NDArray[Any], counts: NDArray[Any], codes: NDArray[Any], body: Sequence[Stretch], names: Sequence[str]
) -> tuple[str, ...]:
    """A note on each event with much of what there is of it among the strays, the one with most first."""
    is_astray = ~np.any([(days >= part.first) & (days <= part.last) for part in body], axis=0)
    ever = np.bincount(codes, counts, len(names))
    astray = np.bincount(codes, counts * is_astray, len(names))
    much = np.flatnonzero((astray >= OWN_LEAST) & (astray >= MUCH * ever))
    return tuple(
        f"{astray[code]:,.0f} of {ever[code]:,.0f} {plural(names[code])} are left out, far away from the rest of the log "
        f"({_date(mine.min())} to {_date(mine.max())}). If their times are right, the log lacks the days between: add those."
        for code in much[np.argsort(-astray[much], kind="stable")][:HOLES_NAMED]
        for mine in [days[is_astray & (codes == code)]]
    )


def on_holes(days: NDArray[Any], counts: NDArray[Any]) -> tuple[str, ...]:
    """A note on each hole in a log, and on each pause that is far longer than is usual there; of many on the first few."""
    each, events = _by_day(days, counts)
    _, usual, longest = _busiest(each, events)
    long = max(PAUSE_DAYS, LONGER * longest) if usual else GAP_DAYS
    notes = [
        f"No events from {_date(before + 1)} to {_date(after - 1)}: figures per 30 days count these days as well."
        for before, after in pairwise(each.tolist())
        if after - before > long
    ]
    more = len(notes) - HOLES_NAMED
    return (*notes[:HOLES_NAMED], *([f"So they do in {more} more such stretches of days."] if more > 0 else []))


def lively_until(days: NDArray[Any], counts: NDArray[Any]) -> date:
    """The newest day with a tenth of what a usual day has, and a little of what a busy one has.

    days: since 1970, each of them with some of its events.
    """
    each, events = _by_day(days, counts)
    return _date(each[events >= max(np.median(events) * LIVELY, _busy(events) * OF_BUSY)].max())


def _by_day(days: NDArray[Any], counts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    each, place = np.unique(days, return_inverse=True)
    return each, np.bincount(place, weights=counts)


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(day))
