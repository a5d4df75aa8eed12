"""What GA4 counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adsync.model.figures import percent
from adsync.model.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCount:
    """One GA4 event on one day.

    date: in the property's own time zone, not UTC.
    events: times it fired. sessions, users: those with at least one. Neither may be summed over days or events.
    Source: Analytics Data API runReport, eventCount, sessions and totalUsers.
    """

    date: date
    event_name: str
    events: int
    sessions: int
    users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDay:
    """All traffic of a property on one day, whatever it did.

    ad_sessions: of the sessions, those that GA4 puts down to an ad of the account; None where it does not tell all of them.
    """

    date: date
    sessions: int
    users: int
    ad_sessions: int | None = None


THRESHOLDED = "thresholded: small groups are missing"
"""The fault of an answer in which GA4 leaves out rows of few users, so that nobody can be told from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What GA4 says about an answer, beside the numbers.

    sampled_share: events read / events there (0-1); None when unsampled.
    thresholded: small groups may be missing. folded: some rows went into "(other)".
    In the last two cases an absent row is not a zero.
    """

    time_zone: str = ""
    currency: str = ""
    sampled_share: float | None = None
    thresholded: bool = False
    folded: bool = False
    empty_reason: str = ""

    @property
    def is_whole(self) -> bool:
        """True when an absent row does mean zero and every count is a count."""
        return not (self.thresholded or self.folded or self.sampled_share is not None)

    @property
    def fault(self) -> str:
        """Why the answer is not whole, in words; empty when it is."""
        if self.sampled_share is not None:
            return f"sampled: {percent(self.sampled_share)} of the events were read"
        if self.thresholded:
            return THRESHOLDED
        return "folded: some rows went into (other)" if self.folded else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """The daily counts of some events over a window."""

    window: Window
    counts: tuple[EventCount, ...]
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReport:
    """The daily totals of a property over a window. quality: that of sessions and users."""

    window: Window
    days: tuple[SiteDay, ...]
    quality: Quality


ORDER_EVENT = "purchase"
"""The event to which GA4 keeps a transaction id."""

NOT_ASKED = "too many orders to look at each"
"""The fault of a copy that was not asked for, because the answer would have a row for each order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIds:
    """How many orders GA4 has of a window, and how many of them more than once. The ids themselves are not kept.

    events: times the sale fired. orders: different transaction ids. repeated: of those, how many came more than once,
    however far apart. without_id: sales that carry none.
    Source: Analytics Data API runReport, transactionId and eventCount.
    """

    window: Window
    events: int
    orders: int
    repeated: int
    without_id: int
    quality: Quality = Quality()

    @property
    def repeated_share(self) -> float:
        """Of the different orders, 0 to 1."""
        return self.repeated / self.orders if self.orders else 0.0

    @property
    def nameless_share(self) -> float:
        """Of the sales, 0 to 1."""
        return self.without_id / self.events if self.events else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Users who did the first event in the window, and how many of them did the macro within the horizon after it.

    entered, completed: distinct users; completed <= entered. Time order is enforced by GA4.
    Source: Analytics Data API v1alpha runFunnelReport, closed funnel of two steps.
    """

    event_name: str
    window: Window
    horizon_days: int
    entered: int
    completed: int
    sampled_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPart:
    """The users of a funnel whose first step was on one device or came by one channel: who did both is in two parts.

    by: one of SEGMENTED_BY. segment: as GA4 calls it. Source: funnelBreakdown of runFunnelReport, at most 15 values.
    """

    event_name: str
    by: str
    segment: str
    entered: int
    completed: int


SEGMENTED_BY = ("device", "channel")
"""What funnels are taken apart by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelQuota:
    """Tokens that are left to ask a property for funnels: until its day ends, in this hour, and in this hour to this project.

    A funnel of 90 days takes some ten. Source: PropertyQuota, `remaining`.
    """

    day: int
    hour: int
    project_hour: int

    @property
    def leaves_room(self) -> bool:
        """Whether half of what a standard property has is left, for the nights to come and for other programs."""
        return self.day >= 100_000 and self.hour >= 20_000 and self.project_hour >= 7_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEvent:
    """An event marked as key in GA4."""

    resource_name: str
    event_name: str
    counting_method: str
    deletable: bool


BASELINE_EVENT = "session_start"
"""The first step of the funnel that every visitor enters: the baseline against which helpers are read."""
