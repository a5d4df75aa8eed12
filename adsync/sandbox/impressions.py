"""How often ads were shown for each click: nobody draws who looks and passes by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DAY = 86_400
# By campaign, in turn: who searches for the brand, a scenario's first campaign, clicks more often than others.
_USUALLY = np.array([8, 24, 17, 30])


def impressions_of(time: NDArray[np.int64], campaign: NDArray[np.int64]) -> NDArray[np.int64]:
    """Impressions of each ad click, at least one: more or fewer by campaign, by the campaign's day, and by click.

    They follow from the click alone, so that they add up however clicks are divided, by days of any time zone too.
    time: seconds since 1970. campaign: index into the scenario's.
    """
    by_day = 0.75 + 0.5 * _scattered(time // _DAY * 31 + campaign)
    by_click = 0.5 + _scattered(np.arange(len(time)))
    return np.rint(_USUALLY[campaign % len(_USUALLY)] * by_day * by_click).astype(np.int64)


def _scattered(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each number's own place between 0 and 1, evenly spread and always the same."""
    return numbers * 2_654_435_761 % (1 << 32) / (1 << 32)
