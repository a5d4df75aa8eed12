"""The GA4 Data and Admin APIs: reports, funnels, key events, links, account summaries."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format

from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.funnels import run_funnel
from adsync.sandbox.ga4.property import ONCE_PER_EVENT, ONCE_PER_SESSION, KeyEventRecord, Property
from adsync.sandbox.ga4.reports import BadRequest, run_report
from adsync.sandbox.http_messages import Answer, Problem, Request, Route
from adsync.sandbox.oauth import EDIT_SCOPE, READ_SCOPE

_READ, _EDIT = frozenset({READ_SCOPE, EDIT_SCOPE}), frozenset({EDIT_SCOPE})
_COUNTING = {0: ONCE_PER_EVENT, 1: ONCE_PER_EVENT, 2: ONCE_PER_SESSION}
MOST_KEY_EVENTS = 30


class Ga4:
    """Answers GA4's calls from an estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def routes(self) -> tuple[Route, ...]:
        shop = r"/properties/(?P<shop>\d+)"
        return (
            Route("POST", rf"/v1beta{shop}:runReport", "runReport", _READ, self._run_report),
            Route("POST", rf"/v1alpha{shop}:runFunnelReport", "runFunnelReport", _READ, self._run_funnel),
            Route("GET", "/v1beta/accountSummaries", "accountSummaries", _READ, self._account_summaries),
            Route("GET", rf"/v1beta{shop}/keyEvents", "listKeyEvents", _READ, self._list_key_events),
            Route("POST", rf"/v1beta{shop}/keyEvents", "createKeyEvent", _EDIT, self._create_key_event),
            Route("DELETE", rf"/v1beta{shop}/keyEvents/(?P<key>\d+)", "deleteKeyEvent", _EDIT, self._delete_key_event),
            Route("GET", rf"/v1beta{shop}/googleAdsLinks", "listGoogleAdsLinks", _READ, self._list_links),
        )

    def _property(self, shop: str) -> Property:
        found = self._estate.properties.get(shop)
        if found is None:
            raise Problem(
                403,
                "PERMISSION_DENIED",
                "User does not have sufficient permissions for this property. To learn more about Property ID, see "
                "https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.",
            )
        return found

    def _run_report(self, request: Request, shop: str) -> Answer:
        from google.analytics.data_v1beta.types import RunReportRequest, RunReportResponse

        return self._report(request, shop, RunReportRequest.pb()(), RunReportResponse.pb()(), run_report)

    def _run_funnel(self, request: Request, shop: str) -> Answer:
        from google.analytics.data_v1alpha.types import RunFunnelReportRequest, RunFunnelReportResponse

        return self._report(request, shop, RunFunnelReportRequest.pb()(), RunFunnelReportResponse.pb()(), run_funnel)

    def _report(self, request: Request, shop: str, asked: Any, response: Any, run: Callable[..., None]) -> Answer:
        try:
            json_format.Parse(request.body, asked)
            with self._estate.lock:
                run(self._property(shop), asked, response, self._estate.now)
        except json_format.ParseError as error:
            raise Problem(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from None
        except BadRequest as error:
            raise Problem(400, "INVALID_ARGUMENT", str(error)) from None
        document: Answer = json_format.MessageToDict(response)
        return document

    def _account_summaries(self, _: Request) -> Answer:
        shops = [
            {"property": f"properties/{p.property_id}", "displayName": p.name, "propertyType": "PROPERTY_TYPE_ORDINARY"}
            for p in self._estate.properties.values()
        ]
        summary = {
            "name": "accountSummaries/1",
            "account": "accounts/1",
            "displayName": "Sandbox",
            "propertySummaries": shops,
        }
        return {"accountSummaries": [summary]}

    def _list_key_events(self, _: Request, shop: str) -> Answer:
        found = self._property(shop)
        return {"keyEvents": [_key_event(found, k) for k in found.key_events]} if found.key_events else {}

    def _create_key_event(self, request: Request, shop: str) -> Answer:
        from google.analytics.admin_v1beta.types import KeyEvent

        try:
            wanted = json_format.Parse(request.body, KeyEvent.pb()())
        except json_format.ParseError as error:
            raise Problem(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from None
        if not re.fullmatch(r"[A-Za-z]\w{0,39}", wanted.event_name) or wanted.counting_method not in _COUNTING:
            raise Problem(400, "INVALID_ARGUMENT", "The event name or counting method is not valid.")
        with self._estate.lock:
            found = self._property(shop)
            if found.key_event(wanted.event_name):
                raise Problem(409, "ALREADY_EXISTS", f"A key event named {wanted.event_name} already exists.")
            if len(found.key_events) >= MOST_KEY_EVENTS:
                raise Problem(
                    400, "FAILED_PRECONDITION", f"The limit of {MOST_KEY_EVENTS} key events per property is reached."
                )
            record = KeyEventRecord(
                id=max((k.id for k in found.key_events), default=0) + 1,
                event_name=wanted.event_name,
                counting_method=_COUNTING[wanted.counting_method],
                created_at=self._estate.now,
            )
            found.key_events.append(record)
            return _key_event(found, record)

    def _delete_key_event(self, _: Request, shop: str, key: str) -> Answer:
        with self._estate.lock:
            found = self._property(shop)
            record = next((k for k in found.key_events if str(k.id) == key), None)
            if record is None:
                raise Problem(404, "NOT_FOUND", "Requested entity was not found.")
            if not record.deletable:
                raise Problem(400, "FAILED_PRECONDITION", "This key event cannot be deleted.")
            found.key_events.remove(record)
            return {}

    def _list_links(self, _: Request, shop: str) -> Answer:
        links = [
            {"name": f"properties/{shop}/googleAdsLinks/{number}", "customerId": customer_id}
            for number, customer_id in enumerate(self._property(shop).ads_links, start=1)
        ]
        return {"googleAdsLinks": links} if links else {}


def _key_event(shop: Property, record: KeyEventRecord) -> Answer:
    return {
        "name": f"properties/{shop.property_id}/keyEvents/{record.id}",
        "eventName": record.event_name,
        "countingMethod": record.counting_method,
        "deletable": record.deletable,
        "custom": record.deletable,
    }
