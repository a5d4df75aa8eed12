"""Verdicts of grade A where two events are one step by two names, and where nobody can tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adsync.model.evidence import Interval, Verdict
from adsync.model.exposure import Following, Plain
from adsync.model.score import Score
from adsync.score.event_level import without_duplicates
from tests.unit.test_selection import a_score


def who_did(**did: int) -> dict[str, Following]:
    return {
        name: Following(did=n, months=n, did_and_bought=0, after=0, around=0, passed=0, exposed={})
        for name, n in did.items()
    }


def judged(together: int) -> list[Score]:
    plain = Plain(
        visitors=9_000,
        buyers=400,
        buyer_months=400,
        by_candidate=who_did(sign_up=1_000, start_trial=500),
        together={("sign_up", "start_trial"): together},
    )
    return without_duplicates([a_score("sign_up"), a_score("start_trial")], plain, "purchase")


def test_of_two_that_fall_together_the_lesser_is_a_duplicate_and_says_of_what_and_how_often() -> None:
    better, lesser = judged(490)
    assert (better.verdict, lesser.verdict) == (Verdict.GOOD, Verdict.DUPLICATE)
    assert lesser.because == (
        "It happens at the same moments as sign_up, which announces more purchases: 98 % of those who do the rarer one do both "
        "within 10 seconds. Bidding on both would count one step twice."
    )
    assert [s.verdict for s in judged(400)] == [Verdict.GOOD, Verdict.GOOD]


@pytest.mark.parametrize(
    ("verdict", "lift", "unsure"),
    [
        (Verdict.NOT_BETTER, Interval(1.0, 0.7, 1.5), True),
        (Verdict.NOT_BETTER, Interval(0.9, 0.7, 1.1), False),
        (Verdict.NOT_BETTER, None, False),
        (Verdict.GOOD, Interval(2.0, 1.5, 2.5), False),
    ],
)
def test_nobody_can_tell_where_a_lift_that_matters_is_neither_shown_nor_ruled_out(
    verdict: Verdict, lift: Interval | None, unsure: bool
) -> None:
    assert replace(a_score("scroll"), verdict=verdict, lift=lift).cannot_tell == unsure
