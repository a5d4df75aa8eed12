"""Which days are copied: all of a year and more at first, then as many as still change."""

from __future__ import annotations

from datetime import date, timedelta

from adsync.model.pulled import Coverage, Report
from adsync.model.window import Window

BACKFILL_DAYS = 400

# How far back numbers still move: conversions are adjusted for days, clicks convert for up to 90, GA4 hits come in late.
_NIGHTLY_DAYS = {
    Report.CONVERSIONS: 10,
    Report.CLICKS: 90,
    Report.COST: 10,
    Report.EVENTS: 4,
    Report.SITE: 4,
}

GA4_SETTLES_AFTER_DAYS = 3
"""GA4 takes in late hits for up to three days; what is newer is copied, and not yet believed."""


def window_to_pull(report: Report, today: date, newest: Coverage | None) -> tuple[Window, bool]:
    """The days up to yesterday to copy tonight, and whether this is the first time.

    newest: the last copy of an earlier night. Nights that were missed are made up for: the window reaches back to the
    first day that still moved when that copy was made, not only to the days that it lacks.
    """
    yesterday = today - timedelta(days=1)
    if newest is None:
        return Window.ending(yesterday, days=BACKFILL_DAYS), True
    # The usual window of a night without gaps before it; a gap makes it longer by as many days.
    return Window(newest.window.last - timedelta(days=_NIGHTLY_DAYS[report] - 2), yesterday), False


def funnel_window(today: date, *, days: int) -> Window:
    """The newest days whose hits have all arrived.

    GA4 looks for both steps inside the window, so that visitors of its last days had less time to convert than the
    horizon: shares come out a little low, for every event alike (docs/decisions/funnel-window.md).
    """
    return Window.ending(today - timedelta(days=GA4_SETTLES_AFTER_DAYS), days=days)
