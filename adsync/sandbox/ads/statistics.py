"""What Google Ads reports of the world: conversions by action, campaign and day, and what the clicks cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from adsync.sandbox.ads.account import Action, AdsAccount
from adsync.sandbox.ga4.property import ONCE_PER_SESSION
from adsync.sandbox.world import Bools, Floats, Ints, local_days

TAG_DELAY = 2 * 3600
IMPORT_DELAY = 6 * 3600
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversions:
    """All conversions of one action that its history lets through, past and to come; one entry each.

    Days are numbers YYYYMMDD in the account's time zone. counted: it counted for bidding when it happened.
    """

    click_day: Ints
    conversion_day: Ints
    campaign: Ints
    value: Floats
    visible_at: Ints
    counted: Bools


class Statistics:
    """The reports of one account."""

    def __init__(self, account: AdsAccount) -> None:
        self._account = account
        self._kept: dict[int, tuple[int, Conversions]] = {}

    @cached_property
    def _event_days(self) -> Ints:
        return local_days(self._account.property.log.time, self._account.time_zone)

    @cached_property
    def _click_days(self) -> Ints:
        return local_days(self._account.clicks.time, self._account.time_zone)

    def conversions(self, action: Action) -> Conversions:
        """The action's conversions under the flags it has had so far."""
        kept = self._kept.get(action.id)
        if kept is None or kept[0] != self._account.revision:
            kept = self._kept[action.id] = (self._account.revision, self._compute(action))
        return kept[1]

    def _compute(self, action: Action) -> Conversions:
        log, clicks = self._account.property.log, self._account.clicks
        index = np.flatnonzero((log.name == log.code(action.fires_on)) & (log.click >= 0))
        time = log.time[index]
        recording, counting = self._flags_at(action, time)
        if action.is_mirror:
            key_event = self._account.property.key_event(action.fires_on)
            recording &= log.measured[index] & (time >= (key_event.created_at if key_event else np.inf))
        else:
            recording &= time >= (np.inf if action.installed_at is None else action.installed_at)
        recording &= time - clicks.time[log.click[index]] <= action.click_window_days * DAY
        index, counting = index[recording], counting[recording]
        once = self._once(action, index)
        index, counting = index[once], counting[once]
        return Conversions(
            click_day=self._click_days[log.click[index]],
            conversion_day=self._event_days[index],
            campaign=clicks.campaign[log.click[index]],
            value=np.where(log.value[index] > 0, log.value[index], action.default_value),
            visible_at=log.arrival[index] + IMPORT_DELAY if action.is_mirror else log.time[index] + TAG_DELAY,
            counted=counting,
        )

    def _flags_at(self, action: Action, time: Ints) -> tuple[Bools, Bools]:
        """Whether the action recorded, and whether it counted for bidding, at each of these moments."""
        since = np.array([flags.since for flags in action.history])
        line = np.searchsorted(since, time, side="right") - 1
        enabled = np.array([flags.status == "ENABLED" for flags in action.history])[line] & (line >= 0)
        primary = np.array([flags.primary for flags in action.history])[line]
        return enabled, enabled & primary & self._account.goals[(action.category, action.origin)]

    def _once(self, action: Action, index: Ints) -> Ints:
        """Positions that are left when repeats within a click, or for key events within a session, are dropped."""
        log = self._account.property.log
        if action.is_mirror:
            key_event = self._account.property.key_event(action.fires_on)
            once_per_session = key_event is not None and key_event.counting_method == ONCE_PER_SESSION
            return np.unique(log.session[index], return_index=True)[1] if once_per_session else np.arange(len(index))
        if action.counting_type == "ONE_PER_CLICK":
            return np.unique(log.click[index], return_index=True)[1]
        return np.arange(len(index))

    def conversion_sums(
        self, now: int, first: int, last: int, *, by_conversion_date: bool
    ) -> dict[tuple[int, int, int], list[float]]:
        """(day, campaign index, action id) -> [counted, all, counted value, all value], zero rows left out."""
        sums: dict[tuple[int, int, int], list[float]] = {}
        for action in self._account.actions.values():
            found = self.conversions(action)
            day = found.conversion_day if by_conversion_date else found.click_day
            take = (day >= first) & (day <= last) & (found.visible_at <= now)
            cell, position = np.unique(day[take] * 1_000 + found.campaign[take], return_inverse=True)
            counted, value = found.counted[take].astype(float), found.value[take]
            columns = [
                np.bincount(position, weights=weights, minlength=len(cell))
                for weights in (counted, np.ones(len(counted)), counted * value, value)
            ]
            for number, row in zip(cell.tolist(), np.array(columns).T.tolist(), strict=True):
                sums[(number // 1_000, number % 1_000, action.id)] = row
        return sums

    def traffic_sums(self, now: int, first: int, last: int) -> dict[tuple[int, int], tuple[int, int, int]]:
        """(day, campaign index) -> clicks, cost in micros, impressions."""
        clicks, day = self._account.clicks, self._click_days
        start, stop = np.searchsorted(day, [first, last + 1])
        take = np.arange(start, stop)[clicks.time[start:stop] + TAG_DELAY <= now]
        cell, position = np.unique(day[take] * 1_000 + clicks.campaign[take], return_inverse=True)
        count = np.bincount(position, minlength=len(cell))
        cost = np.bincount(position, weights=clicks.cost[take], minlength=len(cell))
        return {
            (number // 1_000, number % 1_000): (n, round(money * 1_000_000), n * 19)
            for number, n, money in zip(cell.tolist(), count.tolist(), cost.tolist(), strict=True)
        }

    def last_request(self, action: Action, now: int) -> int | None:
        """When the action's tag was last heard of, in seconds; None when never."""
        found = self.conversions(action)
        times = found.visible_at[found.visible_at <= now]
        return int(times.max()) if len(times) else None
