"""Laws of outcome reviews: what was fixed stays, what comes later changes nothing, and the intervals are the textbook's."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adsync.decide.outcome_review import concluded
from adsync.decide.outcome_windows import BEFORE_WEEKS, BEFORE_WEEKS_AT_LEAST, windows
from adsync.decide.posterior import chance_it_fell
from adsync.decide.rate_ratio import Rates, ratio, ratio_of_ratios
from adsync.model.outcome_review import CampaignCounts, Doubt, Doubted, ReviewVerdict
from adsync.model.policy import Policy
from tests.review_worlds import CHANGED_ON, a_review, days_of, read_days, steps

POLICY = Policy()
REVIEW = a_review()
BESIDE = a_review(["2"])
TODAY = REVIEW.due_on

counts = st.integers(0, 400)
exposures = st.floats(1.0, 1e5)
dispersions = st.floats(1.0, 4.0)
rates = st.builds(Rates, after=counts, after_of=exposures, before=counts, before_of=exposures, dispersion=dispersions)
few = settings(max_examples=25)
"""For laws over whole windows: what could break them is broken by nearly any numbers."""


@st.composite
def days(draw: st.DrawFn) -> list[int]:
    """Macros of each day that is read. Drawn by a seed: a list of 126 numbers takes longer to make than to judge."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return [int(n) for n in rng.poisson(draw(st.floats(0.0, 9.0)), read_days(REVIEW))]


@given(rates)
def test_the_interval_of_a_ratio_is_that_of_two_gamma_posteriors(seen: Rates) -> None:
    found, (after, before) = ratio(seen), seen.shapes
    # The ratio of two Gamma variables of these shapes is beta prime.
    expected = stats.betaprime.ppf([0.5, 0.05, 0.95], after, before) * seen.before_of / seen.after_of
    assert [found.point, found.low, found.high] == pytest.approx(expected, rel=1e-6)
    assert found.low <= found.point <= found.high


@given(counts, counts, st.floats(0.1, 10))
def test_it_lies_within_the_exact_interval_of_the_conditional_binomial(new: int, old: int, times: float) -> None:
    """Clopper and Pearson's interval of the share of all counts that came after covers at least 90 %: it is the wider one."""
    if new + old == 0:
        return
    found = ratio(Rates(after=new, after_of=times, before=old, before_of=1.0, dispersion=1.0))
    exact = stats.binomtest(new, new + old).proportion_ci(0.90, method="exact")
    if old:
        assert found.high <= exact.high / (1 - exact.high) / times * (1 + 1e-9) if exact.high < 1 else True
    if new:
        assert found.low >= exact.low / (1 - exact.low) / times * (1 - 1e-9)


@given(counts, counts, st.floats(1, 90), st.floats(1, 90), dispersions)
def test_it_says_the_same_as_the_gates_of_the_demand_rule(
    new: int, old: int, new_days: float, old_days: float, phi: float
) -> None:
    found = ratio(Rates(after=new, after_of=new_days, before=old, before_of=old_days, dispersion=phi))
    assert (found.high < 1) == (chance_it_fell(new, new_days, old, old_days, phi) > 0.95)


@few
@given(st.integers(5, 300), st.integers(5, 300), st.integers(5, 300), st.integers(5, 300), st.integers(0, 2**32 - 1))
def test_the_difference_of_differences_is_what_simulation_says(a: int, b: int, c: int, d: int, seed: int) -> None:
    touched = Rates(after=a, after_of=28.0, before=b, before_of=56.0, dispersion=1.2)
    others = Rates(after=c, after_of=28.0, before=d, before_of=56.0, dispersion=1.0)
    rng = np.random.default_rng(seed)
    drawn = [rng.gamma(shape, size=4_000) for shape in (*touched.shapes, *others.shapes)]
    simulated = np.quantile(drawn[0] / drawn[1] * drawn[3] / drawn[2], [0.05, 0.95])
    found = ratio_of_ratios(touched, others)
    # The ends are quantiles of a log that is only nearly normal, and those of a simulation.
    assert np.log([found.low, found.high]) == pytest.approx(np.log(simulated), abs=0.2)


@few
@given(days(), days(), st.integers(0, 2**32 - 1))
def test_the_same_numbers_give_the_same_verdict_in_any_order(one: list[int], two: list[int], seed: int) -> None:
    rows = [*days_of(one), *days_of(two, "2")]
    shuffled = random.Random(seed).sample(rows, len(rows))
    first, second = (concluded(BESIDE, each, {}, (), POLICY, TODAY) for each in (rows, shuffled))
    assert first.verdict is second.verdict and first.doubts == second.doubts
    assert first.per_cost is not None and second.per_cost is not None
    assert first.per_cost.point == pytest.approx(second.per_cost.point)


@few
@given(days(), st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_nothing_that_comes_after_the_windows_changes_what_is_found(known: list[int], later: list[int]) -> None:
    beyond = [
        CampaignCounts(date=REVIEW.after.last + timedelta(days=1 + n), campaign_id="1", macros=m, clicks=9, cost=99.0)
        for n, m in enumerate(later)
    ]
    rows = days_of(known)
    assert concluded(REVIEW, [*rows, *beyond], {}, (), POLICY, TODAY) == concluded(REVIEW, rows, {}, (), POLICY, TODAY)


@few
@given(days(), st.integers(0, 27), st.integers(0, 500), st.sampled_from([Doubt.SEASON, Doubt.TAG]))
def test_the_numbers_of_a_day_that_is_set_aside_are_irrelevant(
    known: list[int], day: int, other: int, why: Doubt
) -> None:
    on = REVIEW.after.first + timedelta(days=day)
    rows = days_of(known)
    changed = [replace(row, macros=other, cost=1.0) if row.date == on else row for row in rows]
    first, second = (concluded(REVIEW, each, {on: why}, (), POLICY, TODAY) for each in (rows, changed))
    assert first == second and first.after is not None and first.after.days == 21


@few
@given(days(), st.floats(0.01, 1000))
def test_the_currency_is_irrelevant(known: list[int], rate: float) -> None:
    rows = days_of(known)
    dearer = [replace(row, cost=row.cost * rate) for row in rows]
    first, second = (concluded(REVIEW, each, {}, (), POLICY, TODAY) for each in (rows, dearer))
    assert first.verdict is second.verdict
    assert first.per_cost is not None and second.per_cost is not None
    assert first.per_cost.point == pytest.approx(second.per_cost.point)


@few
@given(days(), st.sampled_from([d for d in Doubt if d is not Doubt.TOO_LITTLE]))
def test_what_is_in_doubt_is_never_decided(known: list[int], doubt: Doubt) -> None:
    said = Doubted(doubt=doubt, saw="Something else happened.")
    found = concluded(REVIEW, days_of(known), {}, [said], POLICY, TODAY)
    assert found.verdict is ReviewVerdict.INCONCLUSIVE and said in found.doubts


@few
@given(days(), days())
def test_more_macros_after_the_change_are_never_a_lower_ratio(known: list[int], more: list[int]) -> None:
    rows = days_of(known)
    raised = [
        replace(row, macros=row.macros + extra) if row.date in REVIEW.after else row
        for row, extra in zip(rows, more, strict=True)
    ]
    first, second = (concluded(REVIEW, each, {}, (), POLICY, TODAY).per_cost for each in (rows, raised))
    assert first is not None and second is not None and second.point >= first.point - 1e-9


@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.none() | st.integers(1, 400), st.booleans())
def test_windows_are_whole_weeks_around_the_change(on: date, ago: int | None, late: bool) -> None:
    earlier = None if ago is None else on - timedelta(days=ago)
    before, after = windows(on, earlier, late=late)
    assert len(before) % 7 == len(after) % 7 == 0
    assert before.last < on and (after.first - on).days == (29 if late else 15)
    assert BEFORE_WEEKS_AT_LEAST <= len(before) // 7 <= BEFORE_WEEKS
    if earlier is not None and (on - earlier).days > 28:
        assert before.first > earlier


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (4.0, 4.0, ReviewVerdict.HELD),
        (4.0, 2.4, ReviewVerdict.REGRESSED),
        (4.0, 6.0, ReviewVerdict.IMPROVED),
        (1.0, 0.9, ReviewVerdict.INCONCLUSIVE),
        # Sure, and too small to matter.
        (400.0, 380.0, ReviewVerdict.HELD),
    ],
)
def test_what_a_plain_step_is_called(before: float, after: float, verdict: ReviewVerdict) -> None:
    found = concluded(REVIEW, days_of(steps(before, after, REVIEW)), {}, (), POLICY, TODAY)
    assert found.verdict is verdict
    assert [d.doubt for d in found.doubts] == ([Doubt.TOO_LITTLE] if verdict is ReviewVerdict.INCONCLUSIVE else [])


def test_what_all_campaigns_lose_is_not_put_down_to_the_change() -> None:
    rows = [*days_of(steps(8.0, 5.0, BESIDE)), *days_of(steps(9.0, 5.6, BESIDE), "2")]
    alone = concluded(REVIEW, rows, {}, (), POLICY, TODAY)
    beside = concluded(BESIDE, rows, {}, (), POLICY, TODAY)
    assert (alone.verdict, beside.verdict) == (ReviewVerdict.REGRESSED, ReviewVerdict.HELD)
    assert alone.others_before is None and beside.others_before is not None


def test_a_campaign_that_rests_is_no_regression() -> None:
    running = days_of(steps(3.0, 3.0, REVIEW), "1")
    resting = [row for row in days_of(steps(3.0, 0.0, REVIEW), "3") if row.date < CHANGED_ON]
    found = concluded(replace(REVIEW, campaigns=("1", "3")), [*running, *resting], {}, (), POLICY, TODAY)
    assert [d.doubt for d in found.doubts] == [Doubt.PAUSED] and "50 %" in found.doubts[0].saw


@pytest.mark.parametrize(("after", "cost", "doubt"), [(3.2, 25.0, "spend"), (4.0, 100.0, "spend"), (9.0, 100.0, "")])
def test_what_much_more_or_less_money_explains_is_not_put_down_to_the_change(
    after: float, cost: float, doubt: str
) -> None:
    rows = [replace(row, cost=cost) if row.date >= CHANGED_ON else row for row in days_of(steps(4.0, after, REVIEW))]
    found = concluded(REVIEW, rows, {}, (), POLICY, TODAY)
    assert [d.doubt.value for d in found.doubts] == ([doubt] if doubt else [])


def test_too_few_weeks_left_say_why() -> None:
    aside = {REVIEW.after.first + timedelta(days=7 * n): Doubt.SEASON for n in range(2)}
    found = concluded(REVIEW, days_of(steps(4.0, 2.0, REVIEW)), aside, (), POLICY, TODAY)
    assert [d.doubt for d in found.doubts] == [Doubt.SEASON] and "declared season" in found.doubts[0].saw


@pytest.mark.parametrize(("before", "after", "cost"), [(0.3, 3.0, 50.0), (4.0, 1.0, 1.0)])
def test_under_the_floor_nothing_is_said_however_clear_it_looks(before: float, after: float, cost: float) -> None:
    rows = [replace(row, cost=cost) if row.date >= CHANGED_ON else row for row in days_of(steps(before, after, REVIEW))]
    found = concluded(REVIEW, rows, {}, (), POLICY, TODAY)
    assert [d.doubt for d in found.doubts] == [Doubt.TOO_LITTLE] and "20 and 10 are asked" in found.doubts[0].saw
