"""How a call of Google Ads is admitted: authentication, counting, latency, faults, and Google's way of reporting errors."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import grpc

from adsync.sandbox.ads.errors import AdsRefusal, Fault, failure_message, refuse
from adsync.sandbox.ads.methods import DENIED, Call
from adsync.sandbox.ads.protocol import Protocol
from adsync.sandbox.estate import Estate
from adsync.sandbox.oauth import ADS_SCOPE, TokenIssuer

_FAULTS = {
    "internal": Fault(category="internal_error", name="TRANSIENT_ERROR", message="Sandbox fault: internal error."),
    "quota": Fault(
        category="quota_error",
        name="RESOURCE_EXHAUSTED",
        message="Too many requests. Retry in 40591 seconds.",
        retry_after_seconds=40_591,
    ),
    "forbidden": Fault(category="authorization_error", name="USER_PERMISSION_DENIED", message=DENIED),
}
_GARBAGE = b"\xff"  # begins a field and ends before it
# Half of the messages arrive, rounded down: of a stream the first part, of a single answer nothing.
_BREAKS = {"cut": "the connection broke half-way", "lost": "the answer was lost"}


class Door:
    """Admits calls: authentication, counting, latency, faults, and Google's way of reporting errors."""

    def __init__(self, estate: Estate, tokens: TokenIssuer, latency: float) -> None:
        self._estate = estate
        self._tokens = tokens
        self._latency = latency

    def admitted(
        self, protocol: Protocol, method: str, answer: Callable[[Any, Call], list[Any]]
    ) -> Callable[[Any, Any], Iterator[Any]]:
        """`answer` behind the door."""

        def run(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
            call = Call(protocol, method, secrets.token_urlsafe(16), metadata)
            context.send_initial_metadata((("request-id", call.request_id),))
            self._estate.calls[f"ads {method}"] += 1
            fault = self._estate.faults.next(method)
            if fault == "unavailable":
                context.abort(grpc.StatusCode.UNAVAILABLE, "Sandbox fault: unavailable.")
            try:
                self._delay(fault, context)
                self._authenticate(call)
                if fault in _FAULTS:
                    raise AdsRefusal(_FAULTS[fault])
                messages = answer(request, call)
                if fault == "garbled":
                    messages = [_GARBAGE]
            except AdsRefusal as refusal:
                _abort(context, refusal, call)
            yield from messages[: len(messages) // 2] if fault in _BREAKS else messages
            if fault in _BREAKS:
                context.abort(grpc.StatusCode.UNAVAILABLE, f"Sandbox fault: {_BREAKS[fault]}.")

        return run

    def _delay(self, fault: str, context: grpc.ServicerContext) -> None:
        released = self._estate.faults.released
        if fault == "hang":
            released.wait(max(context.time_remaining() or 0, 0) + 1)
        elif self._latency:
            released.wait(self._latency)

    def _authenticate(self, call: Call) -> None:
        problem = self._tokens.allows(call.metadata.get("authorization", ""), frozenset({ADS_SCOPE}))
        if problem == "invalid":
            raise refuse("authentication_error", "OAUTH_TOKEN_INVALID", "The OAuth token in the header is not valid.")
        if problem:
            raise refuse("authorization_error", "ACTION_NOT_PERMITTED", "The token lacks the scope for Google Ads.")


def _abort(context: grpc.ServicerContext, refusal: AdsRefusal, call: Call) -> NoReturn:
    failure = failure_message(refusal.faults, call.request_id, call.protocol).SerializeToString()
    context.set_trailing_metadata((("request-id", call.request_id), (call.protocol.failure_key, failure)))
    context.abort(refusal.status, refusal.faults[0].message)
    raise AssertionError("abort always raises")
