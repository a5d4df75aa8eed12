"""Reads a GA4 property through the Data API (reports, funnels) and the Admin API (key events, links)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.data_v1alpha import AlphaAnalyticsDataClient
from google.analytics.data_v1alpha import types as alpha
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta import types as beta
from google.api_core.client_options import ClientOptions

from adsync.errors import UnexpectedAnswer
from adsync.google.faults import speaking
from adsync.google.retry import Patience
from adsync.google.wire import ga4 as wire
from adsync.google.wire.names import id_of
from adsync.model.analytics import EventReport, Funnel, FunnelPart, FunnelQuota, KeyEvent, OrderIds, Quality, SiteReport
from adsync.model.window import Window
from adsync.settings import Endpoints

Result = TypeVar("Result")
PAGE_ROWS = 100_000
# A property and project get ten server errors an hour before they are blocked: two retries, not more.
_MOST_ATTEMPTS = 3
_MOST_PARTS = 15
# Google's reference names the device as an example, and does not say by which dimensions else a funnel may be broken down.
_DIMENSIONS = {"device": "deviceCategory", "channel": "sessionDefaultChannelGroup"}


@dataclass(frozen=True, slots=True)
class PropertySummary:
    """A GA4 property that the credential can see."""

    property_id: str
    name: str


class RestClients:
    """GA4's clients of one credential. A thread keeps its own, and their connections, for all properties it reads."""

    def __init__(self, found_credentials: Any, where: Endpoints) -> None:
        self._credentials, self._where = found_credentials, where
        self._mine = threading.local()

    def get(self, client_class: type) -> Any:
        kept: dict[str, Any] = self._mine.__dict__
        name = client_class.__qualname__
        if name not in kept:
            kept[name] = rest_client(client_class, self._credentials, self._where)
        return kept[name]


def rest_client(client_class: Callable[..., Result], found_credentials: Any, where: Endpoints) -> Result:
    """One of Google's clients over REST, so that its exchanges can be recorded and read."""
    options = ClientOptions(api_endpoint=where.ga4) if where.ga4 else None
    return client_class(transport="rest", credentials=found_credentials, client_options=options)


class GoogleAnalytics:
    """One property, read only. See Analytics in ports.py."""

    def __init__(self, clients: RestClients, property_id: str, patience: Patience) -> None:
        self._clients, self._property_id = clients, property_id
        self._patience = replace(patience, attempts=min(patience.attempts, _MOST_ATTEMPTS))
        self.requests = 0

    @property
    def _data(self) -> Any:
        return self._clients.get(BetaAnalyticsDataClient)

    @property
    def _funnels(self) -> Any:
        return self._clients.get(AlphaAnalyticsDataClient)

    @property
    def _admin(self) -> Any:
        return self._clients.get(AnalyticsAdminServiceClient)

    @property
    def _name(self) -> str:
        return f"properties/{self._property_id}"

    def event_report(self, window: Window, events: Sequence[str]) -> EventReport:
        names = beta.Filter(field_name="eventName", in_list_filter=beta.Filter.InListFilter(values=list(events)))
        counts, quality = self._report(
            "counting events",
            window,
            wire.event_count,
            dimensions=("date", "eventName"),
            metrics=("eventCount", "sessions", "totalUsers"),
            dimension_filter=beta.FilterExpression(filter=names),
        )
        return EventReport(window=window, counts=tuple(counts), quality=quality)

    def site_report(self, window: Window, customer_id: str) -> SiteReport:
        """Two questions: totals of a day cannot be added up from its parts. What the second answer lacks is not known."""
        days, quality = self._report(
            "counting sessions",
            window,
            wire.site_day,
            dimensions=("date",),
            metrics=("sessions", "totalUsers"),
            dimension_filter=None,
        )
        # Without auto-tagging or consent GA4 does not know the account: the session is none of its ads.
        by_ads = beta.Filter(
            field_name="sessionGoogleAdsCustomerId", string_filter=beta.Filter.StringFilter(value=customer_id)
        )
        of_ads, told = self._report(
            "counting sessions from ads",
            window,
            wire.sessions_of_day,
            dimensions=("date",),
            metrics=("sessions",),
            dimension_filter=beta.FilterExpression(filter=by_ads),
        )
        if told.is_whole:
            sessions = dict(of_ads)
            days = [replace(day, ad_sessions=sessions.get(day.date, 0)) for day in days]
        return SiteReport(window=window, days=tuple(days), quality=quality)

    def order_ids(self, event_name: str, window: Window) -> OrderIds:
        """Without days: an order may come again on any later one."""
        named = beta.Filter(field_name="eventName", string_filter=beta.Filter.StringFilter(value=event_name))
        orders, quality = self._report(
            "counting orders",
            window,
            wire.order,
            dimensions=("transactionId",),
            metrics=("eventCount",),
            dimension_filter=beta.FilterExpression(filter=named),
        )
        return wire.order_ids(orders, window, quality)

    def funnel(self, first: str, then: str, window: Window, horizon_days: int) -> Funnel:
        request = self._funnel_request(first, then, window, horizon_days)

        def call() -> Funnel:
            response = self._funnels.run_funnel_report(request, timeout=self._patience.timeout_seconds)
            return wire.funnel(response, first, window, horizon_days)

        return self._unit(f"the funnel {first} > {then}", call)

    def funnel_quota(self) -> FunnelQuota:
        """Costs no tokens."""

        def call() -> FunnelQuota:
            name = f"{self._name}/propertyQuotasSnapshot"
            snapshot = self._funnels.get_property_quotas_snapshot(name=name, timeout=self._patience.timeout_seconds)
            return wire.funnel_quota(snapshot.funnel_property_quota)

        return self._unit("asking what is left of the quota", call)

    def funnel_parts(
        self, first: str, then: str, window: Window, horizon_days: int, by: str
    ) -> tuple[tuple[FunnelPart, ...], FunnelQuota]:
        dimension = _DIMENSIONS[by]
        request = self._funnel_request(first, then, window, horizon_days)
        request.funnel_breakdown = alpha.FunnelBreakdown(
            breakdown_dimension=alpha.Dimension(name=dimension), limit=_MOST_PARTS
        )
        request.return_property_quota = True

        def call() -> tuple[tuple[FunnelPart, ...], FunnelQuota]:
            response = self._funnels.run_funnel_report(request, timeout=self._patience.timeout_seconds)
            parts = wire.funnel_parts(response, first, by, dimension)
            return parts, wire.funnel_quota(response.property_quota)

        return self._unit(f"the funnel {first} > {then} by {by}", call)

    def _funnel_request(self, first: str, then: str, window: Window, horizon_days: int) -> Any:
        return alpha.RunFunnelReportRequest(
            property=self._name,
            date_ranges=[alpha.DateRange(start_date=window.first.isoformat(), end_date=window.last.isoformat())],
            funnel=alpha.Funnel(steps=[_step(first), _step(then, within=timedelta(days=horizon_days))]),
        )

    def key_events(self) -> tuple[KeyEvent, ...]:
        def call() -> tuple[KeyEvent, ...]:
            pager = self._admin.list_key_events(parent=self._name, timeout=self._patience.timeout_seconds)
            found = tuple(wire.key_event(k) for k in pager)
            strange = next((k.resource_name for k in found if not k.resource_name.startswith(f"{self._name}/")), None)
            if strange is not None:
                raise UnexpectedAnswer(f"GA4 answered with {strange} instead of a key event of {self._name}.")
            return found

        return self._unit("listing key events", call)

    def ads_links(self) -> tuple[str, ...]:
        """Ids of the Google Ads accounts to which the property is linked."""

        def call() -> tuple[str, ...]:
            pager = self._admin.list_google_ads_links(parent=self._name, timeout=self._patience.timeout_seconds)
            return tuple(str(link.customer_id) for link in pager)

        return self._unit("listing Google Ads links", call)

    def _report(
        self,
        doing: str,
        window: Window,
        convert: Callable[[dict[str, str]], Result],
        *,
        dimensions: Sequence[str],
        metrics: Sequence[str],
        dimension_filter: Any,
    ) -> tuple[list[Result], Quality]:
        """All pages of a report; ordered by its dimensions, because pages are only then sure not to overlap."""
        rows: list[Result] = []
        offset = 0
        while True:
            request = beta.RunReportRequest(
                property=self._name,
                dimensions=[beta.Dimension(name=d) for d in dimensions],
                metrics=[beta.Metric(name=m) for m in metrics],
                date_ranges=[beta.DateRange(start_date=window.first.isoformat(), end_date=window.last.isoformat())],
                dimension_filter=dimension_filter,
                order_bys=[beta.OrderBy(dimension=beta.OrderBy.DimensionOrderBy(dimension_name=d)) for d in dimensions],
                offset=offset,
                limit=PAGE_ROWS,
            )
            page = self._unit(doing, partial(self._page, request))
            # Row by row: a fleet's first pull reads 400 days of many accounts at once.
            rows.extend(convert(row) for row in wire.rows(page))
            offset += PAGE_ROWS
            if offset >= page.row_count:
                return rows, wire.quality(page.metadata)

    def _page(self, request: Any) -> Any:
        page = self._data.run_report(request, timeout=self._patience.timeout_seconds)
        wire.must_answer(
            page, dimensions=[d.name for d in request.dimensions], metrics=[m.name for m in request.metrics]
        )
        return page

    def _unit(self, doing: str, call: Callable[[], Result]) -> Result:
        def unit() -> Result:
            self.requests += 1
            with speaking(f"GA4 property {self._property_id}, {doing}", ga4_property=self._property_id):
                return call()

        return self._patience.read(unit)


def _step(event_name: str, within: timedelta | None = None) -> alpha.FunnelStep:
    happened = alpha.FunnelEventFilter(event_name=event_name)
    return alpha.FunnelStep(
        name=event_name,
        filter_expression=alpha.FunnelFilterExpression(funnel_event_filter=happened),
        within_duration_from_prior_step=within,
    )


def visible_properties(clients: RestClients, patience: Patience) -> tuple[PropertySummary, ...]:
    """Every GA4 property that the credential can see."""
    admin = clients.get(AnalyticsAdminServiceClient)

    def unit() -> tuple[PropertySummary, ...]:
        with speaking("Listing GA4 properties"):
            return tuple(
                PropertySummary(id_of(p.property), p.display_name)
                for account in admin.list_account_summaries(timeout=patience.timeout_seconds)
                for p in account.property_summaries
            )

    return patience.read(unit)
