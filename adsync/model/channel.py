"""What channels or campaigns bring: what is asked of a log, what is counted, what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from adsync.model.evidence import Interval
from adsync.model.exposure import LogSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchQuestion:
    """Which events, by which dimension, between which moments (UTC, both included), and how long before them a touch counts."""

    events: tuple[str, ...]
    dimension: str
    first: datetime
    last: datetime
    lookback_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchTable:
    """Visitors of the period, by label; "(not known)" for those of whom the log says nothing.

    visitors: by the first known label of the period. did: by event and that label, those who did it in the period.
    touched: by event and the labels of first and last touch, visitors by their first time of the period.
    """

    visitors: Mapping[str, int]
    did: Mapping[str, Mapping[str, int]]
    touched: Mapping[str, Mapping[tuple[str, str], int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One event and one row.

    did: visitors of the row who did it; rate: their share with its 95 % interval. first, last: visitors who did it whose first
    or last touch the row was. only_first, only_last: of these, those whose last, or first, touch was another.
    """

    event: str
    title: str
    did: int
    rate: Interval
    first: int
    last: int
    only_first: int
    only_last: int

    @property
    def is_any(self) -> bool:
        """Whether anybody is counted here at all."""
        return bool(self.did or self.first or self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """One channel or campaign. credits: of the micros, then of the macro."""

    name: str
    visitors: int
    credits: tuple[Credit, ...]

    @property
    def macro(self) -> Credit:
        """Of the main conversion."""
        return self.credits[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReport:
    """All rows, those with most visitors first, and their total."""

    macro: str
    by: str
    log: LogSummary
    as_of: datetime
    period: tuple[date, date]
    lookback_days: int
    rows: tuple[ChannelRow, ...]
    total: ChannelRow
