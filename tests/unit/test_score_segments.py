"""A candidate by kind of visitor: what is a segment, how far figures are drawn together, and when they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from adsync.model.exposure import STRATA
from adsync.model.stability import SegmentCount, Segments
from adsync.score.segments import by_segment, chance

ONES = np.ones(STRATA)


def a_segment(label: str, exposed: int, bought: int, expected: float = 0.0) -> SegmentCount:
    return SegmentCount(label=label, exposed=exposed, bought=bought, expected=np.full(STRATA, expected / STRATA))


def told(*segments: SegmentCount, **others: Sequence[SegmentCount]) -> Segments:
    counts = {"cart": segments, **others}
    return by_segment("device", counts, dict.fromkeys(counts, ONES))["cart"]


def p_of(found: Segments) -> dict[str, float]:
    return {s.label: s.p.point for s in found.segments}


def test_segments_that_are_alike_have_the_candidates_own_p_and_lift() -> None:
    found = told(a_segment("a", 400, 41, 20), a_segment("b", 300, 29, 15), a_segment("c", 300, 30, 15))
    assert found.differ is False
    for segment in found.segments:
        assert segment.p.point == pytest.approx(0.1, abs=0.002) and segment.lift == pytest.approx(2.0, abs=0.03)
        assert 0.02 < segment.p.high - segment.p.low < 0.06, "as sure as the whole candidate, not surer"


def test_large_segments_that_differ_keep_their_own() -> None:
    found = told(a_segment("a", 5_000, 1_000, 250), a_segment("b", 4_000, 200, 100), a_segment("c", 3_000, 300, 100))
    assert found.differ and found.q is not None and found.q < 1e-9
    assert p_of(found) == {name: pytest.approx(p, rel=0.02) for name, p in {"a": 0.2, "b": 0.05, "c": 0.1}.items()}
    assert [s.lift for s in found.segments] == [pytest.approx(lift, rel=0.03) for lift in (4, 2, 3)]


def test_a_small_segment_is_drawn_more_than_a_large_one() -> None:
    found = told(a_segment("a", 3_000, 300), a_segment("b", 3_000, 600), a_segment("c", 60, 3))
    own = {"a": 0.1, "b": 0.2, "c": 0.05}
    middle = 903 / 6_060
    drawn = {name: (p - own[name]) / (middle - own[name]) for name, p in p_of(found).items()}
    assert 0 < drawn["a"] < 0.05 and 0 < drawn["b"] < 0.05 and drawn["c"] > 0.2


def test_what_is_too_small_is_added_up_and_what_is_not_known_stays_apart_and_is_not_tested() -> None:
    small = [a_segment(f"s{n}", 20, 5) for n in range(4)]
    found = told(a_segment("mobile", 500, 100), a_segment("(not known)", 30, 30), a_segment("(others)", 100, 1), *small)
    assert [(s.label, s.exposed, s.converted) for s in found.segments] == [
        ("mobile", 500, 100),
        ("(not known)", 30, 30),
        ("(others)", 180, 21),
    ]
    assert found.q is None and found.differ is None, "there is one segment alone"


def test_chance_is_pearsons() -> None:
    segments = [a_segment("a", 400, 50), a_segment("b", 300, 60), a_segment("c", 250, 30)]
    table = [[s.bought, s.exposed - s.bought] for s in segments]
    assert chance(segments) == pytest.approx(chi2_contingency(table, correction=False).pvalue, rel=1e-9)


def test_the_more_candidates_are_split_the_more_it_takes() -> None:
    two = (a_segment("a", 500, 60), a_segment("b", 500, 90))
    steady = (a_segment("a", 500, 60), a_segment("b", 500, 60))
    alone, among = told(*two), told(*two, **{f"n{k}": steady for k in range(4)})
    assert alone.q is not None and among.q == pytest.approx(5 * alone.q)


@pytest.mark.parametrize("segments", [[], [(10, 0), (20, 0)], [(10, 10), (20, 20)], [(3, 1)]])
def test_nobody_and_everybody_break_nothing(segments: list[tuple[int, int]]) -> None:
    found = told(*(a_segment(str(n), *counts) for n, counts in enumerate(segments)))
    assert found.differ is None
    assert all(0 <= s.p.low <= s.p.point <= s.p.high <= 1 for s in found.segments)


def test_where_nothing_differs_one_log_in_twenty_says_so() -> None:
    dice = np.random.default_rng(1)
    sizes, said = (900, 500, 120, 60), 0
    for _ in range(300):
        counts = {
            str(k): [a_segment(str(n), size, int(dice.binomial(size, 0.1))) for n, size in enumerate(sizes)]
            for k in range(8)
        }
        found = by_segment("device", counts, dict.fromkeys(counts, ONES))
        said += any(of.differ for of in found.values())
    assert said <= 0.05 * 300 + 3 * (0.05 * 0.95 * 300) ** 0.5
