"""The Admin API: what there is (accounts, properties, streams) and how it is linked. Key events: key_events.py."""

from __future__ import annotations

from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.access import PROPERTY, visible
from adsync.sandbox.ga4.dimensions import host_name, stream_id
from adsync.sandbox.ga4.key_events import KeyEvents
from adsync.sandbox.ga4.paging import page
from adsync.sandbox.ga4.parsing import parsed
from adsync.sandbox.ga4.property import Property
from adsync.sandbox.http_messages import Answer, Problem, Request, Route
from adsync.sandbox.oauth import EDIT_SCOPE, READ_SCOPE

_READ, _EDIT = frozenset({READ_SCOPE, EDIT_SCOPE}), frozenset({EDIT_SCOPE})


def not_found() -> Problem:
    return Problem(404, "NOT_FOUND", "Requested entity was not found.")


class AdminApi:
    """Answers the Admin API's calls from an estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def routes(self) -> tuple[Route, ...]:
        shop, links = f"/v1beta{PROPERTY}", f"/v1beta{PROPERTY}/googleAdsLinks"
        return (
            Route("GET", "/v1beta/accountSummaries", "listAccountSummaries", _READ, self._account_summaries),
            Route("GET", shop, "getProperty", _READ, self._get_property),
            Route("GET", f"{shop}/dataStreams", "listDataStreams", _READ, self._list_streams),
            Route("GET", rf"{shop}/dataStreams/(?P<stream>[^/:]+)", "getDataStream", _READ, self._get_stream),
            Route("GET", links, "listGoogleAdsLinks", _READ, self._list_links),
            Route("POST", links, "createGoogleAdsLink", _EDIT, self._create_link),
            Route("DELETE", rf"{links}/(?P<link>[^/:]+)", "deleteGoogleAdsLink", _EDIT, self._delete_link),
            *KeyEvents(self._estate).routes(),
        )

    def _account_summaries(self, request: Request) -> Answer:
        with self._estate.lock:
            summary = {
                "name": "accountSummaries/1",
                "account": "accounts/1",
                "displayName": "Sandbox",
                "propertySummaries": [
                    {
                        "property": f"properties/{p.property_id}",
                        "displayName": p.name,
                        "propertyType": "PROPERTY_TYPE_ORDINARY",
                        "parent": "accounts/1",
                        "canEdit": True,
                    }
                    for p in self._estate.properties.values()
                ],
            }
        return page("accountSummaries", [summary], request)

    def _get_property(self, _: Request, shop: str) -> Answer:
        with self._estate.lock:
            found = visible(self._estate, shop)
            return {
                "name": f"properties/{shop}",
                "propertyType": "PROPERTY_TYPE_ORDINARY",
                "parent": "accounts/1",
                "account": "accounts/1",
                "displayName": found.name,
                "industryCategory": "SHOPPING",
                "timeZone": found.time_zone,
                "currencyCode": found.currency,
                "serviceLevel": "GOOGLE_ANALYTICS_STANDARD",
            }

    def _list_streams(self, request: Request, shop: str) -> Answer:
        with self._estate.lock:
            return page("dataStreams", [_stream(visible(self._estate, shop))], request)

    def _get_stream(self, _: Request, shop: str, stream: str) -> Answer:
        with self._estate.lock:
            found = visible(self._estate, shop)
        if stream != stream_id(shop):
            raise not_found()
        return _stream(found)

    def _list_links(self, request: Request, shop: str) -> Answer:
        with self._estate.lock:
            links = [_link(shop, customer_id) for customer_id in visible(self._estate, shop).ads_links]
        return page("googleAdsLinks", links, request)

    def _create_link(self, request: Request, shop: str) -> Answer:
        from google.analytics.admin_v1beta.types import GoogleAdsLink

        wanted = parsed(request.body, GoogleAdsLink.pb()())
        with self._estate.lock:
            found = visible(self._estate, shop)
            if not wanted.customer_id.isdigit():
                message = f"The customer ID {wanted.customer_id!r} is not valid: digits only, without dashes."
                raise Problem(400, "INVALID_ARGUMENT", message)
            if wanted.customer_id not in self._estate.accounts:
                message = "The caller does not have permission to link this Google Ads account."
                raise Problem(403, "PERMISSION_DENIED", message)
            if wanted.customer_id in found.ads_links:
                message = f"A link to Google Ads account {wanted.customer_id} already exists."
                raise Problem(409, "ALREADY_EXISTS", message)
            found.ads_links.append(wanted.customer_id)
            return _link(shop, wanted.customer_id)

    def _delete_link(self, _: Request, shop: str, link: str) -> Answer:
        with self._estate.lock:
            links = visible(self._estate, shop).ads_links
            if link not in links:
                raise not_found()
            links.remove(link)
            return {}


def _stream(shop: Property) -> Answer:
    return {
        "name": f"properties/{shop.property_id}/dataStreams/{stream_id(shop.property_id)}",
        "type": "WEB_DATA_STREAM",
        "displayName": shop.name,
        "webStreamData": {
            "measurementId": f"G-SANDBOX{shop.property_id[-3:]}",
            "defaultUri": f"https://{host_name(shop.property_id)}",
        },
    }


def _link(shop: str, customer_id: str) -> Answer:
    # A link has an id of its own at Google; here an account's id does, since it is linked once at most.
    return {
        "name": f"properties/{shop}/googleAdsLinks/{customer_id}",
        "customerId": customer_id,
        "adsPersonalizationEnabled": True,
    }
