"""When helpers are retired and when they come back, by example; the laws stand in tests/property/test_demand_laws.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from adsync.decide.demand import evaluate, standing
from adsync.model.decision import Counters, DemandDecision, Helper, Hold, LastChange, Series, believable
from adsync.model.policy import Policy
from tests.builders import (
    TODAY,
    a_helper,
    a_hold,
    a_last_change,
    a_series,
    a_steady_series,
    what_is_read,
)

RESTING = a_helper(primary=False)
UNTRUSTED = a_helper("300", event_name="scroll", primary=False, trusted=False)


def steady(per_30_days: float, today: date = TODAY) -> Series:
    """A macro at this rate and a helper four times as frequent, up to the day before."""
    yesterday = today - timedelta(days=1)
    return what_is_read(a_steady_series(per_30_days, last=yesterday), a_steady_series(4 * per_30_days, last=yesterday))


def night(
    series: Series,
    counters: Counters | None = None,
    *,
    helpers: Sequence[Helper] = (a_helper(),),
    last_change: LastChange | None = None,
    holds: Sequence[Hold] = (),
    today: date = TODAY,
    policy: Policy | None = None,
) -> tuple[DemandDecision, Counters]:
    return evaluate(policy or Policy(), counters or Counters(), helpers, last_change, series, holds, today)


def checked(days_ago: int, **different: object) -> Counters:
    """Counters of a check some days ago."""
    values: dict[str, object] = {"checked_on": TODAY - timedelta(days=days_ago)}
    return Counters(**{**values, **different})  # type: ignore[arg-type]


TWICE_SHOWN = checked(7, above=2, before_above=1)
TWICE_LOW = checked(7, below=1)


# Retiring ------------------------------------------------------------------------------------------------------------


def test_a_volume_that_is_shown_for_the_third_time_retires_a_helper() -> None:
    decision, counters = night(steady(60), TWICE_SHOWN)
    assert decision.verdict == "demote"
    assert decision.action_ids == ("200",)
    assert decision.automatic and decision.checked
    assert (counters.above, counters.before_above, counters.standing) == (3, 2, "demote")
    assert counters.checked_on == TODAY


def test_twice_is_not_enough() -> None:
    decision, counters = night(steady(60), checked(7, above=1))
    assert (decision.verdict, decision.action_ids, counters.above) == ("keep", (), 2)


def test_a_policy_may_ask_for_fewer_checks() -> None:
    assert night(steady(60), policy=Policy(demote_checks=1))[0].verdict == "demote"


def test_a_volume_that_is_not_shown_starts_the_count_anew() -> None:
    decision, counters = night(steady(30), TWICE_SHOWN)
    assert (decision.verdict, counters.above) == ("keep", 0)


def partly_known(days: int, of: int, per_day: float) -> Series:
    """A series of which this many of the newest days are known, spread evenly."""
    known = {round(n * of / days) for n in range(days)}
    assert len(known) == days
    return what_is_read(a_series(*[per_day if n in known else None for n in range(of)]))


@pytest.mark.parametrize(("days", "above"), [(50, 0), (51, 3)])
def test_a_volume_is_shown_only_where_six_days_in_ten_are_known(days: int, above: int) -> None:
    series = partly_known(days, 84, per_day=3.0)
    assert standing(Policy(), series).above_chance > 0.99
    assert night(series, TWICE_SHOWN)[1].above == above


def test_the_least_valuable_helper_goes_first_and_alone() -> None:
    helpers = [
        a_helper("1", worth=0.5),
        a_helper("2", event_name="b", worth=0.2),
        a_helper("3", event_name="a", worth=0.2),
        a_helper("4", worth=0.1, primary=False),
    ]
    assert night(steady(60), TWICE_SHOWN, helpers=helpers)[0].action_ids == ("3",)


def test_a_volume_that_falls_retires_nobody() -> None:
    falling = a_series(*[3.0] * 372, *[1.0] * 28)
    decision, counters = night(what_is_read(falling), TWICE_SHOWN)
    assert (decision.verdict, counters.above) == ("keep", 3)
    assert not all(passed for _, passed, _ in decision.standing.gates)


def test_a_clear_jump_retires_at_the_first_check() -> None:
    macro = a_series(*[4 / 7] * 56, *[18 / 7] * 42)
    helper = a_series(*[16 / 7] * 56, *[72 / 7] * 42)
    decision, counters = night(what_is_read(macro, helper))
    assert decision.standing.fast_lane
    assert decision.verdict == "demote"
    assert counters.above < 3


def test_without_a_primary_helper_there_is_nobody_to_retire() -> None:
    decision, counters = night(steady(60), TWICE_SHOWN, helpers=[RESTING, UNTRUSTED])
    assert (decision.verdict, decision.action_ids) == ("keep", ())
    assert counters.above == 3


@pytest.mark.parametrize(
    ("direction", "days_ago", "verdict"),
    [
        ("down", 13, "keep"),
        ("down", 14, "demote"),
        ("first", 27, "keep"),
        ("first", 28, "demote"),
        ("up", 27, "keep"),
        ("up", 28, "demote"),
    ],
)
def test_after_a_change_there_is_a_pause(direction: str, days_ago: int, verdict: str) -> None:
    counters = checked(7, above=2)
    last = a_last_change(days_ago, direction)
    assert night(steady(60), counters, last_change=last)[0].verdict == verdict


@pytest.mark.parametrize(
    ("direction", "days_ago", "automatic"),
    [("up", 364, False), ("up", 365, True), ("down", 30, True), ("first", 30, True)],
)
def test_after_a_full_cycle_within_a_year_a_person_decides(direction: str, days_ago: int, automatic: bool) -> None:
    decision, _ = night(steady(60), TWICE_SHOWN, last_change=a_last_change(days_ago, direction))
    assert decision.verdict == "demote"
    assert decision.automatic is automatic


# Coming back ---------------------------------------------------------------------------------------------------------


def test_too_few_macros_at_two_checks_bring_the_helpers_back() -> None:
    decision, counters = night(steady(10), TWICE_LOW, helpers=[RESTING])
    assert (decision.verdict, decision.action_ids) == ("restore", ("200",))
    assert (counters.below, counters.standing) == (2, "restore")


def test_too_few_at_one_check_bring_nobody_back() -> None:
    assert night(steady(10), helpers=[RESTING])[0].verdict == "keep"


@pytest.mark.parametrize(("macros", "below"), [(14, 2), (15, 0)])
def test_fourteen_in_four_weeks_are_too_few_and_fifteen_are_not(macros: int, below: int) -> None:
    series = what_is_read(a_series(*[macros / 28] * 112))
    assert night(series, TWICE_LOW, helpers=[RESTING])[1].below == below


def test_all_come_back_at_once_that_a_person_once_promoted() -> None:
    helpers = [RESTING, a_helper("201", primary=False), a_helper("202"), UNTRUSTED]
    decision, _ = night(steady(10), TWICE_LOW, helpers=helpers)
    assert decision.action_ids == ("200", "201")


def test_who_was_never_promoted_by_a_person_does_not_come_back() -> None:
    assert night(steady(10), TWICE_LOW, helpers=[UNTRUSTED])[0].verdict == "keep"


@pytest.mark.parametrize(("days_ago", "verdict"), [(27, "keep"), (28, "restore")])
def test_a_return_waits_four_weeks_after_a_change(days_ago: int, verdict: str) -> None:
    last = a_last_change(days_ago)
    assert night(steady(10), TWICE_LOW, helpers=[RESTING], last_change=last)[0].verdict == verdict


@pytest.mark.parametrize(("days", "below"), [(16, 0), (17, 2)])
def test_silence_counts_only_where_six_days_in_ten_are_known(days: int, below: int) -> None:
    series = partly_known(days, 28, per_day=0.0)
    assert standing(Policy(), series).below_chance > 0.99
    assert night(series, TWICE_LOW, helpers=[RESTING])[1].below == below


def hurt(days_ago: int, direction: str = "down", before: float = 3.0, after: float = 0.75) -> Counters:
    """The counters after a change some days ago from which on the volume was another one."""
    days = [before] * (400 - days_ago) + [after] * days_ago
    _, counters = night(
        what_is_read(a_series(*days)), TWICE_LOW, helpers=[RESTING], last_change=a_last_change(days_ago, direction)
    )
    return counters


def test_a_clear_fall_after_a_retirement_counts_although_it_stays_above_the_return_line() -> None:
    # 21 in 28 days is no sign of fewer than 20 a month, but 252 came in the twelve weeks before.
    assert hurt(35).below == 2


def test_a_fall_after_which_there_is_still_enough_does_not_count() -> None:
    assert hurt(35, before=6.0, after=2.0).below == 0


def test_a_small_fall_after_a_retirement_does_not_count() -> None:
    assert hurt(35, before=0.9, after=0.75).below == 0


@pytest.mark.parametrize(("days_ago", "below"), [(28, 0), (29, 2), (112, 2), (113, 0)])
def test_a_fall_is_blamed_on_a_retirement_of_29_to_112_days_ago(days_ago: int, below: int) -> None:
    assert hurt(days_ago).below == below


def test_a_fall_after_a_return_is_not_blamed_on_it() -> None:
    assert hurt(35, direction="up").below == 0


# Checks, nights in between, and holds --------------------------------------------------------------------------------


def test_on_nights_between_two_checks_the_last_verdict_stands() -> None:
    standing_demotion = checked(6, above=3, before_above=2, standing="demote")
    decision, counters = night(steady(60), standing_demotion)
    assert (decision.verdict, decision.checked, counters) == ("demote", False, standing_demotion)


def test_on_the_seventh_day_evidence_is_weighed_again() -> None:
    decision, counters = night(steady(10), checked(7, above=3, standing="demote"))
    assert (decision.verdict, decision.checked, counters.above) == ("keep", True, 0)


def test_a_standing_retirement_lapses_when_no_helper_is_primary_any_more() -> None:
    decision, _ = night(steady(60), checked(3, above=3, standing="demote"), helpers=[RESTING])
    assert (decision.verdict, decision.action_ids) == ("keep", ())


def test_a_standing_return_lapses_when_nobody_rests_any_more() -> None:
    decision, _ = night(steady(10), checked(3, below=2, standing="restore"), helpers=[a_helper()])
    assert (decision.verdict, decision.action_ids) == ("keep", ())


def test_a_change_that_was_applied_since_the_check_starts_the_count_anew() -> None:
    decision, counters = night(
        steady(60), checked(3, above=3, before_above=2, standing="demote"), last_change=a_last_change(1)
    )
    assert decision.verdict == "keep"
    assert (counters.above, counters.below, counters.standing) == (0, 0, "keep")
    assert (counters.before_above, counters.before_below) == (0, 0)
    assert counters.checked_on == TODAY - timedelta(days=3)


def test_a_change_on_the_day_of_the_check_starts_the_count_anew() -> None:
    _, counters = night(steady(60), checked(7, above=3, before_above=2), last_change=a_last_change(7))
    assert counters.above == 1


def test_a_change_before_the_check_does_not_start_the_count_anew() -> None:
    _, counters = night(steady(60), checked(7, above=1), last_change=a_last_change(8))
    assert counters.above == 2


def test_a_second_run_of_the_same_day_does_not_count_twice() -> None:
    _, once = night(steady(60), checked(7, above=1))
    again, twice = night(steady(60), once)
    assert twice == once
    assert again.verdict == "keep"


def test_a_second_run_of_the_same_day_judges_the_newer_numbers() -> None:
    _, once = night(steady(60), TWICE_SHOWN)
    decision, corrected = night(steady(10), once)
    assert (decision.verdict, corrected.above) == ("keep", 0)
    assert night(steady(60), corrected)[1].above == 3


def test_a_look_at_an_earlier_day_counts_nothing() -> None:
    counters = checked(-7, above=2, before_above=1)
    decision, after = night(steady(60), counters)
    assert (decision.verdict, decision.checked, after) == ("keep", False, counters)


def test_a_hold_of_everything_keeps_both_counts_as_they_are() -> None:
    hold = replace(a_hold(), returns_too=True)
    for series in (steady(60), steady(10)):
        decision, counters = night(series, checked(7, above=2, below=1), holds=[hold])
        assert (decision.verdict, decision.action_ids, decision.holds) == ("hold", (), (hold,))
        assert (counters.above, counters.below, counters.checked_on) == (2, 1, TODAY)


def test_a_doubtful_tag_stops_retirements_and_no_return() -> None:
    decision, counters = night(steady(60), checked(7, above=2), holds=[a_hold()])
    assert (decision.verdict, counters.above, counters.below) == ("hold", 2, 0)
    resting = [a_helper(primary=False)]
    decision, counters = night(steady(10), checked(7, above=2, below=1), helpers=resting, holds=[a_hold()])
    assert (decision.verdict, counters.above, counters.below) == ("restore", 2, 2)
    assert decision.action_ids == ("200",)


def test_a_hold_between_two_checks_stops_a_standing_retirement() -> None:
    decision, counters = night(steady(60), checked(3, above=3, standing="demote"), holds=[a_hold()])
    assert (decision.verdict, decision.action_ids) == ("hold", ())
    assert counters.standing == "demote"


def test_after_a_hold_nothing_happens_until_the_next_check() -> None:
    decision, _ = night(steady(60), checked(3, above=3, standing="hold"))
    assert decision.verdict == "keep"


def test_a_check_during_a_hold_leaves_no_retirement_standing() -> None:
    _, held = night(steady(60), checked(7, above=3), holds=[a_hold()])
    tomorrow = TODAY + timedelta(days=1)
    decision, _ = night(steady(60, tomorrow), held, today=tomorrow)
    assert (decision.verdict, decision.checked) == ("keep", False)


def test_a_hold_that_was_lifted_the_same_day_costs_no_week() -> None:
    _, held = night(steady(60), TWICE_SHOWN, holds=[a_hold()])
    decision, counters = night(steady(60), held)
    assert (decision.verdict, counters.above) == ("demote", 3)


# Where the volume stands ---------------------------------------------------------------------------------------------


def test_the_standing_shows_what_is_counted_and_what_is_needed() -> None:
    now = standing(Policy(), steady(60))
    assert now.counted == pytest.approx(168)
    assert (now.needed, now.effective_days) == (100, 84)
    assert now.recent == pytest.approx(56)
    assert (now.recent_days, now.returns_at) == (28, 14)
    assert now.monthly == pytest.approx(60)
    assert now.last_day == TODAY - timedelta(days=1)
    assert now.weekly == pytest.approx((14.0,) * 12)
    assert (now.demand, now.return_line) == (30, 20)


def test_the_standing_shows_weeks_oldest_first() -> None:
    days = [float(week) for week in range(12) for _ in range(7)]
    assert standing(Policy(), what_is_read(a_series(*days))).weekly == tuple(7.0 * week for week in range(12))


def test_one_extreme_week_does_not_carry_the_count() -> None:
    now = standing(Policy(), what_is_read(a_series(*[8 / 7] * 77, *[30.0] * 7)))
    assert now.counted < 88 + 24
    assert now.recent == pytest.approx(3 * 8 + 210)


def test_an_account_that_knows_nothing_stands_nowhere() -> None:
    now = standing(Policy(), what_is_read(a_series(None)))
    assert (now.counted, now.needed, now.effective_days, now.monthly) == (0, 0, 0, 0)
    assert not now.starved
    assert night(what_is_read(a_series(None)), TWICE_SHOWN)[0].verdict == "keep"


@pytest.mark.parametrize(("per_30_days", "starved"), [(20, True), (24, True), (30, False), (60, False)])
def test_an_account_that_surely_misses_the_demand_is_starved(per_30_days: float, starved: bool) -> None:
    assert standing(Policy(), steady(per_30_days)).starved is starved


def test_an_account_of_which_little_is_known_is_not_called_starved() -> None:
    days = [None if n % 2 else 0.0 for n in range(112)]
    assert not standing(Policy(), what_is_read(a_series(*days))).starved


def test_days_after_the_last_usable_one_are_not_read() -> None:
    series = a_series(*[2.0] * 100)
    cut = Series(macro=series, last_day=series.last - timedelta(days=3))
    noisy = Series(macro=a_series(*[2.0] * 97, 500.0, 500.0, 500.0), last_day=cut.last_day)
    assert standing(Policy(), noisy) == standing(Policy(), cut)


def test_the_next_check_is_a_week_after_the_last_and_at_once_when_there_was_none() -> None:
    assert Counters().next_check(7) == date.min
    assert Counters(checked_on=TODAY).next_check(7) == TODAY + timedelta(days=7)


# What lasts from check to check ------------------------------------------------------------------------------------------


def test_a_verdict_goes_with_the_policy_that_made_it() -> None:
    before = checked(3, above=3, standing="demote", policy=Policy().fingerprint)
    assert night(steady(60), before)[0].verdict == "demote"
    decision, after = night(steady(60), before, policy=Policy(demand_per_30_days=100))
    assert decision.verdict == "keep" and (after.above, after.standing) == (3, "keep")


def test_checks_are_no_row_once_nothing_of_their_evidence_is_left() -> None:
    for days, above in ((84, 3), (85, 1)):
        _, after = night(steady(60), checked(days, above=2))
        assert after.above == above


def test_a_change_that_is_dated_later_is_not_looked_at() -> None:
    later = LastChange(on=TODAY + timedelta(days=300), direction="up")
    assert night(steady(60), checked(7, above=2), last_change=later) == night(steady(60), checked(7, above=2))


@pytest.mark.parametrize(("returned", "automatic"), [(364, False), (365, True), (None, True)])
def test_after_a_return_a_person_decides_for_a_year_whatever_was_changed_since(
    returned: int | None, automatic: bool
) -> None:
    on = None if returned is None else TODAY - timedelta(days=returned)
    since = LastChange(on=TODAY - timedelta(days=30), direction="down", returned_on=on)
    assert night(steady(60), checked(7, above=2), last_change=since)[0].automatic == automatic


def test_checks_of_a_clock_that_ran_far_ahead_are_not_believed() -> None:
    near, far = (Counters(checked_on=TODAY + timedelta(days=days)) for days in (7, 8))
    assert believable({"near": near, "far": far, "new": Counters()}, TODAY) == {"near": near, "new": Counters()}
