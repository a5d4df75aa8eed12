"""Plans give every change a name, and a person's word expires."""

from __future__ import annotations

from datetime import timedelta

from adsync.model.log import Outcome
from adsync.model.plan import Approval
from tests.builders import CUSTOMER_ID, NOW, a_change, a_plan


def test_changes_are_numbered_from_one_under_the_plans_name() -> None:
    plan = a_plan(a_change(), a_change(object_id="201"), id="shop-2026-06-01-1")
    assert [(name, p.change.object_id) for name, p in plan.numbered()] == [
        ("shop-2026-06-01-1/1", "200"),
        ("shop-2026-06-01-1/2", "201"),
    ]


def a_word(*, approved: bool = True) -> Approval:
    return Approval(
        change_hash="0",
        customer_id=CUSTOMER_ID,
        change_name="shop-2026-06-01-1/1",
        approved=approved,
        by="ana",
        at=NOW,
        until=NOW + timedelta(days=7),
    )


def test_an_approval_holds_up_to_its_end_and_not_after_it() -> None:
    word = a_word()
    assert word.holds(NOW)
    assert word.holds(NOW + timedelta(days=7))
    assert not word.holds(NOW + timedelta(days=7) + timedelta(microseconds=1))


def test_a_yes_of_a_clock_that_ran_ahead_does_not_hold_and_a_no_does() -> None:
    assert a_word().holds(NOW - timedelta(hours=1))  # another machine's clock
    before = NOW - timedelta(hours=1, microseconds=1)
    assert not a_word().holds(before)
    assert a_word(approved=False).holds(before)


def test_an_outcome_is_open_or_done_or_neither_and_never_both() -> None:
    assert {o for o in Outcome if o.is_open} == {Outcome.SENT, Outcome.UNKNOWN}
    assert {o for o in Outcome if o.is_done} == {Outcome.APPLIED, Outcome.ALREADY}
