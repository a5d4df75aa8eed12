"""GA4's methods as gRPC names them, one line each, and what they are over HTTP.

Google's clients carry no descriptors of their services, so what google.api.http says of each method stands here; a test
holds it against the clients' own REST transports.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Method:
    """One method. package: such as "data_v1beta"; request and response: messages in it, response "" for google's Empty.

    verb, uri, body: its HTTP rule. body: the field that the body holds, "*" for all that the path does not, "" for none.
    """

    package: str
    request: str
    response: str
    verb: str
    uri: str
    body: str

    @cached_property
    def request_class(self) -> Any:
        return self._message(self.request)

    @cached_property
    def response_class(self) -> Any:
        if not self.response:
            from google.protobuf.empty_pb2 import Empty

            return Empty
        return self._message(self.response)

    @property
    def named(self) -> tuple[str, str]:
        """The field that names what a call is about, and what its value looks like; empty where there is none."""
        field, _, template = self.uri.partition("{")[2].partition("}")[0].partition("=")
        return field, template

    def _message(self, name: str) -> Any:
        # Half a second for the first one of a package: a sandbox that nobody asks for GA4 does not spend it.
        return getattr(import_module(f"google.analytics.{self.package}.types"), name).pb()


def _methods(service: str, package: str, lines: str) -> dict[str, Method]:
    """Each line: name, response (- for none), verb, path, body."""
    found = {}
    for line in lines.strip().splitlines():
        name, response, verb, uri, body = [*line.split(), ""][:5]
        method = Method(package, f"{name}Request", response.strip("-"), verb, uri, body)
        found[f"/google.analytics.{service}/{name}"] = method
    return found


_OF_PROPERTY = "/v1beta/{property=properties/*}"
_IN_PROPERTY = "/v1beta/{parent=properties/*}"
_NAMED = "/v1beta/{name=properties/*"

METHODS: dict[str, Method] = {
    **_methods(
        "data.v1beta.BetaAnalyticsData",
        "data_v1beta",
        f"""
        RunReport           RunReportResponse           POST  {_OF_PROPERTY}:runReport           *
        BatchRunReports     BatchRunReportsResponse     POST  {_OF_PROPERTY}:batchRunReports     *
        CheckCompatibility  CheckCompatibilityResponse  POST  {_OF_PROPERTY}:checkCompatibility  *
        GetMetadata         Metadata                    GET   {_NAMED}/metadata}}
        """,
    ),
    **_methods(
        "data.v1alpha.AlphaAnalyticsData",
        "data_v1alpha",
        """
        RunFunnelReport            RunFunnelReportResponse  POST  /v1alpha/{property=properties/*}:runFunnelReport  *
        GetPropertyQuotasSnapshot  PropertyQuotasSnapshot   GET   /v1alpha/{name=properties/*/propertyQuotasSnapshot}
        """,
    ),
    **_methods(
        "admin.v1beta.AnalyticsAdminService",
        "admin_v1beta",
        f"""
        ListAccountSummaries  ListAccountSummariesResponse  GET     /v1beta/accountSummaries
        GetProperty           Property                      GET     {_NAMED}}}
        ListDataStreams       ListDataStreamsResponse       GET     {_IN_PROPERTY}/dataStreams
        GetDataStream         DataStream                    GET     {_NAMED}/dataStreams/*}}
        ListGoogleAdsLinks    ListGoogleAdsLinksResponse    GET     {_IN_PROPERTY}/googleAdsLinks
        CreateGoogleAdsLink   GoogleAdsLink                 POST    {_IN_PROPERTY}/googleAdsLinks  google_ads_link
        DeleteGoogleAdsLink   -                             DELETE  {_NAMED}/googleAdsLinks/*}}
        ListKeyEvents         ListKeyEventsResponse         GET     {_IN_PROPERTY}/keyEvents
        CreateKeyEvent        KeyEvent                      POST    {_IN_PROPERTY}/keyEvents  key_event
        GetKeyEvent           KeyEvent                      GET     {_NAMED}/keyEvents/*}}
        UpdateKeyEvent        KeyEvent                      PATCH   /v1beta/{{key_event.name=properties/*/keyEvents/*}}  key_event
        DeleteKeyEvent        -                             DELETE  {_NAMED}/keyEvents/*}}
        """,
    ),
}
"""What is served, by gRPC path: exactly what is served over REST."""
