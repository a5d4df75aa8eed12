"""How many visitors and sessions a scenario's site has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from adsync.sandbox.chances import average_chance, raised_by_asides
from adsync.sandbox.scenarios.words import RETURNS, Scenario
from adsync.sandbox.world import Floats

BOT_ACTIVITY = 30.0
"""How much a bot does, where an average visitor does 1."""


def scenario_days(scenario: Scenario) -> list[date]:
    """Every day of a scenario's world."""
    first = scenario.starts_on - timedelta(days=scenario.history_days)
    return [first + timedelta(days=n) for n in range(scenario.history_days + scenario.future_days)]


def visitors_a_day(scenario: Scenario, days: list[date]) -> tuple[Floats, Floats]:
    """Expected visitors of each day: paid and other, before weekdays."""
    knots = scenario.volume
    offset = np.arange(len(days)) - scenario.history_days
    monthly = np.interp(offset, [k[0] for k in knots], [k[1] for k in knots])
    quality = sum(c.share * c.quality for c in scenario.campaigns)
    if scenario.loyal:
        quality *= 1 + scenario.loyal.share * (scenario.loyal.quality - 1)
    quality *= raised_by_asides(scenario)
    for redesign in scenario.redesigns:
        # The volume that a scenario names is that of the days to come.
        quality *= redesign.factor if redesign.day < 0 else 1
    paid = monthly / 30 / (average_chance(scenario.path) * quality * scenario.ads_consent) * scenario.traffic
    # Other traffic grows as well, but less: a shop that advertises more is also looked for more.
    other = scenario.organic * paid[0] * np.sqrt(paid / paid[0])
    for season in scenario.seasons:
        on = (offset >= season.first) & (offset <= season.last)
        paid, other = np.where(on, paid * season.traffic, paid), np.where(on, other * season.traffic, other)
    return paid, other


def sessions_a_day(scenario: Scenario) -> float:
    """About how many sessions the site has on an average day."""
    paid, other = visitors_a_day(scenario, scenario_days(scenario))
    back = 1.0 + scenario.loyal.share * (scenario.loyal.activity - 1) if scenario.loyal else 1.0
    visits = (paid + other) * (1 + RETURNS * back + scenario.hesitant) + other * scenario.bots * RETURNS * BOT_ACTIVITY
    return float(visits.mean())


def busier(scenario: Scenario, sessions_per_day: float) -> Scenario:
    """The same site with about this many sessions a day on average, and as many macros as before."""
    return replace(scenario, traffic=scenario.traffic * sessions_per_day / sessions_a_day(scenario))
