"""Laws of funnels: what is the same is not called different, and what is different is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adsync.model.funnel import VISITORS, FunnelCount
from adsync.model.segment import EVERYBODY, Segment
from adsync.score.funnel import differences, drop_off_in, funnel_steps

STEPS = ("view_item", "add_to_cart", "purchase")
SHARES = (0.8, 0.4, 0.3)
MOBILE, DESKTOP = Segment("device", "mobile"), Segment("device", "desktop")


def a_count(reached: tuple[int, ...], segment: Segment = EVERYBODY) -> FunnelCount:
    return FunnelCount(segment=segment, reached=reached, median_seconds=(None, *(60.0 for _ in reached[1:])))


def drawn(visitors: int, dice: np.random.Generator, shares: tuple[float, ...] = SHARES) -> tuple[int, ...]:
    found = [visitors]
    for share in shares:
        found.append(int(dice.binomial(found[-1], share)))
    return tuple(found)


def both(dice: np.random.Generator, mobile: tuple[float, ...] = SHARES) -> tuple[FunnelCount, ...]:
    one, other = drawn(900, dice, mobile), drawn(1_400, dice)
    whole = tuple(a + b for a, b in zip(one, other, strict=True))
    return a_count(whole), a_count(one, MOBILE), a_count(other, DESKTOP)


def test_without_any_difference_at_most_one_log_in_twenty_says_one() -> None:
    alarms = sum(bool(differences(STEPS, both(dice), both(dice))) for dice in map(np.random.default_rng, range(1_000)))
    # Of 1,000 logs at 5 % more than 70 are an accident of one in a thousand.
    assert alarms <= 70


def test_a_third_less_on_one_device_is_nearly_always_found_there() -> None:
    found = 0
    for seed in range(100):
        dice = np.random.default_rng(seed)
        said = differences(STEPS, both(dice, (0.8, 0.26, 0.3)), both(dice))
        found += any((d.segment, d.step) == (MOBILE, "add_to_cart") and d.difference.high < 0 for d in said)
    assert found >= 98


def test_what_two_segments_differ_in_is_said_once_and_of_three_each_has_a_line() -> None:
    one, other = a_count((1_000, 800, 100, 50), MOBILE), a_count((1_000, 800, 400, 200), DESKTOP)
    (said,) = differences(STEPS, [a_count((2_000, 1_600, 500, 250)), one, other], [])
    assert (said.segment, said.step, said.share) == (MOBILE, "add_to_cart", 1 / 8)
    few = a_count((100, 80, 20, 10), Segment("device", "tablet"))
    (said,) = differences(STEPS, [a_count((2_100, 1_680, 520, 260)), one, other, few], [])
    assert said.segment == MOBILE
    many = a_count((1_000, 800, 250, 125), Segment("device", "tablet"))
    found = differences(STEPS, [a_count((3_000, 2_400, 750, 375)), one, other, many], [])
    assert {d.segment for d in found} == {MOBILE, DESKTOP}


@given(st.lists(st.integers(0, 5_000), min_size=4, max_size=4).map(lambda n: tuple(sorted(n, reverse=True))))
def test_a_funnel_held_against_itself_says_nothing_and_its_intervals_hold_its_shares(reached: tuple[int, ...]) -> None:
    count = a_count(reached)
    assert differences(STEPS, [count], [count]) == ()
    titles = [(VISITORS, "Visitors"), *((step, step) for step in STEPS)]
    steps = funnel_steps(titles, count, count)
    for step, could in zip(steps, (reached[0], *reached), strict=False):
        assert 0 <= step.went_on.low <= step.went_on.point <= step.went_on.high <= 1
        assert step.went_on.point == (step.visitors / could if could else 0)
    assert [step.users for step in drop_off_in(steps).steps] == list(reached)
