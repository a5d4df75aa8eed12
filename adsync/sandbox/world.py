"""What happened in one account's world: every event of its site, and the ad clicks that were paid for.

A year of a busy site is millions of events, and a sandbox may hold a hundred such sites. So columns are kept small,
facts of a session once for each session, and what follows from them is worked out when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from adsync.sandbox.impressions import impressions_of
from adsync.sandbox.worked_out import kept_column

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Columns = Mapping[str, NDArray[Any]]

CHANNELS = ("Paid Search", "Organic Search", "Direct", "Email", "Referral")
SOURCES = {
    "Paid Search": ("google", "cpc"),
    "Organic Search": ("google", "organic"),
    "Direct": ("(direct)", "(none)"),
    "Email": ("newsletter", "email"),
    "Referral": ("partner.example", "referral"),
}
"""Source and medium by which a channel is told from others."""

DEVICES = ("mobile", "desktop", "tablet")
DAY = 86_400
CLICK_MEMORY = 30 * DAY
"""How long, in seconds, an ad click can be followed by what it brings."""


class Clicks:
    """Ad clicks, sorted by time. campaign: index into the scenario's. cost: account currency. impressions: how
    often ads were shown for each.

    columns: time (uint32, seconds since 1970 UTC), campaign (uint8), cents (uint32).
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._token = object()

    @property
    def time(self) -> Ints:
        return kept_column(self._token, "time", lambda: self.columns["time"].astype(np.int64))

    @property
    def campaign(self) -> Ints:
        return kept_column(self._token, "campaign", lambda: self.columns["campaign"].astype(np.int64))

    @property
    def cost(self) -> Floats:
        return kept_column(self._token, "cost", lambda: self.columns["cents"] / 100.0)

    @property
    def impressions(self) -> Ints:
        return kept_column(self._token, "impressions", lambda: impressions_of(self.time, self.campaign))


# How an event's uint32 `facts` are laid out: its name's index, two flags, and the seconds until GA4 has processed it.
MOST_NAMES = 1 << 10
HEARD, TAGGED, DELAY_SHIFT = 1 << 10, 1 << 11, 12
# And a session's uint16 `traits`.
DEVICE_SHIFT, AGREED_TO_ADS, AGREED_TO_MEASURING, OPENED_BY_AD = 4, 1 << 6, 1 << 7, 1 << 8


class Log:
    """Every event of a property, sorted by time, one read-only array a column.

    time, arrival: seconds since 1970 (UTC); `arrival` is when GA4 has processed it. day: "YYYYMMDD" as a number in the
    property's time zone. name: index into `names`. visitor, session: ids; a visitor's sessions are numbered in order,
    visitor by visitor. click: index of the last ad click within 30 days before it by someone who agreed to ads, else
    -1. click_before: that visitor's ad click before this one, else -1. session_click: the ad click that opened the
    session, else -1. heard: the hit reached GA4. agreed: the visitor agreed to being measured. measured: both. tagged:
    the site's tags of Google Ads heard of it.

    columns: by event time, session, facts (uint32) and, for a loaded log, day (uint32); by session visitor (uint32),
    traits (uint16), last_click, click_before (int32: the visitor's last two), last_click_time (uint32); and of the few
    events with a value value_at, value_cents (uint32).
    """

    def __init__(self, names: tuple[str, ...], time_zone: str, columns: Columns) -> None:
        self.names = names
        self.time_zone = time_zone
        self.columns = columns
        self._token = object()

    def __len__(self) -> int:
        return len(self.columns["time"])

    def code(self, event_name: str) -> int:
        """The index of an event's name; -1 when it never occurs."""
        return self.names.index(event_name) if event_name in self.names else -1

    def _kept(self, name: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        return kept_column(self._token, name, make)

    def _of_session(self, values: NDArray[Any]) -> NDArray[Any]:
        return values[self.columns["session"]]

    @property
    def time(self) -> Ints:
        return self._kept("time", lambda: self.columns["time"].astype(np.int64))

    @property
    def arrival(self) -> Ints:
        return self._kept("arrival", lambda: self.time + (self.columns["facts"] >> DELAY_SHIFT))

    @property
    def day(self) -> Ints:
        loaded = self.columns.get("day")
        if loaded is not None:
            return self._kept("day", lambda: loaded.astype(np.int64))
        return self._kept("day", lambda: local_days(self.time, self.time_zone))

    @property
    def name(self) -> Ints:
        return self._kept("name", lambda: (self.columns["facts"] & MOST_NAMES - 1).astype(np.int64))

    @property
    def session(self) -> Ints:
        return self._kept("session", lambda: self.columns["session"].astype(np.int64))

    @property
    def visitor(self) -> Ints:
        return self._kept("visitor", lambda: self._of_session(self.columns["visitor"]).astype(np.int64))

    @property
    def channel(self) -> Ints:
        return self._kept("channel", lambda: self._of_session(self.columns["traits"] & 0xF).astype(np.int64))

    @property
    def device(self) -> Ints:
        return self._kept(
            "device", lambda: self._of_session(self.columns["traits"] >> DEVICE_SHIFT & 0x3).astype(np.int64)
        )

    @property
    def value(self) -> Floats:
        def make() -> Floats:
            value = np.zeros(len(self))
            value[self.columns["value_at"]] = self.columns["value_cents"] / 100.0
            return value

        return self._kept("value", make)

    @property
    def click(self) -> Ints:
        return self._kept("click", lambda: self._followed(self.columns["last_click"]))

    @property
    def click_before(self) -> Ints:
        return self._kept("click_before", lambda: self._followed(self.columns["click_before"]))

    @property
    def session_click(self) -> Ints:
        traits = self.columns["traits"]
        shown = (traits & AGREED_TO_ADS != 0) & (traits & OPENED_BY_AD != 0)
        return self._kept(
            "session_click",
            lambda: self._of_session(np.where(shown, self.columns["last_click"], -1)).astype(np.int64),
        )

    @property
    def measured(self) -> Bools:
        return self._kept("measured", lambda: self.heard & self.agreed)

    @property
    def heard(self) -> Bools:
        return self._kept("heard", lambda: self.columns["facts"] & HEARD != 0)

    @property
    def agreed(self) -> Bools:
        return self._kept("agreed", lambda: self._of_session(self.columns["traits"] & AGREED_TO_MEASURING != 0))

    @property
    def tagged(self) -> Bools:
        return self._kept("tagged", lambda: self.columns["facts"] & TAGGED != 0)

    def _followed(self, clicks: NDArray[Any]) -> Ints:
        """For each event its session's click, or -1: Ads sees it of those who agreed, and for 30 days after the last."""
        agreed = self.columns["traits"] & AGREED_TO_ADS != 0
        # Until when a session's events still follow its visitor's last click.
        until = self.columns["last_click_time"].astype(np.int64) + CLICK_MEMORY
        seen = self._of_session(np.where(agreed, clicks, -1))
        return np.where(self.time <= self._of_session(until), seen, -1).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What happened, and the ad clicks that were paid for."""

    log: Log
    clicks: Clicks
    first_day: date
    last_day: date


def local_days(times: Ints, time_zone: str) -> Ints:
    """Each moment's date in a time zone as the number YYYYMMDD."""
    if not len(times):
        return times.astype(np.int64)
    zone = ZoneInfo(time_zone)
    first = datetime.fromtimestamp(int(times.min()), zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(int(times.max()), zone).date() + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = np.array([midnight(day, zone) for day in days])
    numbers = np.array([day.year * 10_000 + day.month * 100 + day.day for day in days])
    return numbers[np.searchsorted(starts, times, side="right") - 1]


def midnight(day: date, zone: ZoneInfo) -> int:
    """The moment at which a day begins, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
