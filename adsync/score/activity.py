"""How often the macro follows a moment, judged by nothing but the visitor's activity: a product of main effects."""

from __future__ import annotations

import numpy as np

from adsync.model.activity import HORIZONS, MARGINS, ActivityModel, ActivityTable, Floats, Ints
from adsync.model.exposure import QUANTILES

ROUNDS = 12
SMALLEST_CHANGE = 0.02
PSEUDO_BUYERS = 2.0
"""Each class is drawn towards the average as if it had seen so many more buyers, and so many more expected."""

ROUNDING = 1e-9
"""Shares that differ by less are one."""


def fit_activity(table: ActivityTable) -> ActivityModel:
    """Poisson regression on dummies by iterative proportional fitting of each margin in turn."""
    base, factors, cuts = {}, {}, {}
    for horizon in HORIZONS:
        moments = table.weight * table.moments[horizon]
        bought = table.weight * table.bought[horizon]
        base[horizon] = float(bought.sum() / max(moments.sum(), 1.0))
        factors[horizon], shares = _fit(table, moments, bought, base[horizon])
        cuts[horizon] = _quantiles(shares, moments)
    return ActivityModel(
        base=base,
        factors={h: {name: tuple(f.tolist()) for name, f in factors[h].items()} for h in HORIZONS},
        cuts=cuts,
    )


def _fit(table: ActivityTable, moments: Floats, bought: Floats, base: float) -> tuple[dict[str, Floats], Floats]:
    classes = {name: table.classes[name] for name in MARGINS}
    factors = {name: np.ones(int(of.max(initial=0)) + 1) for name, of in classes.items()}
    share = np.full(len(moments), base)
    seen = {name: _by_class(of, bought, len(factors[name])) for name, of in classes.items()}
    for _ in range(ROUNDS):
        largest = 0.0
        for name, of in classes.items():
            expected = _by_class(of, moments * share, len(factors[name]))
            change = (seen[name] + PSEUDO_BUYERS) / (expected + PSEUDO_BUYERS)
            factors[name] = factors[name] * change
            share = share * change[of]
            largest = max(largest, float(np.abs(change - 1).max(initial=0.0)))
        if largest < SMALLEST_CHANGE:
            break
    return factors, share


def _by_class(of: Ints, amounts: Floats, classes: int) -> Floats:
    return np.asarray(np.bincount(of, weights=amounts, minlength=classes), float)


def _quantiles(shares: Floats, moments: Floats) -> tuple[float, ...]:
    """Where the moments, by what is expected of them, fall into equal parts of expected buyers.

    Each cut lies halfway between two shares that do occur: how an engine rounds decides nothing.
    """
    order = np.argsort(shares, kind="stable")
    ordered, amount = shares[order], np.cumsum((moments * shares)[order])
    if not len(amount) or amount[-1] <= 0:
        return ()
    at = np.searchsorted(amount, amount[-1] * np.arange(1, QUANTILES) / QUANTILES * (1 - ROUNDING))
    higher = ordered[at]
    below = np.searchsorted(ordered, higher * (1 - ROUNDING))
    lower = np.where(below > 0, ordered[below - 1], 0.0)
    return tuple(((lower + higher) / 2).tolist())
