"""What was known of a visitor's activity at a moment, in classes; and how often the macro follows in each.

docs/statistics.md, "Scores from event logs".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY = 86_400
SECOND_MICROS = 1_000_000
DAY_MICROS = DAY * SECOND_MICROS
HOUR_MICROS = 3_600 * SECOND_MICROS

NAMES_SEEN = 12
"""More are one class."""

# Where one class ends and the next begins.
POSITIONS = (*range(1, 13), 14, 17, 21, 26, 32, 40, 50, 64, 90, 130, 200)
SECONDS_ON_SITE = (30, 90, 240, 600, 1_500)
SESSION_NUMBERS = (2, 3, 4, 6, 9, 14, 22)
DAYS_SINCE_FIRST = (1, 3, 7, 14, 30)
SESSIONS_A_DAY = (0.1, 0.2, 0.4, 0.8, 2.0, 5.0)
EVENTS_BEFORE = (1, 6, 12, 18, 25, 35, 60, 120)
HOURS_AWAY = (0, 3, 6, 12, 18, 24, 36, 48, 72, 120, 240)
"""From the start of the session before to that of this one; a visitor's first session has a class of its own, below 0."""

MOST_CAMPAIGNS, MOST_NAMED = 200, 30
"""The campaigns with the most events; the others are one class. What is shown by campaign names only the first of them."""

MOST_CHANNELS = 20
"""Likewise. GA4's default channel group has 18."""

UNKNOWN, RARER = "(not known)", "(others)"
"""What the first two codes of campaigns, devices and channels are called."""

MARGINS = (
    "names_seen",
    "position",
    "on_site",
    "session_number",
    "age",
    "pace",
    "campaign",
    "device",
    "quarter",
    "weekday",
    "week",
    "day",
    "away",
    "events_before",
)
"""The properties of a moment that the activity model knows, each a column of classes 0, 1, 2, ..."""

HORIZONS = ("day", "long")
"""The short horizon has the power, the long one is what bidding is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTable:
    """Moments of a sample of visitors, counted by their classes; row i of every array belongs together.

    classes: by margin, of each row. weight: how many visitors one visitor of the sample stands for.
    moments: mature ones, by horizon. bought: those of them after which the macro followed within the horizon.
    """

    classes: Mapping[str, Ints]
    weight: Floats
    moments: Mapping[str, Ints]
    bought: Mapping[str, Ints]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityModel:
    """The expected share of moments that the macro follows within a horizon: a product of one factor for each margin.

    factors: by margin, one for each class. cuts: ascending expectations between which moments are compared with each other.
    """

    base: float
    factors: Mapping[str, tuple[float, ...]]
    cuts: tuple[float, ...]
