"""Laws of grades: what only ranks never decides."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.decide.account import decide_account
from adsync.model.decision import Counters, Decisions, Verb
from adsync.model.evidence import Evidence
from adsync.model.log import Past
from adsync.score import score_candidates
from tests.builders import (
    MACRO_ID,
    a_baseline,
    a_candidate,
    a_funnel,
    a_history,
    a_snapshot,
    a_state,
    a_steady_series,
    an_account,
    an_action,
)

ACCOUNT = an_account(candidates=(a_candidate("add_to_cart"), a_candidate("begin_checkout", route="tag")))
STRENGTHENING = {Verb.CREATE, Verb.KEY_EVENT, Verb.ENABLE, Verb.PROMOTE}


def decided(evidence: list[Evidence], *, observed: bool, marked: bool, sales: float) -> Decisions:
    past = Past(managed=frozenset({"200"} if observed else ()))
    history = a_history(
        conversions={MACRO_ID: a_steady_series(sales), "200": a_steady_series(90)},
    )
    mirror = an_action(status="ENABLED" if observed else "HIDDEN")
    snapshot = a_snapshot(a_state(mirror), ("purchase", "add_to_cart") if marked else ("purchase",))
    decisions, _ = decide_account(ACCOUNT, snapshot, history, evidence, past, {"": Counters()})
    return decisions


def verbs(decisions: Decisions) -> set[Verb]:
    return {d.verb for d in decisions.each if d.verb is not None}


@settings(max_examples=30)
@given(
    carts=st.tuples(st.integers(100, 900), st.integers(0, 100)),
    checkouts=st.tuples(st.integers(100, 900), st.integers(0, 100)),
    observed=st.booleans(),
    marked=st.booleans(),
    sales=st.sampled_from((8.0, 20.0, 60.0)),
)
def test_grade_c_makes_uses_and_promotes_nothing_by_itself(
    carts: tuple[int, int], checkouts: tuple[int, int], observed: bool, marked: bool, sales: float
) -> None:
    funnels = [a_baseline(), a_funnel("add_to_cart", *carts), a_funnel("begin_checkout", *checkouts)]
    evidence = score_candidates(ACCOUNT, funnels)
    ranked = [replace(e, grade="C") for e in evidence]
    by_c = decided(ranked, observed=observed, marked=marked, sales=sales)
    assert not verbs(by_c) & STRENGTHENING
    assert by_c == decided([], observed=observed, marked=marked, sales=sales)


def test_the_same_evidence_in_grade_b_does() -> None:
    funnels = [a_baseline(), a_funnel("add_to_cart", 400, 100), a_funnel("begin_checkout", 400, 100)]
    evidence = list(score_candidates(ACCOUNT, funnels))
    done = [
        verbs(decided(evidence, observed=observed, marked=marked, sales=8.0))
        for observed, marked in ((False, False), (False, True), (True, True))
    ]
    assert done == [{Verb.KEY_EVENT, Verb.CREATE}, {Verb.ENABLE, Verb.CREATE}, {Verb.PROMOTE, Verb.CREATE}]
