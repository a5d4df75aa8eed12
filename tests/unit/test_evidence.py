"""What the funnels say of each candidate, and where they say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from adsync.model.account import Account, Macro
from adsync.model.analytics import Funnel
from adsync.model.evidence import Evidence, Verdict
from adsync.model.grade import B
from adsync.model.policy import PARAMETERS, Policy
from adsync.score import score_candidates
from adsync.score.evidence import LONGEST_FUNNEL_DAYS
from tests.builders import a_baseline, a_candidate, a_funnel, a_series, an_account


def scored(funnel: Funnel, *others: Funnel, account: Account | None = None) -> Evidence:
    """Evidence for the first funnel, beside the baseline and the others."""
    found = score_candidates(account or an_account(), [a_baseline(), funnel, *others])
    return next(e for e in found if e.event_name == funnel.event_name)


def test_numbers_of_which_something_is_missing_are_shown_and_decide_nothing() -> None:
    funnels = [a_baseline(), a_funnel(entered=400, completed=120), a_funnel("view_item", entered=5, completed=1)]
    found = score_candidates(an_account(), funnels, "thresholded: small groups are missing")
    assert found and {each.verdict for each in found} == {Verdict.UNKNOWN}
    assert found[0].share.point == pytest.approx(0.3)
    assert found[0].reason == "GA4's numbers are thresholded: small groups are missing; such numbers decide nothing."


def test_an_event_that_announces_the_sale_is_good() -> None:
    found = scored(a_funnel(entered=400, completed=120))
    assert found.verdict is Verdict.GOOD
    assert found.share.point == pytest.approx(0.3)
    # 30 others of 9,600 bought.
    assert found.without.point == pytest.approx(30 / 9600)
    assert found.lift.point == pytest.approx(96)
    assert found.difference.point == pytest.approx(0.3 - 30 / 9600)
    assert found.coverage == pytest.approx(120 / 150)
    assert found.monthly == pytest.approx(30 * 400 / 90)
    assert (found.entered, found.completed, found.visitors, found.buyers) == (400, 120, 10_000, 150)
    assert found.grade == "B" and found.cannot_know == B.cannot_know
    assert found.reason == "30 % go on to buy, 96 times the share of other visitors."


def test_where_nobody_else_converted_there_is_no_lift() -> None:
    assert not scored(a_funnel(entered=400, completed=150)).comparable
    assert scored(a_funnel(entered=400, completed=149)).comparable


@pytest.mark.parametrize(
    ("entered", "completed", "lacks"),
    [
        (99, 60, "99 visitors did it, 100 are needed"),
        (100, 9, "9 converted after it, 10 are needed"),
        (400, 150, "Nobody converted without it"),
    ],
)
def test_too_few_to_tell_is_said_with_what_is_lacking(entered: int, completed: int, lacks: str) -> None:
    found = scored(a_funnel(entered=entered, completed=completed))
    assert found.verdict is Verdict.NOT_ENOUGH
    assert lacks in found.reason


@pytest.mark.parametrize(
    ("entered", "completed", "wait"),
    [
        (50, 20, "At this pace about 13 more weeks than the 90 days that GA4's funnels look at (funnel_days: 180)."),
        (99, 2, "At this pace about 51 more weeks, and GA4's funnels look back 365 days at most: only a log of single"),
        (99, 0, "99 visitors did it, 100 are needed; 0 converted after it, 10 are needed."),
    ],
)
def test_how_long_it_takes_at_this_pace_is_said(entered: int, completed: int, wait: str) -> None:
    reason = scored(a_funnel(entered=entered, completed=completed)).reason
    assert reason.startswith("Not enough yet: ") and wait in reason
    assert ("At this pace" in reason) is (completed > 0)


def test_no_more_days_are_named_than_the_policy_takes() -> None:
    (funnel_days,) = [p for p in PARAMETERS if p.name == "funnel_days"]
    assert funnel_days.high == LONGEST_FUNNEL_DAYS


def test_a_new_shop_waits_at_the_pace_since_its_first_visitor() -> None:
    funnel = a_funnel(entered=50, completed=20)
    series = a_series(*[0.0] * 60, *[1.0] * 30, last=funnel.window.last)
    (found,) = score_candidates(
        an_account(), [a_baseline(), funnel], users={"add_to_cart": series, "purchase": a_series(0.0, 0.0)}
    )
    assert found.reason.endswith("At this pace about 4 more weeks.")


def test_the_smallest_numbers_that_are_enough_are_enough() -> None:
    assert scored(a_funnel(entered=100, completed=30)).verdict is Verdict.GOOD
    assert scored(a_funnel(entered=100, completed=10)).verdict is not Verdict.NOT_ENOUGH
    assert scored(a_funnel(entered=400, completed=149)).verdict is not Verdict.NOT_ENOUGH


def test_an_event_that_everybody_does_is_not_better() -> None:
    found = scored(a_funnel("scroll", 8000, 120), account=an_account(candidates=(a_candidate("scroll"),)))
    assert found.verdict is Verdict.NOT_BETTER
    assert "1.5 is asked" in found.reason


def test_what_cannot_be_told_apart_is_not_called_no_better() -> None:
    """One code for both, and other words: the interval leaves room for what is asked, or it does not."""
    open_yet, settled = scored(a_funnel(entered=400, completed=10)), scored(a_funnel(entered=4000, completed=60))
    assert open_yet.verdict is settled.verdict is Verdict.NOT_BETTER
    assert open_yet.lift.high > 1.5 and open_yet.reason.startswith("Cannot be told apart from other visitors: ")
    assert settled.lift.high < 1.5 and settled.reason.startswith("No better than other visitors: ")


def test_the_lower_end_of_the_lift_decides_and_not_its_middle() -> None:
    # 1.9 times as likely, but from 1.3 on.
    found = scored(a_funnel(entered=2000, completed=48))
    assert found.lift.point > 1.5 > found.lift.low
    assert found.verdict is Verdict.NOT_BETTER
    lenient = an_account(policy=Policy(minimum_lift=1.2, minimum_share=0.01))
    assert scored(a_funnel(entered=2000, completed=48), account=lenient).verdict is Verdict.GOOD


def test_an_event_that_announces_the_sale_to_few_is_too_early() -> None:
    found = scored(a_funnel(entered=1000, completed=100))
    assert found.verdict is Verdict.TOO_EARLY
    assert "announce purchases" in found.reason and "only 10 % go on to buy; 20 % are asked" in found.reason


def test_of_whom_nothing_is_bought_visitors_convert() -> None:
    leads = replace(an_account(), macro=Macro(event_name="generate_lead", actions=("Lead",)))
    assert scored(a_funnel(), account=leads).reason.startswith("30 % go on to convert, ")
    assert "only 10 % go on to convert" in scored(a_funnel(entered=1000, completed=100), account=leads).reason


def test_a_share_whose_interval_reaches_the_minimum_is_not_too_early() -> None:
    found = scored(a_funnel(entered=200, completed=36))
    assert found.share.point < 0.2 < found.share.high
    assert found.verdict is Verdict.GOOD
    only = " For bidding to values only: 20 % are asked where bidding counts conversions."
    assert found.reason.startswith("18 % go on to buy, ") and found.reason.endswith(only)
    assert only not in scored(a_funnel(entered=200, completed=40)).reason
    assert scored(a_funnel(entered=701, completed=140)).reason.startswith("19.97 % go on to buy, ")


def test_sampled_numbers_decide_nothing() -> None:
    found = scored(a_funnel(entered=400, completed=120, sampled_share=0.35))
    assert found.verdict is Verdict.UNKNOWN
    assert "35 %" in found.reason


def test_asking_about_many_events_makes_each_less_certain() -> None:
    names = ["add_to_cart", *(f"event_{n}" for n in range(9))]
    account = an_account(candidates=tuple(a_candidate(name) for name in names))
    useless = [a_funnel(name, 4000, 60) for name in names[1:]]
    alone = scored(a_funnel(entered=2000, completed=45), account=account)
    among_many = scored(a_funnel(entered=2000, completed=45), *useless, account=account)
    assert among_many.q_value == pytest.approx(10 * alone.q_value)


def test_a_discovery_rate_that_is_just_missed_is_not_better() -> None:
    funnel = a_funnel(entered=2000, completed=45)

    def at_a_rate_of(rate: float) -> Verdict:
        policy = Policy(false_discovery_rate=rate, minimum_lift=1.0, minimum_share=0.01)
        return scored(funnel, account=an_account(policy=policy)).verdict

    q_value = scored(funnel).q_value
    assert at_a_rate_of(q_value) is Verdict.NOT_BETTER
    assert at_a_rate_of(1.01 * q_value) is Verdict.GOOD


def evidence_of(funnels: Sequence[Funnel], **account: Any) -> tuple[Evidence, ...]:
    return score_candidates(an_account(**account), funnels)


def test_without_the_baseline_there_is_no_evidence() -> None:
    assert evidence_of([a_funnel()]) == ()


def test_a_candidate_without_a_funnel_is_left_out_and_a_funnel_without_a_candidate_too() -> None:
    found = evidence_of([a_baseline(), a_funnel("begin_checkout"), a_funnel("not_a_candidate")])
    assert [e.event_name for e in found] == ["begin_checkout"]


def test_evidence_is_in_the_accounts_order() -> None:
    found = evidence_of([a_funnel("begin_checkout"), a_baseline(), a_funnel("add_to_cart")])
    assert [e.event_name for e in found] == ["add_to_cart", "begin_checkout"]


def test_a_funnel_that_exceeds_the_baseline_by_a_few_leaves_nobody_to_compare_with() -> None:
    found = scored(a_funnel(entered=10_020, completed=160))
    assert found.verdict is Verdict.NOT_ENOUGH
    assert (found.without.low, found.without.high) == (0.0, 1.0)


def test_nobody_bought_so_nothing_is_covered() -> None:
    found = evidence_of([a_baseline(10_000, 0), a_funnel(entered=400, completed=0)])
    assert found[0].coverage == 0.0
    assert found[0].verdict is Verdict.NOT_ENOUGH


def test_more_buyers_among_the_others_than_others_are_no_share_above_one() -> None:
    found = evidence_of([a_baseline(405, 300), a_funnel(entered=400, completed=120)])
    assert found[0].without.point == 1.0


def test_a_replaced_window_moves_the_monthly_figure() -> None:
    funnel = a_funnel(entered=400, completed=120)
    shorter = replace(funnel, window=type(funnel.window).ending(funnel.window.last, days=45))
    assert scored(shorter).monthly == pytest.approx(2 * scored(funnel).monthly)
