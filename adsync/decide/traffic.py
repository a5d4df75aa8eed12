"""Ad traffic that breaks away: fewer conversions are no news then."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

from adsync.decide.episodes import Episode, Watch, Watched
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries

TRAFFIC = "traffic"

USUAL_WEEKS, USUAL_WEEKS_KNOWN = 8, 4
"""The weeks before of which the median is usual, and how many of them must be known."""


def traffic(before: Watch, seen: Watched, day: date, policy: Policy) -> Episode | None:
    """Ad clicks, or cost, of the newest seven days under half of the median of the eight weeks before.

    What lasts for weeks is no pause but how things are now: helpers must be able to come back, so the hold ends.
    """
    if seen.clicks is None:
        return None
    about, share = "clicks", _share(seen.clicks, day, policy.traffic_share)
    if share is None and seen.cost is not None:
        about, share = "cost", _share(seen.cost, day, policy.traffic_share)
    # Chance alone may halve the traffic of few clicks.
    if share is None or (_usual_week(seen.clicks, day) or 0.0) <= policy.traffic_clicks:
        return None
    since = day - timedelta(days=6)
    return before.again(
        Episode(
            code=TRAFFIC,
            since=since,
            until=day,
            factor=max(share, 0.001),
            about=about,
            at_most_days=policy.traffic_hold_days,
        )
    )


def _share(series: DailySeries, day: date, enough: float) -> float | None:
    """What is left of the median week; None where it is enough, or not known."""
    end = (day - series.first).days + 1
    sums, known = series.running
    if end < 7 or end >= len(sums) or known[end] - known[end - 7] < 7:
        return None
    newest = sums[end] - sums[end - 7]
    start = end - 7 * (USUAL_WEEKS + 1)
    # The median of eight is at most a fifth of their sum: most nights need no sorting.
    if start >= 0 and newest >= enough / 5 * (sums[end - 7] - sums[start]):
        return None
    usual = _usual_week(series, day)
    return newest / usual if usual and newest < enough * usual else None


def _usual_week(series: DailySeries, day: date) -> float | None:
    """The median of the eight weeks before the newest seven days; None where too few of them are known whole."""
    end = (day - series.first).days + 1
    sums, known = series.running
    weeks = [end - 7 * n for n in range(1, USUAL_WEEKS + 1) if 7 <= end - 7 * n < len(sums)]
    whole = [sums[stop] - sums[stop - 7] for stop in weeks if known[stop] - known[stop - 7] == 7]
    return median(whole) if len(whole) >= USUAL_WEEKS_KNOWN else None
