"""What the report shows of one account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from adsync.model.channel import ChannelReport
from adsync.model.decision import Decision, Standing
from adsync.model.dropoff import DropOff
from adsync.model.funnel import FunnelReport
from adsync.model.log import ChangeLogEntry
from adsync.model.overview import Overview
from adsync.model.plan import Approval, PlannedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days. macros: None where less than half of them are known. counted: conversions that bidding learned from."""

    first: date
    macros: float | None
    counted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What an account's log of single events says of the way to the macro, and of who brings visitors; None where it cannot."""

    funnel: FunnelReport
    channels: ChannelReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything on one account's page. made_at: when it was put together. time_zone: the account's.

    reviews: what is said of outcome reviews, by the entry of the change log. words: what people have said on
    changes and still holds, by their hashes. ways: where the account has a log of single events; no_ways: why they are not
    shown though it has one; "" else.
    """

    overview: Overview
    macro: str
    made_at: datetime
    time_zone: str
    standing: Standing
    weeks: tuple[Week, ...]
    drop_off: DropOff
    decisions: tuple[Decision, ...]
    minimum_share: float
    entries: tuple[ChangeLogEntry, ...]
    pending: tuple[tuple[str, PlannedChange], ...]
    reviews: Mapping[int, str] = field(default_factory=dict)
    words: Mapping[str, Approval] = field(default_factory=dict)
    ways: Ways | None = None
    no_ways: str = ""
