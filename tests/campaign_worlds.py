"""Campaigns whose rates move by themselves, by the week, or with each other."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from adsync.model.activity import Floats
from adsync.model.weekly import CampaignWeeks

MONDAY = date(2025, 6, 2)


def weeks_of(clicks: Floats, macros: Floats, micros: Floats) -> CampaignWeeks:
    starts = tuple(MONDAY + timedelta(days=7 * week) for week in range(clicks.shape[1]))
    return CampaignWeeks(starts=starts, clicks=clicks, macros=macros, micros=micros)


def drawn(rng: np.random.Generator, campaigns: int, weeks: int, *, useful: float = 0.0) -> CampaignWeeks:
    """Campaigns of different sizes and rates, weeks good and bad for all, and rates that wander in each campaign.

    useful: how far the macro's rate follows the micro's. Clicks drive both, so that the counts move together anyway.
    """

    def wandering(spread: float) -> Floats:
        steps = rng.normal(0, spread, (campaigns, weeks))
        for week in range(1, weeks):
            steps[:, week] = 0.6 * steps[:, week - 1] + 0.8 * steps[:, week]
        return steps

    size = np.exp(rng.normal(0, 0.7, (campaigns, 1)))
    clicks = rng.poisson(150 * size * np.exp(rng.normal(0, 0.3, (campaigns, weeks))))
    own, common, micro = rng.normal(0, 0.5, (campaigns, 1)), rng.normal(0, 0.3, (1, weeks)), wandering(0.2)
    macros = rng.poisson(clicks * 0.02 * np.exp(own + common + wandering(0.2) + useful * micro))
    micros = rng.poisson(clicks * 0.1 * np.exp(own + rng.normal(0, 0.5, (campaigns, 1)) + common + micro))
    return weeks_of(clicks.astype(float), macros.astype(float), micros.astype(float))
