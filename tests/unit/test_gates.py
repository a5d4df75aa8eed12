"""What is asked on the day of a retirement, and the lane for a clear jump."""

from __future__ import annotations

from adsync.decide.demand import standing
from adsync.model.decision import Series, Standing
from adsync.model.policy import Policy
from tests.builders import a_series, what_is_read


def weekly(*counts: float) -> tuple[float, ...]:
    """Days of whole weeks, oldest first, each week spread evenly."""
    return tuple(count / 7 for count in counts for _ in range(7))


def seen(macro: tuple[float, ...], helper: tuple[float, ...] | None = None) -> Standing:
    return standing(Policy(), series_of(macro, helper))


def series_of(macro: tuple[float, ...], helper: tuple[float, ...] | None = None) -> Series:
    return what_is_read(a_series(*macro), a_series(*helper) if helper else None)


def failed(now: Standing) -> list[str]:
    return [name for name, passed, _ in now.gates if not passed]


STEADY = weekly(*[14] * 14)
STEADY_HELPER = weekly(*[56] * 14)


def test_a_steady_account_passes_every_gate() -> None:
    assert failed(seen(STEADY, STEADY_HELPER)) == []
    assert failed(seen(STEADY)) == []


def test_without_a_helper_the_macro_is_looked_at_twice() -> None:
    assert [name for name, _, _ in seen(STEADY).gates] == ["macro, 4 weeks against 8", "macro, 2 weeks against 6"]


def test_with_a_helper_it_is_asked_over_two_weeks_and_over_four() -> None:
    assert [name for name, _, _ in seen(STEADY, STEADY_HELPER).gates] == [
        "macro, 4 weeks against 8",
        "add_to_cart, 2 weeks against 6",
        "add_to_cart, 4 weeks against 8",
    ]


def test_a_helper_that_is_hardly_ever_done_is_no_thermometer() -> None:
    rare, just_enough = weekly(*[49 / 12] * 14), weekly(*[50.1 / 12] * 14)
    assert "macro, 2 weeks against 6" in [name for name, _, _ in seen(STEADY, rare).gates]
    assert "macro, 2 weeks against 6" not in [name for name, _, _ in seen(STEADY, just_enough).gates]


def test_a_macro_that_fell_for_four_weeks_stops_a_retirement() -> None:
    falling = weekly(*[20] * 10, *[14] * 4)
    assert seen(falling).above_chance > 0.95
    assert "macro, 4 weeks against 8" in failed(seen(falling))
    assert "macro, 4 weeks against 8" in failed(seen(falling, STEADY_HELPER))


def test_a_macro_that_fell_for_two_weeks_stops_a_retirement_where_no_helper_tells_more() -> None:
    dipped = weekly(*[14] * 8, *[17] * 4, *[12] * 2)
    assert "macro, 4 weeks against 8" not in failed(seen(dipped))
    assert "macro, 2 weeks against 6" in failed(seen(dipped))


def test_a_helper_that_fell_for_two_weeks_stops_a_retirement_while_the_macro_does_not_rise() -> None:
    helper = weekly(*[56] * 10, *[66] * 2, *[46] * 2)
    assert failed(seen(STEADY, helper)) == ["add_to_cart, 2 weeks against 6"]


def test_a_helper_that_fell_weeks_ago_stops_a_retirement_while_the_macro_does_not_rise() -> None:
    helper = weekly(*[70] * 6, *[56] * 8)
    assert failed(seen(STEADY, helper)) == ["add_to_cart, 4 weeks against 8"]


def test_a_helper_that_fell_does_not_matter_while_the_macro_clearly_rises() -> None:
    rising = weekly(*[14] * 10, *[18] * 2, *[25] * 2)
    assert failed(seen(rising, weekly(*[56] * 10, *[40] * 4))) == []


def test_one_extreme_week_long_ago_does_not_look_like_a_fall() -> None:
    sale = weekly(*[14] * 8, 90, *[14] * 5)
    assert failed(seen(sale, STEADY_HELPER)) == []


def a_year(before: float, after: float, weeks: int) -> tuple[float, ...]:
    """Weeks of 14; last year they went from ``before`` to ``after`` on today's calendar day."""
    # The pivot lies 52 weeks before the last day.
    old = weeks - 52
    return weekly(*[14] * (old - 6), *[before] * 6, *[after] * 8, *[14] * 44)


def test_a_fall_in_last_years_calendar_stops_a_retirement() -> None:
    now = seen(a_year(30, 15, 58))
    assert failed(now) == ["the same weeks of last year"]


def test_last_years_calendar_is_asked_from_58_weeks_on() -> None:
    names = [name for name, _, _ in seen(a_year(30, 15, 58)).gates]
    assert names[-1] == "the same weeks of last year"
    assert "the same weeks of last year" not in [name for name, _, _ in seen(a_year(30, 15, 58)[1:]).gates]


def test_last_year_may_have_lost_a_little() -> None:
    assert failed(seen(a_year(30, 28, 60))) == []


def test_a_helper_tells_last_years_calendar_better_than_the_macro() -> None:
    steady = a_year(14, 14, 58)
    fallen_helper = tuple(4 * count for count in a_year(30, 15, 58))
    assert failed(seen(steady, fallen_helper)) == ["the same weeks of last year"]
    rare_last_year = (*[0.9] * (14 * 7), *fallen_helper[14 * 7 :])
    assert "the same weeks of last year" not in failed(seen(steady, rare_last_year))


def test_a_clear_jump_that_the_helper_shares_takes_the_fast_lane() -> None:
    now = seen(weekly(*[4] * 8, *[18] * 6), weekly(*[16] * 8, *[72] * 6))
    assert now.fast_lane


def test_without_a_helper_there_is_no_fast_lane() -> None:
    assert not seen(weekly(*[4] * 8, *[18] * 6)).fast_lane


def test_a_jump_that_the_helper_does_not_share_takes_the_slow_lane() -> None:
    assert not seen(weekly(*[4] * 8, *[18] * 6), weekly(*[60] * 14)).fast_lane


def test_a_jump_that_the_helper_shares_by_a_little_may_be_a_tag_that_counts_twice() -> None:
    macro = weekly(*[9] * 8, *[18] * 6)
    assert seen(macro, weekly(*[36] * 8, *[72] * 6)).fast_lane
    assert not seen(macro, weekly(*[36] * 8, *[46] * 6)).fast_lane


def test_a_jump_to_less_than_four_thirds_of_the_demand_takes_the_slow_lane() -> None:
    # 40 a month are asked, and six weeks have to show it.
    assert not seen(weekly(*[4] * 8, *[9] * 6), weekly(*[16] * 8, *[36] * 6)).fast_lane


def test_one_extreme_week_is_no_jump() -> None:
    assert not seen(weekly(*[4] * 13, 200), weekly(*[16] * 13, 800)).fast_lane


def test_six_weeks_of_which_too_few_days_are_known_take_the_slow_lane() -> None:
    macro = weekly(*[4] * 8, *[18] * 6)
    helper = a_series(*weekly(*[16] * 8, *[72] * 6))

    def with_unknown_days(each_week: int) -> bool:
        days = [
            None if index >= 56 and index % 7 < each_week else value * 7 / (7 - each_week) if index >= 56 else value
            for index, value in enumerate(macro)
        ]
        return standing(Policy(), what_is_read(a_series(*days), helper)).fast_lane

    # 6 x 5 days are enough, 6 x 4 are not.
    assert with_unknown_days(2)
    assert not with_unknown_days(3)
