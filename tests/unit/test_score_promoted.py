"""Before and after a promotion: the figures, and what the sentence leaves open."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from adsync.model.stability import History, Promoted
from adsync.score.intervals import risk_difference
from adsync.score.promoted import promoted
from adsync.score.weekly import EPOCH

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 29)
MATURE = LAST - timedelta(days=30)


def told(on: date, before: int, after: int, gap: tuple[date, date] | None = None) -> Promoted:
    """Ten visitors a day, of whom so many go on before the day and from it on. gap: days without anybody."""
    days = [FIRST + timedelta(days=k) for k in range((LAST - FIRST).days + 1)]
    days = [day for day in days if gap is None or not gap[0] <= day <= gap[1]]
    history = History(
        day=np.array([(day - EPOCH).days for day in days]),
        did=np.full(len(days), 10),
        exposed=np.array([10 * (day <= MATURE) for day in days]),
        bought=np.array([(before if day < on else after) * (day <= MATURE) for day in days]),
        expected={},
    )
    return promoted("add_to_cart", on, history, FIRST, MATURE, LAST, 30)


def test_each_day_is_before_or_after() -> None:
    found = told(date(2026, 4, 1), 4, 2)
    assert (found.before.exposed, found.before.converted) == (900, 360)
    assert (found.after.exposed, found.after.converted) == (600, 120)
    assert (found.volume_before, found.volume_after) == (300.0, 300.0), "mature or not"
    assert found.difference == risk_difference(120, 600, 360, 900)
    assert "20.0 % of 600 go on, 40.0 % of 900 before: -20.0 points" in found.because
    assert (
        "announces less" in found.because and "comes to mean less" in found.because and "cannot tell" in found.because
    )


def test_a_rise_is_no_merit_of_the_promotion() -> None:
    said = told(date(2026, 4, 1), 2, 4).because
    assert "announces more, but season" in said and "mean less" not in said


def test_no_certain_change_is_no_proof_of_none() -> None:
    said = told(date(2026, 4, 1), 3, 3).because
    assert (
        "No change is certain, and none within these limits is ruled out. What bidding aims at may come to mean less"
        in said
    )


def test_before_anybody_has_had_the_time_nothing_is_said_of_the_time_after() -> None:
    found = told(MATURE + timedelta(days=1), 3, 3)
    assert found.difference is None and found.after.exposed == 0 and found.volume_after == pytest.approx(300.0)
    assert found.because.endswith(
        "nobody who did it since has had 30 days to go on yet; the first count from 2026-06-30 on."
    )


def test_a_helper_that_nobody_did_before_has_nothing_to_be_compared_with() -> None:
    found = told(date(2026, 4, 1), 3, 3, gap=(FIRST, date(2026, 3, 31)))
    assert found.difference is None and "nobody who did it before is counted" in found.because
