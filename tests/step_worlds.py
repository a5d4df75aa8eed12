"""Steps day by day of made-up shops, with an incident or without: what the search for incidents is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from adsync.model.funnel import VISITORS
from adsync.model.incident import StepDays
from adsync.model.segment import EVERYBODY, Segment

FIRST = date(2026, 1, 1)
DEVICES = {"mobile": 0.6, "desktop": 0.35, "tablet": 0.05}
SHARES = {"view_item": 0.5, "add_to_cart": 0.3, "purchase": 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """From which day on, for how long, and how much of the share is left. device: "" for all."""

    device: str
    step: str
    start: int
    days: int
    left: float


def shop(
    seed: int, planted: Planted | None = None, visitors: int = 60, days: int = 180, wobble: float = 0.0
) -> tuple[StepDays, ...]:
    """wobble: by how much, on a log scale, the shares of one day differ from those of another for all visitors."""
    dice = np.random.default_rng(seed)
    entered = {device: dice.poisson(visitors * share, days) for device, share in DEVICES.items()}
    found = []
    for before, step in pairwise((VISITORS, *SHARES)):
        share = np.clip(SHARES[step] * np.exp(wobble * dice.standard_normal(days)), 0, 1)
        went_on = {}
        for device, count in entered.items():
            own = share.copy()
            if planted and planted.step == step and planted.device in ("", device):
                own[planted.start : planted.start + planted.days] *= planted.left
            went_on[device] = dice.binomial(count, own)
            found.append(_days(Segment("device", device), before, step, count, went_on[device]))
        everybody = np.sum([*entered.values()], axis=0), np.sum([*went_on.values()], axis=0)
        found.append(_days(EVERYBODY, before, step, *everybody))
        entered = went_on
    return tuple(found)


def _days(segment: Segment, before: str, step: str, entered: np.ndarray, went_on: np.ndarray) -> StepDays:
    return StepDays(segment=segment, before_step=before, step=step, first=FIRST, entered=entered, went_on=went_on)
