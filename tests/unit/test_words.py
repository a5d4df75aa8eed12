"""What adsync says about its decisions: sentences with the numbers that a marketer needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adsync.decide import helper_words, words
from adsync.decide.demand import standing
from adsync.decide.weakened import Weakened
from adsync.model.decision import Counters, Standing
from adsync.model.evidence import Evidence, Interval, Verdict
from adsync.model.policy import Policy
from adsync.score import score_candidates
from tests.builders import (
    TODAY,
    a_baseline,
    a_funnel,
    a_hold,
    a_series,
    a_steady_series,
    an_account,
    what_is_read,
)

POLICY = Policy()


def stands(per_30_days: float) -> Standing:
    return standing(POLICY, what_is_read(a_steady_series(per_30_days)))


def weeks(*counts: float) -> Standing:
    days: Sequence[float] = [count / 7 for count in counts for _ in range(7)]
    return standing(POLICY, what_is_read(a_series(*days)))


def evidence(entered: int = 400, completed: int = 120) -> Evidence:
    return score_candidates(an_account(), [a_baseline(), a_funnel(entered=entered, completed=completed)])[0]


def keeping(now: Standing, counters: Counters | None = None, *, primary: bool = False, resting: bool = False) -> str:
    return words.keeping("purchase", now, POLICY, counters or Counters(), any_primary=primary, any_resting=resting)


def test_the_volume_names_what_is_there_and_what_is_needed() -> None:
    now = stands(97 * 30 / 84)
    assert words.volume("purchase", now, POLICY) == (
        "97 purchases in the last 12 weeks; 100 are needed to be 95 % sure of 30 a month."
    )


def test_days_that_are_missing_are_mentioned() -> None:
    series = a_steady_series(60).without([TODAY - timedelta(days=n) for n in range(1, 6)])
    text = words.volume("purchase", standing(POLICY, what_is_read(series)), POLICY)
    assert "(5 of the 84 days are unknown or set aside)" in text


def test_one_missing_day_is_mentioned_and_none_is_not() -> None:
    series = a_steady_series(60)
    one = words.volume("purchase", standing(POLICY, what_is_read(series.without([TODAY - timedelta(days=9)]))), POLICY)
    assert "(1 of the 84 days" in one
    assert "of the 84 days" not in words.volume("purchase", stands(60), POLICY)


def test_missing_days_and_a_week_that_stands_out_share_one_parenthesis() -> None:
    now = replace(stands(60), weekly=(20.0,) * 12, counted=151, effective_days=75)
    assert words.volume("purchase", now, POLICY).startswith(
        "240 purchases in the last 12 weeks (9 of the 84 days are unknown or set aside; 151 of them count: one week stands out); "
    )


@pytest.mark.parametrize(
    ("counted", "needed", "said"), [(238, 100, False), (235, 100, True), (238, 239, True), (240, 239, False)]
)
def test_a_cut_is_said_where_it_changes_the_count_by_much_or_decides(counted: float, needed: float, said: bool) -> None:
    now = replace(stands(60), weekly=(20.0,) * 12, counted=counted, needed=needed)
    assert ("one week stands out" in words.volume("purchase", now, POLICY)) is said


def test_on_a_ramp_it_says_how_many_weeks_are_cut_back() -> None:
    now = weeks(0, 1, 1, 3, 4, 2, 4, 8, 10, 17, 18, 10)
    assert now.cut_weeks == 4
    assert "four weeks stand out" in words.volume("purchase", now, POLICY)
    assert weeks(*[8] * 11, 30).cut_weeks == 1


@pytest.mark.parametrize(("known", "enough"), [(50, False), (51, True)])
def test_before_enough_days_are_known_it_says_how_many_it_takes(known: int, enough: bool) -> None:
    now = standing(POLICY, what_is_read(a_series(*[3.0] * known)))
    text = keeping(now, primary=True)
    assert now.counted >= now.needed, "so many that only the days are missing"
    assert ("Only 50 days are usable, and it takes 51" in text) == (not enough)


def test_an_account_that_knows_nothing_says_so() -> None:
    now = standing(POLICY, what_is_read(a_series(None)))
    assert words.volume("generate_lead", now, POLICY) == "No leads are known of the last 12 weeks yet."


def test_the_pace_counts_the_weeks_until_the_needed_total_is_there() -> None:
    # 8 x 4 + 4 x 12 are 80; each week that goes on replaces a week of 4 by one of 12.
    now = weeks(*[4] * 8, *[12] * 4)
    assert now.needed == 100
    assert words.pace(now) == "At this pace that is shown in about 3 weeks."


def test_one_more_week_is_one_week() -> None:
    assert words.pace(weeks(*[4] * 6, *[12] * 6)) == "At this pace that is shown in about 1 week."


def test_a_pace_that_just_gets_there_is_one_that_gets_there() -> None:
    # Twelve weeks of 25 / 3 are 100; eight more make them twelve.
    barely = replace(weeks(*[0] * 8, *[25 / 3 + 0.01] * 4), needed=100)
    never = replace(weeks(*[0] * 8, *[25 / 3 - 0.01] * 4), needed=100)
    assert words.pace(barely) == "At this pace that is shown in about 8 weeks."
    assert words.pace(never) == "At this pace (36 a month) it is not reached."


def test_without_recent_days_there_is_no_pace() -> None:
    series = a_steady_series(30).without([TODAY - timedelta(days=n) for n in range(1, 29)])
    assert words.pace(standing(POLICY, what_is_read(series))) == ""


def test_a_pace_that_never_gets_there_says_so_with_its_number() -> None:
    assert (
        words.pace(stands(15)) == "At this pace (15 a month) it is not reached: it takes about 36 a month for 12 weeks."
    )


def test_a_volume_that_is_there_needs_no_pace() -> None:
    assert words.pace(stands(60)) == ""


def test_helpers_in_use_are_kept_with_the_pace_towards_the_line() -> None:
    assert keeping(stands(15), primary=True) == (
        "Helpers stay. 42 purchases in the last 12 weeks; 100 are needed to be 95 % sure of 30 a month. "
        "At this pace (15 a month) it is not reached: it takes about 36 a month for 12 weeks."
    )


def test_a_volume_that_is_shown_once_says_how_often_it_takes() -> None:
    assert keeping(stands(60), Counters(above=1), primary=True).endswith("Shown on 1 of 3 weekly checks in a row.")


def test_a_volume_that_seems_to_fall_says_where_that_was_seen() -> None:
    falling = weeks(*[30] * 8, *[14] * 4)
    text = keeping(falling, Counters(above=3), primary=True)
    assert text.endswith("looks as if it were falling (purchases, the newest 4 weeks against the 8 before).")


def test_a_fall_is_no_reason_while_the_volume_is_not_shown() -> None:
    falling = weeks(*[30] * 8, *[14] * 4)
    assert "falling" not in keeping(falling, Counters(above=0), primary=True)


def test_resting_helpers_are_not_told_about_checks_that_do_not_concern_them() -> None:
    text = keeping(weeks(*[30] * 8, *[14] * 4), Counters(above=1), resting=True)
    assert "weekly checks in a row" not in text and "falling" not in text


def test_resting_helpers_say_when_they_come_back() -> None:
    assert keeping(stands(60), resting=True).endswith(
        "They come back at 14 or fewer in four weeks, on 2 checks in a row; now it is 56."
    )


def test_without_known_days_no_return_line_is_named() -> None:
    text = keeping(standing(POLICY, what_is_read(a_series(None))), resting=True)
    assert text == "Helpers rest. No purchases are known of the last 12 weeks yet."


def test_while_few_days_are_known_no_return_line_is_named() -> None:
    few = keeping(standing(POLICY, what_is_read(a_series(*[0.0] * 9))), resting=True)
    assert "come back at" not in few and few.endswith("Only 9 days are usable, and it takes 51 to be sure of anything.")
    recent = a_steady_series(30).without([TODAY - timedelta(days=n) for n in range(1, 20)])
    gone = keeping(standing(POLICY, what_is_read(recent)), resting=True)
    assert gone.endswith("Only 9 of the newest 28 days are usable, and it takes 17 to bring helpers back.")


def test_a_volume_that_never_needed_a_helper_says_so() -> None:
    assert keeping(stands(60)).endswith("30 a month. No helper is needed: purchases stand alone.")
    assert "stand alone" not in keeping(standing(POLICY, what_is_read(a_series(*[3.0] * 50))))


def test_without_helpers_nothing_more_is_said_than_the_volume() -> None:
    text = keeping(stands(15))
    assert text.startswith("No helper is used for bidding. 42 purchases")
    assert text.endswith("30 a month.")


def test_a_retirement_is_explained_by_the_checks_in_a_row() -> None:
    text = words.retiring("purchase", stands(60), POLICY, Counters(above=3))
    assert text.endswith("Shown on 3 weekly checks in a row; nothing looks as if it were falling.")


def test_a_quick_retirement_is_explained_by_the_jump() -> None:
    text = words.retiring("purchase", stands(60), POLICY, Counters(above=1))
    assert " They jumped, and the helper with them, so clearly that six weeks are enough (60 a month now)" in text


def test_a_quick_retirement_before_the_count_is_there_says_how_many_are_short() -> None:
    now = replace(stands(60), counted=95, needed=100)
    text = words.retiring("purchase", now, POLICY, Counters(above=1))
    assert " 95 count, 5 short; yet they jumped, and the helper with them, so clearly that six weeks are enough" in text


def test_a_return_is_explained_by_the_last_four_weeks() -> None:
    assert words.returning("purchase", stands(10), POLICY) == (
        "9 purchases in the last four weeks: 80 % sure of fewer than 20 a month on 2 weekly checks in a row."
    )


def test_a_return_after_a_clear_fall_does_not_claim_that_the_return_line_was_reached() -> None:
    text = words.returning("purchase", stands(22), POLICY)
    assert text == (
        "21 purchases in the last four weeks: clearly fewer than before the last retirement, and under the 30 a month that "
        "were shown then, on 2 weekly checks in a row."
    )


def test_a_promotion_says_what_announces_what_and_how_much_it_brings() -> None:
    text = helper_words.promoting("purchase", evidence(), 60, 39, stands(8), POLICY)
    assert text == (
        "7 purchases in the last four weeks are too few to learn from. add_to_cart announces them: 30 % of those who do it "
        "go on to buy (26 % to 35 %), and it gives bidding 60 conversions a month to learn from (39 are wanted)."
    )


def test_whoever_sells_nothing_converts() -> None:
    text = helper_words.promoting("generate_lead", evidence(), 60, 39, stands(8), POLICY)
    assert "30 % of those who do it go on to convert (26 % to 35 %)" in text
    fallen = Weakened(now=evidence(), then=Interval(0.5, 0.45, 0.55), promoted=True)
    assert "go on to convert (26 % to 35 %)" in helper_words.weakened("generate_lead", fallen)
    assert "go on to buy (26 % to 35 %)" in helper_words.weakened("purchase", fallen)


def test_a_promotion_that_brings_too_little_admits_it() -> None:
    text = helper_words.promoting("purchase", evidence(), 20, 39, stands(20), POLICY)
    assert text.startswith("19 purchases in the last four weeks are too few")
    assert "the most of all helpers, though 39 are wanted" in text
    assert "to learn from (39 are wanted)" in helper_words.promoting("purchase", evidence(), 39, 39, stands(20), POLICY)


@pytest.mark.parametrize(
    ("verdict", "label"),
    [
        (Verdict.NOT_ENOUGH, "why."),
        (Verdict.NOT_BETTER, "why."),
        (Verdict.TOO_EARLY, "Too early in the funnel: why."),
        (Verdict.UNKNOWN, "Unknown: why."),
    ],
)
def test_an_event_that_is_not_observed_has_a_label_and_a_reason(verdict: Verdict, label: str) -> None:
    found = replace(evidence(), verdict=verdict, reason="why.")
    assert helper_words.not_observed(found) == label
    assert helper_words.not_observed(found, marked=True) == (
        f"{label} The key event that adsync marked for it stays in GA4, where nothing bids on it."
    )


def test_a_hold_says_what_was_seen_and_what_to_do_for_each_reason() -> None:
    assert words.held([a_hold(), a_hold()]) == (
        "Held: Something looks broken. Look at it. Something looks broken. Look at it."
    )


# The demand line ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "on_value", "says"),
    [
        (
            POLICY,
            False,
            "30 a month, because campaigns bid for conversions; showing it takes about 36 to 37 a month for 12",
        ),
        (
            POLICY,
            True,
            "50 a month, because campaigns bid for value; showing it takes about 58 to 59 a month for 12 weeks",
        ),
        (POLICY, None, "30 a month, as for bidding on conversions: no campaign bids by itself yet; showing it takes"),
        (
            Policy(demand_per_30_days=40),
            True,
            "40 a month, as the config says; showing it takes about 47 to 48 a month",
        ),
        (Policy(demote_confidence=0.5, demand_weeks=26), False, "showing it takes about 30 a month for 26 weeks."),
    ],
)
def test_the_line_says_which_demand_applies_and_what_it_takes_to_show_it(
    policy: Policy, on_value: bool | None, says: str
) -> None:
    text = words.line(policy, frozenset() if on_value is None else {on_value})
    assert text.startswith("The demand line is ") and says in text


def test_campaigns_of_both_kinds_that_are_decided_as_one_are_not_said_to_bid_alike() -> None:
    text = words.line(POLICY, {True}, mixed=True)
    assert text.startswith("The demand line is 50 a month, because at least one campaign bids for value; ")


def test_other_windows_are_named_as_they_are() -> None:
    policy = Policy(demand_weeks=16, return_weeks=3, check_every_days=14, fast_weeks=5)
    now = standing(policy, what_is_read(a_steady_series(60, days=200)))
    assert words.volume("purchase", now, policy).startswith("224 purchases in the last 16 weeks; ")
    assert "42 purchases in the last three weeks: " in words.returning("purchase", now, policy)
    assert "on 2 checks, 14 days apart, in a row." in words.returning("purchase", now, policy)
    assert "clearly that five weeks are enough" in words.retiring("purchase", now, policy, Counters(above=1))
