"""Grade C: whether the rates of a micro and of the macro move together within campaigns, from week to week.

Counts of both follow the clicks, and rates of both differ between campaigns whatever the micro is worth: neither says
anything. What is left is asked: weeks in which a campaign had more micros for each click than it usually has.
Formulas: docs/statistics.md, "Daily numbers of campaigns".
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from scipy.special import stdtr, stdtrit

from adsync.model.activity import Floats
from adsync.model.evidence import Interval
from adsync.model.weekly import CampaignWeeks, Elasticity

MINIMUM_CAMPAIGNS, MINIMUM_WEEKS, MINIMUM_MACROS = 8, 20, 150
LARGEST_SHARE = 0.6
"""Of the clicks, in one campaign: the others are then too few to tell a coincidence from a rule."""

BREAK_WEEKS, BREAK_FACTOR, BREAK_ERRORS = 4, 2.0, 4.0
"""A rate that doubles or halves from four weeks to the next four, by more than four standard errors, is another tag or site."""

_STEPS, _CLOSE = 60, 1e-8


def refused(weeks: CampaignWeeks) -> str:
    """Why these weeks say nothing, whatever they hold; "" where they may be asked."""
    clicks, macros = weeks.clicks.sum(axis=1), weeks.macros.sum(axis=1)
    telling = int(((macros > 0) & (clicks > 0)).sum())
    if len(weeks.starts) < MINIMUM_WEEKS:
        return f"{len(weeks.starts)} whole weeks are known, {MINIMUM_WEEKS} are needed."
    if telling < MINIMUM_CAMPAIGNS:
        return f"{telling} campaigns brought the main conversion, {MINIMUM_CAMPAIGNS} are needed."
    if macros.sum() < MINIMUM_MACROS:
        return f"{macros.sum():.0f} main conversions were counted in these weeks, {MINIMUM_MACROS} are needed."
    if clicks.max() > LARGEST_SHARE * clicks.sum():
        return f"One campaign has {clicks.max() / clicks.sum():.0%} of the clicks; {LARGEST_SHARE:.0%} are the most.".replace(
            "%", " %"
        )
    return ""


def broke_in(counts: Floats, clicks: Floats) -> int | None:
    """The week in which what is counted for each click became another thing; None where it did not.

    counts, clicks: of all campaigns together, by week.
    """
    for week in range(BREAK_WEEKS, len(counts) - BREAK_WEEKS + 1):
        before, after = slice(week - BREAK_WEEKS, week), slice(week, week + BREAK_WEEKS)
        exposed = clicks[before].sum() + clicks[after].sum()
        if exposed <= 0:
            continue
        both = counts[before].sum() + counts[after].sum()
        share = clicks[after].sum() / exposed
        error = sqrt(max(both * share * (1 - share), 1e-9))
        rates = [counts[s].sum() / max(clicks[s].sum(), 1.0) for s in (before, after)]
        doubled = max(rates) >= BREAK_FACTOR * min(rates)
        if doubled and abs(counts[after].sum() - both * share) > BREAK_ERRORS * error:
            return week
    return None


def elasticity(weeks: CampaignWeeks) -> Elasticity | None:
    """How the two rates move together; None where nothing varies, or too few campaigns are left that tell anything.

    Poisson regression of macros on the log of micros for each click, with clicks as exposure and an effect for each
    campaign and each week. Errors by leaving out one campaign after the other, with Student's t.
    """
    table = _telling(weeks)
    count = len(table.macros)
    if count < MINIMUM_CAMPAIGNS or table.macros.shape[1] < 2:
        return None
    rates = _log_rates(table)
    whole = _fitted(table.clicks, table.macros, rates)
    if whole is None:
        return None
    point, effects = whole
    without = []
    for campaign in range(count):
        kept = np.arange(count) != campaign
        # A week in which this campaign alone sold has no effect without it, and nothing to say.
        sold = table.macros[kept].sum(axis=0) > 0
        left = np.ix_(kept, sold)
        part = _fitted(table.clicks[left], table.macros[left], rates[left], point, effects[sold])
        if part is None:
            return None
        without.append(part[0])
    error = sqrt((count - 1) / count * float(((np.array(without) - point) ** 2).sum()))
    if error <= 0:
        return None
    half = float(stdtrit(count - 1, 0.975)) * error
    return Elasticity(
        of_micros=Interval(point, point - half, point + half),
        p_value=float(stdtr(count - 1, -point / error)),
        campaigns=count,
        weeks=table.macros.shape[1],
    )


def _telling(weeks: CampaignWeeks) -> CampaignWeeks:
    """Campaigns that had both, and weeks in which anybody bought: the others have no say in the fit."""
    rows = (weeks.clicks.sum(axis=1) > 0) & (weeks.macros.sum(axis=1) > 0) & (weeks.micros.sum(axis=1) > 0)
    # Conversions of a campaign without clicks that week are corrections of Google's: they have nothing to be divided by.
    macros = np.where(weeks.clicks > 0, weeks.macros, 0.0)
    columns = macros[rows].sum(axis=0) > 0
    kept = np.ix_(rows, columns)
    return CampaignWeeks(
        starts=tuple(day for day, keep in zip(weeks.starts, columns, strict=True) if keep),
        clicks=weeks.clicks[kept],
        macros=macros[kept],
        micros=weeks.micros[kept],
    )


def _log_rates(weeks: CampaignWeeks) -> Floats:
    """Log of micros for each click, with one micro at the campaign's own rate added to every week: few clicks say little."""
    usual = weeks.micros.sum(axis=1, keepdims=True) / weeks.clicks.sum(axis=1, keepdims=True)
    rates: Floats = np.log((weeks.micros + 1.0) / (weeks.clicks + 1.0 / usual))
    # Nothing changes by it but the rounding: effects of campaigns would take it up.
    rates -= (rates * weeks.clicks).sum() / weeks.clicks.sum()
    return rates


def _fitted(
    clicks: Floats, macros: Floats, rates: Floats, slope: float = 0.0, effects: Floats | None = None
) -> tuple[float, Floats] | None:
    """The slope and the effects of weeks, by Newton's method; None where it finds no end.

    Given each campaign's sum, Poisson counts with an effect for each campaign are multinomial over its weeks: its effect
    drops out, and what is estimated stays exactly the same. slope, effects: where to begin.
    """
    sums = macros.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        exposure = np.log(clicks)
    # The first week's effect is the yardstick of the others; the slope stands in its place.
    at = np.zeros(macros.shape[1]) if effects is None else effects - effects[0]
    at[0] = slope
    likelihood, expected = _likelihood(exposure, macros, sums, rates, at)
    for _ in range(_STEPS):
        step = _newton(macros, expected, sums, rates)
        if step is None:
            return None
        after, moved = _likelihood(exposure, macros, sums, rates, at + step)
        while after < likelihood and np.abs(step).max() > _CLOSE:
            step /= 2
            after, moved = _likelihood(exposure, macros, sums, rates, at + step)
        at, likelihood, expected = at + step, after, moved
        if np.abs(step).max() <= _CLOSE:
            return float(at[0]), np.concatenate([[0.0], at[1:]])
    return None


def _likelihood(exposure: Floats, macros: Floats, sums: Floats, rates: Floats, at: Floats) -> tuple[float, Floats]:
    """The log-likelihood at these parameters (the slope, then the weeks but the first), and what they expect."""
    log_mean = exposure + at[0] * rates
    log_mean[:, 1:] += at[1:]
    highest = log_mean.max(axis=1, keepdims=True)
    weights = np.exp(log_mean - highest)
    total = weights.sum(axis=1, keepdims=True)
    logs = np.where(macros > 0, log_mean - highest - np.log(total), 0.0)
    return float((macros * logs).sum()), sums * weights / total


def _newton(macros: Floats, expected: Floats, sums: Floats, rates: Floats) -> Floats | None:
    """The step to where the likelihood would be highest if it were a parabola; None where it is flat."""
    rest = macros - expected
    slope = np.concatenate([[(rest * rates).sum()], rest.sum(axis=0)[1:]])
    shares = expected / sums
    centred = rates - (shares * rates).sum(axis=1, keepdims=True)
    size = expected.shape[1]
    curve = np.zeros((size, size))
    curve[0, 0] = (expected * centred**2).sum()
    curve[0, 1:] = curve[1:, 0] = (expected * centred).sum(axis=0)[1:]
    between = expected.T @ shares
    curve[1:, 1:] = (np.diag(expected.sum(axis=0)) - between)[1:, 1:]
    if curve[0, 0] <= 1e-9 * expected.sum():
        return None
    try:
        step: Floats = np.linalg.solve(curve, slope)
    except np.linalg.LinAlgError:
        return None
    return step
