"""How much likelier the macro is after a candidate than after something else at an equally likely moment.

docs/statistics.md, "Scores from event logs".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
from scipy.special import gammainc, gammaincinv, stdtr, stdtrit

from adsync.model.activity import Floats, Ints
from adsync.model.evidence import Interval
from adsync.model.exposure import GROUPS, QUANTILES, Compared, NamedSums, Sums

FULL_TRUST = 0.2
"""Expected buyers at which a stratum's own ratio weighs half, the ratio of its whole quantile the other half."""

MANY_BUYERS = 10
"""With fewer the normal approximation is too narrow; the exact interval of a count is used."""

DEVIATES, BY_FACTOR, LEFT_AT_LEAST = 3.0, 1.2, 0.2
"""A name leaves the comparison beyond so many standard errors and this factor, while a fifth of all moments stays."""

ROUNDING = 1e-4
"""Standard errors of a log ratio below are rounding: no log has the hundred million buyers that such a one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """A candidate beside moments that were equally likely to be followed by the macro.

    exposed, bought: visitors, and those who bought within the horizon. expected: how many would have without the candidate.
    comparison: buyers among the moments compared with. overlap: share of the exposed for whom there are such moments.
    lift: bought over expected; None where nothing was expected. difference: of the shares, 0-1. p_value: one-sided, of a
    lift above 1.
    """

    exposed: float
    bought: float
    expected: float
    comparison: float
    overlap: float
    lift: Interval | None
    difference: Interval
    p_value: float


def adjusted(table: Compared, level: float = 0.95) -> Adjusted:
    """Point estimates from all visitors, intervals from leaving out each fortieth of them in turn."""
    whole, parts = _expected(table.exposed, table.others)
    exposed, bought = float(table.exposed.moments.sum()), float(table.exposed.bought.sum())
    n, x = exposed - table.exposed.moments.sum(axis=0), bought - table.exposed.bought.sum(axis=0)
    has_others = table.others.expected.sum(axis=1).reshape(-1, QUANTILES).sum(axis=0) > 0
    covered = table.exposed.moments.sum(axis=1).reshape(-1, QUANTILES).sum(axis=0)[has_others].sum()
    z = float(stdtrit(GROUPS - 1, 0.5 + level / 2))
    difference = (bought - whole) / exposed if exposed else 0.0
    spread = z * _jackknife((x - parts) / np.maximum(n, 1.0))
    lift, p_value = None, 1.0
    if whole > 0:
        lift, p_value = _lift(bought, whole, x, parts, level)
    return Adjusted(
        exposed=exposed,
        bought=bought,
        expected=whole,
        comparison=float(table.others.bought.sum()),
        overlap=float(covered / exposed) if exposed else 0.0,
        lift=lift,
        difference=Interval(difference, difference - spread, difference + spread),
        p_value=p_value,
    )


def ratios(others: Sums) -> Floats:
    """By stratum, buyers over those whom activity expects: what turns an expectation into that of equally active others."""
    return _ratios(others.bought.sum(axis=1), others.expected.sum(axis=1))


def comparison_pool(table: NamedSums) -> tuple[str, ...]:
    """Everyday events: all names but those after which the macro follows much more, or less, often than after all of them.

    Who differs by the largest factor goes first. By standard errors it would be the page view: the more frequent a name, the
    surer it is that it differs from the rest, even where one helper makes the rest what it is.
    """
    left = {name: sums for name, sums in zip(table.names, table.sums, strict=True) if sums.moments.any()}
    enough = LEFT_AT_LEAST * sum(float(sums.moments.sum()) for sums in left.values())
    while len(left) > 1:
        total = _total(list(left.values()))
        ranked = sorted(((_deviation(sums, total), name) for name, sums in left.items()), reverse=True)
        stays = float(total.moments.sum())
        name = next((n for factor, n in ranked if factor > 1 and stays - left[n].moments.sum() >= enough), None)
        if name is None:
            break
        del left[name]
    return tuple(left)


def _deviation(sums: Sums, total: Sums) -> float:
    """By which factor, up or down, a name's buyers differ from what all names lead one to expect; 1 where that may be chance."""
    bought = sums.bought.sum(axis=0).astype(float)
    expected = (sums.expected * _ratios(total.bought.sum(axis=1), total.expected.sum(axis=1))[:, None]).sum(axis=0)
    if expected.sum() <= 0:
        return 1.0
    ratio = float(bought.sum() / expected.sum())
    gap = bought - expected
    error = sqrt(float(((gap - gap.mean()) ** 2).sum()) * GROUPS / (GROUPS - 1))
    if 1 / BY_FACTOR <= ratio <= BY_FACTOR or abs(float(gap.sum())) <= DEVIATES * error:
        return 1.0
    return max(ratio, 1 / ratio) if ratio > 0 else inf


def _total(each: Sequence[Sums]) -> Sums:
    return Sums(
        moments=np.sum([sums.moments for sums in each], axis=0),
        bought=np.sum([sums.bought for sums in each], axis=0),
        expected=np.sum([sums.expected for sums in each], axis=0),
    )


def _expected(exposed: Sums, others: Sums) -> tuple[float, Floats]:
    """Buyers whom the exposed would have had as others: of all visitors, and without each group of them."""
    m1, x0, m0 = exposed.expected.sum(axis=1), others.bought.sum(axis=1), others.expected.sum(axis=1)
    whole = float((m1 * _ratios(x0, m0)).sum())
    left = np.ascontiguousarray(m1 - exposed.expected.T)
    without = left * _ratios(x0 - others.bought.T, m0 - others.expected.T)
    return whole, np.asarray(without.sum(axis=1), float)


def _ratios(bought: Floats | Ints, expected: Floats) -> Floats:
    """Buyers over expected buyers in each stratum, drawn towards its whole quantile where few were expected.

    (STRATA,), or a row of them for each group of visitors that is left out.
    """
    places = (*bought.shape[:-1], -1, QUANTILES)
    x, m = (np.ascontiguousarray(part, float).reshape(places) for part in (bought, np.maximum(expected, 0.0)))
    coarse_x, coarse_m = x.sum(axis=-2, keepdims=True), m.sum(axis=-2, keepdims=True)
    coarse = np.divide(coarse_x, coarse_m, out=np.zeros_like(coarse_m), where=coarse_m > 0)
    own = np.divide(x, m, out=np.zeros_like(m), where=m > 0)
    trust = m / (m + FULL_TRUST)
    ratios: Floats = trust * own + (1 - trust) * coarse
    return ratios.reshape(bought.shape)


def _jackknife(without_each: Floats) -> float:
    """The standard error of a figure, from its values without each group of visitors."""
    return sqrt(float(((without_each - without_each.mean()) ** 2).sum()) * (GROUPS - 1) / GROUPS)


def _lift(bought: float, expected: float, x: Floats, parts: Floats, level: float) -> tuple[Interval, float]:
    point = bought / expected
    if bought < MANY_BUYERS or (x <= 0).any() or (parts <= 0).any():
        tail = (1 - level) / 2
        low = float(gammaincinv(bought, tail)) / expected if bought > 0 else 0.0
        high = float(gammaincinv(bought + 1, 1 - tail)) / expected
        # P(as many buyers or more | the expected number), the tail of a Poisson count.
        return Interval(point, low, high), _poisson_tail(bought, expected)
    error = _jackknife(np.log(x / parts))
    if error <= ROUNDING:
        return Interval(point, point, point), 0.0 if point > 1 + ROUNDING else 1.0
    half = float(stdtrit(GROUPS - 1, 0.5 + level / 2)) * error
    interval = Interval(point, point * exp(-half), point * exp(half) if half < 700 else inf)
    return interval, float(stdtr(GROUPS - 1, -log(point) / error))


def _poisson_tail(bought: float, expected: float) -> float:
    return float(gammainc(bought, expected)) if bought > 0 else 1.0
