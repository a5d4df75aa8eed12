"""The conversions of one action: which of the world's events it records, for which clicks, and when Google shows them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.ads.tracking import DATA_DRIVEN, Action, Settings
from adsync.sandbox.ga4.property import ONCE_PER_SESSION
from adsync.sandbox.world import Bools, Floats, Ints, local_days

SmallInts = NDArray[np.integer]

DAY = 86_400
TAG_DELAY = 2 * 3600
IMPORT_DELAY = 6 * 3600
MODEL_DELAY = 15 * 3600
"""At most so much later shows what attribution has shared among clicks."""

_HALF_LIFE = 7 * DAY
"""Of an earlier click's weight against the last one's, which is the sandbox's model of data-driven attribution."""

# Days at which each lag bucket but the first begins, and the first one's number in ConversionLagBucketEnum.
_LAG_DAYS = np.array([*range(1, 15), 21, 30, 45, 60])
_FIRST_LAG = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversions:
    """All conversions of one action that its history lets through, past and to come; one entry for each credited click.

    Days are numbers YYYYMMDD in the account's time zone. credit: the click's share of the conversion. value: of the
    whole conversion. lag: number in ConversionLagBucketEnum. device: the click's, as an index into `devices.NAMES`.
    counted: the click's campaign bid on it when it happened.
    """

    click_day: SmallInts
    conversion_day: SmallInts
    converted_at: Ints
    visible_at: Ints
    campaign: SmallInts
    lag: SmallInts
    device: SmallInts
    credit: Floats
    value: Floats
    counted: Bools

    @property
    def nbytes(self) -> int:
        return sum(getattr(self, field.name).nbytes for field in fields(self))


def conversions_of(account: AdsAccount, action: Action, devices: SmallInts, served: Bools) -> Conversions:
    """The action's conversions under the flags and settings it has had so far.

    devices, served: of each click, on which one it was and whether there was one at all.
    """
    index = _recorded(account, action, served)
    log, clicks = account.property.log, account.clicks
    time = log.time[index].astype(np.int64)
    click, share, event = _credited(account, action, index, time, served)
    campaign = clicks.campaign[click].astype(np.int64)
    lag = time[event] - clicks.time[click].astype(np.int64)
    given = _value(action, time, log.value[index].astype(np.float64))
    shown = log.arrival[index].astype(np.int64) + IMPORT_DELAY if action.is_mirror else time + TAG_DELAY
    shown = shown + _model_delay(action, index, time)
    return Conversions(
        click_day=local_days(clicks.time[click].astype(np.int64), account.time_zone).astype(np.int32),
        conversion_day=local_days(time, account.time_zone).astype(np.int32)[event],
        converted_at=time[event],
        visible_at=shown[event],
        campaign=campaign.astype(np.int16),
        lag=(np.searchsorted(_LAG_DAYS, lag // DAY, side="right") + _FIRST_LAG).astype(np.int8),
        device=devices[click],
        credit=share,
        value=given[event],
        counted=_counted(account, action, time[event], campaign),
    )


def state_of(account: AdsAccount, action: Action) -> Hashable:
    """Everything that can change about an action's conversions: while it is equal, they are the same."""
    key_event = account.property.key_event(action.fires_on) if action.is_mirror else None
    return (
        action.fires_on,
        action.installed_at,
        tuple(action.history),
        (*action.past, action.settings(until=0)),
        key_event and (key_event.created_at, key_event.counting_method),
        tuple(line.since for line in account.counting),
        state_of_serving(account),
        tuple((campaign.id, action.id) in line.pairs for campaign in account.campaigns for line in account.counting),
    )


def _recorded(account: AdsAccount, action: Action, served: Bools) -> Ints:
    """Indexes into the log of the events that became conversions."""
    log, clicks = account.property.log, account.clicks
    index = np.flatnonzero((log.name == log.code(action.fires_on)) & (log.click >= 0))
    time = log.time[index].astype(np.int64)
    keep = _enabled(action, time)
    if action.is_mirror:
        key_event = account.property.key_event(action.fires_on)
        keep &= log.measured[index] & (time >= (key_event.created_at if key_event else np.inf))
    else:
        keep &= log.tagged[index] & (time >= (np.inf if action.installed_at is None else action.installed_at))
    window = _setting(action, time, lambda s: s.click_window_days)
    keep &= time - clicks.time[log.click[index]].astype(np.int64) <= window * DAY
    keep &= served[log.click[index]]
    return _without_repeats(account, action, index[keep])


def served_clicks(account: AdsAccount) -> Bools:
    """For each of the world's clicks whether there was one: nobody clicks what is paused."""
    clicks = account.clicks
    served = np.ones(len(clicks.time), bool)
    for number, campaign in enumerate(account.campaigns):
        if campaign.served:
            mine = np.flatnonzero(clicks.campaign[:] == number)
            line = np.searchsorted(np.array([since for since, _ in campaign.served]), clicks.time[mine], side="right")
            served[mine] = np.array([True, *(shown for _, shown in campaign.served)])[line]
    return served


def state_of_serving(account: AdsAccount) -> Hashable:
    """Everything that can change about the clicks there were."""
    return tuple(tuple(campaign.served) for campaign in account.campaigns)


def _enabled(action: Action, time: Ints) -> Bools:
    line = np.searchsorted(np.array([flags.since for flags in action.history]), time, side="right") - 1
    enabled: Bools = np.array([flags.status == "ENABLED" for flags in action.history])[line] & (line >= 0)
    return enabled


def _setting(action: Action, time: Ints, of: Callable[[Settings], float | str]) -> NDArray[Any]:
    """One setting as it was at each moment: changes apply to what happens later only."""
    lines = [*action.past, action.settings(until=0)]
    line = np.searchsorted(np.array([past.until for past in action.past], np.int64), time, side="right")
    return np.array([of(settings) for settings in lines])[line]


def _without_repeats(account: AdsAccount, action: Action, index: Ints) -> Ints:
    """Drops what Google counts once: repeats within a session for GA4's key events, within a click for other actions."""
    log = account.property.log
    if action.is_mirror:
        key_event = account.property.key_event(action.fires_on)
        once = np.full(len(index), key_event is not None and key_event.counting_method == ONCE_PER_SESSION)
        first = _first_of_each(log.session[index])
    else:
        time = log.time[index].astype(np.int64)
        once = _setting(action, time, lambda s: s.counting_type) == "ONE_PER_CLICK"
        first = _first_of_each(log.click[index])
    kept: Ints = index[first | ~once]
    return kept


def _first_of_each(group: Ints) -> Bools:
    first = np.zeros(len(group), bool)
    first[np.unique(group, return_index=True)[1]] = True
    return first


def _credited(account: AdsAccount, action: Action, index: Ints, time: Ints, served: Bools) -> tuple[Ints, Floats, Ints]:
    """The credited clicks, the share of each, and the position of its conversion in `index`; shares of one sum to 1."""
    log, clicks = account.property.log, account.clicks
    last, before = log.click[index].astype(np.int64), log.click_before[index].astype(np.int64)
    window = _setting(action, time, lambda s: s.click_window_days)
    age = time - clicks.time[before].astype(np.int64)
    in_time = (before >= 0) & (age <= window * DAY) & served[before]
    shared = np.flatnonzero(_is_data_driven(action, time) & in_time)
    between = clicks.time[last[shared]].astype(np.int64) - clicks.time[before[shared]].astype(np.int64)
    weight = 0.5 ** (between / _HALF_LIFE)
    earlier = weight / (1 + weight)
    share = np.ones(len(index))
    share[shared] = 1 - earlier
    return (
        np.concatenate([last, before[shared]]),
        np.concatenate([share, earlier]),
        np.concatenate([np.arange(len(index)), shared]),
    )


def _is_data_driven(action: Action, time: Ints) -> Bools:
    chosen: Bools = _setting(action, time, lambda s: s.attribution_model) == DATA_DRIVEN
    return chosen


def _model_delay(action: Action, index: Ints, time: Ints) -> Ints:
    """Seconds that the attribution model takes, the same for the same event every time."""
    return np.where(_is_data_driven(action, time), index * 7919 % MODEL_DELAY, 0)


def _value(action: Action, time: Ints, given: Floats) -> Floats:
    """The event's own value, or the action's default where there is none or the default always applies."""
    default = _setting(action, time, lambda s: s.default_value)
    always = _setting(action, time, lambda s: s.always_use_default_value)
    return np.where(always | (given <= 0), default, given)


def _counted(account: AdsAccount, action: Action, time: Ints, campaign: Ints) -> Bools:
    """Whether the campaign bid on the action at that moment."""
    if not account.counting:
        return np.zeros(len(time), bool)
    ids = [campaign.id for campaign in account.campaigns]
    bid = np.array([[(number, action.id) in line.pairs for number in ids] for line in account.counting])
    line = np.searchsorted(np.array([line.since for line in account.counting]), time, side="right") - 1
    counted: Bools = bid[line, campaign] & (line >= 0)
    return counted
