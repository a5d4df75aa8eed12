"""The troubles that a call can have, on gRPC and over HTTP alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adsync.sandbox.ads.errors import TOKEN_EXPIRED, Fault

DAY_SECONDS = 40_591
"""What Google has been seen to ask for when a project's operations of the day are used up."""


class When(StrEnum):
    """Where in a call the trouble sets in."""

    BEFORE = "before"  # nothing is done
    MIDDLE = "middle"  # done; half of the answer arrives
    AFTER = "after"  # done; all of a stream's messages arrive, and nothing of a single answer


class Content(StrEnum):
    """What is wrong with an answer that arrives."""

    RIGHT = ""
    GARBLED = "garbled"  # means nothing
    EMPTY = "empty"  # well formed, with nothing in it
    ELSEWHERE = "elsewhere"  # well formed, about something else
    PAGE = "page"  # HTML, as a proxy sends it


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What one call suffers.

    status: the gRPC status it ends with, "" for none. http: the HTTP status over REST. failure: what Google Ads says in
    detail, where it says anything; `said` is the message where it does not, and over REST.
    seconds: how much longer the answer takes. hangs: there is none. forgets_tokens: every access token expires first.
    """

    status: str = ""
    http: int = 200
    said: str = ""
    failure: Fault | None = None
    when: When = When.BEFORE
    content: Content = Content.RIGHT
    seconds: float = 0.0
    hangs: bool = False
    forgets_tokens: bool = False


HTTP_OF_STATUS = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}
"""google.rpc.Code's own mapping."""

# What the gRPC library makes of an HTTP error from something in between (grpc: http-grpc-status-mapping).
STATUS_OF_HTTP = {
    400: "INTERNAL",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "UNIMPLEMENTED",
    409: "UNKNOWN",
    429: "UNAVAILABLE",
    500: "UNKNOWN",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "UNAVAILABLE",
}

# Where Google Ads itself, not something on the way to it, says so: (category, name, message).
_FAILURES = {
    "INTERNAL": ("internal_error", "TRANSIENT_ERROR", "Sandbox fault: internal error."),
    "RESOURCE_EXHAUSTED": ("quota_error", "RESOURCE_EXHAUSTED", ""),
    "UNAUTHENTICATED": TOKEN_EXPIRED,
    "PERMISSION_DENIED": (
        "authorization_error",
        "USER_PERMISSION_DENIED",
        "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
        "customer id must be set in the 'login-customer-id' header.",
    ),
    "INVALID_ARGUMENT": ("request_error", "BAD_RESOURCE_ID", "Sandbox fault: invalid argument."),
}
_GA4_SAYS = {
    "PERMISSION_DENIED": "User does not have sufficient permissions for this property.",
    "RESOURCE_EXHAUSTED": "Exhausted property tokens per day. These quota tokens will return in under 24 hours.",
    "UNAUTHENTICATED": "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential.",
}
_PAGE = "Received http2 header with status: {}"


def status(name: str, *, when: When = When.BEFORE, seconds: float | None = None) -> Trouble:
    """A call that ends with a gRPC status (and its HTTP twin). seconds: what a quota asks to wait.

    Google's own detail and request id come along where Google Ads itself would have sent them.
    """
    failure = None
    if name in _FAILURES and when is When.BEFORE:
        category, error, message = _FAILURES[name]
        wait = int(seconds if seconds is not None else DAY_SECONDS) if category == "quota_error" else 0
        said = message or f"Too many requests. Retry in {wait} seconds."
        failure = Fault(category=category, name=error, message=said, retry_after_seconds=wait)
    words = {
        When.BEFORE: f"{name.replace('_', ' ').lower()}",
        When.MIDDLE: "the connection broke half-way",
        When.AFTER: "the answer was lost",
    }
    said = _GA4_SAYS.get(name, f"Sandbox fault: {words[when]}.")
    return Trouble(status=name, http=HTTP_OF_STATUS[name], said=said, failure=failure, when=when)


def page(http: int, *, when: When = When.BEFORE) -> Trouble:
    """HTML from something in between, with this HTTP status; gRPC has a status of its own for each."""
    said = _PAGE.format(http) if http != 200 else "Received a response of content-type text/html"
    return Trouble(status=STATUS_OF_HTTP.get(http, "UNKNOWN"), http=http, said=said, when=when, content=Content.PAGE)


def _quota_short(seconds: float) -> Trouble:
    failure = Fault(
        category="quota_error",
        name="RESOURCE_TEMPORARILY_EXHAUSTED",
        message=f"Too many requests. Retry in {seconds:g} seconds.",
        retry_after_seconds=max(int(seconds), 1),
    )
    said = "Exhausted property tokens per hour. These quota tokens will return in under an hour."
    return Trouble(status="RESOURCE_EXHAUSTED", http=429, said=said, failure=failure)


def _refused(category: str, name: str, message: str, http: int, status: str) -> Trouble:
    failure = Fault(category=category, name=name, message=message)
    return Trouble(status=status, http=http, said=message, failure=failure)


_CHANGED_MEANWHILE = "Multiple requests were attempting to modify the same resource at once. Retry the request."
_RETIRED = "Version v26 is deprecated. Requests to this version will be blocked."

NAMED: dict[str, str] = {
    "unavailable": "UNAVAILABLE before the call is carried out",
    "internal": "INTERNAL before the call is carried out",
    "forbidden": "PERMISSION_DENIED",
    "quota": "the operations of the day are used up",
    "quota-short": "too many calls in a short time; `seconds` says how long to wait (5)",
    "conflict": "somebody else was changing the same account (CONCURRENT_MODIFICATION, ABORTED)",
    "expired": "every access token expires at this call",
    "retired": "Google has retired this version of the API (UNSUPPORTED_VERSION; UNIMPLEMENTED in GA4)",
    "hang": "no answer until the caller gives up; not carried out, or with `when: after` carried out",
    "slow": "the answer takes `seconds` longer (1)",
    "cut": "carried out, but the answer breaks half-way",
    "lost": "carried out, but the answer does not arrive",
    "garbled": "an answer that means nothing",
    "empty": "a well-formed answer with nothing in it",
    "elsewhere": "a well-formed answer about something else",
    "page": "an HTML page instead of an answer, with HTTP 200",
}
"""Every kind that is no status: what it does."""


def trouble(kind: str, *, when: When | None = None, seconds: float | None = None) -> Trouble:
    """What a kind means. kind: one of `NAMED`, a gRPC status, or an HTTP status (then as an HTML page).

    Raises KeyError for a kind that does not exist, ValueError where `when` or `seconds` mean nothing for it.
    """
    if kind.isdigit() and int(kind) in STATUS_OF_HTTP:
        _only(kind, seconds=seconds)
        return page(int(kind), when=when or When.BEFORE)
    if kind.upper() in HTTP_OF_STATUS and kind not in NAMED:
        if kind.upper() != "RESOURCE_EXHAUSTED":
            _only(kind, seconds=seconds)
        return status(kind.upper(), when=when or When.BEFORE, seconds=seconds)
    if kind not in NAMED:
        raise KeyError(kind)
    _only(kind, when=None if kind == "hang" else when, seconds=None if kind in _TAKES_SECONDS else seconds)
    if kind == "hang" and when is When.MIDDLE:
        raise ValueError("when: a call hangs before or after it is carried out")
    return _named(kind, when or When.BEFORE, seconds)


_TAKES_SECONDS = ("quota", "quota-short", "slow")


def _named(kind: str, when: When, seconds: float | None) -> Trouble:
    match kind:
        case "unavailable" | "internal":
            return status(kind.upper())
        case "forbidden":
            return status("PERMISSION_DENIED")
        case "quota":
            return status("RESOURCE_EXHAUSTED", seconds=seconds)
        case "quota-short":
            return _quota_short(5.0 if seconds is None else seconds)
        case "slow":
            return Trouble(seconds=1.0 if seconds is None else seconds)
        case "conflict":
            return _refused("database_error", "CONCURRENT_MODIFICATION", _CHANGED_MEANWHILE, 409, "ABORTED")
        case "retired":
            # GA4's methods are gone with their version; Google Ads says why, in its failure.
            failure = Fault(category="request_error", name="UNSUPPORTED_VERSION", message=_RETIRED)
            return Trouble(status="UNIMPLEMENTED", http=501, said="Method not found.", failure=failure)
        case "expired":
            expired = status("UNAUTHENTICATED")
            return Trouble(
                status=expired.status, http=401, said=expired.said, failure=expired.failure, forgets_tokens=True
            )
        case "hang":
            return Trouble(hangs=True, when=when)
        case "cut":
            return status("UNAVAILABLE", when=When.MIDDLE)
        case "lost":
            return status("UNAVAILABLE", when=When.AFTER)
        case "page":
            return page(200)
        case _:
            return Trouble(content=Content(kind))


def _only(kind: str, *, when: When | None = None, seconds: float | None = None) -> None:
    for name, given in (("when", when), ("seconds", seconds)):
        if given is not None:
            raise ValueError(f"{name}: {kind} has none")
