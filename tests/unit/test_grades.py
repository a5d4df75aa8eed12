"""What is shown of the evidence behind decisions: its grade, what it cannot know, and what would tell more."""

from __future__ import annotations

from datetime import timedelta

from adsync.decide import helper_words
from adsync.model.decision import Decision, Verb
from adsync.model.evidence import Interval, Verdict
from adsync.model.log_scores import LogScores, log_trouble
from adsync.render.grades import AS_ABOVE, change_lines, evidence_document, explained, explained_beside, grade_lines
from adsync.score import best_evidence, score_candidates
from tests.builders import TODAY, a_baseline, a_change, a_funnel, a_log_reading, a_log_score, an_account

CART, CHECKOUT = "add_to_cart", "begin_checkout"
ACCOUNT = an_account(event_log=("export",))


def decisions(log: LogScores | None) -> list[Decision]:
    funnels = score_candidates(ACCOUNT, (a_baseline(), a_funnel(CART, 400, 120), a_funnel(CHECKOUT, 250, 100)))
    found = best_evidence(ACCOUNT, funnels, log, TODAY)
    return [Decision(event_name=e.event_name, because="", evidence=e) for e in found]


def test_each_grade_is_explained_once_with_whom_it_is_about() -> None:
    single, funnel = grade_lines(decisions(a_log_reading(a_log_score(CART))))
    assert single.startswith("Evidence of grade A: add_to_cart. From single events")
    assert single.endswith("brings more sales.")
    assert funnel.startswith("Evidence of grade B: begin_checkout. From GA4's funnels")
    assert funnel.endswith("The event log did not have this event; where it has, it tells more (grade A).")
    (both,) = grade_lines(decisions(None))
    assert (
        both.startswith("Evidence of grade B: add_to_cart, begin_checkout. ") and both.count("not been read yet") == 1
    )
    assert grade_lines([Decision(event_name=CART, because="")]) == []


def test_candidates_of_one_grade_may_lack_different_things() -> None:
    few = a_log_score(CART, verdict=Verdict.NOT_ENOUGH, because="Not enough yet: 3 visitors did it.")
    (line,) = grade_lines(decisions(a_log_reading(few)))
    assert "add_to_cart: The event log (grade A) says: Not enough yet" in line
    assert "begin_checkout: The event log did not have this event" in line


def test_changes_say_once_what_they_rest_on_and_old_ones_say_nothing() -> None:
    known = [d.evidence for d in decisions(None) if d.evidence is not None]
    made = [a_change(Verb.CREATE, event_name=e.event_name, numbers=helper_words.graded(e)) for e in known]
    (line,) = change_lines([*made, a_change(numbers=(("wanted", 39.0),))])
    assert line.startswith("Evidence of grade B: add_to_cart, begin_checkout. From GA4's funnels")
    assert change_lines([made[0], made[0]]) == change_lines(made[:1]), "nobody is named twice"
    assert change_lines([a_change(numbers=(("wanted", 39.0),))]) == []


def test_what_a_page_has_told_of_a_grade_under_its_decisions_is_not_said_again_under_its_changes() -> None:
    made = decisions(None)
    (cart, _) = [d.evidence for d in made if d.evidence is not None]
    change = a_change(Verb.CREATE, event_name=cart.event_name, numbers=helper_words.graded(cart))
    assert change_lines([change], explained_beside(made)) == [f"Evidence of grade B: add_to_cart. {AS_ABOVE}"]


def test_what_another_account_has_been_told_of_a_grade_is_not_said_again() -> None:
    known = [d.evidence for d in decisions(None) if d.evidence is not None]
    cart, checkout = [a_change(Verb.CREATE, event_name=e.event_name, numbers=helper_words.graded(e)) for e in known]
    assert change_lines([checkout], explained([cart])) == [f"Evidence of grade B: begin_checkout. {AS_ABOVE}"]
    assert change_lines([checkout], explained([])) == change_lines([checkout])


def test_programs_get_the_names_of_score_and_nothing_where_nothing_was_compared() -> None:
    after = a_log_score(CART, verdict=Verdict.AFTER_MACRO, lift=None, risk_difference=None)
    document = evidence_document(decisions(a_log_reading(after))[0].evidence)
    assert document is not None and document["weaker"]["grade"] == "B" and document["weaker"]["weaker"] is None
    assert (document["grade"], document["lift"], document["risk_difference"]) == ("A", None, None)
    assert document["p"]["point"] == 0.3 and document["weaker"]["lift"]["point"] > 1
    assert evidence_document(None) is None
    endless = a_log_score(CART, lift=Interval(2.0, 0.1, float("inf")))
    told = evidence_document(decisions(a_log_reading(endless))[0].evidence)
    assert told is not None and told["lift"] == {"point": 2.0, "low": 0.1, "high": None}, "JSON has no infinity"


def test_what_is_wrong_with_a_log_says_what_is_gone_by_and_what_to_do() -> None:
    young, old = a_log_reading(), a_log_reading(last=TODAY - timedelta(days=11))
    assert log_trouble(young, "", TODAY) == log_trouble(None, "", TODAY) == ""
    assert "ends on 2026-05-21" in log_trouble(old, "", TODAY) and "Let the export go on" in log_trouble(old, "", TODAY)
    for found, instead in (
        (young, "What it said on 2026-06-01 is used"),
        (old, "GA4's funnels"),
        (None, "GA4's funnels"),
    ):
        said = log_trouble(found, "It is broken.", TODAY)
        assert "could not be read. It is broken." in said and instead in said and "correct `events`" in said
