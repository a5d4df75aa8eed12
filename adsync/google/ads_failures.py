"""Reads a GoogleAdsFailure, the detail of every error of Google Ads, and says in adsync's words what it means."""

from __future__ import annotations

from typing import Any

import grpc
import requests
from google.api_core import exceptions as core

from adsync.errors import (
    AccessDenied,
    AdsyncError,
    GoogleRefused,
    GoogleUnavailable,
    QuotaExhausted,
    TryAgainLater,
    VersionRetired,
)

_FAILURE_SUFFIX = "googleadsfailure-bin"

_NEXT_STEP = {
    "AuthenticationError.OAUTH_TOKEN_INVALID": "Check the credentials, then: adsync doctor",
    "AuthenticationError.OAUTH_TOKEN_EXPIRED": "Run the command again; if it stays, renew the credentials.",
    "AuthenticationError.OAUTH_TOKEN_REVOKED": "Renew the credentials; access was taken away.",
    "AuthenticationError.NOT_ADS_USER": "Add the service account's address as a user in Google Ads, Admin > Access.",
    "AuthenticationError.CUSTOMER_NOT_FOUND": "Check customer_id in the config.",
    "AuthorizationError.USER_PERMISSION_DENIED": (
        "Mostly login_customer_id is wrong or missing: it must be a manager to which the credential has direct access. "
        "See who sees what: adsync init"
    ),
    "AuthorizationError.CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION": (
        "Apply for access for the Cloud project: console.cloud.google.com/google/ads-apis/overview"
    ),
    "AuthorizationError.CUSTOMER_NOT_ENABLED": "The account is closed or not set up; remove it from the config.",
    "MutateError.EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED": (
        "Declare in Google Ads whether the campaigns carry EU political advertising; until then nothing can be changed."
    ),
}
_RETIRED = "RequestError.UNSUPPORTED_VERSION"
_DENIED = ("AuthenticationError", "AuthorizationError", "NotAllowlistedError")


def from_failure(what: str, failure: Any, request_id: str) -> AdsyncError:
    """The first error of a GoogleAdsFailure decides; all of them are told."""
    code = error_code(failure.errors[0]) if failure.errors else ""
    because = " ".join(dict.fromkeys(f"{error_code(e)}: {e.message}" for e in failure.errors))
    told: dict[str, Any] = {"request_id": request_id, "code": code}
    kind = code.partition(".")[0]
    if kind == "QuotaError":
        return quota_exhausted(what, because, _retry_delay(failure), **told)
    if kind == "InternalError":
        return GoogleUnavailable(f"{what}: Google cannot answer right now.", because, **told)
    if kind in _DENIED:
        return AccessDenied(f"{what}: Google Ads denied access.", because, next_step=_NEXT_STEP.get(code, ""), **told)
    if code == "DatabaseError.CONCURRENT_MODIFICATION":
        return TryAgainLater(
            f"{what}: somebody else was changing the account.", because, retry_after_seconds=10, **told
        )
    if code == _RETIRED:
        return version_retired(what, "Ads", because, **told)
    return GoogleRefused(f"{what}: Google Ads said no.", because, next_step=_NEXT_STEP.get(code, ""), **told)


def error_code(error: Any) -> str:
    """Such as ``QueryError.UNRECOGNIZED_FIELD``; works on both kinds of messages that the library hands out."""
    code = getattr(error.error_code, "_pb", error.error_code)
    field = code.WhichOneof("error_code")
    if field is None:
        return "UNKNOWN"
    enum = code.DESCRIPTOR.fields_by_name[field].enum_type
    value = enum.values_by_number.get(getattr(code, field))
    return f"{enum.name}.{value.name if value else 'UNKNOWN'}"


def version_retired(what: str, product: str, because: str, **told: Any) -> VersionRetired:
    return VersionRetired(
        f"{what}: Google has retired the version of the {product} API that this adsync speaks.",
        because,
        next_step="Install a newer adsync: pip install --upgrade adsync",
        **told,
    )


def quota_exhausted(what: str, because: str, seconds: float | None, **told: Any) -> QuotaExhausted:
    waits = f" Google asks to wait {_duration(seconds)}." if seconds else ""
    return QuotaExhausted(
        f"{what}: the quota is used up.",
        because + waits,
        next_step="Run it again later; what is stored already stays.",
        retry_after_seconds=seconds,
        **told,
    )


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds:.0f} seconds"


def attached_failure(error: core.GoogleAPICallError) -> tuple[Any, str]:
    """The GoogleAdsFailure in the trailing metadata, and Google's request id.

    The client library turns neither RESOURCE_EXHAUSTED nor INTERNAL into a GoogleAdsException.
    """
    if isinstance(error.response, requests.Response):
        return None, str(error.response.headers.get("x-request-id", ""))
    call = error.errors[0] if error.errors else error.__cause__
    metadata = call.trailing_metadata() if isinstance(call, grpc.Call) else None
    failure = None
    for key, value in metadata or ():
        if key.endswith(_FAILURE_SUFFIX):
            from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure

            failure = GoogleAdsFailure.pb().FromString(value)
    return failure, request_id_of(call)


def request_id_of(call: Any) -> str:
    """Google's id of a gRPC call: said at its end, and at its beginning already where it never came to an end."""
    if not isinstance(call, grpc.Call):
        return ""
    metadata = (*(call.trailing_metadata() or ()), *(call.initial_metadata() or ()))
    return next((str(value) for key, value in metadata if key == "request-id"), "")


def _retry_delay(failure: Any) -> float | None:
    if failure is None or not failure.errors:
        return None
    delay = failure.errors[0].details.quota_error_details.retry_delay
    return float(delay.seconds) + delay.nanos / 1e9 or None
