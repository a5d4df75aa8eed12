"""What the sandbox can play, as data: `words.py` has the words, the other modules the scenarios."""

from __future__ import annotations

from adsync.sandbox.scenarios.agency import AGENCY
from adsync.sandbox.scenarios.services import LEAD_GEN, SAAS_TRIAL
from adsync.sandbox.scenarios.shops import (
    BLACK_FRIDAY,
    BROKEN_BANNER,
    DOUBLE_TAG,
    FADING,
    FIXED_TARGET,
    GROWING_SHOP,
    STARVED_SHOP,
    TAG_OUTAGE,
)
from adsync.sandbox.scenarios.words import FUTURE_DAYS, HISTORY_DAYS, Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        STARVED_SHOP,
        GROWING_SHOP,
        BLACK_FRIDAY,
        TAG_OUTAGE,
        BROKEN_BANNER,
        DOUBLE_TAG,
        FADING,
        FIXED_TARGET,
        SAAS_TRIAL,
        LEAD_GEN,
        AGENCY,
    )
}

__all__ = ["FUTURE_DAYS", "GROWING_SHOP", "HISTORY_DAYS", "SCENARIOS", "STARVED_SHOP", "Scenario"]
