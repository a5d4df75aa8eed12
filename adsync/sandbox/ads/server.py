"""Google Ads over gRPC with TLS: the methods that are served, and how each call is admitted, counted and answered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc

from adsync.sandbox.ads.door import Door
from adsync.sandbox.ads.methods import Methods
from adsync.sandbox.ads.protocol import OURS, protocol
from adsync.sandbox.estate import Estate
from adsync.sandbox.oauth import TokenIssuer
from adsync.sandbox.tls import Identity

_PREFIX = f"/google.ads.googleads.{OURS}.services."


def start_ads_server(
    estate: Estate, tokens: TokenIssuer, identity: Identity, port: int, latency: float
) -> tuple[grpc.Server, int]:
    """Starts serving on loopback; returns the server and the port it listens on.

    latency: seconds that every answer takes longer than it needs. Raises OSError when the port is taken.
    """
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=64),
        handlers=(_Handlers(Methods(estate), Door(estate, tokens, latency)),),
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

    def __init__(self, methods: Methods, door: Door) -> None:
        message = protocol().message
        self._methods: dict[str, tuple[bool, Any, Callable[..., Any]]] = {
            "GoogleAdsService/Search": (False, message("services.SearchGoogleAdsRequest"), methods.search),
            "GoogleAdsService/SearchStream": (
                True,
                message("services.SearchGoogleAdsStreamRequest"),
                methods.search_stream,
            ),
            "GoogleAdsService/Mutate": (False, message("services.MutateGoogleAdsRequest"), methods.mutate),
            "ConversionActionService/MutateConversionActions": (
                False,
                message("services.MutateConversionActionsRequest"),
                methods.mutate_conversion_actions,
            ),
            "CustomerService/ListAccessibleCustomers": (
                False,
                message("services.ListAccessibleCustomersRequest"),
                methods.list_accessible_customers,
            ),
        }
        self._door = door

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = details.method.removeprefix(_PREFIX)
        if not details.method.startswith(_PREFIX) or method not in self._methods:
            return _unimplemented(details.method)
        streams, request_class, answer = self._methods[method]
        admitted = self._door.admitted(protocol(), method, answer)
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
