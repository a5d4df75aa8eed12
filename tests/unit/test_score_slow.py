"""That much of the macro comes later than the horizon is said once, with a horizon that the log is long enough for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adsync.model.evidence import Verdict
from adsync.model.exposure import Exposed, Following, LogSummary, Plain, Question
from adsync.score.slow import late
from tests.unit.test_selection import a_score

FIRST = datetime(2026, 1, 5, tzinfo=UTC)


def followed(went_on: int, too_late: int, after: int = 7, within_a_day: int = 0) -> Following:
    return Following(
        did=986,
        months=986,
        did_and_bought=went_on + after,
        after=after,
        around=0,
        passed=went_on - too_late,
        exposed={"day": Exposed(visitors=986, bought=within_a_day)},
    )


def said(
    of: dict[str, Following],
    *,
    days: int = 300,
    horizon: int = 30,
    settling: int = 0,
    verdicts: dict[str, Verdict] | None = None,
    converted: int = 60,
) -> list[str]:
    log = LogSummary(
        rows=9,
        names={},
        excluded={},
        visitors=9_000,
        first=FIRST,
        last=FIRST + timedelta(days=days),
        files=1,
        form="flat log",
    )
    question = Question(
        macro="contract",
        candidates=tuple(of),
        horizon_days=horizon,
        as_of=log.last,
        settling_days=settling,
    )
    scores = [
        replace(a_score(name, converted=converted), verdict=(verdicts or {}).get(name, Verdict.GOOD)) for name in of
    ]
    return [*late(question, log, Plain(visitors=9_000, buyers=208, buyer_months=208, by_candidate=of), scores)]


def test_how_many_of_how_many_come_too_late_is_said_with_a_longer_horizon() -> None:
    assert said({"trial": followed(208, 140)}) == [
        "Of 208 visitors who did contract after trial 140 did so more than 30 days later: p, lift and worth leave them out. "
        "--horizon-days 90 counts more of them."
    ]


@pytest.mark.parametrize(("went_on", "too_late", "notes"), [(29, 29, 0), (30, 11, 1), (30, 10, 0), (3_000, 900, 0)])
def test_few_and_a_tail_are_not_remarked(went_on: int, too_late: int, notes: int) -> None:
    assert len(said({"trial": followed(went_on, too_late)})) == notes


def test_of_several_the_good_one_with_most_of_them_is_named() -> None:
    of = {"a": followed(200, 100), "b": followed(208, 140), "c": followed(208, 190), "d": followed(208, 200)}
    (note,) = said(of, verdicts={"c": Verdict.NOT_BETTER, "d": Verdict.DUPLICATE})
    assert "after b 140 did so" in note
    (note,) = said(of, verdicts=dict.fromkeys("abc", Verdict.NOT_BETTER) | {"d": Verdict.NOT_ENOUGH})
    assert "after c 190 did so" in note


@pytest.mark.parametrize(
    ("too_late", "horizon", "within_a_day", "is_long"),
    [
        (
            100,
            30,
            9,
            True,
        ),  # Where half wait longer than thirty days, a forty-fourth does it within one, and twice that may.
        (100, 30, 10, False),
        (100, 7, 37, True),
        (100, 7, 38, False),
        (200, 30, 0, True),
    ],
)
def test_no_long_wait_is_one_that_many_do_not_wait_at_all(
    too_late: int, horizon: int, within_a_day: int, is_long: bool
) -> None:
    """They come again and buy then as others did at once."""
    of = followed(200, too_late, within_a_day=within_a_day)
    assert bool(said({"view": of}, horizon=horizon, verdicts={"view": Verdict.NOT_BETTER})) is is_long


def test_beside_a_good_candidate_that_has_its_time_nothing_is_late() -> None:
    of = {"cart": followed(200, 20), "view": followed(200, 150)}
    assert said(of, verdicts={"view": Verdict.NOT_BETTER}) == []
    assert len(said(of, verdicts={"cart": Verdict.NOT_BETTER, "view": Verdict.NOT_BETTER})) == 1
    few = {"cart": followed(29, 2), "view": followed(200, 150)}
    assert len(said(few, verdicts={"view": Verdict.NOT_BETTER})) == 1, "of few nobody knows"


def test_what_has_too_few_conversions_may_have_them_later() -> None:
    rare = {"trial": Verdict.NOT_ENOUGH}
    assert len(said({"trial": followed(40, 31)}, converted=9, verdicts=rare)) == 1
    assert said({"trial": followed(40, 30)}, converted=10, verdicts=rare) == [], "something else is lacking"


@pytest.mark.parametrize(
    ("days", "horizon", "settling", "says"),
    [
        (209, 30, 0, "--horizon-days 69 counts"),
        (209, 30, 3, "--horizon-days 68 counts"),
        (300, 7, 0, "--horizon-days 21 counts"),
        (134, 30, 0, "A log of 134 days is too short for a longer horizon"),
        (135, 30, 0, "--horizon-days 45 counts"),
        (600, 90, 0, "90 days are the longest"),
        (270, 90, 0, "90 days are the longest"),
        (150, 61, 0, "90 days are the longest"),
    ],
)
def test_no_horizon_is_advised_that_the_log_cannot_answer(days: int, horizon: int, settling: int, says: str) -> None:
    (note,) = said({"trial": followed(208, 140)}, days=days, horizon=horizon, settling=settling)
    assert f"leave them out. {says}" in note
