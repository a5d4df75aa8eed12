"""runReport: what a property answers about its events, by day and other dimensions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

from adsync.sandbox.ga4.property import Property
from adsync.sandbox.world import CHANNELS, DEVICES, Bools, Ints, Log

MAX_DIMENSIONS, MAX_METRICS, MAX_ROWS = 9, 10, 250_000


class BadRequest(Exception):
    """Answers 400 INVALID_ARGUMENT with this message."""


def _dates(log: Log, index: Ints) -> tuple[Ints, Callable[[int], str]]:
    return log.day[index], str


def _names(log: Log, index: Ints) -> tuple[Ints, Callable[[int], str]]:
    return log.name[index], lambda code: log.names[code]


def _channels(log: Log, index: Ints) -> tuple[Ints, Callable[[int], str]]:
    return log.channel[index], lambda code: CHANNELS[code]


def _devices(log: Log, index: Ints) -> tuple[Ints, Callable[[int], str]]:
    return log.device[index], lambda code: DEVICES[code]


_DIMENSIONS = {
    "date": _dates,
    "eventName": _names,
    "sessionDefaultChannelGroup": _channels,
    "deviceCategory": _devices,
}
_METRICS = ("eventCount", "sessions", "totalUsers")


def run_report(shop: Property, request: Any, response: Any, now: int) -> None:
    """Fills a RunReportResponse.

    Raises BadRequest, with Google's wording, for what the report cannot hold.
    """
    dimensions = [d.name for d in request.dimensions]
    metrics = [m.name for m in request.metrics]
    _check(dimensions, metrics, request)
    response.kind = "analyticsData#runReport"
    response.metadata.time_zone, response.metadata.currency_code = shop.time_zone, shop.currency
    for name in dimensions:
        response.dimension_headers.add().name = name
    for name in metrics:
        header = response.metric_headers.add()
        header.name, header.type_ = name, 1  # TYPE_INTEGER
    index = np.concatenate([shop.seen(*_range(r, shop, now), now) for r in request.date_ranges])
    index = index[_filter(shop.log, index, request.dimension_filter)]
    rows = _rows(shop.log, index, dimensions, metrics)
    _order(rows, request, dimensions)
    response.row_count = len(rows)
    # An empty report carries no `rows` key at all.
    start, limit = int(request.offset), int(request.limit) or 10_000
    for labels, numbers in rows[start : start + limit]:
        row = response.rows.add()
        for label in labels:
            row.dimension_values.add().value = label
        for number in numbers:
            row.metric_values.add().value = str(number)


def _check(dimensions: list[str], metrics: list[str], request: Any) -> None:
    if len(dimensions) > MAX_DIMENSIONS:
        raise BadRequest(f"Requests are limited to {MAX_DIMENSIONS} dimensions.")
    if not 0 < len(metrics) <= MAX_METRICS:
        raise BadRequest(f"Requests need 1 to {MAX_METRICS} metrics.")
    if not 0 <= int(request.limit) <= MAX_ROWS or int(request.offset) < 0:
        raise BadRequest(f"The limit must be at most {MAX_ROWS}, and neither it nor the offset negative.")
    if not request.date_ranges:
        raise BadRequest("At least one date range is required.")
    for name in dimensions:
        if name not in _DIMENSIONS:
            raise BadRequest(
                f"Field {name} is not a valid dimension. For a list of valid dimensions and metrics, see the API schema."
            )
    for name in metrics:
        if name not in _METRICS:
            raise BadRequest(
                f"Field {name} is not a valid metric. For a list of valid dimensions and metrics, see the API schema."
            )


def date_span(start: str, end: str, today: date) -> tuple[date, date]:
    """The days of a date range. Raises BadRequest for what is no date."""
    days = []
    for text in (start, end):
        if text in ("today", "yesterday"):
            days.append(today - timedelta(days=text == "yesterday"))
        elif text.endswith("daysAgo") and text.removesuffix("daysAgo").isdigit():
            days.append(today - timedelta(days=int(text.removesuffix("daysAgo"))))
        else:
            try:
                days.append(date.fromisoformat(text))
            except ValueError:
                raise BadRequest(f"Invalid date: {text}. Dates are YYYY-MM-DD, NdaysAgo, yesterday or today.") from None
    if days[1] < days[0]:
        raise BadRequest(f"The start date {start} is after the end date {end}.")
    return days[0], days[1]


def _range(asked: Any, shop: Property, now: int) -> tuple[date, date]:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return date_span(asked.start_date, asked.end_date, datetime.fromtimestamp(now, ZoneInfo(shop.time_zone)).date())


def _filter(log: Log, index: Ints, expression: Any) -> Bools:
    """Which of the events pass; Google's filters on event names, and groups of them."""
    kind = expression.WhichOneof("expr")
    if kind is None:
        return np.ones(len(index), bool)
    if kind == "not_expression":
        return ~_filter(log, index, expression.not_expression)
    if kind in ("and_group", "or_group"):
        parts = [_filter(log, index, e) for e in getattr(expression, kind).expressions]
        together: Bools = np.all(parts, axis=0) if kind == "and_group" else np.any(parts, axis=0)
        return together
    wanted = expression.filter
    if wanted.field_name != "eventName":
        raise BadRequest(f"Field {wanted.field_name} cannot be filtered on here.")
    match wanted.WhichOneof("one_filter"):
        case "in_list_filter":
            names = list(wanted.in_list_filter.values)
        case "string_filter" if wanted.string_filter.match_type in (0, 1):
            names = [wanted.string_filter.value]
        case other:
            raise BadRequest(f"The filter {other} is not served.")
    passed: Bools = np.isin(log.name[index], [log.code(name) for name in names])
    return passed


def _rows(log: Log, index: Ints, dimensions: list[str], metrics: list[str]) -> list[tuple[list[str], list[int]]]:
    keys = [_DIMENSIONS[name](log, index) for name in dimensions]
    if not len(index):
        return []
    codes = np.array([codes for codes, _ in keys]).T if keys else np.zeros((len(index), 1), np.int64)
    groups, position = np.unique(codes, axis=0, return_inverse=True)
    position = position.reshape(-1)
    columns = []
    for metric in metrics:
        if metric == "eventCount":
            columns.append(np.bincount(position, minlength=len(groups)))
            continue
        who = log.session[index] if metric == "sessions" else log.visitor[index]
        distinct = np.unique(position * (int(who.max()) + 1) + who) // (int(who.max()) + 1)
        columns.append(np.bincount(distinct, minlength=len(groups)))
    labels = [[label(int(code)) for code, (_, label) in zip(group, keys, strict=False)] for group in groups]
    return list(zip(labels, np.array(columns).T.tolist(), strict=True))


def _order(rows: list[tuple[list[str], list[int]]], request: Any, dimensions: list[str]) -> None:
    for order in reversed(request.order_bys):
        name = order.dimension.dimension_name
        if name in dimensions:
            rows.sort(key=lambda row: row[0][dimensions.index(name)], reverse=order.desc)
