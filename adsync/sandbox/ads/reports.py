"""Rows with metrics and segments: what the world adds up to for the things of an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.conditions import test_of
from adsync.sandbox.ads.devices import NAMES
from adsync.sandbox.ads.fields import field_named, fields_named
from adsync.sandbox.ads.gaql import Query
from adsync.sandbox.ads.metrics import BY_CLICK_DATE, BY_CONVERSION_DATE, PLAYED, WIDTH
from adsync.sandbox.ads.protocol import Protocol, Row
from adsync.sandbox.ads.segments import CONSTANT, DEVICE, OF_CONVERSIONS, OF_DAYS, divides_conversions
from adsync.sandbox.ads.selectable import CORE_DATES
from adsync.sandbox.ads.spans import span
from adsync.sandbox.ads.statistics import Statistics

_TRAFFIC = frozenset(range(BY_CLICK_DATE))
_TAG_HEARD = "metrics.conversion_last_received_request_date_time"
_LAST_DAY = "metrics.conversion_last_conversion_date"


Cell = tuple[int, tuple[object, ...], tuple[object, ...]]
"""A row to be: the thing's number, the segments of its day, and the other ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The things that a report is about, each a row; which of them a campaign's, or an action's, numbers belong to.

    of_campaign: by the campaign's index in the account. of_action: by its id; None where all actions go together.
    """

    rows: Sequence[Row]
    of_campaign: Callable[[int], int | None]
    of_action: Callable[[int], int] | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One query's metrics and segments over some things of an account."""

    query: Query
    protocol: Protocol
    account: AdsAccount
    statistics: Statistics
    now: int
    today: date
    _on_days: dict[int, tuple[object, ...] | None] = field(default_factory=dict)
    _of_conversions: dict[tuple[int, int], tuple[object, ...]] = field(default_factory=dict)

    @cached_property
    def metrics(self) -> list[str]:
        return list(dict.fromkeys(name for name in self.query.referenced if name.startswith("metrics.")))

    @cached_property
    def segments(self) -> list[str]:
        """Those that divide the rows: days first, then what conversions have, then the device."""
        known = (*OF_DAYS, *OF_CONVERSIONS, DEVICE, *CONSTANT)
        return [name for name in known if name in self.query.select]

    @cached_property
    def _columns(self) -> frozenset[int]:
        """The numbers that are needed; where no metric is asked for, those that say which rows there are."""
        played = frozenset[int]().union(*(PLAYED[name][0] for name in self.metrics if name in PLAYED))
        existing = frozenset({BY_CLICK_DATE + 1}) if divides_conversions(self.query) else _TRAFFIC
        return played or existing

    def rows(self, units: Units) -> Iterator[Row]:
        """One row for each thing; with segments one for each combination that has a number other than 0."""
        cells = self._cells(units)
        if not self.segments:
            for index in range(len(units.rows)):
                cells.setdefault((index, (), ()), [0.0] * WIDTH)
        for (index, on_day, others), sums in sorted(cells.items(), key=lambda item: item[0][0]):
            metrics = {name: self._value(name, sums) for name in self.metrics}
            if self.segments and not any(metrics.values() if metrics else sums):
                continue
            values = (*on_day, *others, *(CONSTANT[name] for name in self.segments if name in CONSTANT))
            yield {**units.rows[index], **metrics, **dict(zip(self.segments, values, strict=True))}

    def _value(self, name: str, sums: Sequence[float]) -> object:
        if name in PLAYED:
            return PLAYED[name][1](sums)
        known = field_named(self.protocol, name)
        assert known is not None
        return 0 if known.is_number and not known.repeated else None

    def _cells(self, units: Units) -> dict[Cell, list[float]]:
        """Sums by thing, by what the segments of its day are, and by what the others are."""
        cells: dict[Cell, list[float]] = {}
        for index, day, others, start, numbers in self._figures(units):
            on_day = self._on_day(day)
            if index is None or on_day is None:
                continue
            sums = cells.get((index, on_day, others))
            if sums is None:
                sums = cells[(index, on_day, others)] = [0.0] * WIDTH
            for offset, number in enumerate(numbers, start):
                sums[offset] += number
        return cells

    def _figures(self, units: Units) -> Iterator[tuple[int | None, int, tuple[object, ...], int, Sequence[float]]]:
        """Numbers of one thing and day, with its segments but for those of days, and their place in the sums."""
        first, last = span(self.query, self.today)
        for device in range(len(NAMES)) if DEVICE in self.segments else (None,):
            on_device = () if device is None else (NAMES[device],)
            if self._columns & _TRAFFIC and not divides_conversions(self.query):
                clicked = self.statistics.traffic_sums(self.now, first, last, device=device)
                for (day, campaign), traffic in clicked.items():
                    yield units.of_campaign(campaign), day, on_device, 0, traffic
            for start in (BY_CLICK_DATE, BY_CONVERSION_DATE):
                if not self._columns & set(range(start, start + 4)):
                    continue
                found = self.statistics.conversion_sums(
                    self.now, first, last, by_conversion_date=start == BY_CONVERSION_DATE, device=device
                )
                for (day, campaign, action, lag), numbers in found.items():
                    index = units.of_action(action) if units.of_action else units.of_campaign(campaign)
                    yield index, day, (*self._of_conversion(action, lag), *on_device), start, numbers

    def _on_day(self, day: int) -> tuple[object, ...] | None:
        """The segments of a day; None for a day that the conditions do not let through."""
        if day not in self._on_days:
            passes = all(test(OF_DAYS[name](day)) for name, test in self._day_tests)
            chosen = [name for name in self.segments if name in OF_DAYS]
            self._on_days[day] = tuple(OF_DAYS[name](day) for name in chosen) if passes else None
        return self._on_days[day]

    @cached_property
    def _day_tests(self) -> list[tuple[str, Callable[[object], bool]]]:
        fields = fields_named(self.protocol, CORE_DATES)
        return [
            (condition.field, test_of(condition, fields[condition.field], self.today))
            for condition in self.query.where
            if condition.field in fields
        ]

    def _of_conversion(self, action: int, lag: int) -> tuple[object, ...]:
        if (action, lag) not in self._of_conversions:
            owner = f"customers/{self.account.owner_id}"
            chosen = [name for name in self.segments if name in OF_CONVERSIONS]
            self._of_conversions[(action, lag)] = tuple(
                OF_CONVERSIONS[name](owner, self.account.actions[action], lag) for name in chosen
            )
        return self._of_conversions[(action, lag)]

    def tag_health(self, rows: Sequence[Row]) -> None:
        """Adds to rows of conversion actions when each was last heard of, in the account's time; "" when never."""
        for row in rows:
            action = self.account.actions[row["conversion_action.id"]]
            heard = self.statistics.last_request(action, self.now)
            moment = None if heard is None else datetime.fromtimestamp(heard, ZoneInfo(self.account.time_zone))
            if _TAG_HEARD in self.metrics:
                row[_TAG_HEARD] = moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""
            if _LAST_DAY in self.metrics:
                row[_LAST_DAY] = moment.strftime("%Y-%m-%d") if moment else ""
