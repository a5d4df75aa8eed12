"""What is said of outcome reviews: every figure says of what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from adsync.model.decision import Verb
from adsync.model.evidence import Interval
from adsync.model.outcome_review import (
    Concluded,
    Counted,
    Doubt,
    Doubted,
    OutcomeReview,
    ReviewedChange,
    ReviewVerdict,
)
from adsync.model.outcome_words import review_line
from adsync.model.window import Window
from tests.builders import CUSTOMER_ID, TODAY, a_change, an_entry

BEFORE, AFTER = Window.ending(TODAY - timedelta(days=1), days=56), Window.ending(TODAY + timedelta(days=42), days=28)
REVIEW = OutcomeReview(
    entry_id=1,
    customer_id=CUSTOMER_ID,
    changed_on=TODAY,
    macros=("1",),
    campaigns=("1",),
    compared_with=(),
    before=BEFORE,
    after=AFTER,
    due_on=AFTER.last + timedelta(days=1),
    at_least=20.0,
)


def counted(macros: float, cost: float, days: int) -> Counted:
    return Counted(macros=macros, clicks=100, cost=cost, days=days)


FOUND = Concluded(
    on=TODAY + timedelta(days=43),
    verdict=ReviewVerdict.INCONCLUSIVE,
    doubts=(Doubted(doubt=Doubt.TOO_LITTLE, saw="Too few."),),
    before=counted(20, 640, 56),
    after=counted(40, 1600, 28),
    per_cost=Interval(0.78, 0.27, 2.65),
)


def said(found: Concluded | None = FOUND, **more: Any) -> str:
    entry = an_entry(1, a_change(Verb.PROMOTE))
    return review_line(ReviewedChange(review=REVIEW, entry=entry, concluded=found, **more)).said


def test_the_ratio_of_the_costs_that_are_named_is_told_from_the_middle_of_what_is_possible() -> None:
    assert said().endswith(
        "inconclusive. Too few. Counted: 40 main conversions in the 28 days after the change, 20 in the 56 before it; a main "
        "conversion cost 40.00 after it and 32.00 before, which is 0.80 times as many for the same money; the middle of what "
        "these numbers leave possible is 0.78 (90 %: 0.27 to 2.65)."
    )
    assert "for the same money (90 %" in said(replace(FOUND, per_cost=Interval(0.8, 0.5, 1.2))), "one figure, said once"


def test_a_comparison_with_other_campaigns_is_named_as_one() -> None:
    beside = replace(FOUND, others_before=counted(90, 900, 56), others_after=counted(45, 450, 28))
    assert "0.80 times as many for the same money, or 0.78 times as many, set against the campaigns" in said(beside)


def test_where_nothing_was_sold_no_cost_is_named() -> None:
    none = said(replace(FOUND, after=counted(0, 500, 28), per_cost=Interval(0.02, 0.0, 0.1)))
    assert "cost" not in none and "0.02 times as many for the same money (90 %" in none


def test_an_open_review_in_whose_days_its_own_group_goes_on_says_what_comes_of_that() -> None:
    assert "group" not in said(None)
    assert "moves other things inside these days as well, on 2026-07-01: " in said(None, steps=(date(2026, 7, 1),))
    several = said(None, steps=(date(2026, 7, 1), date(2026, 7, 15)))
    assert "from 2026-07-01 to 2026-07-15" in several and several.endswith("the review will be inconclusive.")
