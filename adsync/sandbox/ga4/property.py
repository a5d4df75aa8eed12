"""A GA4 property: its event log, its key events, and what had been processed by a given moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from adsync.sandbox.ga4.quota import Quotas
from adsync.sandbox.world import Bools, Ints, Log

ONCE_PER_EVENT = "ONCE_PER_EVENT"
ONCE_PER_SESSION = "ONCE_PER_SESSION"
_HALF_HOUR = 1_800


@dataclass(slots=True, kw_only=True)
class KeyEventRecord:
    """An event marked as key. created_at: sandbox seconds; its mirror in Google Ads appears some hours later.

    deleted_at: when the mark was taken away; what it counted until then stays counted.
    default_value: (amount, currency) for events without a value of their own.
    """

    id: int
    event_name: str
    counting_method: str
    created_at: int
    deletable: bool = True
    deleted_at: int | None = None
    default_value: tuple[float, str] | None = None


@dataclass(kw_only=True)
class Property:
    """One GA4 property. ads_links: customer ids of the Google Ads accounts it is linked to.

    past_key_events: those that were deleted. sent_twice: the event that the site's tag sends twice, with the same
    transaction id; "" for none.
    """

    property_id: str
    name: str
    time_zone: str
    currency: str
    log: Log
    ads_links: list[str] = field(default_factory=list)
    key_events: list[KeyEventRecord] = field(default_factory=list)
    past_key_events: list[KeyEventRecord] = field(default_factory=list)
    sent_twice: str = ""

    def key_event(self, event_name: str) -> KeyEventRecord | None:
        return next((k for k in self.key_events if k.event_name == event_name), None)

    @cached_property
    def quotas(self) -> Quotas:
        """What the Data API's callers have used up since this process began."""
        return Quotas()

    def seen(self, first: date, last: date, now: int) -> Ints:
        """Indexes into the log of the measured events of these days that GA4 has processed by now, in order of time."""
        log, start, stop = self.log, 0, len(self.log.time)
        if self._days_ascend:
            start, stop = np.searchsorted(log.day, [day_number(first), day_number(last) + 1]).tolist()
        here = slice(start, stop)
        visible: Bools = log.measured[here] & (log.arrival[here] <= now)
        if not self._days_ascend:
            visible &= (log.day >= day_number(first)) & (log.day <= day_number(last))
        return self.as_sent(np.flatnonzero(visible) + start)

    def as_sent(self, index: Ints) -> Ints:
        """Indexes into the log, those of events that are sent twice twice."""
        return (
            np.repeat(index, 1 + (self.log.name[index] == self.log.code(self.sent_twice))) if self.sent_twice else index
        )

    def local_hours(self, times: Ints) -> Ints:
        """Each moment's hour of the day, 0 to 23, in the property's time zone."""
        first, hours = self._hours
        return hours[np.asarray(times, np.int64) // _HALF_HOUR - first]

    @cached_property
    def first_index(self) -> Ints:
        """For each visitor id the log index of the first measured event; -1 for ids without one."""
        first = np.full(int(self.log.visitor.max(initial=-1)) + 1, -1, np.int64)
        # Backwards: of the writes to one place the last one stays.
        backwards = np.flatnonzero(self.log.measured)[::-1]
        first[self.log.visitor[backwards]] = backwards
        return first

    @cached_property
    def engaged(self) -> Bools:
        """For each session id: was it engaged, by time on the site or by a second page? Key events count apart."""
        measured = np.flatnonzero(self.log.measured)
        size = int(self.log.session.max(initial=-1)) + 1

        def times(name: str) -> Ints:
            mine = measured[self.log.name[measured] == self.log.code(name)]
            return np.bincount(self.log.session[mine].astype(np.int64), minlength=size)

        engaged: Bools = (times("user_engagement") > 0) | (times("page_view") > 1)
        return engaged

    @cached_property
    def _hours(self) -> tuple[int, Ints]:
        """The first half hour (since 1970) of the log, and the local hour of it and each one after it."""
        # Half hours, because some zones are off by one, and a zone's offset never changes inside one.
        zone = ZoneInfo(self.time_zone)
        first = int(self.log.time.min()) // _HALF_HOUR if len(self.log.time) else 0
        last = int(self.log.time.max()) // _HALF_HOUR if len(self.log.time) else 0
        hours = [datetime.fromtimestamp(n * _HALF_HOUR, zone).hour for n in range(first, last + 1)]
        return first, np.array(hours, np.int64)

    @cached_property
    def _days_ascend(self) -> bool:
        """Events come in order of time; in a loaded export their dates need not."""
        return bool(np.all(self.log.day[1:] >= self.log.day[:-1]))


def day_number(day: date) -> int:
    """2026-03-02 is 20260302."""
    return day.year * 10_000 + day.month * 100 + day.day
