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
    usual = policy.traffic_clicks
    for about, series, least in (("clicks", seen.clicks, usual), ("cost", seen.cost, 0.0)):
        share = _share(series, day, policy.traffic_share, least) if series is not None else None
        if share is not None:
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
    return None


def _share(series: DailySeries, day: date, enough: float, least: float) -> float | None:
    """What is left of the median week; None where it is enough, too little to tell from chance, or not known."""
    end = (day - series.first).days + 1
    sums, known = series.running
    if end < 7 or end >= len(sums) or known[end] - known[end - 7] < 7:
        return None
    newest = sums[end] - sums[end - 7]
    start = end - 7 * (USUAL_WEEKS + 1)
    # The median of eight is at most a fifth of their sum: most nights need no sorting.
    if start >= 0 and newest >= enough / 5 * (sums[end - 7] - sums[start]):
        return None
    weeks = [end - 7 * n for n in range(1, USUAL_WEEKS + 1) if end - 7 * n >= 7]
    whole = [sums[stop] - sums[stop - 7] for stop in weeks if known[stop] - known[stop - 7] == 7]
    if len(whole) < USUAL_WEEKS_KNOWN:
        return None
    usual = median(whole)
    return newest / usual if usual > least and newest < enough * usual else None
