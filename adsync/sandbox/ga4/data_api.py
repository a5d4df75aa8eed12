"""The Data API: reports, funnels, metadata and quotas, for properties that the caller may see."""

from __future__ import annotations

from collections.abc import Callable

from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.access import PROPERTY, visible
from adsync.sandbox.ga4.funnels import run_funnel
from adsync.sandbox.ga4.metadata import check_compatibility, metadata
from adsync.sandbox.ga4.parsing import BadRequest, parsed
from adsync.sandbox.ga4.property import Property
from adsync.sandbox.ga4.quota import CORE, FUNNEL, REALTIME, QuotaExhausted
from adsync.sandbox.ga4.reports import run_report
from adsync.sandbox.ga4.view import View, view_of
from adsync.sandbox.http_messages import Answer, Problem, Request, Route
from adsync.sandbox.oauth import EDIT_SCOPE, READ_SCOPE

MAX_REPORTS = 5
_READ = frozenset({READ_SCOPE, EDIT_SCOPE})
_CATEGORIES = {
    "runReport": CORE,
    "batchRunReports": CORE,
    "checkCompatibility": CORE,
    "getMetadata": CORE,
    "runFunnelReport": FUNNEL,
}


class DataApi:
    """Answers the Data API's calls from an estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def routes(self) -> tuple[Route, ...]:
        beta, alpha = f"/v1beta{PROPERTY}", f"/v1alpha{PROPERTY}"
        snapshot = "propertyQuotasSnapshot"
        return (
            Route("POST", f"{beta}:runReport", "runReport", _READ, self._run_report),
            Route("POST", f"{beta}:batchRunReports", "batchRunReports", _READ, self._batch),
            Route("POST", f"{beta}:checkCompatibility", "checkCompatibility", _READ, self._check_compatibility),
            Route("GET", f"{beta}/metadata", "getMetadata", _READ, self._metadata),
            Route("POST", f"{alpha}:runFunnelReport", "runFunnelReport", _READ, self._run_funnel),
            Route("GET", f"{alpha}/{snapshot}", "getPropertyQuotasSnapshot", _READ, self._quotas_snapshot),
        )

    def server_error(self, call: str, shop: str) -> None:
        """A call was answered 500 or 503 at the door: ten in an hour, and the property refuses the project."""
        with self._estate.lock:
            found = self._estate.properties.get(shop)
            if found is not None and call in _CATEGORIES:
                found.quotas.server_error(_CATEGORIES[call], self._estate.now)

    def _run_report(self, request: Request, shop: str) -> Answer:
        from google.analytics.data_v1beta.types import RunReportRequest

        asked = parsed(request.body, RunReportRequest.pb()(), shop)
        return self._charged(CORE, shop, lambda view: run_report(view, asked), asked.return_property_quota)

    def _batch(self, request: Request, shop: str) -> Answer:
        from google.analytics.data_v1beta.types import BatchRunReportsRequest

        asked = parsed(request.body, BatchRunReportsRequest.pb()(), shop)

        def run(view: View) -> tuple[Answer, int]:
            if not asked.requests:
                raise BadRequest("The batchRunReportsRequest must contain at least one runReportRequest.")
            if len(asked.requests) > MAX_REPORTS:
                raise BadRequest(
                    f"Batch requests are limited to {MAX_REPORTS} requests.\n  "
                    f"This batch request contains {len(asked.requests)} requests."
                )
            for each in asked.requests:
                if each.property not in ("", f"properties/{shop}"):
                    raise BadRequest(f"All requests of a batch must be for properties/{shop}; found {each.property}.")
            answered = [run_report(view, each) for each in asked.requests]
            reports = [answer for answer, _ in answered]
            return {"reports": reports, "kind": "analyticsData#batchRunReports"}, sum(cost for _, cost in answered)

        answer = self._charged(CORE, shop, run, wants_quota=False)
        for each, report in zip(asked.requests, answer["reports"], strict=True):
            if each.return_property_quota:
                report["propertyQuota"] = self._quota(CORE, shop)
        return answer

    def _check_compatibility(self, request: Request, shop: str) -> Answer:
        from google.analytics.data_v1beta.types import CheckCompatibilityRequest

        asked = parsed(request.body, CheckCompatibilityRequest.pb()(), shop)
        return self._charged(CORE, shop, lambda view: (check_compatibility(view, asked), 1), wants_quota=False)

    def _metadata(self, _: Request, shop: str) -> Answer:
        if shop == "0":
            return metadata(None)
        return self._charged(CORE, shop, lambda view: (metadata(view), 1), wants_quota=False)

    def _run_funnel(self, request: Request, shop: str) -> Answer:
        from google.analytics.data_v1alpha.types import RunFunnelReportRequest

        asked = parsed(request.body, RunFunnelReportRequest.pb()(), shop)
        return self._charged(FUNNEL, shop, lambda view: run_funnel(view, asked), asked.return_property_quota)

    def _quotas_snapshot(self, _: Request, shop: str) -> Answer:
        with self._estate.lock:
            found = visible(self._estate, shop)
            quotas = {
                f"{category}PropertyQuota": found.quotas.status(category, self._estate.now)
                for category in (CORE, REALTIME, FUNNEL)
            }
        return {"name": f"properties/{shop}/propertyQuotasSnapshot", **quotas}

    def _quota(self, category: str, shop: str) -> Answer:
        with self._estate.lock:
            return self._estate.properties[shop].quotas.status(category, self._estate.now)

    def _charged(
        self, category: str, shop: str, run: Callable[[View], tuple[Answer, int]], wants_quota: bool
    ) -> Answer:
        """Runs a request against the property's quotas. What cannot be answered costs nothing."""
        found, view = self._entered(category, shop)
        cost = 0
        try:
            # Without the lock: the view stands still, and requests run side by side, as they do at Google.
            answer, cost = run(view)
        except BadRequest as error:
            raise Problem(400, "INVALID_ARGUMENT", str(error)) from None
        finally:
            with self._estate.lock:
                thresholded = cost > 0 and view.position("ga4_thresholding") is not None
                found.quotas.leave(category, view.now, cost=cost, thresholded=thresholded)
        if wants_quota:
            answer["propertyQuota"] = self._quota(category, shop)
        return answer

    def _entered(self, category: str, shop: str) -> tuple[Property, View]:
        with self._estate.lock:
            found = visible(self._estate, shop)
            try:
                found.quotas.enter(category, self._estate.now)
            except QuotaExhausted as error:
                raise Problem(429, "RESOURCE_EXHAUSTED", str(error)) from None
            return found, view_of(self._estate, found)
