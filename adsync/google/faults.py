"""What Google's clients raise, in adsync's words: what happened, why, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import requests
from google.ads.googleads.errors import GoogleAdsException
from google.api_core import exceptions as core
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.protobuf.json_format import ParseError

from adsync.errors import (
    AccessDenied,
    AdsyncError,
    GoogleRefused,
    GoogleUnavailable,
    QuotaExhausted,
    TryAgainLater,
    UnexpectedAnswer,
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
    "RequestError.UNSUPPORTED_VERSION": "Google has retired this API version: install a newer adsync.",
    "MutateError.EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED": (
        "Declare in Google Ads whether the campaigns carry EU political advertising; until then nothing can be changed."
    ),
}
# gRPC fetches tokens itself and reports every trouble with that as UNAVAILABLE; OAuth's error is only in the text.
_TOKEN_REFUSED = re.compile(
    r"Getting metadata from plugin failed with error: \(['\"](?P<reason>(?:invalid_\w+|unauthorized_client|access_denied)[^'\"]*)"
)
_DENIED = ("AuthenticationError", "AuthorizationError", "NotAllowlistedError")


@contextmanager
def speaking(what: str, *, ga4_property: str = "") -> Iterator[None]:
    """Turns whatever a client raises inside into an AdsyncError that begins with ``what``."""
    try:
        yield
    except GoogleAdsException as error:
        raise _from_failure(what, error.failure, error.request_id) from None
    except RefreshError as error:
        if error.retryable:
            raise GoogleUnavailable(f"{what}: Google gives no access token right now.", _oauth_reason(error)) from None
        raise _credentials_refused(what, _oauth_reason(error)) from None
    except DefaultCredentialsError as error:
        raise AccessDenied(
            f"{what}: there are no credentials.", str(error), next_step="See config/adsync.yaml."
        ) from None
    except (TransportError, requests.ConnectionError, requests.Timeout) as error:
        raise GoogleUnavailable(f"{what}: Google was not reached.", _short(error)) from None
    except requests.exceptions.ChunkedEncodingError as error:
        raise GoogleUnavailable(f"{what}: the connection broke.", _short(error)) from None
    except core.GoogleAPICallError as error:
        raise _from_api_error(what, error, ga4_property) from None
    except (GoogleAuthError, requests.RequestException) as error:
        raise UnexpectedAnswer(f"{what}: the call failed.", _short(error)) from None
    except grpc.RpcError as error:
        raise GoogleUnavailable(f"{what}: the connection broke.", _short(error)) from None
    except (ParseError, ValueError) as error:
        # An answer that is not what the protocol says.
        raise UnexpectedAnswer(f"{what}: Google's answer cannot be read.", _short(error)) from None


def _from_failure(what: str, failure: Any, request_id: str) -> AdsyncError:
    """The first error of a GoogleAdsFailure decides; all of them are told."""
    code = error_code(failure.errors[0]) if failure.errors else ""
    because = " ".join(dict.fromkeys(f"{error_code(e)}: {e.message}" for e in failure.errors))
    next_step = _NEXT_STEP.get(code, "")
    if code.partition(".")[0] in _DENIED:
        return AccessDenied(f"{what}: Google Ads denied access.", because, next_step=next_step, request_id=request_id)
    if code == "DatabaseError.CONCURRENT_MODIFICATION":
        return TryAgainLater(
            f"{what}: somebody else was changing the account.", because, request_id=request_id, retry_after_seconds=10
        )
    return GoogleRefused(f"{what}: Google Ads said no.", because, next_step=next_step, request_id=request_id, code=code)


def error_code(error: Any) -> str:
    """Such as ``QueryError.UNRECOGNIZED_FIELD``; works on both kinds of messages that the library hands out."""
    code = getattr(error.error_code, "_pb", error.error_code)
    field = code.WhichOneof("error_code")
    if field is None:
        return "UNKNOWN"
    enum = code.DESCRIPTOR.fields_by_name[field].enum_type
    value = enum.values_by_number.get(getattr(code, field))
    return f"{enum.name}.{value.name if value else 'UNKNOWN'}"


def _from_api_error(what: str, error: core.GoogleAPICallError, ga4_property: str) -> AdsyncError:
    failure, request_id = _attached_failure(error)
    because = _message(error)
    match error:
        case core.TooManyRequests():
            seconds = _retry_delay(failure)
            waits = f" Google asks to wait {seconds / 3600:.1f} hours." if seconds else ""
            return QuotaExhausted(
                f"{what}: the quota is used up.",
                because + waits,
                next_step="Run it again later; what is stored already stays.",
                request_id=request_id,
                retry_after_seconds=seconds,
            )
        case core.Unauthorized():
            return AccessDenied(f"{what}: Google does not accept the credentials.", because, next_step="adsync doctor")
        case core.Forbidden() if ga4_property:
            return AccessDenied(
                f"{what}: GA4 property {ga4_property} denied access.",
                because,
                next_step="Add the credential's address in GA4 Admin > Property access management "
                "(Viewer to read, Editor to mark key events), then: adsync doctor",
            )
        case core.Forbidden():
            return AccessDenied(f"{what}: access denied.", because, next_step="adsync doctor", request_id=request_id)
        case core.ServerError() if refusal := _TOKEN_REFUSED.search(because):
            return _credentials_refused(what, refusal["reason"])
        case core.ServerError() | core.Cancelled():
            return GoogleUnavailable(f"{what}: Google cannot answer right now.", because, request_id=request_id)
        case _:
            if failure is not None:
                return _from_failure(what, failure, request_id)
            return GoogleRefused(f"{what}: Google said no.", because, code=str(error.grpc_status_code or error.code))


def _attached_failure(error: core.GoogleAPICallError) -> tuple[Any, str]:
    """The GoogleAdsFailure and request id in the trailing metadata.

    The client library turns neither RESOURCE_EXHAUSTED nor INTERNAL into a GoogleAdsException.
    """
    call = error.errors[0] if error.errors else error.__cause__
    metadata = call.trailing_metadata() if isinstance(call, grpc.Call) else None
    failure, request_id = None, ""
    for key, value in metadata or ():
        if key == "request-id":
            request_id = str(value)
        elif key.endswith(_FAILURE_SUFFIX):
            from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure

            failure = GoogleAdsFailure.pb().FromString(value)
    return failure, request_id


def _retry_delay(failure: Any) -> float | None:
    if failure is None or not failure.errors:
        return None
    seconds = float(failure.errors[0].details.quota_error_details.retry_delay.seconds)
    return seconds or None


def _message(error: core.GoogleAPICallError) -> str:
    # REST puts method and URL before Google's own words; people need the latter.
    text = str(error.message)
    return text.partition(": ")[2] if text.startswith(("GET ", "POST ", "PATCH ", "DELETE ")) else text


def _credentials_refused(what: str, because: str) -> AccessDenied:
    return AccessDenied(
        f"{what}: Google refused the credentials.",
        because,
        next_step="Make a new key or refresh token and name it in the config, then: adsync doctor",
    )


def _oauth_reason(error: RefreshError) -> str:
    details = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    return str(details.get("error_description") or details.get("error") or error.args[0])


def _short(error: BaseException) -> str:
    """One line, without the addresses of Python objects."""
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
