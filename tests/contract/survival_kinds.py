"""Every fault that a call can suffer, and what adsync is to make of it."""

from __future__ import annotations

from dataclasses import dataclass

from adsync.errors import (
    AccessDenied,
    AdsyncError,
    GoogleRefused,
    GoogleUnavailable,
    OutcomeUnknown,
    QuotaExhausted,
    TryAgainLater,
    UnexpectedAnswer,
    VersionRetired,
)
from adsync.sandbox.fault_kinds import HTTP_OF_STATUS, Trouble, When, trouble
from tests.contract.survival import ATTEMPTS, TIMEOUT_SECONDS

Ends = type[AdsyncError] | None
"""The error with which a stage stops; None when it goes through."""

TOKEN, SEARCH, MUTATE = (
    "oauth token",
    "ads GoogleAdsService/SearchStream",
    "ads ConversionActionService/MutateConversionActions",
)
REPORT, FUNNEL, LIST = "ga4 runReport", "ga4 runFunnelReport", "ga4 listKeyEvents"
MARK, UNMARK = "ga4 createKeyEvent", "ga4 deleteKeyEvent"
CHANGES = (MUTATE, MARK, UNMARK)

# Google's client asks three times itself when GA4 does not accept a token.
_ASKED_WITH_NEW_TOKENS = 3
_PASSING = ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "UNKNOWN", "CANCELLED", "DATA_LOSS")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a call goes wrong. times: None for ever. named: Google gives a request id with it."""

    name: str
    trouble: Trouble
    times: int | None
    ends: Ends
    named: bool = False

    def __str__(self) -> str:
        return self.name


def faults_of(call: str) -> list[Fault]:
    """All that can happen to a call of this name."""
    if call == TOKEN:
        return _of_tokens()
    if call in CHANGES:
        return _of_changes(call)
    return _of_reads(call)


def _of_reads(call: str) -> list[Fault]:
    ads = call == SEARCH
    found = []
    for status in _PASSING:
        for when in When:
            named = ads or when is not When.MIDDLE  # over HTTP the id stands in the answer that did not come
            name = f"{status} {when}"
            found.append(Fault(name, trouble(status, when=when), ATTEMPTS, GoogleUnavailable, named))
        found.append(Fault(f"{status} once", trouble(status), 1, None))
    for kind in ("502", "503", "504"):
        found += [
            Fault(f"page {kind} once", trouble(kind), 1, None),
            Fault(f"page {kind}", trouble(kind), ATTEMPTS, GoogleUnavailable, True),
        ]
    found += [
        Fault("hang once", trouble("hang"), 1, None),
        Fault("hang", trouble("hang"), ATTEMPTS, GoogleUnavailable, ads),
        Fault("slow", trouble("slow", seconds=0.05), 1, None),
        Fault("slower than anybody waits", trouble("slow", seconds=TIMEOUT_SECONDS + 0.5), 1, None),
        Fault("ABORTED once", trouble("ABORTED"), 1, None),
        Fault("ABORTED", trouble("ABORTED"), ATTEMPTS, TryAgainLater, True),
        Fault("quota of the day", trouble("quota"), 1, QuotaExhausted, True),
        Fault("quota without a word", trouble("RESOURCE_EXHAUSTED", when=When.AFTER), 1, QuotaExhausted, True),
        Fault("quota of a moment once", trouble("quota-short", seconds=2), 1, None if ads else QuotaExhausted, not ads),
        Fault("quota of a moment", trouble("quota-short", seconds=2), ATTEMPTS, QuotaExhausted, True),
        Fault("expired", trouble("expired"), 1, None),
        Fault("UNAUTHENTICATED", trouble("UNAUTHENTICATED"), _ASKED_WITH_NEW_TOKENS, AccessDenied, True),
        Fault("PERMISSION_DENIED", trouble("PERMISSION_DENIED"), 1, AccessDenied, True),
        Fault("INVALID_ARGUMENT", trouble("INVALID_ARGUMENT"), 1, GoogleRefused, True),
        Fault("NOT_FOUND", trouble("NOT_FOUND"), 1, GoogleRefused, True),
        Fault("UNIMPLEMENTED", trouble("UNIMPLEMENTED"), 1, VersionRetired, True),
        Fault("page 404", trouble("404"), 1, VersionRetired, True),
        Fault("elsewhere", trouble("elsewhere"), 1, UnexpectedAnswer, ads),
    ]
    if ads:
        return [
            *found,
            Fault("retired", trouble("retired"), 1, VersionRetired, True),
            Fault("garbled once", trouble("garbled"), 1, None),
            Fault("garbled", trouble("garbled"), ATTEMPTS, GoogleUnavailable, True),
            Fault("page once", trouble("page"), 1, None),
            Fault("page", trouble("page"), ATTEMPTS, GoogleUnavailable, True),
            Fault("empty", trouble("empty"), 1, UnexpectedAnswer),
        ]
    return [
        *found,
        Fault("garbled", trouble("garbled"), 1, UnexpectedAnswer),
        Fault("page", trouble("page"), 1, UnexpectedAnswer),
        # A property may have no key events: that answer is as good as any other.
        Fault("empty", trouble("empty"), 1, None if call == LIST else UnexpectedAnswer),
    ]


def _of_tokens() -> list[Fault]:
    """The library that asks for tokens tries some of them again by itself, so these last for ever."""
    return [
        *(Fault(status, trouble(status), None, GoogleUnavailable) for status in ("UNAVAILABLE", "INTERNAL")),
        Fault("UNAVAILABLE once", trouble("UNAVAILABLE"), 1, None),
        Fault("cut", trouble("cut"), None, GoogleUnavailable),
        Fault("lost once", trouble("lost"), 1, None),
        Fault("hang", trouble("hang"), None, GoogleUnavailable),
        Fault("slow", trouble("slow", seconds=0.05), 1, None),
        Fault("page 502", trouble("502"), None, GoogleUnavailable),
        Fault("page", trouble("page"), None, UnexpectedAnswer),
        Fault("garbled", trouble("garbled"), None, UnexpectedAnswer),
        Fault("empty", trouble("empty"), None, GoogleUnavailable),
        Fault("PERMISSION_DENIED", trouble("PERMISSION_DENIED"), None, AccessDenied),
        Fault("UNAUTHENTICATED", trouble("UNAUTHENTICATED"), None, AccessDenied),
    ]


def _of_changes(call: str) -> list[Fault]:
    found = [
        Fault(f"{status} {when}", trouble(status, when=when), 1, _end_of_change(call, status, when), True)
        for status in HTTP_OF_STATUS
        for when in When
        if call == MUTATE or when is not When.MIDDLE
    ]
    unclear = OutcomeUnknown
    found += [
        Fault("cut", trouble("cut"), 1, unclear, call == MUTATE),
        Fault("hang before", trouble("hang"), 1, unclear, call == MUTATE),
        Fault("hang after", trouble("hang", when=When.AFTER), 1, unclear, call == MUTATE),
        Fault("slow", trouble("slow", seconds=0.05), 1, None),
        Fault("page 502", trouble("502"), 1, unclear, True),
        Fault("page 502 after", trouble("502", when=When.AFTER), 1, unclear, True),
        Fault("empty", trouble("empty"), 1, None),
        Fault("elsewhere", trouble("elsewhere"), 1, None),
        Fault("conflict", trouble("conflict"), 1, TryAgainLater, True),
        # Google's client for GA4 asks again with a new token; for Google Ads nobody does, and nothing is changed.
        Fault("expired", trouble("expired"), 1, AccessDenied if call == MUTATE else None, call == MUTATE),
    ]
    if call == UNMARK:
        found = [f for f in found if f.name not in ("empty", "elsewhere")]
    else:
        found += [
            Fault("garbled", trouble("garbled"), 1, unclear, call == MUTATE),
            Fault("page", trouble("page"), 1, unclear, call == MUTATE),
        ]
    if call == MUTATE:
        found.append(Fault("retired", trouble("retired"), 1, VersionRetired, True))
    return found


def _end_of_change(call: str, status: str, when: When) -> Ends:
    if call == MUTATE:
        with_detail = {
            "INTERNAL": OutcomeUnknown,
            "RESOURCE_EXHAUSTED": QuotaExhausted,
            "UNAUTHENTICATED": AccessDenied,
            "PERMISSION_DENIED": AccessDenied,
            "INVALID_ARGUMENT": None,  # refused; the other changes go on
        }
        return with_detail.get(status, OutcomeUnknown) if when is When.BEFORE else OutcomeUnknown
    code = HTTP_OF_STATUS[status]
    if status in ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "UNKNOWN", "CANCELLED", "DATA_LOSS"):
        return OutcomeUnknown
    if when is When.AFTER:
        return None  # whatever was said: reading shows that it is made
    return {
        429: QuotaExhausted,
        401: None,  # asked again with a new token
        403: AccessDenied,
        501: VersionRetired,
    }.get(code, TryAgainLater if status == "ABORTED" else None)
