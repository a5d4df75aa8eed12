"""Which planned changes wait because there are too many."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adsync.model.decision import Verb
from adsync.model.limits import ChangeLimits, Month
from adsync.model.log import Outcome
from adsync.model.plan import Consent, PlannedChange
from adsync.plan import beyond_limits
from tests.builders import a_change, a_plan, an_entry

JUNE = Month(first=date(2026, 6, 1), made=0)
CHANGES = [a_change(Verb.DEMOTE, object_id=str(number)) for number in range(5)]


def told(per_run: int, per_month: int, made: int = 0, done: frozenset[str] = frozenset(), origin: str = "night") -> str:
    limits = ChangeLimits(changes_per_run=per_run, changes_per_month=per_month)
    return beyond_limits(a_plan(*CHANGES, origin=origin), done, limits, Month(first=JUNE.first, made=made))


def test_a_plan_within_its_limits_is_not_talked_about() -> None:
    assert told(5, 5) == "" and told(5, 25, made=20) == ""


def test_what_is_over_the_limit_of_a_run_is_named() -> None:
    said = "for a later run: limits.changes_per_run of shop is"
    assert told(3, 60) == f"shop-2026-06-01-1/4 to shop-2026-06-01-1/5 (2 changes) wait {said} 3."
    assert told(4, 60) == f"shop-2026-06-01-1/5 waits {said} 4."
    assert told(4, 60, done=frozenset({"shop-2026-06-01-1/1"})) == ""


def test_what_is_over_the_limit_of_a_month_is_named_with_the_day_on_which_it_goes_on() -> None:
    assert told(20, 60, made=58) == (
        "shop-2026-06-01-1/3 to shop-2026-06-01-1/5 (3 changes) wait until 2026-07-01 at the earliest: 58 changes were made in "
        "June 2026, and limits.changes_per_month of shop is 60."
    )
    assert told(20, 60, made=61).startswith("shop-2026-06-01-1/1 to shop-2026-06-01-1/5 (5 changes) wait until")
    assert told(20, 60, made=61, origin="rollback") == ""


def test_what_is_only_proposed_needs_no_room() -> None:
    proposed = PlannedChange(change=CHANGES[0], consent=Consent.PROPOSAL)
    limits = ChangeLimits(changes_per_run=1)
    assert beyond_limits(a_plan(proposed, CHANGES[1]), frozenset(), limits, JUNE) == ""


def test_what_is_not_due_yet_needs_no_room() -> None:
    """A group has its whole calendar in one plan."""
    first, second = date(2026, 6, 1), date(2026, 6, 15)
    steps = [
        PlannedChange(change=change, consent=Consent.AUTO, not_before=day)
        for change, day in zip(CHANGES[:2], (first, second), strict=True)
    ]
    plan, limits = a_plan(*steps), ChangeLimits(changes_per_run=1)
    assert plan.made_on == first and beyond_limits(plan, frozenset(), limits, JUNE) == ""
    assert "shop" in beyond_limits(replace(plan, made_on=second), frozenset(), limits, JUNE)


@pytest.mark.parametrize(
    ("entry", "counts"),
    [
        (an_entry(), True),
        (an_entry(outcome=Outcome.UNKNOWN), True),
        (an_entry(outcome=Outcome.ALREADY), False),
        (an_entry(outcome=Outcome.REFUSED), False),
        (an_entry(origin="rollback"), False),
        (an_entry(opened_at=datetime(2026, 5, 31, 21, 59, tzinfo=UTC)), False),
        (an_entry(opened_at=datetime(2026, 5, 31, 22, tzinfo=UTC)), True),  # June has begun in Berlin
    ],
)
def test_what_counts_in_a_month(entry: object, counts: bool) -> None:
    month = Month.of([entry], datetime(2026, 6, 30, 21, tzinfo=UTC), "Europe/Berlin")  # type: ignore[list-item]
    assert (month.first, month.made) == (date(2026, 6, 1), int(counts))


def test_december_is_followed_by_january() -> None:
    assert Month(first=date(2026, 12, 1), made=0).next == date(2027, 1, 1)
    assert Month(first=date(2026, 2, 1), made=0).next == date(2026, 3, 1)
