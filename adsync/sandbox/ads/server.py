"""Google Ads over gRPC with TLS: the methods that are served, and how each call is admitted, counted and answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any, NoReturn

import grpc

from adsync.sandbox.ads.errors import AdsRefusal, Fault, failure_message, refuse
from adsync.sandbox.ads.methods import DENIED, Call, Methods
from adsync.sandbox.estate import Estate
from adsync.sandbox.oauth import ADS_SCOPE, TokenIssuer
from adsync.sandbox.tls import Identity

VERSION = "v26"
"""The API version that is served."""

_PREFIX = f"/google.ads.googleads.{VERSION}.services."
_FAILURE_KEY = f"google.ads.googleads.{VERSION}.errors.googleadsfailure-bin"
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


def start_ads_server(
    estate: Estate, tokens: TokenIssuer, identity: Identity, port: int, latency: float
) -> tuple[grpc.Server, int]:
    """Starts serving on loopback; returns the server and the port it listens on.

    latency: seconds that every answer takes longer than it needs. Raises OSError when the port is taken.
    """
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=64),
        handlers=(_Handlers(Methods(estate), _Door(estate, tokens, latency)),),
        options=(("grpc.max_metadata_size", 16 << 20), ("grpc.so_reuseport", 0)),
    )
    credentials = grpc.ssl_server_credentials([(identity.key_pem, identity.certificate_pem)])
    try:
        bound = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    except RuntimeError as error:
        raise OSError(f"Port {port} on 127.0.0.1 cannot be used: {error}") from None
    server.start()
    return server, bound


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Finds the handler of a method; what is missing answers UNIMPLEMENTED by name."""

    def __init__(self, methods: Methods, door: _Door) -> None:
        from google.ads.googleads.v26.services.types import conversion_action_service as actions
        from google.ads.googleads.v26.services.types import customer_service as customers
        from google.ads.googleads.v26.services.types import google_ads_service as ads_service

        self._methods: dict[str, tuple[bool, Any, Callable[..., Any]]] = {
            "GoogleAdsService/Search": (False, ads_service.SearchGoogleAdsRequest.pb(), methods.search),
            "GoogleAdsService/SearchStream": (
                True,
                ads_service.SearchGoogleAdsStreamRequest.pb(),
                methods.search_stream,
            ),
            "GoogleAdsService/Mutate": (False, ads_service.MutateGoogleAdsRequest.pb(), methods.mutate),
            "ConversionActionService/MutateConversionActions": (
                False,
                actions.MutateConversionActionsRequest.pb(),
                methods.mutate_conversion_actions,
            ),
            "CustomerService/ListAccessibleCustomers": (
                False,
                customers.ListAccessibleCustomersRequest.pb(),
                methods.list_accessible_customers,
            ),
        }
        self._door = door

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = details.method.removeprefix(_PREFIX)
        if not details.method.startswith(_PREFIX) or method not in self._methods:
            return _unimplemented(details.method)
        streams, request_class, answer = self._methods[method]
        admitted = self._door.admitted(method, answer)
        serialise = {
            "request_deserializer": request_class.FromString,
            "response_serializer": lambda m: m if isinstance(m, bytes) else m.SerializeToString(),
        }
        if streams:
            return grpc.unary_stream_rpc_method_handler(admitted, **serialise)
        return grpc.unary_unary_rpc_method_handler(lambda asked, context: next(admitted(asked, context)), **serialise)


def _unimplemented(method: str) -> grpc.RpcMethodHandler:
    def answer(_: bytes, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"The sandbox does not serve {method}.")

    return grpc.unary_unary_rpc_method_handler(answer)


class _Door:
    """Admits calls: authentication, counting, latency, faults, and Google's way of reporting errors."""

    def __init__(self, estate: Estate, tokens: TokenIssuer, latency: float) -> None:
        self._estate = estate
        self._tokens = tokens
        self._latency = latency

    def admitted(self, method: str, answer: Callable[[Any, Call], list[Any]]) -> Callable[[Any, Any], Iterator[Any]]:
        """`answer` behind the door."""

        def run(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
            call = Call(method, secrets.token_urlsafe(16), metadata)
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
    failure = failure_message(refusal.faults, call.request_id).SerializeToString()
    context.set_trailing_metadata((("request-id", call.request_id), (_FAILURE_KEY, failure)))
    context.abort(refusal.status, refusal.faults[0].message)
    raise AssertionError("abort always raises")
