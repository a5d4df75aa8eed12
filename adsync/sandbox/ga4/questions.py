"""What a report asks for, checked in the order in which Google checks it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adsync.sandbox.ga4 import filters
from adsync.sandbox.ga4.dates import Days, date_ranges
from adsync.sandbox.ga4.dimension import Dimension
from adsync.sandbox.ga4.metrics import Metric
from adsync.sandbox.ga4.names import find_dimension, find_metric
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.ga4.view import View

MAX_DIMENSIONS, MAX_METRICS, MAX_ROWS, USUAL_ROWS = 9, 10, 250_000, 10_000

AGGREGATIONS = {1: ("totals", "RESERVED_TOTAL"), 5: ("minimums", "RESERVED_MIN"), 6: ("maximums", "RESERVED_MAX")}
"""Where an aggregation stands in the answer, and what its rows show instead of dimensions."""
_COUNT = 4

# Units of each currency for one euro. Fixed: the sandbox plays no currency markets.
_RATES = {"EUR": 1.0, "USD": 1.1, "GBP": 0.85, "CHF": 0.95, "AUD": 1.65, "NZD": 1.8, "CAD": 1.5, "SEK": 11.0}


@dataclass(frozen=True, kw_only=True)
class Question:
    """A RunReportRequest that can be answered. Names are those of the request, which may be old ones."""

    dimension_names: list[str]
    metric_names: list[str]
    dimensions: list[Dimension]
    metrics: list[Metric]
    invisible: list[bool]
    having: list[Metric]
    filtered: list[Dimension]
    resolved: dict[str, str]
    ranges: list[Days]
    dimension_filter: Any
    metric_filter: Any
    aggregations: list[int]
    keep_empty_rows: bool
    offset: int
    limit: int
    currency: str
    exchange: float

    @cached_property
    def fields(self) -> list[Dimension]:
        """The dimensions that are shown or filtered on, each once."""
        return list({d.name: d for d in (*self.dimensions, *self.filtered)}.values())

    @property
    def about_ads(self) -> bool:
        return any(m.scope == "ads" for m in (*self.metrics, *self.having))


def question(view: View, request: Any) -> Question:
    """Raises BadRequest, in Google's words, for the first thing that is wrong."""
    for name in ("cohort_spec", "comparisons"):
        if any(field.name == name for field, _ in request.ListFields()):
            raise BadRequest(f"The sandbox does not serve {name}.")
    dimension_names, metric_names = [d.name for d in request.dimensions], [m.name for m in request.metrics]
    dimensions = [_plain_dimension(d) for d in request.dimensions]
    metrics = [_plain_metric(view, m) for m in request.metrics]
    resolved = {w.field_name: find_dimension(w.field_name).name for w in filters.leaves(request.dimension_filter)}
    having = [find_metric(view, wanted.field_name) for wanted in filters.leaves(request.metric_filter)]
    for name in ("limit", "offset"):
        if getattr(request, name) < 0:
            raise BadRequest(f"{name} must be positive. The API received {name} = {getattr(request, name)}")
    ranges = date_ranges(request.date_ranges, view.today)
    _check_numbers(dimension_names, metric_names)
    currency = request.currency_code or view.shop.currency
    return Question(
        dimension_names=dimension_names,
        metric_names=metric_names,
        dimensions=dimensions,
        metrics=metrics,
        invisible=[m.invisible for m in request.metrics],
        having=having,
        filtered=[find_dimension(name) for name in resolved],
        resolved=resolved,
        ranges=ranges,
        dimension_filter=request.dimension_filter,
        metric_filter=request.metric_filter,
        aggregations=_aggregations(request.metric_aggregations),
        keep_empty_rows=request.keep_empty_rows,
        offset=request.offset,
        # Google answers a larger wish with as many rows as it ever answers.
        limit=min(request.limit, MAX_ROWS) or USUAL_ROWS,
        currency=currency,
        exchange=_exchange(view.shop.currency, currency),
    )


def _plain_dimension(wanted: Any) -> Dimension:
    if wanted.HasField("dimension_expression"):
        raise BadRequest(f"The sandbox does not serve the dimension expression of {wanted.name}.")
    return find_dimension(wanted.name)


def _plain_metric(view: View, wanted: Any) -> Metric:
    if wanted.expression:
        raise BadRequest(f"The sandbox does not serve the metric expression of {wanted.name}.")
    return find_metric(view, wanted.name)


def _check_numbers(dimensions: Sequence[str], metrics: Sequence[str]) -> None:
    for kind, names, most in (("dimensions", dimensions, MAX_DIMENSIONS), ("metrics", metrics, MAX_METRICS)):
        if len(names) > most:
            raise BadRequest(
                f"Requests are limited to {most} {kind} within a nested request.\n  "
                f"This request is for {len(names)} {kind}."
            )
    if not dimensions and not metrics:
        raise BadRequest("Requests require dimensions and/or metrics. Most requests include both.")
    twice = {name for name in dimensions if dimensions.count(name) > 1}
    if twice:
        raise BadRequest(f"Found duplicate dimensions: {', '.join(sorted(twice))}")
    twice = {name for name in metrics if metrics.count(name) > 1}
    if twice:
        raise BadRequest(f"Duplicate metrics are not allowed. Found duplicate metrics: {', '.join(sorted(twice))}")


def _aggregations(asked: Sequence[int]) -> list[int]:
    if _COUNT in asked:
        raise BadRequest("Metric aggregation Count is not supported in ReportRequest.")
    unknown = set(asked) - {0, *AGGREGATIONS}
    if unknown:
        raise BadRequest(f"Invalid metric aggregation: {', '.join(map(str, sorted(unknown)))}.")
    return sorted({kind for kind in asked if kind})


def _exchange(of: str, to: str) -> float:
    if of == to:
        return 1.0
    if not re.fullmatch("[A-Z]{3}", to) or to not in _RATES or of not in _RATES:
        raise BadRequest(f"Invalid currency code: {to}. The sandbox exchanges {', '.join(sorted(_RATES))}.")
    return _RATES[to] / _RATES[of]
