"""What was copied from Google, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from adsync.model.ads import AccountState, DataExclusion
from adsync.model.analytics import KeyEvent
from adsync.model.window import Window


class Report(StrEnum):
    """The things that a night copies, each by itself and each stored whole or not at all."""

    ACCOUNT = "account"
    CONVERSIONS = "conversions by conversion date"
    CLICKS = "conversions by click date"
    COST = "cost and clicks"
    EVENTS = "events"
    SITE = "sessions and users"
    ORDERS = "orders"
    FUNNELS = "funnels"
    FUNNEL_PARTS = "funnels by device and channel"
    EVENT_LOG = "event log"
    CAPABILITIES = "what Google lets adsync change"


NOT_SERVED = "Google does not give conversions of single actions by conversion date"
"""The fault of a copy that Google refused for the query itself (reference: not every account may be asked this way)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One report was copied for these days on the night `as_of`; a day without a row in it holds none.

    whole: False when GA4 sampled, thresholded or folded the answer, so that "no row" does not mean zero.
    backfill: it was the first copy, of days that were over long before.
    """

    report: Report
    as_of: date
    window: Window
    pulled_at: datetime
    whole: bool = True
    fault: str = ""
    backfill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The account's settings as last copied: Google Ads' and GA4's side.

    earlier: copies of the same night that found other settings, oldest first; only where copies are kept.
    """

    taken_at: datetime
    state: AccountState
    key_events: tuple[KeyEvent, ...]
    exclusions: tuple[DataExclusion, ...] = ()
    earlier: tuple[Snapshot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsCopy:
    """A copy that found other settings than the one before. unchanged_until: the newest copy that still found those.

    seen: the moments at which just these settings were found, this copy and those after it, oldest first. Of the first night
    that was asked for, how it ended.
    """

    snapshot: Snapshot
    unchanged_until: datetime | None = None
    seen: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Two copies that follow each other, of the moments `after` and `until`; `now` is `before` where they found the same."""

    before: Snapshot
    now: Snapshot
    after: datetime
    until: datetime


def stretches(copies: Sequence[SettingsCopy]) -> Iterator[Stretch]:
    """From each copy to the next, oldest first, those that found nothing new among them."""
    for copy, following in zip(copies, (*copies[1:], None), strict=False):
        for after, until in pairwise(copy.seen):
            yield Stretch(before=copy.snapshot, now=copy.snapshot, after=after, until=until)
        if following is not None:
            now = following.snapshot
            yield Stretch(before=copy.snapshot, now=now, after=copy.seen[-1], until=now.taken_at)
