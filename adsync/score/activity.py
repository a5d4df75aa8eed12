"""How often the macro follows a moment, judged by nothing but the visitor's activity: a product of main effects."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc

from adsync.model.activity import MARGINS, ActivityModel, ActivityTable, Floats, Ints
from adsync.model.exposure import QUANTILES

ROUNDS = 12
SMALLEST_CHANGE = 0.02
PSEUDO_BUYERS = 2.0
"""Each class is drawn towards the average as if it had seen so many more buyers, and so many more expected."""

OUTSTANDING = 0.01
"""A day so unlikely has a factor of its own."""

MIDDLE_CHI_SQUARED = 0.4549
"""The median of its distribution with one degree of freedom."""

MOST_CELLS = 4_096
"""Margins with fewer combinations of classes are fitted in one pass over the rows."""

TINY = 1e-12

ROUNDING = 1e-9
"""Shares that differ by less are one."""


def fit_activity(table: ActivityTable, horizon: str) -> ActivityModel:
    """Poisson regression on dummies by iterative proportional fitting of each margin in turn."""
    moments = table.weight * table.moments[horizon]
    bought = table.weight * table.bought[horizon]
    base = float(bought.sum() / max(moments.sum(), 1.0))
    factors, shares = _fit(table, moments, bought, base)
    return ActivityModel(
        base=base,
        factors={name: tuple(of.tolist()) for name, of in factors.items()},
        cuts=_quantiles(shares, moments),
    )


def _fit(table: ActivityTable, moments: Floats, bought: Floats, base: float) -> tuple[dict[str, Floats], Floats]:
    """All margins, and once these are known the days that stand out."""
    factors = {name: np.ones(int(of.max(initial=0)) + 1) for name, of in table.classes.items()}
    apart = {name: np.ones(len(of), bool) for name, of in factors.items()} | {
        "day": np.zeros(len(factors["day"]), bool)
    }
    share = _rounds(table, moments, bought, np.full(len(moments), base), factors, apart)
    days = table.classes["day"]
    apart["day"] = _stands_out(
        *(_by_class(days, amounts, len(factors["day"])) for amounts in (bought, moments * share))
    )
    if apart["day"].any():
        share = _rounds(table, moments, bought, share, factors, apart)
    return factors, share


@dataclass(frozen=True, slots=True)
class _Block:
    """Neighbouring margins that are fitted in one pass over the rows: by cells, of which each row has one (cell)."""

    names: Sequence[str]
    shape: tuple[int, ...]
    cell: Ints


def _rounds(
    table: ActivityTable,
    moments: Floats,
    bought: Floats,
    share: Floats,
    factors: dict[str, Floats],
    apart: Mapping[str, NDArray[np.bool_]],
) -> Floats:
    """The share of each row once the factors, which are changed in place, fit. apart: classes that have one of their own."""
    fitted = [name for name in MARGINS if apart[name].any()]
    seen = {name: _by_class(table.classes[name], bought, len(factors[name])) for name in fitted}
    blocks = _blocks(table, {name: len(factors[name]) for name in fitted})
    for _ in range(ROUNDS):
        largest = 0.0
        for block in blocks:
            expected = _by_class(block.cell, moments * share, math.prod(block.shape)).reshape(block.shape)
            changes = np.ones(block.shape)
            for axis, name in enumerate(block.names):
                others = tuple(other for other in range(len(block.names)) if other != axis)
                ratio = (seen[name] + PSEUDO_BUYERS) / (expected.sum(axis=others) + PSEUDO_BUYERS)
                change = np.where(apart[name], ratio, 1.0)
                factors[name] *= change
                of_cell = np.expand_dims(change, others)
                expected *= of_cell
                changes *= of_cell
                largest = max(largest, float(np.abs(change - 1).max(initial=0.0)))
            share = share * changes.ravel()[block.cell]
        if largest < SMALLEST_CHANGE:
            break
    return share


def _blocks(table: ActivityTable, classes: Mapping[str, int]) -> list[_Block]:
    """All margins of which the number of classes is given, in their order."""
    together: list[list[str]] = []
    for name, count in classes.items():
        if together and count * math.prod(classes[other] for other in together[-1]) <= MOST_CELLS:
            together[-1].append(name)
        else:
            together.append([name])
    found = []
    for names in together:
        shape = tuple(classes[name] for name in names)
        cell = np.ravel_multi_index([table.classes[name] for name in names], shape)
        found.append(_Block(names, shape, cell.astype(np.int64)))
    return found


def _stands_out(seen: Floats, expected: Floats) -> NDArray[np.bool_]:
    """Days on which chance alone shows so many, or so few, moments that the macro follows in one of a hundred.

    A factor for each day would take the few buyers of a day for a property of the day, and helpers for nothing special.
    """
    known = expected > 0
    off = (seen[known] - expected[known]) ** 2 / expected[known]
    # One buyer has many moments. The middle one of the days, so that those that stand out are no part of it.
    spread = max(1.0, float(np.median(off)) / MIDDLE_CHI_SQUARED) if len(off) else 1.0
    k, mean = seen / spread, np.maximum(expected / spread, TINY)
    as_many = np.where(k > 0, gammainc(np.maximum(k, TINY), mean), 1.0)
    as_few = gammaincc(k + 1, mean)
    found: NDArray[np.bool_] = known & ((as_many < OUTSTANDING) | (as_few < OUTSTANDING))
    return found


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
