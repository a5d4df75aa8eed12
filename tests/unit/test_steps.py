"""Which events are steps on the way to the macro where their names say nothing; and what is counted for it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from adsync.journeys import Journey, funnel_of
from adsync.model.funnel import VISITORS
from adsync.model.lead_up import Done, LeadUp
from adsync.score.steps import ENOUGH_BUYERS, MOST_STEPS, steps_in
from adsync.wiring import event_log
from tests.journeys import a_time, event, write_log


def done(days: int, buyers: int, lead_seconds: float = 60.0) -> Done:
    return Done(days=days, buyers=buyers, lead_seconds=lead_seconds)


def found(buyers: int = 100, **by_name: Done) -> LeadUp:
    return LeadUp(days=1_000, buyers=buyers, by_name=by_name)


@pytest.mark.parametrize(
    ("one", "is_step"),
    [
        (done(days=250, buyers=50), True),
        (done(days=251, buyers=50), False),  # Less than twice as often as on other days.
        (done(days=100, buyers=49), False),  # Less than half of the buyers.
        (done(days=1_000, buyers=100), False),  # What everybody does every day.
        (done(days=0, buyers=0), False),
    ],
)
def test_a_step_is_done_by_half_of_the_buyers_and_twice_as_often_as_usual(one: Done, is_step: bool) -> None:
    assert steps_in(found(own=one), (), ["own"]) == (("own",) if is_step else ())


def test_steps_stand_in_the_order_in_which_buyers_take_them() -> None:
    log = found(pay=done(200, 90, 30.0), add_to_cart=done(300, 20, 300.0), ship=done(250, 90, 120.0))
    assert steps_in(log, ["add_to_cart"], ["pay", "ship"]) == ("add_to_cart", "ship", "pay")
    assert steps_in(log, ["add_to_cart"], []) == ("add_to_cart",)


def test_only_the_clearest_steps_are_taken_and_few_buyers_show_no_habit() -> None:
    many = {f"step{n}": done(100 + n, 90, float(n)) for n in range(9)}
    assert steps_in(LeadUp(days=1_000, buyers=100, by_name=many), (), sorted(many)) == tuple(
        f"step{n}" for n in reversed(range(MOST_STEPS))
    )
    assert steps_in(found(buyers=ENOUGH_BUYERS - 1, own=done(10, 19)), (), ["own"]) == ()
    assert steps_in(found(buyers=ENOUGH_BUYERS, own=done(10, 19)), (), ["own"]) == ("own",)


def test_what_is_counted_before_the_macro(tmp_path: Path) -> None:
    """By hand: the first macro counts, a day back from it, all but its last ten seconds; an hour of lead at most."""
    monday, tuesday = date(2026, 6, 1), date(2026, 6, 2)
    rows = [
        event("a", a_time(monday, 0), "look"),
        event("a", a_time(monday, 7_200), "look"),
        event("a", a_time(monday, 9_000), "pay"),
        event("a", a_time(monday, 9_195), "receipt"),
        event("a", a_time(monday, 9_200), "order"),
        event("a", a_time(tuesday, 0), "pay"),
        event("a", a_time(tuesday, 60), "order"),
        event("b", a_time(monday, 0), "look"),
        event("b", a_time(monday + timedelta(days=2), 1), "order"),
        event("c", a_time(tuesday, 0), "look"),
    ]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        told = log.lead_up("order", log.summary.last)
        early = log.lead_up("order", log.summary.first)
    assert (told.days, told.buyers) == (5, 2)
    assert told.by_name == {
        "look": Done(days=3, buyers=1, lead_seconds=3_600.0),
        "pay": Done(days=2, buyers=1, lead_seconds=200.0),
        "receipt": Done(days=1, buyers=0, lead_seconds=0.0),
    }
    assert (early.days, early.buyers) == (2, 0)


def test_what_begins_every_visit_and_what_strays_did_is_no_step(tmp_path: Path) -> None:
    rows = [event("stray", a_time(date(2020, 1, 1), 0), "begin_checkout")]
    for n in range(30):
        rows += [
            event(f"v{n}", a_time(date(2026, 6, 1), 600 * n), "first_visit"),
            *(event(f"v{n}", a_time(date(2026, 6, 1 + day), 600 * n), "look") for day in range(4)),
            event(f"v{n}", a_time(date(2026, 6, 1), 600 * n + 60), "own_step"),
            event(f"v{n}", a_time(date(2026, 6, 1), 600 * n + 120), "paid"),
        ]
    rows += [event(f"w{n}", a_time(date(2026, 6, 1 + n % 9), n), "look") for n in range(300)]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        funnel = funnel_of(log, Journey(macro="paid"))
    assert [step.event for step in funnel.steps] == [VISITORS, "own_step", "paid"]
    assert "own_step" in funnel.log.notes[-1] and "--steps names others" in funnel.log.notes[-1]
