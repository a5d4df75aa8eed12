"""Asks the sandbox's GA4, through the official clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.data_v1alpha import AlphaAnalyticsDataClient
from google.analytics.data_v1alpha import types as alpha
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta import types as beta

from tests.contract.clients import PROPERTY, ga4_client
from tests.sandboxes import LocalSandbox

SHOP = f"properties/{PROPERTY}"
FIRST, LAST = date(2026, 2, 2), date(2026, 2, 15)


def days(first: date | str = FIRST, last: date | str = LAST) -> list[beta.DateRange]:
    return [beta.DateRange(start_date=str(first), end_date=str(last))]


def named(*events: str) -> beta.FilterExpression:
    wanted = beta.Filter.InListFilter(values=list(events))
    return beta.FilterExpression(filter=beta.Filter(field_name="eventName", in_list_filter=wanted))


def exactly(event: str) -> beta.FilterExpression:
    wanted = beta.Filter.StringFilter(value=event)
    return beta.FilterExpression(filter=beta.Filter(field_name="eventName", string_filter=wanted))


def report(sandbox: LocalSandbox, **different: Any) -> Any:
    """runReport by day and event over two weeks, unless told otherwise; raises what the client raises."""
    values = {
        "property": SHOP,
        "dimensions": [{"name": name} for name in different.pop("dimensions", ("date", "eventName"))],
        "metrics": [{"name": name} for name in different.pop("metrics", ("eventCount", "sessions", "totalUsers"))],
        "date_ranges": days(),
    }
    client = ga4_client(sandbox, BetaAnalyticsDataClient)
    return client.run_report(beta.RunReportRequest(**{**values, **different}), timeout=20)


def cells(answer: Any) -> list[tuple[str, ...]]:
    return [tuple(v.value for v in (*row.dimension_values, *row.metric_values)) for row in answer.rows]


def by(dimension: str) -> beta.OrderBy:
    return beta.OrderBy(dimension=beta.OrderBy.DimensionOrderBy(dimension_name=dimension))


def event(name: str) -> alpha.FunnelFilterExpression:
    return alpha.FunnelFilterExpression(funnel_event_filter=alpha.FunnelEventFilter(event_name=name))


def step(wanted: str | alpha.FunnelFilterExpression, **more: Any) -> alpha.FunnelStep:
    if isinstance(wanted, str):
        return alpha.FunnelStep(name=wanted, filter_expression=event(wanted), **more)
    return alpha.FunnelStep(filter_expression=wanted, **more)


def funnel(sandbox: LocalSandbox, *steps: alpha.FunnelStep, is_open: bool = False, **different: Any) -> Any:
    values = {
        "property": SHOP,
        "date_ranges": [alpha.DateRange(start_date=str(FIRST), end_date=str(LAST))],
        "funnel": alpha.Funnel(steps=list(steps), is_open_funnel=is_open),
        **different,
    }
    client = ga4_client(sandbox, AlphaAnalyticsDataClient)
    return client.run_funnel_report(alpha.RunFunnelReportRequest(**values), timeout=20)


def asked(**different: Any) -> beta.RunReportRequest:
    """A runReport by day and event, unless told otherwise."""
    values = {
        "property": SHOP,
        "dimensions": [{"name": "date"}, {"name": "eventName"}],
        "metrics": [{"name": "eventCount"}, {"name": "engagementRate"}],
        "date_ranges": days(),
        **different,
    }
    return beta.RunReportRequest(**values)


class Shop:
    """Google's three clients over one transport, each made when it is first used."""

    def __init__(self, sandbox: LocalSandbox, make: Callable[..., Any], *scopes: str) -> None:
        self._sandbox, self._make, self._scopes = sandbox, make, scopes

    @cached_property
    def beta(self) -> Any:
        return self._make(self._sandbox, BetaAnalyticsDataClient, *self._scopes)

    @cached_property
    def alpha(self) -> Any:
        return self._make(self._sandbox, AlphaAnalyticsDataClient, *self._scopes)

    @cached_property
    def admin(self) -> Any:
        return self._make(self._sandbox, AnalyticsAdminServiceClient, *self._scopes)
