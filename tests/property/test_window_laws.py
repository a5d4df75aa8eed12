"""Laws of copying: whatever nights are missed, no day is left with a number that was still moving."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.model.pulled import Coverage, Report
from adsync.model.window import Window
from adsync.pull.windows import BACKFILL_DAYS, window_to_pull
from tests.builders import NOW, TODAY

SETTLES = {Report.CONVERSIONS: 10, Report.CLICKS: 90, Report.COST: 10, Report.EVENTS: 4, Report.SITE: 4}


def copies_after(report: Report, nights: list[int]) -> list[Coverage]:
    """What is stored when these nights, counted from the first, have run."""
    copies: list[Coverage] = []
    for night in nights:
        today = TODAY + timedelta(days=night)
        window, backfill = window_to_pull(report, today, copies[-1] if copies else None)
        copies.append(Coverage(report=report, as_of=today, window=window, pulled_at=NOW, backfill=backfill))
    return copies


nights = st.sets(st.integers(0, 150), min_size=1, max_size=30).map(sorted)
reports = st.sampled_from(sorted(SETTLES))


@settings(max_examples=150)
@given(reports, nights)
def test_every_day_is_copied_up_to_the_evening_before(report: Report, nights: list[int]) -> None:
    copies = copies_after(report, nights)
    copied = {day for copy in copies for day in copy.window}
    last = TODAY + timedelta(days=nights[-1] - 1)
    first = TODAY + timedelta(days=nights[0] - BACKFILL_DAYS)
    assert copied == set(Window(first, last))


@settings(max_examples=150)
@given(reports, nights)
def test_a_day_that_has_settled_was_copied_after_it_settled(report: Report, nights: list[int]) -> None:
    copies = copies_after(report, nights)
    newest: dict[date, date] = {}
    for copy in copies:
        newest |= dict.fromkeys(copy.window, copy.as_of)
    for day, copied_on in newest.items():
        settled = day + timedelta(days=SETTLES[report])
        assert copied_on >= min(settled, copies[-1].as_of)


@settings(max_examples=50)
@given(reports, nights)
def test_only_the_first_copy_is_the_large_one(report: Report, nights: list[int]) -> None:
    assert [c.backfill for c in copies_after(report, nights)] == [True] + [False] * (len(nights) - 1)
