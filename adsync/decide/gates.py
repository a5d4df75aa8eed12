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
from adsync.model.volume import DailySeries
from adsync.model.window import Window

Gate: TypeAlias = tuple[str, bool, str]
"""Name, passed, and what it saw."""

HELPER_DISPERSION_AT_MOST = 60.0
USABLE_HELPER_COUNT = 50
"""A thermometer with fewer readings in 12 weeks is none."""


@dataclass(frozen=True, slots=True)
class Thermometer:
    """Fourteen weeks of a frequent helper, and how lumpy its newest twelve are."""

    weeks: Weeks
    dispersion: float

    @classmethod
    def of(cls, series: Series) -> Thermometer | None:
        """None when there is no helper, or when it is too rare to tell anything."""
        if series.helper is None:
            return None
        weeks = Weeks.of(series.helper, series.last_day, 14)
        newest = weeks.counts[:12]
        if sum(newest) < USABLE_HELPER_COUNT:
            return None
        return cls(weeks, dispersion(newest, most=HELPER_DISPERSION_AT_MOST))


def gates(
    series: Series, weeks: Weeks, tamed: Sequence[float], phi: float, thermometer: Thermometer | None
) -> tuple[Gate, ...]:
    """The gates A to D; all must pass. Without a usable helper B and C give way to a second look at the macro.

    weeks: those of the macro, the newest twelve capped in ``tamed``.
    """
    fell_a = chance_it_fell(*weeks.total(1, 4, tamed), *weeks.total(5, 12, tamed), phi)
    found: list[Gate] = [_gate("macro, 4 weeks against 8", fell_a < 0.70, fell_a)]
    short = _short_weeks(weeks, phi)
    fell_short = chance_it_fell(*weeks.total(1, 2, short), *weeks.total(3, 8, short), phi)
    if thermometer is None:
        found.append(_gate("macro, 2 weeks against 6", fell_short < 0.70, fell_short))
    else:
        helper, phi_m = thermometer.weeks, thermometer.dispersion
        fell_b = chance_it_fell(*helper.total(1, 2), *helper.total(3, 8), phi_m)
        fell_c = chance_it_fell(*helper.total(1, 4), *helper.total(5, 12), phi_m)
        found.append(
            _gate(f"{series.helper_event}, 2 weeks against 6", not (fell_b >= 0.80 and fell_short >= 0.40), fell_b)
        )
        found.append(
            _gate(f"{series.helper_event}, 4 weeks against 8", not (fell_c >= 0.80 and fell_a >= 0.40), fell_c)
        )
    last_year = _fell_last_year(series)
    if last_year is not None:
        found.append(_gate("the same weeks of last year", last_year < 0.90, last_year))
    return tuple(found)


def fast_lane(weeks: Weeks, demand: float, phi: float, thermometer: Thermometer | None) -> bool:
    """Has the volume clearly jumped, the helper with it, so that six weeks are enough? weeks: fourteen of the macro."""
    if thermometer is None:
        return False
    six = [7 * n / d for n, d in zip(weeks.counts[:6], weeks.days[:6], strict=True) if d >= 2]
    if sum(weeks.days[:6]) < 25.2 or len(six) < 3:
        return False
    tamed = capped(weeks.counts[:6], weeks.days[:6], sorted(six)[2], 1.0, phi)
    if chance_at_least(sum(tamed), sum(weeks.days[:6]), demand * 4 / 3, phi) < 0.92:
        return False
    helper = thermometer.weeks
    helper_rose = 1 - chance_it_fell(*helper.total(1, 6), *_older(helper), thermometer.dispersion)
    return helper_rose > 0.95 and _ratio_rose(weeks, helper, phi) < 0.90


def _gate(name: str, passed: bool, fell: float) -> Gate:
    return (name, passed, f"{percent(fell)} likely to have fallen")


def _older(weeks: Weeks) -> tuple[float, int]:
    """The eight weeks before the newest six."""
    return weeks.total(7, 14)


def _short_weeks(weeks: Weeks, phi: float) -> list[float]:
    """The newest eight weeks capped by their median, for looks at two of them."""
    counts, days = weeks.counts[:8], weeks.days[:8]
    return capped(counts, days, weekly_median(counts, days), 2.0, phi)


def _ratio_rose(weeks: Weeks, helper: Weeks, phi: float) -> float:
    """P(macros per helper rose): a jump that the helper does not share may be a tag that counts twice."""
    new_macro, _ = weeks.total(1, 6)
    old_macro, _ = _older(weeks)
    new_helper, old_helper = helper.total(1, 6)[0], _older(helper)[0]
    if new_helper <= 0 or old_helper <= 0:
        return 1.0
    share = new_helper / (new_helper + old_helper)
    return 1 - float(betainc(new_macro / phi + 0.5, old_macro / phi + 0.5, share))


def _fell_last_year(series: Series) -> float | None:
    """P(fell by 15 % or more after this day of last year); None without 58 weeks of data."""
    pivot = series.last_day - timedelta(days=364)
    if (series.last_day - series.macro.first).days + 1 < 58 * 7:
        return None
    before, after = Window.ending(pivot, days=42), Window(pivot + timedelta(days=1), pivot + timedelta(days=56))
    source = _last_year_source(series, Window(before.first, after.last))
    old, old_days = source.total(before)
    new, new_days = source.total(after)
    phi = dispersion(
        Weeks.of(source, after.last, 14).counts, most=HELPER_DISPERSION_AT_MOST if source is series.helper else 4.0
    )
    return chance_it_fell(new, new_days * 0.85, old, old_days, phi)


def _last_year_source(series: Series, span: Window) -> DailySeries:
    if series.helper is not None and series.helper.total(span)[0] >= 100:
        return series.helper
    return series.macro
