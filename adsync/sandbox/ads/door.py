"""How a call of Google Ads is admitted: authentication, counting, latency, faults, and Google's way of reporting errors."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

import grpc

from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.errors import TOKEN_EXPIRED, AdsRefusal, refuse, trailers
from adsync.sandbox.ads.protocol import Protocol
from adsync.sandbox.call_names import ads_call
from adsync.sandbox.estate import Estate
from adsync.sandbox.fault_kinds import Trouble, When
from adsync.sandbox.grpc_server import seconds_left, status_trailer
from adsync.sandbox.http_messages import Problem
from adsync.sandbox.missing_credentials import missing_credentials
from adsync.sandbox.oauth import ADS_SCOPE, TokenIssuer
from adsync.sandbox.saved import NotWritten
from adsync.sandbox.stumbling import stumbled
from adsync.sandbox.wrong_answers import wrong_messages

_CLOSED = {
    "malformed": ("authentication_error", "OAUTH_TOKEN_HEADER_INVALID", "OAuth token HTTP header is malformed."),
    "invalid": ("authentication_error", "OAUTH_TOKEN_INVALID", "The OAuth token in the header is not valid."),
    "expired": TOKEN_EXPIRED,
    "revoked": ("authentication_error", "OAUTH_TOKEN_REVOKED", "The OAuth token in the header has been revoked."),
    "scope": ("authorization_error", "ACTION_NOT_PERMITTED", "The token lacks the scope for Google Ads."),
}


class _BrokenOff(Exception):
    """The call ends with a bare status, as from something between Google Ads and its client."""

    def __init__(self, trouble: Trouble) -> None:
        self.status, self.said = grpc.StatusCode[trouble.status], trouble.said
        super().__init__(self.said)


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
            context.set_trailing_metadata((("request-id", call.request_id),))
            self._estate.calls.note(ads_call(method), call.request_id)
            trouble = self._estate.faults.next(ads_call(method)) or Trouble()
            try:
                self._before(trouble, context, call)
                messages = wrong_messages(answer(request, call), trouble.content)
                delivered = self._delivered(messages, trouble, method)
            except AdsRefusal as refusal:
                _abort(context, refusal, call)
            except Problem as problem:
                context.set_trailing_metadata((("request-id", call.request_id), status_trailer(problem)))
                context.abort(grpc.StatusCode[problem.status], problem.message)
            except _BrokenOff as broken:
                context.abort(broken.status, broken.said)
            except NotWritten as error:
                context.abort(grpc.StatusCode.INTERNAL, str(error))
            except Exception as error:  # noqa: BLE001  (an answer, whatever a request holds)
                _abort(context, refuse("internal_error", "INTERNAL_ERROR", stumbled(error)), call)
            yield from delivered
            if trouble.when is not When.BEFORE:
                self._hang(trouble, context)
                context.abort(grpc.StatusCode[trouble.status or "DEADLINE_EXCEEDED"], trouble.said)

        return run

    def _before(self, trouble: Trouble, context: grpc.ServicerContext, call: Call) -> None:
        """What a call goes through before it is answered.

        Raises AdsRefusal, Problem or _BrokenOff when it does not come so far.
        """
        before = trouble.when is When.BEFORE
        if self._latency or trouble.seconds:
            self._take_time(self._latency + trouble.seconds, context)
        if before and trouble.hangs:
            self._hang(trouble, context)
            raise _BrokenOff(replace(trouble, status="DEADLINE_EXCEEDED"))
        if before and trouble.status and trouble.failure is None:
            raise _BrokenOff(trouble)
        if trouble.forgets_tokens:
            self._tokens.expire_all()
            self._estate.note("tokens")
        else:
            self._authenticate(call)
        if before and trouble.failure is not None:
            raise AdsRefusal(replace(trouble.failure, rate_name=self._estate.project.rate_name))

    def _take_time(self, seconds: float, context: grpc.ServicerContext) -> None:
        if not self._estate.faults.delay(seconds, seconds_left(context)):
            # Nobody waits for it any more: as with Google, it is then not begun.
            raise _BrokenOff(Trouble(status="DEADLINE_EXCEEDED", said="The caller's deadline has passed."))

    def _hang(self, trouble: Trouble, context: grpc.ServicerContext) -> None:
        if trouble.hangs:
            self._estate.faults.delay(math.inf, seconds_left(context))

    def _delivered(self, messages: list[Any], trouble: Trouble, method: str) -> list[Any]:
        """What of the answer arrives."""
        match trouble.when:
            case When.BEFORE:
                return messages
            case When.MIDDLE:
                return first_half(messages)
            case When.AFTER:
                # A single answer comes in one piece with its status: without the one there is not the other.
                return messages if method.endswith("Stream") else []

    def _authenticate(self, call: Call) -> None:
        problem = self._tokens.allows(call.metadata.get("authorization", ""), frozenset({ADS_SCOPE}))
        if problem == "missing":
            raise missing_credentials()
        if problem:
            raise refuse(*_CLOSED[problem])


def first_half(messages: list[Any]) -> list[Any]:
    """What of an answer has arrived when the connection breaks half-way, rounded down.

    Of many messages half of them, of a stream's only message half of its rows, of a single answer nothing.
    """
    if (
        len(messages) != 1
        or isinstance(messages[0], bytes)
        or not messages[0].DESCRIPTOR.name.endswith("StreamResponse")
    ):
        return messages[: len(messages) // 2]
    half = type(messages[0])()
    half.CopyFrom(messages[0])
    del half.results[len(half.results) // 2 :]
    return [half]


def _abort(context: grpc.ServicerContext, refusal: AdsRefusal, call: Call) -> NoReturn:
    context.set_trailing_metadata(trailers(refusal, call.request_id, call.protocol))
    context.abort(refusal.status, refusal.said)
    raise AssertionError("abort always raises")
