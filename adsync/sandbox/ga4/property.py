"""A GA4 property: its event log, its key events, and what had been processed by a given moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from adsync.sandbox.world import Bools, Ints, Log

ONCE_PER_EVENT = "ONCE_PER_EVENT"
ONCE_PER_SESSION = "ONCE_PER_SESSION"


@dataclass(slots=True, kw_only=True)
class KeyEventRecord:
    """An event marked as key. created_at: sandbox seconds; its mirror in Google Ads appears some hours later."""

    id: int
    event_name: str
    counting_method: str
    created_at: int
    deletable: bool = True


@dataclass(kw_only=True)
class Property:
    """One GA4 property. ads_links: customer ids of the Google Ads accounts it is linked to."""

    property_id: str
    name: str
    time_zone: str
    currency: str
    log: Log
    ads_links: list[str] = field(default_factory=list)
    key_events: list[KeyEventRecord] = field(default_factory=list)

    def key_event(self, event_name: str) -> KeyEventRecord | None:
        return next((k for k in self.key_events if k.event_name == event_name), None)

    def seen(self, first: date, last: date, now: int) -> Ints:
        """Indexes into the log of the measured events of these days that GA4 has processed by now."""
        start, stop = np.searchsorted(self._days, [_number(first), _number(last) + 1])
        index = self._by_day[start:stop]
        visible: Bools = self.log.arrival[index] <= now
        return index[visible]

    @cached_property
    def _by_day(self) -> Ints:
        measured = np.flatnonzero(self.log.measured)
        return measured[np.argsort(self.log.day[measured], kind="stable")]

    @cached_property
    def _days(self) -> Ints:
        return self.log.day[self._by_day]


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
