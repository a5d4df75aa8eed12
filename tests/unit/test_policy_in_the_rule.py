"""Every number of the policy reaches the rule: with another value some account's nights are others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from adsync.decide.episodes import Watched
from adsync.decide.replay import Known, Night, replay
from adsync.model.decision import DemandDecision
from adsync.model.policy import PARAMETERS, Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from tests.builders import TODAY, a_helper

# Stretches of an account's life: days, main conversions a day, how many times as many the tag reports, helpers for each.
LIVES: dict[str, list[tuple[int, float, float, float]]] = {
    "up and down": [(110, 0.8, 1, 4), (120, 2.2, 1, 4), (90, 0.4, 1, 4)],
    "hurt": [(150, 2.4, 1, 4), (120, 0.85, 1, 4), (80, 2.4, 1, 4)],
    "troubled": [(120, 1.6, 1, 4), (9, 1.6, 2.2, 4), (40, 1.6, 1, 4), (6, 1.6, 0, 4), (60, 1.6, 1, 4), (60, 1.3, 1, 3)],
    "a year and more": [(40, 1.2, 1, 4), (60, 1.5, 1, 4), (330, 1.25, 1, 4), (90, 1.5, 1, 4)],
}
# Where the default's neighbour is wanted rather than an end of the range.
OTHERS: dict[str, float] = {
    "demand_per_30_days": 40, "demand_weeks": 16, "return_weeks": 3, "fast_weeks": 4, "fast_times": 1.1, "check_every_days": 14,
    "rollback_from_day": 60, "rollback_to_day": 50, "outage_days": 5, "ratio_hold_days": 7, "fast_lane": False,
    "return_gap_days": 120, "ratio_factor": 3,
}  # fmt: skip
OF_HELPERS = {
    "minimum_share", "minimum_lift", "false_discovery_rate", "observe_at_most", "observe_days_before_promotion",
    "funnel_days", "funnel_horizon_days",
}  # fmt: skip
OF_CAMPAIGNS = {"enough_of_spend", "sustained_per_30_days", "sustained_confidence"}
OF_CHECKS = {
    "order_days", "orders_at_most", "repeated_orders_named", "repeated_orders_held", "nameless_orders", "tag_hours", "tag_gaps",
    "exclusion_lag_days",
}  # fmt: skip
"""They look at what Google says of tags and orders, which no replayed life has: tests/unit/test_checks.py."""
# They ask for clicks and values, which these lives have not, or only say something: tests/unit/test_number_guards.py.
OF_OTHER_NUMBERS = {
    "traffic_share",
    "traffic_clicks",
    "traffic_hold_days",
    "ad_sessions_fall",
    "spike_score",
    "value_zeros",
    "value_same",
    "value_shift",
}


@cache
def a_life(name: str, seed: int) -> Watched:
    dice = np.random.default_rng(seed)
    macro: list[float] = []
    helper: list[float] = []
    for days, rate, recorded, often in LIVES[name]:
        macro += (dice.poisson(rate, days) * recorded).tolist()
        helper += dice.poisson(rate * often, days).astype(float).tolist()
    first = TODAY - timedelta(days=len(macro))
    known = [
        None if name == "troubled" and day % 11 in (1, 3, 5, 8) and day > 200 else n for day, n in enumerate(macro)
    ]
    return Watched(macro=DailySeries(first, tuple(known)), companion=DailySeries(first, tuple(helper)))


def nights(policy: Policy, name: str, seed: int) -> Iterator[tuple[Night, DemandDecision]]:
    seen = a_life(name, seed)
    helpers = (a_helper("200", worth=0.1), a_helper("201", worth=0.2, event_name="begin_checkout"))
    span = Window(seen.macro.first + timedelta(days=100), seen.macro.last)
    for night in replay(policy, lambda on: Known.final(seen, on), helpers, span):
        bare = replace(night.decision, policy=None)
        yield replace(night, decision=bare), bare


@pytest.mark.parametrize(
    "name", [p.name for p in PARAMETERS if p.name not in OF_HELPERS | OF_CAMPAIGNS | OF_CHECKS | OF_OTHER_NUMBERS]
)
def test_another_value_makes_other_nights(name: str) -> None:
    (parameter,) = [p for p in PARAMETERS if p.name == name]
    other = OTHERS.get(name, parameter.low if parameter.default != parameter.low else parameter.high)
    changed = replace(Policy(), **{name: other})  # type: ignore[arg-type]
    assert any(
        any(
            usual != unlike
            for usual, unlike in zip(nights(Policy(), life, seed), nights(changed, life, seed), strict=True)
        )
        for seed in range(3)
        for life in LIVES
    )
