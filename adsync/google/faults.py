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
# gRPC fetches tokens itself and reports every trouble with that as UNAVAILABLE; OAuth's error is only in the text.
_TOKEN_REFUSED = re.compile(
    r"Getting metadata from plugin failed with error: \(['\"](?P<reason>(?:invalid_\w+|unauthorized_client|access_denied)[^'\"]*)"
)
_RETIRED = "RequestError.UNSUPPORTED_VERSION"
_UPGRADE = "Install a newer adsync: pip install --upgrade adsync"
_A_PAGE = "Something between here and Google sent a web page instead of an answer"
_DENIED = ("AuthenticationError", "AuthorizationError", "NotAllowlistedError")


@contextmanager
def speaking(what: str, *, ga4_property: str = "", changing: bool = False) -> Iterator[None]:
    """Turns whatever a client raises inside into an AdsyncError that begins with ``what``.

    changing: the call changes something at Google Ads. A status without Google's own detail may then come from
    something on the way, and may come after the change was made: it is no refusal, but no answer.
    """
    try:
        yield
    except GoogleAdsException as error:
        raise _from_failure(what, error.failure, error.request_id) from None
    except RefreshError as error:
        if error.retryable or not _is_oauths(error):
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
        raise _from_api_error(what, error, ga4_property, changing=changing) from None
    except (GoogleAuthError, requests.RequestException) as error:
        raise UnexpectedAnswer(f"{what}: the call failed.", _short(error)) from None
    except grpc.RpcError as error:
        raise GoogleUnavailable(
            f"{what}: the connection broke.", _short(error), request_id=_request_id_of(error)
        ) from None
    except (ParseError, ValueError) as error:
        # An answer that is not what the protocol says.
        raise UnexpectedAnswer(f"{what}: Google's answer cannot be read.", _short(error)) from None
    except (TypeError, AttributeError, LookupError) as error:
        if not _raised_by_google(error):
            raise  # a defect of adsync's own
        raise UnexpectedAnswer(f"{what}: Google's answer cannot be read.", _short(error)) from None


def _from_failure(what: str, failure: Any, request_id: str) -> AdsyncError:
    """The first error of a GoogleAdsFailure decides; all of them are told."""
    code = error_code(failure.errors[0]) if failure.errors else ""
    because = " ".join(dict.fromkeys(f"{error_code(e)}: {e.message}" for e in failure.errors))
    told: dict[str, Any] = {"request_id": request_id, "code": code}
    kind = code.partition(".")[0]
    if kind == "QuotaError":
        return _quota_exhausted(what, because, _retry_delay(failure), **told)
    if kind == "InternalError":
        return GoogleUnavailable(f"{what}: Google cannot answer right now.", because, **told)
    if kind in _DENIED:
        return AccessDenied(f"{what}: Google Ads denied access.", because, next_step=_NEXT_STEP.get(code, ""), **told)
    if code == "DatabaseError.CONCURRENT_MODIFICATION":
        return TryAgainLater(
            f"{what}: somebody else was changing the account.", because, retry_after_seconds=10, **told
        )
    if code == _RETIRED:
        return VersionRetired(_retired(what, "Ads"), because, next_step=_UPGRADE, **told)
    return GoogleRefused(f"{what}: Google Ads said no.", because, next_step=_NEXT_STEP.get(code, ""), **told)


def _retired(what: str, product: str) -> str:
    return f"{what}: Google has retired the version of the {product} API that this adsync speaks."


def _quota_exhausted(what: str, because: str, seconds: float | None, **told: Any) -> QuotaExhausted:
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


def error_code(error: Any) -> str:
    """Such as ``QueryError.UNRECOGNIZED_FIELD``; works on both kinds of messages that the library hands out."""
    code = getattr(error.error_code, "_pb", error.error_code)
    field = code.WhichOneof("error_code")
    if field is None:
        return "UNKNOWN"
    enum = code.DESCRIPTOR.fields_by_name[field].enum_type
    value = enum.values_by_number.get(getattr(code, field))
    return f"{enum.name}.{value.name if value else 'UNKNOWN'}"


def _from_api_error(what: str, error: core.GoogleAPICallError, ga4_property: str, *, changing: bool) -> AdsyncError:
    failure, request_id = _attached_failure(error)
    because = _message(error)
    if refusal := _TOKEN_REFUSED.search(because):
        return _credentials_refused(what, refusal["reason"])
    if failure is not None:
        return _from_failure(what, failure, request_id)
    told: dict[str, Any] = {"request_id": request_id}
    if changing and not ga4_property:
        return GoogleUnavailable(f"{what}: no clear answer came.", because, **told)
    if _is_gone(error):
        # A version that was taken away altogether: nobody is left to say UNSUPPORTED_VERSION.
        return VersionRetired(
            _retired(what, "Analytics" if ga4_property else "Ads"), because, next_step=_UPGRADE, **told
        )
    match error:
        case core.TooManyRequests():
            return _quota_exhausted(what, because, None, **told)
        case core.Unauthorized():
            return AccessDenied(
                f"{what}: Google does not accept the credentials.", because, next_step="adsync doctor", **told
            )
        case core.Forbidden() if ga4_property:
            return AccessDenied(
                f"{what}: GA4 property {ga4_property} denied access.",
                because,
                next_step="Add the credential's address in GA4 Admin > Property access management "
                "(Viewer to read, Editor to mark key events), then: adsync doctor",
                **told,
            )
        case core.Forbidden():
            return AccessDenied(f"{what}: access denied.", because, next_step="adsync doctor", **told)
        case core.Conflict() if _status_of(error) == "ABORTED":
            return TryAgainLater(
                f"{what}: somebody else was changing the same.", because, retry_after_seconds=10, **told
            )
        case core.ServerError() | core.Cancelled():
            return GoogleUnavailable(f"{what}: Google cannot answer right now.", because, **told)
        case _:
            code = _status_of(error) or str(error.code)
            return GoogleRefused(f"{what}: Google said no.", because, code=code, **told)


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


def _attached_failure(error: core.GoogleAPICallError) -> tuple[Any, str]:
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
    return failure, _request_id_of(call)


def _request_id_of(call: Any) -> str:
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


def _message(error: core.GoogleAPICallError) -> str:
    # REST puts method and URL before Google's own words; people need the latter.
    text = str(error.message)
    text = text.partition(": ")[2] if text.startswith(("GET ", "POST ", "PATCH ", "DELETE ")) else text
    return f"{_A_PAGE} (HTTP {error.code})." if _is_page(text) else text


def _credentials_refused(what: str, because: str) -> AccessDenied:
    return AccessDenied(
        f"{what}: Google refused the credentials.",
        because,
        next_step="Make a new key or refresh token and name it in the config, then: adsync doctor",
    )


def _is_oauths(error: RefreshError) -> bool:
    """Whether the token endpoint, or the library before it asked, said no; not an empty answer, nor somebody's web page."""
    if len(error.args) > 1 and isinstance(error.args[1], dict):
        return "error" in error.args[1]
    return not _is_page(str(error.args[0]))


def _oauth_reason(error: RefreshError) -> str:
    details = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    said = details.get("error_description") or details.get("error") or error.args[0]
    said = said.get("message", said) if isinstance(said, dict) else said
    return _A_PAGE if _is_page(str(said)) else str(said)


def _raised_by_google(error: BaseException) -> bool:
    """Whether Google's libraries stumbled: they index what they get without looking whether it is there."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and str(frame.tb_frame.f_globals.get("__name__", "")).startswith("google.")


def _is_page(text: str) -> bool:
    return text.lstrip()[:1] == "<"


def _short(error: BaseException) -> str:
    """One line, without the addresses of Python objects."""
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
