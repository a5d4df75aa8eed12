"""What helpers may be said to be worth: a share of the macro's value, and never most of what bidding sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf, log10

FIGURES = 2

MOVED = 0.20
"""A value is written anew only when it would move by more than this: each write is a disturbance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnShare:
    """P(macro | helper), drawn towards that of all helpers, never falling along the funnel; and its 90 % interval."""

    point: float
    low: float
    high: float


def inflation(coverages: Sequence[float], weight: float) -> float:
    """How many times the macro's true value all conversions together report: 1 + weight x the shares of macros that each
    helper led to. A target return has to be multiplied by it."""
    return 1.0 + weight * sum(coverages)


def fair_weight(coverages: Sequence[float]) -> float:
    """The largest weight at which helpers are at most half of the value that is reported, at most 1."""
    total = sum(coverages)
    return min(1.0, 1.0 / total) if total > 0 else 1.0


def rounded(value: float, most: float = inf) -> float:
    """To two figures: what is known of a helper bears no more. Down where it would pass most, the macro's own value."""
    if value <= 0:
        return 0.0
    places = FIGURES - 1 - floor(log10(value))
    found = round(value, places)
    return found if found <= most else round(found - 10.0**-places, places)
