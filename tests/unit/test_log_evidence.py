"""Evidence of single events in the night: when it speaks, whom it chooses to bid on, and when it has weakened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from adsync.decide.account import decide_account
from adsync.decide.weakened import weakened
from adsync.model import grade
from adsync.model.decision import GRADE, Decision, Decisions, Verb
from adsync.model.evidence import Evidence, Interval, Verdict
from adsync.model.log import Past, Promoted
from adsync.model.log_scores import LogScores, PastShare, log_trouble, with_doubt
from adsync.model.selection import Selection
from adsync.score import best_evidence, score_candidates
from adsync.score.intervals import wilson
from tests.builders import (
    MACRO_ID,
    TODAY,
    a_baseline,
    a_campaign,
    a_funnel,
    a_history,
    a_log_reading,
    a_log_score,
    a_series,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

CART, CHECKOUT = "add_to_cart", "begin_checkout"
ACCOUNT = an_account(event_log=("export",))
FUNNELS = score_candidates(ACCOUNT, (a_baseline(), a_funnel(CART, 400, 120), a_funnel(CHECKOUT, 250, 100)))
BOTH = (a_log_score(CART, 400, 120), a_log_score(CHECKOUT, 250, 100))


def speaks(log: LogScores | None, night: date = TODAY) -> dict[str, str]:
    return {e.event_name: e.grade for e in best_evidence(ACCOUNT, FUNNELS, log, night)}


def of(event: str, log: LogScores | None, night: date = TODAY) -> Evidence:
    return next(e for e in best_evidence(ACCOUNT, FUNNELS, log, night) if e.event_name == event)


# Which evidence speaks -----------------------------------------------------------------------------------------------


def test_single_events_speak_before_funnels_and_keep_what_these_say() -> None:
    found = of(CART, a_log_reading(*BOTH))
    assert (found.grade, found.share.point, found.lift, found.monthly) == ("A", 0.3, Interval(3.0, 2.5, 3.6), 400 / 3)
    assert (found.without.point, found.without.low, found.without.high) == pytest.approx((0.1, 0.06, 0.14))
    assert (found.visitors, found.buyers, found.horizon_days) == (12_000, 160, 30)
    assert found.weaker is not None and found.weaker.grade == "B"
    assert "not cause" in found.cannot_know and "experiment" in found.raised_by


@pytest.mark.parametrize(
    ("log", "grades", "says"),
    [
        (None, "BB", "has not been read yet"),
        (a_log_reading(*BOTH, last=TODAY - timedelta(days=11)), "BB", "ends on 2026-05-21, more than 10 days"),
        (a_log_reading(BOTH[1]), "BA", "did not have this event"),
        (
            a_log_reading(a_log_score(CART, verdict=Verdict.NOT_ENOUGH, because="3 visitors did it."), BOTH[1]),
            "BA",
            "The event log (grade A) says: 3 visitors did it.",
        ),
    ],
)
def test_where_single_events_say_nothing_funnels_do_and_say_what_would_tell_more(
    log: LogScores | None, grades: str, says: str
) -> None:
    assert "".join(speaks(log).values()) == grades
    assert says in of(CART, log).raised_by and of(CART, log).cannot_know == grade.B.cannot_know


def test_a_log_of_ten_days_ago_still_speaks() -> None:
    assert speaks(a_log_reading(*BOTH, last=TODAY - timedelta(days=10))) == {CART: "A", CHECKOUT: "A"}


@pytest.mark.parametrize(("buyers", "believed"), [(160, True), (620, False), (590, True), (62, False), (68, True)])
def test_a_log_with_far_more_or_far_fewer_macros_than_ga4_counts_is_of_another_site(
    buyers: int, believed: bool
) -> None:
    # GA4: 150 in 90 days, 50 a month. The log has 120 days.
    log = with_doubt(a_log_reading(*BOTH, buyers=buyers), (a_baseline(completed=150),))
    assert log is not None and log.is_believed(TODAY) == believed
    assert speaks(log) == dict.fromkeys((CART, CHECKOUT), "A" if believed else "B")
    if not believed:
        assert "it seems to be of another site" in log_trouble(log, "", TODAY)
        assert "GA4 counts 50" in of(CART, log).raised_by
        assert promoted(decided(replace(log, selection=chose(CART)), add_to_cart=90, begin_checkout=60)) == [CHECKOUT]


def test_of_a_handful_of_macros_nothing_is_concluded() -> None:
    log = a_log_reading(*BOTH, buyers=9)
    assert with_doubt(log, (a_baseline(completed=1),)) == log and with_doubt(log, ()) == log


def test_an_account_without_a_log_is_told_that_one_would_say_more() -> None:
    (found, _) = best_evidence(an_account(), FUNNELS, None, TODAY)
    assert found.grade == "B" and "`events` in the config" in found.raised_by


def test_a_verdict_against_a_candidate_stands_over_a_funnel_that_likes_it() -> None:
    after = a_log_score(CART, verdict=Verdict.AFTER_MACRO, lift=None, risk_difference=None, because="Only after it.")
    found = of(CART, a_log_reading(after, BOTH[1]))
    assert found.verdict is Verdict.AFTER_MACRO and not found.comparable
    decision = about(CART, decided(a_log_reading(after, BOTH[1])))
    assert decision.verb is None and decision.because == "Follows the main conversion: Only after it."


def test_a_candidate_without_a_funnel_is_known_from_the_log() -> None:
    (only,) = best_evidence(ACCOUNT, (), a_log_reading(BOTH[1]), TODAY)
    assert (only.event_name, only.grade, only.weaker) == (CHECKOUT, "A", None)


# Who is bid on -------------------------------------------------------------------------------------------------------

OURS = Past(managed=frozenset({"200", "201"}))


VALUED: dict[str, Any] = {"default_value": 5.0, "always_use_default_value": True}
"""What campaigns that bid for value want of a helper before they bid on it."""


def decided(
    log: LogScores | None, *, past: Past = OURS, strategy: str = "MAXIMIZE_CONVERSIONS", **recorded: Any
) -> Decisions:
    """A starved account that observes both candidates. recorded: conversions a month by event, or a series."""
    state = a_state(
        an_action("200", **VALUED),
        an_action("201", **VALUED, ga4_event_name=CHECKOUT),
        campaigns=(a_campaign(strategy=strategy),),
    )
    if not recorded:
        state = a_state()
    ids = {CART: "200", CHECKOUT: "201"}
    series = {
        ids[event]: found if not isinstance(found, (int, float)) else a_steady_series(found)
        for event, found in recorded.items()
    }
    history = a_history(conversions={MACRO_ID: a_steady_series(8)} | series, log_scores=log)
    evidence = best_evidence(ACCOUNT, FUNNELS, log, TODAY)
    decisions, _ = decide_account(ACCOUNT, a_snapshot(state), history, evidence, past, {})
    return decisions


def about(event: str, decisions: Decisions) -> Decision:
    return next(d for d in decisions.each if d.event_name == event)


def promoted(decisions: Decisions) -> list[str]:
    return [d.event_name for d in decisions.each if d.verb is Verb.PROMOTE]


def chose(*events: str, reached: bool = True) -> Selection:
    return Selection(events=events, need=39.0, volume=52.0, reached=reached, because="None is frequent enough alone.")


def test_what_the_log_chose_is_promoted_and_the_reason_says_so() -> None:
    # By the rule of funnels the deeper one would be.
    assert promoted(decided(None, add_to_cart=90, begin_checkout=60)) == [CHECKOUT]
    found = decided(a_log_reading(*BOTH, selection=chose(CART)), add_to_cart=90, begin_checkout=60)
    assert promoted(found) == [CART]
    said = about(CART, found)
    assert (
        "The event log chose it. None is frequent enough alone (52 visitors in 30 days, those of the macro too, from ads "
        "or not; 39 are wanted)." in said.because
    )
    assert dict(said.numbers)[GRADE] == "A" and dict(said.numbers)["chosen by the event log"] == CART


def test_what_the_log_chose_together_is_promoted_together() -> None:
    log = a_log_reading(*BOTH, selection=chose(CHECKOUT, CART))
    assert promoted(decided(log, add_to_cart=25, begin_checkout=20)) == [CART, CHECKOUT]


def test_what_ads_bring_too_little_of_gives_way_to_one_that_brings_enough() -> None:
    log = a_log_reading(*BOTH, selection=chose(CHECKOUT))
    assert promoted(decided(log, add_to_cart=90, begin_checkout=10)) == [CART]
    assert promoted(decided(log, add_to_cart=12, begin_checkout=10)) == [CHECKOUT], "nobody brings enough"


def test_what_the_log_chose_is_waited_for_while_it_is_observed() -> None:
    log = a_log_reading(*BOTH, selection=chose(CHECKOUT))
    young = a_series(*[0.0] * 385, *[2.0] * 15)
    found = decided(log, add_to_cart=90, begin_checkout=young)
    assert promoted(found) == [] and "observed for 28 days" in about(CHECKOUT, found).because
    silent = a_series(*[0.0] * 400)
    enabled = replace(OURS, recording=(("201", TODAY - timedelta(days=5)),))
    assert promoted(decided(log, past=enabled, add_to_cart=90, begin_checkout=silent)) == []
    long_ago = replace(OURS, recording=(("201", TODAY - timedelta(days=50)),))
    assert promoted(decided(log, past=long_ago, add_to_cart=90, begin_checkout=silent)) == [CART], "it never came"


def test_an_old_choice_chooses_no_more() -> None:
    log = a_log_reading(*BOTH, selection=chose(CART), last=TODAY - timedelta(days=11))
    assert promoted(decided(log, add_to_cart=90, begin_checkout=60)) == [CHECKOUT]


@pytest.mark.parametrize(
    ("strategy", "bids_on"),
    [("MAXIMIZE_CONVERSIONS", []), ("TARGET_CPA", []), ("TARGET_ROAS", [CART]), ("MAXIMIZE_CONVERSION_VALUE", [CART])],
)
def test_a_small_share_serves_bidding_to_values_only(strategy: str, bids_on: list[str]) -> None:
    log = a_log_reading(a_log_score(CART, 4000, 400))
    found = decided(log, strategy=strategy, add_to_cart=120)
    assert promoted(found) == bids_on
    if not bids_on:
        assert "Observed. 10 % go on to buy" in about(CART, found).because
        assert "20 % are asked (minimum_share)" in about(CART, found).because


@pytest.mark.parametrize(("strategy", "observed"), [("TARGET_CPA", False), ("TARGET_ROAS", True)])
def test_an_event_with_a_small_share_is_observed_only_where_somebody_bids_for_value(
    strategy: str, observed: bool
) -> None:
    state = a_state(campaigns=(a_campaign(strategy=strategy),))
    evidence = best_evidence(ACCOUNT, (), a_log_reading(a_log_score(CART, 4000, 400)), TODAY)
    history = a_history(conversions={MACRO_ID: a_steady_series(8)})
    decisions, _ = decide_account(ACCOUNT, a_snapshot(state), history, evidence, Past(), {})
    decision = about(CART, decisions)
    assert (decision.verb is not None) == observed
    if not observed:
        assert decision.because.startswith("Of no use here: 400 of 4000 go on to buy")
        assert "No campaign bids for value (minimum_share: 20 %)" in decision.because


def test_the_smallest_share_holds_for_funnels_as_well() -> None:
    funnels = (replace(FUNNELS[0], share=Interval(0.19, 0.17, 0.22)),)
    for strategy, bids_on in (("MAXIMIZE_CONVERSIONS", []), ("TARGET_ROAS", [CART])):
        state = a_state(an_action("200", **VALUED), campaigns=(a_campaign(strategy=strategy),))
        history = a_history(conversions={MACRO_ID: a_steady_series(8), "200": a_steady_series(120)})
        decisions, _ = decide_account(ACCOUNT, a_snapshot(state), history, funnels, OURS, {})
        assert promoted(decisions) == bids_on


# Whether it has weakened ---------------------------------------------------------------------------------------------

THEN, NOW_LESS = wilson(300, 1000), wilson(150, 1000)
PROMOTED_ON = TODAY - timedelta(days=90)


def reading(days_ago: int, share: Interval, horizon_days: int = 30) -> PastShare:
    return PastShare(as_of=TODAY - timedelta(days=days_ago), horizon_days=horizon_days, share=share)


def said(
    *past: PastShare, grade: str = "B", since: int | None = 90, promoted: bool = True, **different: Any
) -> tuple[str, bool] | None:
    """Grade of the evidence that weakened, and whether since a promotion."""
    now = of(CART, a_log_reading(a_log_score(CART, 1000, 150)))
    then = Promoted(action_id="200", on=PROMOTED_ON, share=THEN, grade=grade) if promoted else None
    recording = TODAY - timedelta(days=since) if since is not None else None
    found = weakened(replace(now, **different), then, recording, past)
    return (found.now.grade, found.promoted) if found else None


def test_single_events_are_compared_with_the_reading_at_the_promotion() -> None:
    assert said(reading(97, THEN), reading(83, NOW_LESS)) == ("A", True)
    assert said(reading(97, NOW_LESS), reading(83, THEN)) is None, "what came after it is no measure"
    assert said(reading(83, THEN), reading(7, NOW_LESS)) == ("A", True), "but where there was none before"
    assert said(reading(97, THEN, horizon_days=7)) is None, "another horizon asks another question"
    assert said(reading(97, wilson(20, 100))) is None, "a fall that few visitors show may be none"


def test_single_events_are_never_compared_with_funnels() -> None:
    # The funnel says 30 % now as then; what the log says is half of what the funnel said.
    assert said(grade="B") is None
    assert said(grade="A") is None, "funnels are not held against the log either"
    fallen = replace(FUNNELS[0], share=NOW_LESS)
    assert said(grade="B", weaker=fallen) == ("B", True)
    assert said(grade="A", weaker=fallen) is None


def test_an_observed_helper_is_compared_with_when_it_began_to_be_observed() -> None:
    assert said(reading(89, THEN), reading(7, NOW_LESS), promoted=False) == ("A", False)
    assert said(reading(89, THEN), promoted=False, since=None) is None
    history = a_history(
        conversions={MACRO_ID: a_steady_series(8)}, log_shares={CART: (reading(89, THEN), reading(0, NOW_LESS))}
    )
    evidence = best_evidence(ACCOUNT, FUNNELS, a_log_reading(a_log_score(CART, 1000, 150)), TODAY)
    past = replace(OURS, recording=(("200", TODAY - timedelta(days=90)),))
    decisions, _ = decide_account(ACCOUNT, a_snapshot(a_state(an_action("200"))), history, evidence, past, {})
    because = about(CART, decisions).because
    assert "it was 30 % when it began to be observed (evidence of grade A, both)" in because
    assert "rollback" not in because
