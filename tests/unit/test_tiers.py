"""What an account's own numbers say about its candidates, grade by grade."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from adsync.model.account import Account
from adsync.model.analytics import Funnel
from adsync.model.condition import condition
from adsync.model.evidence import Verdict
from adsync.model.history import History
from adsync.model.tier import AccountScores
from adsync.render.account_scores import account_document, account_lines
from adsync.score import best_evidence, score_candidates
from adsync.score.tiers import account_scores
from tests.builders import TODAY, a_baseline, a_candidate, a_funnel, a_log_reading, a_log_score, an_account

NAMES = ("scroll", "add_to_cart", "begin_checkout", "sign_up")
FUNNELS = (
    a_baseline(),
    a_funnel("scroll", 8000, 120),
    a_funnel("add_to_cart", 800, 140),
    a_funnel("begin_checkout", 400, 120),
)


def found(*funnels: Funnel, account: Account | None = None, **history: Any) -> AccountScores:
    owner = account or an_account(candidates=tuple(a_candidate(name) for name in NAMES))
    known = History(as_of=TODAY, funnels=funnels, **history)
    return account_scores(owner, known, score_candidates(owner, funnels))


def shown(scores: AccountScores) -> str:
    console = Console(width=150, record=True, file=None, quiet=False)
    with console.capture() as capture:
        for line in account_lines(scores):
            console.print(line)
    return capture.get()


def test_those_that_announce_most_come_first_and_those_of_which_too_little_is_known_last() -> None:
    scores = found(*FUNNELS).scores
    assert [s.event for s in scores] == ["add_to_cart", "begin_checkout", "scroll", "sign_up"]
    assert [s.verdict for s in scores] == [Verdict.GOOD, Verdict.GOOD, Verdict.NOT_BETTER, Verdict.NOT_ENOUGH]
    assert scores[0].announces == pytest.approx(800 / 3 * scores[0].risk_difference.low)  # type: ignore[union-attr]
    assert "nobody did it" in scores[-1].because and scores[-1].exposed == 0


def test_the_table_says_cannot_tell_where_the_interval_leaves_room_for_what_is_asked() -> None:
    for funnel, words in ((a_funnel("scroll", 400, 10), "cannot tell"), (a_funnel("scroll", 8000, 120), "not better")):
        scores = found(a_baseline(), funnel)
        assert scores.scores[0].cannot_tell == (words == "cannot tell") and words in shown(scores)


def test_a_shop_of_eight_sales_a_month_gets_weeks_and_no_ranking() -> None:
    few = [a_baseline(5000, 24), a_funnel("scroll", 4000, 20), a_funnel("add_to_cart", 120, 16)]
    scores = found(*few)
    assert scores.notes == (
        "No ranking. Not enough yet: 24 purchases, 30 are needed. At this pace about 3 more weeks than the 90 days that GA4's "
        "funnels look at (funnel_days: 113).",
    )
    assert [s.event for s in scores.scores][:2] == ["scroll", "add_to_cart"], "the order of the config"
    assert "No ranking." in shown(scores)


def test_conditions_of_the_config_are_shown_by_what_the_log_says_of_them() -> None:
    more, seconds = condition("page_view*3"), condition("60s")
    owner = an_account(candidates=(a_candidate(),), conditions=(more, seconds), event_log=("export",))
    few = a_log_score(
        "60s", 20, 2, verdict=Verdict.NOT_ENOUGH, because="Not enough yet: 20 visitors did it.", lift=None
    )
    log = a_log_reading(a_log_score("page_view*3"), few)
    scores = found(*FUNNELS[:1], FUNNELS[2], account=owner, log_scores=log)
    assert {(s.event, s.grade) for s in scores.scores} == {("page_view*3", "A"), ("add_to_cart", "B"), ("60s", "A")}
    assert [s.lift for s in scores.scores if s.event == "60s"] == [None], "and no 0.0"
    assert "page_view*3: 120 of 400 go on to buy" in shown(scores) and "60s: Not enough yet" in shown(scores)
    assert scores.unasked == ()
    both = " ".join(shown(scores).split())
    assert "shop: GA4's funnels count 10,000 visitors from" in both
    assert "The log counts 12,000 visitors from" in both and "160 of them did purchase. Within 30 days" in both
    assert account_document(scores)["log"]["visitors"] == 12_000

    unread = found(*FUNNELS[:1], account=owner)
    assert "Grade A says nothing of page_view*3 and 60s. The account's event log has not been read yet" in shown(unread)
    old = found(*FUNNELS[:1], account=owner, log_scores=replace(log, last=TODAY - timedelta(days=40)))
    assert [u.events for u in old.unasked] == [("page_view*3", "60s")] and "with newer events" in old.unasked[0].because
    nowhere = found(*FUNNELS[:1], account=replace(owner, event_log=()))
    assert "Only a log knows conditions." in nowhere.unasked[0].because


def test_json_has_the_keys_of_a_scored_log_and_says_what_would_raise_the_grade() -> None:
    document = account_document(found(*FUNNELS))
    assert document["base"]["visitors"] == 10_000 and document["base"]["buyers"] == 150
    assert document["log"] is None
    best = document["candidates"][0]
    assert {"event", "exposed", "converted", "p", "lift", "risk_difference", "q", "coverage", "volume_30d"} <= set(best)
    assert (best["grade"], best["verdict"]) == ("B", "good") and best["p"]["point"] == pytest.approx(0.175)
    assert "association" in best["cannot_know"] and "grade A" in best["raised_by"]


def test_the_terminal_says_the_grade_a_reason_for_each_and_what_is_not_known() -> None:
    text = " ".join(shown(found(*FUNNELS)).split())
    assert "Grade B, from GA4's funnels" in text and "begin_checkout: 30 % go on to buy" in text
    assert "an association in all traffic" in text and "adsync score --events" in text


def test_what_the_log_says_of_one_candidate_is_not_said_of_the_others_of_the_table() -> None:
    owner = an_account(
        candidates=(a_candidate("add_to_cart"), a_candidate("begin_checkout"), a_candidate("view_cart")),
        event_log=("export",),
    )
    few = a_log_score("add_to_cart", verdict=Verdict.NOT_ENOUGH, because="Not enough yet: 1 went on to buy.")
    log = a_log_reading(few)
    evidence = best_evidence(owner, score_candidates(owner, FUNNELS), log, TODAY)
    known = History(as_of=TODAY, funnels=FUNNELS, log_scores=log)
    text = " ".join(shown(account_scores(owner, known, evidence)).split())
    assert "add_to_cart: The event log (grade A) says: Not enough yet: 1 went on to buy." in text
    assert "begin_checkout: The event log did not have this event" in text
    assert text.count("an association in all traffic") == 1 and "view_cart: An event that nobody does" in text


def test_beside_nobody_who_converted_the_table_shows_no_lift() -> None:
    scores = found(a_baseline(5_000, 140), a_funnel("add_to_cart", 800, 140))
    (cart,) = [s for s in scores.scores if s.event == "add_to_cart"]
    assert (cart.lift, cart.risk_difference, cart.announces) == (
        None,
        None,
        0.0,
    ) and "Nobody converted without it" in cart.because


def test_without_funnels_it_says_what_to_do() -> None:
    scores = found()
    assert scores.scores == () and scores.notes == (
        "GA4's funnels have not been copied yet: adsync pull --account shop",
    )
    assert "adsync pull" in shown(replace(scores, as_of=None))
