"""What Google Ads reports of the world: conversions by action, campaign and day, and what the clicks cost."""

from __future__ import annotations

from functools import cached_property
from itertools import count

import numpy as np

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.conversions import (
    DAY,
    TAG_DELAY,
    Conversions,
    SmallInts,
    conversions_of,
    served_clicks,
    state_of,
    state_of_serving,
)
from adsync.sandbox.ads.devices import click_devices
from adsync.sandbox.ads.kept import KEPT
from adsync.sandbox.ads.tracking import Action
from adsync.sandbox.world import Bools, local_days

LAG_BUCKETS = dict(
    enumerate(
        (
            "LESS_THAN_ONE_DAY",
            "ONE_TO_TWO_DAYS",
            "TWO_TO_THREE_DAYS",
            "THREE_TO_FOUR_DAYS",
            "FOUR_TO_FIVE_DAYS",
            "FIVE_TO_SIX_DAYS",
            "SIX_TO_SEVEN_DAYS",
            "SEVEN_TO_EIGHT_DAYS",
            "EIGHT_TO_NINE_DAYS",
            "NINE_TO_TEN_DAYS",
            "TEN_TO_ELEVEN_DAYS",
            "ELEVEN_TO_TWELVE_DAYS",
            "TWELVE_TO_THIRTEEN_DAYS",
            "THIRTEEN_TO_FOURTEEN_DAYS",
            "FOURTEEN_TO_TWENTY_ONE_DAYS",
            "TWENTY_ONE_TO_THIRTY_DAYS",
            "THIRTY_TO_FORTY_FIVE_DAYS",
            "FORTY_FIVE_TO_SIXTY_DAYS",
            "SIXTY_TO_NINETY_DAYS",
        ),
        start=2,
    )
)
"""ConversionLagBucketEnum by number."""

Cell = tuple[int, int, int, int]
"""Day (YYYYMMDD), campaign index, action id, lag bucket."""

_LAGS = 100  # more than the highest number of a lag bucket
_CAMPAIGNS = 10_000
_NUMBERS = count()


class Statistics:
    """The reports of one account."""

    def __init__(self, account: AdsAccount) -> None:
        self._account = account
        self._number = next(_NUMBERS)
        self._lately: tuple[int, int, list[float]] | None = None

    @cached_property
    def _click_days(self) -> SmallInts:
        return local_days(self._account.clicks.time.astype(np.int64), self._account.time_zone).astype(np.int32)

    @cached_property
    def _click_devices(self) -> SmallInts:
        return click_devices(self._account)

    @property
    def _served_clicks(self) -> Bools:
        account = self._account
        return KEPT.get((self._number, "served"), state_of_serving(account), lambda: served_clicks(account))

    def conversions(self, action: Action) -> Conversions:
        """The action's conversions under the flags and settings it has had so far."""
        account = self._account
        return KEPT.get(
            (self._number, action.id),
            state_of(account, action),
            lambda: conversions_of(account, action, self._click_devices, self._served_clicks),
        )

    def conversion_sums(
        self, now: int, first: int, last: int, *, by_conversion_date: bool, device: int | None = None
    ) -> dict[Cell, list[float]]:
        """[counted, all, counted value, all value] by cell, zero rows left out. first, last: days as YYYYMMDD.

        device: only those of clicks on this one, by index into `devices.NAMES`.
        """
        sums: dict[Cell, list[float]] = {}
        for action in self._account.actions.values():
            found = self.conversions(action)
            day = found.conversion_day if by_conversion_date else found.click_day
            take = (day >= first) & (day <= last) & (found.visible_at <= now)
            if device is not None:
                take &= found.device == device
            code = (day[take].astype(np.int64) * _CAMPAIGNS + found.campaign[take]) * _LAGS + found.lag[take]
            cells, position = np.unique(code, return_inverse=True)
            credit, value = found.credit[take], found.value[take]
            counted = credit * found.counted[take]
            columns = [
                np.bincount(position, weights=weights, minlength=len(cells))
                for weights in (counted, credit, counted * value, credit * value)
            ]
            for number, row in zip(cells.tolist(), np.array(columns).T.tolist(), strict=True):
                rest, lag = divmod(number, _LAGS)
                sums[(*divmod(rest, _CAMPAIGNS), action.id, lag)] = row
        return sums

    def traffic_sums(
        self, now: int, first: int, last: int, *, device: int | None = None
    ) -> dict[tuple[int, int], tuple[int, int, int]]:
        """(day, campaign index) -> clicks, cost in micros, impressions; all of them or those on one device."""
        clicks, day = self._account.clicks, self._click_days
        start, stop = np.searchsorted(day, [first, last + 1])
        take = np.arange(start, stop)[clicks.time[start:stop] + TAG_DELAY <= now]
        take = take[self._served_clicks[take]]
        if device is not None:
            take = take[self._click_devices[take] == device]
        cell, position = np.unique(day[take].astype(np.int64) * _CAMPAIGNS + clicks.campaign[take], return_inverse=True)
        clicked = np.bincount(position, minlength=len(cell))
        cost, shown = (
            np.bincount(position, weights=of_click[take], minlength=len(cell)).tolist()
            for of_click in (clicks.cost, clicks.impressions)
        )
        return {
            (*divmod(number, _CAMPAIGNS),): (n, round(money * 1_000_000), round(seen))
            for number, n, money, seen in zip(cell.tolist(), clicked.tolist(), cost, shown, strict=True)
        }

    def counted_lately(self, now: int) -> list[float]:
        """Counted conversions of the 30 days before now, by campaign index."""
        kept = self._lately
        if kept is None or kept[:2] != (self._account.revision, now):
            totals = np.zeros(len(self._account.campaigns))
            for action in self._account.actions.values():
                found = self.conversions(action)
                take = found.counted & (found.visible_at <= now) & (found.converted_at > now - 30 * DAY)
                totals += np.bincount(found.campaign[take], weights=found.credit[take], minlength=len(totals))
            self._lately = kept = (self._account.revision, now, totals.tolist())
        return kept[2]

    def last_request(self, action: Action, now: int) -> int | None:
        """When the action's tag was last heard of, in seconds; None when never."""
        found = self.conversions(action)
        times = found.visible_at[found.visible_at <= now]
        return int(times.max()) if len(times) else None
