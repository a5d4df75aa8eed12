"""Which days are copied tonight: a year and more at first, then as many as still move."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from adsync.model.pulled import Coverage, Report
from adsync.model.window import Window
from adsync.pull.windows import BACKFILL_DAYS, GA4_SETTLES_AFTER_DAYS, funnel_window, window_to_pull
from tests.builders import NOW, TODAY

YESTERDAY = TODAY - timedelta(days=1)
NIGHTLY = [
    (Report.CONVERSIONS, 10),
    (Report.CLICKS, 90),
    (Report.COST, 10),
    (Report.EVENTS, 4),
    (Report.SITE, 4),
]


def a_copy(report: Report, as_of: date, days: int = 10) -> Coverage:
    window = Window.ending(as_of - timedelta(days=1), days=days)
    return Coverage(report=report, as_of=as_of, window=window, pulled_at=NOW)


@pytest.mark.parametrize(("report", "days"), NIGHTLY)
def test_the_first_copy_takes_a_year_and_more(report: Report, days: int) -> None:
    assert window_to_pull(report, TODAY, None) == (Window.ending(YESTERDAY, days=BACKFILL_DAYS), True)


@pytest.mark.parametrize(("report", "days"), NIGHTLY)
def test_the_night_after_takes_the_days_that_still_move(report: Report, days: int) -> None:
    newest = a_copy(report, TODAY - timedelta(days=1))
    assert window_to_pull(report, TODAY, newest) == (Window.ending(YESTERDAY, days=days), False)


@pytest.mark.parametrize(("report", "days"), NIGHTLY)
@pytest.mark.parametrize("missed", [1, 5, 40])
def test_nights_that_were_missed_are_made_up_for_with_the_days_that_still_moved_then(
    report: Report, days: int, missed: int
) -> None:
    before = TODAY - timedelta(days=1 + missed)
    # What the night after the last copy would have read, up to yesterday.
    would_have = window_to_pull(report, before + timedelta(days=1), a_copy(report, before))[0]
    window, _ = window_to_pull(report, TODAY, a_copy(report, before))
    assert window == Window(would_have.first, YESTERDAY)
    assert len(window) == days + missed


def test_a_funnel_ends_where_ga4_has_settled() -> None:
    window = funnel_window(TODAY, days=90)
    assert window.last == TODAY - timedelta(days=GA4_SETTLES_AFTER_DAYS)
    assert len(window) == 90
