"""What is said of the macro itself: repeats by the same visitors, and a log of which it fills only a part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adsync.model.exposure import Following, Frequent, Plain
from adsync.score.macro import alone_in, named_otherwise, repeats
from adsync.score.period import KnownUntil

FIRST = datetime(2026, 4, 1, 9, tzinfo=UTC)
LAST = FIRST + timedelta(days=160)


def log_of(**days: Sequence[int]) -> KnownUntil:
    """A log with one event of each name on each of these days."""

    def until(last: datetime) -> Mapping[str, int]:
        return Counter({name: sum(FIRST + timedelta(days=n) <= last for n in on) for name, on in days.items()})

    return until


def said(log: KnownUntil, macro: str = "order") -> str:
    return " ".join(named_otherwise(macro, log, FIRST, LAST))


def test_a_macro_that_ends_or_begins_in_the_middle_is_named_with_its_day_and_its_likely_other_name() -> None:
    log = log_of(page_view=range(161), order=range(91), Order=range(91, 161), newsletter=range(95, 161))
    assert said(log) == (
        "The last order is of 2026-06-30, 70 days before the end. Order begins then: is it the new name? Nothing that is later "
        "counts for it. Let both have one name, or look at the days before: --as-of 2026-06-30."
    )
    assert said(log, "Order").startswith(
        "The first Order is of 2026-07-01, 91 days after the start. order ends then: was it the old name?"
    )


def test_without_a_name_like_it_the_day_is_said_all_the_same() -> None:
    assert "70 days before the end: has it been renamed?" in said(log_of(page_view=range(161), order=range(91)))


def test_the_only_event_that_takes_over_within_the_day_is_offered_whatever_its_name() -> None:
    days = {"page_view": range(161), "purchase": range(91), "newsletter": range(95, 161), "banner": range(80)}
    for day in (90, 91):
        log = log_of(**days, completed=range(day, 161))
        assert "before the end. completed begins then: is it the new name?" in said(log, "purchase")
    early, late = log_of(**days, completed=range(91, 161)), log_of(**days, completed=range(92, 161))
    assert "91 days after the start. purchase ends then: was it the old name?" in said(early, "completed")
    assert "has it been renamed?" in said(late, "purchase")
    # Of two nobody knows which; and one that is rare begins on such a day by chance.
    two = log_of(**days, completed=range(91, 161), chat=range(90, 161))
    assert "before the end: has it been renamed?" in said(two, "purchase")
    assert "after the start. purchase ends then" in said(two, "completed")
    rare = log_of(**days, coupon=range(91, 161, 12))
    assert "before the end: has it been renamed?" in said(rare, "purchase")
    ended = log_of(**days, chat=range(91), completed=range(91, 161))
    assert "after the start: has it been renamed?" in said(ended, "completed")
    assert "completed begins then" in said(ended, "purchase")


def test_a_macro_of_one_day_is_not_its_own_other_name() -> None:
    def on_one_day(last: datetime) -> Mapping[str, int]:
        return {"page_view": (last - FIRST).days + 1, "order": 50 * (last >= FIRST + timedelta(days=90))}

    told = said(on_one_day)
    assert "The last order is of 2026-06-30, 70 days before the end: has it been renamed?" in told
    assert "The first order is of 2026-06-30, 90 days after the start: has it been renamed?" in told


def test_what_is_spelt_like_the_macro_is_named_whenever_it_happens() -> None:
    log = log_of(order_paid=range(161), Order_Paid=range(3, 90), **{"order-paid ": range(5, 6)}, order_paid2=range(99))
    assert said(log, "order_paid") == (
        'Beside order_paid (161 events) the log has Order_Paid (87 events) and "order-paid " (1 event), the same but for '
        "capitals, spaces and signs. One event by three names? Counted is order_paid alone: let all have one name."
    )
    # Of one that begins where the macro ends more is said, and once.
    renamed = log_of(page_view=range(161), order=range(91), Order=range(91, 161))
    assert "capitals" not in said(renamed)
    # What only machines did is nobody's.
    assert said(log_of(order=range(161), Order=range(0))) == ""


@pytest.mark.parametrize(
    "order",
    [
        range(161),
        range(0, 161, 12),  # so rare that none in a month is chance
        range(150),  # a silence of ten days
        range(3),
        range(0),
    ],
)
def test_a_macro_that_comes_as_before_or_may_come_yet_is_not_remarked(order: range) -> None:
    assert said(log_of(page_view=range(161), order=order)) == ""


@pytest.mark.parametrize(("ends", "is_said"), [(115, False), (114, True)])
def test_a_macro_that_comes_once_a_month_is_missed_after_a_month_and_a_half(ends: int, is_said: bool) -> None:
    """A firm enters its contracts of a month on one day; one that does so every day is missed after a fortnight."""
    busy = {f"event {n}": range(161) for n in range(9)}
    monthly = [ends - 30 * n for n in range(4)] * 20
    assert bool(said(log_of(**busy, order=monthly))) is is_said
    assert bool(said(log_of(**busy, order=range(ends + 1)))) is True


def test_no_pause_is_the_macros_own_that_is_the_whole_logs_or_lies_after_a_test() -> None:
    busy = {f"event {n}": [*range(40), *range(80, 161)] for n in range(9)}
    ended = [*range(40), *range(80, 120)]
    assert "41 days before the end" in said(log_of(**busy, order=ended)), "nothing came in the forty days"
    always = {f"event {n}": range(161) for n in range(9)}
    assert said(log_of(**always, order=ended)) == "", "now it was the macro's own pause"
    assert "40 days before the end" in said(log_of(**always, order=[0, *([*range(60, 121)] * 2)])), "one to try it"


def test_after_a_pause_as_long_another_name_that_begins_is_offered_all_the_same() -> None:
    ended = [*range(40), *range(80, 120)]
    always = {f"event {n}": range(161) for n in range(9)}
    assert "Order begins then: is it the new name?" in said(log_of(**always, order=ended, Order=range(120, 161)))


def test_where_hardly_anything_happens_no_macro_is_missed() -> None:
    """A log that grows from nothing, one that ends in a hole, and one whose first sales take their two weeks."""
    busy, few = {f"event {n}": range(60, 140) for n in range(9)}, {"page_view": range(140)}
    assert said(log_of(**busy, **few, order=range(60, 140))) == ""
    assert said(log_of(page_view=range(130), order=range(130))) == ""
    assert said(log_of(page_view=range(161), order=range(20, 161))) == ""
    # A sale of five weeks and more.
    assert said(log_of(page_view=range(161), order=range(59, 161))) == ""
    late = said(log_of(page_view=range(161), order=range(60, 161)))
    assert late.startswith("The first order is of 2026-05-31, 60 days after the start: has it been renamed?")
    handed_over = log_of(page_view=range(161), order=range(21), Order=range(20, 161))
    assert "20 days after the start. order ends then: was it the old name?" in said(handed_over, "Order")


def followed(did_and_bought: int) -> Following:
    return Following(did=500, months=600, did_and_bought=did_and_bought, after=0, around=0, passed=0, exposed={})


def test_buyers_who_do_nothing_else_are_remarked() -> None:
    """A server sends orders with an id of its own."""

    def said(buyers: int, **others: int) -> str:
        known = {name: followed(n) for name, n in others.items()}
        candidates = dict(list(known.items())[:1])
        plain = Plain(visitors=900, buyers=buyers, buyer_months=buyers, by_candidate=candidates)
        return " ".join(alone_in("order", plain, Frequent(visitors=900, buyers=buyers, following=known)))

    assert said(392, page_view=0, cart=0).startswith(
        "None of the 392 visitors who did order did any of the other events:"
    )
    assert said(392, page_view=3, cart=0).startswith("Hardly one of the 392 visitors")
    assert said(392, page_view=0, cart=9) == said(9, page_view=0) == said(392) == ""


def bought(months: int) -> Plain:
    return Plain(visitors=6_000, buyers=179, buyer_months=months, by_candidate={})


def test_of_renewals_it_is_said_how_many_of_how_many_and_what_counts_them() -> None:
    (note,) = repeats("plan_upgraded", 706, bought(690), 201)
    assert note.startswith("527 of 706 plan_upgraded events are of visitors who had done it before, such as renewals;")
    assert "179 visitors did it at all" in note and "about 27 in 30 days" in note
    # A tag that fires twice within the month changes no figure by month.
    assert [*repeats("plan_upgraded", 706, bought(200), 201)] == []
