"""When a candidate announces less or more than before, and when that is chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import log

import numpy as np
import pytest
from scipy.stats import f

from adsync.model.stability import Drift, Turn, Week
from adsync.score.drift import chance, drifts
from adsync.score.intervals import wilson
from tests.drift_figures import alarms

MONDAY = date(2026, 3, 2)


def weeks(*counts: tuple[int, int], expected: Sequence[float] = ()) -> list[Week]:
    """Whole weeks of exposed and converted."""
    return [
        Week(
            first=MONDAY + timedelta(weeks=k),
            whole=True,
            exposed=n,
            converted=x,
            p=wilson(x, n),
            expected=expected[k] if expected else 0.0,
            lift=x / expected[k] if expected else None,
        )
        for k, (n, x) in enumerate(counts)
    ]


def drift(of: Sequence[Week]) -> Drift:
    return drifts({"add_to_cart": of})["add_to_cart"]


def test_a_fall_is_told_with_both_shares_and_dates() -> None:
    found = drift(weeks(*[(300, 63)] * 10, *[(300, 36)] * 4))
    assert found.turn is Turn.FALLS and found.q < 0.001
    # The first two weeks of a log are left out: who had come before it began is new in them.
    assert found.because == (
        "add_to_cart announces less than before: 12 % of 1,200 in the 4 weeks up to 2026-06-07, "
        "21 % of 2,400 before (since 2026-03-16)."
    )


def test_a_rise_is_told_as_well() -> None:
    found = drift(weeks(*[(300, 30)] * 8, *[(300, 60)] * 4))
    assert found.turn is Turn.RISES and "announces more than before: 20 % of 1,200" in found.because


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (40.0, "Its lift fell as well, now 1.0, 2.0 before."),
        (22.0, "Its lift fell less, now 1.8, 2.0 before: equally active visitors changed as well."),
        (20.2, "Its lift did not fall, now 2.0, 2.0 before: equally active visitors changed as much or more."),
        (10.0, "Its lift did not fall, now 4.0, 2.0 before: equally active visitors changed as much or more."),
    ],
)
def test_whether_equally_active_visitors_fell_too_is_said(later: float, says: str) -> None:
    found = drift(weeks(*[(400, 80)] * 8, *[(400, 40)] * 4, expected=[40.0] * 8 + [later] * 4))
    assert found.turn is Turn.FALLS and found.because.endswith(says)


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (40.0, "Its lift rose as well, now 2.0, 1.0 before."),
        (66.0, "Its lift rose less, now 1.2, 1.0 before: equally active visitors changed as well."),
        (100.0, "Its lift did not rise, now 0.8, 1.0 before: equally active visitors changed as much or more."),
    ],
)
def test_of_a_rise_the_words_go_the_other_way(later: float, says: str) -> None:
    found = drift(weeks(*[(400, 40)] * 8, *[(400, 80)] * 4, expected=[40.0] * 8 + [later] * 4))
    assert found.turn is Turn.RISES and found.because.endswith(says)


def test_what_is_certain_and_small_is_steady() -> None:
    found = drift(weeks(*[(90_000, 9_000)] * 8, *[(90_000, 7_000)] * 4))
    assert found.q < 1e-6 and found.turn is Turn.STEADY and "about what it did" in found.because


def test_what_is_large_and_uncertain_is_steady() -> None:
    found = drift(weeks(*[(30, 6)] * 8, *[(30, 4)] * 4))
    assert found.now.p.point < 0.7 * found.before.p.point and found.turn is Turn.STEADY


def test_restless_weeks_need_more_than_calm_ones() -> None:
    calm = weeks(*[(300, 60)] * 10, *[(300, 40)] * 4)
    restless = weeks(*[(300, 30), (300, 90)] * 5, *[(300, 20), (300, 60)] * 2)
    assert drift(calm).turn is Turn.FALLS
    assert drift(restless).now == drift(calm).now and drift(restless).turn is Turn.STEADY


@pytest.mark.parametrize(
    "counts",
    [
        [(300, 60)] * 7,
        [(0, 0)] * 6 + [(300, 60)] * 7,
        [(300, 1)] * 9 + [(300, 40)] * 4,
        [(300, 60)] * 8 + [(0, 0)] * 4,
        [(300, 300)] * 12,
        [],
    ],
    ids=["seven weeks", "new", "too few before", "no longer done", "everybody", "no weeks"],
)
def test_what_cannot_be_judged_has_no_drift(counts: list[tuple[int, int]]) -> None:
    assert drifts({"add_to_cart": weeks(*counts)}) == {}


def test_weeks_that_are_not_whole_count_neither_here_nor_there() -> None:
    whole = weeks(*[(300, 63)] * 10, *[(300, 60)] * 4)
    last = Week(
        first=MONDAY + timedelta(weeks=14),
        whole=False,
        exposed=200,
        converted=0,
        p=wilson(0, 200),
        expected=0,
        lift=None,
    )
    assert drift([*whole, last]) == drift(whole)


def test_the_more_candidates_are_asked_the_more_it_takes() -> None:
    falls, steady = weeks(*[(100, 20)] * 8, *[(100, 9)] * 4), weeks(*[(100, 20)] * 12)
    alone = drifts({"a": falls})["a"].q
    among = drifts({"a": falls, **{f"b{k}": steady for k in range(9)}})["a"].q
    assert among == pytest.approx(10 * alone)


def test_the_chance_is_that_of_the_textbook() -> None:
    """Quasi-binomial analysis of deviance, with the fits written out; the F distribution is SciPy's."""
    dice = np.random.default_rng(4)
    counts = [(int(n), int(dice.binomial(n, 0.1 + 0.12 * dice.random()))) for n in dice.integers(50, 400, 20)]
    before, now = counts[:-4], counts[-4:]

    def share(of: Sequence[tuple[int, int]]) -> float:
        return sum(x for _, x in of) / sum(n for n, _ in of)

    def deviance(of: Sequence[tuple[int, int]], p: float) -> float:
        return 2 * sum(x * log(x / (n * p)) + (n - x) * log((n - x) / (n * (1 - p))) for n, x in of)

    apart = deviance(before, share(before)) + deviance(now, share(now))
    pearson = sum((x - n * share(g)) ** 2 / (n * share(g) * (1 - share(g))) for g in (before, now) for n, x in g)
    assert pearson > 18, "more scatter than chance, so that it counts"
    expected = f.sf((deviance(counts, share(counts)) - apart) / (pearson / 18), 1, 18)
    assert chance(weeks(*before), weeks(*now)) == pytest.approx(expected, rel=1e-9)


def test_hardly_a_log_without_drift_is_said_to_drift() -> None:
    """Fifteen candidates each; about one in a hundred such logs has an alarm."""
    assert alarms("weeks differ by 20 %", weeks=26, logs=60, seed=7) <= 2
