"""A candidate's score week by week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from adsync.model.activity import Floats
from adsync.model.stability import History, Span, Week
from adsync.score.intervals import wilson

EPOCH = date(1970, 1, 1)


def weeks_of(history: History, ratios: Floats, first: date, mature: date) -> tuple[Week, ...]:
    """Every week from the candidate's first mature one on. first, mature: the days from which and up to which the log counts.

    ratios: by stratum, of everybody who is compared with, over the whole log. So the expected of all weeks add up to what
    the lift of the whole log is made of.
    """
    monday, found = mature - timedelta(days=mature.weekday()), []
    while monday + timedelta(days=6) >= first:
        number = (monday - EPOCH).days
        within = (history.day >= number) & (history.day < number + 7)
        exposed, converted = int(history.exposed[within].sum()), int(history.bought[within].sum())
        before = history.expected.get(number)
        expected = float((before * ratios).sum()) if before is not None else 0.0
        found.append(
            Week(
                first=monday,
                whole=monday >= first and monday + timedelta(days=6) <= mature,
                exposed=exposed,
                converted=converted,
                p=wilson(converted, exposed),
                expected=expected,
                lift=converted / expected if expected > 0 else None,
            )
        )
        monday -= timedelta(days=7)
    while found and not found[-1].exposed:
        found.pop()
    return tuple(reversed(found))


def span_of(weeks: Sequence[Week]) -> Span:
    """Whole weeks together."""
    exposed, converted = sum(week.exposed for week in weeks), sum(week.converted for week in weeks)
    expected = sum(week.expected for week in weeks)
    return Span(
        first=weeks[0].first,
        last=weeks[-1].first + timedelta(days=6),
        exposed=exposed,
        converted=converted,
        p=wilson(converted, exposed),
        lift=converted / expected if expected > 0 else None,
    )
