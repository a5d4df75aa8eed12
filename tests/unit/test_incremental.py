"""What candidates add to each other, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from adsync.model.exposure import GROUPS
from adsync.model.patterns import LANDMARKS, LandmarkTable
from adsync.score.incremental import gains


def table(cells: dict[int, tuple[int, int]], names: tuple[str, ...] = ("deep", "early")) -> LandmarkTable:
    """The same counts at each landmark, in each half and group. cells: by pattern, visitors and those who bought."""
    rows = [
        (landmark, newer, group, pattern, visitors, bought)
        for landmark in range(len(LANDMARKS))
        for newer in (0, 1)
        for group in range(GROUPS)
        for pattern, (visitors, bought) in cells.items()
    ]
    columns = np.array(rows, dtype=np.int64).T
    keys = ("landmark", "newer", "group", "pattern", "visitors", "bought")
    return LandmarkTable(names=names, **dict(zip(keys, columns, strict=True)))


def entropy(share: float) -> float:
    return float(-(share * np.log2(share) + (1 - share) * np.log2(1 - share)))


def test_one_flag_gains_the_entropy_that_knowing_it_takes_away() -> None:
    # Of 100 visitors 10 did it, half of whom buy; of the others 5 do.
    (only,) = gains(table({0: (90, 5), 1: (10, 5)}, names=("deep",)))
    before = entropy(0.10)
    after = 0.1 * entropy(0.5) + 0.9 * entropy(5 / 90)
    assert only.added == pytest.approx(1_000 * (before - after), rel=1e-3)
    assert only.added == only.alone


def test_a_step_that_only_leads_to_a_deeper_one_adds_nothing_to_it() -> None:
    # Whoever did the deep one (bit 0) did the early one (bit 1); given the deep one the early one says nothing.
    found = gains(table({0b00: (800, 8), 0b10: (100, 1), 0b11: (100, 40)}))
    assert [gain.event for gain in found] == ["deep"]


def test_two_that_tell_different_things_both_stay() -> None:
    found = gains(table({0b00: (800, 8), 0b10: (100, 10), 0b01: (90, 27), 0b11: (10, 7)}))
    assert [gain.event for gain in found] == ["deep", "early"]
    assert found[1].added > 0


def test_what_says_nothing_gains_nothing() -> None:
    assert gains(table({0b00: (500, 10), 0b01: (500, 10)}, names=("idle",))) == ()


def test_without_buyers_or_without_a_newer_half_nothing_is_said() -> None:
    assert gains(table({0b0: (10, 0), 0b1: (10, 0)}, names=("any",))) == ()
