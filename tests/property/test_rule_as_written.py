"""The demand rule against its formulas, written out a second time over plain lists.

Days are counted backwards: day 1 is the last usable one. Whatever the code makes of dates, windows and classes must come
to the same numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from math import sqrt
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betainc, gammainc, gammaincc

from adsync.decide.demand import evaluate, standing
from adsync.decide.episodes import NOTHING_SEEN, Watched
from adsync.decide.watch import look
from adsync.model.decision import Counters, Series
from adsync.model.figures import percent
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from tests.builders import TODAY, a_helper, a_last_change
from tests.property.generated import Dice, thrown

Days = Sequence[float | None]


def known(days: Days, newest: int, oldest: int) -> tuple[float, int]:
    """Sum and number of the usable days ``newest`` to ``oldest``, counted from the end."""
    wanted = [days[-n] for n in range(newest, oldest + 1) if n <= len(days)]
    usable = [x for x in wanted if x is not None]
    return sum(usable), len(usable)


def weeks(days: Days, how_many: int) -> list[tuple[float, int]]:
    """Sum and days of each week, the newest first."""
    return [known(days, 7 * w + 1, 7 * w + 7) for w in range(how_many)]


def dispersion(counts: Sequence[float], most: float) -> float:
    pairs = len(counts) - 1
    variance = sum((counts[i] - counts[i - 1]) ** 2 for i in range(1, len(counts))) / (2 * pairs)
    mean = max(sum(counts) / len(counts), 0.5)
    return min(max((8 * 1.2 + pairs * variance / mean) / (8 + pairs), 1.0), most)


def usual(of: Sequence[tuple[float, int]]) -> float:
    scaled = [7 * n / e for n, e in of if e >= 2]
    return median(scaled) if scaled else 0.0


def tame(of: Sequence[tuple[float, int]], level: float, spread: float, phi: float) -> list[tuple[float, int]]:
    limit = level + spread * sqrt(phi * max(level, 1.0))
    return [(min(n, limit * e / 7), e) for n, e in of]


def total(of: Sequence[tuple[float, int]]) -> tuple[float, int]:
    return sum(n for n, _ in of), sum(e for _, e in of)


def fell(new: tuple[float, float], old: tuple[float, float], phi: float) -> float:
    if new[1] <= 0 or old[1] <= 0:
        return 0.5
    return float(betainc(new[0] / phi + 0.5, old[0] / phi + 0.5, new[1] / (new[1] + old[1])))


class AsWritten:
    """All figures of one evening. out: the places of days that are known and yet no evidence, in ``macro``."""

    def __init__(
        self,
        macro: Days,
        helper: Days | None,
        demand: float = 30.0,
        comes_back: float = 20.0,
        out: Collection[int] = (),
    ) -> None:
        self.raw, self.demand = macro, demand
        self.macro = [None if place in out else x for place, x in enumerate(macro)]
        raw = weeks(self.macro, 12)
        self.phi = phi = dispersion([n for n, _ in weeks(macro, 12)], 4.0)
        tamed = tame(raw, usual(raw), 2.0, phi)
        self.counted, self.days = total(tamed)
        self.above = float(gammaincc(self.counted / phi + 0.5, demand / 30 * self.days / phi))
        self.recent, self.recent_days = total(raw[:4])
        self.below = float(gammainc(self.recent / phi + 0.5, comes_back / 30 * self.recent_days / phi))
        self.misses_demand = float(gammainc(self.recent / phi + 0.5, demand / 30 * self.recent_days / phi))
        thermometer = helper if helper is not None and total(weeks(helper, 12))[0] >= 50 else None
        self.gates = self._gates(raw, tamed, thermometer, helper)
        self.quick = thermometer is not None and self._quick(raw, thermometer)

    def _gates(
        self,
        raw: list[tuple[float, int]],
        tamed: list[tuple[float, int]],
        helper: Days | None,
        for_last_year: Days | None,
    ) -> list[tuple[bool, float]]:
        a = fell(total(tamed[:4]), total(tamed[4:12]), self.phi)
        short = tame(raw[:8], usual(raw[:8]), 2.0, self.phi)
        two = fell(total(short[:2]), total(short[2:8]), self.phi)
        found = [(a < 0.70, a)]
        if helper is None:
            found.append((two < 0.70, two))
        else:
            of = weeks(helper, 14)
            phi_m = dispersion([n for n, _ in of[:12]], 60.0)
            b = fell(total(of[:2]), total(of[2:8]), phi_m)
            c = fell(total(of[:4]), total(of[4:12]), phi_m)
            found.append((not (b >= 0.80 and two >= 0.40), b))
            found.append((not (c >= 0.80 and a >= 0.40), c))
        if len(self.macro) >= 58 * 7:
            found.append(self._last_year(for_last_year))
        return found

    def _last_year(self, helper: Days | None) -> tuple[bool, float]:
        # Today's place in the calendar of last year is day 365; 42 days up to it, 56 after it.
        pivot = 365
        source, most = self.raw, 4.0
        if helper is not None and known(helper, pivot - 56, pivot + 41)[0] >= 100:
            source, most = helper, 60.0
        before, after = known(source, pivot, pivot + 41), known(source, pivot - 56, pivot - 1)
        of = [known(source, pivot - 56 + 7 * w, pivot - 50 + 7 * w)[0] for w in range(14)]
        d = fell((after[0], after[1] * 0.85), before, dispersion(of, most))
        return d < 0.90, d

    def _quick(self, raw: list[tuple[float, int]], helper: Days) -> bool:
        six = raw[:6]
        scaled = sorted(7 * n / e for n, e in six if e >= 2)
        if sum(e for _, e in six) < 25.2 or len(scaled) < 3:
            return False
        count, days = total(tame(six, scaled[2], 1.0, self.phi))
        jumped = float(gammaincc(count / self.phi + 0.5, 4 / 3 * self.demand / 30 * days / self.phi))
        of = weeks(helper, 14)
        (m6, e6), (m8, e8) = total(of[:6]), total(of[6:14])
        rose = 1 - fell((m6, e6), (m8, e8), dispersion([n for n, _ in of[:12]], 60.0))
        n6, n8 = total(raw[:6])[0], total(weeks(self.macro, 14)[6:14])[0]
        if m6 <= 0 or m8 <= 0:
            return False
        ratio = 1 - float(betainc(n6 / self.phi + 0.5, n8 / self.phi + 0.5, m6 / (m6 + m8)))
        return jumped >= 0.92 and rose > 0.95 and ratio < 0.90

    def fell_after(self, change_days_ago: int) -> bool:
        """Did the volume clearly fall after a retirement, and under the demand?"""
        # A change of yesterday was made on day 1; the twelve weeks before it begin on day 2.
        before = known(self.raw, change_days_ago + 1, change_days_ago + 84)[0]
        hurt = fell((self.recent, self.recent_days), (before, 84), self.phi) >= 0.99
        return hurt and self.misses_demand >= 0.80


def a_life(
    dice: Dice,
    days: int,
    turned: Sequence[int] = (14, 28, 42, 56, 84),
    to: Sequence[float] = (0.3, 0.8, 1.0, 1.3, 2, 6),
) -> tuple[list[float | None], list[float | None] | None]:
    """A macro that jumps, falls or stays, with gaps; and a helper that goes along or does not.

    turned: how many days ago that may have been. to: the times by which the volume may have changed then.
    """
    rate, later = dice.pick(0.3, 1.0, 1.5, 2.5, 4.0), dice.pick(*to)
    turn = days - dice.pick(*turned)
    helper_later = dice.pick(later, later, 0.75 * later, 1.0, 0.7)
    gap = dice.pick(0, 0, 0, 5, 3)
    often = dice.pick(0, 1, 4, 4, 12)
    macro: list[float | None] = []
    helper: list[float | None] = []
    for day in range(days):
        noise = dice.pick(0.0, 0.5, 1.0, 1.0, 1.5, 2.0)
        usable = not gap or dice.pick(*range(gap)) > 0
        macro.append(rate * noise * (later if day >= turn else 1.0) if usable else None)
        helper.append(often * rate * (0.5 + noise / 2) * (helper_later if day >= turn else 1.0))
    return macro, helper if often else None


def read(macro: Days, helper: Days | None) -> Series:
    last = TODAY - timedelta(days=1)

    def dated(days: Days) -> DailySeries:
        return DailySeries(last - timedelta(days=len(days) - 1), tuple(days))

    return Series(
        macro=dated(macro), last_day=last, helper=dated(helper) if helper else None, helper_event="h" if helper else ""
    )


@settings(max_examples=150)
@given(st.sampled_from([60, 98, 150]), thrown(320), st.sampled_from([20.0, 30.0, 50.0]))
def test_every_figure_of_an_evening_is_as_written(days: int, dice: Dice, demand: float) -> None:
    check(*a_life(dice, days), demand)


@settings(max_examples=40)
@given(st.sampled_from([405, 406, 440]), thrown(900))
def test_every_figure_of_an_evening_after_a_year_is_as_written(days: int, dice: Dice) -> None:
    check(*a_life(dice, days, turned=(364, 350, 330), to=(0.3, 0.6, 0.8, 1.0)), 30.0)


@settings(max_examples=300)
@given(st.sampled_from([90, 98, 120]), thrown(260))
def test_a_jump_takes_the_fast_lane_where_it_is_written(days: int, dice: Dice) -> None:
    macro, helper = a_life(dice, days, turned=(28, 35, 42, 49), to=(1.5, 2.0, 2.5, 3.0))
    assert standing(Policy(), read(macro, helper)).fast_lane == AsWritten(macro, helper).quick


@settings(max_examples=200)
@given(thrown(320), st.sampled_from([33, 34, 35, 70, 80]))
def test_a_sudden_ratio_is_held_where_it_is_written(dice: Dice, days: int) -> None:
    rate, times, gap = dice.pick(0.5, 1, 3, 10), dice.pick(1, 1.4, 1.6, 2, 3), dice.pick(0, 0, 8)
    macro: list[float | None] = []
    helper: list[float | None] = []
    for day in range(days):
        risen = times if day >= days - 7 else 1
        macro.append(None if gap and not dice.pick(*range(gap)) else dice.pick(0.2, 0.5, 1.0, 1.5, 2.0) * rate * risen)
        helper.append(None if gap and not dice.pick(*range(gap)) else dice.pick(2.0, 4.0, 5.0, 6.0) * rate)
    both = [(x, m) for x, m in zip(macro, helper, strict=True) if x is not None and m is not None]
    known_days = sum(1 for x, m in zip(macro[-63:], helper[-63:], strict=True) if x is not None and m is not None)
    newest, older = both[-7:], both[-known_days:-7]
    expected = False
    if len(older) >= 28:
        (x1, m1), (x0, m0) = (tuple(map(sum, zip(*part, strict=True))) for part in (newest, older))
        share = (m1 + 1) / (m1 + m0 + 2)
        rare = x1 >= 1 and stats.binom.sf(round(x1) - 1, round(x0 + x1), share) < 0.002
        expected = rare and (x1 + 0.5) / (m1 + 0.5) / ((x0 + 0.5) / (m0 + 0.5)) >= 1.4
    series = read(macro, helper)
    seen = look(NOTHING_SEEN, Watched(macro=series.macro, companion=series.helper), series.last_day, Policy())
    assert [episode.code for episode in seen.episodes] == (["ratio"] if expected else [])


def check(macro: Days, helper: Days | None, demand: float) -> None:
    written = AsWritten(macro, helper, demand, comes_back=demand / 2)
    now = standing(Policy(demand_per_30_days=demand, return_per_30_days=demand / 2), read(macro, helper))
    assert (now.effective_days, now.recent_days) == (written.days, written.recent_days)
    assert (now.counted, now.recent) == pytest.approx((written.counted, written.recent))
    assert now.dispersion == pytest.approx(written.phi)
    assert (now.above_chance, now.below_chance) == pytest.approx((written.above, written.below), abs=1e-9)
    assert now.fast_lane == written.quick
    assert [(passed, saw) for _, passed, saw in now.gates] == [
        (passed, f"{percent(f)} likely to have fallen") for passed, f in written.gates
    ]
    assert now.starved == (written.recent_days >= 16.8 and written.misses_demand >= 0.80)


@settings(max_examples=150)
@given(thrown(500), st.integers(0, 130), st.sampled_from(["down", "down", "down", "up", "first"]))
def test_what_a_check_counts_is_as_written(dice: Dice, change_days_ago: int, direction: str) -> None:
    macro, helper = a_life(dice, 240, turned=(change_days_ago or 1,), to=(0.2, 0.3, 0.4, 0.6, 0.8, 1.0))
    written = AsWritten(macro, helper)
    asked = Counters(checked_on=TODAY - timedelta(days=7), above=2, below=1)
    last = a_last_change(change_days_ago, direction)
    _, counters = evaluate(
        Policy(), asked, [a_helper(), a_helper("201", primary=False)], last, read(macro, helper), (), TODAY
    )
    counted = (2, 1) if change_days_ago > 7 else (0, 0)
    level = written.above >= 0.95 and written.days >= 50.4
    low = written.below >= 0.80
    blamed = direction == "down" and 29 <= change_days_ago <= 112 and written.fell_after(change_days_ago)
    returns = (low or blamed) and written.recent_days >= 16.8
    assert counters.above == (counted[0] + 1 if level else 0)
    assert counters.below == (counted[1] + 1 if returns else 0)
