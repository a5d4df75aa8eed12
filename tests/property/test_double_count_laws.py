"""Two actions of the same sales are told from two that only sell as much, at any volume, and a person has the last word."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from adsync.decide.main_action import double_count
from adsync.model.account import Macro
from adsync.model.decision import Hold
from adsync.model.holds import CLEARABLE, is_cleared
from adsync.model.volume import DailySeries
from tests.builders import MACRO_ID, TODAY, a_macro_action, a_series, a_state, an_account

PAIRS, DAYS = 200, 120
YESTERDAY = TODAY - timedelta(days=1)

Counts = np.ndarray


def twice(a: Counts, b: Counts) -> list[Hold]:
    account = an_account(macro=Macro(event_name="purchase", actions=("Purchase (web)", "Sale (GA4)")))
    series: dict[str, DailySeries] = {MACRO_ID: a_series(*map(float, a)), "101": a_series(*map(float, b))}
    return list(double_count(account, a_state(a_macro_action("101", name="Sale (GA4)")), series, YESTERDAY))


def seen(a: Counts, dice: np.random.Generator) -> Counts:
    """The same sales, of which a tenth is missing and a fifth of the others comes a day late."""
    kept = dice.binomial(a, 0.9)
    late = dice.binomial(kept, 0.2)
    counted: Counts = kept - late + np.concatenate([[0], late[:-1]])
    return counted


@pytest.mark.parametrize("a_day", [3, 5, 10, 30])
def test_the_same_sales_are_seen_and_the_same_volume_is_not(a_day: int) -> None:
    dice = np.random.default_rng(a_day)
    week = np.resize([1.3, 1.2, 1.1, 1.0, 1.0, 0.8, 0.6], DAYS)
    found = {"apart": 0, "same": 0, "late": 0}
    for _ in range(PAIRS):
        a = dice.poisson(a_day * week)
        found["apart"] += bool(twice(a, dice.poisson(a_day * week)))
        found["same"] += bool(twice(a, a))
        found["late"] += bool(twice(a, seen(a, dice)))
    assert found["apart"] <= 2
    assert found["same"] == PAIRS
    assert found["late"] >= 0.95 * PAIRS


def test_a_person_ends_it_for_these_two_for_good() -> None:
    a = np.random.default_rng(1).poisson(5, DAYS)
    (hold,) = twice(a, a)
    ended = {(hold.name, hold.since - timedelta(days=90))}
    assert hold.code in CLEARABLE and hold.name == f"double_count {MACRO_ID}+101"
    assert is_cleared(hold.name, hold.since, ended) and not is_cleared("double_count 100+102", hold.since, ended)
