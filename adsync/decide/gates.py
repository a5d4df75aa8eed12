"""What is asked on the day of a retirement: does the macro, or a more frequent helper, look as if it were falling?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from scipy.special import betainc

from adsync.decide.posterior import capped, chance_at_least, chance_it_fell, dispersion, weekly_median
from adsync.decide.weeks import Weeks
from adsync.model.decision import Series
from adsync.model.figures import percent
from adsync.model.policy import WEEKS_BEFORE_JUMP, Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

Gate: TypeAlias = tuple[str, bool, str]
"""Name, passed, and what it saw."""

HELPER_DISPERSION_AT_MOST = 60.0
USABLE_HELPER_COUNT = 50
"""A thermometer with fewer readings in 12 weeks is none."""

LAST_YEAR_WEEKS, LAST_YEAR_SHARE = 58, 0.85
"""Data from which last year can be asked; a fall by less than the rest of this share is none."""

JUMP_CAP = 1.0
"""Of the weeks of a jump none counts for more than the third smallest and so many standard deviations."""

HELPER_ROSE, RATIO_ROSE = 0.95, 0.90
"""How sure the helper's rise must be, and how sure a rise of macros against it may at most be, for the fast lane."""


@dataclass(frozen=True, slots=True)
class Thermometer:
    """The weeks of a frequent helper, and how lumpy its newest twelve are."""

    weeks: Weeks
    dispersion: float

    @classmethod
    def of(cls, series: Series, policy: Policy) -> Thermometer | None:
        """None when there is no helper, or when it is too rare to tell anything."""
        if series.helper is None:
            return None
        weeks = Weeks.of(series.helper, series.last_day, policy.evidence_weeks)
        newest = weeks.counts[:12]
        if sum(newest) < USABLE_HELPER_COUNT:
            return None
        return cls(weeks, dispersion(newest, policy, most=HELPER_DISPERSION_AT_MOST))


def gates(
    policy: Policy,
    series: Series,
    weeks: Weeks,
    tamed: Sequence[float],
    phi: float,
    thermometer: Thermometer | None,
) -> tuple[Gate, ...]:
    """The gates A to D; all must pass. Without a usable helper B and C give way to a second look at the macro.

    weeks: those of the macro, capped in ``tamed``.
    """
    fell_a = chance_it_fell(*weeks.total(1, 4, tamed), *weeks.total(5, 12, tamed), phi)
    found: list[Gate] = [_gate("macro, 4 weeks against 8", fell_a < policy.gate_macro, fell_a)]
    short = _short_weeks(weeks, policy, phi)
    fell_short = chance_it_fell(*weeks.total(1, 2, short), *weeks.total(3, 8, short), phi)
    if thermometer is None:
        found.append(_gate("macro, 2 weeks against 6", fell_short < policy.gate_macro, fell_short))
    else:
        helper, phi_m = thermometer.weeks, thermometer.dispersion
        fell_b = chance_it_fell(*helper.total(1, 2), *helper.total(3, 8), phi_m)
        fell_c = chance_it_fell(*helper.total(1, 4), *helper.total(5, 12), phi_m)
        both_b = fell_b >= policy.gate_helper and fell_short >= policy.gate_macro_joins
        both_c = fell_c >= policy.gate_helper and fell_a >= policy.gate_macro_joins
        found.append(_gate(f"{series.helper_event}, 2 weeks against 6", not both_b, fell_b))
        found.append(_gate(f"{series.helper_event}, 4 weeks against 8", not both_c, fell_c))
    last_year = _fell_last_year(series, policy)
    if last_year is not None:
        found.append(_gate("the same weeks of last year", last_year < policy.gate_last_year, last_year))
    return tuple(found)


def fast_lane(policy: Policy, weeks: Weeks, phi: float, thermometer: Thermometer | None) -> bool:
    """Has the volume clearly jumped, the helper with it, so that a few weeks are enough? weeks: those of the macro."""
    if thermometer is None or not policy.fast_lane:
        return False
    few = policy.fast_weeks
    counts, days = weeks.counts[:few], weeks.days[:few]
    full = [7 * n / d for n, d in zip(counts, days, strict=True) if d >= 2]
    if sum(days) < policy.minimum_usable * 7 * few or len(full) < 3:
        return False
    tamed = capped(counts, days, sorted(full)[2], JUMP_CAP, phi)
    if chance_at_least(sum(tamed), sum(days), policy.demand * policy.fast_times, phi) < policy.fast_confidence:
        return False
    helper = thermometer.weeks
    helper_rose = 1 - chance_it_fell(*helper.total(1, few), *_before(helper, few), thermometer.dispersion)
    return helper_rose > HELPER_ROSE and _ratio_rose(weeks, helper, few, phi) < RATIO_ROSE


def _gate(name: str, passed: bool, fell: float) -> Gate:
    return (name, passed, f"{percent(fell)} likely to have fallen")


def _before(weeks: Weeks, newest: int) -> tuple[float, int]:
    """The weeks before the newest with which a jump is compared."""
    return weeks.total(newest + 1, newest + WEEKS_BEFORE_JUMP)


def _short_weeks(weeks: Weeks, policy: Policy, phi: float) -> list[float]:
    """The newest eight weeks capped by their median, for looks at two of them."""
    counts, days = weeks.counts[:8], weeks.days[:8]
    return capped(counts, days, weekly_median(counts, days), policy.week_cap, phi)


def _ratio_rose(weeks: Weeks, helper: Weeks, newest: int, phi: float) -> float:
    """P(macros per helper rose): a jump that the helper does not share may be a tag that counts twice."""
    new_macro, _ = weeks.total(1, newest)
    old_macro, _ = _before(weeks, newest)
    new_helper, old_helper = helper.total(1, newest)[0], _before(helper, newest)[0]
    if new_helper <= 0 or old_helper <= 0:
        return 1.0
    share = new_helper / (new_helper + old_helper)
    return 1 - float(betainc(new_macro / phi + 0.5, old_macro / phi + 0.5, share))


def _fell_last_year(series: Series, policy: Policy) -> float | None:
    """P(fell by 15 % or more after this day of last year); None without 58 weeks of data."""
    pivot = series.last_day - timedelta(days=364)
    if (series.last_day - series.macro.first).days + 1 < LAST_YEAR_WEEKS * 7:
        return None
    before, after = Window.ending(pivot, days=42), Window(pivot + timedelta(days=1), pivot + timedelta(days=56))
    source = _last_year_source(series, Window(before.first, after.last))
    old, old_days = source.total(before)
    new, new_days = source.total(after)
    most = HELPER_DISPERSION_AT_MOST if source is series.helper else None
    phi = dispersion(Weeks.of(source, after.last, 14).counts, policy, most=most)
    return chance_it_fell(new, new_days * LAST_YEAR_SHARE, old, old_days, phi)


def _last_year_source(series: Series, span: Window) -> DailySeries:
    if series.helper is not None and series.helper.total(span)[0] >= 100:
        return series.helper
    return series.macro
