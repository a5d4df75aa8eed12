"""Laws of all guards on numbers: day by day is the same as at once, the future is not read, and none retires anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adsync.decide.demand import evaluate
from adsync.decide.episodes import NOTHING_SEEN, Watch, Watched, day_by_day
from adsync.decide.guards import evidence, holds_of, notes_of
from adsync.decide.notices import notice, notices
from adsync.decide.ratio import chance_of_fewer, chance_of_more
from adsync.decide.watch import look, watch
from adsync.model.decision import Counters
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from tests.builders import TODAY, a_helper
from tests.property.generated import Dice, thrown

LAWS = settings(max_examples=30)
FIRST = TODAY - timedelta(days=150)

Fold = Callable[[Watch, Watched, date, Policy], Watch]
Whole = Callable[[Watched, date, Policy], Watch]


def all_notices(seen: Watched, last_day: date, policy: Policy) -> Watch:
    """Of the whole history, however long ago."""
    return day_by_day(notice, seen, last_day, policy)


BOTH: list[tuple[Fold, Whole]] = [(look, watch), (notice, all_notices)]


def a_life(dice: Dice, days: int = 150) -> Watched:
    """Everything that is watched, with all that may befall it, of known and unknown days."""
    columns: dict[str, list[float | None]] = {
        name: [] for name in ("macro", "companion", "clicks", "sold", "cost", "value", "ad_sessions")
    }
    while len(columns["macro"]) < days:
        rate = dice.pick(0.5, 2.0, 6.0, 20.0)
        trouble = dice.pick(
            "", "", "silent", "twice", "half", "paused", "spike", "worthless", "same", "tenfold", "gap", "banner"
        )
        for day in range(dice.pick(9, 21, 42)):
            odd = trouble if day < dice.pick(3, 8, 15) else ""
            noise = dice.pick(0.0, 1.0, 1.0, 2.0)
            bought = rate * noise * {"paused": 0.0, "spike": 20.0 if day == 2 else 1.0}.get(odd, 1.0)
            counted = bought * {"silent": 0.0, "twice": 2.0, "half": 0.3}.get(odd, 1.0)
            each = dice.pick(30.0, 50.0, 80.0)
            each = {"worthless": 0.0, "same": 1.0, "tenfold": 10 * each}.get(odd, each)
            traffic = 0.1 if odd == "paused" else 1.0
            today = (
                *(counted, rate * (2 + 2 * noise) * traffic, 100 * traffic, 3 * bought, 50 * traffic, counted * each),
                80 * traffic * (0.4 if odd == "banner" else 1.0),
            )
            for (name, column), value in zip(columns.items(), today, strict=True):
                column.append(None if odd == "gap" and dice.pick(True, False) and name != "value" else value)
    series = {name: DailySeries(FIRST, tuple(column[:days])) for name, column in columns.items()}
    return Watched(
        macro=series["macro"],
        companion=dice.pick(series["companion"], None),
        clicks=dice.pick(series["clicks"], None),
        sold=dice.pick(series["sold"], None),
        cost=dice.pick(series["cost"], None),
        value=dice.pick(series["value"], None),
        ad_sessions=dice.pick(series["ad_sessions"], None),
        on_value=dice.pick(True, False),
    )


def changed_after(seen: Watched, last: date, after: float) -> Watched:
    def cut(series: DailySeries | None) -> DailySeries | None:
        if series is None:
            return None
        kept = (last - series.first).days + 1
        return DailySeries(series.first, (*series.values[:kept], *[after] * (len(series.values) - kept)))

    macro, *others = (cut(series) for series in seen.series)
    assert macro is not None
    names = ("companion", "clicks", "sold", "cost", "value", "ad_sessions")
    return Watched(macro=macro, on_value=seen.on_value, **dict(zip(names, others, strict=True)))


@pytest.mark.parametrize(("fold", "whole"), BOTH)
@LAWS
@given(dice=thrown(1000))
def test_day_by_day_is_the_same_as_at_once(fold: Fold, whole: Whole, dice: Dice) -> None:
    seen = a_life(dice)
    found = NOTHING_SEEN
    for day in Window(seen.macro.first, seen.macro.last):
        found = fold(found, seen, day, Policy())
        assert fold(found, seen, day, Policy()) == found, "a second look at a day sees nothing new"
        assert all(e.since <= e.until <= day and e.factor > 0 for e in found.episodes)
        assert all(e.since <= flagged <= e.until for e in found.episodes for flagged in e.flagged)
    assert found == whole(seen, seen.macro.last, Policy())


@settings(max_examples=60)
@given(dice=thrown(1000), days=st.integers(0, 149))
def test_what_lies_behind_a_quiet_week_is_not_needed_for_a_note(dice: Dice, days: int) -> None:
    seen = a_life(dice)
    last = seen.macro.first + timedelta(days=days)
    assert notices(seen, last, Policy()).lasting(last) == all_notices(seen, last, Policy()).lasting(last)


@pytest.mark.parametrize(("fold", "whole"), BOTH)
@LAWS
@given(dice=thrown(1000), days=st.integers(70, 148), after=st.sampled_from([0.0, 50.0]))
def test_the_future_is_not_read(fold: Fold, whole: Whole, dice: Dice, days: int, after: float) -> None:
    seen = a_life(dice)
    last = seen.macro.first + timedelta(days=days)
    assert whole(seen, last, Policy()) == whole(changed_after(seen, last, after), last, Policy())


@LAWS
@given(dice=thrown(1000), days=st.integers(70, 149))
def test_what_holds_retires_nobody_and_what_is_noted_holds_nothing(dice: Dice, days: int) -> None:
    policy, seen = Policy(), a_life(dice)
    last = seen.macro.first + timedelta(days=days)
    today = last + timedelta(days=1)
    watched = watch(seen, last, policy)
    holds, notes = holds_of(policy, "purchase", watched, last, today), notes_of(policy, "purchase", seen, watched, last)
    assert all(note.note and not note.returns_too and note.saw and note.todo for note in notes)
    assert all(not hold.note and hold.saw and hold.todo for hold in holds)
    shown = Counters(checked_on=today - timedelta(days=7), above=9)
    series = evidence(policy, seen, watched, last)
    decision, _ = evaluate(policy, shown, [a_helper()], None, series, holds, today)
    assert not holds or decision.verdict == "hold"


@LAWS
@given(st.integers(0, 200), st.integers(0, 400), st.floats(0.01, 0.99))
def test_without_dispersion_a_ratio_is_binomial(new: int, old: int, share: float) -> None:
    assert chance_of_more(new, old, share, 1.0) == pytest.approx(stats.binom.sf(new - 1, new + old, share), abs=1e-9)
    assert chance_of_fewer(new, old, share, 1.0) == pytest.approx(stats.binom.cdf(new, new + old, share), abs=1e-9)


@LAWS
@given(st.floats(1, 200), st.floats(1, 400), st.floats(0.02, 0.9), st.floats(1, 4))
def test_a_lumpy_macro_makes_a_sudden_ratio_less_of_a_wonder(new: float, old: float, share: float, phi: float) -> None:
    for chance in (chance_of_more, chance_of_fewer):
        even = chance(new, old, share, 1.0)
        if even < 0.05:
            assert chance(new, old, share, phi) >= even - 1e-12


@LAWS
@given(dice=thrown(400), clicks=st.integers(20, 3000), left=st.floats(0.0, 1.0))
def test_sessions_from_ads_that_go_along_with_the_clicks_are_never_worth_a_note(
    dice: Dice, clicks: int, left: float
) -> None:
    """However many clicks there are, and whatever becomes of them."""
    paid = tuple(float(round(clicks * dice.pick(0.5, 1.0, 1.5) * (left if day > 140 else 1.0))) for day in range(150))
    arrived = tuple(0.75 * n for n in paid)
    seen = Watched(
        macro=DailySeries(FIRST, (1.0,) * 150), clicks=DailySeries(FIRST, paid), ad_sessions=DailySeries(FIRST, arrived)
    )
    found = all_notices(seen, seen.macro.last, Policy())
    assert "ad_sessions" not in {e.code for e in found.episodes}


@pytest.mark.parametrize(
    ("clicks", "lost", "seen"), [(70, 0.5, 0.82), (150, 0.5, 0.98), (70, 0.4, 0.48), (150, 0.4, 0.89)]
)
def test_a_fall_of_sessions_from_ads_is_seen_within_a_week_as_often_as_is_said(
    clicks: int, lost: float, seen: float
) -> None:
    """docs/statistics.md, "Consent": steady clicks of which three quarters are sessions, more or fewer from day to day."""
    accounts, found = 60, 0
    for seed in range(accounts):
        dice = np.random.default_rng((seed, clicks))
        paid = dice.poisson(clicks / 7, 91)
        share = dice.beta(15, 5, 91) * np.where(np.arange(91) < 84, 1, 1 - lost)
        columns = (np.ones(91), paid.astype(float), dice.binomial(paid, share).astype(float))
        macro, paid_for, arrived = (DailySeries(FIRST, tuple(column.tolist())) for column in columns)
        noted = all_notices(Watched(macro=macro, clicks=paid_for, ad_sessions=arrived), macro.last, Policy())
        found += any(e.code == "ad_sessions" and e.until > FIRST + timedelta(days=83) for e in noted.episodes)
    assert abs(found / accounts - seen) < 3 * (seen * (1 - seen) / accounts) ** 0.5
