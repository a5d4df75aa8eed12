"""runFunnelReport: closed funnels of users, with Google's doubled headers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from adsync.sandbox.ga4.property import Property
from adsync.sandbox.ga4.reports import BadRequest, date_span
from adsync.sandbox.world import Ints, Log

_METRICS = ("activeUsers", "funnelStepCompletionRate", "funnelStepAbandonments", "funnelStepAbandonmentRate")


def run_funnel(shop: Property, request: Any, response: Any, now: int) -> None:
    """Fills a RunFunnelReportResponse.

    Raises BadRequest for what is not served.
    """
    steps = list(request.funnel.steps)
    if not steps or request.funnel.is_open_funnel or len(request.date_ranges) != 1:
        raise BadRequest("The sandbox answers closed funnels over one date range.")
    asked = request.date_ranges[0]
    today = datetime.fromtimestamp(now, ZoneInfo(shop.time_zone)).date()
    first, last = date_span(asked.start_date, asked.end_date, today)
    index = shop.seen(first, last, now)
    users = _closed(shop.log, index, steps)
    response.kind = "analyticsData#runFunnelReport"
    table = response.funnel_table
    table.dimension_headers.add().name = "funnelStepName"
    # Live answers name the four metrics twice and give four values a row, rates typed as integers.
    for name in _METRICS * 2:
        header = table.metric_headers.add()
        header.name, header.type_ = name, 1
    for number, step in enumerate(steps):
        count = users[number]
        onward = users[number + 1] if number + 1 < len(steps) else count
        row = table.rows.add()
        row.dimension_values.add().value = (
            f"{number + 1}. {step.name or step.filter_expression.funnel_event_filter.event_name}"
        )
        rate = onward / count if count else 0.0
        for value in (count, rate, count - onward, 1 - rate if count else 0.0):
            row.metric_values.add().value = str(value)


def _closed(log: Log, index: Ints, steps: list[Any]) -> list[int]:
    """Users who have come through each step in order, every step within its time after the one before."""
    events = []
    for step in steps:
        wanted = step.filter_expression.funnel_event_filter.event_name
        if not wanted:
            raise BadRequest("Each step needs a funnelEventFilter with an eventName.")
        mine = index[log.name[index] == log.code(wanted)]
        order = np.lexsort((log.time[mine], log.visitor[mine]))
        events.append((log.visitor[mine][order], log.time[mine][order]))
    users, times = events[0]
    counts = [len(np.unique(users))]
    for step, (next_users, next_times) in zip(steps[1:], events[1:], strict=True):
        within = step.within_duration_from_prior_step.seconds or np.iinfo(np.int64).max // 4
        users, times = _reached(users, times, next_users, next_times, within)
        counts.append(len(np.unique(users)))
    return counts


def _reached(users: Ints, times: Ints, next_users: Ints, next_times: Ints, within: int) -> tuple[Ints, Ints]:
    """The next step's events that follow one of the same user's by no more than `within` seconds."""
    if not len(users) or not len(next_users):
        return next_users[:0], next_times[:0]
    base = int(min(times.min(), next_times.min()))
    scale = int(max(times.max(), next_times.max())) - base + 2
    before = users * scale + (times - base)
    after = next_users * scale + (next_times - base)
    # The latest earlier event of anybody; it must be the same user's and not too long ago. "Earlier" is strict.
    at = np.searchsorted(before, after, side="left") - 1
    found = at >= 0
    same = found & (users[np.maximum(at, 0)] == next_users)
    close = same & (next_times - times[np.maximum(at, 0)] <= within)
    return next_users[close], next_times[close]
