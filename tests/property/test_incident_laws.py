"""Laws of incidents: stable shops have none, planted ones are found where they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from adsync.model.incident import Incident, StepDays
from adsync.model.segment import EVERYBODY
from adsync.score.incidents import incidents
from tests.step_worlds import FIRST, Planted, shop


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@pytest.mark.parametrize("wobble", [0.0, 0.2])
def test_of_200_stable_shops_at_most_one_in_twenty_has_an_incident(wobble: float) -> None:
    alarms = [seed for seed in range(200) if incidents(shop(seed, wobble=wobble))]
    assert len(alarms) <= 10


def found_in(planted: Planted, seeds: int) -> list[tuple[Incident, ...]]:
    return [incidents(shop(seed, planted)) for seed in range(seeds)]


def test_half_of_a_month_lost_on_mobile_is_found_there_with_its_days() -> None:
    # Some five visitors a day come that far on mobile.
    told = found_in(Planted(device="mobile", step="purchase", start=90, days=28, left=0.5), 50)
    right = [i for found in told for i in found if (i.segment.name, i.step) == ("mobile", "purchase")]
    assert len(right) >= 42
    assert sum(i.first_between[0] <= day(90) <= i.first_between[1] for i in right) >= 0.95 * len(right)
    assert sum(i.last_between[0] <= day(117) <= i.last_between[1] for i in right) >= 0.95 * len(right)
    assert not any(i.step == "view_item" for found in told for i in found)


def test_what_hits_all_visitors_is_said_of_all_and_once() -> None:
    told = found_in(Planted(device="", step="add_to_cart", start=100, days=7, left=0.3), 30)
    assert sum([i.segment.name for i in found] == ["all visitors"] for found in told) >= 29


def test_two_incidents_of_one_step_are_two_and_what_lasts_is_not_over() -> None:
    first = shop(1, Planted(device="", step="purchase", start=60, days=10, left=0.2))
    second = shop(1, Planted(device="", step="purchase", start=150, days=30, left=0.2))
    both = [
        replace(
            a,
            entered=np.concatenate([a.entered[:100], b.entered[100:]]),
            went_on=np.concatenate([a.went_on[:100], b.went_on[100:]]),
        )
        for a, b in zip(first, second, strict=True)
    ]
    found = [i for i in incidents(both) if i.step == "purchase"]
    assert [i.lasting for i in found] == [False, True]
    assert abs(found[0].first - FIRST - timedelta(days=60)) <= timedelta(days=1)
    assert abs(found[1].first - FIRST - timedelta(days=150)) <= timedelta(days=1)


@pytest.mark.parametrize(("left", "days"), [(0.0, 100), (0.3, 100), (0.3, 70), (0.0, 75)])
def test_what_lasts_longer_than_any_run_by_which_it_is_noticed_is_told_whole_and_once(left: float, days: int) -> None:
    """Of 180 days, from the 80th on: 100 reach the end, 70 and 75 do not."""
    (found,) = incidents(shop(5, Planted(device="", step="purchase", start=80, days=days, left=left)))
    assert found.first_between[0] <= day(80) <= found.first_between[1] and found.first <= day(82)
    assert found.lasting == (days == 100)
    assert found.last_between[0] <= day(79 + days) <= found.last_between[1]
    assert found.usual > 0.55


def test_a_share_that_has_risen_for_good_is_no_incident() -> None:
    assert incidents(shop(6, Planted(device="", step="purchase", start=0, days=100, left=0.4))) == ()


def test_a_log_that_begins_low_has_no_incident_after_a_lucky_first_day() -> None:
    """Of 45 visitors a day 4.5 % go on for five weeks, then 12 %: here and there the first days are better by chance."""
    told = 0
    for seed in range(200):
        dice = np.random.default_rng(seed)
        entered = dice.poisson(45, 90)
        went_on = dice.binomial(entered, np.where(np.arange(90) < 38, 0.045, 0.12))
        days = StepDays(segment=EVERYBODY, before_step="a", step="b", first=FIRST, entered=entered, went_on=went_on)
        told += bool(incidents([days]))
    assert told <= 10


def test_a_share_that_is_only_a_little_lower_is_no_incident_however_sure() -> None:
    many = shop(3, Planted(device="", step="add_to_cart", start=90, days=20, left=0.9), visitors=20_000)
    assert incidents(many) == ()


def test_too_few_visitors_say_nothing() -> None:
    few = shop(4, Planted(device="", step="purchase", start=90, days=10, left=0.0), visitors=5, days=120)
    assert incidents(few) == ()
    assert incidents(()) == ()
