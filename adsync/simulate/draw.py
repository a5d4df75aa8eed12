"""Draws accounts: the days of one simulated account, with helpers and without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from adsync.decide.episodes import Watched
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.simulate.kinds import HISTORY, YEAR, Kind, Spell

Days: TypeAlias = NDArray[np.float64]

FIRST_NIGHT = date(2025, 1, 6)
"""A Monday; the calendar matters for weekends only."""

CLICKS_PER_SALE = 50.0
LATEST_SALE, MEDIAN_DELAY, DELAY_SPREAD = 90, 2.0, 1.5
"""Days from the click to a sale, where sales are late: log-normal, five days on average, one in ten
after two weeks."""

DEPENDENCE_DAYS = 28
"""Bidding forgets what helpers taught it over about this many days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An account as it was drawn.

    with_helpers, without: the series as long as helpers are bid on, and those of an account that has lost all of them
    for long. They are the same where sales do not depend on helpers. declared: seasons that a person has told adsync of.
    """

    with_helpers: Watched
    without: Watched
    declared: tuple[Window, ...] = ()


def draw(kind: Kind, rng: np.random.Generator) -> Drawn:
    """One account of a kind."""
    before = HISTORY + (YEAR if kind.last_year else 0)
    day = np.arange(-before, YEAR)
    sales, recorded, traffic = _rates(kind.rate, day), np.ones(len(day)), np.ones(len(day))
    seen = _rates(kind.helper_rate or kind.rate, day)
    declared = []
    for spell in kind.spells:
        first = int(rng.integers(14, YEAR - spell.days - 60)) if spell.first is None else spell.first
        for start in (first - 364, first) if kind.last_year else (first,):
            inside = (day >= start) & (day < start + spell.days)
            _befall(spell, inside, _factors(spell, day[inside] - start), sales, seen, recorded, traffic)
        if spell.declared:
            start_day = FIRST_NIGHT + timedelta(days=first)
            declared.append(Window(start_day, start_day + timedelta(days=spell.days - 1)))
    week = _weekly(kind, day, rng)
    weekday = np.where((day % 7) >= 5, kind.weekend, 1.0)
    common = week * weekday / weekday[:7].mean()
    sold = _late(sales * common * traffic) if kind.late else sales * common * traffic
    macro = _counts(sold, rng) * recorded
    lost = macro if not kind.dependence else rng.binomial(macro.astype(int), 1 - kind.dependence).astype(float)
    helper = _counts(kind.helper * seen * common * traffic, rng) if kind.helper else None
    clicks = _counts(CLICKS_PER_SALE * sales.max() * traffic, rng)
    with_helpers = _watched(macro, helper, clicks, before)
    return Drawn(
        with_helpers=with_helpers,
        without=with_helpers if lost is macro else _watched(lost, helper, clicks, before),
        declared=tuple(declared),
    )


def fading_over(drawn: Drawn, since: date) -> Watched:
    """The account after its last helper was retired: with the sales that it loses, more of them from week to week."""
    if drawn.with_helpers is drawn.without:
        return drawn.with_helpers
    with_helpers, without = drawn.with_helpers.macro, drawn.without.macro
    start = (since - with_helpers.first).days
    values = list(with_helpers.values)
    for index in range(max(start, 0), len(values)):
        share = min((index - start) / DEPENDENCE_DAYS, 1.0)
        kept, left = with_helpers.values[index] or 0.0, without.values[index] or 0.0
        values[index] = float(round(kept + share * (left - kept)))
    return Watched(
        macro=DailySeries(with_helpers.first, tuple(values)),
        companion=drawn.with_helpers.companion,
        clicks=drawn.with_helpers.clicks,
    )


def _rates(knots: tuple[tuple[int, float], ...], day: NDArray[np.int64]) -> Days:
    """Sales a day."""
    return np.interp(day, [at for at, _ in knots], [per_month for _, per_month in knots]) / 30


def _late(rates: Days) -> Days:
    """Sales on the day on which they are made, of clicks that lead to so many."""
    of_clicks_before = np.full(LATEST_SALE, rates[0])
    return np.convolve(np.concatenate([of_clicks_before, rates]), _DELAYS, mode="valid")


def _delays() -> Days:
    """The share of sales that come so many days after the click."""
    until = ndtr((np.log(np.arange(1, LATEST_SALE + 2)) - np.log(MEDIAN_DELAY)) / DELAY_SPREAD)
    shares = np.diff(until, prepend=0.0)
    return np.asarray(shares / shares.sum())


_DELAYS = _delays()


def _factors(spell: Spell, into: NDArray[np.int64]) -> Days:
    """How many times as many sales there are on each day of a spell."""
    if not spell.ramp:
        return np.full(len(into), spell.factor)
    from_edge = np.minimum(into + 0.5, spell.days - into - 0.5)
    return np.asarray(1 + (spell.factor - 1) * np.minimum(from_edge / spell.ramp, 1))


def _befall(
    spell: Spell,
    inside: NDArray[np.bool_],
    factors: Days,
    sales: Days,
    seen: Days,
    recorded: Days,
    traffic: Days,
) -> None:
    sales[inside] *= factors
    if spell.factor > 0:
        seen[inside] *= factors
    recorded[inside] *= spell.recorded
    traffic[inside] *= spell.traffic


def _weekly(kind: Kind, day: NDArray[np.int64], rng: np.random.Generator) -> Days:
    """What the days of a week have in common."""
    if not kind.frailty:
        return np.ones(len(day))
    shape = 1 / kind.frailty**2
    weeks = rng.gamma(shape, 1 / shape, len(day) // 7 + 2)
    return np.asarray(weeks[np.arange(len(day)) // 7])


def _counts(rates: Days, rng: np.random.Generator) -> Days:
    return rng.poisson(rates).astype(np.float64)


def _watched(macro: Days, helper: Days | None, clicks: Days, before: int) -> Watched:
    first = FIRST_NIGHT - timedelta(days=before)
    return Watched(
        macro=DailySeries(first, tuple(macro.tolist())),
        companion=None if helper is None else DailySeries(first, tuple(helper.tolist())),
        clicks=DailySeries(first, tuple(clicks.tolist())),
    )
