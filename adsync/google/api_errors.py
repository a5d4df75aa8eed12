"""Says in adsync's words what an error of Google's API clients means, whether it came over gRPC or HTTP."""

from __future__ import annotations

from typing import Any

import requests
from google.api_core import exceptions as core

from adsync.errors import AccessDenied, AdsyncError, GoogleRefused, GoogleUnavailable, TryAgainLater
from adsync.google.ads_failures import attached_failure, from_failure, quota_exhausted, version_retired
from adsync.google.token_errors import A_PAGE, credentials_refused, is_page, refusal_in


def from_api_error(what: str, error: core.GoogleAPICallError, ga4_property: str, *, changing: bool) -> AdsyncError:
    failure, request_id = attached_failure(error)
    because = _message(error)
    if refusal := refusal_in(because):
        return credentials_refused(what, *refusal)
    if failure is not None:
        return from_failure(what, failure, request_id)
    told: dict[str, Any] = {"request_id": request_id}
    if changing and not ga4_property:
        return GoogleUnavailable(f"{what}: no clear answer came.", because, **told)
    if _is_gone(error):
        # A version that was taken away altogether: nobody is left to say UNSUPPORTED_VERSION.
        return version_retired(what, "Analytics" if ga4_property else "Ads", because, **told)
    match error:
        case core.TooManyRequests():
            return quota_exhausted(what, because, None, **told)
        case core.Unauthorized():
            return AccessDenied(
                f"{what}: Google does not accept the credentials.", because, next_step="adsync doctor", **told
            )
        case core.Forbidden():
            return _denied(what, error, because, ga4_property, **told)
        case core.Conflict() if _status_of(error) == "ABORTED":
            return TryAgainLater(
                f"{what}: somebody else was changing the same.", because, retry_after_seconds=10, **told
            )
        case core.ServerError() | core.Cancelled():
            return GoogleUnavailable(f"{what}: Google cannot answer right now.", because, **told)
        case _:
            code = _status_of(error) or str(error.code)
            return GoogleRefused(f"{what}: Google said no.", because, code=code, **told)


def _denied(what: str, error: core.Forbidden, because: str, ga4_property: str, **told: Any) -> AccessDenied:
    """A 403 can have several reasons, and each is mended elsewhere."""
    if because.startswith((A_PAGE, "Received http2 header")):  # under gRPC no more is left of a page
        denied = "access was denied on the way to Google."
        next_step = "Ask who runs the network or its proxy to let this machine reach Google's APIs."
    elif error.reason == "SERVICE_DISABLED":
        denied = "the API is switched off in the credential's Cloud project."
        where = (error.metadata or {}).get("activationUrl", "console.cloud.google.com/apis/library")
        next_step = f"Enable it: {where} (it takes some minutes), then: adsync doctor"
    elif error.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
        denied = "the credential was not given the scopes that this takes."
        next_step = "Sign in again with the scopes adwords, analytics.readonly and analytics.edit, then: adsync doctor"
    elif ga4_property:
        denied = f"GA4 property {ga4_property} denied access."
        next_step = (
            "Add the credential's address in GA4 Admin > Property access management "
            "(Viewer to read, Editor to mark key events), then: adsync doctor"
        )
    else:
        denied, next_step = "access denied.", "adsync doctor"
    return AccessDenied(f"{what}: {denied}", because, next_step=next_step, **told)


def _is_gone(error: core.GoogleAPICallError) -> bool:
    """Nothing answers under this address: gRPC says UNIMPLEMENTED, HTTP 404 with a page instead of Google's own error."""
    if isinstance(error, core.NotFound):
        return _status_of(error) == ""
    return _status_of(error) == "UNIMPLEMENTED"


def _status_of(error: core.GoogleAPICallError) -> str:
    """Such as ABORTED: gRPC's status, or the one in the body of an HTTP answer; "" where something else answered."""
    if not isinstance(error.response, requests.Response):
        return str(error.grpc_status_code.name) if error.grpc_status_code is not None else ""
    try:
        return str(error.response.json()["error"]["status"])
    except (KeyError, TypeError, ValueError):
        return ""


def _message(error: core.GoogleAPICallError) -> str:
    # REST puts method and URL before Google's own words; people need the latter.
    text = str(error.message)
    text = text.partition(": ")[2] if text.startswith(("GET ", "POST ", "PATCH ", "DELETE ")) else text
    return f"{A_PAGE} (HTTP {error.code})." if is_page(text) else text
