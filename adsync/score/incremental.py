"""What each candidate tells on top of the others: gain in foreseeing the macro, on visitors who were not learnt from.

docs/statistics.md, "What candidates add to each other".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt

import numpy as np

from adsync.model.activity import Floats
from adsync.model.exposure import GROUPS
from adsync.model.patterns import LANDMARKS, Gain, LandmarkTable

RIDGE, FLAT = 1.0, 1e-6
ROUNDS, CLOSE_ENOUGH = 100, 1e-12
ERRORS_ASKED = 2.0
"""A candidate is added while it gains more than so many of its standard errors."""

LOWEST = 1e-12


def gains(table: LandmarkTable) -> tuple[Gain, ...]:
    """Candidates in the order in which each adds most to those before it; those that add nothing certain are left out.

    Greedy forward selection by the held-out log-loss of a logistic model with a ridge, one intercept for each landmark.
    """
    if not (table.newer == 0).any() or not (table.newer == 1).any() or not table.bought.any():
        return ()
    chosen: list[int] = []
    found: list[Gain] = []
    before = _loss(table, [])
    alone = {place: before - _loss(table, [place]) for place in range(len(table.names))}
    trials = alone
    while trials:
        # Ties go to the first name, so that the order of trials does not matter.
        best = max(trials, key=lambda place: (trials[place].sum(), -place))
        gain, error = _per_thousand(table, trials[best])
        if gain <= ERRORS_ASKED * error or gain <= 0:
            break
        found.append(Gain(event=table.names[best], added=gain, error=error, alone=_per_thousand(table, alone[best])[0]))
        chosen.append(best)
        before = before - trials[best]
        left = [place for place in alone if place not in chosen]
        trials = {place: before - _loss(table, [*chosen, place]) for place in left}
    return tuple(found)


def _per_thousand(table: LandmarkTable, by_group: Floats) -> tuple[float, float]:
    """A gain and its standard error, for 1,000 visitors of the newer half, from groups of visitors."""
    visitors = float(table.visitors[table.newer == 1].sum())
    spread = float(((by_group - by_group.mean()) ** 2).sum()) * GROUPS / (GROUPS - 1)
    return 1_000 * float(by_group.sum()) / visitors, 1_000 * sqrt(spread) / visitors


def _loss(table: LandmarkTable, chosen: Sequence[int]) -> Floats:
    """Bits of surprise at the newer half, by group of visitors, with what the older half teaches."""
    features = _features(table, chosen)
    older = table.newer == 0
    weights = _fit(features[older], table.visitors[older].astype(float), table.bought[older].astype(float))
    share = np.clip(_sigmoid(features @ weights), LOWEST, 1 - LOWEST)
    bought = table.bought.astype(float)
    bits = -(bought * np.log(share) + (table.visitors - bought) * np.log1p(-share)) / log(2)
    newer = table.newer == 1
    return np.asarray(np.bincount(table.group[newer], weights=bits[newer], minlength=GROUPS), float)


def _features(table: LandmarkTable, chosen: Sequence[int]) -> Floats:
    intercepts = np.eye(len(LANDMARKS))[table.landmark]
    flags = [(table.pattern >> place) & 1 for place in chosen]
    return np.column_stack([intercepts, *flags]).astype(float)


def _fit(features: Floats, visitors: Floats, bought: Floats) -> Floats:
    """Newton's method with halved steps where a whole one would go too far; the ridge leaves the intercepts alone."""
    penalty = np.r_[np.full(len(LANDMARKS), FLAT), np.full(features.shape[1] - len(LANDMARKS), RIDGE)]
    weights = np.zeros(features.shape[1])
    base = min(max(bought.sum(), 0.5) / max(visitors.sum(), 1.0), 0.999)
    weights[: len(LANDMARKS)] = log(base / (1 - base))

    def surprise(at: Floats) -> float:
        x = features @ at
        return float((visitors * np.logaddexp(0, x) - bought * x).sum() + (penalty * at * at).sum() / 2)

    now = surprise(weights)
    for _ in range(ROUNDS):
        share = _sigmoid(features @ weights)
        slope = features.T @ (bought - visitors * share) - penalty * weights
        curve = (features * (visitors * share * (1 - share))[:, None]).T @ features + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        while (then := surprise(weights + step)) > now and np.abs(step).max() > CLOSE_ENOUGH:
            step = step / 2
        if then >= now - CLOSE_ENOUGH * abs(now):
            break
        weights, now = weights + step, then
    return weights


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -500, 500))), float)
