"""Draws a site's visitors, as a scenario has them; one entry of each array a visitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from adsync.sandbox.scenarios.words import Scenario
from adsync.sandbox.traffic import BOT_ACTIVITY, visitors_a_day
from adsync.sandbox.world import Bools, Floats, Ints, midnight

# People shop in the evening; night hours are quiet.
_HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 11, 10, 10, 10, 10, 11, 13, 15, 16, 14, 9, 5], float)
_WEEKDAYS = np.array([1.05, 1.05, 1.0, 1.0, 0.95, 0.9, 1.05])


@dataclass(slots=True, kw_only=True)
class People:
    """The visitors. day: index of their first; campaign: -1 for other channels; activity: how much they do (1 = average).

    quality: by how much their chance of going on differs from the average.
    """

    arrived: Ints
    day: Ints
    campaign: Ints
    channel: Ints
    device: Ints
    ads_consent: Bools
    measured: Bools
    activity: Floats
    quality: Floats
    loyal: Bools
    bot: Bools

    def __len__(self) -> int:
        return len(self.arrived)


def draw_people(scenario: Scenario, days: list[date], rng: np.random.Generator) -> People:
    """Everybody who visits the site on these days."""
    zone = ZoneInfo(scenario.time_zone)
    paid, other = visitors_a_day(scenario, days)
    weekday = _WEEKDAYS[[day.weekday() for day in days]]
    n_paid, n_other = rng.poisson(paid * weekday), rng.poisson(other * weekday)
    n = n_paid + n_other
    day = np.repeat(np.arange(len(days)), n)
    starts = np.array([midnight(d, zone) for d in days])[day]
    hour = rng.choice(24, len(day), p=_HOURS / _HOURS.sum())
    arrived = starts + hour * 3600 + rng.integers(0, 3600, len(day))
    rank = np.arange(len(day)) - np.repeat(np.cumsum(n) - n, n)
    is_paid = rank < np.repeat(n_paid, n)
    shares = np.array([c.share for c in scenario.campaigns])
    drawn = rng.choice(len(shares), len(day), p=shares / shares.sum())
    campaign = np.where(is_paid, drawn, -1)
    channel = np.where(is_paid, 0, rng.choice([1, 2, 3, 4], len(day), p=[0.5, 0.3, 0.1, 0.1]))
    device = rng.choice(3, len(day), p=[0.62, 0.33, 0.05])
    to_ads, to_measuring = _agreeing(scenario, len(days))
    ads_consent = rng.random(len(day)) < to_ads[day]
    measured = ads_consent | (rng.random(len(day)) < to_measuring[day])
    activity = rng.gamma(2.0, 0.5, len(day))
    qualities = np.array([*(c.quality for c in scenario.campaigns), 0.9])
    people = People(
        arrived=arrived,
        day=day,
        campaign=campaign,
        channel=channel,
        device=device,
        ads_consent=ads_consent,
        measured=measured,
        activity=activity,
        quality=qualities[campaign] / scenario.traffic,
        loyal=np.zeros(len(day), bool),
        bot=np.zeros(len(day), bool),
    )
    _mark(people, scenario, rng)
    return people


def _agreeing(scenario: Scenario, days: int) -> tuple[Floats, Floats]:
    """Of each day's new visitors the shares that agree to ads and, of the others, to measuring."""
    ads, measuring = np.full(days, scenario.ads_consent), np.full(days, scenario.analytics_consent)
    for banner in scenario.banners:
        first = max(scenario.history_days + banner.day, 0)
        ads[first:], measuring[first:] = banner.ads_consent, banner.analytics_consent
    return ads, measuring


def _mark(people: People, scenario: Scenario, rng: np.random.Generator) -> None:
    """Says who is loyal, who is a bot, and what that, the season and their activity make of everybody's quality."""
    if scenario.busy_convert:
        people.quality *= 1 - scenario.busy_convert + scenario.busy_convert * people.activity
    for season in scenario.seasons:
        offset = people.day - scenario.history_days
        people.quality[(offset >= season.first) & (offset <= season.last)] *= season.quality
    if scenario.loyal:
        people.loyal = rng.random(len(people)) < scenario.loyal.share
        people.activity[people.loyal] *= scenario.loyal.activity
        people.quality[people.loyal] *= scenario.loyal.quality
    if scenario.bots:
        people.bot = (people.campaign < 0) & ~people.loyal & (rng.random(len(people)) < scenario.bots)
        people.activity[people.bot] = BOT_ACTIVITY
        people.quality[people.bot] = 0.0
