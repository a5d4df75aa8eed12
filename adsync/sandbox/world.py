"""One seeded world of visitors: everything that GA4, Google Ads and the raw event log report follows from it.

A visitor arrives by a channel, perhaps by clicking an ad, and may go down the path to a purchase, at once or days
later. What is drawn is what people do; what each of Google's products sees of it is worked out elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from adsync.sandbox.scenarios import FUTURE_DAYS, HISTORY_DAYS, Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CHANNELS = ("Paid Search", "Organic Search", "Direct", "Email", "Referral")
DEVICES = ("mobile", "desktop", "tablet")
EVENTS = (
    "session_start",
    "page_view",
    "user_engagement",
    "scroll",
    "view_item",
    "add_to_cart",
    "begin_checkout",
    "add_payment_info",
    "purchase",
    "sign_up",
)
_CODE = {name: code for code, name in enumerate(EVENTS)}

DAY = 86_400
SESSION_GAP = 1_800
# People shop in the evening; night hours are quiet.
_HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 11, 10, 10, 10, 10, 11, 13, 15, 16, 14, 9, 5], float)
_WEEKDAYS = np.array([1.05, 1.05, 1.0, 1.0, 0.95, 0.9, 1.05])


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """Ad clicks, sorted by time. campaign: index into the scenario's. cost: account currency."""

    time: Ints
    campaign: Ints
    cost: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Every event of a property, sorted by time, one array a column.

    time, arrival: seconds since 1970 (UTC); `arrival` is when GA4 has processed it. day: "YYYYMMDD" as a number in the
    property's time zone. name: index into `names`. visitor, session: ids. click: index of the last ad click within 30
    days before it by someone who agreed to ads, else -1. click_before: that visitor's ad click before this one, else -1.
    session_click: the ad click that opened the session, else -1. measured: the visitor agreed to being measured.
    """

    names: tuple[str, ...]
    time: Ints
    arrival: Ints
    day: Ints
    name: Ints
    visitor: Ints
    session: Ints
    channel: Ints
    device: Ints
    value: Floats
    click: Ints
    click_before: Ints
    session_click: Ints
    measured: Bools

    def code(self, event_name: str) -> int:
        """The index of an event's name; -1 when it never occurs."""
        return self.names.index(event_name) if event_name in self.names else -1


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
        return times.copy()
    zone = ZoneInfo(time_zone)
    first = datetime.fromtimestamp(int(times.min()), zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(int(times.max()), zone).date() + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = np.array([_midnight(day, zone) for day in days])
    numbers = np.array([day.year * 10_000 + day.month * 100 + day.day for day in days])
    return numbers[np.searchsorted(starts, times, side="right") - 1]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def make_world(scenario: Scenario, seed: int) -> World:
    """The scenario's visitors, drawn with one seed."""
    return _Draw(scenario, seed).world()


class _Draw:
    """Draws a world step by step; every array of a step has one entry for each visitor, hit or session."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.rng = np.random.default_rng(seed)
        self.zone = ZoneInfo(scenario.time_zone)
        first = scenario.starts_on - timedelta(days=HISTORY_DAYS)
        self.days = [first + timedelta(days=n) for n in range(HISTORY_DAYS + FUTURE_DAYS)]

    def world(self) -> World:
        self._visitors()
        hits = self._path_hits()
        sessions = self._sessions(hits)
        log, clicks = self._log(hits, sessions)
        return World(log=log, clicks=clicks, first_day=self.days[0], last_day=self.days[-1])

    def _visitors(self) -> None:
        scenario, rng = self.scenario, self.rng
        knots = scenario.purchases
        offset = np.arange(len(self.days)) - HISTORY_DAYS
        monthly = np.interp(offset, [k[0] for k in knots], [k[1] for k in knots])
        quality = sum(c.share * c.quality for c in scenario.campaigns)
        paid = monthly / 30 / (scenario.path.buys * quality * scenario.ads_consent)
        weekday = _WEEKDAYS[[day.weekday() for day in self.days]]
        # Other traffic grows as well, but less: a shop that advertises more is also looked for more.
        other = scenario.organic * paid[0] * np.sqrt(paid / paid[0])
        n_paid, n_other = rng.poisson(paid * weekday), rng.poisson(other * weekday)
        n = n_paid + n_other
        day = np.repeat(np.arange(len(self.days)), n)
        starts = np.array([_midnight(d, self.zone) for d in self.days])[day]
        hour = rng.choice(24, len(day), p=_HOURS / _HOURS.sum())
        self.arrived: Ints = starts + hour * 3600 + rng.integers(0, 3600, len(day))
        rank = np.arange(len(day)) - np.repeat(np.cumsum(n) - n, n)
        is_paid = rank < np.repeat(n_paid, n)
        shares = np.array([c.share for c in scenario.campaigns])
        campaign = rng.choice(len(shares), len(day), p=shares / shares.sum())
        self.campaign: Ints = np.where(is_paid, campaign, -1)
        self.channel: Ints = np.where(is_paid, 0, rng.choice([1, 2, 3, 4], len(day), p=[0.5, 0.3, 0.1, 0.1]))
        self.device: Ints = rng.choice(3, len(day), p=[0.62, 0.33, 0.05])
        self.ads_consent: Bools = rng.random(len(day)) < scenario.ads_consent
        self.measured: Bools = self.ads_consent | (rng.random(len(day)) < scenario.analytics_consent)
        # How much a visitor does at all; it says nothing about whether they buy.
        self.activity: Floats = rng.gamma(2.0, 0.5, len(day))
        qualities = np.array([*(c.quality for c in scenario.campaigns), 0.9])
        self.quality: Floats = qualities[self.campaign]

    def _path_hits(self) -> dict[str, NDArray[np.generic]]:
        """First visits, returns, and steps down the path: visitor, time, name, and whether a click led there."""
        rng, path, count = self.rng, self.scenario.path, len(self.arrived)
        viewed = rng.random(count) < path.view_item
        carted = viewed & (rng.random(count) < path.add_to_cart * self.quality)
        begun = carted & (rng.random(count) < path.begin_checkout)
        paying = begun & (rng.random(count) < path.add_payment_info)
        express = viewed & (rng.random(count) < path.express * self.quality)
        bought = express | (paying & (rng.random(count) < path.purchase))
        t_view = self.arrived + 5 + rng.exponential(45, count).astype(np.int64)
        t_cart = t_view + 5 + rng.exponential(150, count).astype(np.int64)
        later = np.minimum(np.exp(rng.normal(np.log(1.3 * DAY), 1.0, count)), 25 * DAY).astype(np.int64)
        t_begin = t_cart + np.where(rng.random(count) < 0.7, 10 + rng.exponential(120, count).astype(np.int64), later)
        t_pay = t_begin + 10 + rng.exponential(70, count).astype(np.int64)
        pause = np.exp(rng.normal(np.log(6 * 3600), 0.7, count)).astype(np.int64)
        t_buy = t_pay + np.where(rng.random(count) < 0.92, 10 + rng.exponential(80, count).astype(np.int64), pause)
        t_buy = np.where(express, t_view + 60 + rng.exponential(120, count).astype(np.int64), t_buy)
        n_back = rng.poisson(0.5 * self.activity)
        back = np.repeat(np.arange(count), n_back)
        t_back = self.arrived[back] + 3600 + rng.exponential(5 * DAY, len(back)).astype(np.int64)
        signed = rng.random(count) < np.minimum(0.015 * self.activity, 1)
        after = bought & (rng.random(count) < 0.6)
        everyone = np.arange(count)
        steps = [
            (everyone, self.arrived, "page_view"),
            (back, t_back, "page_view"),
            (everyone[viewed], t_view[viewed], "view_item"),
            (everyone[carted], t_cart[carted], "add_to_cart"),
            (everyone[begun], t_begin[begun], "begin_checkout"),
            (everyone[paying], t_pay[paying], "add_payment_info"),
            (everyone[bought], t_buy[bought], "purchase"),
            (everyone[after], t_buy[after] + 20, "scroll"),
            (everyone[signed], self.arrived[signed] + 40, "sign_up"),
        ]
        visitor = np.concatenate([who for who, _, _ in steps])
        time = np.concatenate([when for _, when, _ in steps])
        name = np.concatenate([np.full(len(who), _CODE[what]) for who, _, what in steps])
        order = np.lexsort((name, time, visitor))
        return {"visitor": visitor[order], "time": time[order], "name": name[order]}

    def _sessions(self, hits: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
        """Groups hits into sessions, and says which ad click, if any, opened each."""
        rng = self.rng
        visitor, time = hits["visitor"], hits["time"]
        new = np.ones(len(visitor), bool)
        new[1:] = (visitor[1:] != visitor[:-1]) | (np.diff(time.astype(np.int64)) > SESSION_GAP)
        hits["session"] = np.cumsum(new) - 1
        who, start = visitor[new].astype(np.int64), time[new].astype(np.int64)
        first = np.ones(len(who), bool)
        first[1:] = who[1:] != who[:-1]
        from_ad = self.campaign[who] >= 0
        clicked = from_ad & (first | (rng.random(len(who)) < 0.25))
        channel = np.where(first, self.channel[who], np.where(clicked, 0, rng.choice([1, 2], len(who), p=[0.3, 0.7])))
        return {"visitor": who, "start": start, "clicked": clicked, "channel": channel}

    def _log(
        self, hits: dict[str, NDArray[np.generic]], sessions: dict[str, NDArray[np.generic]]
    ) -> tuple[Log, Clicks]:
        rng = self.rng
        who, start = sessions["visitor"].astype(np.int64), sessions["start"].astype(np.int64)
        number = np.arange(len(who))
        extra = rng.poisson(1.2 * self.activity[who])
        more = np.repeat(number, extra)
        rank = np.arange(len(more)) - np.repeat(np.cumsum(extra) - extra, extra)
        scrolled = number[rng.random(len(who)) < 0.42]
        engaged = number[rng.random(len(who)) < 0.7]
        added = [
            (number, start, "session_start"),
            (more, start[more] + 20 + 35 * (rank + 1) + rng.integers(0, 30, len(more)), "page_view"),
            (scrolled, start[scrolled] + rng.integers(10, 120, len(scrolled)), "scroll"),
            (engaged, start[engaged] + rng.integers(10, 60, len(engaged)), "user_engagement"),
        ]
        session = np.concatenate([hits["session"].astype(np.int64), *(s for s, _, _ in added)])
        time = np.concatenate([hits["time"].astype(np.int64), *(t for _, t, _ in added)])
        name = np.concatenate([hits["name"].astype(np.int64), *(np.full(len(s), _CODE[what]) for s, _, what in added)])
        visitor = who[session]
        order = np.lexsort((name, visitor, time))
        session, time, name, visitor = session[order], time[order], name[order], visitor[order]
        clicks, click_of_session = self._clicks(sessions)
        click = click_of_session[session]
        opened = np.where(sessions["clicked"].astype(bool), click_of_session, -1)
        click_before = _click_before(sessions, click_of_session)[session]
        too_old = (click >= 0) & (time - clicks.time[np.maximum(click, 0)] > 30 * DAY)
        value = np.zeros(len(time))
        bought = name == _CODE["purchase"]
        value[bought] = np.round(rng.lognormal(np.log(self.scenario.average_order), 0.45, bought.sum()), 2)
        log = Log(
            names=EVENTS,
            time=time,
            arrival=time + _processing(rng, len(time)),
            day=local_days(time, self.scenario.property_time_zone),
            name=name,
            visitor=visitor,
            session=session,
            channel=sessions["channel"].astype(np.int64)[session],
            device=self.device[visitor],
            value=value,
            click=np.where(too_old | ~self.ads_consent[visitor], -1, click),
            click_before=np.where(too_old | ~self.ads_consent[visitor], -1, click_before),
            session_click=np.where(self.ads_consent[visitor], opened[session], -1),
            # A few hits never arrive: pages left at once, blockers, bad connections.
            measured=self.measured[visitor] & ((name == _CODE["session_start"]) | (rng.random(len(time)) > 0.02)),
        )
        return log, clicks

    def _clicks(self, sessions: dict[str, NDArray[np.generic]]) -> tuple[Clicks, Ints]:
        """All paid clicks, those that never became a session among them, and for each session the visitor's last one."""
        rng, clicked = self.rng, sessions["clicked"].astype(bool)
        who, start = sessions["visitor"].astype(np.int64), sessions["start"].astype(np.int64)
        seen_time, seen_campaign = start[clicked] - 2, self.campaign[who[clicked]]
        # Some people leave before the page has loaded: paid for, never a session.
        lost = rng.choice(len(seen_time), int(0.17 * len(seen_time)), replace=False)
        time = np.concatenate([seen_time, seen_time[lost] + rng.integers(-7200, 7200, len(lost))])
        campaign = np.concatenate([seen_campaign, seen_campaign[lost]])
        price = np.array([c.cost_per_click for c in self.scenario.campaigns])[campaign]
        order = np.argsort(time, kind="stable")
        position = np.empty(len(order), np.int64)
        position[order] = np.arange(len(order))
        last = np.full(len(who), -1)
        last[clicked] = np.arange(clicked.sum())
        first = np.ones(len(who), bool)
        first[1:] = who[1:] != who[:-1]
        # Carry the last click forward within a visitor: a visitor's first session resets it to "none" (-1) or its own.
        anchor = np.where((last >= 0) | first, np.arange(len(who)), 0)
        carried = last[np.maximum.accumulate(anchor)]
        cost = np.round(price * rng.lognormal(-0.08, 0.4, len(price)), 2)
        clicks = Clicks(time=time[order], campaign=campaign[order], cost=cost[order])
        return clicks, np.where(carried >= 0, position[np.maximum(carried, 0)], -1)


def _click_before(sessions: dict[str, NDArray[np.generic]], click_of_session: Ints) -> Ints:
    """For each session the ad click that its visitor made before the last one, or -1."""
    who = sessions["visitor"].astype(np.int64)
    index = np.arange(len(who))
    first = np.ones(len(who), bool)
    first[1:] = who[1:] != who[:-1]
    # Where the last click changed within a visitor, the session before it holds the earlier one.
    changed = np.zeros(len(who), bool)
    changed[1:] = (click_of_session[1:] != click_of_session[:-1]) & ~first[1:]
    anchor = np.maximum.accumulate(np.where(changed | first, index, 0))
    return np.where(changed[anchor], click_of_session[np.maximum(anchor - 1, 0)], -1)


def _processing(rng: np.random.Generator, count: int) -> Ints:
    """Seconds until GA4 has processed an event: most within a day, some hits arrive up to three days late."""
    usual = rng.integers(3600, 20 * 3600, count)
    late = rng.integers(20 * 3600, 70 * 3600, count)
    return np.where(rng.random(count) < 0.06, late, usual)
