"""What is said of a log's candidates by their counts alone: too little, nobody to compare with, perhaps a little better."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from adsync.model.evidence import Interval, Verdict
from adsync.model.exposure import Exposed, Following, LogSummary, Plain, Question
from adsync.model.policy import Policy
from adsync.model.score import Score, ScoreReport
from adsync.render.score import score_lines
from adsync.score.comparison import Adjusted
from adsync.score.event_level import score_report

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def did(n: int, ripe: int | None = None, bought: int = 0, **different: Any) -> Following:
    """So many did it, of whom so many long enough ago."""
    ripe = n if ripe is None else ripe
    values = {"did": n, "months": n, "did_and_bought": bought, "after": 0, "around": 0, "passed": bought} | different
    return Following(
        **values, exposed={"day": Exposed(visitors=n, bought=0), "long": Exposed(visitors=ripe, bought=bought)}
    )


def beside(lift: Interval | None = None, **different: Any) -> Adjusted:
    values: dict[str, Any] = {
        "exposed": 400.0, "bought": 80.0, "expected": 20.0, "comparison": 60.0, "overlap": 0.9,
        "lift": lift or Interval(4.0, 3.0, 5.0), "difference": Interval(0.15, 0.1, 0.2), "p_value": 1e-9,
    }  # fmt: skip
    return Adjusted(**{**values, **different})


def judged(
    counts: dict[str, Following],
    days: float = 180,
    buyers: int = 200,
    visitors: int = 9_000,
    adjusted: dict[str, Adjusted] | None = None,
    day: dict[str, Adjusted] | None = None,
    pool: tuple[str, ...] = (),
    first: datetime = FIRST,
    horizon: int = 30,
    settling: int = 0,
) -> ScoreReport:
    log = LogSummary(
        rows=9, names=dict.fromkeys((name for name in counts if "[" not in name and "*" not in name), 1), excluded={},
        visitors=visitors, first=first, last=first + timedelta(days=days), files=1, form="flat log", settling_days=settling,
    )  # fmt: skip
    question = Question(
        macro="purchase", candidates=tuple(counts), horizon_days=horizon, as_of=log.last, settling_days=settling
    )
    plain = Plain(visitors=visitors, buyers=buyers, buyer_months=buyers, by_candidate=counts)
    long = {name: (adjusted or {}).get(name, beside()) for name in counts}
    return score_report(question, log, plain, {**long, **(day or {})}, long, pool, (), Policy())


def table_of(report: ScoreReport) -> str:
    out = Console(width=200, file=StringIO(), force_terminal=False)
    for line in score_lines(report):
        out.print(line)
    printed: str = out.file.getvalue()  # type: ignore[attr-defined]
    return printed[printed.index("Event ") :].partition("\n\n")[0]


def the_only(counts: Following, **different: Any) -> Score:
    (score,) = judged({"view_item": counts}, **different).scores
    return score


@pytest.mark.parametrize(
    ("counts", "days", "buyers", "said"),
    [
        # 5 buyers in 28 days are 30 in 168: 140 days from now.
        (
            did(560, ripe=0, passed=5), 28, 5,
            "560 visitors did it, and none has had 30 days to buy yet; 5 did purchase at all, 30 are needed. "
            "At this pace about 20 more weeks.",
        ),
        (did(24, ripe=0, passed=0), 28, 40, "and none has had 30 days to buy yet. At this pace at least 17 more weeks."),
        (did(24, ripe=0, passed=0), 28, 0, "and none has had 30 days to buy yet; 0 did purchase at all, 30 are needed."),
        (
            did(69, ripe=46, bought=10), 84, 17,
            "46 of 69 visitors who did it have had 30 days to buy, 100 are needed; 17 did purchase at all, 30 are needed. "
            "At this pace about 10 more weeks.",
        ),
        # Nine went on already: the tenth is there within the week, and the thirtieth buyer weeks later.
        (
            did(500, bought=9), 45, 20,
            "9 went on to buy, 10 are needed; 20 did purchase at all, 30 are needed. At this pace about 5 more weeks.",
        ),
        (did(500, bought=18), 84, 29, "29 did purchase at all, 30 are needed. At this pace about 1 more week."),
        (did(50, bought=20), 70, 60, "50 visitors did it, 100 are needed. At this pace about 14 more weeks."),
        (
            did(400, bought=5), 70, 60,
            "5 went on to buy, 10 are needed. At this pace about 14 more weeks.",
        ),
        (did(400, bought=0), 180, 40, "0 went on to buy, 10 are needed."),
        (did(3, bought=1), 300, 40, "1 went on to buy, 10 are needed. At this pace it takes more than five years."),
    ],
)  # fmt: skip
def test_how_many_did_it_in_all_and_how_long_it_takes_is_said(
    counts: Following, days: float, buyers: int, said: str
) -> None:
    found = the_only(counts, days=days, buyers=buyers)
    assert found.verdict is Verdict.NOT_ENOUGH
    assert found.because.startswith("Not enough yet: ") and found.because.endswith(said)


def test_with_few_buyers_in_the_whole_log_nothing_is_judged_however_sure_it_looks() -> None:
    counts = {name: did(400, bought=20) for name in ("view_item", "page_view")}
    few, enough = judged(counts, buyers=29, days=84), judged(counts, buyers=30, days=84)
    assert {s.verdict for s in few.scores} == {Verdict.NOT_ENOUGH} and "4.00" not in table_of(few)
    assert {s.verdict for s in enough.scores} == {Verdict.GOOD}


def test_where_nobody_bought_without_it_yet_a_small_shop_is_promised_no_date() -> None:
    found = the_only(did(400, bought=20), days=84, buyers=17, adjusted={"view_item": beside(comparison=0.0, lift=None)})
    assert found.because == (
        "Not enough yet: 17 did purchase at all, 30 are needed; none of them without it so far. At this pace at least 9 more "
        "weeks."
    )


def test_a_good_candidate_below_a_fifth_serves_bidding_to_values_only_whatever_its_interval() -> None:
    only = "For bidding to values only: 20 % are asked where bidding counts conversions."
    for bought, ends in ((190, f". {only}"), (200, "who had not done it yet.")):
        found = the_only(did(1_000, bought=bought), buyers=900, visitors=20_000)
        assert (
            found.verdict is Verdict.GOOD
            and found.p is not None
            and found.p.high > 0.2
            and found.because.endswith(ends)
        )
    assert the_only(did(10_000, bought=1_997), buyers=4_000, visitors=90_000).because.startswith("19.97 % go on to buy")


def test_where_no_longer_log_helps_no_weeks_are_promised() -> None:
    alone = {"view_item": beside(overlap=0.01), "page_view": beside(comparison=0.0, lift=None)}
    counts = {name: did(400, bought=20) for name in alone}
    said = {s.event: s.because for s in judged(counts, buyers=300, adjusted=alone, pool=("page_view",)).scores}
    assert said["view_item"] == (
        "Only 1 % of its visitors can be compared, 50 % are asked: for the others the log has no everyday event (page_view) at "
        "an equally likely moment by somebody who had not done it yet. "
        "A longer log hardly changes that; one with more kinds of events may."
    )
    assert said["page_view"] == "Nobody who could be compared did purchase without it, so there is no lift."
    for buyers in (9, 300):
        everybody = the_only(
            did(400, bought=9), buyers=buyers, visitors=402, adjusted={"view_item": alone["page_view"]}
        )
        assert everybody.because == (
            "100 % of all visitors do it: there is hardly anybody to compare them with, however long the log."
        )
    # Where there are moments at which they had not done it yet, they compare with themselves.
    assert the_only(did(400, bought=80), buyers=90, visitors=402).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("event", "asks"),
    [
        ("page_view[/chekout]", "It has never happened in this log: is the page /chekout spelt right?"),
        ("scroll[percent_scroled>=75]", "is the parameter percent_scroled spelt right?"),
        ("click[link=x]", "are the parameter link and its value x spelt right?"),
        ("view_item*50", "Nobody has done it in this log: is that much really meant?"),
        ("spin_the_wheel", "Nobody had done it by 2026-06-30."),
    ],
)
def test_what_never_happened_is_asked_about_rather_than_waited_for(event: str, asks: str) -> None:
    (found,) = judged({event: did(0)}).scores
    assert found.verdict is Verdict.NOT_ENOUGH and found.because.endswith(asks) and "Not enough" not in found.because


def test_where_there_is_too_little_of_all_none_stands_above_another() -> None:
    counts = {"add_to_cart": did(46, bought=10), "page_view": did(90, bought=10)}
    report = judged(counts)
    assert [s.event for s in report.scores] == ["page_view", "add_to_cart"]
    assert [s.announces for s in report.scores] == [0.0, 0.0]
    assert "No ranking" in report.notes[-1]
    assert report.scores[0].lift and "4.00" not in table_of(report), "a lift is in the JSON, but not in the table"
    ranked = judged({**counts, "view_item": did(400, bought=80)})
    assert ranked.scores[0].event == "view_item" and ranked.notes == () and "4.00" in table_of(ranked)
    assert all(s.lift for s in ranked.scores), "a wide interval beside others says what it is"


@pytest.mark.parametrize("gate", [{"overlap": 0.4}, {"comparison": 0.0}])
def test_without_anybody_to_compare_with_there_is_no_lift_and_no_sure_p_value(gate: dict[str, float]) -> None:
    counts = {"view_item": did(400, bought=80), "begin_checkout": did(300, bought=80)}
    alone = beside(Interval(1_888.0, 690.0, 4_000.0), **gate)
    report = judged(counts, adjusted={"begin_checkout": alone})
    score = next(s for s in report.scores if s.event == "begin_checkout")
    assert (score.lift, score.lift_day, score.risk_difference, score.q, score.announces) == (None, None, None, 1.0, 0.0)
    assert score.verdict is Verdict.NOT_ENOUGH
    # Where only the day has nobody, the horizon speaks.
    report = judged(counts, day={"begin_checkout": alone})
    score = next(s for s in report.scores if s.event == "begin_checkout")
    assert score.lift_day is None and score.lift is not None and score.verdict is Verdict.GOOD


def test_what_has_nobody_beside_it_is_still_one_of_those_that_q_is_corrected_for() -> None:
    counts = {f"e{n}": did(400, bought=80) for n in range(10)}
    alone = {name: beside(overlap=0.1) for name in counts if name != "e0"}
    (score,) = [s for s in judged(counts, adjusted={**alone, "e0": beside(p_value=0.004)}).scores if s.event == "e0"]
    assert score.q == pytest.approx(0.08), "two horizons times ten candidates"


@pytest.mark.parametrize(
    ("lift", "said"),
    [
        (
            Interval(1.0, 0.8, 1.3),
            "Cannot be told apart from equally active visitors who had not done it yet: 1.00 times as many",
        ),
        (
            Interval(1.21, 1.04, 1.4),
            "More than equally active visitors who had not done it yet, but perhaps only a little: 1.21 times as many, 95 % 1.04",
        ),
        (
            Interval(1.1, 1.05, 1.15),
            "Only a little more than equally active visitors who had not done it yet: 1.10 times as many",
        ),
        (Interval(0.9, 0.7, 1.2), "No better than equally active visitors who had not done it yet: 0.90 times as many"),
    ],
)
def test_an_interval_says_what_it_leaves_open(lift: Interval, said: str) -> None:
    found = the_only(did(400, bought=80), adjusted={"view_item": beside(lift)})
    assert found.verdict is Verdict.NOT_BETTER
    assert found.because.startswith(said) and "more than 1.2 is asked of its lower end" in found.because


def test_what_a_lift_compares_with_and_the_interval_of_the_one_day_are_in_the_sentence() -> None:
    found = the_only(did(400, bought=80), day={"view_item": beside(Interval(8.0, 5.0, 12.5))})
    assert found.because == (
        "20 % go on to buy; within a day 8.0 times (5.00-12.50) as many as equally active visitors who had not done it yet."
    )
    assert the_only(did(400, bought=80)).because == (
        "20 % go on to buy, 4.0 times as many as equally active visitors who had not done it yet."
    )


def test_what_one_of_many_looks_like_by_chance_is_said_where_the_table_does_not_show_it() -> None:
    low, high = beside(Interval(0.46, 0.24, 0.87), p_value=1.0), beside(Interval(3.7, 1.3, 8.7), p_value=0.2)
    found = the_only(did(400, bought=80), adjusted={"view_item": low}, day={"view_item": high})
    assert found.because.startswith(
        "Cannot be told apart from chance: within a day 3.7 times (1.30-8.70) as many, but among 1 candidate one looks as good "
        "by chance (q = 0.40)"
    )
    alike = the_only(did(400, bought=80), adjusted={"view_item": high}, day={"view_item": low})
    assert alike.because.startswith("Cannot be told apart from chance: among 1 candidate one")


def nested(visitors: int, bought: int, coverage: float, around: int = 0) -> Following:
    """Visitors who did it some time before, of whom so many bought: such a share of the 1,000 buyers, with those at once."""
    passed = round(1_000 * coverage) - around
    return did(visitors + around, ripe=visitors, bought=bought, passed=passed, around=around, after=around)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        (nested(1_000, 1_000, 1.0), Verdict.DUPLICATE),
        (nested(1_000, 950, 0.95), Verdict.DUPLICATE),
        (nested(1_100, 1_000, 1.0), Verdict.GOOD),
        (nested(1_860, 949, 0.949), Verdict.GOOD),
        (nested(200, 200, 0.2), Verdict.TOO_RARE),
        (nested(29, 29, 1.0), Verdict.NOT_ENOUGH),
        # Half of them at the very moment, half some seconds before.
        (nested(450, 450, 1.0, around=550), Verdict.DUPLICATE),
    ],
    ids=[
        "the same",
        "just so",
        "some stop here",
        "a checkout",
        "a few of the buyers",
        "too few to say",
        "half at once",
    ],
)
def test_what_all_buyers_do_and_nobody_else_is_the_macro_by_another_name(counts: Following, verdict: Verdict) -> None:
    found = the_only(counts, buyers=1_000)
    assert found.verdict is verdict
    assert ("purchase by another name" in found.because) == (verdict is Verdict.DUPLICATE)


def test_among_customers_who_all_buy_again_no_event_is_the_macro_for_that() -> None:
    assert the_only(nested(1_000, 1_000, 1.0), buyers=1_000, visitors=1_020).verdict is not Verdict.DUPLICATE


def test_a_twin_says_by_which_counts_it_is_one() -> None:
    assert the_only(nested(1_000, 990, 0.97), buyers=1_000).because == (
        "It is purchase by another name, some time before it: 99 % of those who do it go on to buy, and 97 % of those who buy "
        "have done it. Bidding on both would count one step twice."
    )


@settings(max_examples=200)
@given(visitors=st.integers(0, 3_000), left=st.integers(0, 300), coverage=st.floats(0, 1), around=st.integers(0, 800))
def test_a_step_that_one_in_ten_leaves_or_one_in_ten_passes_by_is_never_the_macro(
    visitors: int, left: int, coverage: float, around: int
) -> None:
    around = min(around, round(1_000 * coverage))
    counts = nested(visitors, max(visitors - left, 0), coverage, around)
    found = the_only(counts, buyers=1_000)
    is_twin = found.verdict is Verdict.DUPLICATE and "some time before it" in found.because
    whole = visitors + around
    assert not is_twin or (whole >= 100 and min(left, visitors) <= 0.05 * whole + 1e-9 and coverage > 0.949)
    more_leave = nested(visitors + whole // 5 + 1, max(visitors - left, 0), coverage, around)
    assert "some time before it" not in the_only(more_leave, buyers=1_000).because


counted = st.integers(0, 100_000)


@settings(max_examples=200)
@given(
    n=counted, ripe=counted, bought=counted, passed=counted, after=counted, buyers=counted, days=st.floats(0.0, 900.0)
)
def test_too_little_is_never_said_without_saying_of_what_nor_with_a_wait_of_nothing(
    n: int, ripe: int, bought: int, passed: int, after: int, buyers: int, days: float
) -> None:
    after, buyers = min(after, n // 2), min(buyers, 9_000)
    ripe, passed = min(ripe, n - after), min(passed, buyers, n - after)
    counts = did(n, ripe=ripe, bought=min(bought, ripe, passed), after=after, passed=passed)
    found = the_only(counts, days=days, buyers=buyers)
    enough = ripe >= 100 and counts.exposed["long"].bought >= 10 and buyers >= 30
    assert (found.verdict is Verdict.NOT_ENOUGH) is not enough or found.verdict is Verdict.DUPLICATE
    if found.verdict is Verdict.NOT_ENOUGH and n:
        assert any(words in found.because for words in ("are needed", "yet."))
        assert " 0 more week" not in found.because and "-" not in found.because


@pytest.mark.parametrize("settling", [0, 3])
def test_a_shorter_horizon_that_is_advised_leads_to_an_answer_whatever_the_log_has(settling: int) -> None:
    counts, advised = {"add_to_cart": did(200, bought=40)}, set()
    for hours in range(6, 41 * 24, 7):
        for first in (FIRST, FIRST + timedelta(hours=23)):
            for horizon in (1, 2, 5, 30):
                report = judged(counts, days=hours / 24, first=first, horizon=horizon, settling=settling)
                told = [note for note in report.notes if "The log covers" in note]
                assert bool(told) == (report.mature_until <= first.date())
                for note in told:
                    assert f" has had {horizon} day" in note and ("rewriting" in note) == bool(settling)
                    if shorter := re.search("--horizon-days ([0-9]+)", note):
                        judge = int(shorter[1])
                        assert judge < horizon
                        found = judged(counts, days=hours / 24, first=first, horizon=judge, settling=settling)
                        assert found.mature_until > first.date() and not found.notes
                        advised.add(judge)
                    else:
                        assert hours / 24 - settling < 2 and "Come back with a longer log" in note
    assert advised >= {1, 2, 5, 10}


def test_the_days_that_google_goes_on_rewriting_are_named_with_the_horizon() -> None:
    report = judged({"add_to_cart": did(400, bought=40)}, settling=3)
    said = "\n".join(map(str, score_lines(report)))
    assert "so that everybody has had the time; and Google goes on rewriting an export's last 3 days." in said
    assert "rewriting" not in "\n".join(map(str, score_lines(judged({"add_to_cart": did(400, bought=40)}))))


@pytest.mark.parametrize(
    ("overlap", "lift", "says"),
    [
        (0.497, False, "Only 49.7 % of its visitors can be compared, 50.0 % are asked: "),
        (0.497, False, " So near to it a few days more or less, or times of another zone, decide."),
        (0.506, True, " No more than 51 % of its visitors could be compared, 50 % are asked: a few days more or less"),
        (0.38, False, " A longer log hardly changes that"),
        (0.62, True, ""),
    ],
)
def test_a_verdict_on_a_knifes_edge_says_how_near_it_is(overlap: float, lift: bool, says: str) -> None:
    (score,) = judged({"trial": did(400, bought=80)}, adjusted={"trial": beside(overlap=overlap)}).scores
    assert (score.lift is not None) == lift == (score.verdict is Verdict.GOOD)
    assert says in score.because
    assert ("another zone" in score.because) == (abs(overlap - 0.5) < 0.1)
