"""What a candidate announced before it was promoted, and since."""

from __future__ import annotations

from datetime import date, timedelta

from adsync.model.evidence import Interval
from adsync.model.figures import number_of, points_in_tenths, short, tenths
from adsync.model.stability import History, Promoted, Span
from adsync.score.intervals import risk_difference, wilson
from adsync.score.weekly import EPOCH

MEANS_LESS = "What bidding aims at {comes} to mean less: ads then bring those who do it, not those who buy"
CANNOT_TELL = "but season, site and offers changed as well, and two spans of time cannot tell these apart"


def promoted(
    event: str, on: date, history: History, first: date, mature: date, last: date, horizon_days: int
) -> Promoted:
    """Before that day and from it on, UTC. first, last: of the log. mature: the last day that has had the horizon."""
    before = _span(history, first, min(on - timedelta(days=1), mature))
    after = _span(history, on, mature)
    difference = None
    if before.exposed and after.exposed:
        difference = risk_difference(after.converted, after.exposed, before.converted, before.exposed)
    return Promoted(
        on=on,
        before=before,
        after=after,
        difference=difference,
        volume_before=_volume(history, first, on - timedelta(days=1)),
        volume_after=_volume(history, on, last),
        because=f"{short(event)} since {on}: {_said(before, after, difference, horizon_days, on + (last - mature))}",
    )


def _within(history: History, first: date, last: date) -> slice:
    low, high = history.day.searchsorted([(first - EPOCH).days, (last - EPOCH).days + 1])
    return slice(int(low), int(max(low, high)))


def _span(history: History, first: date, last: date) -> Span:
    days = _within(history, first, last)
    exposed, converted = int(history.exposed[days].sum()), int(history.bought[days].sum())
    return Span(first=first, last=last, exposed=exposed, converted=converted, p=wilson(converted, exposed))


def _volume(history: History, first: date, last: date) -> float:
    days = (last - first).days + 1
    return 30.0 * int(history.did[_within(history, first, last)].sum()) / days if days > 0 else 0.0


def _said(before: Span, after: Span, difference: Interval | None, horizon_days: int, counts: date) -> str:
    within = number_of(horizon_days, "day")
    if after.last < after.first:
        return f"nobody who did it since has had {within} to go on yet; the first count from {counts} on."
    if difference is None:
        return (
            f"nobody who did it {'before' if after.exposed else 'since'} is counted, so that nothing can be compared."
        )
    shares = (
        f"{tenths(after.p.point)} of {after.exposed:,} go on, {tenths(before.p.point)} of {before.exposed:,} before: "
        f"{points_in_tenths(difference.point)}, 95 % {points_in_tenths(difference.low)} to {points_in_tenths(difference.high)}"
    )
    if difference.high < 0:
        return f"{shares}. It announces less. {MEANS_LESS.format(comes='comes')}; {CANNOT_TELL}."
    if difference.low > 0:
        return f"{shares}. It announces more, {CANNOT_TELL}."
    may = MEANS_LESS.format(comes="may come")
    return f"{shares}. No change is certain, and none within these limits is ruled out. {may}: look again later."
